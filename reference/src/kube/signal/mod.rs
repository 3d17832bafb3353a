//! Signalling: who is in a swarm, and messages from peer to peer before they are connected.
//!
//! ```text
//!  WebSocket frames ──► SignalSocket ──► Board ◄── gRPC streams
//!                       (dxRPC)          │  ▲
//!                       WireSink ◄── Item│  └─ other servers, by remote_… and poll_remote
//! ```
//!
//! [`Board`] is the state of one server, typed and without dxRPC; [`SignalSocket`] is one WebSocket on it.
//! Nothing here waits: what goes to a client is put into its [`Sink`], and a sink that is full is closed.

mod board;
mod bucket;
mod counters;
mod limits;
mod message;
#[cfg(feature = "mutants")]
mod mistakes;
mod proof;
mod refusal;
mod remote;
mod socket;
mod swarm;

pub use board::{Board, SocketId, StreamId};
pub use counters::Counters;
pub use limits::Limits;
pub use message::Addressed;
pub use proof::{PROOF, proof_payload};
pub use refusal::Refusal;
pub use remote::RemoteOutput;
pub use socket::{Frame, Outbox, SignalSocket, WireSink};

/// What a stream of a client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// The stream is there; always first.
    Ready,
    /// A peer is in the swarm.
    Available {
        /// Its key.
        peer: &'a [u8],
        /// Since when, in Unix milliseconds.
        since: u64,
        /// When the announcement lapses if it is not repeated, in Unix milliseconds.
        until: Option<u64>,
    },
    /// A peer is no longer in the swarm.
    Left {
        /// Its key.
        peer: &'a [u8],
    },
    /// An encoded `dxos.mesh.signal.Message`, byte for byte as its author sent it.
    Message(&'a [u8]),
}

/// The queue towards a client has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue is full")]
pub struct Full;

/// Why a server ends a socket; it does so by closing it, and in no other way (KUBE-END-015).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// It does not take what it is sent (KUBE-SIG-035).
    Slow,
    /// It was silent for too long (KUBE-SIG-037).
    Dead,
    /// It sent a frame that is no message (KUBE-END-013).
    Malformed,
    /// It is closed already, or the server stops.
    Closed,
}

/// Where a stream's items go: a bounded queue, which never waits.
pub trait Sink: Clone {
    /// Puts an item into the queue.
    ///
    /// # Errors
    /// [`Full`] if there is no room; the board then closes the socket.
    fn deliver(&self, item: Item<'_>) -> Result<(), Full>;

    /// Ends the client's connection; what is queued may be lost.  May be called more than once.
    fn close(&self, reason: CloseReason);
}
