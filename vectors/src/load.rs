//! Reading vector files.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

use crate::format::{FORMAT, VectorFile};

/// Why a vector file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file system says no.
    #[error("{file}: {source}")]
    Io {
        /// The file or folder.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// Not JSON, or not a vector file: an unknown or missing key, a value of another type.
    #[error("{file}:{line}:{column}: {message}")]
    Json {
        /// The file.
        file: String,
        /// Line, counted from 1.
        line: usize,
        /// Column, counted from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A file of another format.
    #[error(
        "{file}: its format is {found}; this program reads format {FORMAT} only and must not guess at others"
    )]
    Format {
        /// The file.
        file: String,
        /// The number in it.
        found: u64,
    },
}

/// Just the number: it decides whether the rest can be understood at all.
#[derive(Deserialize)]
struct Header {
    format: u64,
}

/// Reads a vector file from its text; `file` is only used to name it.
pub fn parse(file: &str, text: &str) -> Result<VectorFile, LoadError> {
    if let Ok(Header { format }) = serde_json::from_str(text)
        && format != u64::from(FORMAT)
    {
        return Err(LoadError::Format { file: file.to_owned(), found: format });
    }
    serde_json::from_str(text).map_err(|error| {
        let whole = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        LoadError::Json {
            file: file.to_owned(),
            line: error.line(),
            column: error.column(),
            message: whole.strip_suffix(&place).unwrap_or(&whole).to_owned(),
        }
    })
}

/// Reads all vector files below a folder, by path.
pub fn load(dir: &Path) -> Result<Vec<(PathBuf, VectorFile)>, LoadError> {
    let mut files = Vec::new();
    for path in walk(dir).map_err(|source| LoadError::Io { file: dir.display().to_string(), source })? {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file = path.display().to_string();
        let text =
            fs::read_to_string(&path).map_err(|source| LoadError::Io { file: file.clone(), source })?;
        let parsed = parse(&file, &text)?;
        files.push((path, parsed));
    }
    Ok(files)
}

/// All files below a folder, sorted by path.
///
/// # Errors
/// The first folder that cannot be read.
pub fn walk(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}
