//! The hashes of the tree, all of them BLAKE2b with 32 bytes, and what a feed signs.

use blake2b_simd::many::update_many;
use blake2b_simd::{Params, State};

use super::Node;

/// 32 bytes.
pub type Hash = [u8; 32];

const LEAF: [u8; 1] = [0];
const PARENT: [u8; 1] = [1];
const ROOT: [u8; 1] = [2];

fn hasher() -> State {
    Params::new().hash_length(32).to_state()
}

fn finish(state: &State) -> Hash {
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(state.finalize().as_bytes()) {
        *to = *from;
    }
    hash
}

/// The hash of a block.
pub fn leaf(block: &[u8]) -> Hash {
    let mut state = hasher();
    state.update(&LEAF).update(&(block.len() as u64).to_be_bytes()).update(block);
    finish(&state)
}

/// The hashes of blocks, many at once.
pub fn leaves(blocks: &[&[u8]]) -> Vec<Hash> {
    let mut states: Vec<State> = blocks.iter().map(|_| hasher()).collect();
    for (state, block) in states.iter_mut().zip(blocks) {
        state.update(&LEAF).update(&(block.len() as u64).to_be_bytes());
    }
    update_many(states.iter_mut().zip(blocks));
    states.iter().map(finish).collect()
}

/// The node above two others.  None if the sum of their sizes is beyond 64 bits.
pub fn parent(index: u64, left: &Node, right: &Node) -> Option<Node> {
    let size = left.size.checked_add(right.size)?;
    let mut state = hasher();
    state.update(&PARENT).update(&size.to_be_bytes()).update(&left.hash).update(&right.hash);
    Some(Node { index, hash: finish(&state), size })
}

/// The hash over the roots of a tree, from left to right.
pub fn tree(roots: &[Node]) -> Hash {
    let mut state = hasher();
    state.update(&ROOT);
    for root in roots {
        state.update(&root.hash).update(&root.index.to_be_bytes()).update(&root.size.to_be_bytes());
    }
    finish(&state)
}

/// What a feed of `length` blocks signs: the hash over its roots and the length, 40 bytes.
pub fn signable(tree: &Hash, length: u64) -> [u8; 40] {
    let mut message = [0; 40];
    for (to, from) in message.iter_mut().zip(tree.iter().copied().chain(length.to_be_bytes())) {
        *to = from;
    }
    message
}
