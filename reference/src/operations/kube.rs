//! A KUBE and its clients.
//!
//! [`Operator`] carries out the operations of a session on a [`Network`]: here on a KUBE in the same process,
//! elsewhere on one at an address.

mod network;
mod operator;
mod pure;
mod supervisor;
pub mod view;

pub use network::{
    Frame, HttpRequest, HttpResponse, Lost, Network, Open, Opened, Received, Refused, Unsupported,
};
pub use operator::Operator;

use super::input::Input;
use super::{Answer, Failure};

/// What a session holds: a KUBE and its clients.
#[derive(Debug)]
pub(super) struct Scene;

/// Carries out an operation; `scene` is what its session holds.
pub(super) fn call(_op: &str, _input: &Input<'_>, _scene: Option<&mut Option<Scene>>) -> Answer {
    pure::call(_op, _input).unwrap_or(Err(Failure::Unsupported))
}
