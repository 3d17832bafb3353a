//! A tree in memory.

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::{Node, Nodes, flat, hash};

/// Nodes in memory: all those of a feed, or some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: BTreeMap<u64, Node>,
    length: u64,
}

impl Tree {
    /// The whole tree over blocks.
    pub fn over<B: AsRef<[u8]>>(blocks: impl IntoIterator<Item = B>) -> Self {
        let mut tree = Self::default();
        for block in blocks {
            tree.append(block.as_ref());
        }
        tree
    }

    /// Adds a block to a whole tree, and the nodes that it completes.
    pub fn append(&mut self, block: &[u8]) {
        let index = alter!(ECHO_TREE_001, 2 * self.length,
            "blocks are numbered from 1" => 2 * self.length + 2);
        let mut node = Node { index, hash: hash::leaf(block), size: block.len() as u64 };
        self.length += 1;
        while let Some(left) =
            self.nodes.get(&flat::sibling(node.index)).filter(|left| left.index < node.index)
        {
            let Some(above) = hash::parent(flat::parent(node.index), left, &node) else { break };
            self.insert(std::mem::replace(&mut node, above));
        }
        self.insert(node);
    }

    /// Adds a node.
    pub fn insert(&mut self, node: Node) {
        self.nodes.insert(node.index, node);
    }

    /// The blocks that were appended.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// The nodes, by index.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The roots over the first blocks, from left to right; none if one is not there.
    pub fn roots(&self, length: u64) -> Option<Vec<Node>> {
        let roots = flat::full_roots(length).map(|root| self.nodes.get(&root).cloned());
        alter!(ECHO_TREE_008, roots.collect(),
            "only the first root is taken" => roots.take(1).collect(),
            "the roots are the blocks" => (0..length).map(|index| self.nodes.get(&(2 * index)).cloned()).collect())
    }

    /// What is signed at a length, 40 bytes; none if a root is not there.
    pub fn signable(&self, length: u64) -> Option<[u8; 40]> {
        Some(hash::signable(&hash::tree(&self.roots(length)?), length))
    }
}

impl Nodes for Tree {
    type Error = Infallible;

    fn has_node(&self, index: u64) -> bool {
        self.nodes.contains_key(&index)
    }

    fn node(&self, index: u64) -> Result<Option<Node>, Infallible> {
        Ok(self.nodes.get(&index).cloned())
    }
}
