//! A live peer of the deployed implementation in a process of its own, and what is checked of both.

// Each test file uses its own part, and a test may panic.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use dxos_peer::{DiscoveryKey, Durability, FileStore, Peer, Signer, feed_files};
use dxos_reference::echo::feed::{Feed, Mode};
use dxos_reference::echo::storage::RandomAccess;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// The longest wait for one answer: far more than any takes, so that a test that hangs says where.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A feed's key, kept as keyrings keep it.
pub(crate) struct Key {
    pub(crate) signer: Signer,
    pub(crate) pkcs8: String,
}

impl Key {
    pub(crate) fn new() -> Self {
        let (signer, pkcs8) = Signer::generate().unwrap();
        Self { signer, pkcs8: hex(&pkcs8) }
    }

    pub(crate) fn public(&self) -> String {
        hex(self.signer.public_key())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Opens a feed below a root, as it is on disk.
pub(crate) fn open(root: &Path, key: &Key, mode: Mode) -> Feed<FileStore> {
    let files = feed_files(root, key.signer.public_key(), Durability::Process).unwrap();
    Feed::open(files, key.signer.public_key(), mode).unwrap()
}

/// A peer with one feed below a root.
pub(crate) fn peer(root: &Path, key: &Key, mode: Mode) -> (Peer<FileStore>, DiscoveryKey) {
    let peer = Peer::default();
    let feed = peer.add(open(root, key, mode));
    (peer, feed)
}

/// A block that says which it is, of a length that differs from its neighbours'; as the other side makes them.
pub(crate) fn numbered(index: u64, salt: &str) -> Vec<u8> {
    format!("{salt} {index} {}", ".".repeat((index * 37 % 200) as usize)).into_bytes()
}

/// Appends numbered blocks in batches.
pub(crate) fn append(
    peer: &Peer<FileStore>,
    feed: &DiscoveryKey,
    key: &Key,
    count: u64,
    batch: u64,
    salt: &str,
) {
    let mut left = count;
    while left > 0 {
        let size = left.min(batch);
        let length = peer.with(feed, |feed| feed.length()).unwrap();
        let blocks: Vec<Vec<u8>> = (length..length + size).map(|index| numbered(index, salt)).collect();
        let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
        assert_eq!(peer.append(feed, &blocks, &key.signer).unwrap(), length);
        left -= size;
    }
}

/// A hash over blocks; as the other side makes it.
pub(crate) fn digest<S: RandomAccess>(feed: &Feed<S>, from: u64, to: u64) -> String {
    let mut hash = Sha256::new();
    for index in from..to {
        let block = feed.get(index).unwrap();
        hash.update((block.len() as u32).to_be_bytes());
        hash.update(&block);
    }
    hex(&hash.finalize())
}

/// The hash over the numbered blocks themselves.
pub(crate) fn numbered_digest(from: u64, to: u64, salt: &str) -> String {
    let mut hash = Sha256::new();
    for block in (from..to).map(|index| numbered(index, salt)) {
        hash.update((block.len() as u32).to_be_bytes());
        hash.update(&block);
    }
    hex(&hash.finalize())
}

/// Waits, but not for ever.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

/// The deployed implementation with one feed.
pub(crate) struct Deployed {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// Why connections ended, oldest first.
    pub(crate) ended: Vec<Value>,
}

impl Deployed {
    /// Starts one below a root; writable with a private key.
    pub(crate) async fn start(root: &Path, key: &Key, writable: bool) -> Self {
        let mut command = Command::new("node");
        command.arg(adapter().join("live.mjs")).arg(root).arg(key.public());
        if writable {
            command.arg(&key.pkcs8);
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut deployed = Self { child, input, output, ended: Vec::new() };
        deployed.answer("start").await;
        deployed
    }

    async fn answer(&mut self, what: &str) -> Value {
        loop {
            let line = soon(what, self.output.next_line()).await.unwrap();
            let line = line.unwrap_or_else(|| panic!("{what}: the process ended"));
            let answer: Value = serde_json::from_str(&line).unwrap();
            match answer.get("ended") {
                Some(reason) => self.ended.push(reason.clone()),
                None => return answer,
            }
        }
    }

    /// Gives a command, and its answer.
    pub(crate) async fn ask(&mut self, command: &str, members: Value) -> Value {
        self.send(command, members).await;
        let answer = self.answer(command).await;
        assert!(answer.get("error").is_none(), "{command}: {answer}");
        answer
    }

    async fn send(&mut self, command: &str, mut members: Value) {
        members["command"] = json!(command);
        self.input.write_all(format!("{members}\n").as_bytes()).await.unwrap();
    }

    /// Waits until a connection has ended, and says why: null where there was no error.
    pub(crate) async fn end(&mut self) -> Value {
        while self.ended.is_empty() {
            let line = soon("the end of a connection", self.output.next_line()).await.unwrap().unwrap();
            self.ended.push(serde_json::from_str::<Value>(&line).unwrap()["ended"].clone());
        }
        self.ended.remove(0)
    }

    pub(crate) async fn listen(&mut self) -> (&'static str, u16) {
        let port = self.ask("listen", json!({})).await["port"].as_u64().unwrap();
        ("127.0.0.1", u16::try_from(port).unwrap())
    }

    pub(crate) async fn append(&mut self, count: u64, batch: u64, salt: &str) {
        self.ask("append", json!({ "count": count, "batch": batch, "salt": salt })).await;
    }

    pub(crate) async fn wait(&mut self, length: u64) {
        self.ask("wait", json!({ "length": length })).await;
    }

    pub(crate) async fn digest(&mut self, from: u64, to: u64) -> String {
        self.ask("digest", json!({ "from": from, "to": to })).await["digest"].as_str().unwrap().to_owned()
    }

    /// Closes the feed and ends the process.
    pub(crate) async fn stop(mut self) {
        self.ask("close", json!({})).await;
        drop(self.input);
        soon("the end of the process", self.child.wait()).await.unwrap();
    }

    /// Ends the process at once, in the middle of whatever it does.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

fn adapter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/adapters/dxos-js").canonicalize().unwrap()
}

/// Whether the deployed implementation is at hand, its packages installed; without Node that is said loudly, and is a
/// failure under CI.
pub(crate) fn has_deployed(what: &str) -> bool {
    let runs = |program: &&str| {
        std::process::Command::new(program)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if !["node", "npm"].iter().all(runs) {
        assert!(std::env::var_os("CI").is_none(), "node and npm are needed for: {what}");
        // Not by a macro: those are captured.
        let note = format!("\n  NOT RUN, as node or npm is not installed: {what}\n\n");
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return false;
    }
    install(&adapter());
    true
}

/// Installs the packages of the committed lock file once, though tests of several crates run side by side.
fn install(adapter: &Path) {
    let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("dxos-js.lock")).unwrap();
    lock.lock().unwrap();
    let written = |path: &str| adapter.join(path).metadata().and_then(|metadata| metadata.modified()).ok();
    if written("node_modules/.package-lock.json") >= written("package-lock.json") {
        return;
    }
    let npm = std::process::Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(adapter)
        .output()
        .unwrap();
    assert!(npm.status.success(), "npm ci: {}", String::from_utf8_lossy(&npm.stderr));
}
