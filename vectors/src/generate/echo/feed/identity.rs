//! `echo.feed.identity`.

use dxos_reference::keys::{Suite, to_hex};
use serde_json::json;

use super::super::super::topic::{ED25519, P256, Topic};
use crate::class::Class::AuthKey;

const REQ: [&str; 2] = ["ECHO-FEED-002", "ECHO-FEED-003"];

pub(super) fn identity() -> Topic {
    let mut topic = Topic::new(
        "echo/feed/identity",
        "echo.feed.identity",
        &[P256],
        "What a feed is called, from its public key.",
    );
    topic.flag("OtherName", "a feed under another name is found by nobody");
    let input = |key: &[u8]| json!({ "key": to_hex(key) });
    let known = concat!(
        "040e5753dc14b9c9147125426411417ac3fcdae3c17a8e76be9b641f0991df1f3a",
        "227e79f541eb1dfaadee2d5150f754a796925e2820bb0f32cbcc3dae81a7a446"
    );
    topic.accept("p256-known", &REQ, "a feed of the deployed implementation", json!({ "key": known }));
    for slug in ["p256", "p256-other", "p256-third", "p256-fourth"] {
        let key = topic.key(Suite::P256, slug, "writer").public_key();
        topic.accept(slug, &REQ, "", input(&key)).flags = vec!["OtherName".to_owned()];
    }
    let key = topic.key(Suite::P256, "p256", "writer").public_key();
    let (x, y) = key.get(1..).unwrap_or_default().split_at(32);
    let tag = 2 + (y.last().copied().unwrap_or_default() & 1);
    let faults: Vec<(&str, &str, Vec<u8>)> = vec![
        ("compressed", "the compressed form of the same point", [&[tag], x].concat()),
        ("hybrid", "the hybrid form of the same point", [&[tag + 4], x, y].concat()),
        ("no-tag", "64 bytes, without the first", [x, y].concat()),
        ("other-tag", "the first byte is 05", [&[5], x, y].concat()),
        ("zero-tag", "the first byte is 00", [&[0], x, y].concat()),
        ("longer", "66 bytes", [&key[..], &[0]].concat()),
        ("shorter", "64 bytes", key.get(..64).unwrap_or_default().to_vec()),
        ("31-bytes", "", x.get(..31).unwrap_or_default().to_vec()),
        ("33-bytes", "32 bytes of a key and a zero", [x, &[0]].concat()),
        ("twice", "two keys", [&key[..], &key[..]].concat()),
        ("hex-text", "the hex text in place of the bytes", to_hex(&key).into_bytes()),
        ("empty", "no bytes", Vec::new()),
    ];
    for (slug, about, key) in faults {
        let slug = format!("p256-{slug}");
        topic.reject(&slug, "p256", &["ECHO-FEED-001"], AuthKey, about, input(&key));
    }
    topic.features(&[ED25519]);
    for slug in ["ed25519", "ed25519-other", "ed25519-third"] {
        let key = topic.key(Suite::Ed25519, slug, "writer").public_key();
        topic.accept(slug, &REQ, "", input(&key));
    }
    let key = topic.key(Suite::Ed25519, "ed25519", "writer").public_key();
    for (slug, about, key) in [
        ("longer", "33 bytes", [&key[..], &[0]].concat()),
        ("shorter", "31 bytes", key.get(1..).unwrap_or_default().to_vec()),
        ("hex-text", "the hex text in place of the bytes", to_hex(&key).into_bytes()),
        ("prefixed", "with the prefix of a multicodec", [&[0xed, 1], &key[..]].concat()),
    ] {
        let slug = format!("ed25519-{slug}");
        topic.reject(&slug, "ed25519", &["ECHO-FEED-001"], AuthKey, about, input(&key));
    }
    topic
}
