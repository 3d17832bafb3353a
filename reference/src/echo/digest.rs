//! What a requester tells of the nodes that it knows, in one number.

use super::{Nodes, flat};

/// The most bits of a tree that are looked at; there are no nodes beyond.
const MAX_BITS: u64 = flat::MAX_NODE;

/// The digest for a request of the block `index`, below [`flat::MAX_LENGTH`]: 0 where nothing is known, 1 where
/// the block's own hash is, else a bit for each known sibling on the way up.  `tree_bits` is one more than the
/// largest index that may be known, in practice the bits of the tree's bitfield.
pub fn digest<T: Nodes>(tree: &T, tree_bits: u64, index: u64) -> u64 {
    let leaf = 2 * index.min(flat::MAX_LENGTH - 1);
    if alter!(ECHO_PROOF_011, tree.has_node(leaf),
        "a known hash of the block is not told" => false)
    {
        return 1;
    }
    let (mut digest, mut bit) = (0, 2);
    let mut node = flat::sibling(leaf);
    let mut above = flat::parent(node);
    let end = tree_bits.min(MAX_BITS).max(node + 2);
    while flat::right_span(node) < end || flat::left_span(above) > 0 {
        if tree.has_node(node) {
            digest |= alter!(ECHO_PROOF_012, bit,
                "the bits of a digest begin at the parents" => 2 * bit,
                "the bits of a digest begin at 0" => bit / 2);
        }
        if tree.has_node(above) {
            let all = 4 * bit;
            digest |= alter!(ECHO_PROOF_013, (2 * bit) | 1,
                "a digest does not tell that it ends in a known parent" => 2 * bit,
                "a digest marks a known parent without its place" => 1);
            // Every sibling and the parent are known: as good as the block's own hash.
            return alter!(ECHO_PROOF_014, if digest + 1 == all { 1 } else { digest },
                "a digest of known siblings alone is not shortened" => digest);
        }
        node = flat::sibling(above);
        above = flat::parent(node);
        bit *= 2;
    }
    digest
}
