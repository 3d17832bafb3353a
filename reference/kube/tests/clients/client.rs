//! A deployed client in a process of its own.

use std::io::{BufRead, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::node;

/// What is kept of what a client logs, in bytes.
const LOG: usize = 64 << 10;

/// A client; it is killed when this is dropped.
pub(crate) struct Client {
    role: &'static str,
    process: Child,
    input: ChildStdin,
    events: Receiver<Value>,
    log: Arc<Mutex<String>>,
}

impl Client {
    /// Starts `host` or `guest` with these signal servers.
    pub(crate) fn start(role: &'static str, servers: &[String]) -> Self {
        let mut process = Command::new("node")
            .arg("client.mjs")
            .arg(role)
            .args(servers)
            .current_dir(node::folder())
            .env("LOG_FILTER", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (tell, events) = mpsc::channel();
        let stdout = process.stdout.take().unwrap();
        let beside = Arc::clone(&log);
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                match line.strip_prefix("@ ") {
                    Some(event) => drop(tell.send(serde_json::from_str(event).unwrap())),
                    None => keep(&beside, &(line + "\n")),
                }
            }
        });
        let stderr = process.stderr.take().unwrap();
        let beside = Arc::clone(&log);
        thread::spawn(move || {
            let mut stderr = BufReader::new(stderr);
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut bytes) {
                keep(&beside, &String::from_utf8_lossy(&bytes[..read]));
            }
        });
        let input = process.stdin.take().unwrap();
        Self { role, process, input, events, log }
    }

    /// Tells the client something.
    pub(crate) fn tell(&mut self, what: &Value) {
        writeln!(self.input, "{what}").unwrap();
    }

    /// Waits for what happens next, which must be `event`.
    pub(crate) fn expect(&self, event: &str, deadline: Instant) -> Value {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(left) {
            Ok(next) => {
                assert_eq!(next["event"], event, "the {} says {next}\n{}", self.role, self.logged());
                next
            }
            Err(RecvTimeoutError::Timeout) => {
                panic!("the {} does not say \"{event}\" in time\n{}", self.role, self.logged())
            }
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the {} has ended before \"{event}\"\n{}", self.role, self.logged())
            }
        }
    }

    fn logged(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

fn keep(log: &Mutex<String>, text: &str) {
    let mut log = log.lock().unwrap();
    if log.len() < LOG {
        log.push_str(text);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
