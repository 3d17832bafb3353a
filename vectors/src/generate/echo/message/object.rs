//! Batches of the older data plane.

use serde_json::{Value, json};

use super::{frame, hex, made, vector};
use crate::class::Class::{self, DecodeLength, DecodeMissing, DecodeUtf8, DecodeVarint, DecodeWireType};
use crate::generate::topic::Topic;

const OP: &str = "echo.object.decode";

/// A mutation that sets `n` to null.
const SET: &[u8] = &[0x12, 9, 8, 0, 0x12, 1, b'n', 0x1a, 2, 8, 1];

fn input(batch: &[u8]) -> Value {
    json!({ "batch": hex(batch) })
}

fn any(name: &str, value: &[u8]) -> Vec<u8> {
    made(|w| w.bytes(1, name.as_bytes()).bytes(2, value))
}

/// A batch of objects.
fn batch(objects: &[Vec<u8>]) -> Vec<u8> {
    made(|w| objects.iter().fold(w, |w, object| w.bytes(1, object)))
}

/// An object with an id and what else.
fn object(id: &str, more: &[u8]) -> Vec<u8> {
    [made(|w| w.bytes(1, id.as_bytes())), more.to_vec()].concat()
}

fn mutation(mutation: &[u8]) -> Vec<u8> {
    batch(&[object("item", &made(|w| w.bytes(14, mutation)))])
}

fn snapshot(snapshot: &[u8]) -> Vec<u8> {
    let more = made(|w| w.bytes(10, &made(|w| w.bytes(2, b"dxos:model/document"))).bytes(13, snapshot));
    batch(&[object("item", &more)])
}

const SET_TYPE: &str = "dxos.echo.model.document.ObjectMutationSet";

pub(super) fn objects() -> Topic {
    let about = "Batches as deployed writers wrote them: what is in them, and the same bytes again.";
    let mut topic = Topic::new("echo/object/decode/batch", OP, &[], about);
    let same = &["ECHO-OBJ-001", "ECHO-OBJ-004"];
    let model = &["ECHO-OBJ-002"];
    let presence = &["ECHO-OBJ-003"];
    let other = any("example.testing.Model", &[1, 2, 3, 0xff]);
    let cases: Vec<(&str, &[&str], &str, Vec<u8>)> = vec![
        ("empty", same, "", Vec::new()),
        ("one-object", same, "", batch(&[object("a", &[])])),
        ("empty-id", same, "", batch(&[object("", &[])])),
        ("three-objects", same, "", batch(&[object("c", &[]), object("a", &[]), object("b", &[])])),
        (
            "genesis",
            same,
            "",
            batch(&[object("a", &made(|w| w.bytes(10, &made(|w| w.bytes(2, b"dxos:model/document")))))]),
        ),
        (
            "genesis-version",
            same,
            "",
            batch(&[object("a", &made(|w| w.bytes(10, &made(|w| w.bytes(2, b"m").bytes(3, b"1")))))]),
        ),
        (
            "genesis-empty-version",
            presence,
            "",
            batch(&[object("a", &made(|w| w.bytes(10, &made(|w| w.bytes(2, b"m").bytes(3, b"")))))]),
        ),
        ("mutation", same, "", mutation(&made(|w| w.bytes(12, &any(SET_TYPE, SET))))),
        (
            "mutations",
            same,
            "in their order",
            batch(&[object(
                "a",
                &made(|w| w.bytes(14, &made(|w| w.int(11, 2))).bytes(14, &made(|w| w.int(11, 1)))),
            )]),
        ),
        ("mutation-empty", presence, "", mutation(&[])),
        ("action-0", presence, "set, and 0", mutation(&made(|w| w.int(11, 0)))),
        ("action-1", same, "", mutation(&made(|w| w.int(11, 1)))),
        ("action-unknown", same, "", mutation(&made(|w| w.int(11, 77)))),
        ("parent", same, "", mutation(&made(|w| w.bytes(10, b"parent").int(11, 1)))),
        ("parent-empty", presence, "", mutation(&made(|w| w.bytes(10, b"")))),
        ("model-unknown", model, "", mutation(&made(|w| w.bytes(12, &other)))),
        ("model-empty", model, "", mutation(&made(|w| w.bytes(12, &any("example.testing.Model", &[]))))),
        ("snapshot", same, "", snapshot(&made(|w| w.bytes(10, &other)))),
        ("snapshot-empty", presence, "", snapshot(&[])),
        ("snapshot-not-deleted", presence, "set, and false", snapshot(&made(|w| w.int(1, 0)))),
        (
            "snapshot-deleted",
            same,
            "",
            snapshot(&made(|w| w.int(1, 1).bytes(2, b"parent").bytes(10, &other))),
        ),
        (
            "meta",
            same,
            "",
            mutation(&made(|w| {
                w.bytes(
                    1,
                    &made(|w| {
                        w.key(1, &[9; 32]).int(2, 0).key(3, &[8; 32]).bytes(4, &vector(&[frame(&[9; 32], 0)]))
                    }),
                )
            })),
        ),
        ("meta-of-object", same, "", batch(&[object("a", &made(|w| w.bytes(2, &made(|w| w.int(2, 7)))))])),
        (
            "model-known-type-broken",
            model,
            "the type is known, and the bytes are none of it",
            mutation(&made(|w| w.bytes(12, &any("dxos.halo.credentials.Auth", &[0xff; 3])))),
        ),
        (
            "snapshot-model-known-type-broken",
            model,
            "",
            snapshot(&made(|w| w.bytes(10, &any("dxos.keys.PublicKey", &[0x0a, 9])))),
        ),
        (
            "model-leading-dot",
            model,
            "",
            mutation(&made(|w| w.bytes(12, &any(".example.testing.Model", &[1])))),
        ),
    ];
    for (slug, req, about, bytes) in cases {
        topic.accept(slug, req, about, input(&bytes));
    }
    topic
}

pub(super) fn faults() -> Topic {
    let about = "Bytes that are no batch.";
    let mut topic = Topic::new("echo/object/decode/faults", OP, &[], about);
    let whole =
        mutation(&made(|w| w.bytes(10, b"parent").int(11, 1).bytes(12, &any("example.testing.Model", SET))));
    topic.accept("whole", &["ECHO-OBJ-001"], "", input(&whole));
    for end in [1, 5, 9, 12, 20, 30, whole.len() - 1] {
        let slug = format!("cut-{end}");
        let cut = whole.get(..end).unwrap_or_default();
        topic.reject(&slug, "whole", &["ECHO-OBJ-001"], DecodeLength, "", input(cut));
    }
    let faults: Vec<(&str, &str, Class, Vec<u8>)> = vec![
        ("object-too-long", "ECHO-OBJ-001", DecodeLength, [whole.clone(), vec![0x0a, 9, 0]].concat()),
        ("wire-type-7", "ECHO-OBJ-001", DecodeWireType, [whole.clone(), vec![0x7f]].concat()),
        ("parent-cut", "ECHO-OBJ-005", DecodeLength, mutation(&[0x52, 9, b'a'])),
        ("model-cut", "ECHO-OBJ-001", DecodeLength, mutation(&[0x62, 2, 0x12, 9])),
        (
            "action-endless",
            "ECHO-OBJ-001",
            DecodeVarint,
            mutation(&[&[0x58][..], &[0xff; 10], &[1]].concat()),
        ),
        (
            "meta-feed-without-data",
            "ECHO-OBJ-001",
            DecodeMissing,
            mutation(&made(|w| w.bytes(1, &[0x0a, 0]))),
        ),
        ("object-as-number", "ECHO-OBJ-005", DecodeWireType, [whole.clone(), vec![0x08, 0]].concat()),
        ("action-as-bytes", "ECHO-OBJ-005", DecodeWireType, mutation(&[0x5a, 1, 1])),
        ("id-not-utf-8", "ECHO-OBJ-005", DecodeUtf8, batch(&[vec![0x0a, 2, 0xc3, 0x28]])),
        ("parent-not-utf-8", "ECHO-OBJ-005", DecodeUtf8, mutation(&made(|w| w.bytes(10, &[b'p', 0xff])))),
    ];
    for (slug, req, class, bytes) in faults {
        topic.reject(slug, "whole", &[req], class, "", input(&bytes));
    }
    topic
}
