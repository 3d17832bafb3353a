//! Reading blocks, and giving them up.

use std::ops::Range;

use super::{Feed, FeedError, missing_node, stored_node};
use crate::echo::storage::{FileName, RandomAccess};
use crate::echo::{Node, Nodes as _, flat, hash};

/// The largest block that is read: one that a frame of 8 MiB could bring.
const MAX_READ: u64 = 8 * 1024 * 1024;

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Blocks that are here and are what the tree says.
    pub valid: u64,
    /// Blocks that are not what the tree says; they are no longer held.
    pub invalid: Vec<u64>,
}

impl<S: RandomAccess> Feed<S> {
    /// A block, which is compared with its leaf.
    ///
    /// # Errors
    /// `state.unknown_ref` if it is not here, `decode.length` if the data ends before it, `state.conflict` if the data
    /// has been altered.
    pub fn get(&self, index: u64) -> Result<Vec<u8>, FeedError> {
        require!(ECHO_STORE_025, self.has(index), StateUnknownRef, "the block is not here")?;
        let leaf = self.leaf(index)?;
        let at = self.offset(index)?;
        let block = self.stored_block(&leaf, at)?;
        let same = hash::leaf(&block) == leaf.hash;
        require!(ECHO_STORE_027, same, StateConflict, "the data are not those of the leaf")
            .map_err(|reject| FeedError::damaged(FileName::Data, at, reject))?;
        Ok(block)
    }

    /// Gives up blocks: their bytes are overwritten with zeros, and length, tree and signatures stay (ECHO-LOG-011).
    ///
    /// # Errors
    /// Damage or storage; then the blocks may be given up already.
    pub fn clear(&mut self, range: Range<u64>) -> Result<(), FeedError> {
        let held: Vec<u64> =
            (range.start..range.end.min(self.length)).filter(|&index| self.has(index)).collect();
        // The bits first: a block that is half overwritten is not held.
        for &index in &held {
            self.bits.set_block(
                index,
                alter!(ECHO_LOG_011, false, "a block that is given up counts as held" => true),
            );
        }
        alter!(ECHO_LOG_011, (), "giving up the last blocks shortens the feed" => {
            if range.end >= self.length { self.length = range.start; }
        });
        self.bits.write(&mut self.files.bitfield)?;
        self.files.bitfield.sync()?;
        for index in held {
            let size = self.leaf(index)?.size.min(MAX_READ);
            let at = self.offset(index)?;
            let size = size.min(self.files.data.len().saturating_sub(at));
            self.files.data.write(at, &vec![0; usize::try_from(size).unwrap_or_default()])?;
        }
        Ok(())
    }

    /// Compares every block that is here with its leaf; those that differ are no longer held.
    ///
    /// # Errors
    /// Storage, or a damaged tree.
    pub fn audit(&mut self) -> Result<Audit, FeedError> {
        let mut audit = Audit::default();
        for index in 0..self.length {
            if !self.has(index) {
                continue;
            }
            let got =
                alter!(ECHO_STORE_031, self.get(index), "an audit looks at the bits alone" => Ok(Vec::new()));
            match got {
                Ok(_) => audit.valid += 1,
                Err(FeedError::Damaged(damage)) if damage.file == FileName::Data => audit.invalid.push(index),
                Err(error) => return Err(error),
            }
        }
        for &index in &audit.invalid {
            self.bits.set_block(index, false);
        }
        self.bits.write(&mut self.files.bitfield)?;
        self.files.bitfield.sync()?;
        Ok(audit)
    }

    /// Where a block begins in `data` (ECHO-STORE-004).
    pub(super) fn offset(&self, index: u64) -> Result<u64, FeedError> {
        let mut at = 0_u64;
        for root in flat::full_roots(index) {
            at = at.saturating_add(self.node(root)?.ok_or_else(|| missing_node(root))?.size);
        }
        Ok(at)
    }

    fn leaf(&self, index: u64) -> Result<Node, FeedError> {
        stored_node(&self.files.tree, 2 * index)?.ok_or_else(|| missing_node(2 * index))
    }

    /// The bytes of a block at an offset, not compared with anything.
    pub(super) fn stored_block(&self, leaf: &Node, at: u64) -> Result<Vec<u8>, FeedError> {
        let there = leaf.size <= MAX_READ
            && at.checked_add(leaf.size).is_some_and(|end| end <= self.files.data.len());
        require!(ECHO_STORE_026, there, DecodeLength, "the data end before the block does")
            .map_err(|reject| FeedError::damaged(FileName::Data, at, reject))?;
        let mut block = vec![0; usize::try_from(leaf.size.min(MAX_READ)).unwrap_or_default()];
        let count = self.files.data.read(at, &mut block)?;
        block.truncate(count);
        Ok(block)
    }
}
