//! `ids.lock`: every case id that was ever given out, with the hash of its case, in the order of appearance.
//!
//! The file only grows.  Who has a recorded result for an id can rely on it: the id means the same request and
//! the same answer for ever.  What may change is what people write beside a case: `about`, `witness`, `dissent`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::finding::Finding;
use crate::format::{Case, VectorFile};

/// Path of the lock in the folder of the vectors.
pub const PATH: &str = "ids.lock";

/// The command that adds new ids.
const UPDATE: &str = "run `dxspec vectors lock`";

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Id of the case.
    pub id: String,
    /// Its hash, see [`hash`].
    pub hash: String,
    /// Whether the case is gone; its id is not given out again.
    pub retired: bool,
}

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The lines in their order.
    pub entries: Vec<Entry>,
}

/// Why a lock cannot be read or brought up to date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// A line of another form.
    #[error("{PATH}:{line}: not `<id> <sha256> [retired]`; restore the line from the history")]
    Line {
        /// Line, counted from 1.
        line: usize,
    },
    /// An id that stands in an earlier line.
    #[error("{PATH}:{line}: {id} is locked twice; restore the file from the history")]
    Repeated {
        /// Line, counted from 1.
        line: usize,
        /// The id.
        id: String,
    },
    /// A case that is not what it was.
    #[error("{id} has changed; retire that id and give the new case another")]
    Changed {
        /// The id.
        id: String,
    },
    /// An id that was retired is in use.
    #[error("{id} is retired; give the case another id")]
    Retired {
        /// The id.
        id: String,
    },
    /// There is nothing to retire.
    #[error("{id} is not locked, or retired already")]
    Unknown {
        /// The id.
        id: String,
    },
}

impl LockError {
    fn line(&self) -> Option<usize> {
        match self {
            Self::Line { line } | Self::Repeated { line, .. } => Some(*line),
            Self::Changed { .. } | Self::Retired { .. } | Self::Unknown { .. } => None,
        }
    }

    /// The same as a finding in the lock's file.
    pub fn finding(&self) -> Finding {
        let text = self.to_string();
        let place = self.line().map(|line| format!("{PATH}:{line}: ")).unwrap_or_default();
        let text = text.strip_prefix(&place).unwrap_or(&text);
        let (message, next) = text.split_once("; ").unwrap_or((text, UPDATE));
        let finding = Finding::new(PATH, message, next);
        match self.line() {
            Some(line) => finding.at(line),
            None => finding,
        }
    }
}

/// SHA-256 of the JSON of a case with sorted keys and no spaces, without `about`, `witness` and `dissent`, and
/// with the `op` of its file: the same input asked of another operation is another request.
pub fn hash(op: &str, case: &Case) -> String {
    // A case holds nothing that JSON cannot: string keys, and numbers that were read from JSON.
    let mut value = serde_json::to_value(case).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        for key in ["about", "witness", "dissent"] {
            members.remove(key);
        }
        if case.steps.is_empty() {
            members.insert("op".to_owned(), op.into());
        }
    }
    hex::encode(Sha256::digest(value.to_string()))
}

impl Lock {
    /// Reads the file.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = BTreeSet::new();
        for (index, line) in text.lines().enumerate() {
            let entry = entry(line).ok_or(LockError::Line { line: index + 1 })?;
            if !seen.insert(entry.id.clone()) {
                return Err(LockError::Repeated { line: index + 1, id: entry.id });
            }
            entries.push(entry);
        }
        let lock = Self { entries };
        // What the lines say does not show a missing newline or other blanks.
        if lock.to_string() == text {
            return Ok(lock);
        }
        let line = text.lines().zip(lock.to_string().lines()).take_while(|(found, own)| found == own).count();
        Err(LockError::Line { line: line.min(lock.entries.len().saturating_sub(1)) + 1 })
    }

    /// Compares cases with the lock.  The path of a file is only used to name it.
    pub fn check<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a VectorFile)>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut lines: BTreeMap<&str, (usize, &Entry)> = BTreeMap::new();
        lines.extend(
            self.entries.iter().enumerate().map(|(index, entry)| (entry.id.as_str(), (index + 1, entry))),
        );
        for (path, file) in files {
            for case in &file.cases {
                let about = |message: String, next: &str| Finding::new(path, message, next).about(&case.id);
                let found = lines.remove(case.id.as_str());
                findings.extend(match found {
                    None => Some(about(format!("its id is not in {PATH}"), UPDATE)),
                    Some((line, entry)) if entry.retired => {
                        Some(about(format!("its id is retired ({PATH}:{line})"), "give the case another id"))
                    }
                    Some((line, entry)) if entry.hash != hash(&file.op, case) => Some(about(
                        format!("the case is not the one that is locked ({PATH}:{line})"),
                        "restore it, or retire the id and give the new case another",
                    )),
                    Some(_) => None,
                });
            }
        }
        let mut gone: Vec<_> = lines.into_values().filter(|(_, entry)| !entry.retired).collect();
        gone.sort_by_key(|(line, _)| *line);
        findings.extend(gone.into_iter().map(|(line, entry)| {
            let next = "restore the case, or mark the line `retired`";
            Finding::new(PATH, "it is locked, but no file has it", next).at(line).about(&entry.id)
        }));
        findings
    }

    /// Appends the ids that are new, and says how many; never changes a line.
    pub fn update<'a>(
        &mut self,
        files: impl IntoIterator<Item = &'a VectorFile>,
    ) -> Result<usize, LockError> {
        let known: BTreeMap<String, Entry> =
            self.entries.iter().map(|entry| (entry.id.clone(), entry.clone())).collect();
        let mut new: Vec<Entry> = Vec::new();
        let mut added = BTreeSet::new();
        for file in files {
            for case in &file.cases {
                let (id, hash) = (case.id.clone(), hash(&file.op, case));
                match known.get(&id) {
                    Some(entry) if entry.retired => return Err(LockError::Retired { id }),
                    Some(entry) if entry.hash != hash => return Err(LockError::Changed { id }),
                    Some(_) => {}
                    None if !added.insert(id.clone()) => {
                        return Err(LockError::Repeated { line: self.entries.len() + new.len() + 1, id });
                    }
                    None => new.push(Entry { id, hash, retired: false }),
                }
            }
        }
        let count = new.len();
        self.entries.extend(new);
        Ok(count)
    }

    /// Marks an id as retired.
    pub fn retire(&mut self, id: &str) -> Result<(), LockError> {
        let entry = self.entries.iter_mut().find(|entry| entry.id == id && !entry.retired);
        let entry = entry.ok_or_else(|| LockError::Unknown { id: id.to_owned() })?;
        entry.retired = true;
        Ok(())
    }
}

fn entry(line: &str) -> Option<Entry> {
    let mut words = line.split(' ');
    let (id, hash) = (words.next()?, words.next()?);
    let retired = match words.next() {
        None => false,
        Some("retired") => true,
        Some(_) => return None,
    };
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let formed = !id.is_empty() && hash.len() == 64 && hash.bytes().all(digit) && words.next().is_none();
    formed.then(|| Entry { id: id.to_owned(), hash: hash.to_owned(), retired })
}

/// The text of the file.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Entry { id, hash, retired } in &self.entries {
            writeln!(f, "{id} {hash}{}", if *retired { " retired" } else { "" })?;
        }
        Ok(())
    }
}
