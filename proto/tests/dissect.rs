//! The dissector: its laws for all bytes, and what people read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "in tests a panic is the report")]

use std::fmt::Write as _;
use std::ops::Range;

use dxos_proto::dissect::{Fault, MAX_FIELDS, Node, dissect, type_names};
use proptest::prelude::*;

const CREDENTIAL: &str = "dxos.halo.credentials.Credential";

/// The smallest ranges: headers, and bodies without children.
fn tiles(node: &Node) -> Vec<Range<usize>> {
    let flat = node.flat();
    let leaves = flat.iter().flat_map(|(_, node)| {
        let body =
            if node.children.is_empty() { node.body.clone() } else { node.body.start..node.body.start };
        [node.range.start..node.body.start, body]
    });
    leaves.filter(|range| !range.is_empty()).collect()
}

/// Headers, bodies and children cover each byte once, in order; problems lie inside of the input.
fn check(node: &Node, length: usize) {
    let mut pos = 0;
    for tile in tiles(node) {
        assert_eq!(tile.start, pos, "{node:?}");
        pos = tile.end;
    }
    assert_eq!(pos, length, "{node:?}");
    for (_, node) in node.flat() {
        assert_eq!(node.range.end, node.body.end);
        assert!(node.value.chars().count() < 500, "{}", node.value);
        if let (Some(first), Some(last)) = (node.children.first(), node.children.last()) {
            assert_eq!(first.range.start..last.range.end, node.body);
        }
        assert!(
            node.problems
                .iter()
                .all(|problem| problem.at <= node.range.end && problem.at >= node.range.start)
        );
    }
}

/// Bytes that look like a message for a while.
fn fields() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop::collection::vec(any::<u8>(), 0..12);
    let message = leaf.prop_recursive(5, 40, 6, |inner| {
        prop::collection::vec((1u8..16, inner), 0..6).prop_map(|fields| {
            fields
                .into_iter()
                .flat_map(|(number, body)| {
                    let mut field = vec![number << 3 | 2, u8::try_from(body.len()).unwrap_or(0xff)];
                    field.extend(body);
                    field
                })
                .collect()
        })
    });
    (message, prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3)).prop_map(
        |(mut bytes, changes)| {
            for (index, byte) in changes.into_iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
                let index = index.index(bytes.len());
                bytes[index] = byte;
            }
            bytes
        },
    )
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_tiled(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        name in prop::sample::select(type_names()),
    ) {
        check(&dissect(name, &bytes).unwrap(), bytes.len());
    }

    #[test]
    fn bytes_that_look_like_messages_are_tiled(
        bytes in fields(),
        name in prop::sample::select(type_names()),
    ) {
        check(&dissect(name, &bytes).unwrap(), bytes.len());
    }

    #[test]
    fn dates_of_all_sizes_are_shown(seconds in any::<u64>(), nanos in any::<u64>()) {
        let mut bytes = vec![0x08];
        prost::encoding::encode_varint(seconds, &mut bytes);
        bytes.push(0x10);
        prost::encoding::encode_varint(nanos, &mut bytes);
        prop_assert!(!dissect("google.protobuf.Timestamp", &bytes).unwrap().value.is_empty());
    }
}

#[test]
fn what_is_large_or_deep_is_bounded() {
    let many = [0x08, 0x00].repeat(MAX_FIELDS + 5);
    let node = dissect("dxos.keys.PublicKey", &many).unwrap();
    check(&node, many.len());
    assert_eq!(node.children.last().unwrap().problems[0].fault, Fault::TooMany);

    let groups = [0x7b; 50_000];
    let node = dissect(CREDENTIAL, &groups).unwrap();
    check(&node, groups.len());
    assert!(node.all_problems().iter().any(|problem| problem.fault == Fault::TooDeep));

    // Credential, proof, chain, credential, …
    let mut nested = Vec::new();
    for tag in [0x5a, 0x32, 0x0a].iter().rev().cycle().take(300) {
        let mut outer = vec![*tag];
        prost::encoding::encode_varint(nested.len() as u64, &mut outer);
        outer.extend(nested);
        nested = outer;
    }
    let node = dissect(CREDENTIAL, &nested).unwrap();
    check(&node, nested.len());
    assert!(node.flat().len() > 100, "{}", node.flat().len());
    assert!(node.all_problems().iter().any(|problem| problem.fault == Fault::TooDeep));
}

#[test]
fn a_date_is_shown_as_one_where_there_is_one() {
    let date = |seconds: i64| {
        let mut bytes = vec![0x08];
        prost::encoding::encode_varint(seconds.cast_unsigned(), &mut bytes);
        dissect("google.protobuf.Timestamp", &bytes).unwrap().value
    };
    assert_eq!(date(-1), "1969-12-31T23:59:59Z");
    assert_eq!(date(8_640_000_000_001), "8640000000001 s and 0 ns from 1970");
}

/// The only problem of a credential.
fn only(bytes: &[u8]) -> (usize, Fault) {
    let node = dissect(CREDENTIAL, bytes).unwrap();
    check(&node, bytes.len());
    let all = node.all_problems();
    assert_eq!(all.len(), 1, "{all:?}");
    (all[0].at, all[0].fault)
}

#[test]
fn problems_stand_at_their_byte() {
    assert_eq!(only(&[0x2a, 0x03, 0x00]), (1, Fault::Truncated { wanted: 3, there: 1 }));
    assert_eq!(only(&[0x28, 0x02]), (0, Fault::WireType { declared: 2, found: 0 }));
    assert_eq!(only(&[0x7e]), (0, Fault::NoWireType { found: 6 }));
    assert_eq!(only(&[0xff; 12]), (0, Fault::LongVarint));
    assert_eq!(only(&[0x2a, 0x80]), (1, Fault::OpenVarint));
    assert_eq!(only(&[0x2a, 0x80, 0x00]), (1, Fault::Longer { taken: 2, needed: 1 }));
    assert_eq!(only(&[0x5a, 0x04, 0x0a, 0x02, 0x41, 0xff]), (5, Fault::Utf8));
    assert_eq!(only(&[0x7c]), (0, Fault::GroupEnd));
    assert_eq!(only(&[0x7b, 0x08, 0x01]), (0, Fault::OpenGroup));
    assert_eq!(only(&[0x02, 0x00]), (0, Fault::FieldNumber));
    assert_eq!(only(&[0x2a, 0x00, 0x2a, 0x00]), (0, Fault::Again { at: 2 }));
    assert_eq!(only(&[0x1a, 0x02, 0x10, 0x80]), (3, Fault::OpenVarint));
    assert_eq!(dissect(CREDENTIAL, &[0x7b, 0x08, 0x01, 0x7c]).unwrap().all_problems(), [] as [&_; 0]);
}

#[test]
fn what_follows_a_fault_is_still_read() {
    // An issuer whose key passes its end, then a nonce of an expiration reference.
    let node = dissect(CREDENTIAL, &[0x12, 0x03, 0x0a, 0x09, 0x07, 0x2a, 0x01, 0x08]).unwrap();
    let names: Vec<&str> = node.children.iter().map(|child| child.name.as_str()).collect();
    assert_eq!(names, ["issuer", "expiration_ref"]);
}

#[test]
fn the_tree_of_a_small_credential() {
    // Claim with an Any of a SpaceMember: role OWNER, an unknown role after it; a date; an unknown field.
    let member = b"\x10\x04\x10\x2a";
    let name = b"dxos.halo.credentials.SpaceMember";
    let mut any = vec![0x0a, u8::try_from(name.len()).unwrap()];
    any.extend_from_slice(name);
    any.extend_from_slice(&[0x12, u8::try_from(member.len()).unwrap()]);
    any.extend_from_slice(member);
    let mut claim = vec![0x12, u8::try_from(any.len()).unwrap()];
    claim.extend(any);
    let mut bytes = vec![0x12, 0x04, 0x0a, 0x02, 0x04, 0xab, 0x1a, 0x06, 0x08, 0x80, 0xa2, 0x9d, 0xa4, 0x06];
    bytes.extend([0x52, u8::try_from(claim.len()).unwrap()]);
    bytes.extend(claim);
    bytes.extend(b"\x62\x02\x0a\x00\x62\x03\x0a\x01\x07\xaa\x06\x05hello\xb0\x06\x07");
    let node = dissect(CREDENTIAL, &bytes).unwrap();
    check(&node, bytes.len());
    let mut text = String::new();
    for (depth, node) in node.flat() {
        let range = format!("{}..{}", node.range.start, node.range.end);
        let indent = "  ".repeat(depth);
        let problems: Vec<String> =
            node.problems.iter().map(|problem| format!("  !{} {problem}", problem.at)).collect();
        writeln!(text, "{range:<9}{indent}{}: {} = {}{}", node.name, node.ty, node.value, problems.concat())
            .unwrap();
    }
    insta::assert_snapshot!(text);
}
