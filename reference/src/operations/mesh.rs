//! RPC, messenger and swarm.

use super::input::Input;
use super::{Answer, Failure};

/// What a session holds of them.
#[derive(Debug)]
pub(super) enum Stack {}

/// Whether an operation `wire.*` is about one of these: by the stack that is asked for, or that is there.
pub(super) fn is_meant(input: &Input<'_>, held: Option<&Stack>) -> bool {
    held.is_some()
        || matches!(input.optional("stack", Input::text), Ok(Some(stack)) if stack.starts_with("mesh."))
}

/// Carries out an operation; `stack` is what its session holds.
pub(super) fn call(_op: &str, _input: &Input<'_>, _stack: Option<&mut Option<Stack>>) -> Answer {
    Err(Failure::Unsupported)
}
