//! Access and the supervisor, by dxRPC on the sockets of a [`Network`].

use super::super::input::Input;
use super::super::{Answer, Failure};
use super::Network;

/// What is kept of them between the requests of a session.
#[derive(Debug, Default)]
pub(super) struct State;

/// Carries out an operation that is not about sockets and signalling.
pub(super) fn call<N: Network>(
    _op: &str,
    _input: &Input<'_>,
    _network: &mut N,
    _state: &mut State,
) -> Answer {
    Err(Failure::Unsupported)
}
