//! Three servers on one NATS: clients of different ones meet, and the peers of one that dies leave elsewhere.
//!
//! `nats-server` is a package of Debian.  Where it is not there, nothing is run, loudly; with `CI` set that fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dxos_proto::dxos::mesh::signal::{JoinRequest, Message, ReceptionRequest, SwarmEvent, swarm_event};
use dxos_proto::dxos::rpc::{Request, RpcMessage, response, rpc_message};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Any;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite};

/// More than a dead server's peers take to leave.
const PATIENCE: Duration = Duration::from_secs(30);

/// A NATS server.
struct Nats {
    process: Child,
    url: String,
}

impl Nats {
    /// On a port of the system's choice.
    fn start(directory: &Path) -> Option<Self> {
        Self::start_at(directory, "-1")
    }

    /// None, said loudly, where there is no such program.
    fn start_at(directory: &Path, port: &str) -> Option<Self> {
        let started = Command::new("nats-server")
            .args(["--addr", "127.0.0.1", "--port", port, "--ports_file_dir"])
            .arg(directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = match started {
            Ok(process) => process,
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "nats-server cannot be started: {error}");
                eprintln!("NOT RUN: signalling across servers, as nats-server cannot be started: {error}");
                return None;
            }
        };
        let file = directory.join(format!("nats-server_{}.ports", process.id()));
        let begun = Instant::now();
        loop {
            let ports = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
            let ports: serde_json::Value = ports.unwrap_or_default();
            if let Some(url) = ports["nats"][0].as_str() {
                return Some(Self { process, url: url.to_owned() });
            }
            assert!(begun.elapsed() < PATIENCE, "nats-server does not say where it listens");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Nats {
    fn port(&self) -> String {
        self.url.rsplit_once(':').unwrap().1.to_owned()
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The binary `kube`, on a port of the system's choice.
struct Kube {
    process: Child,
    address: String,
}

impl Kube {
    fn start(directory: &Path, nats: &Nats) -> Self {
        std::fs::create_dir_all(directory).unwrap();
        let config = directory.join("federated.yml");
        std::fs::write(&config, format!("kube:\n  federation:\n    nats: {}\n", nats.url)).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_kube"))
            .args(["daemon", "--listen", "127.0.0.1:0", "--config"])
            .arg(config)
            .arg("--data-dir")
            .arg(directory.join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, address) = line.trim().rsplit_once("//").expect(&line);
        Self { process, address: address.trim_end_matches('/').to_owned() }
    }

    /// As `kill -9` does.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Kube {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client in one swarm.
struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    key: Vec<u8>,
    calls: i32,
}

const JOIN: i32 = 0;
const INBOX: i32 = 1;

#[derive(Debug, PartialEq)]
enum Heard {
    Available(Vec<u8>),
    Left(Vec<u8>),
    Message(Vec<u8>),
}

impl Client {
    async fn join(kube: &Kube, topic: &[u8], number: u8) -> Self {
        let url = format!("ws://{}/.well-known/dx/signal", kube.address);
        let (socket, _) = connect_async(url).await.unwrap();
        let key = vec![number; 65];
        let mut client = Self { socket, key: key.clone(), calls: 2 };
        let join = JoinRequest { swarm: topic.to_vec(), peer: key.clone(), metadata: None };
        client.call(JOIN, "Join", join.encode_to_vec(), true).await;
        client.call(INBOX, "ReceiveMessages", ReceptionRequest { peer: key }.encode_to_vec(), true).await;
        client
    }

    async fn call(&mut self, id: i32, method: &str, value: Vec<u8>, stream: bool) {
        let request = Request {
            id,
            method: format!("dxos.mesh.signal.Signal.{method}"),
            payload: Some(Any { type_url: String::new(), value }),
            stream,
        };
        let frame = RpcMessage { content: Some(rpc_message::Content::Request(request)) }.encode_to_vec();
        self.socket.send(tungstenite::Message::binary(frame)).await.unwrap();
    }

    async fn send(&mut self, recipient: u8, text: &str) -> Vec<u8> {
        let message = Message {
            author: self.key.clone(),
            recipient: vec![recipient; 65],
            payload: Some(Any { type_url: "dxos.test".to_owned(), value: text.as_bytes().to_vec() }),
            metadata: None,
        };
        self.calls += 1;
        self.call(self.calls, "SendMessage", message.encode_to_vec(), false).await;
        message.encode_to_vec()
    }

    async fn next(&mut self) -> Heard {
        let next = async {
            loop {
                let tungstenite::Message::Binary(frame) = self.socket.next().await.unwrap().unwrap() else {
                    continue;
                };
                let Some(rpc_message::Content::Response(response)) =
                    RpcMessage::decode(frame.as_ref()).unwrap().content
                else {
                    continue;
                };
                let Some(response::Content::Payload(payload)) = response.content else { continue };
                match response.id {
                    INBOX => return Heard::Message(payload.value),
                    JOIN => match SwarmEvent::decode(payload.value.as_slice()).unwrap().event.unwrap() {
                        swarm_event::Event::PeerAvailable(event) => return Heard::Available(event.peer),
                        swarm_event::Event::PeerLeft(event) => return Heard::Left(event.peer),
                    },
                    _ => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("nothing was heard")
    }

    /// The next two, in any order.
    async fn both(&mut self, one: Heard, other: Heard) {
        let (first, second) = (self.next().await, self.next().await);
        let fits = (first == one && second == other) || (first == other && second == one);
        assert!(fits, "{first:?}, {second:?} instead of {one:?}, {other:?}");
    }
}

fn available(number: u8) -> Heard {
    Heard::Available(vec![number; 65])
}

fn left(number: u8) -> Heard {
    Heard::Left(vec![number; 65])
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_three_servers_meet_and_those_of_a_dead_one_leave() {
    let directory = tempfile::tempdir().unwrap();
    let Some(nats) = Nats::start(directory.path()) else { return };
    let mut kubes = ["one", "two", "three"].map(|name| Kube::start(&directory.path().join(name), &nats));
    let topic = [7; 32];
    let mut first = Client::join(&kubes[0], &topic, 1).await;
    let mut second = Client::join(&kubes[1], &topic, 2).await;
    assert_eq!(first.next().await, available(2));
    assert_eq!(second.next().await, available(1));
    let mut third = Client::join(&kubes[2], &topic, 3).await;
    assert_eq!(first.next().await, available(3));
    assert_eq!(second.next().await, available(3));
    third.both(available(1), available(2)).await;

    let sent = first.send(3, "from one to three").await;
    assert_eq!(third.next().await, Heard::Message(sent));
    let sent = third.send(2, "from three to two").await;
    assert_eq!(second.next().await, Heard::Message(sent));

    // No word, and no end of the connection that anybody else could see.
    kubes[1].kill();
    assert_eq!(first.next().await, left(2));
    assert_eq!(third.next().await, left(2));
    let sent = first.send(3, "still here").await;
    assert_eq!(third.next().await, Heard::Message(sent));

    // Its client comes to another server.
    let mut second = Client::join(&kubes[2], &topic, 2).await;
    second.both(available(1), available(3)).await;
    assert_eq!(first.next().await, available(2));
    assert_eq!(third.next().await, available(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_go_on_without_the_bus_and_meet_when_it_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let Some(nats) = Nats::start(directory.path()) else { return };
    let kubes = ["one", "two"].map(|name| Kube::start(&directory.path().join(name), &nats));
    let topic = [8; 32];
    let mut first = Client::join(&kubes[0], &topic, 1).await;
    let mut second = Client::join(&kubes[1], &topic, 2).await;
    assert_eq!(first.next().await, available(2));
    assert_eq!(second.next().await, available(1));
    let port = nats.port();
    drop(nats);
    let mut third = Client::join(&kubes[1], &topic, 3).await;
    assert_eq!(second.next().await, available(3));
    third.both(available(1), available(2)).await;

    let _nats = Nats::start_at(directory.path(), &port).expect("it was there before");
    assert_eq!(first.next().await, available(3));
    let sent = second.send(3, "within a server").await;
    assert_eq!(third.next().await, Heard::Message(sent));
}
