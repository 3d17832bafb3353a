//! A KUBE judged by its address: ours, a small one in Node, and servers that are wrong.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use dxos_kube::daemon::{Daemon, Options, Running};
use dxos_reference::keys::{SigningKey, Suite};
use dxos_reference::kube::capability::Capabilities;
use support::{dxspec, has, root, run};

/// The seed of the operator's identity.
const SEED: &str = "5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed";

/// The server under test with a thread that runs it, stopped when this is dropped.
struct Kube {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Kube {
    /// Starts one on any port, with an operator whose key is made from [`SEED`].
    fn start() -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let directory = tempfile::tempdir().unwrap();
                let running: Running = Daemon::start(Options::local(directory.path())).await.unwrap();
                let operator = SigningKey::new(Suite::P256, &hex::decode(SEED).unwrap()).unwrap();
                running.kube().supervisor().allow(operator.public_key(), Capabilities::everything());
                tell.send(running.address).unwrap();
                drop(stopped.await);
                running.stop().await;
            });
        });
        Self { address: told.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Kube {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        drop(self.thread.take().map(thread::JoinHandle::join));
    }
}

#[test]
fn our_kube_conforms_by_its_address() {
    let kube = Kube::start();
    let ran = run(&["run", &format!("kube:ws://{}?operator={SEED}", kube.address), "--only-profile"]);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    // Without the seed, administration is not tested, and nothing else is missing.
    let ran = run(&["run", &format!("kube:ws://{}", kube.address), "-k", "kube/signal", "--only-profile"]);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains(SEED) && !ran.stderr.contains(SEED));
}

#[test]
fn runs_go_side_by_side_and_again() {
    let kube = Kube::start();
    let carrier = format!("kube:ws://{}", kube.address);
    let runs: Vec<_> = (0..2)
        .map(|_| {
            dxspec(&["run", &carrier, "-k", "kube/signal", "--jobs", "4"])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for ran in runs {
        let ran = support::ended(ran.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    }
}

#[test]
fn who_is_no_kube_is_told_apart() {
    let said = |carrier: &str| {
        // Of whatever profile.
        let ran = run(&["run", carrier, "--profile", "halo-core"]);
        assert_eq!(ran.code, Some(3), "{}\n{}", ran.stdout, ran.stderr);
        ran.stderr
    };
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = said(&format!("kube:ws://{free}"));
    assert!(nobody.contains(&format!("nobody listens at {free}; start the KUBE first")), "{nobody}");

    let web = answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let other = said(&format!("kube:ws://{web}"));
    assert!(other.contains("is no KUBE: it answers 404 at /.well-known/dx/signal"), "{other}");

    let ssh = answering(b"SSH-2.0-OpenSSH_9.2\r\n");
    let foreign = said(&format!("kube:ws://{ssh}"));
    assert!(foreign.contains("does not answer as a web server does"), "{foreign}");

    let plain = said(&format!("kube:wss://{web}?insecure"));
    assert!(plain.contains("no TLS with"), "{plain}");
}

/// A server that answers each connection so, and ends it.
fn answering(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // Something is read, or the answer could be lost with the connection.
            drop(stream.read(&mut [0; 4096]));
            drop(stream.write_all(answer));
        }
    });
    address
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
            .current_dir(root().join("conformance/adapters/node-signal"))
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

/// Installs the packages of the server in Node once, though tests run side by side.
fn install() {
    let folder = root().join("conformance/adapters/node-signal");
    let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("node-signal.lock")).unwrap();
    lock.lock().unwrap();
    let written = |path: &str| folder.join(path).metadata().and_then(|metadata| metadata.modified()).ok();
    if written("node_modules/.package-lock.json") >= written("package-lock.json") {
        return;
    }
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(npm.status.success(), "npm ci: {}", String::from_utf8_lossy(&npm.stderr));
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
    install();
    let plain = failed("");
    insta::assert_debug_snapshot!("node_signal", plain);
    for vary in ["no-forward", "twice", "end-stream=100"] {
        let found: BTreeSet<String> = failed(vary).difference(&plain).cloned().collect();
        assert!(!found.is_empty(), "{vary} is not noticed");
        insta::assert_debug_snapshot!(format!("node_signal_{}", vary.split('=').next().unwrap()), found);
    }
}
