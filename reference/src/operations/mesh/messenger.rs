//! One peer with its messages.

use std::collections::VecDeque;

use dxos_proto::dxos::mesh::messaging::{Acknowledgement, ReliablePayload};
use dxos_proto::dxos::mesh::signal::Message;
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Any;
use serde_json::{Value, json};

use super::super::input::{Input, members, wrong};
use super::super::{Answer, Failure};
use crate::keys::to_hex;
use crate::mesh::messenger::{ACKNOWLEDGEMENT, MessageId, Messenger, Output, RELIABLE_PAYLOAD};

/// What a session holds.
#[derive(Debug)]
pub(in super::super) struct Scene {
    messenger: Messenger,
    ids: VecDeque<MessageId>,
    now: u64,
}

/// Begins a session.
pub(super) fn open(input: &Input<'_>) -> Result<(Box<Scene>, serde_json::Map<String, Value>), Failure> {
    let now = input.number("now")?;
    let ids = ids(input, "ids")?;
    let mut scene = Scene { messenger: Messenger::new(input.bytes("peer")?, now), ids, now };
    let answer = scene.answer()?;
    Ok((Box::new(scene), answer))
}

/// Ids of 32 bytes that a request hands out.
pub(super) fn ids(input: &Input<'_>, member: &'static str) -> Result<VecDeque<[u8; 32]>, Failure> {
    let ids = input.optional(member, Input::list)?.unwrap_or_default().into_iter().map(|id| id.try_into());
    ids.collect::<Result<_, _>>().map_err(|_| wrong(member, "not of 32 bytes each"))
}

/// Carries out an operation.
pub(super) fn call(op: &str, input: &Input<'_>, scene: &mut Scene) -> Answer {
    match op {
        "wire.feed" => {
            let bytes = input.bytes("bytes")?;
            let message = Message::decode(bytes.as_slice())
                .map_err(|_| wrong("bytes", "not a message of signalling"))?;
            scene.messenger.receive(message, scene.now);
        }
        "wire.tick" => {
            scene.now = input.number("now")?;
            scene.messenger.tick(scene.now);
        }
        "mesh.messenger.send" => {
            let payload = Any { type_url: input.text("type")?.to_owned(), value: input.bytes("value")? };
            let id = alter!(MESH_MSG_001, scene.ids.pop_front(), "an id is used for every message" =>
                scene.ids.front().copied());
            let id = id.ok_or_else(|| wrong("ids", "used up"))?;
            let sent = scene.messenger.send(&input.bytes("recipient")?, payload, id, scene.now);
            sent.map_err(|_| wrong("session", "one with too many messages"))?;
        }
        "mesh.messenger.listen" => scene.messenger.listen(input.optional("type", Input::text)?),
        "mesh.messenger.unlisten" => scene.messenger.unlisten(input.optional("type", Input::text)?),
        _ => return Err(Failure::Unsupported),
    }
    scene.answer()
}

impl Scene {
    fn answer(&mut self) -> Answer {
        let (mut out, mut events): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        while let Some(output) = self.messenger.poll() {
            match output {
                Output::Send(message) => out.push(shown(&message)),
                Output::Received { author, payload, listener } => {
                    let (from, value) = (to_hex(&author), to_hex(&payload.value));
                    let received = json!({ "from": from, "type": payload.type_url, "value": value });
                    events.push(match listener {
                        Some(listener) => json!({ "received": received, "listener": listener }),
                        None => json!({ "received": received }),
                    });
                }
                Output::Delivered(id) => events.push(json!({ "delivered": to_hex(&id) })),
                Output::Failed(id) => events.push(json!({ "failed": to_hex(&id) })),
            }
        }
        Ok(members(json!({ "out": out, "events": events, "open": true })))
    }
}

/// A message as an answer shows it.
fn shown(message: &Message) -> Value {
    let payload = message.payload.clone().unwrap_or_default();
    let content = match payload.type_url.as_str() {
        RELIABLE_PAYLOAD => ReliablePayload::decode(payload.value.as_slice()).ok().map(|wanted| {
            let id = wanted.message_id.unwrap_or_default().data;
            let inner = wanted.payload.unwrap_or_default();
            json!({ "id": to_hex(&id), "type": inner.type_url, "value": to_hex(&inner.value) })
        }),
        ACKNOWLEDGEMENT => Acknowledgement::decode(payload.value.as_slice())
            .ok()
            .map(|wanted| json!({ "acknowledges": to_hex(&wanted.message_id.unwrap_or_default().data) })),
        _ => None,
    };
    json!({
        "author": to_hex(&message.author),
        "recipient": to_hex(&message.recipient),
        "payload": payload.type_url,
        "content": content,
    })
}
