//! Cutting a stream into frames.

use serde_json::{Value, json};

use super::super::super::topic::Topic;
use super::message::shown;
use crate::class::Class::{DecodeVarint, FrameOversize};

const MIB: u64 = 1 << 20;

fn chunks(chunks: &[Value]) -> Value {
    json!({ "chunks": chunks })
}

pub(super) fn frames() -> Topic {
    let op = "echo.replication.frames";
    let about = "Frames: length, header and limits, however the stream is cut.";
    let mut topic = Topic::new("echo/replication/frame", op, &[], about);
    let bytes = |bytes: &str| json!({ "bytes": bytes });
    let three = "03130805091708031000180020060715080010808040";

    for (slug, req, text) in [
        ("one", &["ECHO-WIRE-002", "ECHO-WIRE-003"] as &[&str], "03130805"),
        ("merged", &["ECHO-WIRE-002", "ECHO-WIRE-005"], three),
        ("channel-7", &["ECHO-WIRE-003"], "03730805"),
        ("channel-8", &["ECHO-WIRE-003"], "048301 0805"),
        ("channel-20", &["ECHO-WIRE-003"], "04c7020803"),
        ("channel-300", &["ECHO-WIRE-003"], "04c3250805"),
        ("channel-100000", &["ECHO-WIRE-003"], "0583d46108 05"),
        ("channel-0", &["ECHO-WIRE-003"], "03030805"),
        ("no-body", &["ECHO-WIRE-002"], "011a03130805"),
        ("keep-alive", &["ECHO-WIRE-004"], "0003130805"),
        ("keep-alives", &["ECHO-WIRE-004"], "000000031308050000000313080600"),
        ("begun", &["ECHO-WIRE-005"], "0313080503130806031308"),
        ("begun-varint", &["ECHO-WIRE-005"], "0313080580"),
    ] {
        shown(&mut topic, slug, req, bytes(&text.replace(' ', "")));
    }
    for split in [1, 2, 3, 7] {
        let input = json!({ "bytes": format!("{three}0004c702080300"), "split": split });
        shown(&mut topic, &format!("split-{split}"), &["ECHO-WIRE-005", "ECHO-WIRE-004"], input);
    }
    let long = format!("85011b{}03130805", "aa".repeat(132));
    shown(&mut topic, "split-length", &["ECHO-WIRE-005"], chunks(&[json!("85"), json!(long.get(2..))]));
    shown(&mut topic, "split-header", &["ECHO-WIRE-005"], chunks(&[json!("04c7"), json!("020803")]));

    let body = |count: u64| json!({ "byte": "aa", "count": count });
    let largest = chunks(&[json!("818080041b"), body(8 * MIB), json!("03130805")]);
    shown(&mut topic, "largest", &["ECHO-WIRE-006"], largest);
    let largest = chunks(&[json!("82808004cb02"), body(8 * MIB), json!("03130805")]);
    shown(&mut topic, "largest-of-channel-20", &["ECHO-WIRE-006"], largest);
    shown(&mut topic, "length-of-7-bytes", &["ECHO-WIRE-008"], bytes("8380808080800013080503130806"));

    let mut reject = |slug: &str, from: &str, req: &str, class, about: &str, input| {
        topic.reject(slug, from, &[req], class, about, input);
    };
    let oversize = "one byte more than a body may have, only announced";
    reject(
        "too-large",
        "largest",
        "ECHO-WIRE-006",
        FrameOversize,
        oversize,
        chunks(&[json!("828080041b"), body(8 * MIB), json!("03130805")]),
    );
    reject(
        "too-large-of-channel-20",
        "largest-of-channel-20",
        "ECHO-WIRE-006",
        FrameOversize,
        oversize,
        chunks(&[json!("83808004cb02"), body(8 * MIB), json!("03130805")]),
    );
    reject(
        "far-too-large",
        "one",
        "ECHO-WIRE-006",
        FrameOversize,
        "a terabyte is announced",
        bytes("80808080802013"),
    );
    reject(
        "too-large-unknown-type",
        "one",
        "ECHO-WIRE-006",
        FrameOversize,
        "of a type that is ignored",
        bytes("828080041c"),
    );
    reject(
        "shorter-than-header",
        "channel-20",
        "ECHO-WIRE-007",
        FrameOversize,
        "one byte, and a header of two",
        bytes("01c7020803"),
    );
    reject(
        "shorter-than-long-header",
        "channel-100000",
        "ECHO-WIRE-007",
        FrameOversize,
        "",
        bytes("0283d4610805"),
    );
    reject(
        "endless-length",
        "one",
        "ECHO-WIRE-008",
        DecodeVarint,
        "eight bytes, each with another to follow",
        bytes("8080808080808080"),
    );
    reject("endless-length-ff", "one", "ECHO-WIRE-008", DecodeVarint, "", bytes("ffffffffffffffff"));
    reject(
        "endless-header",
        "one",
        "ECHO-WIRE-008",
        DecodeVarint,
        "",
        bytes("20 9380808080808080".replace(' ', "").as_str()),
    );
    reject(
        "length-of-9-bytes",
        "length-of-7-bytes",
        "ECHO-WIRE-008",
        DecodeVarint,
        "the ninth byte would end it",
        bytes("838080808080808000 13080503130806".replace(' ', "").as_str()),
    );
    reject(
        "endless-behind-frames",
        "merged",
        "ECHO-WIRE-008",
        DecodeVarint,
        "two good frames come first",
        bytes("0313080509170803100018002006ffffffffffffffff"),
    );
    topic
}
