//! A KUBE and its clients.

use super::input::Input;
use super::{Answer, Failure};

/// What a session holds: a KUBE and its clients.
#[derive(Debug)]
pub(super) struct Scene;

/// Carries out an operation; `scene` is what its session holds.
pub(super) fn call(_op: &str, _input: &Input<'_>, _scene: Option<&mut Option<Scene>>) -> Answer {
    Err(Failure::Unsupported)
}
