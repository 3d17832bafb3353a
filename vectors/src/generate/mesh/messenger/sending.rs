//! What the testee sends.

use dxos_reference::mesh::messenger::ACKNOWLEDGEMENT;

use super::super::super::topic::Topic;
use super::scene::{Play, acknowledgement, acknowledging, first, id, message, other, own, third};

pub(super) fn schedule() -> Topic {
    let about = "When a payload is sent again, and given up.";
    let mut topic = Topic::new("mesh/messenger/schedule", "wire.tick", &[], about);
    let sent = || Play::new(&["one", "two"]).send(b"hello");

    topic.steps("sent", &["MESH-MSG-001", "MESH-MSG-002"], "", sent().asks());
    topic.steps("two", &["MESH-MSG-001"], "the same payload twice", sent().send(b"hello").asks());
    let again = ["MESH-MSG-010"];
    topic.steps("not-before-1-second", &again, "", sent().tick(999).tick(1_000).asks());
    topic.steps("not-before-3-seconds", &again, "", sent().tick(1_000).tick(2_999).tick(3_000).asks());
    let play = sent().tick(1_000).tick(3_000).tick(6_999).tick(7_000);
    topic.steps("not-before-7-seconds", &again, "", play.asks());
    topic.steps("at-once", &again, "9,999 milliseconds pass", sent().tick(9_999).asks());
    let play = sent().tick(500).send(b"later").tick(1_000).tick(1_500).tick(3_000).tick(3_500);
    topic.steps("interleaved", &again, "each has times of its own", play.asks());
    let play = Play::new(&["one"]).tick(12_345).send(b"hello").tick(13_344).tick(13_345);
    topic.steps("from-the-sending-on", &again, "", play.asks());
    let up = ["MESH-MSG-011"];
    topic.steps("given-up", &up, "", sent().tick(7_000).tick(9_999).tick(10_000).asks());
    topic.steps("given-up-for-ever", &up, "", sent().tick(10_000).tick(15_000).tick(60_000).asks());
    let play = sent().tick(5_000).send(b"later").tick(10_000).tick(14_999).tick(15_000);
    topic.steps("given-up-in-turn", &up, "", play.asks());
    topic
}

pub(super) fn acknowledged() -> Topic {
    let about = "Acknowledgements of what the testee has sent, and what looks like one.";
    let mut topic = Topic::new("mesh/messenger/acknowledged", "wire.feed", &[], about);
    let sent = || Play::new(&["one", "two"]).send(b"hello");
    let later = |play: Play| play.tick(1_000).tick(10_000);

    let stop = ["MESH-MSG-012"];
    topic.steps("at-once", &stop, "", later(sent().feed(acknowledgement("one"))).asks());
    let play = sent().tick(1_000).feed(acknowledgement("one")).tick(3_000).tick(10_000);
    topic.steps("second-time", &stop, "", play.asks());
    let play = sent().tick(9_999).feed(acknowledgement("one")).tick(10_000);
    topic.steps("at-last", &["MESH-MSG-012", "MESH-MSG-011"], "", play.asks());
    let other_id = ["MESH-MSG-013"];
    let play = sent().tick(10_000).feed(acknowledgement("one")).tick(20_000);
    topic.steps("too-late", &other_id, "", play.asks());
    let play = sent().feed(acknowledgement("one")).feed(acknowledgement("one")).tick(1_000);
    topic.steps("twice", &other_id, "it is delivered once", play.asks());
    topic.steps("another-id", &other_id, "", later(sent().feed(acknowledgement("three"))).asks());
    let play = later(sent().send(b"x").feed(acknowledgement("two")));
    topic.steps("second-of-two", &other_id, "the first is sent again", play.asks());
    let short = message(&other(), &own(), ACKNOWLEDGEMENT, acknowledging(&first(&id("one"), 31)));
    topic.steps("short-id", &other_id, "", later(sent().feed(short)).asks());
    let none = message(&other(), &own(), ACKNOWLEDGEMENT, acknowledging(&[]));
    topic.steps("no-id", &other_id, "", later(sent().feed(none)).asks());

    let stranger = message(&third(), &own(), ACKNOWLEDGEMENT, acknowledging(&id("one")));
    let play = sent().feed(stranger).tick(1_000);
    topic.steps("of-somebody-else", &["MESH-MSG-015"], "the payload is sent again", play.asks());
    let foreign = message(&other(), &third(), ACKNOWLEDGEMENT, acknowledging(&id("one")));
    let play = sent().feed(foreign).tick(1_000);
    topic.steps("for-somebody-else", &["MESH-MSG-014"], "the payload is sent again", play.asks());
    for (slug, type_name) in [
        ("dot", ".dxos.mesh.messaging.Acknowledgement"),
        ("url", "type.googleapis.com/dxos.mesh.messaging.Acknowledgement"),
        ("case", "dxos.mesh.messaging.acknowledgement"),
        ("short", "Acknowledgement"),
    ] {
        let bad = message(&other(), &own(), type_name, acknowledging(&id("one")));
        let play = sent().feed(bad).tick(1_000).feed(acknowledgement("one"));
        topic.steps(&format!("type-{slug}"), &["MESH-MSG-003"], "the payload is sent again", play.asks());
    }
    let whole = acknowledging(&id("one"));
    for (slug, value) in
        [("cut", first(&whole, whole.len() - 1)), ("wire-type", [&[0x0f], whole.as_slice()].concat())]
    {
        let bad = message(&other(), &own(), ACKNOWLEDGEMENT, value);
        let play = sent().feed(bad).tick(1_000).feed(acknowledgement("one"));
        topic.steps(&format!("undecodable-{slug}"), &["MESH-MSG-018"], "", play.asks());
    }
    topic
}
