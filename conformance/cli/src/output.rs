//! Where results go: standard output, and files that are there as a whole or not at all.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use dxos_conformance::report::paint::{Detail, Look};
use tempfile::NamedTempFile;

use crate::args::When;

/// How to print reports.
pub(crate) fn look(color: When, verbose: bool, quiet: bool) -> Look {
    let colour = match color {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            !refused && std::io::stdout().is_terminal()
        }
    };
    let detail = match (verbose, quiet) {
        (true, _) => Detail::Verbose,
        (_, true) => Detail::Quiet,
        _ => Detail::Usual,
    };
    Look { colour, detail }
}

/// Whether somebody looks at standard error while it is written.
pub(crate) fn watched() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("CI").is_none()
}

/// Prints to standard output.  A reader that is gone (`| head`) is not an error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// A file that takes its place when it is finished.
pub(crate) struct Pending {
    path: PathBuf,
    file: NamedTempFile,
}

impl Pending {
    /// Begins a file, next to where it will be: only so can it be renamed.
    pub(crate) fn new(path: &Path) -> anyhow::Result<Self> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = NamedTempFile::new_in(folder).with_context(|| {
            format!("cannot write {}: is there a folder {}?", path.display(), folder.display())
        })?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// The file.
    pub(crate) const fn file(&mut self) -> &mut NamedTempFile {
        &mut self.file
    }

    /// Puts the file in its place, readable as any other file is.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let path = self.path;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let readable = std::fs::Permissions::from_mode(0o644);
            self.file
                .as_file()
                .set_permissions(readable)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        self.file.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(())
    }
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut pending = Pending::new(path)?;
    pending.file().write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    pending.finish()
}
