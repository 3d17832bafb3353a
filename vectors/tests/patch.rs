//! Patches: what is found is what applies.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by a panic.

use dxos_vectors::Edit;
use dxos_vectors::patch::{PatchError, apply, apply_steps, between, between_steps, edits};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

fn round_trip(base: &[u8], new: &[u8]) -> Vec<Edit> {
    let patch = edits("credential", base, new);
    let base = map(json!({ "credential": hex::encode(base) }));
    assert_eq!(apply(&patch, &base), Ok(map(json!({ "credential": hex::encode(new) }))));
    patch
}

fn edit(value: Value) -> Edit {
    serde_json::from_value(value).unwrap()
}

#[test]
fn equal_lengths_become_runs_of_xor() {
    let base = [0u8; 64];
    let mut new = base;
    (new[3], new[5], new[40]) = (1, 2, 0x80);
    let patch = round_trip(&base, &new);
    assert_eq!(
        patch,
        [
            edit(json!({ "field": "credential", "at": 3, "xor": "010002" })),
            edit(json!({ "field": "credential", "at": 40, "xor": "80" })),
        ]
    );
}

#[test]
fn insertions_and_deletions_are_found() {
    assert_eq!(round_trip(b"abcdef", b"abef"), [edit(json!({ "field": "credential", "at": 2, "del": 2 }))]);
    assert_eq!(
        round_trip(b"abef", b"abcdef"),
        [edit(json!({ "field": "credential", "at": 2, "ins": "6364" }))]
    );
    assert_eq!(
        round_trip(b"axxb", b"ayb"),
        [edit(json!({ "field": "credential", "at": 1, "del": 2, "ins": "79" }))]
    );
    assert_eq!(round_trip(b"aaa", b"aaa"), []);
}

/// A nested message that gets shorter changes the lengths before it too.
#[test]
fn lengths_before_a_removed_field_are_edits_of_their_own() {
    let body: Vec<u8> = (0..=200).collect();
    let base = [&[0x0a, 210], body.as_slice(), b"removed", body.as_slice()].concat();
    let new = [&[0x0a, 203], body.as_slice(), body.as_slice()].concat();
    let patch = round_trip(&base, &new);
    assert_eq!(patch.len(), 2, "{patch:?}");
    assert_eq!(patch[0], edit(json!({ "field": "credential", "at": 1, "xor": "19" })));
    assert_eq!(patch[1], edit(json!({ "field": "credential", "at": 203, "del": 7 })));
}

#[test]
fn a_shift_at_equal_length_is_not_one_long_xor() {
    let body: Vec<u8> = (0..=255).collect();
    let patch = round_trip(&[&body, b"x".as_slice()].concat(), &[b"x", body.as_slice()].concat());
    assert_eq!(patch.len(), 2, "{patch:?}");
}

#[test]
fn members_are_set_unset_and_edited_inside() {
    let base = map(
        json!({ "a": "00ff", "b": { "value": "aabb" }, "c": ["00", "11"], "gone": "00", "n": 1, "l": [1] }),
    );
    let new =
        map(json!({ "a": "00fe", "b": { "value": "aab0" }, "c": ["00", "10"], "new": "x", "n": 2, "l": [] }));
    let patch = between(&base, &new);
    assert_eq!(apply(&patch, &base), Ok(new));
    let fields: Vec<&str> = patch.iter().map(|edit| edit.field.as_str()).collect();
    assert_eq!(fields, ["gone", "a", "b/value", "c/1", "l", "n", "new"]);
}

#[test]
fn steps_are_numbered() {
    let base = [map(json!({ "a": "00" })), map(json!({ "b": "00" }))];
    let new = [map(json!({ "a": "00" })), map(json!({ "b": "01" }))];
    let patch = between_steps(&base, &new);
    assert_eq!(patch, [edit(json!({ "field": "1/b", "at": 0, "xor": "01" }))]);
    assert_eq!(apply_steps(&patch, &base), Ok(new.to_vec()));
}

#[test]
fn arrays_grow_by_one_and_shrink_anywhere() {
    let base = map(json!({ "l": ["a", "b"] }));
    let patch = [edit(json!({ "field": "l/2", "set": "c" })), edit(json!({ "field": "l/0", "unset": true }))];
    assert_eq!(apply(&patch, &base), Ok(map(json!({ "l": ["b", "c"] }))));
}

#[test]
fn what_does_not_apply_says_why() {
    let base = map(json!({ "a": "0011", "text": "Hello", "n": 1, "l": ["00"] }));
    let patches = [
        json!({ "field": "b", "at": 0, "del": 1 }),
        json!({ "field": "b/c", "set": 1 }),
        json!({ "field": "n/c", "set": 1 }),
        json!({ "field": "l/2", "set": 1 }),
        json!({ "field": "l/1", "unset": true }),
        json!({ "field": "b", "unset": true }),
        json!({ "field": "text", "at": 0, "del": 1 }),
        json!({ "field": "n", "at": 0, "del": 1 }),
        json!({ "field": "a", "at": 0, "xor": "FF" }),
        json!({ "field": "a", "at": 0, "ins": "f" }),
        json!({ "field": "a", "at": 1, "del": 2 }),
        json!({ "field": "a", "at": 2, "xor": "00" }),
        json!({ "field": "a", "at": 3, "ins": "00" }),
        json!({ "field": "a", "at": u64::MAX, "del": u64::MAX }),
        json!({ "field": "a", "at": 0 }),
        json!({ "field": "a" }),
        json!({ "field": "a", "at": 0, "xor": "00", "del": 1 }),
        json!({ "field": "a", "set": "00", "unset": true }),
        json!({ "field": "a", "xor": "00" }),
    ];
    let lines: Vec<String> =
        patches.into_iter().map(|patch| apply(&[edit(patch)], &base).unwrap_err().to_string()).collect();
    let text = lines.join("\n");
    insta::assert_snapshot!(text);
    assert_eq!(
        apply_steps(&[edit(json!({ "field": "0", "set": 1 }))], &[base]),
        Err(PatchError::Form { index: 0 })
    );
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        // Few values, so that common parts are many.
        proptest::collection::vec(0u8..3, 0..300),
    ]
}

/// A pair of which one is made from the other, as in vectors.
fn related() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    (bytes(), proptest::collection::vec((any::<prop::sample::Index>(), 0usize..20, bytes()), 0..4)).prop_map(
        |(base, changes)| {
            let mut new = base.clone();
            for (at, delete, insert) in changes {
                let at = at.index(new.len() + 1);
                let end = (at + delete).min(new.len());
                new.splice(at..end, insert);
            }
            (base, new)
        },
    )
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(true)),
        any::<u32>().prop_map(Value::from),
        "[0-9a-f]{0,8}".prop_map(Value::from),
        "[a-zA-Z]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn input() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::btree_map("[a-d]", json_value(), 0..5)
        .prop_map(|members| members.into_iter().collect())
}

proptest! {
    #[test]
    fn edits_of_any_two_inputs_apply(base in bytes(), new in bytes()) {
        round_trip(&base, &new);
    }

    #[test]
    fn edits_of_related_inputs_apply((base, new) in related()) {
        round_trip(&base, &new);
    }

    #[test]
    fn patches_between_any_two_inputs_apply(base in input(), new in input()) {
        prop_assert_eq!(apply(&between(&base, &new), &base), Ok(new));
    }
}
