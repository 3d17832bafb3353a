//! Frames, bitfields and streams of replication.

use serde_json::{Map, Value, json};

use super::input::{Input, block, members, wrong};
use super::{Answer, Failure};
use crate::echo::replication::{Frame, FrameReader, Message, decode_bitfield, encode_bitfield};
use crate::echo::{Data, Node};
use crate::keys::to_hex;

mod stream;

pub(super) use stream::Stream;

/// Carries out an operation; `stream` is what its session holds.
pub(super) fn call(op: &str, input: &Input<'_>, stream: Option<&mut Option<Stream>>) -> Answer {
    let answer = match op {
        "echo.replication.frames" => frames(input)?,
        "echo.replication.encode" => {
            let messages = input.items("messages")?.iter().map(encoded).collect::<Result<Vec<_>, _>>()?;
            json!({ "bytes": to_hex(&messages.concat()) })
        }
        "echo.replication.bitfield.decode" => {
            let mut bits = decode_bitfield(&input.bytes("bitfield")?)?;
            // How many bits of no block follow is not told.
            bits.truncate(bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
            json!({ "bits": to_hex(&bits) })
        }
        "echo.replication.bitfield.encode" => {
            json!({ "bitfield": to_hex(&encode_bitfield(&block("bits", input.get("bits")?)?)) })
        }
        _ => return stream::call(op, input, stream.ok_or_else(|| wrong("session", "absent"))?),
    };
    Ok(members(answer))
}

/// The pieces of a stream: `bytes`, cut into pieces of `split` bytes, or `chunks`, or of several `streams` those of
/// `stream`.
fn pieces(input: &Input<'_>) -> Result<Vec<Vec<u8>>, Failure> {
    if let Some(streams) = input.optional("streams", Input::items)? {
        let chunks = streams.get(input.index("stream")?).and_then(Value::as_array);
        let chunks = chunks.ok_or_else(|| wrong("streams", "not a list with that stream"))?;
        return chunks.iter().map(|chunk| block("streams", chunk)).collect();
    }
    match input.optional("chunks", Input::items)? {
        Some(chunks) => chunks.iter().map(|chunk| block("chunks", chunk)).collect(),
        None => {
            let bytes = block("bytes", input.get("bytes")?)?;
            let split = input.optional("split", Input::index)?.unwrap_or(bytes.len());
            Ok(bytes.chunks(split.max(1)).map(<[u8]>::to_vec).collect())
        }
    }
}

/// The names of the messages in answers, by type.
const KINDS: [&str; 12] = [
    "open",
    "options",
    "status",
    "have",
    "unhave",
    "want",
    "unwant",
    "request",
    "cancel",
    "data",
    "close",
    "extension",
];

/// All messages in their order, and those of each kind: Requests and Data, whose order is free, by block.
fn frames(input: &Input<'_>) -> Result<Value, Failure> {
    let mut reader = FrameReader::default();
    let mut messages = Vec::new();
    for piece in pieces(input)? {
        let mut rest = piece.as_slice();
        while let Some(frame) = reader.read(&mut rest)? {
            if let Some(message) = Message::decode(&frame)? {
                messages.push((frame.channel, message));
            }
        }
    }
    let mut answer = Map::new();
    let shown = messages.iter().map(|(channel, message)| described(*channel, message));
    answer.insert("messages".to_owned(), shown.collect::<Result<Vec<_>, _>>()?.into());
    messages.sort_by_key(|(channel, message)| match message {
        Message::Request { index, .. } | Message::Data(Data { index, .. }) => (*channel, *index),
        _ => (0, 0),
    });
    for kind in KINDS {
        let of_kind = messages.iter().filter(|(_, message)| KINDS.get(place(message)) == Some(&kind));
        let shown = of_kind.map(|(channel, message)| {
            let mut shown = described(*channel, message)?;
            if let Some(members) = shown.as_object_mut() {
                members.remove("type");
                // Which nodes a requester says to know is up to it.
                members.retain(|name, _| kind != "request" || name != "nodes");
            }
            Ok::<_, Failure>(shown)
        });
        let shown = shown.collect::<Result<Vec<_>, _>>()?;
        if kind == "request" {
            answer.insert("requests".to_owned(), shown.len().into());
        }
        answer.insert(kind.to_owned(), shown.into());
    }
    let digests = messages.iter().filter_map(|(channel, message)| match message {
        Message::Request { index, nodes, .. } => Some(json!([channel, index, nodes.unwrap_or_default()])),
        _ => None,
    });
    answer.insert("digests".to_owned(), digests.collect());
    Ok(answer.into())
}

const fn place(message: &Message) -> usize {
    match message {
        Message::Open { .. } => 0,
        Message::Options { .. } => 1,
        Message::Status { .. } => 2,
        Message::Have { .. } => 3,
        Message::Unhave { .. } => 4,
        Message::Want { .. } => 5,
        Message::Unwant { .. } => 6,
        Message::Request { .. } => 7,
        Message::Cancel { .. } => 8,
        Message::Data(_) => 9,
        Message::Close { .. } => 10,
        Message::Extension { .. } => 11,
    }
}

/// A message with its defaults filled in; what has none is absent.
fn described(channel: u64, message: &Message) -> Result<Value, Failure> {
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    set("channel", channel.into());
    set("type", KINDS.get(place(message)).copied().unwrap_or_default().into());
    match message {
        Message::Open { discovery_key, capability } => {
            set("discovery_key", to_hex(discovery_key).into());
            capability.iter().for_each(|key| drop(set("capability", to_hex(key).into())));
        }
        Message::Options { extensions, ack } => {
            set("extensions", extensions.clone().into());
            set("ack", ack.unwrap_or_default().into());
        }
        Message::Status { uploading, downloading } => {
            set("uploading", uploading.unwrap_or_default().into());
            set("downloading", downloading.unwrap_or_default().into());
        }
        Message::Have { start, length, bitfield, ack } => {
            set("start", number(*start));
            let absent = alter!(ECHO_WIRE_019, 1, "a Have without a length is of no block" => 0);
            set("length", number(length.unwrap_or(absent)));
            if let Some(bitfield) = bitfield {
                let mut bits = decode_bitfield(bitfield)?;
                bits.truncate(bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
                set("bits", to_hex(&bits).into());
            }
            set("ack", ack.unwrap_or_default().into());
        }
        Message::Unhave { start, length } => {
            set("start", number(*start));
            set("length", number(length.unwrap_or(1)));
        }
        Message::Want { start, length } | Message::Unwant { start, length } => {
            set("start", number(*start));
            set("length", number(length.unwrap_or_default()));
        }
        Message::Request { index, bytes, hash, .. } | Message::Cancel { index, bytes, hash } => {
            set("index", number(*index));
            set("bytes", number(bytes.unwrap_or_default()));
            set("hash", hash.unwrap_or_default().into());
            if let Message::Request { nodes, .. } = message {
                set("nodes", number(nodes.unwrap_or_default()));
            }
        }
        Message::Data(data) => {
            set("index", number(data.index));
            data.value.iter().for_each(|value| drop(set("value", to_hex(value).into())));
            let node = |node: &Node| json!([number(node.index), to_hex(&node.hash), number(node.size)]);
            set("nodes", data.nodes.iter().map(node).collect());
            data.signature.iter().for_each(|signature| drop(set("signature", to_hex(signature).into())));
        }
        Message::Close { discovery_key } => {
            discovery_key.iter().for_each(|key| drop(set("discovery_key", to_hex(key).into())));
        }
        Message::Extension { id, payload } => {
            set("id", number(*id));
            set("payload", to_hex(payload).into());
        }
    }
    Ok(shown.into())
}

/// A decimal string where a double does not hold the number.
fn number(number: u64) -> Value {
    if number < 1 << 53 { number.into() } else { number.to_string().into() }
}

/// The frame of a message that a request describes; what is absent in it is absent.
fn encoded(value: &Value) -> Result<Vec<u8>, Failure> {
    let input = Input(value.as_object().ok_or_else(|| wrong("messages", "not a list of objects"))?);
    let number = |member| input.optional(member, Input::number);
    let flag = |member| input.optional(member, Input::flag);
    let bytes = |member| input.optional(member, Input::bytes);
    let range = || Ok::<_, Failure>((input.number("start")?, number("length")?));
    let message = match input.text("type")? {
        "open" => {
            Message::Open { discovery_key: input.bytes("discovery_key")?, capability: bytes("capability")? }
        }
        "options" => {
            let names = input.items("extensions")?.iter().filter_map(Value::as_str);
            Message::Options { extensions: names.map(str::to_owned).collect(), ack: flag("ack")? }
        }
        "status" => Message::Status { uploading: flag("uploading")?, downloading: flag("downloading")? },
        "have" => {
            let (start, length) = range()?;
            let bitfield = bytes("bits")?.map(|bits| encode_bitfield(&bits));
            Message::Have { start, length, bitfield, ack: flag("ack")? }
        }
        "unhave" => range().map(|(start, length)| Message::Unhave { start, length })?,
        "want" => range().map(|(start, length)| Message::Want { start, length })?,
        "unwant" => range().map(|(start, length)| Message::Unwant { start, length })?,
        "request" => Message::Request {
            index: input.number("index")?,
            bytes: number("bytes")?,
            hash: flag("hash")?,
            nodes: number("nodes")?,
        },
        "cancel" => {
            Message::Cancel { index: input.number("index")?, bytes: number("bytes")?, hash: flag("hash")? }
        }
        "data" => Message::Data(super::echo_feed::data(&input)?),
        "close" => Message::Close { discovery_key: bytes("discovery_key")? },
        "extension" => Message::Extension { id: input.number("id")?, payload: input.bytes("payload")? },
        _ => return Err(wrong("type", "not one of the messages")),
    };
    let frame: Frame = message.encode(input.number("channel")?);
    Ok(frame.encode())
}
