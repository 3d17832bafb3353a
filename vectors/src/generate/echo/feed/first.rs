//! The first block that a reader gets: tied to signed roots.

use dxos_reference::echo::{Data, Node, hash};
use dxos_reference::keys::Suite;

use super::super::super::topic::Topic;
use super::writer::{VERIFY, Writer, invented, suite_of, with};

const SIGNED: [&str; 5] = ["ECHO-VER-005", "ECHO-VER-008", "ECHO-VER-010", "ECHO-VER-012", "ECHO-VER-014"];

pub(super) fn accepted(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "The first block that a reader gets.";
    let mut topic = Topic::new(&format!("echo/feed/verify/first-{name}"), VERIFY, &[feature], about);
    for (length, indices) in [
        (1, &[0][..]),
        (2, &[0, 1]),
        (3, &[0, 2]),
        (4, &[3]),
        (5, &[2, 4]),
        (6, &[5]),
        (7, &[1, 6]),
        (8, &[0, 7]),
        (9, &[4, 8]),
        (100, &[0, 50, 99]),
    ] {
        for &index in indices {
            let slug = format!("length-{length}-block-{index}");
            let writer = Writer::new(&topic, suite, &slug, length);
            let data = writer.data(length as u64, index, 0);
            writer.accept(&mut topic, &slug, &SIGNED, "", std::slice::from_ref(&data));
            if index == 0 || length == 100 {
                let absent = with(&data, |data| data.signature = None);
                let rejected = format!("{slug}-unsigned");
                writer.reject(&mut topic, &rejected, &slug, &["ECHO-VER-009"], "", &[absent]);
                let longer = with(&data, |data| data.value.iter_mut().for_each(|value| value.push(0)));
                let rejected = format!("{slug}-longer");
                writer.reject(&mut topic, &rejected, &slug, &["ECHO-VER-010"], "", &[longer]);
            }
        }
    }
    let writer = Writer::new(&topic, suite, "empty-block", 3).with(&[b"", b"bc", b""]);
    for index in [0, 2] {
        let slug = format!("empty-block-{index}");
        let data = writer.data(3, index, 0);
        writer.accept(&mut topic, &slug, &["ECHO-TREE-007", "ECHO-VER-014"], "", std::slice::from_ref(&data));
        let filled = with(&data, |data| data.value = Some(vec![0]));
        let about = "one zero byte in place of none";
        writer.reject(&mut topic, &format!("{slug}-filled"), &slug, &["ECHO-TREE-007"], about, &[filled]);
    }
    topic
}

pub(super) fn faults(suite: Suite, length: usize, index: u64) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Faults of the first block that a reader gets.";
    let group = format!("echo/feed/verify/faults-{length}-{name}");
    let mut topic = Topic::new(&group, VERIFY, &[feature], about);
    topic.flag("Sizes", "sizes place the blocks, so that a wrong one moves all that follow");
    topic.flag("Order", "nodes are taken in one order only");
    let writer = Writer::new(&topic, suite, "base", length);
    let length = length as u64;
    let base = writer.data(length, index, 0);
    writer.accept(&mut topic, "base", &SIGNED, "", std::slice::from_ref(&base));
    let mut faults: Vec<(String, &str, &str, Data)> = Vec::new();
    let mut fault = |slug: &str, req: &'static str, about: &'static str, change: &dyn Fn(&mut Data)| {
        faults.push((slug.to_owned(), req, about, with(&base, change)));
    };
    let signed = "ECHO-VER-010";
    fault("value-first-bit", signed, "", &|data| flip(data.value.as_mut(), 0, 0x80));
    fault("value-last-bit", signed, "", &|data| {
        let last = data.value.as_ref().map_or(0, |value| value.len() - 1);
        flip(data.value.as_mut(), last, 1);
    });
    fault("value-longer", signed, "", &|data| data.value.iter_mut().for_each(|value| value.push(0)));
    fault("value-twice", signed, "", &|data| {
        data.value.iter_mut().for_each(|value| *value = value.repeat(2))
    });
    fault("value-empty", signed, "no bytes in place of the block", &|data| data.value = Some(Vec::new()));
    let other = writer.block(index + 1);
    fault("value-of-next", signed, "the next block", &|data| data.value = Some(other.clone()));
    for at in 0..base.nodes.len() {
        let node =
            |data: &mut Data, change: &dyn Fn(&mut Node)| data.nodes.get_mut(at).into_iter().for_each(change);
        fault(&format!("node-{at}-hash"), signed, "", &|data| node(data, &|node| flip_hash(node)));
        fault(&format!("node-{at}-size-more"), "ECHO-TREE-004", "", &|data| {
            node(data, &|node| node.size += 1)
        });
        fault(&format!("node-{at}-size-0"), "ECHO-TREE-004", "", &|data| node(data, &|node| node.size = 0));
        fault(&format!("node-{at}-absent"), "ECHO-VER-008", "", &|data| {
            data.nodes.remove(at);
        });
        fault(&format!("node-{at}-index"), "ECHO-VER-005", "its index is two more", &|data| {
            node(data, &|node| node.index += 2);
        });
        fault(&format!("node-{at}-twice"), "ECHO-VER-008", "", &|data| {
            let again = data.nodes.get(at).cloned();
            data.nodes.extend(again.map(|again| vec![again]).unwrap_or_default());
        });
        if at > 0 {
            fault(&format!("node-{at}-first"), "ECHO-VER-005", "moved to the front", &|data| {
                data.nodes.get_mut(..=at).into_iter().for_each(|nodes| nodes.rotate_right(1));
            });
        }
    }
    fault("nodes-absent", "ECHO-VER-008", "", &|data| data.nodes.clear());
    fault("nodes-reversed", "ECHO-VER-005", "", &|data| data.nodes.reverse());
    fault("node-added", "ECHO-VER-008", "a node behind the last root", &|data| {
        data.nodes.push(invented(2 * length, 1));
    });
    fault("node-added-first", "ECHO-VER-005", "a node before all others", &|data| {
        data.nodes.insert(0, invented(2 * length, 1));
    });
    fault(
        "leaf-added",
        "ECHO-VER-005",
        "the block's own leaf, which a reply with the block does not hold",
        &|data| {
            let value = data.value.clone().unwrap_or_default();
            let leaf = Node { index: 2 * data.index, hash: hash::leaf(&value), size: value.len() as u64 };
            data.nodes.insert(0, leaf);
        },
    );
    fault("block-number-more", signed, "the number of the next block", &|data| data.index += 1);
    fault("block-number-far", "ECHO-VER-008", "the number of a block far behind", &|data| data.index += 1000);
    for (slug, about, signature) in signatures(&writer, suite, length) {
        let req = if slug.starts_with("signature-of-roots") { "ECHO-VER-011" } else { signed };
        fault(slug, req, about, &|data| data.signature = signature.clone());
    }
    for (slug, req, about, data) in faults {
        let flags = match slug.as_str() {
            slug if slug.contains("-size-") => vec!["Sizes".to_owned()],
            slug if slug.ends_with("-first") || slug == "nodes-reversed" => vec!["Order".to_owned()],
            _ => Vec::new(),
        };
        if data == base {
            continue;
        }
        writer.reject(&mut topic, &slug, "base", &[req], about, &[data]);
        if let Some(case) = topic.last() {
            case.flags = flags;
        }
    }
    if suite == Suite::P256 {
        let about = "n - s in place of s";
        let other = with(&base, |data| {
            data.signature = data.signature.as_deref().map(super::super::super::signature::with_other_s);
        });
        writer.accept(&mut topic, "other-s", &["ECHO-VER-021"], about, std::slice::from_ref(&other));
        let signature = base.signature.as_ref().max(other.signature.as_ref()).cloned();
        let upper = with(&base, |data| data.signature = signature);
        let about = "s in the upper half";
        writer.accept(&mut topic, "upper-half", &["ECHO-VER-021"], about, std::slice::from_ref(&upper));
        let lower = base.signature.as_ref().min(other.signature.as_ref()).cloned();
        let lower = with(&base, |data| data.signature = lower);
        writer.accept(&mut topic, "other-half", &["ECHO-VER-021"], "", std::slice::from_ref(&lower));
    }
    topic
}

type Signatures = Vec<(&'static str, &'static str, Option<Vec<u8>>)>;

/// Signatures that are none.
fn signatures(writer: &Writer, suite: Suite, length: u64) -> Signatures {
    let right = writer.sign(length);
    let signable = writer.signable(length);
    let (roots, count) = signable.split_at(32);
    let other = Writer { key: other_key(suite), ..writer.clone() };
    let sign = |message: &[u8]| Some(writer.key.sign(message).to_vec());
    let mut flipped = [right.clone(), right.clone(), right.clone()];
    for (signature, at) in flipped.iter_mut().zip([0, 31, 63]) {
        flip(Some(signature), at, 1);
    }
    let [first, middle, last] = flipped;
    let mut all: Signatures = vec![
        ("signature-absent", "", None),
        ("signature-empty", "", Some(Vec::new())),
        ("signature-first-bit", "", Some(first)),
        ("signature-middle-bit", "", Some(middle)),
        ("signature-last-bit", "", Some(last)),
        ("signature-63-bytes", "", right.get(..63).map(<[u8]>::to_vec)),
        ("signature-65-bytes", "", Some([&right[..], &[0]].concat())),
        ("signature-zeros", "", Some(vec![0; 64])),
        ("signature-halves-swapped", "", right.split_at_checked(32).map(|(r, s)| [s, r].concat())),
        ("signature-by-another", "", Some(other.sign(length))),
        ("signature-of-roots-alone", "the length is not signed", sign(roots)),
        ("signature-of-length-less", "", sign(&[roots, &(length - 1).to_be_bytes()].concat())),
        ("signature-of-length-more", "", sign(&[roots, &(length + 1).to_be_bytes()].concat())),
        ("signature-of-length-little-endian", "", sign(&[roots, &length.to_le_bytes()].concat())),
        ("signature-of-length-first", "", sign(&[count, roots].concat())),
        ("signature-of-shorter", "that of one block less", Some(writer.sign(length - 1))),
        ("signature-of-hex", "", sign(dxos_reference::keys::to_hex(&signable).as_bytes())),
        ("signature-of-nothing", "", sign(&[])),
    ];
    if suite == Suite::P256 {
        let der = right.split_at_checked(32).map(|(r, s)| super::super::super::signature::der(r, s));
        all.push(("signature-der", "", der));
    }
    all
}

fn other_key(suite: Suite) -> dxos_reference::keys::SigningKey {
    Topic::new("echo/feed/verify/other", VERIFY, &[], "").key(suite, "other", "writer")
}

pub(super) fn flip(bytes: Option<&mut Vec<u8>>, at: usize, bits: u8) {
    if let Some(byte) = bytes.and_then(|bytes| bytes.get_mut(at)) {
        *byte ^= bits;
    }
}

pub(super) fn flip_hash(node: &mut Node) {
    if let Some(byte) = node.hash.first_mut() {
        *byte ^= 1;
    }
}

/// Each byte of a reply with its lowest bit turned over.
pub(super) fn every_byte(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "The first block that a reader gets, with the lowest bit of each byte turned over in turn.";
    let mut topic = Topic::new(&format!("echo/feed/verify/every-byte-{name}"), VERIFY, &[feature], about);
    let writer = Writer::new(&topic, suite, "base", 3);
    let base = writer.data(3, 1, 0);
    writer.accept(&mut topic, "base", &SIGNED, "", std::slice::from_ref(&base));
    let mut turned: Vec<(String, &str, Data)> = Vec::new();
    let mut turn = |slug: String, req: &'static str, change: &dyn Fn(&mut Data)| {
        turned.push((slug, req, with(&base, change)));
    };
    for at in 0..base.value.as_ref().map_or(0, Vec::len) {
        turn(format!("value-{at}"), "ECHO-VER-010", &|data| flip(data.value.as_mut(), at, 1));
    }
    for (number, node) in base.nodes.iter().enumerate() {
        let of = |data: &mut Data, change: &dyn Fn(&mut Node)| {
            data.nodes.get_mut(number).into_iter().for_each(change);
        };
        for at in 0..node.hash.len() {
            turn(format!("node-{number}-hash-{at}"), "ECHO-VER-010", &|data| {
                of(data, &|node| node.hash.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1));
            });
        }
        // A size of 2^53 or more is no integer to everybody.
        for at in 0..6 {
            turn(format!("node-{number}-size-{at}"), "ECHO-TREE-004", &|data| {
                of(data, &|node| node.size ^= 1 << (8 * at));
            });
        }
    }
    for at in 0..base.signature.as_ref().map_or(0, Vec::len) {
        turn(format!("signature-{at}"), "ECHO-VER-010", &|data| flip(data.signature.as_mut(), at, 1));
    }
    for (slug, req, data) in turned {
        writer.reject(&mut topic, &slug, "base", &[req], "", &[data]);
    }
    topic
}
