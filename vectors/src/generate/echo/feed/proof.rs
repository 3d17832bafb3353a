//! `echo.feed.proof`: proofs with hashes and signatures.

use dxos_reference::keys::{Suite, to_hex};
use serde_json::{Value, json};

use super::super::super::topic::Topic;
use super::writer::{Writer, suite_of};
use crate::class::Class::{AuthSignature, StateUnknownRef};

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

/// A name, the sizes of appends, and requests: block and digest.
type Case<'a> = (&'a str, &'a [u64], &'a [(u64, u64)]);

pub(super) fn proof(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let mut topic = Topic::new(
        &format!("echo/feed/proof-{name}"),
        "echo.feed.proof",
        &[feature],
        "What a writer sends with a block.",
    );
    let cases: [Case<'_>; 6] = [
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
        let input = |index: u64, digest: u64, hash: bool| json!({ "feed": feed, "index": index, "digest": digest, "hash": hash });
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

/// `echo.feed.audit`: what the suite asks of the signatures that a writer made.
pub(super) fn audit(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "The signatures of a whole feed.";
    let mut topic = Topic::new(&format!("echo/feed/audit-{name}"), "echo.feed.audit", &[feature], about);
    let req = ["ECHO-TREE-006", "ECHO-VER-010"];
    for (slug, appends) in [("one", &[1][..]), ("three", &[1, 1, 1]), ("batches", &[3, 1, 4])] {
        let length: u64 = appends.iter().sum();
        let writer = Writer::new(&topic, suite, slug, usize::try_from(length).unwrap_or_default());
        let good = feed(&writer, appends);
        topic.accept(slug, &req, "", good.clone());
        let mut reject = |fault: &str, about: &str, change: &dyn Fn(&mut Vec<Value>)| {
            let mut feed = good.clone();
            if let Some(signatures) = feed.get_mut("signatures").and_then(Value::as_array_mut) {
                change(signatures);
            }
            let req = if fault.ends_with("alone") { "ECHO-VER-011" } else { "ECHO-VER-010" };
            topic.reject(&format!("{slug}-{fault}"), slug, &[req], AuthSignature, about, feed);
        };
        let last = usize::try_from(appends.len() as u64 - 1).unwrap_or_default();
        let set = |signatures: &mut Vec<Value>, at: usize, signature: &[u8]| {
            if let Some(place) = signatures.get_mut(at) {
                *place = to_hex(signature).into();
            }
        };
        reject("last-by-another", "", &|signatures| {
            let other = Writer { key: another(suite), ..writer.clone() };
            set(signatures, last, &other.sign(length));
        });
        reject("first-of-roots-alone", "the length is not signed", &|signatures| {
            let first = appends.first().copied().unwrap_or_default();
            let signable = writer.signable(first);
            set(signatures, 0, &writer.key.sign(signable.get(..32).unwrap_or_default()));
        });
        reject("last-of-old-roots", "the roots before the append, with the length after it", &|signatures| {
            let before = length - appends.last().copied().unwrap_or_default();
            let old = writer.signable(before);
            let message = [old.get(..32).unwrap_or_default(), &length.to_be_bytes()].concat();
            set(signatures, last, &writer.key.sign(&message));
        });
        reject("last-zero", "", &|signatures| set(signatures, last, &[0; 64]));
    }
    topic
}

fn another(suite: Suite) -> dxos_reference::keys::SigningKey {
    Topic::new("echo/feed/audit-other", "echo.feed.audit", &[], "").key(suite, "other", "writer")
}
