//! Messages as they are written.

use serde_json::{Value, json};

use super::{credential, hex, made};
use crate::generate::topic::Topic;

const OP: &str = "echo.message.encode";

fn pair(feed: &[u8], seq: i32) -> Value {
    json!([hex(feed), seq])
}

pub(super) fn messages() -> Topic {
    let about = "Messages with at most one frame, which are the same bytes for every writer.";
    let mut topic = Topic::new("echo/message/encode/fields", OP, &[], about);
    topic.flag("ZeroLeftOut", "an encoder of proto3 leaves out the number 0");
    topic.accept(
        "empty",
        &["ECHO-MSG-001"],
        "no timeframe, no payload: both fields are written",
        json!({ "timeframe": [] }),
    );
    let long = topic.key(dxos_reference::keys::Suite::P256, "p256-key", "feed").public_key();
    let keys: [(&str, &[u8], &str); 5] = [
        ("p256-key", &long, "65 bytes, not wrapped in a message"),
        ("ed25519-key", &[0x11; 32], ""),
        ("one-byte-key", &[7], ""),
        ("empty-key", &[], "a key of no bytes"),
        ("long-key", &[0xab; 200], "a length of two bytes"),
    ];
    for (slug, key, about) in keys {
        topic.accept(slug, &["ECHO-MSG-004"], about, json!({ "timeframe": [pair(key, 5)] }));
    }
    topic
        .accept(
            "seq-0",
            &["ECHO-MSG-002"],
            "the number is written",
            json!({ "timeframe": [pair(&[0x11; 32], 0)] }),
        )
        .flags = vec!["ZeroLeftOut".to_owned()];
    let wrapped = pair(&[0x0a, 0x20], 0);
    topic.accept("seq-0-short-key", &["ECHO-MSG-002"], "", json!({ "timeframe": [wrapped] })).flags =
        vec!["ZeroLeftOut".to_owned()];
    for seq in [1, 127, 128, 300, 16_383, 16_384, i32::MAX] {
        let slug = format!("seq-{seq}");
        topic.accept(&slug, &["ECHO-MSG-004"], "", json!({ "timeframe": [pair(&[0x11; 32], seq)] }));
    }
    for (slug, seq) in [("minus-1", -1), ("minus-2", -2), ("minus-300", -300), ("lowest", i32::MIN)] {
        topic.accept(
            &format!("seq-{slug}"),
            &["ECHO-MSG-003"],
            "ten bytes",
            json!({ "timeframe": [pair(&[0x11; 32], seq)] }),
        );
    }
    let held = credential(&topic, "credential");
    topic.accept("credential", &["ECHO-MSG-001"], "", json!({ "timeframe": [], "credential": hex(&held) }));
    let held = credential(&topic, "credential-and-frame");
    topic.accept(
        "credential-and-frame",
        &["ECHO-MSG-002"],
        "",
        json!({ "timeframe": [pair(&[0x22; 65], 0)], "credential": hex(&held) }),
    );
    topic.accept("batch-empty", &["ECHO-MSG-001"], "", json!({ "timeframe": [], "batch": "" }));
    let batch = made(|writer| writer.bytes(1, &made(|object| object.bytes(1, b"object"))));
    topic.accept(
        "batch",
        &["ECHO-MSG-001"],
        "",
        json!({ "timeframe": [pair(&[1], 1)], "batch": hex(&batch) }),
    );
    topic
}

pub(super) fn several() -> Topic {
    let about = "Messages with several frames: the order is the writer's, and the judge reads what it wrote.";
    let mut topic = Topic::new("echo/message/encode/frames", OP, &[], about);
    let lists: Vec<(&str, &str, Vec<Value>)> = vec![
        ("two", "ECHO-MSG-004", vec![pair(&[0x11; 32], 1), pair(&[0x22; 32], 300)]),
        ("two-descending", "ECHO-MSG-004", vec![pair(&[0x22; 32], 300), pair(&[0x11; 32], 1)]),
        ("zeros", "ECHO-MSG-002", vec![pair(&[1], 0), pair(&[2], 0), pair(&[3], 0)]),
        ("zero-among-others", "ECHO-MSG-002", vec![pair(&[1], 4), pair(&[2], 0), pair(&[3], 9)]),
        ("minus-ones", "ECHO-MSG-003", vec![pair(&[1], -1), pair(&[2], -1)]),
        ("extremes", "ECHO-MSG-003", vec![pair(&[1], i32::MIN), pair(&[2], i32::MAX)]),
        ("sixteen", "ECHO-MSG-004", (0..16).map(|feed| pair(&[feed; 65], i32::from(feed))).collect()),
    ];
    for (slug, req, frames) in lists {
        let input = json!({ "timeframe": frames });
        topic.issue(slug, &[req], "", input, "message", &[("echo.message.decode", json!({}))]);
    }
    let ordered: [(&str, Vec<Value>); 3] = [
        ("order-of-first-naming", vec![pair(&[9], 1), pair(&[5], 2), pair(&[7], 3)]),
        ("order-descending", vec![pair(&[3], 1), pair(&[2], 1), pair(&[1], 1)]),
        ("place-of-a-feed-named-twice", vec![pair(&[9], 5), pair(&[1], 2), pair(&[9], 3)]),
    ];
    for (slug, frames) in ordered {
        topic.accept(slug, &["ECHO-MSG-005"], "", json!({ "timeframe": frames }));
    }
    topic
}
