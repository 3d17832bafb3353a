//! `kube bench` against a server: small, to see that what it counts is right.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

use std::process::{Child, Command, Stdio};

use dxos_kube::{Daemon, Options};

fn bench(args: &[&str]) -> Child {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_kube"));
    bench
        .arg("bench")
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_arrives_and_every_peer_is_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let kube = Daemon::start(Options::local(directory.path().join("data"))).await.unwrap();
    let url = format!("ws://{}/.well-known/dx/signal", kube.address);
    let pid = std::process::id().to_string();
    let arguments = [
        "--url",
        &url,
        "--pid",
        &pid,
        "--peers",
        "7",
        "--swarm",
        "3",
        "--seconds",
        "1",
        "--rounds",
        "2",
        "--json",
    ];
    let run = bench(&arguments);
    let output = tokio::task::spawn_blocking(|| run.wait_with_output()).await.unwrap().unwrap();
    assert!(output.status.success());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rounds = report["servers"][0]["rounds"].as_array().unwrap();
    assert_eq!(rounds.len(), 2);
    for round in rounds {
        assert_eq!(round["told"], 3 * 2 + 4 * 3);
        assert_eq!(round["told"], round["told_expected"]);
        assert!(round["received"].as_u64().unwrap() > 0);
        for none in ["lost", "broken", "unexpected"] {
            assert_eq!(round[none], 0, "{none}");
        }
        assert!(round["joined_ms"].is_number() && round["cpu_us_per_message"].is_number());
    }
    kube.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_that_vanish_are_counted() {
    let directory = tempfile::tempdir().unwrap();
    let kube = Daemon::start(Options::local(directory.path().join("data"))).await.unwrap();
    let url = format!("ws://{}/.well-known/dx/signal", kube.address);
    let metrics = format!("http://{}/metrics", kube.address);
    let arguments = [
        "--url",
        &url,
        "--vanish",
        "--metrics",
        &metrics,
        "--peers",
        "6",
        "--swarm",
        "3",
        "--seconds",
        "3",
        "--json",
    ];
    let run = bench(&arguments);
    let output = tokio::task::spawn_blocking(|| run.wait_with_output()).await.unwrap().unwrap();
    assert!(output.status.success());
    let soak: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let counters = soak["counters"].as_array().unwrap();
    let count = |name: &str| counters.iter().find(|counter| counter[0] == name).unwrap()[1].as_u64().unwrap();
    assert!(count("sockets opened") >= 6);
    assert_eq!(count("sockets not opened"), 0);
    assert!(count("messages answered") > 0);
    assert_eq!(soak["grew"], serde_json::Value::Null, "it was too short to tell");
    assert!(!soak["metrics"].as_array().unwrap().is_empty());
    kube.stop().await;
}
