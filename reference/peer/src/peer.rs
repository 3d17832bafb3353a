//! The feeds of a peer, shared by its streams.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dxos_reference::echo::feed::{Feed, FeedError};
use dxos_reference::echo::replication::ReplicationError;
use dxos_reference::echo::storage::RandomAccess;
use dxos_reference::echo::{discovery_key, hypercore_key};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::Signer;

/// The discovery key of a feed: 32 bytes, by which it is named on a stream.
pub type DiscoveryKey = [u8; 32];

/// Changes and events that wait for whoever is slow; what is older is lost to him, and he is told so.
const WAITING: usize = 4096;

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Both sides of a stream have opened a feed.
    Opened {
        /// The feed.
        feed: DiscoveryKey,
    },
    /// A block came, was verified and is kept.
    Received {
        /// The feed.
        feed: DiscoveryKey,
        /// The block.
        index: u64,
    },
    /// All blocks that are known of are here.
    Synced {
        /// The feed.
        feed: DiscoveryKey,
        /// Number of blocks.
        length: u64,
    },
    /// The writer has signed two histories.  The stream that brought the other one ends.
    Fork {
        /// The feed.
        feed: DiscoveryKey,
        /// The block with which the other history came.
        index: u64,
    },
    /// A feed is no longer replicated on a stream.
    Closed {
        /// The feed.
        feed: DiscoveryKey,
    },
    /// A stream has ended because of what the remote sent, or because of storage here.
    Failed(ReplicationError),
}

/// Why a block was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The peer has no such feed.
    #[error("no such feed")]
    Unknown,
    /// The feed says no.
    #[error(transparent)]
    Feed(#[from] FeedError),
}

/// Blocks that a feed has got.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) feed: DiscoveryKey,
    pub(crate) start: u64,
    pub(crate) length: u64,
    /// The stream that brought them; none if they were appended here.
    pub(crate) stream: Option<u64>,
}

#[derive(Debug)]
struct Shared<S> {
    feeds: Mutex<BTreeMap<DiscoveryKey, Feed<S>>>,
    streams: Mutex<u64>,
    changes: broadcast::Sender<Change>,
    events: broadcast::Sender<Event>,
}

/// Feeds that are appended to, read, and replicated on any number of streams.  A clone is the same peer.
///
/// A step of a stream holds all feeds for as long as its reads and writes take; none waits for the remote.
#[derive(Debug)]
pub struct Peer<S>(Arc<Shared<S>>);

impl<S> Clone for Peer<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> Default for Peer<S> {
    fn default() -> Self {
        Self(Arc::new(Shared {
            feeds: Mutex::default(),
            streams: Mutex::default(),
            changes: broadcast::Sender::new(WAITING),
            events: broadcast::Sender::new(WAITING),
        }))
    }
}

impl<S: RandomAccess> Peer<S> {
    /// Takes a feed, and gives the name by which it is called from then on.  One of the same key is replaced.
    pub fn add(&self, feed: Feed<S>) -> DiscoveryKey {
        let key = discovery_key(&hypercore_key(feed.public_key()));
        self.feeds().insert(key, feed);
        key
    }

    /// Gives a feed back, closed to streams.
    pub fn remove(&self, feed: &DiscoveryKey) -> Option<Feed<S>> {
        self.feeds().remove(feed)
    }

    /// All feeds.
    pub fn keys(&self) -> Vec<DiscoveryKey> {
        self.feeds().keys().copied().collect()
    }

    /// Looks at a feed.
    pub fn with<T>(&self, feed: &DiscoveryKey, look: impl FnOnce(&mut Feed<S>) -> T) -> Option<T> {
        self.feeds().get_mut(feed).map(look)
    }

    /// Appends blocks with one signature, tells all streams, and gives the index of the first one.
    ///
    /// # Errors
    /// See [`AppendError`]; then nothing is changed.
    pub fn append(&self, feed: &DiscoveryKey, blocks: &[&[u8]], signer: &Signer) -> Result<u64, AppendError> {
        let mut feeds = self.feeds();
        let found = feeds.get_mut(feed).ok_or(AppendError::Unknown)?;
        let start = found.append(blocks, |signable| signer.sign(signable))?;
        drop(feeds);
        let length = blocks.len() as u64;
        if length > 0 {
            self.changed(Change { feed: *feed, start, length, stream: None });
        }
        Ok(start)
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.0.events.subscribe()
    }

    /// Waits until a feed holds all of its first blocks.  Ends with false if the feed is taken away.
    pub async fn holds(&self, feed: &DiscoveryKey, length: u64) -> bool {
        // Before the first look, so that nothing is missed between them.
        let mut changes = self.0.changes.subscribe();
        let mut held = 0;
        loop {
            let next = self.with(feed, |feed| (held..length).find(|index| !feed.has(*index)));
            match next {
                Some(Some(missing)) => held = missing,
                Some(None) => return true,
                None => return false,
            }
            if let Err(RecvError::Closed) = changes.recv().await {
                return false;
            }
        }
    }

    pub(crate) fn feeds(&self) -> MutexGuard<'_, BTreeMap<DiscoveryKey, Feed<S>>> {
        // A feed whose write was cut short says so itself.
        self.0.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.changes.subscribe()
    }

    pub(crate) fn changed(&self, change: Change) {
        // Nobody need listen.
        let _ = self.0.changes.send(change);
    }

    pub(crate) fn tell(&self, event: Event) {
        let _ = self.0.events.send(event);
    }

    /// A number for a stream.
    pub(crate) fn next_stream(&self) -> u64 {
        let mut streams = self.0.streams.lock().unwrap_or_else(PoisonError::into_inner);
        *streams += 1;
        *streams
    }
}
