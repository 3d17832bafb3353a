//! Feed identity, the Merkle log, proofs and verification.

mod first;
mod history;
mod identity;
mod later;
mod limits;
mod proof;
mod tree;
mod writer;

use dxos_reference::keys::Suite;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    let mut topics =
        vec![identity::identity(), tree::hash(), tree::proof(), tree::told(), tree::holes(), tree::digest()];
    for suite in [Suite::P256, Suite::Ed25519] {
        topics.extend([
            proof::proof(suite),
            proof::audit(suite),
            first::accepted(suite),
            first::faults(suite, 3, 0),
            first::faults(suite, 8, 4),
            first::every_byte(suite),
            later::trusted(suite),
            later::length(suite),
            later::hash(suite),
            limits::limits(suite),
            history::history(suite),
        ]);
    }
    topics
}
