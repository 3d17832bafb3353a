//! Run-length encoding of bits.

use serde_json::json;

use super::super::super::topic::Topic;
use crate::class::Class::{DecodeLength, DecodeVarint, ResourceSize};

fn pairs() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("literal", "e0".to_owned(), "02e0"),
        ("one-run", "ff".to_owned(), "07"),
        ("run-of-two", "ff".repeat(2), "0b"),
        ("run-then-literal", "fffffff0".to_owned(), "0f02f0"),
        ("zeros-then-literal", "00000080".to_owned(), "0d0280"),
        ("long-run", "ff".repeat(128) + "80", "83040280"),
        ("literal-zeros-literal", "e0".to_owned() + &"00".repeat(8) + "01", "02e0210201"),
        ("run-of-1000", "ff".repeat(1000), "a31f"),
        ("literals", "a5c381".to_owned(), "06a5c381"),
        ("run-of-31", "ff".repeat(31), "7f"),
        ("run-of-32", "ff".repeat(32), "8301"),
        ("zeros-between-runs", "ff".repeat(4) + &"00".repeat(4) + &"ff".repeat(4), "131113"),
        ("short-zeros-inside", "a500a5".to_owned(), "06a500a5"),
        ("two-zeros-inside", "a50000a5".to_owned(), "08a50000a5"),
    ]
}

pub(super) fn decode() -> Topic {
    let about = "Bits from their run-length encoding.";
    let mut topic = Topic::new("echo/replication/bitfield", "echo.replication.bitfield.decode", &[], about);
    let input = |bitfield: &str| json!({ "bitfield": bitfield });
    for (slug, _, encoded) in pairs() {
        topic.accept(slug, &["ECHO-WIRE-021"], "", input(encoded));
    }
    topic.accept("none", &["ECHO-WIRE-021"], "", input(""));
    topic.accept(
        "zeros-only",
        &["ECHO-WIRE-021"],
        "zeros that a writer would leave out",
        input("0402000011"),
    );
    topic.accept(
        "run-not-shorter",
        &["ECHO-WIRE-021"],
        "a run of one byte where a literal would do",
        input("02a505"),
    );
    topic.accept("two-runs", &["ECHO-WIRE-021"], "a run in two records", input("0707"));
    topic.accept("empty-records", &["ECHO-WIRE-021"], "records of no bytes", input("00010302e0"));
    topic.accept("long-varint", &["ECHO-WIRE-021"], "a varint longer than it must be", input("8700"));
    topic.accept("largest", &["ECHO-WIRE-024"], "1 MiB of zeros", input("81808002"));
    for (slug, from, req, class, encoded, about) in [
        (
            "literal-cut",
            "literals",
            "ECHO-WIRE-022",
            DecodeLength,
            "08a5c381",
            "four bytes are announced, three are there",
        ),
        (
            "literal-absent",
            "literal",
            "ECHO-WIRE-022",
            DecodeLength,
            "02",
            "one byte is announced, none is there",
        ),
        (
            "literal-cut-later",
            "literal-zeros-literal",
            "ECHO-WIRE-022",
            DecodeLength,
            "02e0210401",
            "the last literal is cut",
        ),
        ("literal-far", "literal", "ECHO-WIRE-022", DecodeLength, "feffffff0f", "a literal of 2 GiB"),
        ("varint-cut", "run-of-32", "ECHO-WIRE-023", DecodeVarint, "83", "the varint has no end"),
        (
            "varint-cut-later",
            "literal",
            "ECHO-WIRE-023",
            DecodeVarint,
            "02e080",
            "the last varint has no end",
        ),
        (
            "varint-of-11-bytes",
            "one-run",
            "ECHO-WIRE-023",
            DecodeVarint,
            "8780808080808080808000",
            "eleven bytes",
        ),
        ("too-large", "largest", "ECHO-WIRE-024", ResourceSize, "85808002", "one byte more than 1 MiB"),
        (
            "too-large-together",
            "largest",
            "ECHO-WIRE-024",
            ResourceSize,
            "81808002 02e0",
            "more than 1 MiB in two records",
        ),
    ] {
        topic.reject(slug, from, &[req], class, about, input(&encoded.replace(' ', "")));
    }
    topic
}

pub(super) fn encode() -> Topic {
    let about = "Bits to their run-length encoding: as it must be read, and as it should be written.";
    let mut topic =
        Topic::new("echo/replication/bitfield-encode", "echo.replication.bitfield.encode", &[], about);
    for (slug, bits, _) in pairs() {
        let input = json!({ "bits": bits });
        let check = ("echo.replication.bitfield.decode", json!({}));
        topic.issue(slug, &["ECHO-WIRE-025"], "", input.clone(), "bitfield", &[check]);
        topic.accept(&format!("{slug}-form"), &["ECHO-WIRE-026"], "", input);
    }
    let zeros = json!({ "bits": "e0".to_owned() + &"00".repeat(20) });
    topic.accept("zeros-at-the-end", &["ECHO-WIRE-025"], "they are left out", zeros);
    topic.accept("zeros", &["ECHO-WIRE-025"], "nothing is left", json!({ "bits": "00".repeat(1024) }));
    topic
}
