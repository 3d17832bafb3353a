//! Replication's side of a feed: what is answered to a request, and what is stored of an answer.

use super::{Feed, FeedError, Mode};
use crate::echo::storage::{RandomAccess, layout, read_array};
use crate::echo::{Data, ProofError, Reader, RemoteTree, Verified, VerifyError, digest, prove, verify};

/// What a block that was accepted has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Put {
    /// Whether the block itself was not here before.
    pub is_new: bool,
    /// Whether the feed has become longer.
    pub has_grown: bool,
}

impl<S: RandomAccess> Feed<S> {
    /// What answers a request for a block, or with `hash` for its hash alone.  `digest` and `remote` are those of
    /// [`prove`].
    ///
    /// # Errors
    /// `state.unknown_ref` if it is not here; damage and storage.
    pub fn data(
        &self,
        index: u64,
        digest: u64,
        hash: bool,
        remote: &mut RemoteTree,
    ) -> Result<Data, FeedError> {
        // Before the proof, which notes what the other side knows.
        let value = if hash { None } else { Some(self.get(index)?) };
        let proof = prove(self, index, digest, hash, remote).map_err(|error| match error {
            ProofError::Reject(reject) => FeedError::Reject(reject),
            ProofError::Tree(error) => error,
        })?;
        let signature = match (proof.verified_by / 2).checked_sub(1) {
            Some(slot) => read_array::<64>(&self.files.signatures, layout::signature_at(slot))?,
            None => None,
        };
        let signature = signature.filter(|signature| *signature != [0; 64]).map(Vec::from);
        Ok(Data { index, value, nodes: proof.nodes, signature })
    }

    /// The digest for a request of a block.
    pub fn digest(&self, index: u64) -> u64 {
        digest(self, self.bits.tree_bits(), index)
    }

    /// Verifies an answer and stores it.  A refusal changes nothing, except that the feed counts as forked once a
    /// second history of it was seen.
    ///
    /// # Errors
    /// Those of [`verify()`]; damage and storage.
    pub fn put(&mut self, data: &Data) -> Result<Put, FeedError> {
        if self.interrupted {
            return Err(FeedError::Interrupted);
        }
        let reader = Reader { public_key: &self.public_key, tree: &*self, length: self.length };
        let verified = match verify(&reader, data) {
            Ok(verified) => verified,
            Err(VerifyError::Reject(reject)) => return Err(reject.into()),
            Err(VerifyError::Equivocation(reject)) => {
                self.forked = true;
                return Err(reject.into());
            }
            Err(VerifyError::Tree(error)) => return Err(error),
        };
        self.store(data, verified)
    }

    fn store(&mut self, data: &Data, verified: Verified) -> Result<Put, FeedError> {
        let is_new = verified.offset.is_some() && !self.has(data.index);
        let has_grown = verified.length > self.length;
        self.interrupted = true;
        if let (true, Some(at), Some(value)) = (is_new, verified.offset, &data.value) {
            self.files.data.write(at, value)?;
        }
        self.write_nodes(&verified.nodes)?;
        // What only others have written can be had again; what this writer has signed cannot.
        let is_writer = self.mode == Mode::Writable;
        if is_writer {
            self.files.data.sync()?;
            self.files.tree.sync()?;
        }
        if let Some((slot, signature)) = &verified.signature {
            self.write_signature(*slot, signature)?;
        }
        if is_writer {
            self.files.signatures.sync()?;
        }
        for node in &verified.nodes {
            self.bits.set_node(node.index, true);
        }
        if is_new {
            self.bits.set_block(data.index, true);
        }
        if has_grown {
            self.length = verified.length;
            self.roots = self.load_roots()?;
            self.byte_length = self.roots.iter().fold(0, |sum, root| root.size.saturating_add(sum));
            self.signed = verified.signature.is_some();
        }
        self.bits.write(&mut self.files.bitfield)?;
        if is_writer {
            self.files.bitfield.sync()?;
        }
        self.interrupted = false;
        Ok(Put { is_new, has_grown })
    }
}
