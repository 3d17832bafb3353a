//! What a KUBE decides without a socket: presentations, tokens, keys of the configuration, programs.

use serde_json::{Map, Value, json};

use super::super::input::{Input, members, wrong};
use super::super::{Answer, Failure};
use crate::Reject;
use crate::halo::Presentation;
use crate::keys::to_hex;
use crate::kube::capability::Capabilities;
use crate::kube::process::Process;
use crate::kube::token::Claims;
use crate::kube::{access, config, token};
use crate::schema::{Label, SCHEMA};
use crate::wire::{self, Message};
use dxos_proto::dxos::config::Config;
use dxos_proto::prost::Message as _;

/// Carries out an operation that needs no session; `None` if it is another one.
pub(super) fn call(op: &str, input: &Input<'_>) -> Option<Answer> {
    let answer = match op {
        "kube.access.verify" => verify(input),
        "kube.token.issue" => issue(input),
        "kube.token.verify" => verify_token(input),
        "kube.config.get" => get(input),
        "kube.config.set" => set(input),
        "kube.process.run" => run(input),
        _ => return None,
    };
    Some(answer.map(members))
}

pub(super) fn texts(input: &Input<'_>, member: &'static str) -> Result<Vec<String>, Failure> {
    let items = input.optional(member, Input::items)?.unwrap_or_default();
    let texts = items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    texts.ok_or_else(|| wrong(member, "not a list of texts"))
}

/// Unix milliseconds.
fn now(input: &Input<'_>) -> Result<u64, Failure> {
    input.number("now")
}

fn verify(input: &Input<'_>) -> Result<Value, Failure> {
    let bytes = input.bytes("presentation")?;
    let tree = Presentation::read(&bytes)?;
    let presented = access::verify(
        &Presentation::new(&tree),
        &input.bytes("nonce")?,
        &input.bytes("kube_key")?,
        now(input)?,
    )?;
    let access =
        presented.access.as_ref().map_or_else(|| json!("none"), |held| json!(Capabilities::texts(held)));
    Ok(json!({
        "identity": to_hex(&presented.identity),
        "device": to_hex(&presented.device),
        "access": access,
    }))
}

fn issue(input: &Input<'_>) -> Result<Value, Failure> {
    let issued = now(input)? / 1000;
    let claims = Claims {
        identity: input.bytes("identity")?,
        capabilities: Capabilities::new(texts(input, "capabilities")?),
        issued,
        expires: issued.saturating_add(input.number("seconds")?),
        id: input.text("jti")?.to_owned(),
    };
    Ok(json!({ "token": token::issue(&input.signing_key()?, &claims)? }))
}

fn verify_token(input: &Input<'_>) -> Result<Value, Failure> {
    let revoked = texts(input, "revoked")?;
    let claims = token::verify(input.text("token")?, &input.bytes("kube_key")?, now(input)?, |id| {
        revoked.iter().any(|known| known == id)
    })?;
    let allowed: Vec<bool> =
        texts(input, "paths")?.iter().map(|path| claims.capabilities.allow(path)).collect();
    Ok(json!({
        "identity": to_hex(&claims.identity),
        "capabilities": claims.capabilities.texts(),
        "issued": claims.issued,
        "expires": claims.expires,
        "id": claims.id,
        "allowed": allowed,
    }))
}

fn document(input: &Input<'_>) -> Result<Config, Failure> {
    let bytes = input.optional("document", Input::bytes)?.unwrap_or_default();
    Config::decode(bytes.as_slice()).map_err(|_| wrong("document", "not an encoded configuration"))
}

fn get(input: &Input<'_>) -> Result<Value, Failure> {
    Ok(json!({ "shown": view(&config::without_secrets(&document(input)?))? }))
}

fn set(input: &Input<'_>) -> Result<Value, Failure> {
    let mut document = document(input)?;
    let value = input.text("value")?;
    let key = config::check(input.text("key")?, value)?;
    config::put(&mut document, key, value);
    let when = key.when;
    let when = alter!(KUBE_CONF_014, when.name(),
        "every change takes effect at once" => "now",
        "every change needs a restart" => "restart");
    Ok(json!({
        "takes_effect": when,
        "stored": config::shown(&document, key),
        "document": view(&document)?,
    }))
}

/// A configuration as JSON: names of the schema; what has the default of its type is left out.
pub(super) fn view(document: &Config) -> Result<Value, Reject> {
    let Some(ty) = SCHEMA.find("dxos.config.Config") else { return Ok(Value::Null) };
    let bytes = document.encode_to_vec();
    Ok(message(&wire::read(ty, &bytes)?))
}

fn message(from: &Message<'_>) -> Value {
    let mut object = Map::new();
    for (index, field) in from.message_type().fields.iter().enumerate() {
        let Some(found) = from.by_index(index) else { continue };
        let shown = value(found);
        let empty = match &shown {
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            Value::Bool(flag) => !flag,
            Value::Number(number) => number.as_i64() == Some(0),
            Value::Null => true,
        };
        if !empty || field.label == Label::Optional && !shown.is_object() {
            object.insert(field.name.clone(), shown);
        }
    }
    Value::Object(object)
}

fn value(from: &wire::Value<'_>) -> Value {
    match from {
        wire::Value::Int(number) => (*number).into(),
        wire::Value::Bool(flag) => (*flag).into(),
        wire::Value::Double(number) => (*number).into(),
        wire::Value::Str(text) => (*text).into(),
        wire::Value::Bytes(bytes) => to_hex(bytes).into(),
        wire::Value::Message(inner) => message(inner),
        wire::Value::List(items) => items.iter().map(value).collect(),
    }
}

/// What happens to a program, one event after the other: `[at, event]`.
fn run(input: &Input<'_>) -> Result<Value, Failure> {
    let mut process = Process::new();
    let mut trace = Vec::new();
    for event in input.items("events")? {
        let at = event.get(0).and_then(Value::as_u64);
        let name = event.get(1).and_then(Value::as_str);
        let (Some(at), Some(name)) = (at, name) else {
            return Err(wrong("events", "not a list of pairs of a time and a word"));
        };
        match name {
            "start" => process.start(),
            "stop" => process.stop(at),
            "restart" => process.restart(at),
            "spawned" => process.spawned(at),
            "exited" => process.exited(at),
            "healthy" => process.checked(true, at),
            "unhealthy" => process.checked(false, at),
            "tick" => process.tick(at),
            _ => return Err(wrong("events", "of an unknown word")),
        }
        let commands: Vec<&str> =
            std::iter::from_fn(|| process.poll()).map(crate::kube::process::Command::name).collect();
        trace.push(json!({
            "commands": commands,
            "status": process.status().as_str_name(),
            "deadline": process.deadline().map_or_else(|| json!("none"), |at| json!(at)),
        }));
    }
    Ok(json!({ "trace": trace }))
}
