//! RPC, messenger and swarm.

mod messenger;
mod rpc;
mod structure;
mod swarm;

use serde_json::json;

use super::input::{Input, members, wrong};
use super::{Answer, Failure};
use crate::keys::to_hex;
use crate::mesh::swarm::topic;

/// What a session holds of them.
#[derive(Debug)]
pub(super) enum Stack {
    /// One end of an RPC connection.
    Rpc(Box<rpc::Connection>),
    /// One peer with its messages.
    Messenger(Box<messenger::Scene>),
    /// One peer of a swarm.
    Swarm(Box<swarm::Scene>),
}

/// Whether an operation `wire.*` is about one of these: by the stack that is asked for, or that is there.
pub(super) fn is_meant(input: &Input<'_>, held: Option<&Stack>) -> bool {
    held.is_some()
        || matches!(input.optional("stack", Input::text), Ok(Some(stack)) if stack.starts_with("mesh."))
}

/// Carries out an operation; `stack` is what its session holds.
pub(super) fn call(op: &str, input: &Input<'_>, stack: Option<&mut Option<Stack>>) -> Answer {
    if op == "mesh.topic" {
        return Ok(members(json!({ "topic": to_hex(&topic(&input.bytes("space_key")?)) })));
    }
    if let "mesh.rpc.decode" | "mesh.rpc.encode" = op {
        return rpc::codec(op, input);
    }
    let session = stack.ok_or_else(|| wrong("session", "absent"))?;
    if op == "wire.open" {
        let (opened, answer) = match input.text("stack")? {
            "mesh.rpc" => rpc::open(input).map(|(scene, answer)| (Stack::Rpc(scene), answer))?,
            "mesh.messenger" => {
                messenger::open(input).map(|(scene, answer)| (Stack::Messenger(scene), answer))?
            }
            "mesh.swarm" => swarm::open(input).map(|(scene, answer)| (Stack::Swarm(scene), answer))?,
            _ => return Err(Failure::Unsupported),
        };
        *session = Some(opened);
        return Ok(answer);
    }
    match session {
        Some(Stack::Rpc(scene)) => scene.call(op, input),
        Some(Stack::Messenger(scene)) => messenger::call(op, input, scene),
        Some(Stack::Swarm(scene)) => swarm::call(op, input, scene),
        None => Err(wrong("session", "one in which nothing was opened")),
    }
}
