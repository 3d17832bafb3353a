//! dxRPC on one socket of the supervisor.

use std::collections::VecDeque;

use dxos_proto::dxos::service::supervisor::SetConfigResponse;

use super::{SocketId, Supervisor, Ticket};
use crate::Reject;
use crate::kube::token::Claims;

/// What a socket wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a binary frame.
    Send(Vec<u8>),
    /// Close the socket.
    Close,
}

/// One WebSocket on the path of the supervisor.
///
/// After each call: carry out all of [`Self::poll`], then all of [`Supervisor::poll`]; hand the outcome of a change of
/// the configuration ([`Supervisor::stored`]) to every socket by [`Self::stored`].
#[derive(Debug)]
pub struct SupervisorSocket {
    id: SocketId,
    /// Changes that wait to be stored, with the requests that asked for them.
    waiting: Vec<(Ticket, i32)>,
    outputs: VecDeque<Output>,
}

impl SupervisorSocket {
    /// A socket that has just been opened, with what the token says that it was opened with.
    pub fn new(supervisor: &mut Supervisor, claims: Option<Claims>, _now: u64) -> Self {
        Self { id: supervisor.open(claims), waiting: Vec::new(), outputs: VecDeque::new() }
    }

    /// Takes a binary frame, with 32 random bytes that are used for nothing else.
    pub fn receive(&mut self, supervisor: &mut Supervisor, frame: &[u8], random: &[u8; 32], now: u64) {
        let _ = (supervisor, frame, random, now);
    }

    /// Takes the outcome of a change; one that another socket asked for is passed over.
    pub fn stored(&mut self, ticket: Ticket, outcome: &Result<SetConfigResponse, Reject>) {
        let _ = outcome;
        self.waiting.retain(|(waiting, _)| *waiting != ticket);
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The socket is gone.
    pub fn closed(&mut self, supervisor: &mut Supervisor) {
        supervisor.closed(self.id);
    }
}
