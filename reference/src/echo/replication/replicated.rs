//! What replication needs of a feed.

use std::collections::BTreeMap;

use crate::echo::feed::FeedError;
use crate::echo::storage::RandomAccess;
use crate::echo::{Data, Feed, RemoteTree};
use crate::{Class, Reject};

/// Why a stream has ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplicationError {
    /// The protocol says no.
    #[error(transparent)]
    Reject(#[from] Reject),
    /// `state.conflict`: the writer has signed two histories.
    #[error("the feed has two histories: {0}")]
    Fork(Reject),
    /// The feed's storage does not work, or what it holds is damaged.
    #[error("{0}")]
    Storage(String),
}

impl ReplicationError {
    /// The rejection, if it is one.
    pub const fn reject(&self) -> Option<&Reject> {
        match self {
            Self::Reject(reject) | Self::Fork(reject) => Some(reject),
            Self::Storage(_) => None,
        }
    }
}

/// A feed that is replicated.
pub trait Replicated {
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
    ) -> Result<Option<Data>, ReplicationError>;

    /// Verifies a block and keeps it.
    ///
    /// # Errors
    /// A rejection, with nothing changed, or storage.
    fn put(&mut self, data: &Data) -> Result<(), ReplicationError>;
}

impl<S: RandomAccess> Replicated for Feed<S> {
    fn length(&self) -> u64 {
        Self::length(self)
    }

    fn has(&self, index: u64) -> bool {
        Self::has(self, index)
    }

    fn digest(&self, index: u64) -> u64 {
        Self::digest(self, index)
    }

    fn data(
        &self,
        index: u64,
        digest: u64,
        hash: bool,
        remote: &mut RemoteTree,
    ) -> Result<Option<Data>, ReplicationError> {
        match Self::data(self, index, digest, hash, remote) {
            Ok(data) => Ok(Some(data)),
            Err(FeedError::Reject(reject)) if reject.class == Class::StateUnknownRef => Ok(None),
            Err(error) => Err(ReplicationError::Storage(error.to_string())),
        }
    }

    fn put(&mut self, data: &Data) -> Result<(), ReplicationError> {
        match Self::put(self, data) {
            Ok(_) => Ok(()),
            Err(FeedError::Reject(reject)) if self.is_forked() => Err(ReplicationError::Fork(reject)),
            Err(FeedError::Reject(reject)) => Err(ReplicationError::Reject(reject)),
            Err(error) => Err(ReplicationError::Storage(error.to_string())),
        }
    }
}

/// Where the feeds of a peer are found.
pub trait Feeds {
    /// A feed.
    type Feed: Replicated;

    /// The feed of a discovery key, if there is one.
    fn feed(&mut self, discovery_key: &[u8; 32]) -> Option<&mut Self::Feed>;
}

impl<R: Replicated> Feeds for BTreeMap<[u8; 32], R> {
    type Feed = R;

    fn feed(&mut self, discovery_key: &[u8; 32]) -> Option<&mut R> {
        self.get_mut(discovery_key)
    }
}
