//! The small server in Node.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::support::{has, install, root, run};

fn folder() -> PathBuf {
    root().join("conformance/adapters/node-signal")
}

/// The small server in Node; it ends with its input.
struct NodeSignal {
    process: Child,
    address: String,
}

impl NodeSignal {
    fn start(vary: &str) -> Self {
        let mut process = Command::new("node")
            .args(["main.mjs", "--until-end-of-input", "--vary", vary])
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("ws://").split('/').next().unwrap().to_owned();
        Self { process, address }
    }
}

impl Drop for NodeSignal {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The requirements of signalling and endpoints that a server fails, from the record of a run.
fn failed(vary: &str) -> BTreeSet<String> {
    let server = NodeSignal::start(vary);
    let record = tempfile::NamedTempFile::new().unwrap();
    let carrier = format!("kube:ws://{}", server.address);
    let events = record.path().to_str().unwrap();
    let ran = run(&[
        "run",
        &carrier,
        "-k",
        "kube/signal",
        "-k",
        "kube/endpoint",
        "--no-probes",
        "--events",
        events,
    ]);
    assert!(matches!(ran.code, Some(0 | 1)), "{}\n{}", ran.stdout, ran.stderr);
    let text = std::fs::read_to_string(record.path()).unwrap();
    let cases = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let not_passed = cases.filter(|event| {
        let verdict = event["verdict"].as_str();
        verdict.is_some_and(|verdict| !["pass", "not_applicable"].contains(&verdict))
    });
    not_passed
        .flat_map(|event| event["req"].as_array().cloned().unwrap_or_default())
        .filter_map(|id| id.as_str().map(str::to_owned))
        .collect()
}

#[test]
fn deviations_of_a_server_in_node_are_listed() {
    if !["node", "npm"].iter().all(|program| has(program, "a signal server in Node, judged by its address")) {
        return;
    }
    install(&folder());
    let plain = failed("");
    insta::assert_debug_snapshot!("node_signal", plain);
    for vary in ["no-forward", "twice", "end-stream=100"] {
        let found: BTreeSet<String> = failed(vary).difference(&plain).cloned().collect();
        assert!(!found.is_empty(), "{vary} is not noticed");
        insta::assert_debug_snapshot!(format!("node_signal_{}", vary.split('=').next().unwrap()), found);
    }
}
