//! What is kept of a campaign: candidates and requests, in files that replace none.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use dxos_conformance::fuzz::source::Trial;
use dxos_conformance::protocol::Request;
use serde_json::Value;
use tempfile::NamedTempFile;

/// The most names that are tried for one file.
const NAMES: usize = 1000;

/// A folder for finds, made when the first is kept.
pub(crate) struct Finds {
    folder: PathBuf,
}

impl Finds {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Writes a file beside those that are there.  What is there already word for word is not written again.
    pub(crate) fn keep(&self, name: &str, extension: &str, text: &str) -> anyhow::Result<PathBuf> {
        let context = || format!("cannot write to {}", self.folder.display());
        std::fs::create_dir_all(&self.folder).with_context(context)?;
        for number in 1..=NAMES {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = self.folder.join(format!("{name}{suffix}.{extension}"));
            if std::fs::read_to_string(&path).is_ok_and(|present| present == text) {
                return Ok(path);
            }
            let mut file = NamedTempFile::new_in(&self.folder).with_context(context)?;
            file.write_all(text.as_bytes()).with_context(context)?;
            match file.persist_noclobber(&path) {
                Ok(_) => return Ok(path),
                Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.error).with_context(context),
            }
        }
        anyhow::bail!("{} has {NAMES} files named {name} already; move them away", self.folder.display())
    }

    /// Writes the request of a trial as the line that is sent.
    pub(crate) fn keep_request(&self, name: &str, trial: &Trial) -> anyhow::Result<PathBuf> {
        let request = Request::new(trial.number + 1, &trial.op, trial.made.input.clone());
        self.keep(name, "request.json", &format!("{}\n", request.to_line()))
    }
}

/// What a file with a find asks: the operation, the input, and the features that are needed for it.
pub(crate) fn read(path: &Path) -> anyhow::Result<Trial> {
    // A wrong name is a mistake in the command line, not trouble with a testee.
    let text = std::fs::read_to_string(path)
        .map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))?;
    let name = path.display().to_string();
    let value: Value = serde_json::from_str(&text)
        .with_context(|| format!("{name} is neither a vector file nor a request, as it is not JSON"))?;
    let (op, input, features, from) = if value.get("cases").is_some() {
        let file = dxos_vectors::parse(&name, &text)?;
        let case = file.cases.iter().rev().find(|case| case.input.is_some());
        let case = case.with_context(|| format!("{name} has no case with one request"))?;
        (file.op.clone(), case.input.clone().unwrap_or_default(), case.features.clone(), case.id.clone())
    } else {
        let request = Request::parse(text.trim_end()).with_context(|| {
            format!("{name} is neither a vector file nor a request {{\"id\":1,\"op\":…,\"in\":{{…}}}}")
        })?;
        (request.op, request.input, Vec::new(), name)
    };
    let made = dxos_conformance::fuzz::source::Made { input, features };
    Ok(Trial { number: 0, op, made, from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let finds = Finds::new(&folder.path().join("new"));
        let first = finds.keep("a", "json", "one").unwrap();
        assert_eq!(finds.keep("a", "json", "one").unwrap(), first);
        let second = finds.keep("a", "json", "two").unwrap();
        assert_ne!(first, second);
        assert_eq!(std::fs::read_to_string(first).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(second).unwrap(), "two");
    }
}
