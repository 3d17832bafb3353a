//! One peer of a swarm, and what the others say to it.

use dxos_reference::keys::to_hex;
use dxos_reference::mesh::swarm::{Body, SwarmMessage};
use serde_json::{Value, json};

use super::super::super::steps::{Ask, ask, session};
use super::super::id;

/// When most cases begin, in milliseconds: any time, and not zero.
pub(super) const START: u64 = 1_000_000;

/// A key of 65 bytes that tells whose it is.
pub(super) fn peer(byte: u8) -> Vec<u8> {
    [&[4], [byte; 64].as_slice()].concat()
}

/// The key of the testee.
pub(super) fn own() -> Vec<u8> {
    peer(0x80)
}

/// A peer of a lower key.
pub(super) fn lower() -> Vec<u8> {
    peer(0x10)
}

/// A peer of a higher key.
pub(super) fn higher() -> Vec<u8> {
    peer(0xf0)
}

/// The ids that the testee takes, in this order, for its sessions and messages.
pub(super) fn session_of(number: usize) -> [u8; 32] {
    id(&format!("session {number}"))
}

pub(super) fn message_of(number: usize) -> [u8; 32] {
    id(&format!("message {number}"))
}

/// The session and the message of an offer that the testee gets.
pub(super) fn theirs() -> [u8; 32] {
    id("their session")
}

/// A message in the swarm of most cases.
pub(super) fn say(session: [u8; 32], name: &str, body: Body) -> SwarmMessage {
    SwarmMessage { topic: id("topic"), session, id: id(name), body }
}

pub(super) fn offer(session: [u8; 32], name: &str) -> SwarmMessage {
    say(session, name, Body::Offer)
}

/// The answer to an offer of the testee, by its number.
pub(super) fn answer(number: usize, accept: bool) -> SwarmMessage {
    let offer = message_of(number);
    say(session_of(number), "an answer", Body::Answer { accept, offer })
}

/// How long the queues of ids are.
const IDS: usize = 24;

/// A case in the making: one request after the other.
#[derive(Clone)]
pub(super) struct Play {
    asks: Vec<Ask>,
}

impl Play {
    /// In a full topology.
    pub(super) fn new() -> Self {
        Self::with(&own(), json!({ "kind": "full" }), &[])
    }

    /// The messages of these numbers are not delivered.
    pub(super) fn losing(lost: &[usize]) -> Self {
        Self::with(&own(), json!({ "kind": "full" }), lost)
    }

    /// A peer of a key in a topology.
    pub(super) fn with(key: &[u8], topology: Value, lost: &[usize]) -> Self {
        let sessions: Vec<String> = (0..IDS).map(|number| to_hex(&session_of(number))).collect();
        let ids: Vec<String> = (0..IDS).map(|number| to_hex(&message_of(number))).collect();
        let lost: Vec<String> = lost.iter().map(|&number| to_hex(&message_of(number))).collect();
        let input = json!({
            "stack": "mesh.swarm", "topic": to_hex(&id("topic")), "peer": to_hex(key), "topology": topology,
            "sessions": sessions, "ids": ids, "lost": lost, "now": START,
        });
        Self { asks: vec![ask("wire.open", input)] }
    }

    /// A connection with the higher peer that the testee has offered, as its session and message 0.
    pub(super) fn connecting() -> Self {
        Self::new().available(&higher()).feed(&higher(), &answer(0, true))
    }

    /// The same with an open transport.
    pub(super) fn connected() -> Self {
        Self::connecting().transport(&higher(), "connected")
    }

    /// A request of the session.
    pub(super) fn step(mut self, op: &str, mut input: Value) -> Self {
        if let Some(members) = input.as_object_mut() {
            members.insert("session".to_owned(), session(0));
        }
        self.asks.push(ask(op, input));
        self
    }

    pub(super) fn available(self, peer: &[u8]) -> Self {
        self.step("mesh.swarm.available", json!({ "peer": to_hex(peer) }))
    }

    pub(super) fn left(self, peer: &[u8]) -> Self {
        self.step("mesh.swarm.left", json!({ "peer": to_hex(peer) }))
    }

    pub(super) fn leave(self) -> Self {
        self.step("mesh.swarm.leave", json!({}))
    }

    pub(super) fn feed(self, author: &[u8], message: &SwarmMessage) -> Self {
        self.bytes(author, &message.encode())
    }

    pub(super) fn bytes(self, author: &[u8], bytes: &[u8]) -> Self {
        self.step("wire.feed", json!({ "author": to_hex(author), "bytes": to_hex(bytes) }))
    }

    pub(super) fn transport(self, peer: &[u8], event: &str) -> Self {
        self.step("mesh.swarm.transport", json!({ "peer": to_hex(peer), "event": event }))
    }

    /// The transport of a peer has a signal.
    pub(super) fn signal(self, peer: &[u8], payload: Value) -> Self {
        let input = json!({ "peer": to_hex(peer), "event": "signal", "payload": payload });
        self.step("mesh.swarm.transport", input)
    }

    /// Time goes on to so many milliseconds after the start.
    pub(super) fn at(self, after: u64) -> Self {
        self.step("wire.tick", json!({ "now": START + after }))
    }

    pub(super) fn asks(self) -> Vec<Ask> {
        self.asks
    }
}
