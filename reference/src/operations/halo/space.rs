//! Spaces.

use super::super::input::Input;
use super::super::{Answer, Failure};

/// Carries out an operation.
pub(super) fn call(_op: &str, _input: &Input<'_>) -> Answer {
    Err(Failure::Unsupported)
}
