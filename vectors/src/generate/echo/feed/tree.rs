//! Hashes of trees, and proofs and digests by their places alone.

use serde_json::{Value, json};

use super::super::super::topic::Topic;
use super::writer::{letters, number};
use crate::class::Class::StateUnknownRef;

pub(super) fn hash() -> Topic {
    let mut topic =
        Topic::new("echo/tree/hash", "echo.tree.hash", &[], "The hashes of a tree, and what is signed.");
    let all = [
        "ECHO-TREE-001",
        "ECHO-TREE-002",
        "ECHO-TREE-003",
        "ECHO-TREE-005",
        "ECHO-TREE-006",
        "ECHO-TREE-008",
    ];
    let hex = |blocks: Vec<Vec<u8>>| {
        blocks.iter().map(|block| dxos_reference::keys::to_hex(block)).collect::<Vec<_>>()
    };
    for length in (1..=17).chain([31, 32, 33, 100]) {
        let req: &[&str] = if length == 1 { &["ECHO-TREE-002", "ECHO-TREE-006"] } else { &all };
        topic.accept(&format!("length-{length}"), req, "", json!({ "blocks": hex(letters(length)) }));
    }
    let texts: [(&str, &str, &str, Value); 14] = [
        ("empty", "ECHO-TREE-007", "one block of no bytes", json!([""])),
        ("empty-first", "ECHO-TREE-007", "", json!(["", "6263"])),
        ("empty-last", "ECHO-TREE-007", "", json!(["61", ""])),
        ("all-empty", "ECHO-TREE-007", "three blocks of no bytes", json!(["", "", ""])),
        ("swapped", "ECHO-TREE-003", "the blocks of length-2 the other way round", json!(["6263", "61"])),
        ("equal", "ECHO-TREE-003", "two equal blocks", json!(["61", "61"])),
        ("as-one", "ECHO-TREE-002", "the bytes of length-2 in one block", json!(["616263"])),
        (
            "cut-elsewhere",
            "ECHO-TREE-002",
            "the bytes of length-2, cut in another place",
            json!(["6162", "63"]),
        ),
        ("zero-byte", "ECHO-TREE-002", "a block of one zero byte", json!(["00"])),
        (
            "like-a-leaf",
            "ECHO-TREE-002",
            "a block that begins as a leaf does",
            json!(["00000000000000000161"]),
        ),
        (
            "like-a-parent",
            "ECHO-TREE-003",
            "a block that begins as a parent does",
            json!(["010000000000000003"]),
        ),
        ("256-bytes", "ECHO-TREE-002", "a length of two bytes", json!([{ "byte": "61", "count": 256 }])),
        (
            "65536-bytes",
            "ECHO-TREE-004",
            "sizes of three bytes",
            json!([{ "byte": "00", "count": 65536 }, "ff"]),
        ),
        ("1-mib", "ECHO-TREE-004", "", json!(["61", { "byte": "ff", "count": 1_048_576 }, "62"])),
    ];
    for (slug, req, about, blocks) in texts {
        topic.accept(slug, &[req], about, json!({ "blocks": blocks }));
    }
    topic
}

fn request(length: u64, index: u64, digest: u64, hash: bool) -> Value {
    json!({ "length": length, "index": number(index), "digest": number(digest), "hash": hash })
}

const PROOF: &str = "echo.tree.proof";

pub(super) fn proof() -> Topic {
    let about = "The nodes of proofs, to a requester that has nothing.";
    let mut topic = Topic::new("echo/tree/proof", PROOF, &[], about);
    topic.flag("Order", "a reader takes nodes in one order only");
    for length in 1..=9 {
        for index in 0..length {
            let slug = format!("length-{length}-block-{index}");
            let req = ["ECHO-PROOF-002", "ECHO-PROOF-003", "ECHO-PROOF-004", "ECHO-PROOF-005"];
            topic.accept(&slug, &req, "", request(length, index, 0, false)).flags = vec!["Order".to_owned()];
        }
        let (slug, from) =
            (format!("length-{length}-beyond"), format!("length-{length}-block-{}", length - 1));
        let about = "one more than the last block";
        topic.reject(
            &slug,
            &from,
            &["ECHO-PROOF-001"],
            StateUnknownRef,
            about,
            request(length, length, 0, false),
        );
    }
    for (length, index) in
        [(15, 14), (16, 0), (17, 16), (31, 30), (100, 50), (100, 97), (1000, 999), (1023, 0)]
    {
        let slug = format!("length-{length}-block-{index}");
        topic.accept(&slug, &["ECHO-PROOF-003", "ECHO-PROOF-004"], "", request(length, index, 0, false));
    }
    for (slug, about, index) in [
        ("far", "", 1_000_000),
        ("2-to-the-52", "beyond any feed", 1 << 52),
        ("2-to-the-63", "its node would have the index 0 in 64 bits", 1 << 63),
    ] {
        let slug = format!("length-8-{slug}");
        let from = "length-8-block-0";
        topic.reject(&slug, from, &["ECHO-PROOF-001"], StateUnknownRef, about, request(8, index, 0, false));
    }
    let about = "an empty feed";
    topic.reject(
        "length-0",
        "length-1-block-0",
        &["ECHO-PROOF-001"],
        StateUnknownRef,
        about,
        request(0, 0, 0, false),
    );
    for (length, index) in [(1, 0), (2, 1), (4, 1), (5, 4), (7, 3), (8, 5)] {
        let slug = format!("length-{length}-block-{index}-hash");
        topic.accept(&slug, &["ECHO-PROOF-009"], "", request(length, index, 0, true));
        let slug = format!("length-{length}-hash-beyond");
        let from = format!("length-{length}-block-{index}-hash");
        topic.reject(
            &slug,
            &from,
            &["ECHO-PROOF-001"],
            StateUnknownRef,
            "",
            request(length, length, 0, true),
        );
    }
    topic
}

pub(super) fn told() -> Topic {
    let about = "The nodes of proofs, to a requester that tells what it has.";
    let mut topic = Topic::new("echo/tree/proof-digest", PROOF, &[], about);
    topic.flag("Hostile", "a digest that no honest requester sends");
    let siblings = "ECHO-PROOF-007";
    let root = "ECHO-PROOF-008";
    let ends = "ECHO-PROOF-010";
    let cases: [(u64, u64, u64, &[&str]); 22] = [
        (4, 3, 6, &[siblings]),
        (6, 4, 8, &[siblings]),
        (6, 5, 8, &[siblings]),
        (8, 7, 6, &[siblings]),
        (8, 4, 8, &[siblings]),
        (8, 0, 2, &[siblings]),
        (8, 0, 4, &[siblings]),
        (8, 0, 10, &[siblings]),
        (7, 2, 4, &[siblings]),
        (4, 0, 5, &[root, ends]),
        (8, 4, 9, &[root, ends]),
        (8, 4, 5, &[root, ends]),
        (8, 6, 13, &[root, ends]),
        (8, 2, 5, &[root, ends]),
        (9, 8, 17, &[root]),
        (9, 8, 33, &[root]),
        (16, 12, 21, &[root, ends]),
        (16, 9, 19, &[root, ends]),
        (100, 70, 41, &[root, ends]),
        (1, 0, 1, &["ECHO-PROOF-006"]),
        (8, 4, 1, &["ECHO-PROOF-006"]),
        (9, 8, 1, &["ECHO-PROOF-006"]),
    ];
    for (length, index, digest, req) in cases {
        let slug = format!("length-{length}-block-{index}-digest-{digest}");
        topic.accept(&slug, req, "", request(length, index, digest, false));
        let slug = format!("{slug}-beyond");
        if digest % 3 == 0 {
            let from = slug.trim_end_matches("-beyond");
            let about = "whatever the requester has";
            let input = request(length, length + index, digest, false);
            topic.reject(&slug, from, &["ECHO-PROOF-001"], StateUnknownRef, about, input);
        }
    }
    topic.accept("hash-of-a-known-leaf", &["ECHO-PROOF-006", "ECHO-PROOF-009"], "", request(8, 4, 1, true));
    for (slug, about, digest) in [
        ("all-bits", "every sibling is claimed, far above the tree", (1_u64 << 52) - 2),
        ("all-bits-and-root", "", (1 << 52) - 1),
        ("one-far-bit", "a node far above the tree is claimed", 1 << 50),
        ("one-far-bit-and-root", "", (1 << 50) | 1),
        ("above-the-root", "the sibling of the only root is claimed", 16),
        ("parent-of-the-root", "", 33),
    ] {
        let req = ["ECHO-PROOF-016"];
        topic.accept(&format!("length-8-{slug}"), &req, about, request(8, 4, digest, false)).flags =
            vec!["Hostile".to_owned()];
    }
    let mut earlier =
        |slug: &str, about: &str, requests: &[(u64, u64)], length: u64, index: u64, digest: u64| {
            let mut input = request(length, index, digest, false);
            let requests: Vec<Value> =
                requests.iter().map(|(index, digest)| json!({ "index": index, "digest": digest })).collect();
            if let Some(members) = input.as_object_mut() {
                members.insert("earlier".to_owned(), requests.into());
            }
            topic.accept(slug, &["ECHO-PROOF-015"], about, input);
        };
    earlier("earlier-same", "told once, and not again", &[(4, 9)], 8, 4, 0);
    earlier("earlier-neighbour", "what was told helps another block", &[(4, 9)], 8, 6, 0);
    earlier("earlier-siblings", "two known children are a known parent", &[(0, 2), (1, 2)], 8, 0, 0);
    earlier("earlier-elsewhere", "what was told is about other nodes", &[(0, 5)], 8, 6, 0);
    earlier("earlier-root", "a known root is not sent as another root", &[(0, 17)], 12, 8, 0);
    earlier("earlier-nothing", "a request that tells nothing", &[(4, 0)], 8, 4, 0);
    earlier("earlier-two", "what two requests told", &[(4, 8), (5, 2)], 8, 7, 0);
    earlier("earlier-leaf", "that the leaf is known is not kept", &[(4, 1)], 8, 4, 0);
    topic
}

pub(super) fn holes() -> Topic {
    let about = "The nodes of proofs from a copy that has holes.";
    let mut topic = Topic::new("echo/tree/proof-holes", PROOF, &[], about);
    let input = |known: &[u64], index: u64, digest: u64| json!({ "known": known, "index": index, "digest": digest, "hash": false });
    let req = ["ECHO-PROOF-004"];
    // Block 0 of a feed of eight.
    let one = [0, 2, 5, 11];
    topic.accept("one-of-8", &req, "the one block that is there", input(&one, 0, 0));
    topic.accept("one-of-8-neighbour-leaf", &req, "its neighbour's leaf is there, too", input(&one, 1, 0));
    for (slug, index, about) in [
        ("one-of-8-missing", 2, "the block's leaf is not there, though its parent is"),
        ("one-of-8-far", 7, "the leaf is not there, though the root is"),
    ] {
        topic.reject(slug, "one-of-8", &["ECHO-PROOF-001"], StateUnknownRef, about, input(&one, index, 0));
    }
    // Block 4 of a feed of 7, then block 0 of the same.
    let two = [8, 10, 3, 12];
    topic.accept("one-of-7", &req, "", input(&two, 4, 0));
    topic.accept("one-of-7-last", &req, "", input(&two, 6, 0));
    topic.reject(
        "one-of-7-missing",
        "one-of-7-last",
        &["ECHO-PROOF-001"],
        StateUnknownRef,
        "",
        input(&two, 0, 0),
    );
    topic.accept("leaf-alone", &req, "nothing but a leaf", input(&[6], 3, 0));
    topic.accept("two-leaves", &req, "neighbours of different parents", input(&[6, 8], 3, 0));
    topic.accept(
        "two-lengths",
        &req,
        "from a length of 4, and from one of 6",
        input(&[0, 2, 5, 8, 10], 0, 0),
    );
    topic.accept("two-lengths-later", &req, "", input(&[0, 2, 5, 8, 10], 4, 0));
    let about = "the root of the last two blocks is there, and not their leaves";
    topic.accept("hole-at-the-end", &req, about, input(&[0, 2, 5, 9], 0, 0));
    topic.accept("digest", &["ECHO-PROOF-007"], "with a digest", input(&one, 0, 4));
    topic.accept(
        "digest-of-missing",
        &["ECHO-PROOF-016"],
        "the requester has what the responder has not",
        input(&[8, 10, 3], 4, 4),
    );
    topic
}

pub(super) fn digest() -> Topic {
    let mut topic =
        Topic::new("echo/tree/digest", "echo.tree.digest", &[], "What a requester tells of what it has.");
    let cases: [(&str, &[u64], u64, &[&str]); 27] = [
        ("nothing-0", &[], 0, &["ECHO-PROOF-012"]),
        ("nothing-5", &[], 5, &["ECHO-PROOF-012"]),
        ("leaf", &[0], 0, &["ECHO-PROOF-011"]),
        ("leaf-among-many", &[0, 1, 2, 3, 4, 5, 6], 3, &["ECHO-PROOF-011"]),
        ("leaf-alone-far", &[200], 100, &["ECHO-PROOF-011"]),
        ("sibling", &[2], 0, &["ECHO-PROOF-012"]),
        ("sibling-itself", &[2], 1, &["ECHO-PROOF-011"]),
        ("live-3", &[0, 1, 2, 4], 3, &["ECHO-PROOF-012"]),
        ("live-4", &[0, 1, 2, 3, 4, 5, 6], 4, &["ECHO-PROOF-012"]),
        ("live-4-block-5", &[0, 1, 2, 3, 4, 5, 6], 5, &["ECHO-PROOF-012"]),
        ("live-4-block-6", &[0, 1, 2, 3, 4, 5, 6], 6, &["ECHO-PROOF-012"]),
        ("live-4-block-7", &[0, 1, 2, 3, 4, 5, 6], 7, &["ECHO-PROOF-012"]),
        ("live-7", &[0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12], 7, &["ECHO-PROOF-012"]),
        ("live-8", &[7], 8, &["ECHO-PROOF-012"]),
        ("parent-and-sibling", &[2, 5], 0, &["ECHO-PROOF-012"]),
        ("parent", &[2, 5], 2, &["ECHO-PROOF-013"]),
        ("parent-block-3", &[2, 5], 3, &["ECHO-PROOF-013"]),
        ("grandparent", &[3, 9], 4, &["ECHO-PROOF-013"]),
        ("grandparent-block-6", &[3, 9], 6, &["ECHO-PROOF-012"]),
        ("root", &[7], 7, &["ECHO-PROOF-013"]),
        ("root-and-sibling", &[7, 12], 7, &["ECHO-PROOF-013"]),
        ("as-good-as-the-leaf", &[2, 1], 0, &["ECHO-PROOF-014"]),
        ("as-good-as-the-leaf-2", &[2, 5, 3], 0, &["ECHO-PROOF-014"]),
        ("as-good-as-the-leaf-3", &[14, 9, 11], 6, &["ECHO-PROOF-014"]),
        ("not-quite", &[2, 3], 0, &["ECHO-PROOF-013"]),
        ("far", &[127], 50, &["ECHO-PROOF-013"]),
        ("beyond", &[127], 200, &["ECHO-PROOF-012"]),
    ];
    for (slug, known, index, req) in cases {
        topic.accept(slug, req, "", json!({ "known": known, "index": index }));
    }
    topic
}
