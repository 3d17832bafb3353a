//! Clients of a KUBE: what they send, and when they look at what has come.

use dxos_reference::keys::to_hex;
use serde_json::{Value, json};

use super::super::steps::{Ask, ask, open, session};
use super::super::topic::Topic;
use crate::class::Class;

/// The path of signalling.
pub(super) const SIGNAL: &str = "/.well-known/dx/signal";

/// What a subprotocol with a token begins with.
pub(super) const BEARER: &str = "base64url.bearer.authorization.dxos.org.";

/// The steps of a case; its topics and peer keys are its own.
#[derive(Clone)]
pub(super) struct Play {
    asks: Vec<Ask>,
}

/// A topic of a case, and as many peers as it needs.
pub(super) struct Keys {
    pub(super) topic: Vec<u8>,
    pub(super) other: Vec<u8>,
    pub(super) peers: Vec<Vec<u8>>,
}

impl Keys {
    pub(super) fn new(topic: &Topic, slug: &str, peers: usize) -> Self {
        let peer = |number: usize| {
            let half = |name: &str| topic.bytes(slug, &format!("peer {number} {name}"));
            [&[4], half("x").as_slice(), half("y").as_slice()].concat()
        };
        Self {
            topic: topic.bytes(slug, "topic").to_vec(),
            other: topic.bytes(slug, "other topic").to_vec(),
            peers: (0..peers).map(peer).collect(),
        }
    }

    #[allow(clippy::indexing_slicing)] // As many as the case has asked for.
    pub(super) fn peer(&self, number: usize) -> &[u8] {
        &self.peers[number]
    }
}

impl Play {
    /// A KUBE on which the keys are used.
    pub(super) fn new(keys: &Keys) -> Self {
        Self::with(keys, &[])
    }

    /// The same with further keys.
    pub(super) fn with(keys: &Keys, more: &[&[u8]]) -> Self {
        let own =
            [keys.topic.as_slice(), &keys.other].into_iter().chain(keys.peers.iter().map(Vec::as_slice));
        let all: Vec<String> = own.chain(more.iter().copied()).map(to_hex).collect();
        let begin = ask("kube.begin", json!({ "session": session(0), "keys": all })).only(&[]);
        Self { asks: vec![open(), begin] }
    }

    pub(super) fn asks(self) -> Vec<Ask> {
        self.asks
    }

    fn then(mut self, op: &str, members: Value) -> Self {
        self.asks.push(asked(op, members));
        self
    }

    fn quietly(mut self, op: &str, members: Value) -> Self {
        self.asks.push(asked(op, members).only(&[]));
        self
    }

    /// The last request is refused.
    pub(super) fn rejected(mut self, class: Class) -> Self {
        let last = self.asks.pop().map(|last| last.rejected(class));
        self.asks.extend(last);
        self
    }

    pub(super) fn open(self, socket: &str) -> Self {
        self.quietly("kube.open", json!({ "socket": socket, "path": SIGNAL }))
    }

    /// Opens a socket in a way that the case is about.
    pub(super) fn opening(self, members: Value) -> Self {
        self.then("kube.open", members)
    }

    pub(super) fn frame(self, socket: &str, frame: &[u8]) -> Self {
        self.blocks(socket, to_hex(frame).into())
    }

    pub(super) fn frames(self, socket: &str, frames: &[Vec<u8>]) -> Self {
        let frames: Vec<String> = frames.iter().map(|frame| to_hex(frame)).collect();
        self.quietly("kube.send", json!({ "socket": socket, "frames": frames }))
    }

    pub(super) fn blocks(self, socket: &str, frame: Value) -> Self {
        self.quietly("kube.send", json!({ "socket": socket, "frame": frame }))
    }

    pub(super) fn text(self, socket: &str, text: &str) -> Self {
        self.quietly("kube.send", json!({ "socket": socket, "text": text }))
    }

    pub(super) fn sending(self, members: Value) -> Self {
        self.quietly("kube.send", members)
    }

    /// Looks at what has come, once so many messages have.
    pub(super) fn hear(self, socket: &str, count: usize) -> Self {
        self.then("kube.receive", json!({ "socket": socket, "count": count }))
    }

    pub(super) fn close(self, socket: &str) -> Self {
        self.quietly("kube.close", json!({ "socket": socket, "how": "close" }))
    }

    pub(super) fn lose(self, socket: &str) -> Self {
        self.quietly("kube.close", json!({ "socket": socket, "how": "drop" }))
    }

    pub(super) fn configure(self, members: Value) -> Self {
        self.quietly("kube.configure", members)
    }

    pub(super) fn advance(self, ms: u64) -> Self {
        self.quietly("kube.advance", json!({ "ms": ms }))
    }

    pub(super) fn counters(self) -> Self {
        self.then("kube.counters", json!({}))
    }

    pub(super) fn http(self, method: &str, path: &str) -> Self {
        self.then("kube.http", json!({ "method": method, "path": path }))
    }

    /// Only these members of the last answer are wanted.
    pub(super) fn only(mut self, members: &'static [&'static str]) -> Self {
        let last = self.asks.pop().map(|last| last.only(members));
        self.asks.extend(last);
        self
    }

    /// A Join that is made ready; `known` others are there.
    pub(super) fn join(self, socket: &str, id: i32, topic: &[u8], peer: &[u8], known: usize) -> Self {
        self.frame(socket, &join(id, topic, peer)).hear(socket, 1 + known)
    }

    /// A ReceiveMessages that is made ready.
    pub(super) fn subscribe(self, socket: &str, id: i32, peer: &[u8]) -> Self {
        self.frame(socket, &subscribe(id, peer)).hear(socket, 1)
    }

    /// A SendMessage that is answered.
    pub(super) fn send(self, socket: &str, id: i32, author: &[u8], recipient: &[u8], value: &[u8]) -> Self {
        self.frame(socket, &send(id, &message(author, recipient, value))).hear(socket, 1)
    }
}

fn asked(op: &str, mut members: Value) -> Ask {
    if let Some(members) = members.as_object_mut() {
        members.insert("session".to_owned(), session(0));
    }
    ask(op, members)
}

fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A field of bytes.
pub(super) fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    varint(bytes.len() as u64, &mut out);
    out.extend_from_slice(bytes);
    out
}

/// A field of a number.
pub(super) fn number(number: u8, value: u64) -> Vec<u8> {
    let mut out = vec![number << 3];
    varint(value, &mut out);
    out
}

/// A request as a deployed client writes it.
pub(super) fn request(id: i32, method: &str, ty: &str, value: &[u8], stream: bool) -> Vec<u8> {
    let any = [field(1, format!(".{ty}").as_bytes()), field(2, value)].concat();
    let request =
        [number(1, id as u64), field(2, method.as_bytes()), field(3, &any), number(4, stream.into())];
    field(1, &request.concat())
}

pub(super) fn join(id: i32, topic: &[u8], peer: &[u8]) -> Vec<u8> {
    let value = [field(1, topic), field(2, peer)].concat();
    request(id, "dxos.mesh.signal.Signal.Join", "dxos.mesh.signal.JoinRequest", &value, true)
}

pub(super) fn subscribe(id: i32, peer: &[u8]) -> Vec<u8> {
    let ty = "dxos.mesh.signal.ReceptionRequest";
    request(id, "dxos.mesh.signal.Signal.ReceiveMessages", ty, &field(1, peer), true)
}

/// A message with a payload of a type that no server knows.
pub(super) fn message(author: &[u8], recipient: &[u8], value: &[u8]) -> Vec<u8> {
    let any = [field(1, b"dxos.test.Payload"), field(2, value)].concat();
    [field(1, author), field(2, recipient), field(3, &any)].concat()
}

pub(super) fn send(id: i32, message: &[u8]) -> Vec<u8> {
    request(id, "dxos.mesh.signal.Signal.SendMessage", "dxos.mesh.signal.Message", message, false)
}

pub(super) fn stream_close(id: i32) -> Vec<u8> {
    field(5, &number(1, id as u64))
}
