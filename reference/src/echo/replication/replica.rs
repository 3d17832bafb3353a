//! What replication needs of a feed.

use std::collections::BTreeMap;

use crate::Reject;
use crate::echo::{Data, RemoteTree};

/// Why a feed does not answer or take something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplicaError {
    /// The protocol says no.
    #[error(transparent)]
    Reject(#[from] Reject),
    /// `state.conflict`: the writer has signed two histories.
    #[error("the feed has two histories: {0}")]
    Fork(Reject),
    /// The feed's storage does not work.
    #[error("storage: {0}")]
    Storage(String),
}

/// A feed that is replicated.
pub trait Replica {
    /// Number of blocks, held or not.
    fn length(&self) -> u64;

    /// Whether a block is held.
    fn has(&self, index: u64) -> bool;

    /// What the feed knows of the tree above a block, for a Request.
    fn digest(&self, index: u64) -> u64;

    /// A block with its proof, or with `hash` the proof alone, for who knows what `digest` and `remote` say.
    /// None: it is not held.
    ///
    /// # Errors
    /// Storage.
    fn data(
        &self,
        index: u64,
        digest: u64,
        hash: bool,
        remote: &mut RemoteTree,
    ) -> Result<Option<Data>, ReplicaError>;

    /// Verifies a block and keeps it.
    ///
    /// # Errors
    /// A rejection, with nothing changed, or storage.
    fn put(&mut self, data: &Data) -> Result<(), ReplicaError>;
}

/// Where the feeds of a peer are found.
pub trait Feeds {
    /// A feed.
    type Feed: Replica;

    /// The feed of a discovery key, if there is one.
    fn feed(&mut self, discovery_key: &[u8; 32]) -> Option<&mut Self::Feed>;
}

impl<R: Replica> Feeds for BTreeMap<[u8; 32], R> {
    type Feed = R;

    fn feed(&mut self, discovery_key: &[u8; 32]) -> Option<&mut R> {
        self.get_mut(discovery_key)
    }
}
