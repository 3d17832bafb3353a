//! The example adapter for browsers, in a browser.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod waiting;

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use waiting::Waiting;

/// The browser under one of its names; `None` without one, which is said loudly, and is a failure under CI.
fn chromium() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let found = names.into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "chromium is needed for the adapter for browsers");
        // Not by a macro: those are captured.
        let note = b"\n  NOT RUN, as chromium is not installed: the adapter for browsers\n\n";
        std::io::stderr().write_all(note).unwrap();
    }
    found
}

/// Ended with the test, also if it panics.
struct Browser(Child);

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn open(browser: &str, url: &str, folder: &Path) -> Browser {
    let page =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters/browser/index.html").canonicalize().unwrap();
    let child = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // A port of its own, which ends with the browser; without it headless mode loads the page and leaves.
            "--remote-debugging-port=0",
        ])
        .arg(format!("--user-data-dir={}", folder.display()))
        .arg(format!("file://{}?url={url}", page.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Browser(child)
}

#[test]
fn a_page_is_a_testee() {
    let Some(browser) = chromium() else { return };
    let folder = tempfile::tempdir().unwrap();
    let waiting = Waiting::start("ws:0", &["--partial", "-k", "halo/key", "--start-timeout", "300"]);
    let _open = open(browser, &waiting.url, folder.path());
    let ended = waiting.end();
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    insta::with_settings!({ filters => vec![(r"time +[\d.]+ s", "time     T s")] }, {
        insta::assert_snapshot!(ended.stdout);
    });
}
