//! The clients of a case as real sockets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dxos_reference::kube::endpoint::Service;
use dxos_reference::operations::kube::{
    Frame, HttpRequest, HttpResponse, Lost, Network, Open, Opened, Received, Refused,
};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use tokio::runtime::Runtime;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::dial::{Connection, DialError, Dialler, FRAMES, PATIENCE};
use crate::http;
use crate::keys::Keys;

/// For the end of an orderly close.
const CLOSING: Duration = Duration::from_secs(1);

/// A client's socket.
#[derive(Default)]
struct Socket {
    /// Until it ends.
    stream: Option<WebSocketStream<Box<dyn Connection>>>,
    /// What has come and was not taken yet.
    received: Received,
}

/// The sockets of one session, and plain requests beside them.
pub(crate) struct Sockets {
    keys: Keys,
    sockets: BTreeMap<String, Socket>,
    dialler: Arc<Dialler>,
    /// How long it is watched whether something comes that should not.
    quiet: Duration,
    // The last, as the others are dropped in it.
    runtime: Arc<Runtime>,
}

impl Sockets {
    pub(crate) fn new(dialler: Arc<Dialler>, runtime: Arc<Runtime>) -> Self {
        let quiet = dialler.address().quiet;
        Self { keys: Keys::default(), sockets: BTreeMap::new(), dialler, quiet, runtime }
    }
}

/// Sees whether there is a KUBE.
pub(crate) async fn look(dialler: &Dialler) -> Result<(), DialError> {
    let at = dialler.address().authority();
    let path = Service::Signal.path();
    let request = Open { path: path.to_owned(), ..Open::default() };
    match upgrade(dialler, &request).await? {
        Upgrade::Open(..) => Ok(()),
        Upgrade::Refused(0) => Err(DialError::NotHttp(at)),
        Upgrade::Refused(status) => Err(DialError::NotAKube(at, status, path)),
    }
}

enum Upgrade {
    Open(Box<WebSocketStream<Box<dyn Connection>>>, Option<String>),
    /// The status, 0 if there was no answer that one could read.
    Refused(u16),
}

/// Asks for a WebSocket.  By hand, as a library would hide what a server answers that it should not.
async fn upgrade(dialler: &Dialler, request: &Open) -> Result<Upgrade, DialError> {
    let mut connection = dialler.connect().await?;
    let key = generate_key();
    let mut headers = vec![
        header("Host", &dialler.address().authority()),
        header("Connection", "Upgrade"),
        header("Upgrade", "websocket"),
        header("Sec-WebSocket-Version", "13"),
        header("Sec-WebSocket-Key", &key),
    ];
    if !request.protocols.is_empty() {
        headers.push(header("Sec-WebSocket-Protocol", &request.protocols.join(", ")));
    }
    if let Some(authorization) = &request.authorization {
        headers.push(header("Authorization", authorization));
    }
    let asked = timeout(PATIENCE, http::ask(&mut *connection, "GET", &request.path, &headers)).await;
    let Ok(Ok((head, rest))) = asked else { return Ok(Upgrade::Refused(0)) };
    if head.status != 101 {
        return Ok(Upgrade::Refused(head.status));
    }
    if head.get("sec-websocket-accept") != Some(&derive_accept_key(key.as_bytes())) {
        return Ok(Upgrade::Refused(0));
    }
    let protocol = head.get("sec-websocket-protocol").map(str::to_owned);
    let stream = WebSocketStream::from_partially_read(connection, rest, Role::Client, None).await;
    Ok(Upgrade::Open(Box::new(stream), protocol))
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

impl Socket {
    /// Takes in one message; whether there can be more.
    fn take(
        &mut self,
        message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
        keys: &Keys,
    ) -> bool {
        match message {
            Some(Ok(Message::Binary(bytes))) => self.received.frames.push(keys.back(&bytes)),
            Some(Ok(Message::Text(text))) => self.received.texts.push(text.as_str().to_owned()),
            // The library answers a ping.  After a close there comes the end.
            Some(Ok(_)) => {}
            Some(Err(_)) | None => self.stream = None,
        }
        self.stream.is_some()
    }

    /// Takes in what is there.
    fn drain(&mut self, keys: &Keys) {
        while let Some(message) = self.stream.as_mut().and_then(|stream| stream.next().now_or_never()) {
            if !self.take(message, keys) {
                return;
            }
        }
    }

    /// Takes in what comes until `deadline`, or until there are so many binary frames.
    async fn wait(&mut self, enough: Option<usize>, deadline: Instant, keys: &Keys) {
        while enough.is_none_or(|enough| self.received.frames.len() < enough) {
            let Some(stream) = &mut self.stream else { return };
            let Ok(message) = timeout_at(deadline, stream.next()).await else { return };
            self.take(message, keys);
        }
    }
}

impl Network for Sockets {
    fn begin(&mut self, keys: &[Vec<u8>]) {
        self.keys = Keys::draw(keys);
    }

    fn operator(&mut self, seed: &[u8]) -> Vec<u8> {
        self.dialler.address().operator.clone().unwrap_or_else(|| seed.to_vec())
    }

    fn open(&mut self, socket: &str, request: &Open) -> Result<Opened, Refused> {
        let opened = self.runtime.block_on(upgrade(&self.dialler, request));
        match opened {
            Ok(Upgrade::Open(stream, protocol)) => {
                let open = Socket { stream: Some(*stream), received: Received::default() };
                self.sockets.insert(socket.to_owned(), open);
                Ok(Opened { protocol })
            }
            Ok(Upgrade::Refused(status)) => Err(Refused { status }),
            Err(_) => Err(Refused { status: 0 }),
        }
    }

    fn send(&mut self, socket: &str, frame: Frame) -> Result<(), Lost> {
        let Self { keys, runtime, sockets, .. } = self;
        let socket = sockets.get_mut(socket).ok_or(Lost)?;
        let message = match frame {
            Frame::Binary(bytes) => Message::Binary(keys.out(&bytes).into()),
            Frame::Text(text) => Message::Text(text.into()),
        };
        runtime.block_on(async {
            // That the server has closed shows only when one reads.
            socket.drain(keys);
            let stream = socket.stream.as_mut().ok_or(Lost)?;
            match timeout(FRAMES, stream.send(message)).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) | Err(_) => {
                    socket.stream = None;
                    Err(Lost)
                }
            }
        })
    }

    fn receive(&mut self, socket: &str, count: usize) -> Result<Received, Lost> {
        let Self { keys, runtime, sockets, quiet, .. } = self;
        let socket = sockets.get_mut(socket).ok_or(Lost)?;
        runtime.block_on(async {
            socket.wait(Some(count), Instant::now() + FRAMES, keys).await;
            socket.wait(None, Instant::now() + *quiet, keys).await;
        });
        let open = socket.stream.is_some();
        Ok(Received { open, ..std::mem::take(&mut socket.received) })
    }

    fn close(&mut self, socket: &str, abrupt: bool) {
        let Self { keys, runtime, sockets, .. } = self;
        let Some(socket) = sockets.get_mut(socket) else { return };
        if !abrupt {
            runtime.block_on(async {
                if let Some(stream) = &mut socket.stream {
                    // One that is gone already is closed, too.
                    drop(timeout(CLOSING, stream.close(None)).await);
                }
                socket.wait(None, Instant::now() + CLOSING, keys).await;
            });
        }
        socket.stream = None;
    }

    fn http(&mut self, request: &HttpRequest) -> HttpResponse {
        let dialler = &self.dialler;
        let asked = async {
            let mut connection = dialler.connect().await.ok()?;
            let mut headers =
                vec![header("Host", &dialler.address().authority()), header("Connection", "close")];
            headers.extend(request.headers.iter().cloned());
            let (head, rest) =
                http::ask(&mut *connection, &request.method, &request.path, &headers).await.ok()?;
            let body = http::body(&mut *connection, &request.method, &head, rest).await.ok()?;
            Some(HttpResponse { status: head.status, headers: head.headers, body })
        };
        let answer = self.runtime.block_on(async { timeout(PATIENCE, asked).await });
        answer.ok().flatten().unwrap_or_default()
    }
}
