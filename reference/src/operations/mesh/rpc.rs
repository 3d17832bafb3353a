//! Messages of dxRPC, and one end of a connection.

use serde_json::{Map, Value, json};

use dxos_proto::prost_types::{Struct, value::Kind};

use super::super::input::{Input, members, unhex, wrong};
use super::super::{Answer, Failure};
use crate::keys::to_hex;
use crate::mesh::rpc::{
    Any, Code, Content, Event, Limits, Message, Output, Payload, Peer, Request, RpcError, Service, Services,
    Settings, TIMEOUT,
};
use crate::{Class, Reject, requirement};

/// Reads or writes one message.
pub(super) fn codec(op: &str, input: &Input<'_>) -> Answer {
    let answer = if op == "mesh.rpc.decode" {
        let bytes = input.bytes("bytes")?;
        let message = Message::decode(&bytes)?;
        json!({ "message": described(&message) })
    } else {
        json!({ "bytes": to_hex(&encoded(&input.object("message")?)?) })
    };
    Ok(members(answer))
}

/// Begins one end of a connection; gives it and the first answer.
pub(super) fn open(input: &Input<'_>) -> Result<(Box<Connection>, Map<String, Value>), Failure> {
    let mut connection = Box::new(Connection::open(input)?);
    let answer = connection.answer()?;
    Ok((connection, answer))
}

/// One end of a connection, and what it serves.
#[derive(Debug)]
pub(in super::super) struct Connection {
    peer: Peer,
    services: Option<Vec<OwnedService>>,
    now: u64,
}

#[derive(Debug)]
struct OwnedService {
    name: String,
    methods: Vec<(String, bool)>,
}

impl Connection {
    fn open(input: &Input<'_>) -> Result<Self, Failure> {
        let now = input.number("now")?;
        let mut limits = Limits::default();
        if let Some(given) = input.optional("limits", Input::object)? {
            let limit =
                |member, default| Ok::<_, Failure>(given.optional(member, Input::index)?.unwrap_or(default));
            limits = Limits {
                message: limit("message", limits.message)?,
                requests: limit("requests", limits.requests)?,
                streams: limit("streams", limits.streams)?,
            };
        }
        let timeout = input.optional("timeout", Input::number)?.unwrap_or(TIMEOUT);
        let mut peer = Peer::new(Settings { handshake: input.flag("handshake")?, timeout, limits }, now);
        if let Some(first) = input.optional("first_id", Input::number)? {
            peer = peer.with_first_id(
                i32::try_from(first).map_err(|_| wrong("first_id", "not a number of a request"))?,
            );
        }
        let services = input.optional("services", Input::object)?;
        Ok(Self { peer, services: services.map(|services| served(&services)).transpose()?, now })
    }

    pub(super) fn call(&mut self, op: &str, input: &Input<'_>) -> Answer {
        let id = || number_of(input, "id");
        match op {
            "wire.feed" => {
                let given = input.optional("messages", Input::list)?;
                let messages = given.map_or_else(|| Ok(vec![input.bytes("bytes")?]), Ok::<_, Failure>)?;
                for message in messages {
                    self.peer.receive(&message, self.now);
                }
            }
            "wire.tick" => {
                self.now = input.number("now")?;
                self.peer.tick(self.now);
            }
            "mesh.rpc.call" => {
                let payload = payload(input)?;
                let method = input.text("method")?;
                let asked = if input.optional("stream", Input::flag)?.unwrap_or_default() {
                    self.peer.stream(method, payload, self.now)
                } else {
                    self.peer.call(method, payload, self.now)
                };
                asked.map_err(|error| refusal(&error))?;
            }
            "mesh.rpc.answer" => {
                let result = match input.optional("error", Input::object)? {
                    Some(error) => Err(failure(&error)?),
                    None => Ok(payload(input)?),
                };
                self.peer.answer(id()?, result);
            }
            "mesh.rpc.ready" => {
                self.peer.ready(id()?);
            }
            "mesh.rpc.item" => {
                self.peer.item(id()?, payload(input)?);
            }
            "mesh.rpc.end" => {
                let error = input.optional("error", Input::object)?;
                self.peer.end(id()?, error.map_or(Ok(Ok(())), |error| failure(&error).map(Err))?);
            }
            "mesh.rpc.cancel" => self.peer.cancel(id()?),
            "mesh.rpc.close" => self.peer.close(self.now),
            "mesh.rpc.abort" => self.peer.abort(),
            _ => return Err(Failure::Unsupported),
        }
        self.answer()
    }

    /// What was sent and what has happened.
    fn answer(&mut self) -> Answer {
        let (mut out, mut sent, mut events, mut errors) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut stacks = 0;
        while let Some(output) = self.peer.poll() {
            match output {
                Output::Send(bytes) => {
                    let message = Message::decode(&bytes)?;
                    if let Message::Response { id, content: Content::Error(error) } = &message {
                        errors.push(shown_error(*id, error));
                        stacks += usize::from(has_stack(&bytes));
                    }
                    out.push(told(&message));
                    sent.push(to_hex(&bytes));
                }
                Output::Event(Event::Request { id, method, payload, stream }) => {
                    if let Some(error) = self.refused(&method, stream) {
                        self.peer.answer(id, Err(error));
                    } else {
                        events.push(json!({
                            "request": id, "method": method, "value": to_hex(&payload), "stream": stream,
                        }));
                    }
                }
                Output::Event(event) => events.extend(happened(&event)),
            }
        }
        let state = match &self.peer {
            peer if peer.is_open() => "open",
            peer if peer.is_closing() => "closing",
            peer if peer.is_closed() => "closed",
            _ => "opening",
        };
        Ok(members(json!({
            "out": out, "sent": sent, "events": events, "errors": errors, "stacks": stacks, "state": state,
        })))
    }

    /// What a request of a method that is not served is answered with.
    fn refused(&self, method: &str, stream: bool) -> Option<RpcError> {
        let owned = self.services.as_ref()?;
        let methods: Vec<Vec<(&str, bool)>> = owned
            .iter()
            .map(|service| service.methods.iter().map(|(name, stream)| (name.as_str(), *stream)).collect())
            .collect();
        let services: Vec<Service<'_>> = owned
            .iter()
            .zip(&methods)
            .map(|(service, methods)| Service { name: &service.name, methods })
            .collect();
        Services(&services).find(method, stream).err()
    }
}

/// `{"full.name": {"Method": whether it is a stream}}`.
fn served(services: &Input<'_>) -> Result<Vec<OwnedService>, Failure> {
    let no_methods = || wrong("services", "not services with their methods");
    let methods = |value: &Value| {
        let methods = value.as_object().ok_or_else(no_methods)?;
        methods
            .iter()
            .map(|(name, stream)| Ok((name.clone(), stream.as_bool().ok_or_else(no_methods)?)))
            .collect::<Result<Vec<_>, Failure>>()
    };
    services
        .0
        .iter()
        .map(|(name, value)| Ok(OwnedService { name: name.clone(), methods: methods(value)? }))
        .collect()
}

/// A request of this side that is not made.
fn refusal(error: &RpcError) -> Failure {
    let reject = match error.known() {
        Some(Code::RpcNotOpen) => {
            Reject::new(requirement::MESH_RPC_016, Class::StateOrder, "it is not open yet")
        }
        Some(Code::RpcClosed) => Reject::new(requirement::MESH_RPC_060, Class::StateOrder, "it is closed"),
        _ => Reject::new(requirement::MESH_RPC_021, Class::ResourceCount, "no numbers are left"),
    };
    Failure::Reject(reject)
}

fn number_of(input: &Input<'_>, member: &'static str) -> Result<i32, Failure> {
    let number = input.get(member)?.as_i64().and_then(|number| i32::try_from(number).ok());
    number.ok_or_else(|| wrong(member, "not a number of a request"))
}

fn payload(input: &Input<'_>) -> Result<Payload, Failure> {
    Ok(Payload::new(input.text("type")?, input.bytes("value")?))
}

fn failure(input: &Input<'_>) -> Result<RpcError, Failure> {
    let text = |member| Ok::<_, Failure>(input.optional(member, Input::text)?.map(str::to_owned));
    let context = input.optional("context", Input::object)?;
    Ok(RpcError {
        name: text("name")?,
        message: text("message")?,
        context: context.map(|members| Struct {
            fields: members.0.iter().map(|(name, value)| (name.clone(), to_struct(value))).collect(),
        }),
    })
}

fn to_struct(value: &Value) -> dxos_proto::prost_types::Value {
    let kind = match value {
        Value::Bool(flag) => Kind::BoolValue(*flag),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text.clone()),
        // Contexts are flat.
        _ => Kind::NullValue(0),
    };
    dxos_proto::prost_types::Value { kind: Some(kind) }
}

fn from_struct(value: &dxos_proto::prost_types::Value) -> Value {
    match &value.kind {
        Some(Kind::BoolValue(flag)) => (*flag).into(),
        Some(Kind::NumberValue(number)) => json!(number),
        Some(Kind::StringValue(text)) => text.clone().into(),
        _ => Value::Null,
    }
}

/// An error with all that it says; what it does not say is absent.
fn shown_error(id: i32, error: &RpcError) -> Value {
    let mut shown = Map::new();
    shown.insert("error".to_owned(), id.into());
    said(&mut shown, error);
    shown.into()
}

fn said(shown: &mut Map<String, Value>, error: &RpcError) {
    let texts = [("name", &error.name), ("message", &error.message)];
    for (member, text) in texts {
        text.iter().for_each(|text| drop(shown.insert(member.to_owned(), text.as_str().into())));
    }
    if let Some(context) = &error.context {
        let values = context.fields.iter().map(|(name, value)| (name.clone(), from_struct(value)));
        shown.insert("context".to_owned(), Value::Object(values.collect()));
    }
}

/// A name without the dot that stands before it in a payload, and whether there is one.
fn described(message: &Message<'_>) -> Value {
    let mut shown = told(message);
    if let Some(members) = shown.as_object_mut() {
        match message {
            Message::Request(Request { payload, .. })
            | Message::Response { content: Content::Payload(payload), .. } => {
                members.insert("type".to_owned(), String::from_utf8_lossy(payload.type_url).into());
            }
            Message::Response { content: Content::Error(error), .. } => said(members, error),
            _ => {}
        }
    }
    shown
}

/// A message as answers show what was sent: of an error its name alone, as its words are free.
fn told(message: &Message<'_>) -> Value {
    let value = |any: &Any<'_>| to_hex(any.value);
    let name = |any: &Any<'_>| String::from_utf8_lossy(any.type_url).into_owned();
    match message {
        Message::Request(Request { id, method, payload, stream }) => json!({
            "request": id, "method": method, "type": name(payload), "value": value(payload), "stream": stream,
        }),
        Message::Response { id, content } => match content {
            Content::Payload(any) => json!({ "answer": id, "type": name(any), "value": value(any) }),
            Content::Error(error) => match &error.name {
                Some(name) => json!({ "error": id, "name": name }),
                None => json!({ "error": id }),
            },
            Content::Close => json!({ "close": id }),
            Content::Ready => json!({ "ready": id }),
            Content::Nothing => json!({ "nothing": id }),
        },
        Message::Open => json!({ "open": true }),
        Message::OpenAck => json!({ "open_ack": true }),
        Message::StreamClose { id } => json!({ "stream_close": id }),
        Message::Bye => json!({ "bye": true }),
    }
}

/// What has happened, but for what `state` says.
fn happened(event: &Event) -> Option<Value> {
    let error = |kind: &str, id: i32, error: &RpcError| {
        let mut shown = Map::new();
        shown.insert(kind.to_owned(), id.into());
        shown.insert("error".to_owned(), error.name.clone().unwrap_or_else(|| "Error".to_owned()).into());
        Value::Object(shown)
    };
    Some(match event {
        Event::Cancelled { id } => json!({ "cancelled": id }),
        Event::Ready { id } => json!({ "ready": id }),
        Event::Item { id, value } => json!({ "item": id, "value": to_hex(value) }),
        Event::Answer { id, result: Ok(value) } => json!({ "answer": id, "value": to_hex(value) }),
        Event::Answer { id, result: Err(failed) } => error("answer", *id, failed),
        Event::Ended { id, result: Ok(()) } => json!({ "ended": id }),
        Event::Ended { id, result: Err(failed) } => error("ended", *id, failed),
        Event::Opened | Event::Closed | Event::Malformed | Event::Request { .. } => return None,
    })
}

/// Whether an error that was sent carries a stack, which a reader drops.
fn has_stack(bytes: &[u8]) -> bool {
    use dxos_proto::dxos::rpc::{RpcMessage, response, rpc_message};
    use dxos_proto::prost::Message as _;
    let Ok(RpcMessage { content: Some(rpc_message::Content::Response(response)) }) =
        RpcMessage::decode(bytes)
    else {
        return false;
    };
    matches!(response.content, Some(response::Content::Error(error)) if error.stack.is_some())
}

/// The bytes of a message that a request describes, as `mesh.rpc.decode` shows it.
fn encoded(input: &Input<'_>) -> Result<Vec<u8>, Failure> {
    let id = |member| number_of(input, member);
    let has = |member: &str| input.0.contains_key(member);
    let (name, value);
    let message = if has("request") || has("answer") {
        name = input.text("type")?.as_bytes();
        value = unhex("value", input.get("value")?)?;
        let payload = Any { type_url: name, value: &value };
        if has("request") {
            let stream = input.flag("stream")?;
            Message::Request(Request { id: id("request")?, method: input.text("method")?, payload, stream })
        } else {
            Message::Response { id: id("answer")?, content: Content::Payload(payload) }
        }
    } else if has("error") {
        Message::Response { id: id("error")?, content: Content::Error(failure(input)?) }
    } else if has("close") {
        Message::Response { id: id("close")?, content: Content::Close }
    } else if has("ready") {
        Message::Response { id: id("ready")?, content: Content::Ready }
    } else if has("stream_close") {
        Message::StreamClose { id: id("stream_close")? }
    } else if has("open") {
        Message::Open
    } else if has("open_ack") {
        Message::OpenAck
    } else if has("bye") {
        Message::Bye
    } else {
        return Err(wrong("message", "none of the messages"));
    };
    Ok(message.encode())
}
