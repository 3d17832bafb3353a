//! ECHO: signed append-only logs, hashed into a Merkle tree, and what travels in them.

pub mod check;
mod crc32;
pub mod data;
pub mod digest;
pub mod feed;
pub mod flat;
pub mod hash;
pub mod identity;
pub mod message;
pub mod metadata;
#[cfg(feature = "mutants")]
mod mistakes;
mod node;
pub mod object;
pub mod order;
pub mod proof;
mod replica;
pub mod replication;
pub mod storage;
mod timeframe;
mod tree;
pub mod verify;

pub use data::Data;
pub use digest::digest;
pub use feed::Feed;
pub use identity::{discovery_key, hypercore_key};
pub use node::{Node, Nodes};
pub use proof::{ProofError, ProofNodes, ProofPlaces, RemoteTree, places, prove};
pub use replica::Replica;
pub use timeframe::Timeframe;
pub use tree::Tree;
pub use verify::{Reader, Verified, VerifyError, verify};
