//! Streams to the testee and from it.

use dxos_reference::mesh::rpc::{Content, Message};
use serde_json::json;

use super::super::super::topic::Topic;
use super::scene::{HEARD, Play, failure, response, result};

const STREAM_CLOSE: fn(i32) -> Message<'static> = |id| Message::StreamClose { id };

pub(super) fn reading() -> Topic {
    let mut topic = Topic::new("mesh/rpc/reading", "mesh.rpc.call", &[], "Streams that the testee asks for.");
    let begun = || Play::open().stream("0a0161");
    let ready = || begun().hears(&response(0, Content::Ready));
    let items = |play: Play, count: u8| (0..count).fold(play, |play, item| play.hears(&result(0, &[item])));
    let req = ["MESH-RPC-031"];
    topic.steps("ready", &req, "", ready().asks());
    topic.steps("ready-and-items", &req, "", items(ready(), 2).asks());
    topic.steps("items-alone", &req, "the first is the beginning", items(begun(), 2).asks());
    topic.steps("ready-twice", &req, "", ready().hears(&response(0, Content::Ready)).asks());
    topic.steps(
        "ready-after-an-item",
        &req,
        "",
        items(begun(), 1).hears(&response(0, Content::Ready)).asks(),
    );
    topic.steps("empty-item", &req, "", begun().hears(&result(0, b"")).asks());

    let req = ["MESH-RPC-034"];
    let ended = |play: Play, content| play.hears(&response(0, content)).only(HEARD);
    topic.steps("ended", &req, "", ended(items(ready(), 1), Content::Close).asks());
    topic.steps("ended-at-once", &req, "", ended(begun(), Content::Close).asks());
    let failed = |play: Play| play.hears(&failure(0, Some("CONNECTION_RESET"), Some("cut"))).only(HEARD);
    topic.steps("failed", &req, "", failed(items(ready(), 1)).asks());
    topic.steps("failed-at-once", &req, "", failed(begun()).asks());
    topic.steps("item-after-end", &req, "", items(ended(ready(), Content::Close), 1).asks());
    topic.steps("item-after-failure", &req, "", items(failed(ready()), 1).asks());
    topic.steps("ended-twice", &req, "", ended(ended(ready(), Content::Close), Content::Close).asks());
    topic.steps("failed-after-end", &req, "", failed(ended(ready(), Content::Close)).asks());
    let play =
        begun().stream("0a0162").hears(&response(0, Content::Close)).only(HEARD).hears(&result(1, b"\x01"));
    topic.steps("other-streams-stay", &["MESH-RPC-034", "MESH-RPC-026"], "", play.asks());
    let play = items(begun().hears(&response(0, Content::Nothing)), 1);
    topic.steps("response-with-nothing", &["MESH-RPC-002"], "the stream goes on", play.asks());
    let play = items(begun().tick(3_000).tick(1_000_000), 1);
    topic.steps("no-time-limit", &["MESH-RPC-033"], "", play.asks());
    let play = items(begun().hears(&result(4, b"\x09")), 1);
    topic.steps("item-of-unknown", &["MESH-RPC-026"], "", play.asks());

    let req = ["MESH-RPC-037"];
    topic.steps("cancelled", &req, "", items(ready(), 1).cancel(0).asks());
    topic.steps("cancelled-at-once", &req, "", begun().cancel(0).asks());
    topic.steps("cancelled-twice", &req, "", begun().cancel(0).cancel(0).asks());
    let req = ["MESH-RPC-038"];
    topic.steps("item-after-cancel", &req, "", items(ready().cancel(0), 2).asks());
    let play = ready().cancel(0).hears(&response(0, Content::Close));
    topic.steps("close-after-cancel", &req, "it is the answer", play.asks());
    topic.steps(
        "failure-after-cancel",
        &req,
        "",
        ready().cancel(0).hears(&failure(0, Some("TIMEOUT"), None)).asks(),
    );
    topic
}

pub(super) fn producing() -> Topic {
    let mut topic = Topic::new("mesh/rpc/producing", "wire.feed", &[], "Streams that the testee sends.");
    let asked = || Play::open().asked(5, true);
    topic.steps("ready", &["MESH-RPC-039"], "", asked().ready(5).asks());
    topic.steps(
        "ready-and-items",
        &["MESH-RPC-039", "MESH-RPC-032"],
        "",
        asked().ready(5).item(5, "01").item(5, "02").end(5).asks(),
    );
    topic.steps("ended-at-once", &["MESH-RPC-032"], "", asked().end(5).asks());
    topic.steps(
        "empty-item",
        &["MESH-RPC-024"],
        "a payload without bytes is there",
        asked().ready(5).item(5, "").asks(),
    );
    let failed = || json!({ "name": "CONNECTION_RESET", "message": "cut" });
    let req = ["MESH-RPC-032"];
    topic.steps("failed", &req, "", asked().ready(5).end_with(5, failed()).asks());
    topic.steps("item-after-end", &req, "it is not sent", asked().ready(5).end(5).item(5, "01").asks());
    topic.steps("item-after-failure", &req, "", asked().ready(5).end_with(5, failed()).item(5, "01").asks());
    topic.steps("ended-twice", &req, "", asked().ready(5).end(5).end(5).asks());
    topic.steps("failed-after-end", &req, "", asked().ready(5).end(5).end_with(5, failed()).asks());
    topic.steps("ended-after-failure", &req, "", asked().ready(5).end_with(5, failed()).end(5).asks());
    let play = asked().asked(6, true).ready(5).ready(6).item(6, "06").end(5).item(6, "07").item(5, "05");
    topic.steps("two-streams", &req, "one ends, the other goes on", play.asks());

    let req = ["MESH-RPC-035"];
    let closed = || asked().ready(5).hears(&STREAM_CLOSE(5));
    topic.steps("closed-by-the-caller", &req, "", closed().asks());
    topic.steps("closed-before-ready", &req, "", asked().hears(&STREAM_CLOSE(5)).asks());
    topic.steps("item-after-close", &req, "", closed().item(5, "01").asks());
    topic.steps(
        "ended-after-close",
        &["MESH-RPC-035", "MESH-RPC-032"],
        "it has ended",
        closed().end(5).asks(),
    );
    topic.steps(
        "failed-after-close",
        &["MESH-RPC-035", "MESH-RPC-032"],
        "it has ended",
        closed().end_with(5, failed()).asks(),
    );
    let play = asked().asked(6, true).hears(&STREAM_CLOSE(5)).ready(6).item(6, "01");
    topic.steps("closed-one-of-two", &req, "", play.asks());

    let req = ["MESH-RPC-036"];
    topic.steps("close-of-unknown", &req, "", asked().hears(&STREAM_CLOSE(9)).ready(5).item(5, "01").asks());
    topic.steps(
        "close-after-end",
        &req,
        "as deployed callers do",
        asked().end(5).hears(&STREAM_CLOSE(5)).asked(6, false).asks(),
    );
    topic.steps(
        "close-after-failure",
        &req,
        "as deployed callers do",
        asked().end_with(5, failed()).hears(&STREAM_CLOSE(5)).asks(),
    );
    topic.steps("close-twice", &req, "", closed().hears(&STREAM_CLOSE(5)).asks());
    let play = Play::open().asked(5, false).hears(&STREAM_CLOSE(5)).answer(5, "0a0162");
    topic.steps("close-of-a-call", &req, "it is answered", play.asks());
    topic
}
