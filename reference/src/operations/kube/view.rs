//! RPC messages of a server as JSON.

use std::collections::BTreeMap;

use dxos_proto::dxos::mesh::signal::swarm_event::Event;
use dxos_proto::dxos::mesh::signal::{Message, SwarmEvent};
use dxos_proto::dxos::rpc::{RpcMessage, response, rpc_message};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::value::Kind;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::input::members;
use crate::keys::{from_hex, to_hex};

/// The error names that mean something; any other is shown as `Error`.
const CODES: [&str; 22] = [
    "RPC_CLOSED",
    "RPC_NOT_OPEN",
    "CANCELLED",
    "INVALID_CONFIG",
    "REMOTE_SERVICE_CONNECTION_ERROR",
    "REMOTE_SERVICE_CONNECTION_TIMEOUT",
    "DATA_CORRUPTION",
    "INVALID_INVITATION_EXTENSION_ROLE",
    "IDENTITY_NOT_INITIALIZED",
    "INVALID_INVITATION",
    "ALREADY_JOINED",
    "CONNECTION_RESET",
    "TIMEOUT",
    "PROTOCOL_ERROR",
    "CONNECTIVITY_ERROR",
    "RATE_LIMIT_EXCEEDED",
    "UNKNOWN_PROTOCOL_ERROR",
    "INVALID_STORAGE_VERSION",
    "SPACE_NOT_FOUND",
    "ITEM_NOT_FOUND",
    "UNKNOWN_MODEL",
    "AUTHORIZATION_ERROR",
];

/// The calls that a client has made on a socket: what an answer is depends on them, as its type name is not looked
/// at.
#[derive(Clone, Debug, Default)]
pub struct Calls(BTreeMap<i32, String>);

impl Calls {
    /// Takes note of a frame that is sent.
    pub fn note(&mut self, frame: &[u8]) {
        if let Ok(RpcMessage { content: Some(rpc_message::Content::Request(request)) }) =
            RpcMessage::decode(frame)
        {
            self.0.insert(request.id, request.method);
        }
    }
}

/// The challenge that an error carries.
pub(super) fn challenge(frame: &[u8]) -> Option<[u8; 32]> {
    let Ok(RpcMessage { content: Some(rpc_message::Content::Response(answer)) }) = RpcMessage::decode(frame)
    else {
        return None;
    };
    let Some(response::Content::Error(error)) = answer.content else { return None };
    let context = error.context?;
    let Some(Kind::StringValue(hex)) = &context.fields.get("challenge")?.kind else { return None };
    from_hex(hex).ok()?.try_into().ok()
}

/// The frames, each as an object: in their order for each call, the calls by their ids; peers of which a call hears
/// one after the other by their keys.
pub fn messages(frames: &[Vec<u8>], calls: &Calls) -> Vec<Value> {
    let mut shown: Vec<(i32, Value)> = frames.iter().map(|frame| message(frame, calls)).collect();
    shown.sort_by_key(|(id, _)| *id);
    let available = |(_, shown): &(i32, Value)| shown.get("available").is_some();
    for run in shown.chunk_by_mut(|a, b| a.0 == b.0 && available(a) && available(b)) {
        run.sort_by_cached_key(|(_, shown)| shown.get("peer").map(Value::to_string));
    }
    shown.into_iter().map(|(_, shown)| shown).collect()
}

fn message(frame: &[u8], calls: &Calls) -> (i32, Value) {
    use rpc_message::Content;
    match RpcMessage::decode(frame).map(|message| message.content) {
        Err(_) => (-1, json!({ "undecodable": bytes(frame) })),
        Ok(None) => (-1, json!({ "empty": true })),
        Ok(Some(Content::Open(_))) => (-1, json!({ "open": true })),
        Ok(Some(Content::OpenAck(_))) => (-1, json!({ "open_ack": true })),
        Ok(Some(Content::Bye(_))) => (-1, json!({ "bye": true })),
        Ok(Some(Content::StreamClose(close))) => (close.id, json!({ "stream_close": close.id })),
        Ok(Some(Content::Request(request))) => {
            (request.id, json!({ "request": request.id, "method": request.method }))
        }
        Ok(Some(Content::Response(answer))) => (answer.id, response(answer.id, answer.content, calls)),
    }
}

fn response(id: i32, content: Option<response::Content>, calls: &Calls) -> Value {
    use response::Content;
    match content {
        None => json!({ "nothing": id }),
        Some(Content::StreamReady(_)) => json!({ "ready": id }),
        Some(Content::Close(_)) => json!({ "close": id }),
        Some(Content::Error(error)) => {
            let name = error.name.unwrap_or_default();
            let mut shown = members(json!({
                "error": id,
                "code": CODES.iter().find(|code| **code == name).unwrap_or(&"Error"),
            }));
            shown.extend(error.stack.map(|_| ("stack".to_owned(), true.into())));
            let context = error.context.map(|context| context.fields.into_keys().collect());
            shown.extend(context.map(|names| ("context".to_owned(), names)));
            shown.into()
        }
        Some(Content::Payload(payload)) => match calls.0.get(&id).map(String::as_str) {
            Some("dxos.mesh.signal.Signal.Join") => event(id, &payload.value),
            Some("dxos.mesh.signal.Signal.ReceiveMessages") => delivered(id, &payload.value),
            _ => json!({ "answer": id, "value": bytes(&payload.value) }),
        },
    }
}

fn event(id: i32, value: &[u8]) -> Value {
    match SwarmEvent::decode(value).map(|event| event.event) {
        Ok(Some(Event::PeerAvailable(available))) => {
            let mut shown = members(json!({
                "available": id,
                "peer": to_hex(&available.peer),
                "since": available.since.is_some(),
            }));
            shown.extend(available.until.map(|_| ("until".to_owned(), true.into())));
            shown.into()
        }
        Ok(Some(Event::PeerLeft(left))) => json!({ "left": id, "peer": to_hex(&left.peer) }),
        Ok(None) => json!({ "event": id, "empty": true }),
        Err(_) => json!({ "event": id, "undecodable": bytes(value) }),
    }
}

fn delivered(id: i32, value: &[u8]) -> Value {
    match Message::decode(value) {
        Ok(message) => {
            let payload = message.payload.unwrap_or_default();
            json!({
                "message": id,
                "author": to_hex(&message.author),
                "recipient": to_hex(&message.recipient),
                "type": payload.type_url,
                "value": bytes(&payload.value),
                "encoded": bytes(value),
            })
        }
        Err(_) => json!({ "message": id, "undecodable": bytes(value) }),
    }
}

/// Hex, or of many bytes their number and SHA-256.
fn bytes(bytes: &[u8]) -> Value {
    if bytes.len() <= 1024 {
        to_hex(bytes).into()
    } else {
        json!({ "length": bytes.len(), "sha256": to_hex(&Sha256::digest(bytes)) })
    }
}
