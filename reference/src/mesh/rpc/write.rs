//! Writing messages, each into one allocation of its exact size.
//!
//! Fields are written with their defaults too, as deployed peers do: the bytes are the same as theirs.

use dxos_proto::prost::Message as _;

use super::message::{Any, Content, Message, Request};
use super::{Payload, RpcError};

/// A whole message with an item of a stream, for who sends one item on many connections (MESH-RPC-007).
///
/// `id` is that of the request on the connection, `type_name` the full name without a dot, `value` the encoded item.
pub fn encode_item(id: i32, type_name: &str, value: &[u8]) -> Vec<u8> {
    payload(id, dot(), type_name.as_bytes(), value)
}

/// What the name of a type begins with.
fn dot() -> &'static [u8] {
    alter!(MESH_RPC_007, b".", "the name of a type is written without a dot" => b"",
        "the name of a type is written as an URL" => b"type.googleapis.com/")
}

fn payload(id: i32, prefix: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let url = prefix.len() + name.len();
    let any = block(url) + block(value.len());
    let inner = 1 + varint_length(bits(id)) + block(any);
    let mut out = Vec::with_capacity(block(inner));
    put_length(&mut out, 0x12, inner);
    put_varint(&mut out, 0x08, bits(id));
    put_length(&mut out, 0x12, any);
    put_length(&mut out, 0x0a, url);
    out.extend_from_slice(prefix);
    out.extend_from_slice(name);
    put_length(&mut out, 0x12, value.len());
    out.extend_from_slice(value);
    out
}

/// The answer of a call, or an item of a stream.
pub(super) fn result(id: i32, payload: &Payload) -> Vec<u8> {
    alter!(MESH_RPC_024, encode_item(id, &payload.type_name, &payload.value),
    "a result without bytes is no payload" => if payload.value.is_empty() {
        response(id, &[])
    } else {
        encode_item(id, &payload.type_name, &payload.value)
    })
}

pub(super) fn error(id: i32, error: &RpcError) -> Vec<u8> {
    let encoded = error.to_proto().encode_to_vec();
    alter!(MESH_RPC_024, (), "an error goes out as a payload" =>
        return encode_item(id, "dxos.error.Error", &encoded));
    let mut content = Vec::with_capacity(block(encoded.len()));
    put_length(&mut content, 0x1a, encoded.len());
    content.extend_from_slice(&encoded);
    response(id, &content)
}

pub(super) fn close(id: i32) -> Vec<u8> {
    response(id, &[0x20, 1])
}

pub(super) fn ready(id: i32) -> Vec<u8> {
    response(id, &[0x28, 1])
}

fn response(id: i32, content: &[u8]) -> Vec<u8> {
    let inner = 1 + varint_length(bits(id)) + content.len();
    let mut out = Vec::with_capacity(block(inner));
    put_length(&mut out, 0x12, inner);
    put_varint(&mut out, 0x08, bits(id));
    out.extend_from_slice(content);
    out
}

pub(super) fn request(id: i32, method: &str, asked: &Payload, stream: bool) -> Vec<u8> {
    written(id, method, dot(), asked.type_name.as_bytes(), &asked.value, stream)
}

fn written(id: i32, method: &str, prefix: &[u8], name: &[u8], value: &[u8], stream: bool) -> Vec<u8> {
    let url = prefix.len() + name.len();
    let any = block(url) + block(value.len());
    let inner = 1 + varint_length(bits(id)) + block(method.len()) + block(any) + 2;
    let mut out = Vec::with_capacity(block(inner));
    put_length(&mut out, 0x0a, inner);
    put_varint(&mut out, 0x08, bits(id));
    put_length(&mut out, 0x12, method.len());
    out.extend_from_slice(method.as_bytes());
    put_length(&mut out, 0x1a, any);
    put_length(&mut out, 0x0a, url);
    out.extend_from_slice(prefix);
    out.extend_from_slice(name);
    put_length(&mut out, 0x12, value.len());
    out.extend_from_slice(value);
    put_varint(&mut out, 0x20, u64::from(stream));
    out
}

pub(super) fn stream_close(id: i32) -> Vec<u8> {
    let inner = 1 + varint_length(bits(id));
    let mut out = Vec::with_capacity(block(inner));
    put_length(&mut out, 0x2a, inner);
    put_varint(&mut out, 0x08, bits(id));
    out
}

pub(super) const OPEN: [u8; 2] = [0x18, 1];
pub(super) const OPEN_ACK: [u8; 2] = [0x20, 1];
pub(super) const BYE: [u8; 2] = [0x32, 0];

impl Message<'_> {
    /// The encoded message, type names as they stand in it.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Request(Request { id, method, payload: Any { type_url, value }, stream }) => {
                written(*id, method, b"", type_url, value, *stream)
            }
            Self::Response { id, content } => match content {
                Content::Payload(Any { type_url, value }) => payload(*id, b"", type_url, value),
                Content::Error(failure) => error(*id, failure),
                Content::Close => close(*id),
                Content::Ready => ready(*id),
                Content::Nothing => response(*id, &[]),
            },
            Self::Open => OPEN.to_vec(),
            Self::OpenAck => OPEN_ACK.to_vec(),
            Self::StreamClose { id } => stream_close(*id),
            Self::Bye => BYE.to_vec(),
        }
    }
}

/// An `int32` as a varint: below zero it has ten bytes.
#[allow(clippy::cast_sign_loss)]
const fn bits(id: i32) -> u64 {
    id as i64 as u64
}

/// Bytes of a field with a key of one byte, a length and so much content.
const fn block(length: usize) -> usize {
    1 + varint_length(length as u64) + length
}

const fn varint_length(value: u64) -> usize {
    let bits = u64::BITS - value.leading_zeros();
    if bits <= 7 { 1 } else { bits.div_ceil(7) as usize }
}

fn put_length(out: &mut Vec<u8>, key: u8, length: usize) {
    put_varint(out, key, length as u64);
}

#[allow(clippy::cast_possible_truncation)]
fn put_varint(out: &mut Vec<u8>, key: u8, mut value: u64) {
    out.push(key);
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use dxos_proto::dxos::rpc;

    #[test]
    fn sizes_are_exact_and_the_schema_reads_it() {
        for (id, length) in [(0, 0), (127, 127), (128, 128), (-1, 20_000), (i32::MAX, 3)] {
            let value = vec![7; length];
            let bytes = encode_item(id, "dxos.mesh.signal.SwarmEvent", &value);
            assert_eq!(bytes.len(), bytes.capacity());
            let read = rpc::RpcMessage::decode(bytes.as_slice()).unwrap();
            let Some(rpc::rpc_message::Content::Response(response)) = read.content else { panic!() };
            let Some(rpc::response::Content::Payload(any)) = response.content else { panic!() };
            assert_eq!((response.id, any.value), (id, value));
            assert_eq!(any.type_url, ".dxos.mesh.signal.SwarmEvent");
        }
        let asked = Payload::new("a.B", vec![1, 2]);
        let bytes = request(300, "a.S.M", &asked, true);
        assert_eq!(bytes.len(), bytes.capacity());
        let Ok(Message::Request(read)) = Message::decode(&bytes) else { panic!() };
        assert_eq!(
            (read.id, read.method, read.payload.value, read.stream),
            (300, "a.S.M", &[1, 2][..], true)
        );
        assert_eq!(Message::Request(read).encode(), bytes);
    }
}
