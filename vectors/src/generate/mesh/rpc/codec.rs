//! Single messages.

use dxos_reference::keys::to_hex;
use dxos_reference::mesh::rpc::{Any, Content, Message, Request};
use serde_json::{Value, json};

use super::super::super::steps::ask;
use super::super::super::topic::Topic;
use super::scene::{failure, read_by_judge, request, response, result};
use crate::class::Class;

fn bytes(message: &Message<'_>) -> Value {
    json!({ "bytes": to_hex(&message.encode()) })
}

/// A field of bytes, fewer than 128.
#[allow(clippy::cast_possible_truncation)]
fn block(key: u8, content: &[u8]) -> Vec<u8> {
    [&[key, content.len() as u8][..], content].concat()
}

pub(super) fn decode() -> Topic {
    let mut topic = Topic::new("mesh/rpc/decode", "mesh.rpc.decode", &[], "One message of a transport.");
    let req = ["MESH-RPC-001"];
    let raw = |text: &str| json!({ "bytes": text });
    for (slug, message) in [
        ("request", request(0, "example.Shop.Buy", false)),
        ("request-stream", request(7, "example.Shop.Watch", true)),
        ("request-largest-number", request(i32::MAX, "example.Shop.Buy", false)),
        ("request-negative-number", request(-1, "example.Shop.Buy", false)),
        ("payload", result(3, b"\x0a\x01x")),
        ("payload-empty", result(0, b"")),
        ("error", failure(1, Some("TIMEOUT"), Some("no answer came in time"))),
        ("error-empty", failure(1, None, None)),
        ("close", response(300, Content::Close)),
        ("ready", response(5, Content::Ready)),
        ("open", Message::Open),
        ("open-ack", Message::OpenAck),
        ("stream-close", Message::StreamClose { id: 12 }),
        ("bye", Message::Bye),
    ] {
        topic.accept(slug, &req, "", bytes(&message));
    }
    let method = block(0x12, b"a.S.M");
    let payload = block(0x1a, &[]);
    for (slug, about, parts) in [
        (
            "request-defaults-left-out",
            "as a writer that leaves defaults out",
            block(0x0a, &[&method[..], &payload].concat()),
        ),
        (
            "request-fields-turned",
            "",
            block(0x0a, &[&b"\x20\x01"[..], &payload, &method, b"\x08\x09"].concat()),
        ),
        (
            "payload-defaults-left-out",
            "number 0, and no type name",
            block(0x12, &block(0x12, &block(0x12, b"\x01"))),
        ),
        ("stream-close-defaults-left-out", "of request 0", block(0x2a, &[])),
        ("flag-of-two", "any number but 0 is true", vec![0x18, 2]),
        (
            "number-of-ten-bytes",
            "the low 32 bits count",
            block(0x2a, b"\x08\x81\x80\x80\x80\xf0\xff\xff\xff\xff\x01"),
        ),
    ] {
        topic.accept(slug, &req, about, raw(&to_hex(&parts)));
    }
    topic.accept("two-members", &req, "open, then open_ack", raw("18012001"));
    topic.accept("two-members-turned", &req, "open_ack, then open", raw("20011801"));
    topic.accept(
        "two-requests",
        &req,
        "the second counts alone",
        raw(&format!(
            "{}{}",
            to_hex(&request(1, "example.Shop.Buy", false).encode()),
            to_hex(&request(2, "example.Shop.Sell", false).encode()),
        )),
    );
    topic.accept("response-without-content", &["MESH-RPC-002"], "", raw("12020805"));
    topic.accept("response-false-close", &["MESH-RPC-002"], "a false flag says nothing", raw("120408052000"));
    topic.accept("response-false-ready", &["MESH-RPC-002"], "a false flag says nothing", raw("120408052800"));

    let req = ["MESH-RPC-003"];
    for (slug, about, parts) in [
        ("unknown-beside", "field 9 beside bye", b"\x32\x00\x48\x01".to_vec()),
        ("unknown-bytes", "field 10, then open_ack", [block(0x52, b"abc"), vec![0x20, 1]].concat()),
        ("unknown-of-four-bytes", "field 11, then open", b"\x5d\x01\x02\x03\x04\x18\x01".to_vec()),
        (
            "unknown-of-eight-bytes",
            "field 12, then open",
            b"\x61\x01\x02\x03\x04\x05\x06\x07\x08\x18\x01".to_vec(),
        ),
        ("unknown-in-request", "field 9", block(0x0a, &[&method[..], &payload, b"\x48\x01"].concat())),
        ("unknown-in-response", "field 9", block(0x12, b"\x08\x05\x48\x01\x20\x01")),
        (
            "unknown-in-payload",
            "field 3",
            block(0x12, &block(0x12, &[&block(0x12, b"\x01")[..], b"\x18\x01"].concat())),
        ),
        ("unknown-in-stream-close", "field 2", block(0x2a, b"\x08\x02\x10\x01")),
        ("unknown-in-bye", "field 1", block(0x32, b"\x08\x01")),
    ] {
        topic.accept(slug, &req, about, raw(&to_hex(&parts)));
    }

    let req = ["MESH-RPC-002"];
    for (slug, from, class, about, hex) in [
        ("nothing", "open", Class::DecodeMissing, "no bytes", ""),
        ("open-false", "open", Class::DecodeMissing, "a false flag says nothing", "1800"),
        ("open-ack-false", "open-ack", Class::DecodeMissing, "a false flag says nothing", "2000"),
        ("only-unknown", "open", Class::DecodeMissing, "field 9 alone", "4801"),
        ("request-as-number", "open", Class::DecodeWireType, "", "0801"),
        ("open-as-bytes", "open", Class::DecodeWireType, "", "1a00"),
        ("wire-type-6", "open", Class::DecodeWireType, "", "1e01"),
        ("wire-type-7", "open", Class::DecodeWireType, "", "1f01"),
        ("wire-type-7-unknown", "open", Class::DecodeWireType, "field 9, then open", "4f1801"),
        ("varint-of-eleven-bytes", "open", Class::DecodeVarint, "", "18ffffffffffffffffffff01"),
        ("method-not-utf8", "request-defaults-left-out", Class::DecodeUtf8, "", "0a091205ff2e532e4d1a00"),
        ("length-beyond", "stream-close", Class::DecodeLength, "", "2a03080c"),
        ("length-of-2-32", "stream-close", Class::DecodeLength, "", "2a8080808010080c"),
        ("inner-length-beyond", "bye", Class::DecodeLength, "", "32020a05"),
        ("error-of-broken-bytes", "error", Class::DecodeLength, "", "120608011a020a05"),
    ] {
        topic.reject(slug, from, &req, class, about, raw(hex));
    }
    topic
}

pub(super) fn every_cut() -> Topic {
    let about = "A message that is cut short, at each place.";
    let mut topic = Topic::new("mesh/rpc/cut", "mesh.rpc.decode", &[], about);
    for (slug, message) in
        [("request", request(1, "a.S.M", true)), ("error", failure(3, Some("TIMEOUT"), Some("late")))]
    {
        let whole = message.encode();
        topic.accept(slug, &["MESH-RPC-001"], "", bytes(&message));
        for length in 1..whole.len() {
            let cut = whole.get(..length).unwrap_or_default();
            topic.reject_of_series(&format!("{slug}-{length}"), slug, "", json!({ "bytes": to_hex(cut) }));
        }
    }
    topic
}

pub(super) fn encode() -> Topic {
    let about = "What is written, read again by the judge where the bytes are free.";
    let mut topic = Topic::new("mesh/rpc/encode", "mesh.rpc.encode", &[], about);
    let req = ["MESH-RPC-001"];
    for (slug, message) in [
        ("open", json!({ "open": true })),
        ("open-ack", json!({ "open_ack": true })),
        ("bye", json!({ "bye": true })),
    ] {
        topic.accept(slug, &req, "byte for byte", json!({ "message": message }));
    }
    let payload = |mut message: Value, value: &str| {
        if let Some(members) = message.as_object_mut() {
            members.insert("type".to_owned(), ".example.Order".into());
            members.insert("value".to_owned(), value.into());
        }
        message
    };
    let context = json!({ "spaceKey": "04ab", "late": true });
    for (slug, message) in [
        ("request", payload(json!({ "request": 0, "method": "example.Shop.Buy", "stream": false }), "0a00")),
        (
            "request-stream",
            payload(json!({ "request": 128, "method": "example.Shop.Watch", "stream": true }), ""),
        ),
        (
            "request-largest-number",
            payload(json!({ "request": i32::MAX, "method": "a.S.M", "stream": false }), "00"),
        ),
        ("answer", payload(json!({ "answer": 16_384 }), "0102")),
        ("answer-empty", payload(json!({ "answer": 0 }), "")),
        ("error", json!({ "error": 2, "name": "TIMEOUT", "message": "late" })),
        ("error-message-alone", json!({ "error": 2, "message": "plain" })),
        (
            "error-context",
            json!({ "error": 2, "name": "SPACE_NOT_FOUND", "message": "m", "context": context }),
        ),
        ("close", json!({ "close": 5 })),
        ("ready", json!({ "ready": 0 })),
        ("stream-close", json!({ "stream_close": 77 })),
    ] {
        let asks = vec![
            ask("mesh.rpc.encode", json!({ "message": message })).any(&["bytes"]),
            read_by_judge(0, "bytes"),
        ];
        topic.steps(slug, &req, "", asks);
    }
    topic
}

/// A payload whose type is written in any way.
pub(super) fn typed<'a>(id: i32, stream: bool, type_url: &'a str) -> Message<'a> {
    let method = if stream { "example.Shop.Watch" } else { "example.Shop.Buy" };
    Message::Request(Request {
        id,
        method,
        payload: Any { type_url: type_url.as_bytes(), value: b"\x0a\x01x" },
        stream,
    })
}
