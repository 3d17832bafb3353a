//! The proof of a block: the nodes by which a requester gets from the block to what it trusts.

use std::collections::BTreeSet;

#[cfg(feature = "mutants")]
use super::mistakes;
use super::{Node, Nodes, flat};
use crate::Reject;

/// Deepest node; above there is none.
const MAX_DEPTH: u32 = flat::depth(flat::MAX_LENGTH - 1);

/// The nodes that the peer at the other end of one channel is known to have.  It grows by what the digests of
/// its requests tell, never beyond the nodes of the tree and their parents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteTree(BTreeSet<u64>);

impl RemoteTree {
    /// Whether the peer has a node.
    pub fn has(&self, node: u64) -> bool {
        self.0.contains(&node)
    }

    /// The indices of the nodes, in ascending order.
    pub fn nodes(&self) -> impl Iterator<Item = u64> {
        self.0.iter().copied()
    }

    /// Adds a node, and the nodes above that follow from it.
    pub fn insert(&mut self, mut node: u64) {
        while self.0.insert(node) && flat::depth(node) < MAX_DEPTH && self.has(flat::sibling(node)) {
            node = flat::parent(node);
        }
    }
}

/// A proof by the places of its nodes alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofPlaces {
    /// Indices, in the order in which the nodes are sent.
    pub indices: Vec<u64>,
    /// As in [`ProofNodes`].
    pub verified_by: u64,
}

/// The nodes of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofNodes {
    /// In the order in which they are sent.
    pub nodes: Vec<Node>,
    /// Twice the length whose signature belongs to the proof, which is in slot `verified_by / 2 - 1`.  0 where the
    /// proof ends in a node that the requester has, and no signature belongs to it.
    pub verified_by: u64,
}

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError<E> {
    /// `state.unknown_ref`: the block, or a node that its proof needs, is not held.
    #[error(transparent)]
    Reject(#[from] Reject),
    /// The tree cannot be read.
    #[error("the tree cannot be read")]
    Tree(E),
}

/// The proof of a block for a requester who told of a digest.  `hash` asks for the block's hash in its place.
/// `remote` is what the same requester told before.
///
/// # Errors
/// See [`ProofError`].
pub fn prove<T: Nodes>(
    tree: &T,
    index: u64,
    digest: u64,
    hash: bool,
    remote: &mut RemoteTree,
) -> Result<ProofNodes, ProofError<T::Error>> {
    let ProofPlaces { indices, verified_by } = places(tree, index, digest, hash, remote)?;
    let mut nodes = Vec::with_capacity(indices.len());
    for place in indices {
        let node = tree.node(place).map_err(ProofError::Tree)?;
        require!(ECHO_PROOF_001, node.is_some(), StateUnknownRef, "a node of the proof is not held")?;
        nodes.extend(node);
    }
    Ok(ProofNodes { nodes, verified_by })
}

/// The places of the nodes of a proof, of which a tree with holes may lack some.
///
/// # Errors
/// `state.unknown_ref` where the block is not held.
pub fn places<T: Nodes>(
    tree: &T,
    index: u64,
    digest: u64,
    hash: bool,
    remote: &mut RemoteTree,
) -> Result<ProofPlaces, Reject> {
    let leaf = index.checked_mul(2).filter(|leaf| *leaf < flat::MAX_NODE && tree.has_node(*leaf));
    require!(ECHO_PROOF_001, leaf.is_some(), StateUnknownRef, "the block is not held")?;
    let leaf = leaf.unwrap_or_default();
    let mut indices = Vec::new();
    if alter!(ECHO_PROOF_009, hash, "the hash of the block is left out though it is asked for" => false,
        "the hash of the block is sent though it is not asked for" => true)
    {
        indices.push(leaf);
    }
    let mut verified_by = 0;
    if alter!(ECHO_PROOF_006, digest != 1, "a digest of 1 is answered with a proof" => true) {
        let digest = alter!(ECHO_PROOF_007, digest, "the digest is not looked at" => 0,
            "the digest is read one level too low" => ((digest >> 1) << 2) | (digest & 1),
            "the digest is read one level too high" => ((digest >> 2) << 1) | (digest & 1));
        told(tree, leaf, digest, remote);
        #[cfg(feature = "mutants")]
        let start = indices.len();
        verified_by = path(tree, leaf, remote, &mut indices);
        alter!(ECHO_PROOF_002, (), "the siblings are sent from the top down" =>
            mistakes::reversed(&mut indices, start));
    }
    Ok(ProofPlaces { indices, verified_by })
}

/// Enters what a digest tells.
fn told<T: Nodes>(tree: &T, leaf: u64, mut digest: u64, remote: &mut RemoteTree) {
    let has_root =
        alter!(ECHO_PROOF_008, digest & 1 == 1, "the lowest bit of a digest is not looked at" => false);
    digest >>= 1;
    let mut node = leaf;
    let mut has = |node: u64| {
        if alter!(ECHO_PROOF_016, tree.has_node(node), "nodes that nobody has are entered" => true) {
            remote.insert(node);
        }
    };
    while digest != 0 && flat::depth(node) < MAX_DEPTH {
        let sibling = flat::sibling(node);
        if digest == 1 && has_root {
            has(node);
            let rightmost = alter!(ECHO_PROOF_008, flat::right_span(node.min(sibling)),
                "a known node does not tell of the trees left of it" => return);
            for root in flat::full_roots(rightmost / 2 + 1) {
                has(root);
            }
            return;
        }
        if digest & 1 == 1 {
            has(sibling);
        }
        node = flat::parent(node);
        digest >>= 1;
    }
}

/// Adds the siblings from a leaf up to what the requester has or else to a root, and then the other roots.
fn path<T: Nodes>(tree: &T, leaf: u64, remote: &RemoteTree, indices: &mut Vec<u64>) -> u64 {
    let mut node = leaf;
    while alter!(ECHO_PROOF_010, !remote.has(node), "a proof does not end at a node that the requester has" => true)
    {
        let sibling = flat::sibling(node);
        if !tree.has_node(sibling) {
            let verified_by = verified_by(tree, node);
            let mut roots: Vec<u64> = flat::full_roots(verified_by / 2).collect();
            roots.retain(|root| {
                alter!(ECHO_PROOF_003, *root != node, "the root above the block is sent, too" => true)
                    && !remote.has(*root)
            });
            alter!(ECHO_PROOF_003, (), "the roots are sent from right to left" => roots.reverse());
            alter!(ECHO_PROOF_005, (),
                "the roots right of the block are left out" => roots.retain(|root| *root < node),
                "the roots left of the block are left out" => roots.retain(|root| *root > node));
            indices.extend(roots);
            return alter!(ECHO_PROOF_004, verified_by,
                "the signature is that of the block's own slot" => leaf + 2,
                "the signature is that of the length which the trees up to the block have" =>
                    flat::right_span(node) + 2);
        }
        if !remote.has(sibling) {
            indices.push(sibling);
        }
        node = flat::parent(node);
    }
    0
}

/// Twice the length of the tree that has a known node among its roots and whose other roots are known, too.
fn verified_by<T: Nodes>(tree: &T, mut top: u64) -> u64 {
    let mut depth = flat::depth(top);
    while depth < MAX_DEPTH && tree.has_node(flat::parent(top)) && tree.has_node(flat::sibling(top)) {
        top = flat::parent(top);
        depth += 1;
    }
    while depth > 0 {
        depth -= 1;
        top = flat::right_span(top) + 2;
        top = flat::node(depth, top >> (depth + 1));
        while depth > 0 && !tree.has_node(top) {
            depth -= 1;
            top = flat::left_span(top);
            top = flat::node(depth, top >> (depth + 1));
        }
    }
    if tree.has_node(top) { top + 2 } else { top }
}
