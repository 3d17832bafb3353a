//! Writes two tables of `include_str!` into `OUT_DIR`: the chapters of the book and the profiles.
//!
//! The text is compiled in, so that a binary can show the sentence that an implementation breaks wherever it
//! is run, without the repository beside it.
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut text = String::new();
    for (table, folder, extension) in [("CHAPTERS", "src", "md"), ("PROFILES", "profiles", "toml")] {
        let folder = root.join(folder);
        let mut files = Vec::new();
        if folder.is_dir() {
            walk(&folder, extension, &mut files)?;
        }
        let mut rows: Vec<(String, String)> = Vec::new();
        for file in &files {
            println!("cargo::rerun-if-changed={}", file.display());
            let name =
                file.strip_prefix(&folder).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
            rows.push((name, file.to_string_lossy().into_owned()));
        }
        // The order of a directory is that of the file system; the table's must not be.
        rows.sort();
        let _ = writeln!(text, "pub(crate) const {table}: &[(&str, &str)] = &[");
        for (name, path) in &rows {
            let _ = writeln!(text, "    ({name:?}, include_str!({path:?})),");
        }
        text.push_str("];\n");
    }
    fs::write(out.join("embedded.rs"), text)
}

/// Collects the files below `folder`, and has Cargo look for new ones in each folder on the way.
fn walk(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, extension, files)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(())
}
