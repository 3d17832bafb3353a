//! Another peer of a swarm, as one peer sees it.

use super::connection::Connection;
use super::message::Id;

/// Another peer of the swarm.
#[derive(Debug, Default)]
pub(super) struct Peer {
    /// Whether it is announced.
    pub(super) announced: bool,
    pub(super) connection: Option<Connection>,
    /// The offer that was not answered, and its session.
    pub(super) offer: Option<(Id, Id)>,
    /// When an offer is made.
    pub(super) attempt: Option<u64>,
    /// Milliseconds that were waited after the last connection.
    pub(super) backoff: u64,
    /// Whether it may not be offered to.
    pub(super) resting: bool,
    /// When the rest ends.
    pub(super) rested: Option<u64>,
}

impl Peer {
    /// When there is something to do.
    pub(super) fn due(&self) -> Option<u64> {
        let connection = self.connection.as_ref();
        let [flush, deadline] = [connection.and_then(|c| c.flush), connection.and_then(|c| c.deadline)];
        [self.attempt, self.rested, flush, deadline].into_iter().flatten().min()
    }
}

/// How a connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The offer of the other side has won.
    Displaced,
    /// The transport is closed already.
    Gone,
    /// It is given up.
    Aborted,
}

/// Milliseconds of rest after a connection, from those after the one before it (MESH-SWARM-028).
pub(super) const fn next_rest(rest: u64) -> u64 {
    match rest {
        0 => 50,
        1..500 => 500,
        500..1_000 => 1_000,
        1_000..5_000 => 5_000,
        _ => 10_000,
    }
}
