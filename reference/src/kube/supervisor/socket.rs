//! dxRPC on one socket of the supervisor.

use super::{SocketId, Supervisor, Ticket};

/// What a socket wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a binary frame.
    Send(Vec<u8>),
    /// Close the socket.
    Close,
}

/// One WebSocket on the path of the supervisor.
#[derive(Debug)]
pub struct SupervisorSocket {
    id: SocketId,
    #[allow(dead_code)]
    waiting: Vec<(Ticket, i32)>,
}

impl SupervisorSocket {
    /// A socket that has just been opened, with what the token says that it was opened with.
    pub fn new(supervisor: &mut Supervisor, claims: Option<crate::kube::token::Claims>, _now: u64) -> Self {
        Self { id: supervisor.open(claims), waiting: Vec::new() }
    }
}
