//! A KUBE and its clients.
//!
//! [`Operator`] carries out the operations of a session on a [`Network`]: here on a KUBE in the same process,
//! elsewhere on one at an address.

mod administration;
pub(super) mod federation;
mod loopback;
mod network;
mod operator;
mod pure;
mod supervisor;
pub mod view;

pub use network::{
    Frame, HttpRequest, HttpResponse, Lost, Network, Open, Opened, Received, Refused, Unsupported,
};
pub use operator::Operator;

use super::Answer;
use super::input::{Input, wrong};

/// What a session holds: a KUBE and its clients.
pub(super) type Scene = Operator<loopback::Loopback>;

/// Carries out an operation; `scene` is what its session holds.
pub(super) fn call(op: &str, input: &Input<'_>, scene: Option<&mut Option<Scene>>) -> Answer {
    if let Some(answer) = pure::call(op, input) {
        return answer;
    }
    let scene = scene.ok_or_else(|| wrong("session", "absent"))?;
    if op == "kube.begin" {
        *scene = Some(Operator::new(loopback::Loopback::default()));
    }
    let operator = scene.as_mut().ok_or_else(|| wrong("session", "one without kube.begin"))?;
    operator.carry_out(op, input)
}
