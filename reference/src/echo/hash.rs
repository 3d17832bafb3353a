//! The hashes of the tree, all of them BLAKE2b with 32 bytes, and what a feed signs.

use blake2b_simd::many::{HashManyJob, hash_many};
use blake2b_simd::{Params, State};

#[cfg(feature = "mutants")]
use super::mistakes;
use super::{Node, flat};

/// 32 bytes.
pub type Hash = [u8; 32];

const LEAF: u8 = 0;
const PARENT: u8 = 1;
const ROOT: u8 = 2;

/// Blocks that are hashed side by side, and copied for it.
const BATCH: usize = 16;

fn params() -> Params {
    let mut params = Params::new();
    params.hash_length(32);
    params
}

/// The bytes of a hash of 32 bytes.
pub(super) fn bytes_of(hash: &blake2b_simd::Hash) -> Hash {
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

fn finish(state: &State) -> Hash {
    bytes_of(&state.finalize())
}

/// What stands before a block: the type, and the length of the block, 9 bytes (ECHO-TREE-002).
fn leaf_head(block: &[u8]) -> [u8; 9] {
    head(LEAF, block.len() as u64)
}

fn head(kind: u8, size: u64) -> [u8; 9] {
    let mut head = [kind; 9];
    for (to, from) in head.iter_mut().skip(1).zip(size.to_be_bytes()) {
        *to = from;
    }
    head
}

/// The hash of a block (ECHO-TREE-002).
pub fn leaf(block: &[u8]) -> Hash {
    let mut state = params().to_state();
    let head = leaf_head(block);
    alter!(ECHO_TREE_002, state.update(&head),
        "a block is hashed without its type byte" => state.update(head.get(1..).unwrap_or_default()),
        "a block is hashed without its length" => state.update(&[LEAF]),
        "the length of a block is little-endian" => state.update(&mistakes::little_endian(head)),
        "a block is hashed as a parent is" => state.update(&mistakes::of_type(PARENT, head)));
    let hash = finish(state.update(block));
    alter!(ECHO_TREE_007, hash, "a block without bytes has no hash" => if block.is_empty() { [0; 32] } else { hash })
}

/// The hashes of many blocks, as [`leaf`] gives them, several at a time.
pub fn leaves(blocks: &[&[u8]]) -> Vec<Hash> {
    let params = params();
    let mut hashes = Vec::with_capacity(blocks.len());
    let mut bytes = Vec::new();
    for batch in blocks.chunks(BATCH) {
        bytes.clear();
        for block in batch {
            bytes.extend_from_slice(&leaf_head(block));
            bytes.extend_from_slice(block);
        }
        let mut rest = bytes.as_slice();
        let mut jobs: Vec<HashManyJob<'_>> = Vec::with_capacity(BATCH);
        for block in batch {
            let (input, behind) = rest.split_at_checked(9 + block.len()).unwrap_or_default();
            rest = behind;
            jobs.push(HashManyJob::new(&params, input));
        }
        hash_many(&mut jobs);
        hashes.extend(jobs.iter().map(|job| bytes_of(&job.to_hash())));
    }
    hashes
}

/// What is hashed for a parent, 73 bytes (ECHO-TREE-003).
fn parent_input(size: u64, left: &Hash, right: &Hash) -> [u8; 73] {
    let mut input = [0; 73];
    let parts = head(PARENT, size).into_iter().chain(left.iter().copied()).chain(right.iter().copied());
    for (to, from) in input.iter_mut().zip(parts) {
        *to = from;
    }
    input
}

/// The node above two others.  None if the sum of their sizes is beyond 64 bits.
pub fn parent(index: u64, left: &Node, right: &Node) -> Option<Node> {
    let size = alter!(ECHO_TREE_004, left.size.checked_add(right.size),
        "the size of a parent is that of its left child" => Some(left.size),
        "the size of a parent counts its children" => Some(2))?;
    let (left, right) = alter!(ECHO_TREE_003, (left, right),
    "a parent is hashed with its right child first" => (right, left),
    "a parent is hashed with the smaller hash first" => {
        if left.hash <= right.hash { (left, right) } else { (right, left) }
    });
    let input = parent_input(size, &left.hash, &right.hash);
    let hash = |input: &[u8]| bytes_of(&params().hash(input));
    let hash = alter!(ECHO_TREE_003, hash(&input),
        "a parent is hashed without its type byte" => hash(input.get(1..).unwrap_or_default()),
        "a parent is hashed as a block is" => hash(&mistakes::of_type(LEAF, input)),
        "a parent is hashed without its size" => hash(&mistakes::without_size(&input)),
        "the size of a parent is little-endian" => hash(&mistakes::little_endian(input)));
    Some(Node { index, hash, size })
}

/// The nodes above neighbours on one level, as [`parent`] gives them, several at a time; a last one without a
/// neighbour is left out.  None if a sum of sizes is beyond 64 bits.
pub fn parents(level: &[Node]) -> Option<Vec<Node>> {
    let params = params();
    let mut above = Vec::with_capacity(level.len() / 2);
    let mut inputs = Vec::with_capacity(BATCH);
    for batch in level.chunks(2 * BATCH) {
        inputs.clear();
        let first = above.len();
        for pair in batch.chunks_exact(2) {
            let [left, right] = pair else { continue };
            let size = left.size.checked_add(right.size)?;
            inputs.push(parent_input(size, &left.hash, &right.hash));
            above.push(Node { index: flat::parent(left.index), hash: Hash::default(), size });
        }
        let mut jobs: Vec<HashManyJob<'_>> =
            inputs.iter().map(|input| HashManyJob::new(&params, input)).collect();
        hash_many(&mut jobs);
        for (node, job) in above.iter_mut().skip(first).zip(&jobs) {
            node.hash = bytes_of(&job.to_hash());
        }
    }
    Some(above)
}

/// The hash over the roots of a tree, from left to right (ECHO-TREE-005).
pub fn tree(roots: &[Node]) -> Hash {
    let mut state = params().to_state();
    alter!(ECHO_TREE_005, state.update(&[ROOT]),
        "the roots are hashed without a type byte" => &mut state,
        "the roots are hashed as a parent is" => state.update(&[PARENT]));
    let mut roots: Vec<&Node> = roots.iter().collect();
    alter!(ECHO_TREE_005, (), "the roots are hashed from right to left" => roots.reverse());
    for Node { index, hash, size } in roots.drain(..) {
        state.update(hash);
        alter!(ECHO_TREE_005, state.update(&index.to_be_bytes()),
            "the roots are hashed without their indices" => &mut state,
            "the index of a root is little-endian" => state.update(&index.to_le_bytes()));
        alter!(ECHO_TREE_005, state.update(&size.to_be_bytes()),
            "the roots are hashed without their sizes" => &mut state,
            "the size of a root is little-endian" => state.update(&size.to_le_bytes()));
    }
    finish(&state)
}

/// What a feed of `length` blocks signs: the hash over its roots and the length, 40 bytes (ECHO-TREE-006).
pub fn signable(tree: &Hash, length: u64) -> [u8; 40] {
    let length = alter!(ECHO_TREE_006, length.to_be_bytes(),
        "the signed length is little-endian" => length.to_le_bytes(),
        "the signed length is that of the nodes" => length.wrapping_mul(2).to_be_bytes(),
        "the signed length is the number of the last block" => length.wrapping_sub(1).to_be_bytes());
    let mut message = [0; 40];
    for (to, from) in message.iter_mut().zip(tree.iter().copied().chain(length)) {
        *to = from;
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf_node(index: u64, block: &[u8]) -> Node {
        Node { index, hash: leaf(block), size: block.len() as u64 }
    }

    #[test]
    fn three_blocks_of_the_deployed_implementation() {
        let [a, b, c] = [leaf_node(0, b"a"), leaf_node(2, b"bc"), leaf_node(4, b"def")];
        let ab = parent(1, &a, &b).unwrap();
        assert_eq!(hex::encode(ab.hash), "eb2ade16daf1e023998dc558bb725051d5081a25ecda33d3292b9fefdaf82e92");
        assert_eq!(ab.size, 3);
        let signable = signable(&tree(&[ab, c]), 3);
        assert_eq!(
            hex::encode(signable),
            "bf9b8b283b514a42d30f1888ee28a5ebab5132b4d1f1f255903e43877a66638a0000000000000003"
        );
    }

    #[test]
    fn many_at_a_time_are_as_one_by_one() {
        let blocks: Vec<Vec<u8>> = (0..70).map(|i| vec![i; usize::from(i) * 5]).collect();
        let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
        let one_by_one: Vec<Hash> = blocks.iter().map(|block| leaf(block)).collect();
        assert_eq!(leaves(&blocks), one_by_one);
        let level: Vec<Node> = (0..).step_by(2).zip(&blocks).map(|(i, block)| leaf_node(i, block)).collect();
        let above: Vec<Node> = level
            .chunks_exact(2)
            .map(|pair| parent(pair[0].index + 1, &pair[0], &pair[1]).unwrap())
            .collect();
        assert_eq!(parents(&level).unwrap(), above);
        assert_eq!(parents(&level[..69]).unwrap(), above[..34]);
    }
}
