//! A runner that waits for a testee to dial in.

// Each test file uses its own part, and a test may panic.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

pub(crate) mod client;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

/// The runner, and what it wants to be dialed at.
pub(crate) struct Waiting {
    pub(crate) child: Child,
    /// `tcp:HOST:PORT` or `ws://HOST:PORT/`.
    pub(crate) url: String,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    /// Without the line that told the URL; the address is replaced.
    pub(crate) stderr: String,
}

impl Waiting {
    /// Starts `dxspec run CARRIER …` and reads what is to be dialed.
    pub(crate) fn start(carrier: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dxspec"))
            .args(["run", carrier])
            .args(arguments)
            .envs([("NO_COLOR", "1"), ("CI", "true")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let url =
            line.trim().strip_prefix("dxspec: waiting for an implementation to dial ").unwrap().to_owned();
        let (stdout, stderr) = (whole(stdout), whole(stderr));
        Self { child, url, stdout, stderr }
    }

    /// `HOST:PORT`.
    pub(crate) fn address(&self) -> String {
        self.url.trim_start_matches("tcp:").trim_start_matches("ws://").trim_end_matches('/').to_owned()
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ended {
        let address = self.address();
        let code = self.child.wait().unwrap().code();
        let (stdout, stderr) = (self.stdout.join().unwrap(), self.stderr.join().unwrap());
        let plain = |text: String| text.replace(&address, "HERE");
        Ended { code, stdout: plain(stdout), stderr: plain(stderr) }
    }
}

/// All that comes, read meanwhile so that nobody waits for room in a pipe.
fn whole(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    })
}
