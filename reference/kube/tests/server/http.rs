//! What is at which path.

use std::time::{Duration, Instant};

use crate::support::{Server, get};

#[tokio::test]
async fn it_serves_within_a_second_of_its_start() {
    let begun = Instant::now();
    let server = Server::start().await;
    assert_eq!(get(server.running.address, "/healthz").await, (200, "ok\n".to_owned()));
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn paths_answer() {
    let server = Server::configured("runtime: {kube: {host: kube.example}}").await;
    let at = server.running.address;
    assert_eq!(get(at, "/readyz").await.0, 200);
    assert_eq!(get(at, "/nothing").await.0, 404);
    assert_eq!(get(at, "/.well-known/dx/signal").await.0, 426);
    assert_eq!(get(at, "/.well-known/dx/supervisor").await.0, 426);
    server.running.stop().await;
}

#[tokio::test]
async fn applications_find_the_server_and_no_secrets() {
    let text = "runtime:
  kube: {host: kube.example, p2p: {privatekey: hush}}
  keys: [{name: a, value: hush}]
  services: {dxns: {server: x, accountUri: hush}, ice: [{urls: 'stun:x'}]}";
    let server = Server::configured(text).await;
    let (status, body) = get(server.running.address, "/.well-known/dx/config").await;
    assert_eq!(status, 200);
    let port = server.running.address.port().to_string();
    insta::assert_snapshot!(body.replace(&port, "PORT"), @r#"{"runtime":{"services":{"dxns":{"server":"x"},"signaling":[{"server":"ws://kube.example:PORT/.well-known/dx/signal"}],"ice":[{"urls":"stun:x"}],"supervisor":{"server":"ws://kube.example:PORT/.well-known/dx/supervisor"}}}}"#);
    assert!(!body.contains("hush"));
}

#[tokio::test]
async fn metrics_are_openmetrics() {
    let server = Server::configured("kube: {processes: [{name: sleeper, command: [sleep, 1000]}]}").await;
    let mut client = server.client().await;
    client.join(b"topic", b"peer").await;
    let (status, body) = get(server.running.address, "/metrics").await;
    assert_eq!(status, 200);
    let mut names = Vec::new();
    let mut ended = false;
    for line in body.lines() {
        assert!(!ended, "after the end: {line}");
        match line.split_once(' ') {
            Some(("#", rest)) => {
                if let Some(rest) = rest.strip_prefix("TYPE ") {
                    names.push(rest.to_owned());
                }
                ended = rest == "EOF";
            }
            Some((sample, value)) => {
                let value = value.split(' ').next().unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
                let name = sample.split('{').next().unwrap();
                let known = names.iter().any(|known| name.starts_with(known.split(' ').next().unwrap()));
                assert!(known, "{line}");
            }
            None => panic!("{line}"),
        }
    }
    assert!(ended);
    assert!(body.contains("\nkube_signal_joins 1\n"), "{body}");
    insta::assert_snapshot!(names.join("\n"), @r#"
    kube_signal_handling_seconds histogram
    kube_signal_sockets gauge
    kube_signal_swarms gauge
    kube_signal_members gauge
    kube_signal_joins gauge
    kube_signal_subscriptions gauge
    kube_uptime_seconds gauge
    kube_signal_joined counter
    kube_signal_left counter
    kube_signal_subscribed counter
    kube_signal_messages counter
    kube_signal_message_bytes counter
    kube_signal_delivered counter
    kube_signal_undelivered counter
    kube_websocket_received_bytes counter
    kube_websocket_sent_bytes counter
    kube_websocket_writes counter
    kube_connections counter
    kube_auth_failures counter
    kube_signal_refused counter
    kube_dropped counter
    kube_process_state gauge
    "#);
    server.running.stop().await;
}
