//! ECHO: signed append-only logs, hashed into a Merkle tree, and what travels in them.

pub mod feed;
pub mod flat;
pub mod hash;
mod node;
pub mod storage;

pub use feed::Feed;
pub use node::{Node, Nodes};
