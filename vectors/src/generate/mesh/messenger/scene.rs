//! A peer with its messages, and what others send to it.

use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::dxos::mesh::messaging::{Acknowledgement, ReliablePayload};
use dxos_proto::dxos::mesh::signal::Message;
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Any;
use dxos_reference::keys::to_hex;
use dxos_reference::mesh::messenger::{ACKNOWLEDGEMENT, RELIABLE_PAYLOAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::super::steps::{Ask, ask, session};

/// The type of payloads in most cases.
pub(super) const APP: &str = "example.testing.data.TestPayload";

/// A key of 65 bytes that tells whose it is.
pub(super) fn peer(byte: u8) -> Vec<u8> {
    [&[4], [byte; 64].as_slice()].concat()
}

/// The key of the testee.
pub(super) fn own() -> Vec<u8> {
    peer(0x55)
}

/// The key of the peer at the other end.
pub(super) fn other() -> Vec<u8> {
    peer(0x33)
}

/// The key of a third peer.
pub(super) fn third() -> Vec<u8> {
    peer(0x77)
}

/// The id of a name.
pub(in super::super) fn id(name: &str) -> [u8; 32] {
    Sha256::digest(name).into()
}

/// The first bytes of a value.
pub(in super::super) fn first(value: &[u8], length: usize) -> Vec<u8> {
    value.iter().take(length).copied().collect()
}

fn key(data: &[u8]) -> Option<PublicKey> {
    Some(PublicKey { data: data.to_vec() })
}

/// A message of signalling in hex.
pub(super) fn message(author: &[u8], recipient: &[u8], type_name: &str, value: Vec<u8>) -> String {
    let payload = Some(Any { type_url: type_name.to_owned(), value });
    let (author, recipient) = (author.to_vec(), recipient.to_vec());
    to_hex(&Message { author, recipient, payload, metadata: None }.encode_to_vec())
}

/// A payload that wants to be acknowledged.
pub(super) fn reliable(id: &[u8], type_name: &str, value: &[u8]) -> Vec<u8> {
    let payload = Some(Any { type_url: type_name.to_owned(), value: value.to_vec() });
    ReliablePayload { message_id: key(id), payload }.encode_to_vec()
}

/// A payload of the other peer for the testee.
pub(super) fn payload(name: &str, value: &[u8]) -> String {
    typed(name, APP, value)
}

/// The same of any type.
pub(super) fn typed(name: &str, type_name: &str, value: &[u8]) -> String {
    message(&other(), &own(), RELIABLE_PAYLOAD, reliable(&id(name), type_name, value))
}

/// The acknowledgement of an id.
pub(super) fn acknowledging(id: &[u8]) -> Vec<u8> {
    Acknowledgement { message_id: key(id) }.encode_to_vec()
}

/// An acknowledgement of the other peer for the testee.
pub(super) fn acknowledgement(name: &str) -> String {
    message(&other(), &own(), ACKNOWLEDGEMENT, acknowledging(&id(name)))
}

/// A case in the making: one request after the other.
#[derive(Clone)]
pub(super) struct Play {
    asks: Vec<Ask>,
}

impl Play {
    /// A messenger that takes its ids from these names.
    pub(super) fn new(names: &[&str]) -> Self {
        let ids: Vec<String> = names.iter().map(|name| to_hex(&id(name))).collect();
        let input = json!({ "stack": "mesh.messenger", "peer": to_hex(&own()), "ids": ids, "now": 0 });
        Self { asks: vec![ask("wire.open", input)] }
    }

    /// One that listens for the type of most cases.
    pub(super) fn listening() -> Self {
        Self::new(&[]).listen(APP)
    }

    /// A request of the session.
    pub(super) fn step(mut self, op: &str, mut input: Value) -> Self {
        if let Some(members) = input.as_object_mut() {
            members.insert("session".to_owned(), session(0));
        }
        self.asks.push(ask(op, input));
        self
    }

    pub(super) fn feed(self, bytes: impl Into<String>) -> Self {
        self.step("wire.feed", json!({ "bytes": bytes.into() }))
    }

    pub(super) fn tick(self, now: u64) -> Self {
        self.step("wire.tick", json!({ "now": now }))
    }

    pub(super) fn listen(self, type_name: &str) -> Self {
        self.step("mesh.messenger.listen", json!({ "type": type_name }))
    }

    pub(super) fn listen_to_all(self) -> Self {
        self.step("mesh.messenger.listen", json!({}))
    }

    /// The testee sends a payload to the other peer.
    pub(super) fn send(self, value: &[u8]) -> Self {
        let input = json!({ "recipient": to_hex(&other()), "type": APP, "value": to_hex(value) });
        self.step("mesh.messenger.send", input)
    }

    pub(super) fn asks(self) -> Vec<Ask> {
        self.asks
    }
}
