//! A node of the tree, and where nodes are looked up.

use super::hash::Hash;

/// A node: its index in flat-tree numbering, its hash, and the bytes of the blocks below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Flat-tree index.
    pub index: u64,
    /// 32 bytes.
    pub hash: Hash,
    /// Sum of the lengths of the blocks below, in bytes.
    pub size: u64,
}

/// Nodes that are known and trusted.
pub trait Nodes {
    /// What goes wrong when one is looked up.
    type Error;

    /// Whether a node is known.
    fn has_node(&self, index: u64) -> bool;

    /// A node, if it is known.
    ///
    /// # Errors
    /// Storage that cannot be read, or that does not hold what it should.
    fn node(&self, index: u64) -> Result<Option<Node>, Self::Error>;
}
