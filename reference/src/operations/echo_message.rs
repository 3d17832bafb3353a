//! Feed messages, timeframes, metadata records, and batches of the older data plane.

use serde_json::{Map, Value, json};

use super::input::{Input, members, unhex, wrong};
use super::{Answer, Failure};
use crate::echo::message::{self, FeedMessage, NewPayload, Payload};
use crate::echo::metadata::{self, Large, Metadata, Space};
use crate::echo::object::{self, Batch, Object};
use crate::echo::{Timeframe, message::read_timeframe};
use crate::keys::to_hex;
use crate::wire::{self, Message};

/// Carries out an operation.
pub(super) fn call(op: &str, input: &Input<'_>) -> Answer {
    match op {
        "echo.message.decode" => decode(&input.bytes("message")?),
        "echo.message.encode" => encode(input),
        "echo.timeframe.construct"
        | "echo.timeframe.merge"
        | "echo.timeframe.dependencies"
        | "echo.timeframe.total"
        | "echo.timeframe.new"
        | "echo.timeframe.equals"
        | "echo.timeframe.without" => algebra(op, input),
        "echo.metadata.decode" => metadata_decode(input.text("kind")?, &input.bytes("file")?),
        "echo.metadata.encode" => metadata_encode(input.text("kind")?, &input.bytes("body")?),
        "echo.object.decode" => objects(&input.bytes("batch")?),
        _ => Err(Failure::Unsupported),
    }
}

fn decode(bytes: &[u8]) -> Answer {
    let tree = FeedMessage::read(bytes)?;
    let message = FeedMessage::new(&tree);
    let mut answer = members(json!({ "timeframe": shown(&message.timeframe()?) }));
    let kind = match message.payload()? {
        Payload::None => "none",
        Payload::Credential(credential) => {
            answer.insert("credential_id".to_owned(), to_hex(&credential.computed_id()?).into());
            "credential"
        }
        Payload::Data(batch) => {
            let ids: Vec<&str> = batch.objects().map(|object| object.id()).collect();
            answer.insert("objects".to_owned(), ids.into());
            "data"
        }
    };
    answer.insert("payload".to_owned(), kind.into());
    Ok(answer)
}

fn encode(input: &Input<'_>) -> Answer {
    let timeframe = timeframe("timeframe", input.get("timeframe")?)?;
    let credential = input.optional("credential", Input::bytes)?;
    let batch = input.optional("batch", Input::bytes)?;
    let payload = match (&credential, &batch) {
        (Some(_), Some(_)) => return Err(wrong("batch", "there beside a credential")),
        (Some(credential), None) => NewPayload::Credential(credential),
        (None, Some(batch)) => NewPayload::Batch(batch),
        (None, None) => NewPayload::None,
    };
    Ok(members(json!({ "message": to_hex(&message::write(&timeframe, payload)) })))
}

fn algebra(op: &str, input: &Input<'_>) -> Answer {
    let one = |member| timeframe(member, input.get(member)?);
    let answer = match op {
        "echo.timeframe.construct" => json!({ "frames": shown(&one("timeframe")?) }),
        "echo.timeframe.merge" => {
            let mut merged = Timeframe::default();
            for item in input.items("timeframes")? {
                merged.merge(&timeframe("timeframes", item)?);
            }
            json!({ "frames": shown(&merged) })
        }
        "echo.timeframe.dependencies" => {
            json!({ "frames": shown(&one("timeframe")?.dependencies(&one("base")?)) })
        }
        "echo.timeframe.total" => json!({ "total": one("timeframe")?.total() }),
        "echo.timeframe.new" => json!({ "new": one("timeframe")?.new_since(&one("base")?) }),
        "echo.timeframe.equals" => json!({ "equal": one("timeframe")? == one("other")? }),
        "echo.timeframe.without" => {
            json!({ "frames": shown(&one("timeframe")?.without(&input.list("feeds")?)) })
        }
        _ => return Err(Failure::Unsupported),
    };
    Ok(members(answer))
}

/// A timeframe of a request: a list of pairs of a feed's key and a number.
fn timeframe(member: &'static str, value: &Value) -> Result<Timeframe, Failure> {
    let mut timeframe = Timeframe::default();
    for frame in value.as_array().ok_or_else(|| wrong(member, "not a list"))? {
        let pair = frame.as_array().map(Vec::as_slice);
        let Some([feed, seq]) = pair else { return Err(wrong(member, "not a list of pairs")) };
        let seq = seq.as_i64().and_then(|seq| i32::try_from(seq).ok());
        timeframe.set(&unhex(member, feed)?, seq.ok_or_else(|| wrong(member, "not of numbers of 32 bits"))?);
    }
    Ok(timeframe)
}

/// A timeframe of an answer, by ascending keys: the order is no part of it.
fn shown(timeframe: &Timeframe) -> Value {
    let mut frames: Vec<_> = timeframe.frames().collect();
    frames.sort_unstable();
    frames.into_iter().map(|(feed, seq)| json!([to_hex(feed), seq])).collect()
}

fn metadata_decode(kind: &str, file: &[u8]) -> Answer {
    let body = metadata::body(file)?;
    let Some(body) = body else { return Ok(members(json!({ "absent": true }))) };
    match kind {
        "echo" => {
            let tree = Metadata::read(body)?;
            Ok(echo(&Metadata::new(&tree)?))
        }
        "large" => {
            let tree = Large::read(body)?;
            large(&Large::new(&tree))
        }
        _ => Err(wrong("kind", "neither echo nor large")),
    }
}

fn metadata_encode(kind: &str, body: &[u8]) -> Answer {
    match kind {
        "echo" => drop(Metadata::read(body)?),
        "large" => drop(Large::read(body)?),
        _ => return Err(wrong("kind", "neither echo nor large")),
    }
    Ok(members(json!({ "file": to_hex(&metadata::record(body)?) })))
}

fn echo(metadata: &Metadata<'_>) -> Map<String, Value> {
    let mut answer = members(json!({
        "version": metadata::VERSION,
        "spaces": metadata.spaces().map(|one| space(&one, Some(one.listed_state()))).collect::<Vec<_>>(),
    }));
    put(&mut answer, "created", metadata.created().map(|time| time.to_string().into()));
    put(&mut answer, "updated", metadata.updated().map(|time| time.to_string().into()));
    if let Some((key, device, halo)) = metadata.identity() {
        let mut identity = members(json!({ "identity_key": to_hex(key), "device_key": to_hex(device) }));
        put(&mut identity, "halo_space", halo.map(|halo| space(&halo, halo.state())));
        answer.insert("identity".to_owned(), identity.into());
    }
    answer
}

fn space(space: &Space<'_>, state: Option<i64>) -> Value {
    let mut answer = members(json!({ "key": to_hex(space.key()) }));
    put(&mut answer, "genesis_feed", space.genesis_feed().map(|key| to_hex(key).into()));
    put(&mut answer, "control_feed", space.control_feed().map(|key| to_hex(key).into()));
    put(&mut answer, "data_feed", space.data_feed().map(|key| to_hex(key).into()));
    put(&mut answer, "control_timeframe", space.control_timeframe().map(|timeframe| shown(&timeframe)));
    put(&mut answer, "data_timeframe", space.data_timeframe().map(|timeframe| shown(&timeframe)));
    put(&mut answer, "state", state.map(Value::from));
    answer.into()
}

fn large(large: &Large<'_>) -> Answer {
    let Some((timeframe, credentials)) = large.snapshot() else {
        return Ok(members(json!({ "messages": [] })));
    };
    let mut messages = Vec::new();
    for (feed, credential) in credentials {
        let mut message = members(json!({ "feed": to_hex(feed) }));
        if let Some(credential) = credential {
            message.insert("credential_id".to_owned(), to_hex(&credential.computed_id()?).into());
        }
        messages.push(Value::from(message));
    }
    Ok(members(json!({ "timeframe": shown(&timeframe), "messages": messages })))
}

fn objects(bytes: &[u8]) -> Answer {
    let tree = Batch::read(bytes)?;
    let batch = Batch::of(Some(&tree));
    let objects: Vec<Value> = batch.objects().map(|one| object(&one)).collect();
    Ok(members(json!({ "objects": objects, "batch": to_hex(&batch.write()) })))
}

fn object(object: &Object<'_>) -> Value {
    let mut answer = members(json!({ "object": object.id() }));
    put(&mut answer, "meta", object.meta().map(meta));
    put(
        &mut answer,
        "genesis",
        object.genesis().map(|(model, version)| {
            let mut genesis = members(json!({ "type": model }));
            put(&mut genesis, "version", version.map(Value::from));
            genesis.into()
        }),
    );
    put(
        &mut answer,
        "snapshot",
        object.snapshot().map(|snapshot| {
            let mut shown = Map::new();
            put(&mut shown, "deleted", object::presence(truth(snapshot, 1)).map(Value::from));
            put(&mut shown, "parent", snapshot.text(2).map(Value::from));
            put(&mut shown, "model", model(snapshot, 10));
            shown.into()
        }),
    );
    let mutations = object.mutations().map(|mutation| {
        let mut shown = Map::new();
        put(&mut shown, "meta", mutation.message(1).map(meta));
        put(&mut shown, "parent", mutation.text(10).map(Value::from));
        put(&mut shown, "action", object::presence(mutation.int(11)).map(Value::from));
        put(&mut shown, "model", model(mutation, 12));
        Value::from(shown)
    });
    answer.insert("mutations".to_owned(), mutations.collect());
    answer.into()
}

fn meta(meta: &Message<'_>) -> Value {
    let mut answer = Map::new();
    let key = |number| meta.message(number).and_then(|key| key.bytes(1)).map(|key| to_hex(key).into());
    put(&mut answer, "feed", key(1));
    put(&mut answer, "seq", meta.int(2).map(Value::from));
    put(&mut answer, "member", key(3));
    put(&mut answer, "timeframe", meta.message(4).map(|vector| shown(&read_timeframe(vector))));
    answer.into()
}

fn model(holder: &Message<'_>, number: u32) -> Option<Value> {
    object::model(holder, number).map(|(name, value)| json!({ "type": name, "value": to_hex(value) }))
}

fn truth(message: &Message<'_>, number: u32) -> Option<bool> {
    match message.get(number)? {
        wire::Value::Bool(truth) => Some(*truth),
        _ => None,
    }
}

fn put(answer: &mut Map<String, Value>, member: &str, value: Option<Value>) {
    if let Some(value) = value {
        answer.insert(member.to_owned(), value);
    }
}
