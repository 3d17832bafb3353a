//! Which methods a peer serves, by those of signalling.

use dxos_reference::keys::to_hex;
use dxos_reference::mesh::rpc::{Any, Message, Request};
use serde_json::json;

use super::super::super::topic::Topic;
use super::scene::Play;

const NAMED: &[&str] = &["out", "events"];
/// How the error is called is free.
const KIND: &[&str] = &["events", "state"];

pub(super) fn services() -> Topic {
    let mut topic =
        Topic::new("mesh/rpc/services", "wire.feed", &[], "A peer that serves dxos.mesh.signal.Signal.");
    let serving = || {
        let services = json!({ "dxos.mesh.signal.Signal": { "SendMessage": false, "Join": true } });
        Play::begin(json!({ "handshake": false, "services": services }))
    };
    // A JoinRequest and a Message are both read from a peer in field 2.
    let asked = |id: i32, method: &str, type_url: &str, stream: bool| {
        let payload = Any { type_url: type_url.as_bytes(), value: b"\x0a\x02\x0a\x00\x12\x02\x0a\x00" };
        Play::bytes_of(&Message::Request(Request { id, method, payload, stream }))
    };
    let call = "dxos.mesh.signal.Signal.SendMessage";
    let stream = "dxos.mesh.signal.Signal.Join";
    let message = ".dxos.mesh.signal.Message";
    let join = ".dxos.mesh.signal.JoinRequest";
    let req = ["MESH-RPC-004"];
    topic.steps(
        "call",
        &["MESH-RPC-004", "MESH-RPC-024", "MESH-RPC-007"],
        "an empty result is a payload",
        serving().bytes(&asked(0, call, message, false)).done(0).only(NAMED).asks(),
    );
    topic.steps(
        "stream",
        &req,
        "",
        serving().bytes(&asked(0, stream, join, true)).ready(0).only(NAMED).asks(),
    );
    let good = |play: Play| play.bytes(&asked(1, call, message, false)).done(1).only(NAMED);
    for (slug, method, streams) in [
        ("method-in-lower-case", "dxos.mesh.signal.Signal.sendMessage", false),
        ("method-in-capitals", "dxos.mesh.signal.Signal.SENDMESSAGE", false),
        ("method-unknown", "dxos.mesh.signal.Signal.Send", false),
        ("stream-in-lower-case", "dxos.mesh.signal.Signal.join", true),
        ("service-in-lower-case", "dxos.mesh.signal.signal.SendMessage", false),
        ("service-without-package", "Signal.SendMessage", false),
        ("service-unknown", "dxos.mesh.signal.Other.SendMessage", false),
        ("method-alone", "SendMessage", false),
        ("dot-before", ".dxos.mesh.signal.Signal.SendMessage", false),
        ("slash", "dxos.mesh.signal.Signal/SendMessage", false),
        ("no-method", "dxos.mesh.signal.Signal.", false),
        ("nothing", "", false),
    ] {
        let play = good(serving().bytes(&asked(0, method, message, streams)));
        topic.steps(slug, &req, "it is refused, and the next is served", play.asks());
    }
    let req = ["MESH-RPC-005"];
    topic.steps("stream-called", &req, "", good(serving().bytes(&asked(0, stream, join, false))).asks());
    topic.steps("call-as-stream", &req, "", good(serving().bytes(&asked(0, call, message, true))).asks());
    let req = ["MESH-RPC-006"];
    for (slug, name) in [
        ("empty", ""),
        ("without-dot", "dxos.mesh.signal.Message"),
        ("other", ".dxos.mesh.signal.JoinRequest"),
    ] {
        let play = serving().bytes(&asked(0, call, name, false)).only(KIND).done(0).only(NAMED);
        topic.steps(&format!("type-{slug}"), &req, "it is served", play.asks());
    }
    topic
}

impl Play {
    fn bytes_of(message: &Message<'_>) -> String {
        to_hex(&message.encode())
    }
}
