//! Invitations: their codes, and host and guest, message by message.

use super::super::input::Input;
use super::super::{Answer, Failure};

/// What a session holds of an invitation.
#[derive(Debug)]
pub(in crate::operations) enum Scene {}

/// Carries out an operation; `held` is what its session holds.
pub(super) fn call(_op: &str, _input: &Input<'_>, _held: Option<&mut Option<Scene>>) -> Answer {
    Err(Failure::Unsupported)
}
