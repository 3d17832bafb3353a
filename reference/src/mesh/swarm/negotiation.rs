//! One peer of a swarm as a state machine.

use std::collections::{BTreeMap, VecDeque};

use dxos_proto::prost_types::Struct;

use super::connection::{CONNECTING_TIMEOUT, Connection, State};
use super::message::{Body, Id, SwarmMessage};
use super::peer::{End, Peer};
use super::topology::{Topology, View};

/// Milliseconds that the peer of the higher key waits before it offers; MESH-SWARM-005.
pub const INITIATION_DELAY: u64 = 100;
/// Most signals that are kept for a transport that is not there yet; MESH-SWARM-041.
pub const MAX_EARLY: usize = 1024;

/// Where ids come from.
pub trait Random {
    /// 32 random bytes for a session.
    fn session(&mut self) -> Id;
    /// 32 random bytes for a message.
    fn message(&mut self) -> Id;
    /// A random index below `count`, which is at least 1.
    fn below(&mut self, count: usize) -> usize;
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Give this to the messenger, and tell [`Swarm::delivered`] or [`Swarm::undelivered`] what has become of it.
    Send {
        /// Key of the peer that it is for.
        recipient: Vec<u8>,
        /// The message.
        message: SwarmMessage,
    },
    /// Open a transport.
    Open {
        /// Key of the peer.
        peer: Vec<u8>,
        /// The connection.
        session: Id,
        /// Whether this side has offered it.
        initiator: bool,
    },
    /// Give this to the transport.
    Signal {
        /// Key of the peer.
        peer: Vec<u8>,
        /// What the other end says.
        signal: Struct,
    },
    /// Close the transport.
    Close {
        /// Key of the peer.
        peer: Vec<u8>,
        /// The connection.
        session: Id,
    },
}

/// One peer of a swarm.
#[derive(Debug)]
pub struct Swarm<R> {
    pub(super) topic: Id,
    own: Vec<u8>,
    topology: Topology,
    pub(super) random: R,
    pub(super) peers: BTreeMap<Vec<u8>, Peer>,
    pub(super) output: VecDeque<Output>,
    left: bool,
}

impl<R: Random> Swarm<R> {
    /// The peer of a key in the swarm of a topic.
    pub const fn new(topic: Id, own: Vec<u8>, topology: Topology, random: R) -> Self {
        Self { topic, own, topology, random, peers: BTreeMap::new(), output: VecDeque::new(), left: false }
    }

    /// The signalling server announces a peer.
    pub fn available(&mut self, peer: &[u8], now: u64) {
        self.tick(now);
        let other = alter!(MESH_SWARM_003, peer != self.own, "a peer offers to itself" => true);
        if !other || self.left {
            return;
        }
        self.peers.entry(peer.to_vec()).or_default().announced = true;
        self.update(now);
        self.tick(now);
    }

    /// The signalling server says that a peer has left.
    pub fn left(&mut self, peer: &[u8], now: u64) {
        self.tick(now);
        if let Some(known) = self.peers.get_mut(peer) {
            known.announced = alter!(MESH_SWARM_031, false, "a peer that left stays a candidate" => true);
            let connected = known.connection.as_ref().is_some_and(|c| c.state == State::Connected);
            let kept = alter!(MESH_SWARM_030, connected,
                "a connection ends when its peer leaves the signalling server" => false,
                "a connection in the making is kept when its peer leaves" => known.connection.is_some());
            if !kept {
                self.forget(peer);
            }
        }
        self.update(now);
        self.tick(now);
    }

    /// Leaves the swarm; nothing is done from then on.
    pub fn leave(&mut self) {
        let peers: Vec<Vec<u8>> = self.peers.keys().cloned().collect();
        peers.iter().for_each(|peer| {
            alter!(MESH_SWARM_032, self.forget(peer), "transports stay open when the swarm is left" =>
                drop(self.peers.remove(peer)));
        });
        self.left = alter!(MESH_SWARM_032, true, "offers are accepted after leaving" => false);
    }

    /// A message has come.  It has passed the messenger, so that it is for this peer.
    pub fn receive(&mut self, author: &[u8], message: SwarmMessage, now: u64) {
        self.tick(now);
        if self.left || author == self.own {
            return;
        }
        let Ok(()) = require!(MESH_SWARM_002, message.topic == self.topic, StateUnknownRef, "another topic")
        else {
            return;
        };
        match message.body {
            Body::Offer => self.offered(author, message.session, message.id, now),
            Body::Answer { accept, offer } => self.answered(author, message.session, offer, accept, now),
            Body::Signals(signals) => self.signalled(author, message.session, signals),
        }
        self.tick(now);
    }

    fn offered(&mut self, author: &[u8], session: Id, id: Id, now: u64) {
        let accept = self.decide(author, now);
        if accept {
            let peer = self.peers.entry(author.to_vec()).or_default();
            peer.connection = Some(Connection::new(session, false));
            peer.rested = None;
            alter!(MESH_SWARM_016, self.open(author, now), "who accepts waits for the other side's transport" => ());
        }
        self.update(now);
        let session =
            alter!(MESH_SWARM_008, session, "an answer has a session of its own" => self.random.session());
        let offer = alter!(MESH_SWARM_008, id, "an answer names the session and not the message" => session);
        alter!(MESH_SWARM_008, self.send(author, session, Body::Answer { accept, offer }),
            "a refusal is not said" => if accept {
                self.send(author, session, Body::Answer { accept, offer })
            } else { id });
    }

    /// Whether an offer is accepted; what stands in its way is given up.
    fn decide(&mut self, author: &[u8], now: u64) -> bool {
        if let Some(peer) = self.peers.get(author) {
            let connected = peer.connection.as_ref().is_some_and(|c| c.state == State::Connected);
            let connected =
                alter!(MESH_SWARM_009, connected, "an offer replaces an open connection" => false);
            if connected {
                return false;
            }
            if peer.connection.is_some() || peer.offer.is_some() {
                let lower = author < self.own.as_slice();
                let yields = alter!(MESH_SWARM_010, lower,
                    "the offer of the higher key wins" => !lower,
                    "both give up their offers and accept" => true,
                    "nobody gives up" => false);
                if !yields {
                    alter!(MESH_SWARM_011, (), "who wins gives up all the same" =>
                        self.end(author, End::Displaced, now));
                    return false;
                }
                self.end(author, End::Displaced, now);
            }
        }
        let view = self.view();
        let welcome = self.topology.accepts(&view, author);
        alter!(MESH_SWARM_012, welcome, "the topology is not asked" => true)
    }

    fn answered(&mut self, author: &[u8], session: Id, offer: Id, accept: bool, now: u64) {
        let named = |peer: &Peer| peer.offer.is_some_and(|(id, _)| id == offer);
        let found = self.peers.iter().find(|(_, peer)| named(peer)).map(|(key, _)| key.clone());
        let found = alter!(MESH_SWARM_014, found, "the offer that an answer names is not compared" =>
            self.peers.contains_key(author).then(|| author.to_vec()));
        let Some(key) = found else { return };
        let Ok(()) = require!(MESH_SWARM_015, key == author, StateUnknownRef, "somebody else answers") else {
            return;
        };
        let Some(peer) = self.peers.get_mut(&key) else { return };
        let offered = peer.offer.map(|(_, session)| session);
        let same = offered == Some(session);
        let Ok(()) = require!(MESH_SWARM_015, same, StateUnknownRef, "an answer is for another session")
        else {
            return;
        };
        let waits = peer
            .connection
            .as_ref()
            .is_some_and(|c| c.state == State::Offering && Some(c.session) == offered);
        let waits = alter!(MESH_SWARM_018, waits,
            "the answer to an offer that was given up counts" => peer.connection.is_some());
        peer.offer = None;
        if !waits {
            return;
        }
        let accept = alter!(MESH_SWARM_017, accept, "a refusal is taken for consent" => true);
        if accept {
            self.open(&key, now);
        } else {
            alter!(MESH_SWARM_017, self.forget(&key), "who was refused offers again" =>
                self.end(&key, End::Aborted, now));
        }
        self.update(now);
    }

    fn signalled(&mut self, author: &[u8], session: Id, signals: Vec<Struct>) {
        let connection = self.peers.get_mut(author).and_then(|peer| peer.connection.as_mut());
        let connection = alter!(MESH_SWARM_020, connection,
            "signals of any peer are for the first connection" =>
                self.peers.values_mut().find_map(|peer| peer.connection.as_mut()));
        let Some(connection) = connection else { return };
        let same = connection.session == session;
        let Ok(()) = require!(MESH_SWARM_019, same, StateUnknownRef, "signals of another session") else {
            return;
        };
        if connection.state == State::Offering {
            let room = MAX_EARLY.saturating_sub(connection.early.len());
            alter!(MESH_SWARM_021, connection.early.extend(signals.into_iter().take(room)),
                "signals that come before the answer are dropped" => drop((signals, room)));
        } else {
            let signals = signals.into_iter().map(|signal| Output::Signal { peer: author.to_vec(), signal });
            self.output.extend(signals);
        }
    }

    pub(super) fn offer(&mut self, key: &[u8], now: u64) {
        let session = alter!(MESH_SWARM_007, self.random.session(), "the session of an offer is the topic" => self.topic);
        let id = self.random.message();
        if let Some(peer) = self.peers.get_mut(key) {
            peer.connection = Some(Connection::new(session, true));
            peer.offer = Some((id, session));
            peer.rested = None;
        }
        self.push(key, SwarmMessage { topic: self.topic, session, id, body: Body::Offer });
        self.update(now);
    }

    fn open(&mut self, key: &[u8], now: u64) {
        let Some(connection) = self.peers.get_mut(key).and_then(|peer| peer.connection.as_mut()) else {
            return;
        };
        connection.state = State::Connecting;
        connection.deadline = Some(now + CONNECTING_TIMEOUT);
        let (session, initiator) = (connection.session, connection.initiator);
        let initiator = alter!(MESH_SWARM_016, initiator, "both transports begin" => true,
            "the transport of the lower key begins" => self.own.as_slice() < key);
        let early = std::mem::take(&mut connection.early);
        self.output.push_back(Output::Open { peer: key.to_vec(), session, initiator });
        let early = alter!(MESH_SWARM_021, early, "of the early signals only the last counts" =>
            early.into_iter().next_back().into_iter().collect());
        self.output.extend(early.into_iter().map(|signal| Output::Signal { peer: key.to_vec(), signal }));
    }

    fn view(&self) -> View<'_> {
        let of = |wanted: &dyn Fn(&Peer) -> bool| {
            self.peers.iter().filter(|(_, peer)| wanted(peer)).map(|(key, _)| key.clone()).collect()
        };
        View {
            own: &self.own,
            connected: of(&|peer| peer.connection.is_some()),
            candidates: of(&|peer| {
                let rested =
                    alter!(MESH_SWARM_028, !peer.resting, "a lost peer is offered to at once" => true);
                peer.connection.is_none() && peer.announced && rested
            }),
            all: of(&|_| true),
        }
    }

    /// Asks the topology what to do.
    pub(super) fn update(&mut self, now: u64) {
        // Not behind `self`, so that the random source can be lent beside the view.
        let mut topology = std::mem::replace(&mut self.topology, Topology::Guest);
        let View { connected, candidates, all, .. } = self.view();
        let view = View { own: &self.own, connected, candidates, all };
        let random = &mut self.random;
        let connect = topology.update(&view, now, |count| random.below(count));
        self.topology = topology;
        for key in connect {
            let lower = alter!(MESH_SWARM_004, key.as_slice() < self.own.as_slice(),
                "keys are compared from their last byte on" => key.iter().rev().lt(self.own.iter().rev()),
                "keys are compared as numbers with a sign" => super::mistakes::signed(&key) < super::mistakes::signed(&self.own));
            let wait = alter!(MESH_SWARM_005, if lower { INITIATION_DELAY } else { 0 },
                "nobody waits before offering" => 0,
                "the lower key waits" => if lower { 0 } else { INITIATION_DELAY },
                "everybody waits before offering" => INITIATION_DELAY);
            if let Some(peer) = self.peers.get_mut(&key) {
                peer.attempt.get_or_insert(now + wait);
            }
        }
    }

    fn send(&mut self, recipient: &[u8], session: Id, body: Body) -> Id {
        let id = self.random.message();
        self.push(recipient, SwarmMessage { topic: self.topic, session, id, body });
        id
    }

    pub(super) fn push(&mut self, recipient: &[u8], message: SwarmMessage) {
        self.output.push_back(Output::Send { recipient: recipient.to_vec(), message });
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// The connections by key of the peer: how far each has come, whether this side has offered it, its session.
    pub fn connections(&self) -> impl Iterator<Item = (&[u8], State, bool, &Id)> {
        self.peers.iter().filter_map(|(key, peer)| {
            let connection = peer.connection.as_ref()?;
            Some((key.as_slice(), connection.state, connection.initiator, &connection.session))
        })
    }

    /// Whether the swarm was not left.
    pub const fn is_open(&self) -> bool {
        !self.left
    }
}
