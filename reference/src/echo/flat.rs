//! Flat-tree numbering: the nodes of a binary tree over a growing list, in order from left to right.
//!
//! Block `i` is node `2 i`.  A node at depth `d` and offset `o` has the index `(2 o + 1) 2^d - 1`.  All indices are
//! below [`MAX_NODE`], so that nothing here overflows.

/// The most blocks of a feed: 2^52, so that each index of a node is an integer that a double holds.
pub const MAX_LENGTH: u64 = 1 << 52;

/// One more than the largest index of a node.
pub const MAX_NODE: u64 = 2 * MAX_LENGTH;

/// Distance from the leaves: the number of trailing one bits.
pub const fn depth(node: u64) -> u32 {
    node.trailing_ones()
}

/// Place among the nodes of its depth, counted from 0.
pub const fn offset(node: u64) -> u64 {
    // A depth of 64 is no node.
    match node.checked_shr(depth(node) + 1) {
        Some(offset) => offset,
        None => 0,
    }
}

/// The node at a depth below 53 and an offset.
pub const fn node(depth: u32, offset: u64) -> u64 {
    ((offset << 1) | 1).wrapping_shl(depth).wrapping_sub(1)
}

/// The other child of the parent.
pub const fn sibling(index: u64) -> u64 {
    node(depth(index), offset(index) ^ 1)
}

/// The node above.
pub const fn parent(index: u64) -> u64 {
    node(depth(index) + 1, offset(index) >> 1)
}

/// The nodes below, left before right; none for a leaf.
pub const fn children(index: u64) -> Option<(u64, u64)> {
    match depth(index) {
        0 => None,
        depth => Some((node(depth - 1, offset(index) << 1), node(depth - 1, (offset(index) << 1) | 1))),
    }
}

/// The leftmost leaf below a node, or the node itself.
pub const fn left_span(index: u64) -> u64 {
    offset(index) << (depth(index) + 1)
}

/// The rightmost leaf below a node, or the node itself.
pub const fn right_span(index: u64) -> u64 {
    ((offset(index) + 1) << (depth(index) + 1)) - 2
}

/// The roots of the largest perfect trees that cover so many blocks, from left to right; at most 53.
pub fn full_roots(length: u64) -> impl Iterator<Item = u64> + Clone {
    let bits = (0..u64::BITS).rev().filter(move |bit| length >> bit & 1 == 1);
    bits.scan(0, |covered, depth| {
        let root = node(depth, *covered >> depth);
        *covered += 1 << depth;
        Some(root)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_of_some_lengths() {
        let roots = |length| full_roots(length).collect::<Vec<_>>();
        assert!(roots(0).is_empty());
        assert_eq!(roots(1), [0]);
        assert_eq!(roots(3), [1, 4]);
        assert_eq!(roots(7), [3, 9, 12]);
        assert_eq!(roots(15), [7, 19, 25, 28]);
        assert_eq!(roots(17), [15, 32]);
        assert_eq!(roots(100), [63, 159, 195]);
        assert_eq!(roots(MAX_LENGTH), [MAX_LENGTH - 1]);
    }

    #[test]
    fn relations_of_small_nodes() {
        assert_eq!((sibling(0), parent(0), sibling(4), parent(9)), (2, 1, 6, 11));
        assert_eq!((left_span(3), right_span(3), left_span(9), right_span(9)), (0, 6, 8, 10));
        assert_eq!((children(4), children(3), children(11)), (None, Some((1, 5)), Some((9, 13))));
    }
}
