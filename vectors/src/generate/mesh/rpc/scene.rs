//! One end of a connection, and what is said to it.

use dxos_reference::keys::to_hex;
use dxos_reference::mesh::rpc::{Any, Content, Message, Request, RpcError};
use serde_json::{Value, json};

use super::super::super::steps::{Ask, ask, from, session};
use crate::class::Class;

/// What of an answer is wanted where nothing else is said.
const ALL: &[&str] = &["out", "events", "state"];
/// The same without what is sent, where that is free.
pub(super) const HEARD: &[&str] = &["events", "state"];

/// A case in the making: one request after the other.
#[derive(Clone)]
pub(super) struct Play {
    asks: Vec<Ask>,
}

impl Play {
    /// The testee has a connection with these settings.
    pub(super) fn begin(settings: Value) -> Self {
        let mut input = settings;
        if let Some(members) = input.as_object_mut() {
            members.insert("stack".to_owned(), "mesh.rpc".into());
            members.entry("now").or_insert(0.into());
        }
        Self { asks: vec![ask("wire.open", input).only(ALL)] }
    }

    /// A connection with the handshake that is not open yet.
    pub(super) fn opening() -> Self {
        Self::begin(json!({ "handshake": true }))
    }

    /// A connection with the handshake that is open.
    pub(super) fn open() -> Self {
        Self::opening().greeted()
    }

    /// The remote opens the connection.
    pub(super) fn greeted(self) -> Self {
        self.hears(&Message::Open).hears(&Message::OpenAck)
    }

    /// A connection without the handshake.
    pub(super) fn bare() -> Self {
        Self::begin(json!({ "handshake": false }))
    }

    pub(super) fn with_limits(limits: Value) -> Self {
        Self::begin(json!({ "handshake": false, "limits": limits }))
    }

    /// A message comes.
    pub(super) fn hears(self, message: &Message<'_>) -> Self {
        self.bytes(&to_hex(&message.encode()))
    }

    /// Any bytes come in one message.
    pub(super) fn bytes(self, bytes: &str) -> Self {
        self.step("wire.feed", json!({ "bytes": bytes }))
    }

    pub(super) fn tick(self, now: u64) -> Self {
        self.step("wire.tick", json!({ "now": now }))
    }

    /// A request comes.
    pub(super) fn asked(self, id: i32, stream: bool) -> Self {
        let method = if stream { "example.Shop.Watch" } else { "example.Shop.Buy" };
        self.hears(&request(id, method, stream))
    }

    /// The testee calls.
    pub(super) fn call(self, value: &str) -> Self {
        self.calls("example.Shop.Buy", value, false)
    }

    /// The testee begins a stream.
    pub(super) fn stream(self, value: &str) -> Self {
        self.calls("example.Shop.Watch", value, true)
    }

    fn calls(self, method: &str, value: &str, stream: bool) -> Self {
        let input = json!({ "method": method, "type": "example.Order", "value": value, "stream": stream });
        self.step("mesh.rpc.call", input)
    }

    /// A handler of the testee gives a result.
    pub(super) fn answer(self, id: i32, value: &str) -> Self {
        self.step("mesh.rpc.answer", json!({ "id": id, "type": "example.Bill", "value": value }))
    }

    /// A handler of the testee has no result to give.
    pub(super) fn done(self, id: i32) -> Self {
        self.step("mesh.rpc.answer", json!({ "id": id, "type": "google.protobuf.Empty", "value": "" }))
    }

    /// A handler of the testee fails.
    pub(super) fn fail(self, id: i32, error: Value) -> Self {
        self.step("mesh.rpc.answer", json!({ "id": id, "error": error }))
    }

    pub(super) fn ready(self, id: i32) -> Self {
        self.step("mesh.rpc.ready", json!({ "id": id }))
    }

    pub(super) fn item(self, id: i32, value: &str) -> Self {
        self.step("mesh.rpc.item", json!({ "id": id, "type": "example.Event", "value": value }))
    }

    pub(super) fn end(self, id: i32) -> Self {
        self.step("mesh.rpc.end", json!({ "id": id }))
    }

    pub(super) fn end_with(self, id: i32, error: Value) -> Self {
        self.step("mesh.rpc.end", json!({ "id": id, "error": error }))
    }

    pub(super) fn cancel(self, id: i32) -> Self {
        self.step("mesh.rpc.cancel", json!({ "id": id }))
    }

    pub(super) fn close(self) -> Self {
        self.step("mesh.rpc.close", json!({}))
    }

    pub(super) fn abort(self) -> Self {
        self.step("mesh.rpc.abort", json!({}))
    }

    fn step(mut self, op: &str, mut input: Value) -> Self {
        if let Some(members) = input.as_object_mut() {
            members.insert("session".to_owned(), session(0));
        }
        self.asks.push(ask(op, input).only(ALL));
        self
    }

    /// Of the answer to the last request only these members are wanted.
    pub(super) fn only(mut self, members: &'static [&'static str]) -> Self {
        if let Some(last) = self.asks.pop() {
            self.asks.push(last.only(members));
        }
        self
    }

    /// The last request is rejected.
    pub(super) fn rejected(mut self, class: Class) -> Self {
        if let Some(last) = self.asks.pop() {
            self.asks.push(last.rejected(class));
        }
        self
    }

    pub(super) fn asks(self) -> Vec<Ask> {
        self.asks
    }
}

/// A member of an earlier answer, read by the judge.
pub(super) fn read_by_judge(step: usize, member: &str) -> Ask {
    ask("mesh.rpc.decode", json!({ "bytes": from(step, member) })).judged()
}

/// An order of an apple.
const ORDER: Any<'_> = Any { type_url: b".example.Order", value: b"\x0a\x05apple" };

pub(super) const fn request(id: i32, method: &str, stream: bool) -> Message<'_> {
    Message::Request(Request { id, method, payload: ORDER, stream })
}

/// The result of a call, or an item.
pub(super) const fn result(id: i32, value: &[u8]) -> Message<'_> {
    response(id, Content::Payload(Any { type_url: b".example.Bill", value }))
}

pub(super) const fn response(id: i32, content: Content<'_>) -> Message<'_> {
    Message::Response { id, content }
}

pub(super) fn failure(id: i32, name: Option<&str>, message: Option<&str>) -> Message<'static> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    response(id, Content::Error(RpcError { name: text(name), message: text(message), context: None }))
}
