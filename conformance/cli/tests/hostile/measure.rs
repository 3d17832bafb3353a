//! Running the program, and how much memory it took.

use std::io::Write;
use std::path::Path;
use std::process::{Command, exit};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// So long after its start a program hangs.
const HUNG: Duration = Duration::from_secs(240);

/// What is printed before the number of KiB.
const MARK: &str = "greatest memory in KiB: ";

/// How a run ended.
pub(crate) struct Measured {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// In KiB.
    pub(crate) memory: i64,
    pub(crate) took: Duration,
}

/// Runs `dxspec`.  `folder` is where testees of this run may leave something for each other.
pub(crate) fn measured(arguments: &[&str], folder: &Path) -> Measured {
    let start = Instant::now();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--measure", env!("CARGO_BIN_EXE_dxspec")])
        .args(arguments)
        .envs([("NO_COLOR", "1"), ("CI", "true")])
        .env("DXSPEC_HOSTILE", folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().to_owned();
    let stderr = text(&output.stderr);
    let (stderr, memory) = stderr.rsplit_once(MARK).unwrap_or_else(|| panic!("{stderr}"));
    Measured {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: stderr.to_owned(),
        memory: memory.trim().parse().unwrap(),
        took: start.elapsed(),
    }
}

/// Runs a program, prints its greatest memory on standard error, and ends as it ended.
pub(crate) fn measure(words: &[String]) {
    let mut child = Command::new(&words[0]).args(&words[1..]).spawn().unwrap();
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    thread::spawn(move || {
        thread::sleep(HUNG);
        eprintln!("the program hangs");
        let _ = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGKILL);
    });
    let status = child.wait().unwrap();
    // Of the children that have been waited for, the one with the most; in bytes on macOS.
    let most = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    let kilobytes = if cfg!(target_os = "macos") { most / 1024 } else { most };
    let _ = writeln!(std::io::stderr(), "{MARK}{kilobytes}");
    exit(status.code().unwrap_or(-1));
}
