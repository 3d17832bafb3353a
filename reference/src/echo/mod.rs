//! ECHO: signed append-only logs, hashed into a Merkle tree, and what travels in them.

pub mod flat;
pub mod hash;
mod node;

pub use node::{Node, Nodes};
