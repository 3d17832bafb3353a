//! `echo.feed.storage.write` and `echo.feed.storage.directory`.

use dxos_reference::echo::storage::FileName;
use dxos_reference::keys::{Suite, to_hex};
use serde_json::json;

use super::super::super::topic::{Topic, suite_of};
use super::image::{Image, Writer, hex_blocks};

pub(super) fn written(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "The bytes of the files after appends whose signatures are given.";
    let group = format!("echo/feed/storage/write-{name}");
    let mut topic = Topic::new(&group, "echo.feed.storage.write", &[feature], about);
    let shapes: [(&str, &[usize]); 12] = [
        ("one", &[1]),
        ("two", &[1, 1]),
        ("two-at-once", &[2]),
        ("three", &[1, 2]),
        ("four", &[3, 1]),
        ("five", &[1, 1, 1, 2]),
        ("six-at-once", &[6]),
        ("seven", &[1, 1, 5]),
        ("eight", &[4, 4]),
        ("nine", &[8, 1]),
        ("sixteen", &[7, 9]),
        ("thirty-three", &[32, 1]),
    ];
    let req = [
        "ECHO-STORE-002",
        "ECHO-STORE-003",
        "ECHO-STORE-004",
        "ECHO-STORE-005",
        "ECHO-STORE-006",
        "ECHO-STORE-007",
        "ECHO-STORE-008",
        "ECHO-STORE-009",
        "ECHO-STORE-017",
        "ECHO-LOG-008",
    ];
    for (slug, appends) in shapes {
        let writer = Writer::new(&topic, suite, slug);
        let image = Image::of(&writer.feed(appends));
        let slots = image.bytes(FileName::Signatures).get(32..).unwrap_or_default().chunks(64);
        let signatures: Vec<String> =
            slots.filter(|slot| slot.iter().any(|&byte| byte != 0)).map(to_hex).collect();
        let blocks = hex_blocks(appends.iter().sum());
        let feed = json!({
            "key": writer.key_hex(), "blocks": blocks, "appends": appends, "signatures": signatures,
        });
        topic.accept(slug, &req, "", json!({ "feed": feed }));
    }
    topic
}

pub(super) fn directory() -> Topic {
    let about = "The name of a feed's directory.";
    let mut topic = Topic::new("echo/feed/storage/directory", "echo.feed.storage.directory", &[], about);
    for slug in ["key", "other-key", "third-key"] {
        let key = topic.key(Suite::P256, slug, "feed").public_key();
        topic.accept(slug, &["ECHO-STORE-001"], "", json!({ "key": to_hex(&key) }));
    }
    topic
}
