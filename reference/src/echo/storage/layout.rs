//! Where entries lie in the files, and the form of a node.

use super::HEADER_SIZE;
use crate::echo::Node;

/// Bytes of a node: its hash, and the size as a big-endian integer of 64 bits (ECHO-STORE-005).
pub const NODE_SIZE: u64 = 40;

/// Bytes of a signature (ECHO-STORE-006).
pub const SIGNATURE_SIZE: u64 = 64;

/// Offset of a node in `tree`.  Indices are below [`crate::echo::flat::MAX_NODE`].
pub fn node_at(index: u64) -> u64 {
    let header = alter!(ECHO_STORE_005, HEADER_SIZE, "the nodes have a node's room before them" => NODE_SIZE);
    header.wrapping_add(index.wrapping_mul(NODE_SIZE))
}

/// Offset of a slot in `signatures`.
pub fn signature_at(slot: u64) -> u64 {
    let slot = alter!(ECHO_STORE_006, slot, "the slots are those of nodes" => slot.wrapping_mul(2),
        "the slots are counted from 1" => slot.wrapping_add(1));
    HEADER_SIZE.wrapping_add(slot.wrapping_mul(SIGNATURE_SIZE))
}

/// The bytes of a node.
pub fn encode_node(node: &Node) -> [u8; NODE_SIZE as usize] {
    let size = alter!(ECHO_STORE_005, node.size.to_be_bytes(),
        "the size of a node is little-endian" => node.size.to_le_bytes());
    let mut bytes = [0; NODE_SIZE as usize];
    for (to, from) in bytes.iter_mut().zip(node.hash.iter().chain(&size)) {
        *to = *from;
    }
    bytes
}

/// The node of these bytes; None for zeros, which stand where there is none.
pub fn decode_node(index: u64, bytes: &[u8; NODE_SIZE as usize]) -> Option<Node> {
    let (hash, size) = bytes.split_first_chunk::<32>()?;
    let size = u64::from_be_bytes(*size.first_chunk()?);
    bytes.iter().any(|&byte| byte != 0).then_some(Node { index, hash: *hash, size })
}

/// Name of a feed's directory: lower-case hex of its public key (ECHO-STORE-001).
pub fn directory(public_key: &[u8]) -> String {
    alter!(ECHO_STORE_001, crate::keys::to_hex(public_key),
        "the directory is named by the hypercore key" =>
            crate::keys::to_hex(&crate::echo::identity::hypercore_key(public_key)),
        "the directory is named in upper case" => crate::keys::to_hex(public_key).to_uppercase())
}
