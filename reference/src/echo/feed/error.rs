//! What goes wrong with a feed in its files.

use crate::Reject;
use crate::echo::storage::{FileName, StorageError};

/// A file that does not hold what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, byte {at}: {reject}")]
pub struct Damage {
    /// The file.
    pub file: FileName,
    /// Offset in bytes of the entry.
    pub at: u64,
    /// What is wrong, and by which requirement.
    #[source]
    pub reject: Reject,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The protocol says no.
    #[error(transparent)]
    Reject(#[from] Reject),
    /// A file is damaged.
    #[error(transparent)]
    Damaged(Box<Damage>),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A write failed before; the feed has to be opened anew.
    #[error("an earlier write failed half way; the feed has to be opened anew")]
    Interrupted,
}

impl FeedError {
    pub(super) fn damaged(file: FileName, at: u64, reject: Reject) -> Self {
        Self::Damaged(Box::new(Damage { file, at, reject }))
    }

    /// The refusal, if it is one.
    pub fn reject(&self) -> Option<&Reject> {
        match self {
            Self::Reject(reject) => Some(reject),
            Self::Damaged(damage) => Some(&damage.reject),
            Self::Storage(_) | Self::Interrupted => None,
        }
    }
}
