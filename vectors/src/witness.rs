//! Records of what other implementations answered, made by running them and kept beside the data.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::format::{Case, Dissent};
use crate::load::walk;
use crate::lock;

/// Folder of the records, below the folder of the vectors.
pub const FOLDER: &str = "witness";

/// What one implementation answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Name and version, as `witness` and `dissent` of a case show it.
    pub implementation: String,
    /// By case id.  Cases that are not applicable to the implementation are absent.
    pub answers: BTreeMap<String, Testimony>,
}

/// What an implementation answered to one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Testimony {
    /// Hash of the case that was put, as in the lock: a changed case has no witness.
    pub case: String,
    /// Absent where the answer is the expected one; otherwise the answer in short, as in `Dissent::got`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
}

impl Witness {
    /// Enters what was recorded into a case.
    pub fn enter(&self, op: &str, case: &mut Case) {
        let Some(testimony) = self.answers.get(&case.id) else { return };
        if testimony.case != lock::hash(op, case) {
            return;
        }
        match &testimony.got {
            None => case.witness.push(self.implementation.clone()),
            Some(got) => {
                case.dissent.push(Dissent { witness: self.implementation.clone(), got: got.clone() });
            }
        }
    }

    /// The text of the record's file.
    ///
    /// # Errors
    /// None in practice: all members are text.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

/// A record that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The folder or a file cannot be read.
    #[error("{file}: {source}")]
    Io {
        /// The path.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not a record.
    #[error("{file}:{line}:{column}: not a record of a witness: {source}; make it anew with `dxspec vectors witness`",
        line = source.line(), column = source.column())]
    Json {
        /// The path.
        file: String,
        /// Where and why.
        source: serde_json::Error,
    },
}

/// Reads all records below the folder of the vectors, by file name; none if there is no such folder.
///
/// # Errors
/// The first file that cannot be read.
pub fn load(root: &Path) -> Result<Vec<Witness>, WitnessError> {
    let folder = root.join(FOLDER);
    let name = |path: &Path| path.display().to_string();
    let paths = match walk(&folder) {
        Ok(paths) => paths,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(WitnessError::Io { file: name(&folder), source }),
    };
    paths
        .into_iter()
        .map(|path| {
            let text =
                fs::read_to_string(&path).map_err(|source| WitnessError::Io { file: name(&path), source })?;
            serde_json::from_str(&text).map_err(|source| WitnessError::Json { file: name(&path), source })
        })
        .collect()
}
