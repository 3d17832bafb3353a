//! HALO: keys, credentials and presentations; spaces, devices and profiles; invitations and authentication.

mod auth;
mod credential;
mod device;
pub(super) mod invitation;
mod space;

use super::input::Input;
use super::{Answer, Failure};

/// Carries out an operation; `held` is what its session holds of an invitation.
pub(super) fn call(op: &str, input: &Input<'_>, held: Option<&mut Option<invitation::Scene>>) -> Answer {
    match op.split('.').nth(1) {
        Some("key" | "credential" | "presentation") => credential::call(op, input),
        Some("space") => space::call(op, input),
        Some("device" | "profile") => device::call(op, input),
        Some("auth") => auth::call(op, input),
        Some("invitation") => invitation::call(op, input, held),
        _ if op.starts_with("wire.") => invitation::call(op, input, held),
        _ => Err(Failure::Unsupported),
    }
}

/// Whether an operation `wire.*` is about HALO: by the stack that is asked for, or that is there.
pub(super) fn is_meant(input: &Input<'_>, held: Option<&invitation::Scene>) -> bool {
    held.is_some()
        || matches!(input.optional("stack", Input::text), Ok(Some(stack)) if stack.starts_with("halo."))
}
