//! Running the binary, and the adapter of the deployed implementation.

// Each test file uses its own part, and a test may panic.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The binary, to be run from the root of the repository, plain and without progress.
pub(crate) fn dxspec(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dxspec"));
    command.args(arguments).current_dir(root()).env("NO_COLOR", "1").env("CI", "true");
    command
}

/// What a run of the binary gave.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the binary to its end.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    ended(dxspec(arguments).output().unwrap())
}

pub(crate) fn ended(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The carrier of a built-in testee as a process.
pub(crate) fn serve(name: &str) -> String {
    format!("exec:'{}' serve {name}", env!("CARGO_BIN_EXE_dxspec"))
}

/// Whether a program is installed; without it, what is not tested is said loudly, and is a failure under CI.
pub(crate) fn has(program: &str, what: &str) -> bool {
    if Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success()) {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "{program} is needed for: {what}");
    // Not by a macro: those are captured.
    let note = format!("\n  NOT RUN, as {program} is not installed: {what}\n\n");
    std::io::stderr().write_all(note.as_bytes()).unwrap();
    false
}

/// The carrier of the deployed implementation, its packages installed; `None` without Node, which is said
/// loudly, and is a failure under CI.
pub(crate) fn deployed(what: &str) -> Option<String> {
    let has_node = ["node", "npm"].iter().all(|program| {
        Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    if !has_node {
        assert!(std::env::var_os("CI").is_none(), "node and npm are needed for: {what}");
        // Not by a macro: those are captured.
        let note = format!("\n  NOT RUN, as node or npm is not installed: {what}\n\n");
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return None;
    }
    let adapter = root().join("conformance/adapters/dxos-js");
    install(&adapter);
    Some("exec:node conformance/adapters/dxos-js/main.mjs".to_owned())
}

/// Installs the packages of the committed lock file once, though tests run side by side.
pub(crate) fn install(adapter: &Path) {
    let name = adapter.file_name().unwrap();
    let lock = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("lock");
    let lock = File::create(lock).unwrap();
    lock.lock().unwrap();
    let written = |path: &str| adapter.join(path).metadata().and_then(|metadata| metadata.modified()).ok();
    if written("node_modules/.package-lock.json") >= written("package-lock.json") {
        return;
    }
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(adapter)
        .output()
        .unwrap();
    assert!(npm.status.success(), "npm ci: {}", String::from_utf8_lossy(&npm.stderr));
}
