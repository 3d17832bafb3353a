//! Signals of transports.

use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::dxos::mesh::swarm::{self as wire, message_data::Payload};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::{Struct, Value as Wire, value::Kind};
use dxos_reference::mesh::swarm::{Body, SwarmMessage};
use serde_json::json;

use super::super::super::topic::Topic;
use super::super::id;
use super::scene::{Play, answer, higher, lower, offer, say, session_of, theirs};

/// A signal that names a port.
fn port(number: u16) -> Struct {
    let value = Wire { kind: Some(Kind::NumberValue(f64::from(number))) };
    Struct { fields: [("port".to_owned(), value)].into_iter().collect() }
}

fn ports(session: [u8; 32], numbers: &[u16]) -> SwarmMessage {
    say(session, "signals", Body::Signals(numbers.iter().map(|number| port(*number)).collect()))
}

/// A signal outside of a batch.
fn single(session: [u8; 32], number: u16) -> Vec<u8> {
    let key = |id: [u8; 32]| Some(PublicKey { data: id.to_vec() });
    let payload = Payload::Signal(wire::Signal { payload: Some(port(number)) });
    let data = Some(wire::MessageData { payload: Some(payload) });
    let (topic, session_id, message_id) = (key(id("topic")), key(session), key(id("signal")));
    wire::SwarmMessage { topic, session_id, data, message_id }.encode_to_vec()
}

pub(super) fn signals() -> Topic {
    let about = "Signals that the testee gets.";
    let mut topic = Topic::new("mesh/swarm/signals", "wire.feed", &[], about);
    let ours = session_of(0);
    let offered = || Play::new().available(&higher());

    let play = Play::connecting().feed(&higher(), &ports(ours, &[1, 2, 3]));
    topic.steps("batch", &["MESH-SWARM-019", "MESH-SWARM-020"], "", play.asks());
    let play = Play::connecting().bytes(&higher(), &single(ours, 45_473)).feed(&higher(), &ports(ours, &[2]));
    topic.steps("single", &["MESH-SWARM-022"], "", play.asks());
    let play = Play::connecting().feed(&higher(), &ports(ours, &[])).feed(&higher(), &ports(ours, &[2]));
    topic.steps("empty-batch", &["MESH-SWARM-022"], "", play.asks());
    let play = Play::connected().feed(&higher(), &ports(ours, &[1]));
    topic.steps("connected", &["MESH-SWARM-019"], "a transport may go on to signal", play.asks());
    let play = Play::new().feed(&lower(), &offer(theirs(), "offer")).feed(&lower(), &ports(theirs(), &[7]));
    topic.steps("of-who-offered", &["MESH-SWARM-019", "MESH-SWARM-020"], "", play.asks());

    let other = ["MESH-SWARM-019"];
    for (slug, session) in [("unknown", id("another")), ("topic", id("topic")), ("zeros", [0; 32])] {
        let play =
            Play::connecting().feed(&higher(), &ports(session, &[1])).feed(&higher(), &ports(ours, &[2]));
        topic.steps(&format!("another-session-{slug}"), &other, "", play.asks());
    }
    let play =
        Play::connecting().bytes(&higher(), &single(id("another"), 1)).bytes(&higher(), &single(ours, 2));
    topic.steps("another-session-single", &other, "", play.asks());
    let play = Play::new()
        .available(&lower())
        .at(100)
        .feed(&lower(), &offer(theirs(), "offer"))
        .feed(&lower(), &ports(ours, &[1]))
        .feed(&lower(), &ports(theirs(), &[2]));
    topic.steps("session-given-up", &["MESH-SWARM-019", "MESH-SWARM-010"], "", play.asks());
    let none = ["MESH-SWARM-020"];
    let play = Play::new()
        .feed(&higher(), &ports(ours, &[1]))
        .available(&higher())
        .feed(&higher(), &answer(0, true));
    topic.steps("before-anything", &none, "they are not kept", play.asks());
    let play = Play::connecting().feed(&lower(), &ports(ours, &[1])).feed(&higher(), &ports(ours, &[2]));
    topic.steps("of-somebody-else", &none, "", play.asks());
    let play = Play::connected().transport(&higher(), "closed").feed(&higher(), &ports(ours, &[1]));
    topic.steps("after-the-end", &none, "", play.asks());
    let wrong = SwarmMessage { topic: id("another topic"), ..ports(ours, &[1]) };
    let play = Play::connecting().feed(&higher(), &wrong).feed(&higher(), &ports(ours, &[2]));
    topic.steps("another-topic", &["MESH-SWARM-002"], "", play.asks());

    let early = ["MESH-SWARM-021"];
    let play = offered().feed(&higher(), &ports(ours, &[1])).feed(&higher(), &answer(0, true));
    topic.steps("early", &early, "", play.asks());
    let play = offered()
        .feed(&higher(), &ports(ours, &[1, 2]))
        .bytes(&higher(), &single(ours, 3))
        .feed(&higher(), &ports(ours, &[4]))
        .feed(&higher(), &answer(0, true))
        .feed(&higher(), &ports(ours, &[5]));
    topic.steps("early-several", &early, "in their order", play.asks());
    let play = offered()
        .feed(&higher(), &ports(id("another"), &[1]))
        .feed(&higher(), &ports(ours, &[2]))
        .feed(&higher(), &answer(0, true));
    topic.steps("early-of-another-session", &["MESH-SWARM-019", "MESH-SWARM-021"], "", play.asks());
    let play = offered()
        .feed(&higher(), &ports(ours, &[1]))
        .feed(&higher(), &answer(0, false))
        .available(&higher())
        .feed(&higher(), &answer(1, true));
    topic.steps("early-and-refused", &early, "they are gone with the session", play.asks());
    topic
}

pub(super) fn batches() -> Topic {
    let about = "Signals that the testee sends.";
    let mut topic = Topic::new("mesh/swarm/batches", "mesh.swarm.transport", &[], about);
    let paced = ["MESH-SWARM-023"];
    let said = |play: Play, number: u64| play.signal(&higher(), json!({ "port": number }));

    let play = said(Play::connecting(), 45_473).at(9).at(10);
    topic.steps("first", &paced, "after 10 milliseconds", play.asks());
    let play = said(said(Play::connecting(), 1), 2).at(5);
    let play = said(play, 3).at(10).at(100);
    topic.steps("together", &paced, "three in one batch, in their order", play.asks());
    let play = Play::new()
        .feed(&lower(), &offer(theirs(), "offer"))
        .signal(&lower(), json!({ "sdp": "v=0" }))
        .at(10);
    topic.steps("of-who-answered", &paced, "", play.asks());
    let values = json!({ "a": [1, "b", true], "c": { "d": 7, "e": {} }, "f": "é" });
    let play = Play::connecting().signal(&higher(), values).at(10);
    topic.steps("values", &paced, "", play.asks());
    let mut play = Play::connecting();
    let mut now = 0;
    for (number, gap) in (1u64..).zip([10u64, 20, 40, 80, 160, 300, 300]) {
        play = said(play, number).at(now + gap - 1).at(now + gap);
        now += gap;
    }
    topic.steps("gaps", &paced, "10, 20, 40, 80, 160, 300 and 300 milliseconds", play.asks());
    let play = said(Play::connecting(), 1).at(10).at(1_000);
    let play = said(play, 2).at(1_019).at(1_020);
    topic.steps("gap-after-silence", &paced, "it is not reset", play.asks());

    let lost = || said(Play::losing(&[1]).available(&higher()).feed(&higher(), &answer(0, true)), 1).at(10);
    let flight = ["MESH-SWARM-024"];
    topic.steps("undelivered", &flight, "the next batch waits", said(lost(), 2).at(30).at(9_000).asks());
    let failed = ["MESH-SWARM-027"];
    let open = || lost().transport(&higher(), "connected");
    topic.steps("given-up", &failed, "the transport is closed", open().at(10_009).at(10_010).asks());
    let play = said(open(), 2).at(10_010).at(10_060);
    topic.steps("given-up-with-more", &["MESH-SWARM-027", "MESH-SWARM-024"], "", play.asks());
    topic
}
