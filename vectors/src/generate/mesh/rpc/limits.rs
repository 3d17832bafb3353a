//! What is more than a connection takes.

use dxos_reference::mesh::rpc::{Any, Content, Message, Request};
use serde_json::json;

use super::super::super::topic::Topic;
use super::scene::{Play, response, result};

pub(super) fn limits() -> Topic {
    let mut topic = Topic::new("mesh/rpc/limits", "wire.feed", &[], "Limits that are set low.");
    let req = ["MESH-RPC-061"];
    let two = || Play::with_limits(json!({ "requests": 2 })).asked(0, false).asked(1, false);
    topic.steps("calls", &req, "two are carried out", two().asks());
    topic.steps(
        "too-many-calls",
        &req,
        "the third is refused, the others live",
        two().asked(2, false).answer(0, "0a0161").answer(1, "0a0162").asks(),
    );
    topic.steps(
        "room-after-an-answer",
        &req,
        "",
        two().answer(0, "0a0161").asked(2, false).answer(2, "0a0163").asks(),
    );
    topic.steps(
        "room-after-a-failure",
        &req,
        "",
        two().fail(1, json!({ "name": "TIMEOUT", "message": "m" })).asked(2, false).asked(3, false).asks(),
    );
    topic.steps("streams-are-no-calls", &req, "", two().asked(2, true).ready(2).asked(3, false).asks());
    topic.steps(
        "no-calls-at-all",
        &req,
        "",
        Play::with_limits(json!({ "requests": 0 })).asked(0, false).asks(),
    );

    let req = ["MESH-RPC-062"];
    let two = || Play::with_limits(json!({ "streams": 2 })).asked(0, true).asked(1, true);
    topic.steps("streams", &req, "two are sent", two().asks());
    topic.steps(
        "too-many-streams",
        &req,
        "the third is refused, the others live",
        two().asked(2, true).ready(0).ready(1).asks(),
    );
    topic.steps("room-after-an-end", &req, "", two().end(0).asked(2, true).asked(3, true).asks());
    topic.steps(
        "room-after-stream-close",
        &req,
        "",
        two().hears(&Message::StreamClose { id: 1 }).asked(2, true).asks(),
    );
    topic.steps(
        "calls-are-no-streams",
        &req,
        "",
        two().asked(2, false).answer(2, "0a0161").asked(3, true).asks(),
    );

    let req = ["MESH-RPC-063"];
    let value = vec![0x61; 4_000];
    let asked = |id: i32, length: usize| {
        let payload = Any { type_url: b".example.Order", value: value.get(..length).unwrap_or_default() };
        Message::Request(Request { id, method: "example.Shop.Buy", payload, stream: false })
    };
    let limit = asked(0, 1_000).encode().len();
    let limited = || Play::with_limits(json!({ "message": limit }));
    topic.steps("longest-message", &req, "", limited().hears(&asked(0, 1_000)).answer(0, "01").asks());
    topic.steps(
        "too-long-request",
        &req,
        "it is refused",
        limited().hears(&asked(0, 1_001)).asked(1, false).answer(1, "01").asks(),
    );
    topic.steps("much-too-long-request", &req, "", limited().hears(&asked(7, 4_000)).asks());
    let answer = |length: usize| result(0, value.get(..length).unwrap_or_default());
    topic.steps(
        "too-long-answer",
        &req,
        "the call fails",
        limited().call("0a0161").hears(&answer(2_000)).asks(),
    );
    topic.steps("long-answer", &req, "", limited().call("0a0161").hears(&answer(1_000)).asks());
    let unknown = response(3, Content::Payload(Any { type_url: b"", value: &value }));
    topic.steps(
        "too-long-answer-to-nobody",
        &req,
        "",
        limited().call("0a0161").hears(&unknown).hears(&answer(10)).asks(),
    );
    topic
}
