//! How the peers of a swarm agree on connections: offers, answers and signals, from the side of one peer.
//!
//! ```text
//!  announcements of the signalling server ──► Swarm ──► messages to peers, by the messenger
//!  messages of peers, by the messenger    ──►       ──► transports to open and close, signals for them
//!  what transports do, time               ──►
//! ```

mod connection;
mod lifetime;
mod message;
#[cfg(feature = "mutants")]
mod mistakes;
mod negotiation;
mod peer;
mod topic;
mod topology;

pub use connection::{CONNECTING_TIMEOUT, MAX_SIGNAL_DELAY, SIGNAL_DELAY, STABLE, State};
pub use lifetime::TransportEvent;
pub use message::{Body, Id, SwarmMessage, TYPE};
pub use negotiation::{INITIATION_DELAY, MAX_EARLY, Output, Random, Swarm};
pub use topic::topic;
pub use topology::{Mmst, Topology};
