//! What comes from other peers.

use dxos_reference::mesh::messenger::RELIABLE_PAYLOAD;
use serde_json::json;

use super::super::super::topic::Topic;
use super::scene::{
    APP, Play, acknowledgement, first, id, message, other, own, payload, reliable, third, typed,
};

pub(super) fn handled() -> Topic {
    let about = "Payloads for the testee: each is acknowledged, and handled once.";
    let mut topic = Topic::new("mesh/messenger/handled", "wire.feed", &[], about);
    let one = || payload("one", b"hello");

    let play = Play::listening().feed(one());
    topic.steps("acknowledged", &["MESH-MSG-004", "MESH-MSG-005", "MESH-MSG-002"], "", play.asks());
    let play = Play::new(&[]).feed(one());
    topic.steps(
        "nobody-listens",
        &["MESH-MSG-006"],
        "it is acknowledged, and nobody hears of it",
        play.asks(),
    );
    let play = Play::new(&[]).feed(one()).listen(APP).feed(one());
    topic.steps(
        "listened-for-too-late",
        &["MESH-MSG-006", "MESH-MSG-007"],
        "a repeat is not handled",
        play.asks(),
    );
    let play = Play::new(&[]).listen_to_all().feed(one());
    topic.steps("all-types", &["MESH-MSG-017"], "", play.asks());
    let play = Play::new(&[]).listen_to_all().listen(APP).feed(one());
    topic.steps("all-types-and-one", &["MESH-MSG-017"], "both hear it", play.asks());
    let play = Play::new(&[]).listen("example.testing.data.OtherPayload").feed(one());
    topic.steps("another-type-listened-for", &["MESH-MSG-017"], "", play.asks());
    let play = Play::listening().listen("a.B").feed(typed("one", "a.B", b"x"));
    topic.steps("one-of-two-types", &["MESH-MSG-017"], "", play.asks());
    for (slug, type_name) in [
        ("dot", format!(".{APP}")),
        ("url", format!("type.googleapis.com/{APP}")),
        ("case", APP.to_lowercase()),
        ("prefix", "example.testing.data.TestPayload2".to_owned()),
        ("absent", String::new()),
    ] {
        let play = Play::listening().feed(typed("one", &type_name, b"x")).feed(payload("two", b"y"));
        let about = "acknowledged, and not for those who listen for the type";
        topic.steps(&format!("inner-type-{slug}"), &["MESH-MSG-017", "MESH-MSG-006"], about, play.asks());
    }
    let play = Play::listening()
        .step("mesh.messenger.unlisten", json!({ "type": APP }))
        .feed(one())
        .listen(APP)
        .feed(payload("two", b"x"));
    topic.steps("no-longer-listened-for", &["MESH-MSG-017", "MESH-MSG-006"], "", play.asks());

    let repeated = ["MESH-MSG-004", "MESH-MSG-007"];
    topic.steps("repeat", &repeated, "", Play::listening().feed(one()).feed(one()).asks());
    let play = Play::listening().feed(one()).tick(1_000).feed(one()).tick(3_000).feed(one());
    topic.steps("repeat-later", &repeated, "as a sender does that hears no acknowledgement", play.asks());
    let play = Play::listening().feed(one()).feed(payload("two", b"hello")).feed(one());
    topic.steps("same-value", &repeated, "another id is another payload", play.asks());
    let play = Play::listening().feed(one()).feed(payload("one", b"other"));
    topic.steps("same-id", &repeated, "another value with the same id is the same payload", play.asks());
    let from_third = message(&third(), &own(), RELIABLE_PAYLOAD, reliable(&id("one"), APP, b"hello"));
    let play = Play::listening().feed(one()).feed(from_third);
    topic.steps("same-id-of-another-author", &repeated, "acknowledged to that author", play.asks());

    let remembered = ["MESH-MSG-008", "MESH-MSG-007"];
    for (slug, first, again) in [
        ("2-minutes", 0, 119_999),
        ("2-minutes-from-1-minute", 60_000, 179_999),
        ("2-minutes-from-2-minutes", 119_000, 238_999),
        ("2-minutes-from-3-minutes", 180_000, 299_999),
    ] {
        let play = Play::listening().tick(first).feed(one()).tick(again).feed(one());
        topic.steps(&format!("remembered-{slug}"), &remembered, "", play.asks());
    }
    let play = Play::listening().tick(1_000).feed(one()).tick(241_000).feed(one());
    topic.steps("forgotten", &["MESH-MSG-009"], "after 4 minutes it is another payload", play.asks());
    let play = Play::listening().tick(1_000).feed(one()).tick(130_000).feed(one()).tick(241_001).feed(one());
    topic.steps("forgotten-all-the-same", &["MESH-MSG-009"], "a repeat does not count", play.asks());

    for (slug, value) in [
        ("empty", Vec::new()),
        ("zeros", vec![0, 1, 0, 0]),
        ("no-text", vec![0xff, 0xfe, 0x80]),
        ("long", (0..3_000u32).map(|at| at.to_le_bytes()[0]).collect()),
    ] {
        let play = Play::listening().feed(payload("one", &value));
        topic.steps(&format!("value-{slug}"), &["MESH-MSG-019"], "", play.asks());
    }
    let play = Play::listening().feed(one()).tick(1_000).tick(10_000).tick(20_000);
    topic.steps("acknowledged-once", &["MESH-MSG-021"], "nothing more is sent", play.asks());
    topic
}

pub(super) fn ignored() -> Topic {
    let about = "Messages that are not for a messenger; a good payload follows each.";
    let mut topic = Topic::new("mesh/messenger/ignored", "wire.feed", &[], about);
    let wanted = || reliable(&id("one"), APP, b"hello");
    let bad = |type_name: &str| message(&other(), &own(), type_name, wanted());
    for (slug, type_name) in [
        ("dot", ".dxos.mesh.messaging.ReliablePayload"),
        ("url", "type.googleapis.com/dxos.mesh.messaging.ReliablePayload"),
        ("case", "dxos.mesh.messaging.reliablepayload"),
        ("short", "ReliablePayload"),
        ("unknown", "dxos.mesh.messaging.Unreliable"),
        ("application", APP),
        ("absent", ""),
    ] {
        let play = Play::listening().feed(bad(type_name)).feed(payload("one", b"hello"));
        topic.steps(&format!("type-{slug}"), &["MESH-MSG-003"], "", play.asks());
    }
    let foreign = message(&other(), &third(), RELIABLE_PAYLOAD, wanted());
    let play = Play::listening().feed(foreign).feed(payload("two", b"x"));
    topic.steps(
        "another-recipient",
        &["MESH-MSG-014"],
        "it is neither acknowledged nor handled",
        play.asks(),
    );
    let long = [id("one").as_slice(), &[0]].concat();
    for (slug, length) in [("none", 0), ("31-bytes", 31), ("33-bytes", 33)] {
        let value = reliable(&first(&long, length), APP, b"hello");
        let play = Play::listening()
            .feed(message(&other(), &own(), RELIABLE_PAYLOAD, value))
            .feed(payload("two", b"x"));
        topic.steps(&format!("id-{slug}"), &["MESH-MSG-016"], "", play.asks());
    }
    let whole = wanted();
    for (slug, value) in [
        ("cut", first(&whole, whole.len() - 1)),
        ("wire-type", [&[0x0f], whole.as_slice()].concat()),
        ("length", vec![0x0a, 0x7f, 0x0a, 0x01]),
    ] {
        let play = Play::listening()
            .feed(message(&other(), &own(), RELIABLE_PAYLOAD, value))
            .feed(payload("one", b"x"));
        topic.steps(&format!("undecodable-{slug}"), &["MESH-MSG-018"], "", play.asks());
    }
    let play = Play::listening().feed(acknowledgement("one")).feed(payload("one", b"hello"));
    topic.steps(
        "acknowledgement",
        &["MESH-MSG-013", "MESH-MSG-021"],
        "of nothing, and not acknowledged",
        play.asks(),
    );
    topic
}
