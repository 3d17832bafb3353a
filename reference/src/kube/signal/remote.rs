//! Peers and messages of other servers: what the board tells them, and what it takes from them.

use std::sync::Arc;

use super::swarm::{Member, Remote, Swarm};
use super::{Addressed, Board, Item, Sink};
use crate::Reject;

/// What other servers should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteOutput {
    /// A topic has its first peer here: announcements about it are wanted from now on.  Before its `Joined`.
    Wanted {
        /// The topic.
        topic: Arc<[u8]>,
    },
    /// The last peer here has left a topic.  After its `Left`.
    Unwanted {
        /// The topic.
        topic: Arc<[u8]>,
    },
    /// A peer has its first stream here in a topic.
    Joined {
        /// The topic.
        topic: Arc<[u8]>,
        /// Key of the peer.
        peer: Arc<[u8]>,
        /// Unix milliseconds.
        since: u64,
    },
    /// A peer has no stream here in a topic any more.
    Left {
        /// The topic.
        topic: Arc<[u8]>,
        /// Key of the peer.
        peer: Arc<[u8]>,
        /// Whether its socket has ended, and not the stream alone: it may be back soon, perhaps elsewhere.
        lost: bool,
    },
    /// A peer has its first subscription here: messages to it are wanted from now on.
    Subscribed {
        /// Key of the peer.
        peer: Arc<[u8]>,
    },
    /// A peer has no subscription here any more.
    Unsubscribed {
        /// Key of the peer.
        peer: Arc<[u8]>,
    },
    /// A message that a client here has sent.
    Message {
        /// For whom.
        recipient: Vec<u8>,
        /// The encoded message, byte for byte.
        message: Vec<u8>,
        /// How many subscriptions here have got it: 0 for a recipient that is not here.
        delivered: usize,
    },
}

impl<S: Sink> Board<S> {
    /// Begins to record what other servers should know; without it nothing is recorded, and
    /// [`Self::poll_remote`] gives nothing.
    #[must_use]
    pub fn with_remote(mut self) -> Self {
        self.remote = Some(std::collections::VecDeque::new());
        self
    }

    /// The next thing that other servers should know, in order.
    pub fn poll_remote(&mut self) -> Option<RemoteOutput> {
        self.remote.as_mut()?.pop_front()
    }

    /// Whether a peer is in a topic by a stream here, and since when (Unix milliseconds).
    pub fn local_since(&self, topic: &[u8], peer: &[u8]) -> Option<u64> {
        let member = self.swarms.get(topic)?.members.get(peer)?;
        (!member.lines.is_empty()).then_some(member.since)
    }

    /// The peers with a stream here in a topic, and since when: what another server asks for.
    pub fn local_members(&self, topic: &[u8]) -> Vec<(Arc<[u8]>, u64)> {
        let members = self.swarms.get(topic).into_iter().flat_map(|swarm| &swarm.members);
        let here = members.filter(|(_, member)| !member.lines.is_empty());
        here.map(|(peer, member)| (Arc::clone(peer), member.since)).collect()
    }

    /// Another server announces a peer, or repeats an announcement; ignored in a topic that nobody here is in.
    /// `until`: when it lapses, in Unix milliseconds.
    pub fn remote_available(&mut self, topic: &[u8], peer: &[u8], since: u64, until: Option<u64>, now: u64) {
        let fits = (1..=self.limits.key_bytes).contains(&peer.len());
        if !fits || until.is_some_and(|until| until <= now) {
            return;
        }
        let Some((topic, _)) = self.swarms.get_key_value(topic) else { return };
        let topic = Arc::clone(topic);
        let Some(swarm) = self.swarms.get_mut(&topic) else { return };
        let full = swarm.members.len() >= self.limits.members;
        match swarm.members.get_mut(peer) {
            Some(member) => member.remote = Some(Remote { until }),
            None if full => {
                self.counters.limited += 1;
                return;
            }
            None => {
                let remote = Some(Remote { until });
                swarm.members.insert(peer.into(), Member { since, lines: Vec::new(), remote });
                self.counters.members += 1;
                swarm.tell(peer, Item::Available { peer, since, until }, &mut self.full);
            }
        }
        if let Some(until) = until {
            self.lapses.insert((until, topic, peer.into()));
        }
        self.drop_full();
    }

    /// Another server says that a peer has left, or it is no longer heard.
    pub fn remote_left(&mut self, topic: &[u8], peer: &[u8]) {
        let Some(swarm) = self.swarms.get_mut(topic) else { return };
        let Some(member) = swarm.members.get_mut(peer) else { return };
        if member.remote.take().is_some() && member.lines.is_empty() {
            swarm.members.remove(peer);
            self.counters.members -= 1;
            swarm.tell(peer, Item::Left { peer }, &mut self.full);
            self.drop_full();
        }
    }

    /// A message that a client of another server has sent: to every subscription of its recipient here.  Returns
    /// to how many.
    ///
    /// # Errors
    /// As [`Addressed::read`].
    pub fn remote_message(&mut self, message: &[u8]) -> Result<usize, Reject> {
        let recipient = Addressed::read(message)?.recipient;
        let delivered = self.deliver(recipient, message);
        self.drop_full();
        Ok(delivered)
    }

    /// Lets announcements lapse whose time has come.
    pub(super) fn lapse(&mut self, now: u64) {
        while self.lapses.first().is_some_and(|(until, ..)| *until <= now) {
            let Some((until, topic, peer)) = self.lapses.pop_first() else { return };
            let member = self.swarms.get(&topic).and_then(|swarm| swarm.members.get(&peer));
            // A repeated announcement has a later time, and an entry of its own.
            if member.and_then(|member| member.remote).is_some_and(|remote| remote.until == Some(until)) {
                self.remote_left(&topic, &peer);
            }
        }
    }

    /// Forgets what other servers have announced in a topic that nobody here is in any more.
    pub(super) fn forget_topic(&mut self, topic: &Arc<[u8]>) {
        let Some(Swarm { members, .. }) = self.swarms.remove(topic) else { return };
        self.counters.members -= members.len() as u64;
        for (peer, member) in members {
            if let Some(until) = member.remote.and_then(|remote| remote.until) {
                self.lapses.remove(&(until, Arc::clone(topic), peer));
            }
        }
    }

    pub(super) fn report(&mut self, output: impl FnOnce() -> RemoteOutput) {
        if let Some(queue) = &mut self.remote {
            queue.push_back(output());
        }
    }
}
