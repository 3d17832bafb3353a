//! What a reader holds of a feed, in memory: each block that arrives is verified, and stored or refused.

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::{Data, Reader, Tree, Verified, VerifyError, verify};

/// A feed as far as it was received.
#[derive(Clone, Debug)]
pub struct Replica {
    public_key: Vec<u8>,
    tree: Tree,
    length: u64,
    blocks: BTreeMap<u64, Vec<u8>>,
    signatures: BTreeMap<u64, [u8; 64]>,
    equivocation: bool,
}

impl Replica {
    /// An empty one, of the feed with a public key.
    pub fn new(public_key: &[u8]) -> Self {
        Self {
            public_key: public_key.to_vec(),
            tree: Tree::default(),
            length: 0,
            blocks: BTreeMap::new(),
            signatures: BTreeMap::new(),
            equivocation: false,
        }
    }

    /// Verifies a block and stores it.  What is refused changes nothing (ECHO-VER-019), except that a second
    /// history is remembered (ECHO-VER-016).
    ///
    /// # Errors
    /// As [`verify()`].
    pub fn receive(&mut self, data: &Data) -> Result<Verified, VerifyError<Infallible>> {
        alter!(ECHO_VER_019, (),
            "nodes are stored before they are verified" => {
                data.nodes.iter().cloned().for_each(|node| self.tree.insert(node));
            },
            "the length grows before it is verified" => self.length = self.length.max(data.index + 1));
        let reader = Reader { public_key: &self.public_key, tree: &self.tree, length: self.length };
        let verified = match verify(&reader, data) {
            Ok(verified) => verified,
            Err(error) => {
                self.equivocation |= matches!(error, VerifyError::Equivocation(_));
                return Err(error);
            }
        };
        self.length = verified.length;
        verified.nodes.iter().cloned().for_each(|node| self.tree.insert(node));
        if verified.offset.is_some() {
            self.blocks.insert(data.index, data.value.clone().unwrap_or_default());
        }
        self.signatures.extend(verified.signature);
        Ok(verified)
    }

    /// Blocks, as far as a signature was seen.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Bytes of these blocks.
    pub fn byte_length(&self) -> u64 {
        let roots = self.tree.roots(self.length).unwrap_or_default();
        roots.iter().fold(0, |sum, root| sum.saturating_add(root.size))
    }

    /// The nodes that are stored.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The blocks that are stored, by number.
    pub fn blocks(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.blocks.iter().map(|(index, block)| (*index, block.as_slice()))
    }

    /// The signatures that are stored, by slot.
    pub fn signatures(&self) -> impl Iterator<Item = (u64, &[u8; 64])> {
        self.signatures.iter().map(|(slot, signature)| (*slot, signature))
    }

    /// Whether the writer is known to have signed two histories.
    pub const fn equivocation(&self) -> bool {
        self.equivocation
    }
}
