//! How a connection becomes open.

use dxos_reference::mesh::rpc::Message;
use serde_json::json;

use super::super::super::topic::Topic;
use super::scene::Play;
use crate::class::Class;

pub(super) fn opening() -> Topic {
    let mut topic =
        Topic::new("mesh/rpc/opening", "wire.open", &[], "The handshake, by a clock that begins at 0.");
    topic.steps("open", &["MESH-RPC-010"], "it is sent at once", Play::opening().asks());
    topic.steps("handshake", &["MESH-RPC-012", "MESH-RPC-013", "MESH-RPC-014"], "", Play::open().asks());
    let play = Play::opening().hears(&Message::OpenAck).hears(&Message::Open);
    topic.steps("ack-first", &["MESH-RPC-012", "MESH-RPC-013", "MESH-RPC-014"], "", play.asks());
    let play = Play::opening().hears(&Message::Open).hears(&Message::Open);
    topic.steps("open-does-not-open", &["MESH-RPC-013", "MESH-RPC-012"], "each is answered", play.asks());
    let play = Play::open().hears(&Message::Open).hears(&Message::Open);
    topic.steps("open-when-open", &["MESH-RPC-012"], "it is answered again", play.asks());
    let play = Play::open().hears(&Message::OpenAck);
    topic.steps("ack-when-open", &["MESH-RPC-014"], "nothing more is sent", play.asks());

    let req = ["MESH-RPC-011"];
    let tick = |times: &[u64]| times.iter().fold(Play::opening(), |play, now| play.tick(*now)).asks();
    topic.steps("repeats", &req, "", tick(&[50, 150, 350, 750, 1_550]));
    topic.steps("no-repeats-yet", &req, "a millisecond early", tick(&[49, 50, 149, 150, 349]));
    topic.steps("repeats-in-one", &req, "five of them by 2 seconds", tick(&[2_000, 3_149, 3_150]));
    let play = Play::begin(json!({ "handshake": true, "now": 1_000_000 })).tick(1_000_049).tick(1_000_050);
    topic.steps("repeats-from-another-time", &req, "", play.asks());
    topic.steps("no-repeats-when-open", &req, "", Play::open().tick(50).tick(10_000).asks());
    let play = Play::opening().tick(60).greeted().tick(1_000);
    topic.steps("no-repeats-when-open-later", &req, "", play.asks());
    let play = Play::opening().hears(&Message::Open).tick(50);
    topic.steps("repeats-though-heard", &req, "as the remote has not said that it hears", play.asks());

    let req = ["MESH-RPC-015"];
    let play = Play::opening().asked(0, false).answer(0, "0a0162");
    topic.steps("serves-while-opening", &req, "", play.asks());
    let play = Play::opening().asked(4, true).ready(4).item(4, "0a0163").end(4);
    topic.steps("streams-while-opening", &req, "", play.asks());
    let play = Play::opening().asked(4, true).hears(&Message::StreamClose { id: 4 }).item(4, "0a0163");
    topic.steps("stream-closed-while-opening", &["MESH-RPC-035"], "", play.asks());

    let req = ["MESH-RPC-016"];
    for (slug, stream) in [("call", false), ("stream", true)] {
        let ask = |play: Play| if stream { play.stream("0a0161") } else { play.call("0a0161") };
        topic.steps(slug, &["MESH-RPC-013", "MESH-RPC-020"], "", ask(Play::open()).asks());
        let play = ask(Play::opening().hears(&Message::Open).hears(&Message::Open));
        topic.steps_reject(
            &format!("{slug}-before-open"),
            slug,
            &req,
            "open twice, and no open_ack",
            play.rejected(Class::StateOrder).asks(),
        );
    }
    topic
}

pub(super) fn without_handshake() -> Topic {
    let about = "Connections that are open from the beginning, as sockets of a KUBE.";
    let mut topic = Topic::new("mesh/rpc/bare", "wire.open", &[], about);
    let req = ["MESH-RPC-017", "MESH-RPC-018"];
    topic.steps("open", &req, "nothing is sent", Play::bare().tick(50).tick(10_000).asks());
    topic.steps("call", &["MESH-RPC-017", "MESH-RPC-004"], "", Play::bare().call("0a0161").asks());
    topic.steps("serve", &["MESH-RPC-017"], "", Play::bare().asked(3, false).answer(3, "0a0162").asks());
    for (slug, message) in [("open", Message::Open), ("open-ack", Message::OpenAck), ("bye", Message::Bye)] {
        let play = Play::bare().call("0a0161").hears(&message).asked(0, false).answer(0, "0a0162");
        topic.steps(&format!("ignores-{slug}"), &req, "the call waits, and the next is served", play.asks());
    }
    topic.steps("close", &["MESH-RPC-018", "MESH-RPC-055"], "no bye", Play::bare().close().asks());
    let play = Play::bare().call("0a0161").close().tick(10_000);
    topic.steps("close-with-a-call", &["MESH-RPC-018", "MESH-RPC-050"], "", play.asks());
    topic
}
