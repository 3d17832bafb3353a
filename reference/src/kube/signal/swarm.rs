//! The peers of one swarm.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::board::{SocketId, StreamId};
use super::{Item, Sink};

/// A stream and where its items go.
#[derive(Clone, Debug)]
pub(super) struct Line<S> {
    pub(super) stream: StreamId,
    pub(super) socket: SocketId,
    pub(super) sink: S,
}

/// A peer in a swarm: here, on another server, or both.
#[derive(Debug)]
pub(super) struct Member<S> {
    /// Unix milliseconds.
    pub(super) since: u64,
    /// Its streams here.
    pub(super) lines: Vec<Line<S>>,
    /// Announced by another server.
    pub(super) remote: Option<Remote>,
}

/// What another server says of a peer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remote {
    /// When it lapses, in Unix milliseconds.
    pub(super) until: Option<u64>,
}

/// The peers of a swarm, by key, so that a newcomer hears of them in an order that does not depend on chance.
#[derive(Debug)]
pub(super) struct Swarm<S> {
    pub(super) members: BTreeMap<Arc<[u8]>, Member<S>>,
    /// Those of them with a stream here.
    pub(super) local: usize,
}

impl<S> Default for Swarm<S> {
    fn default() -> Self {
        Self { members: BTreeMap::new(), local: 0 }
    }
}

impl<S: Sink> Swarm<S> {
    /// Tells every stream here but those of the peer `about`; returns the sockets that have no room.
    pub(super) fn tell(&self, about: &[u8], item: Item<'_>, full: &mut Vec<SocketId>) {
        for (peer, member) in &self.members {
            let own = peer.as_ref() == about;
            let told = alter!(KUBE_SIG_006, !own, "a peer hears of itself" => true);
            if told {
                for line in &member.lines {
                    if line.sink.deliver(item).is_err() {
                        full.push(line.socket);
                    }
                }
            }
        }
    }
}
