//! Metadata records.

use dxos_reference::echo::metadata::record;
use serde_json::{Value, json};

use super::{credential, frame, hex, made, vector};
use crate::class::Class::{
    self, DecodeLength, DecodeMissing, DecodeUtf8, DecodeVarint, DecodeWireType, FrameOversize,
    FrameTruncated, SchemaConstraint, SchemaRange,
};
use crate::generate::topic::Topic;

const DECODE: &str = "echo.metadata.decode";

fn input(kind: &str, file: &[u8]) -> Value {
    json!({ "kind": kind, "file": hex(file) })
}

fn date(seconds: i64) -> Vec<u8> {
    made(|w| w.int(1, seconds).int(2, 5_000_000))
}

/// `EchoMetadata` with version 2 and dates, and what else.
fn body(more: &[u8]) -> Vec<u8> {
    [made(|w| w.int(1, 2).bytes(2, &date(1_700_000_000)).bytes(3, &date(1_700_000_100))), more.to_vec()]
        .concat()
}

fn space(key: u8, more: &[u8]) -> Vec<u8> {
    [made(|w| w.key(1, &[key; 32])), more.to_vec()].concat()
}

fn recorded(body: &[u8]) -> Vec<u8> {
    record(body).unwrap_or_default()
}

/// A record whose length and checksum are right, whatever the body.
fn full() -> Vec<u8> {
    let halo =
        space(3, &made(|w| w.key(4, &[4; 32]).key(6, &[6; 32]).bytes(8, &vector(&[frame(&[4; 32], 9)]))));
    let identity = made(|w| w.key(1, &[1; 32]).key(2, &[2; 32]).bytes(3, &halo));
    let other = space(
        7,
        &made(|w| {
            w.key(3, &[0x33; 32])
                .key(4, &[0x44; 32])
                .bytes(5, &vector(&[frame(&[0x33; 32], 0)]))
                .key(6, &[0x66; 32])
                .bytes(8, &vector(&[frame(&[0x44; 32], 2), frame(&[0x66; 32], -1)]))
                .int(10, 2)
        }),
    );
    body(&made(|w| w.bytes(10, &identity).bytes(11, &other).bytes(11, &space(8, &[]))))
}

fn snapshot(topic: &Topic, slug: &str) -> Vec<u8> {
    let messages: [(u8, &str); 3] = [(9, "one"), (1, "two"), (9, "three")];
    let held = messages.map(|(feed, name)| {
        let held = credential(topic, &format!("{slug}-{name}"));
        made(|w| w.key(1, &[feed; 32]).bytes(2, &held))
    });
    let inner = made(|w| {
        held.iter()
            .fold(w.bytes(1, &vector(&[frame(&[9; 32], 1), frame(&[1; 32], 0)])), |w, one| w.bytes(2, one))
    });
    made(|w| w.bytes(1, &inner))
}

pub(super) fn encode() -> Topic {
    let about = "Records as they are written.";
    let mut topic = Topic::new("echo/metadata/encode", "echo.metadata.encode", &[], about);
    let req = &["ECHO-META-001"];
    let large = snapshot(&topic, "large");
    let bodies = [
        ("echo-small", "echo", body(&[])),
        ("echo-full", "echo", full()),
        ("echo-a-space", "echo", body(&made(|w| w.bytes(11, &space(1, &[]))))),
        ("large-empty", "large", Vec::new()),
        ("large", "large", large),
        ("large-no-messages", "large", made(|w| w.bytes(1, &made(|w| w.bytes(1, &[]))))),
    ];
    for (slug, kind, body) in bodies {
        topic.accept(slug, req, "", json!({ "kind": kind, "body": hex(&body) }));
    }
    topic
}

/// Each byte behind the length with its lowest bit turned over, and the record cut short after each of them.
pub(super) fn every_byte() -> Topic {
    let about = "A record with the lowest bit of each byte behind the length turned over in turn, and cut short before each of them.";
    let mut topic = Topic::new("echo/metadata/decode/every-byte", DECODE, &[], about);
    let whole = recorded(&body(&[]));
    topic.accept("whole", &["ECHO-META-010"], "", input("echo", &whole));
    for at in 4..whole.len() {
        let mut turned = whole.clone();
        turned.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
        topic.reject_of_series(&format!("byte-{at}"), "whole", "", input("echo", &turned));
        let cut = whole.get(..at).unwrap_or_default();
        topic.reject_of_series(&format!("first-{at}"), "whole", "", input("echo", cut));
    }
    topic
}

pub(super) fn echo() -> Topic {
    let about = "What is read from the record EchoMetadata.";
    let mut topic = Topic::new("echo/metadata/decode/echo", DECODE, &[], about);
    let fields = &["ECHO-META-010"];
    topic.accept("small", fields, "", input("echo", &recorded(&body(&[]))));
    topic.accept("full", fields, "an identity and two spaces", input("echo", &recorded(&full())));
    topic.accept("absent", &["ECHO-META-004"], "an empty file", input("echo", &[]));
    let listed = |more: &[u8]| recorded(&body(&made(|w| w.bytes(11, &space(1, more)))));
    topic.accept("space-without-state", &["ECHO-META-012"], "", input("echo", &listed(&[])));
    for state in [0, 1, 2, 6, 7] {
        let slug = format!("space-state-{state}");
        topic.accept(&slug, fields, "", input("echo", &listed(&made(|w| w.int(10, state)))));
    }
    topic.accept("space-control-feed", fields, "", input("echo", &listed(&made(|w| w.key(4, &[4; 65])))));
    topic.accept("space-data-feed", fields, "", input("echo", &listed(&made(|w| w.key(3, &[4; 65])))));
    let twice = vector(&[frame(&[1], 5), frame(&[1], 2), made(|w| w.bytes(1, &[2]))]);
    topic.accept(
        "space-timeframe",
        fields,
        "read as in a message",
        input("echo", &listed(&made(|w| w.bytes(8, &twice)))),
    );
    topic.accept(
        "unknown-fields",
        fields,
        "",
        input("echo", &recorded(&body(&made(|w| w.bytes(99, b"later").int(7, 1))))),
    );
    for (slug, rest) in [
        ("followed-by-a-byte", vec![0]),
        ("followed-by-a-record", recorded(&full())),
        ("followed-by-noise", vec![0xff; 40]),
    ] {
        topic.accept(slug, &["ECHO-META-006"], "", input("echo", &[recorded(&body(&[])), rest].concat()));
    }
    let version = |version: i64| recorded(&made(|w| w.int(1, version).bytes(2, &date(1)).bytes(3, &date(2))));
    for number in [0, 1, 3, -2] {
        let slug = format!("version-{}", if number < 0 { "negative".to_owned() } else { number.to_string() });
        topic.reject(&slug, "small", &["ECHO-META-009"], SchemaRange, "", input("echo", &version(number)));
    }
    topic.reject(
        "version-absent",
        "small",
        &["ECHO-META-009"],
        SchemaRange,
        "",
        input("echo", &recorded(&made(|w| w.bytes(2, &date(1)).bytes(3, &date(2))))),
    );
    topic
}

pub(super) fn large() -> Topic {
    let about = "What is read from the record of a space's credentials.";
    let mut topic = Topic::new("echo/metadata/decode/large", DECODE, &[], about);
    let req = &["ECHO-META-011"];
    topic.accept("empty", req, "a record with an empty body", input("large", &recorded(&[])));
    topic.accept("absent", &["ECHO-META-004"], "", input("large", &[]));
    let whole = recorded(&snapshot(&topic, "whole"));
    topic.accept(
        "whole",
        req,
        "three credentials of two feeds, in the order of processing",
        input("large", &whole),
    );
    topic.accept(
        "followed",
        &["ECHO-META-006"],
        "",
        input("large", &[whole.clone(), vec![1, 2, 3]].concat()),
    );
    let none = made(|w| w.bytes(1, &made(|w| w.bytes(1, &vector(&[frame(&[9; 4], 3)])))));
    topic.accept("no-messages", req, "", input("large", &recorded(&none)));
    let mut case = |slug: &str, req: &str, class: Class, file: &[u8]| {
        topic.reject(slug, "whole", &[req], class, "", input("large", file));
    };
    let flipped = |at: usize, bit: u8| {
        let mut file = whole.clone();
        if let Some(byte) = file.get_mut(at) {
            *byte ^= 1 << bit;
        }
        file
    };
    for at in [8, 20, 100, 300, whole.len() - 1] {
        case(&format!("flipped-{at}"), "ECHO-META-002", SchemaConstraint, &flipped(at, 3));
    }
    for end in [8, 9, 100, whole.len() - 1] {
        case(&format!("cut-{end}"), "ECHO-META-003", FrameTruncated, whole.get(..end).unwrap_or_default());
    }
    topic
}

pub(super) fn damage() -> Topic {
    let about = "Records that are damaged, and files that hold none.";
    let mut topic = Topic::new("echo/metadata/decode/damage", DECODE, &[], about);
    topic.flag(
        "ReplacedByEmpty",
        "an empty record takes the place of one that cannot be read, and the identity is lost",
    );
    let whole = recorded(&full());
    topic.accept("whole", &["ECHO-META-001"], "", input("echo", &whole));
    let mut case = |slug: &str, req: &str, class: Class, about: &str, file: &[u8]| {
        topic.reject(slug, "whole", &[req], class, about, input("echo", file)).flags =
            vec!["ReplacedByEmpty".to_owned()];
    };
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut file = whole.clone();
        change(&mut file);
        file
    };
    let flipped = |at: usize, bit: u8| {
        changed(&|file| {
            if let Some(byte) = file.get_mut(at) {
                *byte ^= 1 << bit;
            }
        })
    };
    let checksum = "ECHO-META-002";
    for (at, bit) in [(4, 0), (5, 7), (7, 0), (7, 7), (8, 0), (9, 2), (40, 4), (whole.len() - 1, 7)] {
        case(&format!("bit-{at}-{bit}"), checksum, SchemaConstraint, "one bit is flipped", &flipped(at, bit));
    }
    case(
        "length-shorter",
        checksum,
        SchemaConstraint,
        "the length is less by one",
        &changed(&|file| {
            if let Some(byte) = file.first_mut() {
                *byte -= 1;
            }
        }),
    );
    case(
        "length-zero",
        checksum,
        SchemaConstraint,
        "",
        &changed(&|file| file.iter_mut().take(4).for_each(|byte| *byte = 0)),
    );
    case(
        "checksum-zero",
        checksum,
        SchemaConstraint,
        "",
        &changed(&|file| file.iter_mut().skip(4).take(4).for_each(|byte| *byte = 0)),
    );
    case(
        "checksum-big-endian",
        checksum,
        SchemaConstraint,
        "",
        &changed(&|file| {
            if let Some(sum) = file.get_mut(4..8) {
                sum.reverse();
            }
        }),
    );
    case("zeros", "ECHO-META-009", SchemaRange, "the record of an empty body, whose checksum is 0", &[0; 16]);
    let cut = "ECHO-META-003";
    for end in [8, 9, 10, 50, whole.len() / 2, whole.len() - 1] {
        case(&format!("cut-{end}"), cut, FrameTruncated, "", whole.get(..end).unwrap_or_default());
    }
    case(
        "length-longer",
        cut,
        FrameTruncated,
        "the length is more by one",
        &changed(&|file| {
            if let Some(byte) = file.first_mut() {
                *byte += 1;
            }
        }),
    );
    case(
        "length-huge",
        cut,
        FrameTruncated,
        "",
        &changed(&|file| {
            file.splice(..4, [0xff, 0xff, 0xff, 0x7f]);
        }),
    );
    case(
        "length-big-endian",
        cut,
        FrameTruncated,
        "",
        &changed(&|file| {
            if let Some(length) = file.get_mut(..4) {
                length.reverse();
            }
        }),
    );
    for end in 1..8 {
        case(
            &format!("header-{end}"),
            "ECHO-META-005",
            FrameTruncated,
            "",
            whole.get(..end).unwrap_or_default(),
        );
    }
    for (slug, length) in [("minus-1", -1), ("minus-8", -8), ("lowest", i32::MIN), ("minus-9", -9)] {
        let file = changed(&|file| {
            file.splice(..4, length.to_le_bytes());
        });
        case(&format!("length-{slug}"), "ECHO-META-007", FrameOversize, "", &file);
    }
    let bodies: [(&str, Class, Vec<u8>); 8] = [
        ("body-of-noise", DecodeWireType, body(&[0x7f; 5])),
        ("body-cut", DecodeLength, full().get(..40).unwrap_or_default().to_vec()),
        ("body-space-cut", DecodeLength, body(&[0x5a, 0x10, 0x0a])),
        ("body-key-without-data", DecodeMissing, body(&made(|w| w.bytes(11, &[0x0a, 0])))),
        ("body-version-as-bytes", DecodeWireType, [body(&[]), vec![0x0a, 0]].concat()),
        ("body-varint-endless", DecodeVarint, [body(&[]), vec![0x08], vec![0xff; 10], vec![1]].concat()),
        ("body-text-not-utf-8", DecodeUtf8, body(&made(|w| w.bytes(12, &[0x0a, 1, 0xff])))),
        ("body-group-open", DecodeLength, body(&[0x7b, 8, 1])),
    ];
    for (slug, class, body) in bodies {
        case(slug, "ECHO-META-008", class, "length and checksum are right", &recorded(&body));
    }
    topic
}
