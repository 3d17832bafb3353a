//! What answers a request for a block.

use super::Node;

/// A block, or its hash alone, with its proof: what a Data message holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data {
    /// Number of the block, counted from 0.
    pub index: u64,
    /// The block; absent where only its hash is sent.
    pub value: Option<Vec<u8>>,
    /// The proof, in the order in which it is read (ECHO-PROOF-002, ECHO-PROOF-003).
    pub nodes: Vec<Node>,
    /// Signature over the roots: 64 bytes where it is one (ECHO-VER-010).
    pub signature: Option<Vec<u8>>,
}
