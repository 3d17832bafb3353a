//! Servers and their clients, and a server of which nothing is there but what it says.

use dxos_proto::dxos::mesh::signal::swarm_event::{self, PeerAvailable, PeerLeft};
use dxos_proto::dxos::mesh::signal::{HostEvent, Message, PeerEvent, SwarmEvent, host_event, peer_event};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::{Any, Timestamp};
use dxos_reference::keys::to_hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::super::steps::{Ask, ask, open, session};
use crate::class::Class;

/// Where the clock begins.
pub(super) const NOW: u64 = 1_700_000_000_000;

/// The features of the cases.
pub(super) const FEATURES: &[&str] = &["kube.federation"];

/// The foreign server's host id.
const FOREIGN: [u8; 16] = [0xf0; 16];

pub(super) fn host(number: u8) -> [u8; 16] {
    [0xa0 + number; 16]
}

pub(super) fn topic(number: u8) -> Vec<u8> {
    vec![number; 32]
}

/// A key of 65 bytes.
pub(super) fn peer(number: u8) -> Vec<u8> {
    [vec![4], vec![number; 64]].concat()
}

fn name(bytes: &[u8]) -> String {
    to_hex(Sha256::digest(bytes).get(..16).unwrap_or_default())
}

/// The subject of a topic, as the foreign server writes it.
pub(super) fn swarm_subject(topic: &[u8]) -> String {
    format!("dxos.signal.1.swarm.{}.{}", name(topic), to_hex(&FOREIGN))
}

pub(super) fn peer_subject(peer: &[u8]) -> String {
    format!("dxos.signal.1.peer.{}.{}", name(peer), to_hex(&FOREIGN))
}

/// That of an answer to server 0.
pub(super) fn answer_subject(round: u64) -> String {
    format!("dxos.signal.1.host.{}.{round:016x}.{}", to_hex(&host(0)), to_hex(&FOREIGN))
}

pub(super) fn alive_subject() -> String {
    format!("dxos.signal.1.alive.{}", to_hex(&FOREIGN))
}

fn timestamp(milliseconds: u64) -> Timestamp {
    Timestamp {
        seconds: i64::try_from(milliseconds / 1000).unwrap_or_default(),
        nanos: i32::try_from(milliseconds % 1000 * 1_000_000).unwrap_or_default(),
    }
}

fn peer_available(peer: &[u8], until: Option<u64>, back: Option<Vec<u8>>) -> PeerAvailable {
    PeerAvailable {
        peer: peer.to_vec(),
        since: Some(timestamp(NOW)),
        until: until.map(timestamp),
        announce_back_to_host: back,
    }
}

/// An announcement; `until` in milliseconds from the beginning.
pub(super) fn available(peer: &[u8], until: Option<u64>, back: Option<Vec<u8>>) -> Vec<u8> {
    let event = peer_available(peer, until.map(|until| NOW + until), back);
    SwarmEvent { event: Some(swarm_event::Event::PeerAvailable(event)) }.encode_to_vec()
}

pub(super) fn left(peer: &[u8]) -> Vec<u8> {
    let event = swarm_event::Event::PeerLeft(PeerLeft { peer: peer.to_vec() });
    SwarmEvent { event: Some(event) }.encode_to_vec()
}

pub(super) fn answer(topic: &[u8], peer: &[u8]) -> Vec<u8> {
    let peer_available = Some(peer_available(peer, Some(NOW + 60_000), None));
    let answer = host_event::AnnounceBack { swarm: topic.to_vec(), peer_available };
    HostEvent { event: Some(host_event::Event::AnnounceBack(answer)) }.encode_to_vec()
}

/// A message with a field that nobody knows.
pub(super) fn message(author: &[u8], recipient: &[u8], text: &str) -> Vec<u8> {
    let payload = Some(Any { type_url: "dxos.test".to_owned(), value: text.as_bytes().to_vec() });
    let message = Message { author: author.to_vec(), recipient: recipient.to_vec(), payload, metadata: None };
    [message.encode_to_vec(), vec![0x98, 0x06, 0x01]].concat()
}

pub(super) fn peer_event(message: &[u8]) -> Vec<u8> {
    let length = u8::try_from(message.len() & 0x7f).unwrap_or_default() | 0x80;
    let rest = u8::try_from(message.len() >> 7).unwrap_or_default();
    [&[0x0a, length, rest], message].concat()
}

/// The same without bytes that nobody knows.
pub(super) fn plain_peer_event(author: &[u8], recipient: &[u8]) -> Vec<u8> {
    let payload = Some(Any { type_url: "dxos.test".to_owned(), value: b"plain".to_vec() });
    let message = Message { author: author.to_vec(), recipient: recipient.to_vec(), payload, metadata: None };
    PeerEvent { event: Some(peer_event::Event::Message(message)) }.encode_to_vec()
}

/// Where answers are asked for.
pub(super) fn back(host: &[u8], round: u64) -> Vec<u8> {
    [host, &round.to_be_bytes()].concat()
}

/// The same for the foreign server.
pub(super) fn foreign_back(round: u64) -> Vec<u8> {
    back(&FOREIGN, round)
}

/// A case in the making.  Of each answer what clients are told is wanted, but where it says otherwise.
#[derive(Clone)]
pub(super) struct Play {
    asks: Vec<Ask>,
    whole: bool,
}

impl Play {
    /// So many servers.
    pub(super) fn new(servers: u8) -> Self {
        Self::with(servers, json!({}))
    }

    pub(super) fn with(servers: u8, more: Value) -> Self {
        let hosts: Vec<String> = (0..servers).map(|number| to_hex(&host(number))).collect();
        let mut input = json!({ "session": session(0), "hosts": hosts, "now": NOW });
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            input.extend(more);
        }
        Self { asks: vec![open(), ask("kube.federation.begin", input).only(&["told"])], whole: false }
    }

    /// From here on all that servers say is wanted too.
    pub(super) fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    pub(super) fn step(mut self, op: &str, mut input: Value) -> Self {
        if let Value::Object(input) = &mut input {
            input.insert("session".to_owned(), session(0));
        }
        let step = ask(&format!("kube.federation.{op}"), input);
        self.asks.push(if self.whole { step } else { step.only(&["told"]) });
        self
    }

    /// A client of its own for each stream.
    pub(super) fn join(self, server: u8, stream: &str, topic: &[u8], peer: &[u8]) -> Self {
        self.join_by(server, stream, stream, topic, peer)
    }

    pub(super) fn join_by(self, server: u8, client: &str, stream: &str, topic: &[u8], peer: &[u8]) -> Self {
        let input = json!({
            "server": server, "client": client, "stream": stream, "topic": to_hex(topic), "peer": to_hex(peer),
        });
        self.step("join", input)
    }

    pub(super) fn subscribe(self, server: u8, stream: &str, peer: &[u8]) -> Self {
        let input = json!({ "server": server, "client": stream, "stream": stream, "peer": to_hex(peer) });
        self.step("subscribe", input)
    }

    pub(super) fn send(self, client: &str, message: &[u8]) -> Self {
        self.step("send", json!({ "client": client, "message": to_hex(message) }))
    }

    pub(super) fn leave(self, stream: &str) -> Self {
        self.step("leave", json!({ "stream": stream }))
    }

    pub(super) fn lose(self, client: &str) -> Self {
        self.step("drop", json!({ "client": client }))
    }

    pub(super) fn advance(self, ms: u64) -> Self {
        self.step("advance", json!({ "ms": ms }))
    }

    /// One of `cut`, `mend`, `kill` and `stop`.
    pub(super) fn server(self, op: &str, server: u8) -> Self {
        self.step(op, json!({ "server": server }))
    }

    /// The foreign server says something.
    pub(super) fn publish(self, subject: &str, payload: &[u8]) -> Self {
        self.step("publish", json!({ "on": subject, "payload": to_hex(payload) }))
    }

    /// So much time with signs of life of the foreign server every 10 seconds.
    pub(super) fn alive_for(self, seconds: u64) -> Self {
        (0..seconds / 10).fold(self, |play, _| play.advance(10_000).publish(&alive_subject(), &[]))
    }

    /// The last request is refused.
    pub(super) fn rejected(mut self, class: Class) -> Self {
        let last = self.asks.pop();
        self.asks.extend(last.map(|last| last.rejected(class)));
        self
    }

    pub(super) fn asks(self) -> Vec<Ask> {
        self.asks
    }
}
