//! Writes a table of `include_str!` of all vector files, and the lock, into `OUT_DIR`.
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let data = root.join("data");
    let mut files = Vec::new();
    if data.is_dir() {
        walk(&data, &mut files)?;
    }
    let mut rows: Vec<(String, String)> = Vec::new();
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&data).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        rows.push((name, file.to_string_lossy().into_owned()));
    }
    // The order of a directory is that of the file system; the table's must not be.
    rows.sort();
    let mut text = String::from("pub(crate) const FILES: &[(&str, &str)] = &[\n");
    for (name, path) in &rows {
        let _ = writeln!(text, "    ({name:?}, include_str!({path:?})),");
    }
    text.push_str("];\n");
    let lock = root.join("ids.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    // Absent only before the first vector is made.
    let include =
        if lock.is_file() { format!("include_str!({:?})", lock.to_string_lossy()) } else { "\"\"".into() };
    let _ = writeln!(text, "pub(crate) const LOCK: &str = {include};");
    fs::write(out.join("embedded.rs"), text)
}

/// Collects the JSON files below `folder`, and has Cargo look for new ones in each folder on the way.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|found| found == "json") {
            files.push(path);
        }
    }
    Ok(())
}
