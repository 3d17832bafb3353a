//! ECHO: signed append-only logs, hashed into a Merkle tree, and what travels in them.

pub mod check;
mod crc32;
pub mod flat;
pub mod hash;
pub mod message;
pub mod metadata;
mod node;
pub mod object;
pub mod order;
mod timeframe;

pub use node::{Node, Nodes};
pub use timeframe::Timeframe;
