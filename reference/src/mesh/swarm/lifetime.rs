//! What becomes of the connections of a peer with time: transports, messages that do not arrive, ends and rests.

use dxos_proto::prost_types::Struct;

use super::connection::State;
use super::message::{Body, Id, SwarmMessage};
use super::negotiation::{MAX_EARLY, Output, Random, Swarm};
use super::peer::{End, Peer, next_rest};

/// What a transport does.
#[derive(Clone, Debug, PartialEq)]
pub enum TransportEvent {
    /// It is open.
    Connected,
    /// It has something to say to the other end.
    Signal(Struct),
    /// It is closed.
    Closed,
    /// It cannot go on, and is to be closed.
    Error,
}

impl<R: Random> Swarm<R> {
    /// The messenger has delivered a message.
    pub fn delivered(&mut self, id: &Id, now: u64) {
        self.tick(now);
        for connection in self.peers.values_mut().filter_map(|peer| peer.connection.as_mut()) {
            if connection.in_flight.as_ref() == Some(id) {
                connection.in_flight = None;
                connection.plan(now);
            }
        }
    }

    /// The messenger has given up a message.
    pub fn undelivered(&mut self, id: &Id, now: u64) {
        self.tick(now);
        let offer = |peer: &Peer| peer.offer.is_some_and(|(message, _)| message == *id);
        let batch = |peer: &Peer| peer.connection.as_ref().is_some_and(|c| c.in_flight.as_ref() == Some(id));
        let of_offer = self.peers.iter().find(|(_, peer)| offer(peer)).map(|(key, _)| key.clone());
        if let Some(key) = of_offer {
            let session =
                self.peers.get_mut(&key).and_then(|peer| peer.offer.take()).map(|(_, session)| session);
            let connection = self.peers.get(&key).and_then(|peer| peer.connection.as_ref());
            let waits = connection.is_some_and(|c| c.state == State::Offering && Some(c.session) == session);
            if waits {
                alter!(MESH_SWARM_026, self.end(&key, End::Aborted, now),
                    "an offer that was not delivered is not given up" => ());
            }
        }
        let of_batch = self.peers.iter().find(|(_, peer)| batch(peer)).map(|(key, _)| key.clone());
        if let Some(key) = of_batch {
            alter!(MESH_SWARM_027, self.end(&key, End::Aborted, now),
                "a connection goes on without its signals" => ());
        }
        self.tick(now);
    }

    /// A transport has done something.
    pub fn transport(&mut self, peer: &[u8], event: TransportEvent, now: u64) {
        self.tick(now);
        let Some(known) = self.peers.get_mut(peer) else { return };
        let Some(connection) = known.connection.as_mut().filter(|c| c.state != State::Offering) else {
            return;
        };
        match event {
            TransportEvent::Connected => {
                connection.state = State::Connected;
                connection.deadline = alter!(MESH_SWARM_025, None, "a connection is aborted after 10 seconds, open or not" =>
                    connection.deadline);
                connection.connected.get_or_insert(now);
                known.resting = false;
            }
            TransportEvent::Signal(signal) => {
                if connection.outgoing.len() < MAX_EARLY {
                    connection.outgoing.push(signal);
                }
                connection.plan(now);
            }
            TransportEvent::Closed => self.end(peer, End::Gone, now),
            TransportEvent::Error => self.end(peer, End::Aborted, now),
        }
        self.tick(now);
    }

    /// Lets time pass: all that is due happens at its own time, in the order of the times.
    pub fn tick(&mut self, now: u64) {
        while let Some(at) = self.deadline().filter(|at| *at <= now) {
            let due: Vec<Vec<u8>> = self
                .peers
                .iter()
                .filter(|(_, peer)| peer.due() == Some(at))
                .map(|(key, _)| key.clone())
                .collect();
            due.iter().for_each(|peer| self.fire(peer, at));
        }
    }

    /// When [`Self::tick`] has something to do.
    pub fn deadline(&self) -> Option<u64> {
        self.peers.values().filter_map(Peer::due).min()
    }

    fn fire(&mut self, key: &[u8], at: u64) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        if peer.attempt.is_some_and(|due| due <= at) {
            peer.attempt = None;
            let free = peer.connection.is_none() && peer.offer.is_none();
            if alter!(MESH_SWARM_006, free, "an offer is made although a connection came to be" => true) {
                self.offer(key, at);
            }
            return;
        }
        if peer.rested.is_some_and(|due| due <= at) {
            (peer.rested, peer.resting) = (None, false);
            self.update(at);
            return;
        }
        let Some(connection) = &mut peer.connection else { return };
        if connection.flush.is_some_and(|due| due <= at) {
            let (session, id) = (connection.session, self.random.message());
            let signals = connection.batch(id);
            self.push(key, SwarmMessage { topic: self.topic, session, id, body: Body::Signals(signals) });
        } else if connection.deadline.take().is_some() {
            alter!(MESH_SWARM_025, self.end(key, End::Aborted, at), "a transport has all the time to connect" => ());
        }
    }

    /// Ends the connection to a peer, and lets the peer rest unless another connection takes its place.
    pub(super) fn end(&mut self, key: &[u8], end: End, now: u64) {
        let Some(peer) = self.peers.get(key) else { return };
        if end != End::Displaced && peer.announced {
            // The connection is still there: it is not replaced before the rest is over.
            self.update(now);
        }
        let Some(peer) = self.peers.get_mut(key) else { return };
        let Some(connection) = peer.connection.take() else { return };
        let announced = peer.announced;
        if end != End::Displaced {
            let stable = alter!(MESH_SWARM_029, connection.was_stable(now), "a long connection is no reason not to wait" => false,
                "a short connection is a reason not to wait" => connection.connected.is_some());
            peer.backoff = if stable { 0 } else { next_rest(peer.backoff) };
            peer.resting = true;
            peer.rested = Some(now + peer.backoff);
        }
        if end != End::Gone && connection.state != State::Offering {
            self.output.push_back(Output::Close { peer: key.to_vec(), session: connection.session });
        }
        if end != End::Displaced && !announced {
            self.peers.remove(key);
            self.update(now);
        }
    }

    /// Forgets a peer, and closes what there is of a connection.
    pub(super) fn forget(&mut self, key: &[u8]) {
        let connection = self.peers.remove(key).and_then(|peer| peer.connection);
        if let Some(connection) = connection.filter(|connection| connection.state != State::Offering) {
            self.output.push_back(Output::Close { peer: key.to_vec(), session: connection.session });
        }
    }
}
