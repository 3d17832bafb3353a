//! The table of mutants and of what noticed them, as it is committed and compared; and the excuses for those
//! that nothing can notice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use dxos_spec::{Book, Level};
use serde::{Deserialize, Serialize};

use crate::mutation::{Fate, Mutant};
use crate::verdict::Verdict;

/// What stands at the head of the file.
const HEAD: &str = "\
# Every mutant of the reference and the first case that notices it; made by `dxspec mutants --write`.
# `elsewhere`: that case does not cite the requirement.  `provisional`: that case does not count in a verdict.
";

/// Mutants by id, with their fates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KillTable {
    rows: BTreeMap<String, Fate>,
}

/// A line that is no row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line} of the kill table is no row: \"{text}\"; make the table anew with `dxspec mutants --write`"
)]
pub struct RowError {
    /// Counted from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

/// How many mutants had which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// All of them.
    pub mutants: usize,
    /// Noticed by a case that cites the requirement.
    pub killed: usize,
    /// Noticed by other cases only.
    pub killed_elsewhere: usize,
    /// Of those killed, noticed by provisional cases only, as far as the table tells.
    pub provisional: usize,
    /// Not noticed, with the reason that the mutant is right after all.
    pub equivalent: usize,
    /// Not noticed or not reached, with the reason that no case could.
    pub unobservable: usize,
    /// Not noticed, without a reason.
    pub silent: usize,
    /// Not reached, without a reason.
    pub unreached: usize,
}

impl KillTable {
    /// The table of what a trial found.
    pub fn new(mutants: &[Mutant], fates: &[Fate]) -> Self {
        Self { rows: mutants.iter().map(|mutant| mutant.id.clone()).zip(fates.iter().cloned()).collect() }
    }

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// [`RowError`] for the first line that is neither a row nor a comment.
    pub fn parse(text: &str) -> Result<Self, RowError> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
        let rows = lines.map(|(index, line)| {
            row(line).ok_or_else(|| RowError { line: index + 1, text: line.to_owned() })
        });
        Ok(Self { rows: rows.collect::<Result<_, _>>()? })
    }

    /// Ids and fates, by id.
    pub const fn rows(&self) -> &BTreeMap<String, Fate> {
        &self.rows
    }

    /// The mutants of a requirement.
    pub fn of<'a>(&'a self, req: &'a str) -> impl Iterator<Item = (&'a str, &'a Fate)> {
        self.rows.iter().filter(move |(id, _)| requirement(id) == req).map(|(id, fate)| (id.as_str(), fate))
    }

    /// How many had which fate.
    pub fn figures(&self, excuses: &Excuses) -> Figures {
        let mut figures = Figures { mutants: self.rows.len(), ..Figures::default() };
        for (id, fate) in &self.rows {
            let excuse = excuses.of(id);
            let slot = match (fate, excuse) {
                (Fate::Killed { scored, cites, .. }, _) => {
                    figures.provisional += usize::from(!scored);
                    if *cites { &mut figures.killed } else { &mut figures.killed_elsewhere }
                }
                (_, Some(Excuse { kind: ExcuseKind::Equivalent, .. })) => &mut figures.equivalent,
                (_, Some(Excuse { kind: ExcuseKind::Unobservable, .. })) => &mut figures.unobservable,
                (Fate::Silent { .. }, None) => &mut figures.silent,
                (Fate::Unreached, None) => &mut figures.unreached,
            };
            *slot += 1;
        }
        figures
    }

    /// What is wrong with the suite, by this table: mutants that nothing notices, without or with a false
    /// excuse, and requirements of level MUST that no case is seen to enforce.
    pub fn holes(&self, excuses: &Excuses, book: &Book) -> Vec<String> {
        let mut holes = Vec::new();
        for (id, fate) in &self.rows {
            match (fate, excuses.of(id)) {
                (Fate::Silent { .. }, None) => holes.push(format!(
                    "{id}: silent: cases reach it and none notices; add a case, or give the reason in equivalents.toml"
                )),
                (Fate::Unreached, None) => holes.push(format!(
                    "{id}: unreached: no case reaches it; add one, or give the reason in equivalents.toml"
                )),
                (Fate::Killed { case, .. }, Some(_)) => holes.push(format!(
                    "{id}: killed by {case}, although equivalents.toml says that it cannot be; remove the entry"
                )),
                _ => {}
            }
        }
        for excuse in &excuses.list {
            if !self.rows.contains_key(&excuse.mutant) {
                holes.push(format!(
                    "{}: equivalents.toml names it, and there is no such mutant; remove the entry, or correct its id",
                    excuse.mutant
                ));
            }
        }
        for requirement in book.requirements() {
            if requirement.level == Level::Must && requirement.excluded.is_none() {
                holes.extend(self.hole_of(&requirement.id, excuses));
            }
        }
        holes
    }

    /// Why it is not shown that the suite enforces a requirement, or nothing.
    fn hole_of(&self, req: &str, excuses: &Excuses) -> Option<String> {
        let fates: Vec<(&str, &Fate)> = self.of(req).collect();
        if fates.is_empty() {
            return Some(format!(
                "{req}: no mutant; name it in the reference at the check (`require!`) or beside the computation (`alter!`)"
            ));
        }
        let by_its_own = |(_, fate): &(&str, &Fate)| matches!(fate, Fate::Killed { cites: true, .. });
        let excused = |(id, _): &(&str, &Fate)| excuses.of(id).is_some();
        if fates.iter().any(by_its_own) || fates.iter().all(excused) {
            return None;
        }
        Some(format!(
            "{req}: none of its mutants is killed by a case that cites it; let such a case cite it, or add one"
        ))
    }

    /// Where this table, made anew, is not the one that is committed.
    pub fn differences(&self, committed: &Self) -> Vec<String> {
        let ids: BTreeSet<&String> = self.rows.keys().chain(committed.rows.keys()).collect();
        let differs = |id: &String| {
            let (now, before) = (self.rows.get(id), committed.rows.get(id));
            match (now, before) {
                (Some(now), Some(before)) if now.says(before) => None,
                (Some(now), Some(before)) => Some(format!("{id}: {now}; the committed table says: {before}")),
                (Some(now), None) => Some(format!("{id}: {now}; the committed table does not have it")),
                (None, _) => Some(format!(
                    "{id}: in the committed table, and there is no such mutant any more: was its check taken away?"
                )),
            }
        };
        ids.into_iter().filter_map(differs).collect()
    }
}

impl fmt::Display for KillTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        self.rows.iter().try_for_each(|(id, fate)| writeln!(f, "{id}  {fate}"))
    }
}

impl Fate {
    /// Whether two fates are written alike.
    fn says(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for Fate {
    /// As in the table: `killed  halo/key/parse/hex/odd  fail`, `silent`, `unreached`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Killed { case, verdict, cites, scored } => {
                write!(f, "killed  {case}  {verdict}")?;
                f.write_str(if *cites { "" } else { "  elsewhere" })?;
                f.write_str(if *scored { "" } else { "  provisional" })
            }
            Self::Silent { .. } => f.write_str("silent"),
            Self::Unreached => f.write_str("unreached"),
        }
    }
}

/// The requirement in a mutant's id.
fn requirement(id: &str) -> &str {
    id.split('/').next().unwrap_or(id)
}

fn row(line: &str) -> Option<(String, Fate)> {
    let mut parts = line.split("  ");
    let id = parts.next()?.to_owned();
    let fate = match (parts.next()?, parts.next(), parts.next()) {
        ("silent", None, None) => Fate::Silent { cases: 0 },
        ("unreached", None, None) => Fate::Unreached,
        ("killed", Some(case), Some(verdict)) => {
            let marks: Vec<&str> = parts.collect();
            if marks.iter().any(|mark| !["elsewhere", "provisional"].contains(mark)) {
                return None;
            }
            Fate::Killed {
                case: case.to_owned(),
                verdict: Verdict::ALL.into_iter().find(|known| known.name() == verdict)?,
                cites: !marks.contains(&"elsewhere"),
                scored: !marks.contains(&"provisional"),
            }
        }
        _ => return None,
    };
    Some((id, fate))
}

/// Why nothing notices a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExcuseKind {
    /// It does what is right, by another way.
    Equivalent,
    /// It does wrong where no case can look.
    Unobservable,
}

/// The reason why a mutant may live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excuse {
    /// Its id.
    pub mutant: String,
    /// Which kind of reason.
    pub kind: ExcuseKind,
    /// The reason.
    pub why: String,
}

/// All excuses: the file `equivalents.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excuses {
    #[serde(default, rename = "excuse")]
    list: Vec<Excuse>,
}

impl Excuses {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with line and column.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The excuse of a mutant.
    pub fn of(&self, mutant: &str) -> Option<&Excuse> {
        self.list.iter().find(|excuse| excuse.mutant == mutant)
    }
}
