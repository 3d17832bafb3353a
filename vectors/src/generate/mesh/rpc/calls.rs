//! Calls of the testee and to it.

use dxos_reference::mesh::rpc::{Content, Message};
use serde_json::json;

use super::super::super::topic::Topic;
use super::codec::typed;
use super::scene::{HEARD, Play, failure, response, result};
use crate::class::Class;

pub(super) fn calling() -> Topic {
    let mut topic = Topic::new("mesh/rpc/calling", "mesh.rpc.call", &[], "Calls that the testee makes.");
    topic.steps(
        "result",
        &["MESH-RPC-020", "MESH-RPC-024"],
        "",
        Play::open().call("0a0161").hears(&result(0, b"\x0a\x02ok")).asks(),
    );
    topic.steps(
        "empty-result",
        &["MESH-RPC-024"],
        "a payload without bytes is a result",
        Play::open().call("0a0161").hears(&result(0, b"")).asks(),
    );
    let play = Play::open().call("0a0161").call("0a0162").stream("0a0163").call("0a0164");
    topic.steps("numbers", &["MESH-RPC-020"], "calls and streams together", play.asks());
    let play =
        Play::open().call("0a0161").hears(&result(0, b"\x01")).call("0a0162").tick(3_000).call("0a0163");
    topic.steps(
        "numbers-again",
        &["MESH-RPC-020"],
        "those of calls that have ended are not used again",
        play.asks(),
    );
    let play = Play::open().call("0a0161").call("0a0162").call("0a0163");
    let play = play.hears(&result(2, b"\x02")).hears(&result(0, b"\x00")).hears(&result(1, b"\x01"));
    topic.steps("answers-in-any-order", &["MESH-RPC-023", "MESH-RPC-026"], "", play.asks());
    topic.steps("name-of-type", &["MESH-RPC-007"], "a dot and the full name", Play::bare().call("").asks());
    for (slug, name) in [
        ("empty", &b""[..]),
        ("without-dot", b"example.Bill"),
        ("other", b".example.Other"),
        ("url", b"type.googleapis.com/example.Bill"),
    ] {
        let content =
            Content::Payload(dxos_reference::mesh::rpc::Any { type_url: name, value: b"\x0a\x02ok" });
        let play = Play::open().call("0a0161").hears(&response(0, content));
        topic.steps(&format!("type-{slug}"), &["MESH-RPC-006"], "the value counts", play.asks());
    }

    let req = ["MESH-RPC-025"];
    for (slug, content) in
        [("nothing", Content::Nothing), ("close", Content::Close), ("ready", Content::Ready)]
    {
        let play = Play::open().call("0a0161").hears(&response(0, content)).hears(&result(0, b"\x01"));
        topic.steps(
            &format!("answer-with-{slug}"),
            &req,
            "it fails, and what follows is nothing to it",
            play.asks(),
        );
    }

    let req = ["MESH-RPC-026"];
    let two = || Play::open().call("0a0161").call("0a0162");
    let both = |play: Play| play.hears(&result(0, b"\x00")).hears(&result(1, b"\x01"));
    for (slug, id) in [("unknown", 9_999), ("next", 2), ("negative", -1)] {
        topic.steps(&format!("answer-to-{slug}"), &req, "", both(two().hears(&result(id, b"\x09"))).asks());
    }
    topic.steps(
        "answer-twice",
        &req,
        "",
        two().hears(&result(0, b"\x00")).hears(&result(0, b"\x09")).hears(&result(1, b"\x01")).asks(),
    );
    topic.steps(
        "error-to-unknown",
        &req,
        "",
        both(two().hears(&failure(7, Some("TIMEOUT"), Some("x")))).asks(),
    );
    topic.steps(
        "answer-without-a-call",
        &req,
        "",
        Play::open().hears(&result(0, b"\x00")).call("0a0161").hears(&result(0, b"\x01")).asks(),
    );

    let req = ["MESH-RPC-027", "MESH-RPC-028"];
    let call = || Play::open().call("0a0161");
    topic.steps("timeout", &req, "3 seconds", call().tick(2_999).tick(3_000).asks());
    let play = Play::begin(json!({ "handshake": false, "timeout": 500 })).call("0a0161").tick(499).tick(500);
    topic.steps("timeout-set", &req, "half a second", play.asks());
    let play = Play::begin(json!({ "handshake": false, "timeout": 0 })).call("0a0161").tick(1_000_000);
    topic.steps("timeout-none", &req, "", play.hears(&result(0, b"\x01")).asks());
    topic.steps(
        "answer-in-time",
        &req,
        "",
        call().tick(2_999).hears(&result(0, b"\x01")).tick(3_000).tick(9_000).asks(),
    );
    let play = call().tick(3_000).call("0a0162").hears(&result(0, b"\x00")).hears(&result(1, b"\x01"));
    topic.steps(
        "answer-too-late",
        &["MESH-RPC-026", "MESH-RPC-028"],
        "it completes no other call",
        play.asks(),
    );
    let play = call().tick(1_000).call("0a0162").tick(3_000).tick(3_999).tick(4_000);
    topic.steps("timeout-of-each", &req, "from when it was made", play.asks());
    topic.steps(
        "timeout-of-one-of-two",
        &req,
        "",
        call().call("0a0162").hears(&result(0, b"\x00")).tick(3_000).asks(),
    );

    let req = ["MESH-RPC-021"];
    let first = |id: i32| Play::begin(json!({ "handshake": false, "first_id": id }));
    topic.steps(
        "last-numbers",
        &["MESH-RPC-020"],
        "",
        first(i32::MAX - 1).call("0a0161").call("0a0162").asks(),
    );
    topic.steps_reject(
        "no-number-left",
        "last-numbers",
        &req,
        "the number 2^31 - 1 is used",
        first(i32::MAX).call("0a0161").call("0a0162").rejected(Class::ResourceCount).asks(),
    );
    topic.steps(
        "last-numbers-stream",
        &["MESH-RPC-020"],
        "",
        first(i32::MAX - 1).call("0a0161").stream("0a0162").asks(),
    );
    topic.steps_reject(
        "no-number-left-stream",
        "last-numbers-stream",
        &req,
        "the number 2^31 - 1 is used",
        first(i32::MAX).call("0a0161").stream("0a0162").rejected(Class::ResourceCount).asks(),
    );
    topic
}

pub(super) fn serving() -> Topic {
    let mut topic = Topic::new("mesh/rpc/serving", "wire.feed", &[], "Calls that the testee answers.");
    topic.steps(
        "result",
        &["MESH-RPC-022", "MESH-RPC-024", "MESH-RPC-007"],
        "",
        Play::open().asked(0, false).answer(0, "0a026f6b").asks(),
    );
    topic.steps(
        "no-result",
        &["MESH-RPC-024"],
        "a google.protobuf.Empty",
        Play::open().asked(0, false).done(0).asks(),
    );
    for id in [1, 127, 128, 65_536, i32::MAX, -1] {
        topic.steps(
            &format!("number-{id}"),
            &["MESH-RPC-022"],
            "",
            Play::bare().asked(id, false).answer(id, "0a0162").asks(),
        );
    }
    let req = ["MESH-RPC-023"];
    let three = || Play::bare().asked(0, false).asked(1, false).asked(2, true);
    topic.steps(
        "answers-as-ready",
        &req,
        "the last one first",
        three().ready(2).item(2, "0a0163").answer(1, "0a0162").answer(0, "0a0161").asks(),
    );
    topic.steps(
        "slow-holds-back-nobody",
        &req,
        "",
        Play::bare().asked(0, false).tick(2_000).asked(1, false).answer(1, "0a0162").asks(),
    );

    let req = ["MESH-RPC-022"];
    let failed = || json!({ "name": "CONNECTIVITY_ERROR", "message": "gone" });
    let asked = || Play::bare().asked(5, false);
    topic.steps("fails", &["MESH-RPC-022", "MESH-RPC-024"], "", asked().fail(5, failed()).asks());
    topic.steps(
        "answers-twice",
        &req,
        "the second is not sent",
        asked().answer(5, "0a0162").answer(5, "0a0163").asks(),
    );
    topic.steps("fails-after-result", &req, "", asked().answer(5, "0a0162").fail(5, failed()).asks());
    topic.steps("fails-twice", &req, "", asked().fail(5, failed()).fail(5, failed()).asks());
    topic.steps("result-after-failure", &req, "", asked().fail(5, failed()).answer(5, "0a0162").asks());
    topic.steps(
        "number-used-again",
        &req,
        "after its answer it is free",
        asked().answer(5, "0a0162").asked(5, false).answer(5, "0a0163").asks(),
    );
    topic.steps(
        "stays-after-failure",
        &req,
        "",
        asked().fail(5, failed()).asked(6, false).answer(6, "0a0162").asks(),
    );

    let req = ["MESH-RPC-030"];
    let play = Play::bare().asked(5, false).asked(5, false).answer(5, "0a0162");
    topic.steps("number-in-use", &req, "it is asked for once", play.asks());
    let play = Play::bare().asked(5, false).asked(5, true).answer(5, "0a0162");
    topic.steps("number-in-use-stream", &req, "", play.asks());
    let play = Play::bare().asked(5, true).asked(5, false).ready(5).item(5, "0a0162");
    topic.steps("number-in-use-by-a-stream", &req, "", play.asks());

    for (slug, name) in [
        ("empty", ""),
        ("without-dot", "example.Order"),
        ("other", ".example.Other"),
        ("url", "type.googleapis.com/example.Order"),
    ] {
        let play = Play::bare().hears(&typed(0, false, name)).answer(0, "0a026f6b");
        topic.steps(&format!("type-{slug}"), &["MESH-RPC-006"], "it is served", play.asks());
        let play = Play::bare().hears(&typed(0, true, name)).ready(0).item(0, "0a026f6b");
        topic.steps(&format!("type-{slug}-stream"), &["MESH-RPC-006"], "it is served", play.asks());
    }

    let req = ["MESH-RPC-002"];
    for (slug, about, bytes) in [
        ("garbage", "", "ffffffff"),
        ("text", "the bytes of __ping__", "5f5f70696e675f5f"),
        ("nothing", "no bytes", ""),
        ("open-false", "", "1800"),
        ("cut", "a request without its end", "0a200800120e"),
    ] {
        let play = Play::open()
            .call("0a0161")
            .bytes(bytes)
            .asked(0, false)
            .answer(0, "0a0162")
            .hears(&result(0, b"\x01"));
        topic.steps(&format!("ignores-{slug}"), &req, about, play.asks());
    }
    let double =
        [Message::Open.encode(), super::scene::request(1, "example.Shop.Buy", false).encode()].concat();
    let play = Play::open().bytes(&dxos_reference::keys::to_hex(&double));
    topic.steps("one-message-of-two", &["MESH-RPC-001"], "the request alone is acted on", play.asks());
    let double = [1, 2].map(|id| super::scene::request(id, "example.Shop.Buy", false).encode()).concat();
    let play = Play::open().bytes(&dxos_reference::keys::to_hex(&double)).only(HEARD);
    topic.steps("one-request-of-two", &["MESH-RPC-001"], "", play.asks());
    topic
}
