//! Errors that are sent, and those that come.

use dxos_reference::mesh::rpc::Code;
use serde_json::{Value, json};

use super::super::super::topic::Topic;
use super::scene::{HEARD, Play, failure};

const WHOLE: &[&str] = &["errors", "state"];
const STACKS: &[&str] = &["stacks", "state"];

pub(super) fn errors() -> Topic {
    let about = "Errors of handlers: `errors` is what was sent of them, `stacks` how many had a stack.";
    let mut topic = Topic::new("mesh/rpc/errors", "mesh.rpc.answer", &[], about);
    let error = |name: &str| json!({ "name": name, "message": "it did not work" });
    let call = |error: Value| Play::bare().asked(2, false).fail(2, error);
    let stream = |error: Value| Play::bare().asked(2, true).end_with(2, error);
    let req = ["MESH-RPC-040"];
    for (slug, error) in [
        ("code", error("RATE_LIMIT_EXCEEDED")),
        ("other-name", error("RangeError")),
        ("message-alone", json!({ "message": "plain" })),
        ("context", json!({ "name": "SPACE_NOT_FOUND", "message": "m", "context": { "spaceKey": "04ab" } })),
        (
            "context-of-another-code",
            json!({ "name": "TIMEOUT", "message": "m", "context": { "after": "3", "last": true } }),
        ),
    ] {
        topic.steps(slug, &req, "", call(error.clone()).only(WHOLE).asks());
        topic.steps(&format!("{slug}-stream"), &req, "", stream(error).only(WHOLE).asks());
    }
    let req = ["MESH-RPC-042"];
    for (slug, error) in [("code", error("TIMEOUT")), ("other-name", error("TypeError"))] {
        topic.steps(&format!("no-stack-{slug}"), &req, "", call(error.clone()).only(STACKS).asks());
        topic.steps(&format!("no-stack-{slug}-stream"), &req, "", stream(error).only(STACKS).asks());
    }
    let req = ["MESH-RPC-044"];
    for code in Code::ALL.iter().filter(|code| code.needs_context()) {
        let slug = code.name().to_lowercase().replace('_', "-");
        topic.steps(
            &format!("bare-{slug}"),
            &req,
            "an empty context is sent",
            call(error(code.name())).only(WHOLE).asks(),
        );
    }

    let heard = |name: Option<&str>, message: Option<&str>| {
        Play::open().call("0a0161").hears(&failure(0, name, message))
    };
    let req = ["MESH-RPC-041"];
    for code in Code::ALL.iter().filter(|code| !code.needs_context()) {
        let slug = code.name().to_lowercase().replace('_', "-");
        topic.steps(&format!("hears-{slug}"), &req, "", heard(Some(code.name()), Some("m")).asks());
    }
    for (slug, name) in
        [("class", "RangeError"), ("unknown-code", "NO_SUCH_CODE"), ("code-in-lower-case", "timeout")]
    {
        topic.steps(
            &format!("hears-{slug}"),
            &req,
            "a name that is no code",
            heard(Some(name), Some("m")).asks(),
        );
    }
    let play =
        Play::open().stream("0a0161").hears(&failure(0, Some("ALREADY_JOINED"), Some("m"))).only(HEARD);
    topic.steps("hears-in-a-stream", &req, "", play.asks());
    let req = ["MESH-RPC-046"];
    topic.steps("hears-no-name", &req, "", heard(None, Some("m")).asks());
    topic.steps("hears-no-message", &req, "", heard(Some("TIMEOUT"), None).asks());
    topic.steps("hears-nothing", &req, "an error of no bytes", heard(None, None).asks());
    for code in Code::ALL.iter().filter(|code| code.needs_context()) {
        let slug = code.name().to_lowercase().replace('_', "-");
        topic.steps(
            &format!("hears-bare-{slug}"),
            &req,
            "without a context",
            heard(Some(code.name()), Some("m")).asks(),
        );
    }
    topic
}
