//! How a connection ends.

use dxos_reference::mesh::rpc::{Content, Message};

use super::super::super::topic::Topic;
use super::scene::{HEARD, Play, response, result};
use crate::class::Class;

pub(super) fn closing() -> Topic {
    let mut topic =
        Topic::new("mesh/rpc/closing", "mesh.rpc.close", &[], "Farewells, and what they do to calls.");
    let bye = |play: Play| play.hears(&Message::Bye);
    let closing = || Play::open().close();
    let req = ["MESH-RPC-051"];
    topic.steps("close", &req, "", closing().asks());
    topic.steps("close-answered", &req, "", bye(closing()).asks());
    topic.steps("close-twice", &req, "", closing().close().asks());
    topic.steps("close-after-close", &req, "", bye(closing()).close().asks());
    topic.steps("closing-still", &req, "until 3 seconds", closing().tick(2_999).asks());
    topic.steps("not-answered", &["MESH-RPC-057"], "closed after 3 seconds", closing().tick(3_000).asks());
    let play = bye(closing().tick(2_999)).tick(3_000);
    topic.steps("answered-late", &["MESH-RPC-051"], "", play.asks());

    let req = ["MESH-RPC-050"];
    topic.steps("call", &req, "", Play::open().call("0a0161").call("0a0162").close().asks());
    topic.steps("stream", &req, "", Play::open().stream("0a0161").close().only(HEARD).asks());
    let play = Play::open().call("0a0161").close().hears(&result(0, b"\x01"));
    topic.steps("answer-after-close", &["MESH-RPC-050", "MESH-RPC-026"], "", play.asks());
    let play = Play::open().call("0a0161").close().tick(3_000).only(&["out", "events"]);
    topic.steps("no-timeout-after-close", &req, "it has failed before", play.asks());

    let req = ["MESH-RPC-059"];
    let play = bye(Play::open().asked(0, false).close().answer(0, "0a0162"));
    topic.steps("answers-while-closing", &req, "", play.asks());
    topic.steps(
        "fails-while-closing",
        &req,
        "",
        Play::open()
            .asked(0, false)
            .close()
            .fail(0, serde_json::json!({ "name": "TIMEOUT", "message": "m" }))
            .asks(),
    );

    let req = ["MESH-RPC-052"];
    topic.steps("bye", &req, "", bye(Play::open()).asks());
    topic.steps("bye-fails-calls", &req, "", bye(Play::open().call("0a0161").call("0a0162")).asks());
    topic.steps("bye-fails-streams", &req, "", bye(Play::open().stream("0a0161")).only(HEARD).asks());
    topic.steps("bye-while-opening", &req, "", bye(Play::opening()).tick(50).asks());
    topic.steps("bye-twice", &["MESH-RPC-052", "MESH-RPC-054"], "", bye(bye(Play::open())).asks());

    let req = ["MESH-RPC-053"];
    topic.steps("request-while-closing", &req, "", closing().asked(0, false).asks());
    topic.steps("stream-while-closing", &req, "", closing().asked(0, true).asks());
    topic.steps(
        "requests-while-closing",
        &req,
        "each is answered",
        bye(closing().asked(0, false).asked(1, false)).asks(),
    );

    let req = ["MESH-RPC-054"];
    topic.steps("request-after-bye", &req, "", bye(Play::open()).asked(0, false).asks());
    topic.steps("request-after-both", &req, "", bye(closing()).asked(0, false).asks());
    topic.steps(
        "open-after-bye",
        &req,
        "",
        bye(Play::open()).hears(&Message::Open).hears(&Message::OpenAck).asks(),
    );
    topic.steps("answer-after-bye", &req, "", bye(Play::open().asked(0, false)).answer(0, "0a0162").asks());
    topic.steps("item-after-bye", &req, "", bye(Play::open().asked(0, true).ready(0)).item(0, "0162").asks());

    let req = ["MESH-RPC-058"];
    topic.steps("open-ack-while-closing", &req, "", closing().hears(&Message::OpenAck).asks());
    let play = closing().hears(&Message::Open).hears(&Message::OpenAck).asked(0, false);
    topic.steps("request-after-open-ack-while-closing", &req, "", play.asks());
    topic.steps("open-while-closing", &["MESH-RPC-012"], "", closing().hears(&Message::Open).asks());

    let req = ["MESH-RPC-055"];
    topic.steps("close-while-opening", &req, "", Play::opening().close().tick(50).asks());
    topic.steps("close-bare", &req, "", Play::bare().close().asks());
    topic.steps("request-after-close-bare", &req, "", Play::bare().close().asked(0, false).asks());

    let req = ["MESH-RPC-056"];
    topic.steps("abort", &req, "", Play::open().call("0a0161").abort().asks());
    topic.steps("abort-stream", &req, "", Play::open().stream("0a0161").abort().only(HEARD).asks());
    topic.steps("abort-while-opening", &req, "", Play::opening().abort().tick(50).asks());
    topic.steps("abort-while-closing", &req, "", closing().abort().asks());
    topic.steps("request-after-abort", &req, "", Play::open().abort().asked(0, false).asks());
    let play = Play::open().stream("0a0161").abort().only(HEARD).hears(&response(0, Content::Close));
    topic.steps("end-after-abort", &req, "", play.asks());

    let req = ["MESH-RPC-060"];
    for (slug, stream) in [("call", false), ("stream", true)] {
        let ask = |play: Play| if stream { play.stream("0a0161") } else { play.call("0a0161") };
        let base = format!("{slug}-before-close");
        topic.steps(&base, &["MESH-RPC-020"], "", ask(Play::open().tick(1)).asks());
        for (how, play) in
            [("closing", Play::open().close()), ("bye", bye(Play::open())), ("abort", Play::open().abort())]
        {
            let play = ask(play).rejected(Class::StateOrder);
            topic.steps(&format!("{slug}-after-{how}"), &req, "", play.asks()).underived =
                Some(format!("{base} is the same call without what comes before it"));
        }
    }
    topic
}
