//! `echo.feed.proof`: proofs with hashes and signatures.

use dxos_reference::keys::{Suite, to_hex};
use serde_json::{Value, json};

use super::super::super::topic::Topic;
use super::writer::{Writer, suite_of};
use crate::class::Class::StateUnknownRef;

/// A feed as requests give it.
pub(super) fn feed(writer: &Writer, appends: &[u64]) -> Value {
    let mut length = 0;
    let mut signatures = Vec::new();
    for size in appends {
        length += size;
        signatures.push(to_hex(&writer.sign(length)));
    }
    let blocks: Vec<String> = writer.blocks.iter().map(|block| to_hex(block)).collect();
    json!({ "key": writer.public(), "blocks": blocks, "appends": appends, "signatures": signatures })
}

pub(super) fn proof(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let mut topic = Topic::new(
        &format!("echo/feed/proof-{name}"),
        "echo.feed.proof",
        &[feature],
        "What a writer sends with a block.",
    );
    let cases: [(&str, &[u64], &[(u64, u64)]); 6] = [
        ("one", &[1], &[(0, 0), (0, 1)]),
        ("three", &[1, 1, 1], &[(0, 0), (2, 0), (1, 1)]),
        ("batch", &[1, 1, 1, 2], &[(3, 0), (4, 0), (0, 0), (3, 6)]),
        ("one-batch", &[4], &[(0, 0), (3, 0), (1, 1)]),
        ("two-batches", &[3, 5], &[(0, 0), (4, 8), (7, 0), (4, 9)]),
        ("nine", &[1, 1, 1, 1, 1, 1, 1, 1, 1], &[(8, 0), (8, 16), (0, 5)]),
    ];
    for (slug, appends, requests) in cases {
        let length: u64 = appends.iter().sum();
        let writer = Writer::new(&topic, suite, slug, usize::try_from(length).unwrap_or_default());
        let feed = feed(&writer, appends);
        let input = |index: u64, digest: u64, hash: bool| {
            json!({ "feed": feed, "index": index, "digest": digest, "hash": hash })
        };
        let mut first = None;
        for &(index, digest) in requests {
            let req: &[&str] = match digest {
                0 => &["ECHO-PROOF-002", "ECHO-PROOF-003", "ECHO-PROOF-004"],
                1 => &["ECHO-PROOF-006"],
                _ => &["ECHO-PROOF-004", "ECHO-PROOF-007"],
            };
            let slug = format!("{slug}-block-{index}-digest-{digest}");
            topic.accept(&slug, req, "", input(index, digest, false));
            first.get_or_insert(slug);
        }
        let from = first.unwrap_or_default();
        let refused = format!("{slug}-beyond");
        topic.reject(&refused, &from, &["ECHO-PROOF-001"], StateUnknownRef, "", input(length, 0, false));
        topic.accept(&format!("{slug}-hash"), &["ECHO-PROOF-009"], "", input(0, 0, true));
    }
    topic
}
