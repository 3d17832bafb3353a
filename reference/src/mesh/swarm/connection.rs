//! A connection from the first offer to its end.

use dxos_proto::prost_types::Struct;

use super::message::Id;

/// Milliseconds that a transport has to connect; MESH-SWARM-025.
pub const CONNECTING_TIMEOUT: u64 = 10_000;
/// Milliseconds before the first batch of signals is sent; they double with each batch; MESH-SWARM-023.
pub const SIGNAL_DELAY: u64 = 10;
/// The most milliseconds before a batch of signals is sent; MESH-SWARM-023.
pub const MAX_SIGNAL_DELAY: u64 = 300;
/// Milliseconds for which a connection must have lasted for the next one not to wait; MESH-SWARM-029.
pub const STABLE: u64 = 5_000;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Offered, not answered.
    Offering,
    /// The transport was told to open.
    Connecting,
    /// The transport is open.
    Connected,
}

/// A connection to a peer.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) session: Id,
    /// Whether this side has offered it.
    pub(super) initiator: bool,
    pub(super) state: State,
    /// When the transport must have connected.
    pub(super) deadline: Option<u64>,
    pub(super) connected: Option<u64>,
    /// Signals that came before there was a transport.
    pub(super) early: Vec<Struct>,
    pub(super) outgoing: Vec<Struct>,
    delay: u64,
    /// When the signals in `outgoing` are sent.
    pub(super) flush: Option<u64>,
    /// The batch that is not delivered yet.
    pub(super) in_flight: Option<Id>,
}

impl Connection {
    pub(super) const fn new(session: Id, initiator: bool) -> Self {
        Self {
            session,
            initiator,
            state: State::Offering,
            deadline: None,
            connected: None,
            early: Vec::new(),
            outgoing: Vec::new(),
            delay: SIGNAL_DELAY,
            flush: None,
            in_flight: None,
        }
    }

    /// Plans the next batch, if there is something to send and nothing under way.
    pub(super) fn plan(&mut self, now: u64) {
        let free = alter!(MESH_SWARM_024, self.in_flight.is_none(),
            "a batch does not wait for the one before it" => true);
        if self.flush.is_none() && free && !self.outgoing.is_empty() {
            self.flush = Some(now + self.delay);
        }
    }

    /// The signals of a batch, all that there are.
    pub(super) fn batch(&mut self, id: Id) -> Vec<Struct> {
        self.flush = None;
        self.in_flight = Some(id);
        self.delay = alter!(MESH_SWARM_023, (self.delay * 2).min(MAX_SIGNAL_DELAY),
            "the gap between batches does not grow" => self.delay);
        std::mem::take(&mut self.outgoing)
    }

    /// Whether it lasted long enough for the next one not to wait.
    pub(super) fn was_stable(&self, now: u64) -> bool {
        self.connected.is_some_and(|since| now.saturating_sub(since) > STABLE)
    }
}
