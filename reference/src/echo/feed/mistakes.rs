//! What plausible mistakes with feeds in their files need.

use std::borrow::Cow;

use super::{FeedError, stored_node};
use crate::echo::storage::{Files, RandomAccess};

/// The blocks of an append, as some would take them.
pub(super) fn altered_batch<'a, 'b>(blocks: &'a [&'b [u8]]) -> Cow<'a, [&'b [u8]]> {
    alter!(ECHO_LOG_001, (), "the blocks of a batch are appended from the last to the first" => {
        return blocks.iter().rev().copied().collect();
    });
    alter!(ECHO_LOG_005, (), "an empty block is left out" => {
        return blocks.iter().filter(|block| !block.is_empty()).copied().collect();
    });
    Cow::Borrowed(blocks)
}

/// One block more if its leaf is in the tree, signed or not.
pub(super) fn with_leftovers<S: RandomAccess>(files: &Files<S>, length: u64) -> Result<u64, FeedError> {
    Ok(length + u64::from(length > 0 && stored_node(&files.tree, 2 * length)?.is_some()))
}

/// A length for each slot that holds anything.
pub(super) fn slots<S: RandomAccess>(files: &Files<S>) -> u64 {
    files.signatures.len().saturating_sub(32).div_ceil(64)
}
