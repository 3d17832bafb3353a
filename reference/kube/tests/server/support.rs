//! A server for one test, and clients that speak to it as deployed ones do.
#![allow(dead_code, reason = "each test uses a part")]

use std::time::Duration;

use dxos_kube::config::Configuration;
use dxos_kube::{Daemon, Options, Running};
use dxos_proto::dxos::mesh::signal::{JoinRequest, Message, ReceptionRequest};
use dxos_proto::dxos::rpc::{Request, Response, RpcMessage, rpc_message};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Any;
use futures_util::{SinkExt, StreamExt};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// What a test waits for at most.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server on a free port, with its files in a folder of its own.
pub(crate) struct Server {
    pub(crate) directory: TempDir,
    pub(crate) running: Running,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::configured("").await
    }

    /// With the text of a configuration file.
    pub(crate) async fn configured(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = Options {
            configuration: Configuration::parse(text, "kube.yml").unwrap(),
            ..Options::local(directory.path())
        };
        let running = Daemon::start(options).await.unwrap();
        Self { directory, running }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.running.address)
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.url("/.well-known/dx/signal")).await
    }
}

/// One WebSocket that speaks dxRPC.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: i32,
}

impl Client {
    pub(crate) async fn connect(url: &str) -> Self {
        Self::over(tokio_tungstenite::connect_async(url).await.unwrap().0)
    }

    pub(crate) const fn over(socket: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self { socket, next: 0 }
    }

    pub(crate) async fn request(&mut self, method: &str, value: Vec<u8>, stream: bool) -> i32 {
        let id = self.next;
        self.next += 1;
        let payload = Some(Any { type_url: String::new(), value });
        let request = Request { id, method: method.to_owned(), payload, stream };
        let message = RpcMessage { content: Some(rpc_message::Content::Request(request)) };
        self.socket.send(Frame::binary(message.encode_to_vec())).await.unwrap();
        id
    }

    /// Joins a swarm, and waits until the stream is ready.
    pub(crate) async fn join(&mut self, topic: &[u8], peer: &[u8]) -> i32 {
        let request = JoinRequest { swarm: topic.to_vec(), peer: peer.to_vec(), metadata: None };
        let id = self.request("dxos.mesh.signal.Signal.Join", request.encode_to_vec(), true).await;
        assert!(matches!(self.response().await.unwrap().content, Some(Content::StreamReady(true))));
        id
    }

    /// Takes the messages to a peer, and waits until the stream is ready.
    pub(crate) async fn subscribe(&mut self, peer: &[u8]) -> i32 {
        let request = ReceptionRequest { peer: peer.to_vec() };
        let id = self.request("dxos.mesh.signal.Signal.ReceiveMessages", request.encode_to_vec(), true).await;
        assert!(matches!(self.response().await.unwrap().content, Some(Content::StreamReady(true))));
        id
    }

    /// Sends without waiting for the answer.
    pub(crate) async fn send(&mut self, message: &Message) -> i32 {
        self.request("dxos.mesh.signal.Signal.SendMessage", message.encode_to_vec(), false).await
    }

    /// The next response, or `None` when the server has closed the connection.
    pub(crate) async fn response(&mut self) -> Option<Response> {
        loop {
            let frame = timeout(PATIENCE, self.socket.next()).await.expect("an answer in time");
            match frame {
                Some(Ok(Frame::Binary(bytes))) => match RpcMessage::decode(bytes.as_ref()).unwrap().content {
                    Some(rpc_message::Content::Response(response)) => return Some(response),
                    other => panic!("not a response: {other:?}"),
                },
                Some(Ok(Frame::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The value of the next response's payload.
    pub(crate) async fn value<M: dxos_proto::prost::Message + Default>(&mut self) -> M {
        match self.response().await.and_then(|response| response.content) {
            Some(Content::Payload(any)) => M::decode(any.value.as_slice()).unwrap(),
            other => panic!("no payload: {other:?}"),
        }
    }
}

pub(crate) use dxos_proto::dxos::rpc::response::Content;

/// A message with this payload.
pub(crate) fn message(author: &[u8], recipient: &[u8], value: &[u8]) -> Message {
    Message {
        author: author.to_vec(),
        recipient: recipient.to_vec(),
        payload: Some(Any { type_url: "example.Text".to_owned(), value: value.to_vec() }),
        metadata: None,
    }
}

/// A plain GET: status, and body.
pub(crate) async fn get(address: std::net::SocketAddr, path: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: kube\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut text)).await.unwrap().unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Asks again until something is so.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("in time: {what}"))
}
