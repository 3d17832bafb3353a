//! Messages in frames: reading and writing each of them.

use serde_json::{Value, json};

use super::super::super::topic::Topic;
use crate::class::Class::{self, DecodeLength, DecodeMissing, DecodeVarint, DecodeWireType, ResourceCount};
use crate::format::{Case, Want};

const OP: &str = "echo.replication.frames";

/// An accepted stream of which the messages are compared.
pub(super) fn shown<'a>(topic: &'a mut Topic, slug: &str, req: &[&str], input: Value) -> &'a mut Case {
    let case = topic.accept(slug, req, "", input);
    if let Some(Want::Ok(members)) = &mut case.want {
        members.retain(|name, _| name == "messages");
    }
    case
}

/// A frame of a body of less than 127 bytes on channel 1.
fn framed(kind: u8, body: &str) -> Value {
    json!({ "bytes": plain(kind, body) })
}

fn plain(kind: u8, body: &str) -> String {
    let body = body.replace(' ', "");
    let size = body.len() / 2 + 1;
    if size < 0x80 {
        format!("{size:02x}{:02x}{body}", 0x10 | kind)
    } else {
        format!("{:02x}{:02x}{:02x}{body}", size % 128 + 128, size / 128, 0x10 | kind)
    }
}

fn hash(byte: &str) -> String {
    format!("1220{}", byte.repeat(32))
}

/// Messages that end after each of their bytes, in frames that are long enough for what is left.
pub(super) fn every_cut() -> Topic {
    let about = "Messages that end after each of their bytes in turn, where what is left is none.";
    let mut topic = Topic::new("echo/replication/message-cut", OP, &[], about);
    let node = |index: &str| format!("1a26 08{index} {} 1803", hash("aa"));
    let data = format!("0801 1202 6263 {} 2240 {}", node("00"), "5b".repeat(64));
    let open = format!("0a20 {}", "dd".repeat(32));
    let messages = [
        ("open", 0, open.as_str()),
        ("have", 3, "0800 10808040 1a0304e0f0"),
        ("unhave", 4, "08ac02 10808040"),
        ("want", 5, "08808040 10808040"),
        ("request", 7, "08ac02 1000 1800 20ac02"),
        ("data", 9, data.as_str()),
    ];
    for (slug, kind, body) in messages {
        let body = body.replace(' ', "");
        shown(&mut topic, slug, &["ECHO-WIRE-012"], framed(kind, &body));
        for end in 0..body.len() / 2 {
            let cut = body.get(..2 * end).unwrap_or_default();
            topic.reject_of_series(&format!("{slug}-first-{end}"), slug, "", framed(kind, cut));
        }
    }
    topic
}

pub(super) fn decode() -> Topic {
    let about = "Each message, with and without what may be absent.";
    let mut topic = Topic::new("echo/replication/message", OP, &[], about);
    let (dd, cc) = ("dd".repeat(32), "cc".repeat(32));
    let node = format!("1a26 0802 {} 1803", hash("ab"));
    let cases: Vec<(&str, &str, u8, String)> = vec![
        ("open", "ECHO-WIRE-012", 0, format!("0a20{dd}")),
        ("open-capability", "ECHO-WIRE-013", 0, format!("0a20{dd}1220{cc}")),
        ("options", "ECHO-WIRE-013", 1, "0a056578742d61 0a056578742d62 1001".to_owned()),
        ("options-empty", "ECHO-WIRE-013", 1, String::new()),
        ("status", "ECHO-WIRE-013", 2, "0801 1000".to_owned()),
        ("status-of-nothing", "ECHO-WIRE-013", 2, String::new()),
        ("status-downloading", "ECHO-WIRE-013", 2, "1001".to_owned()),
        ("have", "ECHO-WIRE-019", 3, "0805".to_owned()),
        ("have-length", "ECHO-WIRE-013", 3, "0805 1003".to_owned()),
        ("have-length-1", "ECHO-WIRE-019", 3, "0805 1001".to_owned()),
        ("have-bitfield", "ECHO-WIRE-021", 3, "0800 10808040 1a0202e0".to_owned()),
        ("have-bitfield-run", "ECHO-WIRE-021", 3, "0800 10808040 1a04 83040280".to_owned()),
        ("have-bitfield-empty", "ECHO-WIRE-021", 3, "0800 10808040 1a00".to_owned()),
        ("have-ack", "ECHO-WIRE-013", 3, "0807 1001 2001".to_owned()),
        ("unhave", "ECHO-WIRE-012", 4, "0801 1004".to_owned()),
        ("unhave-one", "ECHO-WIRE-013", 4, "0801".to_owned()),
        ("want", "ECHO-WIRE-012", 5, "0800 10808040".to_owned()),
        ("want-to-the-end", "ECHO-WIRE-013", 5, "0800".to_owned()),
        ("unwant", "ECHO-WIRE-012", 6, "0800 10808040".to_owned()),
        ("request", "ECHO-WIRE-013", 7, "0803 1000 1800 2000".to_owned()),
        ("request-short", "ECHO-WIRE-013", 7, "0803".to_owned()),
        ("request-digest", "ECHO-WIRE-013", 7, "0803 2006".to_owned()),
        ("request-hash", "ECHO-WIRE-013", 7, "0803 1801".to_owned()),
        ("request-bytes", "ECHO-WIRE-013", 7, "0800 1005".to_owned()),
        ("request-far", "ECHO-WIRE-013", 7, "08808080808020 20 8180808008".to_owned()),
        ("cancel", "ECHO-WIRE-012", 8, "0803 1000 1800".to_owned()),
        ("data", "ECHO-WIRE-012", 9, "0800 120161".to_owned()),
        ("data-empty-block", "ECHO-WIRE-013", 9, "0800 1200".to_owned()),
        ("data-proof", "ECHO-WIRE-012", 9, format!("0803 120161 {node} 2204 01020304")),
        ("data-hash-only", "ECHO-WIRE-013", 9, format!("0801 {node}")),
        ("data-two-nodes", "ECHO-WIRE-012", 9, format!("0803 120161 {node} 1a26 0806 {} 1805", hash("cd"))),
        ("data-zeros", "ECHO-WIRE-012", 9, format!("0800 1a26 0800 {} 1800", hash("00"))),
        ("close", "ECHO-WIRE-013", 10, String::new()),
        ("close-key", "ECHO-WIRE-013", 10, format!("0a20{dd}")),
        ("extension", "ECHO-WIRE-010", 15, "02 aabb".to_owned()),
        ("extension-empty", "ECHO-WIRE-010", 15, "00".to_owned()),
    ];
    for (slug, req, kind, body) in cases {
        shown(&mut topic, slug, &[req], framed(kind, &body));
    }
    for kind in 11..=14 {
        let bytes = plain(kind, "ffff") + "03130805";
        shown(&mut topic, &format!("type-{kind}"), &["ECHO-WIRE-009"], json!({ "bytes": bytes }));
    }
    for (slug, field) in [
        ("unknown-number", "7801"),
        ("unknown-bytes", "7a03ffffff"),
        ("unknown-four-bytes", "7dffffffff"),
        ("unknown-eight-bytes", "79ffffffffffffffff"),
        ("unknown-field-1000", "c23e03ffffff"),
    ] {
        shown(&mut topic, slug, &["ECHO-WIRE-011"], framed(7, &format!("0803 {field} 2006")));
    }
    shown(
        &mut topic,
        "unknown-in-node",
        &["ECHO-WIRE-011"],
        framed(9, &format!("0800 1a28 0802 {} 1803 7801", hash("ab"))),
    );
    for (slug, kind, body) in [
        ("twice-start", 3, "0805 0806"),
        ("twice-length", 3, "0805 1003 1004"),
        ("twice-flag", 2, "0801 0800"),
        ("twice-value", 9, "0800 120161 120162"),
    ] {
        shown(&mut topic, slug, &["ECHO-WIRE-017"], framed(kind, body));
    }
    topic
}

pub(super) fn faults() -> Topic {
    let about = "Messages that end the stream, each beside one that is read.";
    let mut topic = Topic::new("echo/replication/message-fault", OP, &[], about);
    let dd = "dd".repeat(32);
    let node = |hash: &str, more: &str| {
        let body = format!("{hash}{more}").replace(' ', "");
        format!("1a{:02x}{body}", body.len() / 2)
    };
    let good = node(&format!("0802 {}", hash("ab")), "1803");
    let bases: [(&str, u8, String); 12] = [
        ("open", 0, format!("0a20{dd}")),
        ("options", 1, "0a0161 1001".to_owned()),
        ("have", 3, "0805 1003".to_owned()),
        ("have-bitfield", 3, "0800 10808040 1a0202e0".to_owned()),
        ("unhave", 4, "0801 1004".to_owned()),
        ("want", 5, "0800 10808040".to_owned()),
        ("unwant", 6, "0800 10808040".to_owned()),
        ("request", 7, "0803 1000 1800 2006".to_owned()),
        ("cancel", 8, "0803 1000".to_owned()),
        ("data", 9, format!("0803 120161 {good} 2204 01020304")),
        ("extension", 15, "8201 aabb".to_owned()),
        ("status", 2, "0801 1000".to_owned()),
    ];
    for (slug, kind, body) in &bases {
        shown(&mut topic, slug, &["ECHO-WIRE-012"], framed(*kind, body));
    }
    let names = |count: usize| "0a00".repeat(count);
    shown(&mut topic, "options-256-names", &["ECHO-WIRE-027"], framed(1, &names(256)));
    let run = |encoded: &str| format!("0800 10808040 1a{:02x}{encoded}", encoded.len() / 2);
    shown(&mut topic, "bitfield-1-mib", &["ECHO-WIRE-024"], framed(3, &run("81808002")));

    let mut reject = |slug: &str, from: &str, req: &str, class: Class, about: &str, kind: u8, body: &str| {
        topic.reject(slug, from, &[req], class, about, framed(kind, body));
    };
    let missing = [
        ("open", 0, format!("1220{dd}"), "no discovery key"),
        ("have", 3, "1003".to_owned(), "no start"),
        ("unhave", 4, "1004".to_owned(), "no start"),
        ("want", 5, "10808040".to_owned(), "no start"),
        ("unwant", 6, "10808040".to_owned(), "no start"),
        ("request", 7, "1000 1800 2006".to_owned(), "no index"),
        ("cancel", 8, "1000".to_owned(), "no index"),
        ("data", 9, format!("120161 {good} 2204 01020304"), "no index"),
    ];
    for (from, kind, body, about) in &missing {
        reject(&format!("missing-{from}"), from, "ECHO-WIRE-012", DecodeMissing, about, *kind, body);
    }
    let nodes = [
        ("missing-node-index", node(&hash("ab"), "1803"), "a node without index"),
        ("missing-node-hash", node("0802", "1803"), "a node without hash"),
        ("missing-node-size", node(&format!("0802 {}", hash("ab")), ""), "a node without size"),
        ("missing-node", node("", ""), "a node without anything"),
    ];
    for (slug, node, about) in &nodes {
        let body = format!("0803 120161 {node} 2204 01020304");
        reject(slug, "data", "ECHO-WIRE-012", DecodeMissing, about, 9, &body);
    }
    for (slug, from, kind, body, about) in [
        ("cut-key", "open", 0, format!("0a20{}", "dd".repeat(31)), "a byte of the key is missing"),
        ("cut-name", "options", 1, "0a0261 ".to_owned(), "a byte of a name is missing"),
        ("cut-value", "data", 9, "0803 120261".to_owned(), "a byte of the block is missing"),
        (
            "cut-node",
            "data",
            9,
            format!("0803 120161 1a27 0802 {} 1803", hash("ab")),
            "a byte of the node is missing",
        ),
        ("cut-unknown", "request", 7, "0803 7a05ffff".to_owned(), "an unknown field passes the end"),
        ("cut-unknown-eight", "request", 7, "0803 79ffffff".to_owned(), "an unknown field passes the end"),
        ("cut-unknown-four", "request", 7, "0803 7dffffff".to_owned(), "an unknown field passes the end"),
        ("length-of-2-63", "data", 9, "0803 12ffffffffffffffff7f".to_owned(), "a length near 2^63"),
    ] {
        reject(slug, from, "ECHO-WIRE-014", DecodeLength, about, kind, &body);
    }
    for (slug, from, kind, body, about) in [
        ("cut-number", "have", 3, "0880", "the number is cut off"),
        ("cut-tag", "have", 3, "0805 80", "the tag is cut off"),
        ("cut-length", "data", 9, "0803 1280", "the length is cut off"),
        ("cut-index", "request", 7, "08ffff", "the number is cut off"),
        ("cut-number-absent", "have", 3, "08", "there is no number"),
        ("cut-id", "extension", 15, "82", "the id is cut off"),
        ("number-of-11-bytes", "have", 3, "088080808080808080808000", "eleven bytes"),
        ("flag-cut", "status", 2, "0880", "the bool is cut off"),
    ] {
        reject(slug, from, "ECHO-WIRE-015", DecodeVarint, about, kind, body);
    }
    for (slug, from, kind, body, about) in [
        ("bytes-for-number", "have", 3, "0a0105".to_owned(), "start as bytes"),
        ("number-for-bytes", "open", 0, format!("0820{dd}"), "the key as a number"),
        ("fixed-for-number", "want", 5, "0d00000000".to_owned(), "start as four bytes"),
        ("bytes-for-flag", "status", 2, "0a0101".to_owned(), "uploading as bytes"),
        ("number-for-node", "data", 9, "0803 120161 1801".to_owned(), "a node as a number"),
        ("group", "request", 7, "0803 7b 7c".to_owned(), "an unknown field is a group"),
        ("wire-type-6", "request", 7, "0803 7e".to_owned(), "wire type 6"),
        ("wire-type-7", "request", 7, "0803 7f".to_owned(), "wire type 7"),
    ] {
        reject(slug, from, "ECHO-WIRE-016", DecodeWireType, about, kind, &body);
    }
    for (slug, bytes) in [("hash-of-31-bytes", 31), ("hash-of-33-bytes", 33), ("hash-of-no-bytes", 0)] {
        let node = node(&format!("0802 12{bytes:02x}{}", "ab".repeat(bytes)), "1803");
        reject(
            slug,
            "data",
            "ECHO-WIRE-018",
            DecodeLength,
            "",
            9,
            &format!("0803 120161 {node} 2204 01020304"),
        );
    }
    reject("options-257-names", "options-256-names", "ECHO-WIRE-027", ResourceCount, "", 1, &names(257));
    let bitfields = [
        (
            "bitfield-literal-cut",
            "ECHO-WIRE-022",
            DecodeLength,
            "04e0",
            "two bytes are announced, one is there",
        ),
        (
            "bitfield-literal-absent",
            "ECHO-WIRE-022",
            DecodeLength,
            "02",
            "one byte is announced, none is there",
        ),
        ("bitfield-literal-far", "ECHO-WIRE-022", DecodeLength, "feffffff0f", "a literal of 2 GiB"),
        ("bitfield-varint-cut", "ECHO-WIRE-023", DecodeVarint, "02e080", "the last varint is cut off"),
    ];
    for (slug, req, class, encoded, about) in bitfields {
        reject(slug, "have-bitfield", req, class, about, 3, &run(encoded));
    }
    let beyond = "one byte more than 1 MiB";
    reject(
        "bitfield-too-large",
        "bitfield-1-mib",
        "ECHO-WIRE-024",
        Class::ResourceSize,
        beyond,
        3,
        &run("85808002"),
    );
    topic
}

pub(super) fn encode() -> Topic {
    let about = "Writing each message; what is written is read by the judge.";
    let mut topic = Topic::new("echo/replication/encode", "echo.replication.encode", &[], about);
    let (dd, ab) = ("dd".repeat(32), "ab".repeat(32));
    let cases = [
        (
            "open",
            &["ECHO-WIRE-002", "ECHO-WIRE-003"] as &[&str],
            json!({ "channel": 1, "type": "open", "discovery_key": dd }),
        ),
        (
            "channel-20",
            &["ECHO-WIRE-003", "ECHO-WIRE-002"],
            json!({ "channel": 20, "type": "open", "discovery_key": dd }),
        ),
        (
            "status",
            &["ECHO-WIRE-002"],
            json!({ "channel": 1, "type": "status", "uploading": true, "downloading": false }),
        ),
        (
            "options",
            &["ECHO-WIRE-002"],
            json!({ "channel": 1, "type": "options", "extensions": ["a", "b"], "ack": false }),
        ),
        ("have-0", &["ECHO-WIRE-020"], json!({ "channel": 1, "type": "have", "start": 0, "length": 1 })),
        ("have-5", &["ECHO-WIRE-002"], json!({ "channel": 1, "type": "have", "start": 5, "length": 300 })),
        (
            "have-bits",
            &["ECHO-WIRE-025"],
            json!({ "channel": 1, "type": "have", "start": 0, "length": 1_048_576, "bits": "e0".to_owned() + &"ff".repeat(40) }),
        ),
        ("unhave-0", &["ECHO-WIRE-020"], json!({ "channel": 1, "type": "unhave", "start": 0, "length": 1 })),
        (
            "want-0",
            &["ECHO-WIRE-020"],
            json!({ "channel": 1, "type": "want", "start": 0, "length": 1_048_576 }),
        ),
        (
            "want-1",
            &["ECHO-WIRE-002"],
            json!({ "channel": 1, "type": "want", "start": 1_048_576, "length": 1_048_576 }),
        ),
        ("request-0", &["ECHO-WIRE-020"], json!({ "channel": 1, "type": "request", "index": 0, "nodes": 0 })),
        ("request-3", &["ECHO-WIRE-002"], json!({ "channel": 1, "type": "request", "index": 3, "nodes": 6 })),
        (
            "request-far",
            &["ECHO-WIRE-002"],
            json!({ "channel": 1, "type": "request", "index": 1_099_511_627_776_u64, "nodes": 2_199_023_255_553_u64 }),
        ),
        (
            "data-0",
            &["ECHO-WIRE-020"],
            json!({ "channel": 1, "type": "data", "index": 0, "value": "61", "nodes": [] }),
        ),
        (
            "data-empty-block",
            &["ECHO-WIRE-020"],
            json!({ "channel": 1, "type": "data", "index": 0, "value": "", "nodes": [[2, ab, 0]] }),
        ),
        (
            "data-node-0",
            &["ECHO-WIRE-020"],
            json!({ "channel": 1, "type": "data", "index": 1, "value": "6263", "nodes": [[0, ab, 1], [4, ab, 300]],
                "signature": "07".repeat(64) }),
        ),
        (
            "data-long",
            &["ECHO-WIRE-002"],
            json!({ "channel": 1, "type": "data", "index": 7, "value": { "byte": "61", "count": 20_000 }, "nodes": [] }),
        ),
        ("close", &["ECHO-WIRE-002"], json!({ "channel": 1, "type": "close" })),
    ];
    for (slug, req, message) in cases {
        let input = json!({ "messages": [message] });
        topic.issue(slug, req, "", input, "bytes", &[(OP, json!({}))]);
    }
    topic
}
