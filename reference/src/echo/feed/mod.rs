//! A feed in its files: appending and reading blocks.
//!
//! ```text
//!  append ──► leaves, parents ──► signature ──► data, tree │ signatures │ bitfield
//!  open   ──► bitfield ──► length ──► roots ──► signature of that length, or recovery
//! ```
//!
//! Of the tree only its roots are kept in memory; the bits take 3 KiB for each 8,192 blocks.

mod append;
mod error;
#[cfg(feature = "mutants")]
mod mistakes;
mod open;
mod read;
mod recover;
mod store;

pub use append::MAX_BLOCK;
pub use error::{Damage, FeedError};
pub use read::Audit;
pub use store::Put;

use super::storage::{Bitfield, FileName, Files, RandomAccess, layout};
use super::{Node, Nodes};

/// Whether a feed may be appended to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Blocks come from elsewhere only.
    ReadOnly,
    /// The private key is here.
    Writable,
}

/// A feed that is open.
#[derive(Debug)]
pub struct Feed<S> {
    files: Files<S>,
    public_key: Vec<u8>,
    mode: Mode,
    bits: Bitfield,
    length: u64,
    byte_length: u64,
    /// Of `length`, from left to right.
    roots: Vec<Node>,
    /// Whether `length` has a signature that verifies.
    signed: bool,
    /// Another history of it, signed with its key, was seen.
    forked: bool,
    /// A write failed half way: what the files hold is known only after opening them anew.
    interrupted: bool,
}

impl<S: RandomAccess> Feed<S> {
    /// Blocks, whether they are here or not.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Bytes of all blocks, whether they are here or not.
    pub const fn byte_length(&self) -> u64 {
        self.byte_length
    }

    /// Whether a block is here.
    pub fn has(&self, index: u64) -> bool {
        index < self.length && self.bits.has_block(index)
    }

    /// Blocks that are here.
    pub fn held(&self) -> u64 {
        self.bits.count_blocks()
    }

    /// The public key it was opened with.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Whether it may be appended to.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether its length has a signature that verifies.
    pub const fn is_signed(&self) -> bool {
        self.signed
    }

    /// Whether another history of it, signed with its key, was seen since it was opened.
    pub const fn is_forked(&self) -> bool {
        self.forked
    }

    /// Which blocks and nodes are here.
    pub const fn bits(&self) -> &Bitfield {
        &self.bits
    }

    /// The files, as they are.
    pub const fn files(&self) -> &Files<S> {
        &self.files
    }

    /// Closes it.
    pub fn into_files(self) -> Files<S> {
        self.files
    }
}

impl<S: RandomAccess> Nodes for Feed<S> {
    type Error = FeedError;

    fn has_node(&self, index: u64) -> bool {
        self.bits.has_node(index)
    }

    fn node(&self, index: u64) -> Result<Option<Node>, FeedError> {
        if !self.bits.has_node(index) {
            return Ok(None);
        }
        match stored_node(&self.files.tree, index)? {
            Some(node) => Ok(Some(node)),
            None => Err(missing_node(index)),
        }
    }
}

/// A node as the file has it, whatever the bits say.
fn stored_node(tree: &impl RandomAccess, index: u64) -> Result<Option<Node>, FeedError> {
    let bytes = super::storage::read_array(tree, layout::node_at(index))?;
    Ok(bytes.and_then(|bytes| layout::decode_node(index, &bytes)))
}

fn missing_node(index: u64) -> FeedError {
    let about = "a node that the bitfield names is not in the tree";
    let reject = crate::Reject::new(crate::requirement::ECHO_STORE_024, crate::Class::StateUnknownRef, about);
    FeedError::damaged(FileName::Tree, layout::node_at(index), reject)
}

#[cfg(test)]
mod tests;
