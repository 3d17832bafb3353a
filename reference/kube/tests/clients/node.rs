//! Node, and the packages of the clients.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the clients.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Whether the clients can run, their packages installed.  Without Node, what is not tested is said loudly, and is a
/// failure under CI.
pub(crate) fn is_ready(what: &str) -> bool {
    let has_node = ["node", "npm"].iter().all(|program| {
        Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    if has_node {
        install();
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "node and npm are needed for: {what}");
    // Not by a macro: those are captured.
    let note = format!("\n  NOT RUN, as node or npm is not installed: {what}\n\n");
    std::io::stderr().write_all(note.as_bytes()).unwrap();
    false
}

/// Installs the packages of the committed lock file once, though tests run side by side.
fn install() {
    let folder = folder();
    let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("kube-clients.lock")).unwrap();
    lock.lock().unwrap();
    let written = |path: &str| folder.join(path).metadata().and_then(|metadata| metadata.modified()).ok();
    // Written last, so that half an installation is not taken for a whole one.
    const DONE: &str = "node_modules/.installed";
    if written(DONE).is_some() && written(DONE) >= written("package-lock.json") {
        return;
    }
    npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    // The one package with native code that a client needs.
    npm(&["rebuild", "fs-ext"]);
    File::create(folder.join(DONE)).unwrap();
}

fn npm(arguments: &[&str]) {
    let npm = Command::new("npm").args(arguments).current_dir(folder()).output().unwrap();
    assert!(npm.status.success(), "npm {}: {}", arguments.join(" "), String::from_utf8_lossy(&npm.stderr));
}
