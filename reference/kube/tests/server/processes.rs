//! Programs that the server runs.

use std::time::Instant;

use crate::support::{Server, get, until};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

fn state(server: &Server, name: &str) -> String {
    let services = server.running.kube().services();
    let service = services.iter().find(|service| service.name == name);
    service.map(|service| dxos_kube::metrics::word(service.status()).to_owned()).unwrap_or_default()
}

/// The process id that the program has written as its last line.
async fn pid(server: &Server, name: &str, other_than: Option<i32>) -> i32 {
    until("the program says its id", async || {
        let lines = server.running.kube().known_tail(name)?.last(10);
        lines.iter().rev().find_map(|line| line.parse().ok()).filter(|pid| Some(*pid) != other_than)
    })
    .await
}

const TEXT: &str = "runtime: {kube: {env: [SHARED=yes]}}
kube:
  processes:
  - name: sleeper
    command: [sh, -c, 'echo $SHARED $OWN; echo $$; sleep 1000 & wait']
    env: [OWN=also]";

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_is_failed_and_then_started_again_within_a_second() {
    let server = Server::configured(TEXT).await;
    let first = pid(&server, "sleeper", None).await;
    until("it is started", async || (state(&server, "sleeper") == "STARTED").then_some(())).await;
    assert!(server.running.kube().known_tail("sleeper").unwrap().last(10).contains(&"yes also".to_owned()));

    kill(Pid::from_raw(first), Signal::SIGKILL).unwrap();
    let begun = Instant::now();
    until("it is failed", async || (state(&server, "sleeper") == "FAILED").then_some(())).await;
    until("it is started again", async || (state(&server, "sleeper") == "STARTED").then_some(())).await;
    let took = begun.elapsed();
    assert!(took.as_secs() < 1, "{took:?}");
    let second = pid(&server, "sleeper", Some(first)).await;
    let (_, metrics) = get(server.running.address, "/metrics").await;
    assert!(metrics.contains(r#"kube_process_state{process="sleeper",state="STARTED"} 1"#), "{metrics}");

    // The whole group ends with the server, the shell's own child included.
    server.running.stop().await;
    until("the group is gone", async || killpg(Pid::from_raw(second), None).is_err().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_there_is_failed_and_says_why() {
    let server = Server::configured("kube: {processes: [{name: none, command: [/does/not/exist]}]}").await;
    until("it is failed", async || (state(&server, "none") == "FAILED").then_some(())).await;
    let lines = server.running.kube().known_tail("none").unwrap().last(1);
    assert!(lines[0].starts_with("kube: cannot be started"), "{lines:?}");
    server.running.stop().await;
}
