//! Numbers at and beyond their limits.

use dxos_reference::echo::{Data, Node, hash};
use dxos_reference::keys::Suite;

use super::super::super::topic::Topic;
use super::writer::{VERIFY, Writer, invented, suite_of, with};

pub(super) fn limits(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Numbers at and beyond their limits.";
    let mut topic = Topic::new(&format!("echo/feed/verify/limits-{name}"), VERIFY, &[feature], about);
    topic.flag("Overflow", "sums wrap around, or are no longer exact");
    let writer = Writer::new(&topic, suite, "feed", 8);
    let first = writer.data(8, 0, 0);
    let stray = |count: usize| {
        with(&first, |data| {
            data.signature = None;
            data.nodes = (0..count as u64).map(|at| invented(64 + 2 * at, 1)).collect();
        })
    };
    let about = "as many nodes as may be, of which none is needed";
    writer.accept(&mut topic, "nodes-128", &["ECHO-VER-002"], about, &[first.clone(), stray(128)]);
    writer.reject(&mut topic, "nodes-129", "nodes-128", &["ECHO-VER-002"], "", &[first.clone(), stray(129)]);
    writer.reject(&mut topic, "nodes-300", "nodes-128", &["ECHO-VER-002"], "", &[first.clone(), stray(300)]);
    let base = with(&first, |data| (data.nodes, data.signature) = (vec![invented(64, 1)], None));
    writer.accept(&mut topic, "base", &["ECHO-VER-007"], "", &[first.clone(), base.clone()]);
    for (slug, index) in
        [("2-to-the-53", 1 << 53), ("odd", (1 << 53) + 1), ("2-to-the-63", 1 << 63), ("max", u64::MAX)]
    {
        let data = with(&base, |data| data.nodes.iter_mut().for_each(|node| node.index = index));
        let about = "the index of a node that is not needed";
        writer.reject(
            &mut topic,
            &format!("node-{slug}"),
            "base",
            &["ECHO-VER-001"],
            about,
            &[first.clone(), data],
        );
    }
    for (slug, index) in [("2-to-the-52", 1 << 52), ("2-to-the-63", 1 << 63), ("max", u64::MAX)] {
        let data = with(&base, |data| data.index = index);
        writer.reject(
            &mut topic,
            &format!("block-{slug}"),
            "base",
            &["ECHO-VER-001"],
            "",
            &[first.clone(), data],
        );
    }
    let fresh = |nodes: Vec<Node>| Data { nodes, ..first.clone() };
    writer.accept(&mut topic, "first", &["ECHO-VER-010"], "", std::slice::from_ref(&first));
    let about = "the last node is the root of a tree of 2^53 blocks";
    let top = fresh(vec![invented((1 << 53) - 1, 1)]);
    writer.reject(&mut topic, "length-2-to-the-53", "first", &["ECHO-VER-001"], about, &[top]);
    let about = "the last node is a leaf near the end of all feeds";
    let leaf = fresh(vec![invented((1 << 53) - 2, 1)]);
    writer.reject(&mut topic, "length-2-to-the-52", "first", &["ECHO-VER-008"], about, &[leaf]);
    sizes(&mut topic, &writer);
    topic
}

/// Trees whose sizes nobody could fill.
fn sizes(topic: &mut Topic, writer: &Writer) {
    let sign =
        |roots: &[Node], length| Some(writer.key.sign(&hash::signable(&hash::tree(roots), length)).to_vec());
    let value = b"bc".to_vec();
    let leaf = |index| Node { index, hash: hash::leaf(&value), size: 2 };
    // Block 1 of two.
    let pair = |size: u64| {
        let left = invented(0, size);
        let root = hash::parent(1, &left, &leaf(2)).unwrap_or_else(|| invented(1, size));
        Data { index: 1, value: Some(value.clone()), signature: sign(&[root], 2), nodes: vec![left] }
    };
    let about = "the block before it has 2^40 bytes";
    writer.accept(topic, "sum-large", &["ECHO-VER-003", "ECHO-VER-014"], about, &[pair(1 << 40)]);
    for (slug, size) in [("max", u64::MAX), ("by-one", u64::MAX - 1)] {
        let data = with(&pair(1 << 40), |data| data.nodes.iter_mut().for_each(|node| node.size = size));
        let slug = format!("sum-{slug}");
        writer.reject(topic, &slug, "sum-large", &["ECHO-VER-003"], "", &[data]);
        if let Some(case) = topic.last() {
            case.flags = vec!["Overflow".to_owned()];
        }
    }
    // Block 6 of seven, behind roots 3 and 9.
    let seventh = |size: u64| {
        let left = vec![invented(3, size), invented(9, size)];
        let roots = [&left[..], &[leaf(12)]].concat();
        Data { index: 6, value: Some(value.clone()), signature: sign(&roots, 7), nodes: left }
    };
    let about = "the roots before it have 2^40 bytes each";
    writer.accept(topic, "place-large", &["ECHO-VER-003", "ECHO-VER-014"], about, &[seventh(1 << 40)]);
    let about = "the roots before it have 2^63 bytes each, and are signed";
    writer.reject(topic, "place-beyond", "place-large", &["ECHO-VER-003"], about, &[seventh(1 << 63)]);
    if let Some(case) = topic.last() {
        case.flags = vec!["Overflow".to_owned()];
    }
}
