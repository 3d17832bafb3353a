//! Two peers over a link that loses, doubles and reorders, by a clock of its own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

use std::collections::{BTreeMap, BTreeSet};

use dxos_proto::dxos::mesh::signal::Message;
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Any;
use dxos_reference::mesh::messenger::{self, MAX_REMEMBERED, Messenger, REMEMBERED, TIMEOUT};
use dxos_reference::mesh::swarm::{
    self, Id, Random, State, Swarm, SwarmMessage, TYPE, Topology, TransportEvent,
};
use proptest::collection::vec;
use proptest::prelude::*;

const APP: &str = "example.testing.data.TestPayload";

/// What the link does with a message: when each of its copies arrives, in milliseconds from its sending.
type Fate = Vec<u64>;

/// Arrivals by time, and by order of sending where times are equal.
#[derive(Default)]
struct Link<T> {
    fates: Vec<Fate>,
    sent: usize,
    arriving: BTreeMap<(u64, usize), (usize, T)>,
}

impl<T: Clone> Link<T> {
    /// Sends to a peer; when all fates are used up nothing is lost any more.
    fn send(&mut self, to: usize, message: &T, now: u64) {
        let fate = self.fates.get(self.sent).cloned().unwrap_or_else(|| vec![20]);
        for delay in fate {
            self.sent += 1;
            self.arriving
                .insert((now + delay, self.sent + 1_000 * self.arriving.len()), (to, message.clone()));
        }
        self.sent += 1;
    }

    fn next(&self) -> Option<u64> {
        self.arriving.keys().next().map(|(at, _)| *at)
    }

    fn take(&mut self, now: u64) -> Option<(usize, T)> {
        let first = *self.arriving.keys().next().filter(|(at, _)| *at <= now)?;
        self.arriving.remove(&first)
    }
}

fn fates(most_copies: usize) -> impl Strategy<Value = Vec<Fate>> {
    vec(vec(0u64..3_000, 0..=most_copies), 0..24)
}

fn key(byte: u8) -> Vec<u8> {
    [&[4], [byte; 64].as_slice()].concat()
}

fn id(number: u32) -> Id {
    let mut id = [7; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    id
}

struct Peers {
    keys: [Vec<u8>; 2],
    messengers: [Messenger; 2],
    link: Link<Message>,
    drawn: u32,
}

impl Peers {
    fn new(keys: [Vec<u8>; 2], fates: Vec<Fate>, type_name: &str) -> Self {
        let mut messengers = [Messenger::new(keys[0].clone(), 0), Messenger::new(keys[1].clone(), 0)];
        messengers.iter_mut().for_each(|messenger| messenger.listen(Some(type_name)));
        Self { keys, messengers, link: Link { fates, sent: 0, arriving: BTreeMap::new() }, drawn: 0 }
    }

    fn send(&mut self, from: usize, type_url: &str, value: Vec<u8>, now: u64) -> Id {
        self.drawn += 1;
        let payload = Any { type_url: type_url.to_owned(), value };
        let recipient = self.keys[1 - from].clone();
        self.messengers[from].send(&recipient, payload, id(self.drawn), now).unwrap();
        id(self.drawn)
    }

    /// Moves messages; what else there is to do comes out.
    fn flush(&mut self, now: u64) -> Vec<(usize, messenger::Output)> {
        let mut rest = Vec::new();
        for at in 0..2 {
            while let Some(output) = self.messengers[at].poll() {
                match output {
                    messenger::Output::Send(message) => self.link.send(1 - at, &message, now),
                    other => rest.push((at, other)),
                }
            }
        }
        rest
    }

    fn deadline(&self) -> Option<u64> {
        self.messengers.iter().filter_map(Messenger::deadline).chain(self.link.next()).min()
    }

    fn step(&mut self, now: u64) -> Vec<(usize, messenger::Output)> {
        while let Some((to, message)) = self.link.take(now) {
            self.messengers[to].receive(message, now);
        }
        self.messengers.iter_mut().for_each(|messenger| messenger.tick(now));
        self.flush(now)
    }
}

/// Ids that follow each other.
#[derive(Debug)]
struct Counting(u32);

impl Random for Counting {
    fn session(&mut self) -> Id {
        self.0 += 1;
        id(self.0)
    }

    fn message(&mut self) -> Id {
        self.session()
    }

    fn below(&mut self, _count: usize) -> usize {
        0
    }
}

/// Two peers of a swarm that are announced to each other, until nothing more happens: their connections.
fn meet(low_first: bool, fates: Vec<Fate>, announced: [u64; 2]) -> [Vec<(State, bool, Id)>; 2] {
    let keys = if low_first { [key(0x10), key(0xf0)] } else { [key(0xf0), key(0x10)] };
    let mut peers = Peers::new(keys.clone(), fates, TYPE);
    let new = |at: usize| {
        Swarm::new([9; 32], keys[at].clone(), Topology::Full, Counting(1_000_000 * (at as u32 + 1)))
    };
    let mut swarms = [new(0), new(1)];
    let mut open: [Option<Id>; 2] = [None, None];
    let mut carried: BTreeMap<Id, Id> = BTreeMap::new();
    let mut announcements: BTreeSet<(u64, usize)> = [(announced[0], 0), (announced[1], 1)].into();
    let mut now;
    for _ in 0..2_000 {
        let next = peers.deadline().into_iter().chain(swarms.iter().filter_map(Swarm::deadline));
        let Some(at) = next.chain(announcements.first().map(|(at, _)| *at)).min() else { break };
        if at > 300_000 {
            break;
        }
        now = at;
        while let Some((_, to)) = announcements.first().copied().filter(|(at, _)| *at <= now) {
            announcements.pop_first();
            swarms[to].available(&keys[1 - to], now);
        }
        for (at, output) in peers.step(now) {
            match output {
                messenger::Output::Received { author, payload, .. } => {
                    swarms[at].receive(&author, SwarmMessage::decode(&payload.value).unwrap(), now);
                }
                messenger::Output::Delivered(id) => swarms[at].delivered(&carried[&id], now),
                messenger::Output::Failed(id) => swarms[at].undelivered(&carried[&id], now),
                messenger::Output::Send(_) => unreachable!("sent by the link"),
            }
        }
        for at in 0..2 {
            swarms[at].tick(now);
            while let Some(output) = swarms[at].poll() {
                match output {
                    swarm::Output::Send { message, .. } => {
                        let carrier = peers.send(at, TYPE, message.encode(), now);
                        carried.insert(carrier, message.id);
                    }
                    swarm::Output::Open { session, .. } => {
                        assert!(open[at].is_none(), "two transports to one peer");
                        open[at] = Some(session);
                    }
                    swarm::Output::Close { session, .. } => {
                        assert_eq!(open[at].take(), Some(session), "another transport is closed");
                    }
                    swarm::Output::Signal { .. } => {}
                }
            }
        }
        // Transports connect when both ends are open for one session.
        if open[0].is_some() && open[0] == open[1] {
            for at in 0..2 {
                let state = swarms[at].connections().next().map(|(_, state, ..)| state);
                if state == Some(State::Connecting) {
                    swarms[at].transport(&keys[1 - at], TransportEvent::Connected, now);
                }
            }
        }
        peers.flush(now);
    }
    let connections = |swarm: &Swarm<Counting>| {
        swarm.connections().map(|(_, state, initiator, session)| (state, initiator, *session)).collect()
    };
    [connections(&swarms[0]), connections(&swarms[1])]
}

fn one_connection(ends: &[Vec<(State, bool, Id)>; 2]) -> Result<(), TestCaseError> {
    prop_assert_eq!(ends[0].len(), 1, "{:?}", ends);
    prop_assert_eq!(ends[1].len(), 1, "{:?}", ends);
    prop_assert_eq!(ends[0][0].2, ends[1][0].2, "two sessions");
    prop_assert_eq!(ends[0][0].0, State::Connected);
    prop_assert_eq!(ends[1][0].0, State::Connected);
    prop_assert!(ends[0][0].1 != ends[1][0].1, "one has offered");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn each_payload_is_handled_at_most_once_and_exactly_once_if_a_copy_arrives(
        fates in fates(3),
        times in vec((0u64..8_000, any::<bool>()), 1..8),
    ) {
        let keys = [key(0x10), key(0xf0)];
        let mut peers = Peers::new(keys, fates, APP);
        let mut times: Vec<(u64, bool)> = times;
        times.sort_unstable();
        let (mut handled, mut delivered, mut failed) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let mut sent = Vec::new();
        let mut arrived = BTreeSet::new();
        let mut waiting = times.into_iter().enumerate().peekable();
        loop {
            let next = peers.deadline().into_iter().chain(waiting.peek().map(|(_, (at, _))| *at)).min();
            let Some(now) = next else { break };
            while let Some((number, (_, from))) = waiting.next_if(|(_, (at, _))| *at <= now) {
                let from = usize::from(from);
                let value = (number as u32).to_be_bytes().to_vec();
                sent.push((peers.send(from, APP, value.clone(), now), value));
                peers.flush(now);
            }
            for (_, message) in peers.link.arriving.range(..=(now, usize::MAX)).map(|(_, arrival)| arrival) {
                let payload = message.payload.clone().unwrap();
                if payload.type_url == messenger::RELIABLE_PAYLOAD {
                    let inner = dxos_proto::dxos::mesh::messaging::ReliablePayload::decode(payload.value.as_slice());
                    arrived.insert(inner.unwrap().payload.unwrap().value);
                }
            }
            for (_, output) in peers.step(now) {
                match output {
                    messenger::Output::Received { payload, .. } => *handled.entry(payload.value).or_insert(0) += 1,
                    messenger::Output::Delivered(id) => { delivered.insert(id); }
                    messenger::Output::Failed(id) => { failed.insert(id); }
                    messenger::Output::Send(_) => {}
                }
            }
        }
        for (id, value) in sent {
            let times = handled.get(&value).copied().unwrap_or_default();
            prop_assert_eq!(times, usize::from(arrived.contains(&value)));
            prop_assert!(delivered.contains(&id) != failed.contains(&id), "one end for each");
            prop_assert!(!delivered.contains(&id) || times == 1, "delivered and not handled");
        }
        prop_assert_eq!(peers.messengers[0].waiting() + peers.messengers[1].waiting(), 0);
    }

    #[test]
    fn offers_that_meet_give_one_connection(low_first in any::<bool>(), gap in 0u64..400, delays in vec(0u64..400, 0..16)) {
        // Nothing is lost; announced so that the lower key offers about when the higher one does.
        let (low, high) = (gap, 200);
        let announced = if low_first { [low, high] } else { [high, low] };
        let fates = delays.into_iter().map(|delay| vec![delay]).collect();
        one_connection(&meet(low_first, fates, announced))?;
    }

    #[test]
    fn messages_of_any_bytes(bytes in vec(any::<u8>(), 0..200), author in any::<u8>()) {
        if let Some(message) = SwarmMessage::decode(&bytes) {
            prop_assert_eq!(SwarmMessage::decode(&message.encode()), Some(message.clone()));
            let mut swarm = Swarm::new(message.topic, key(0x80), Topology::Full, Counting(0));
            swarm.receive(&key(author), message, 0);
        }
        let mut messenger = Messenger::new(key(1), 0);
        messenger.listen(None);
        for type_url in [messenger::RELIABLE_PAYLOAD, messenger::ACKNOWLEDGEMENT] {
            let payload = Some(Any { type_url: type_url.to_owned(), value: bytes.clone() });
            messenger.receive(Message { author: key(author), recipient: key(1), payload, metadata: None }, 0);
        }
    }
}

#[test]
fn what_is_sent_ends_although_nothing_arrives() {
    let mut peers = Peers::new([key(1), key(2)], vec![Vec::new(); 100], APP);
    peers.send(0, APP, vec![1], 0);
    let mut sent = 0;
    let mut ends = Vec::new();
    while let Some(now) = peers.deadline() {
        ends.extend(peers.step(now).into_iter().map(|(_, output)| (now, output)));
        sent = peers.link.sent;
    }
    assert_eq!(sent, 4);
    assert_eq!(ends, [(TIMEOUT, messenger::Output::Failed(id(1)))]);
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut messenger = Messenger::new(key(1), 0);
    for number in 0..3 * MAX_REMEMBERED as u32 {
        let wanted = dxos_proto::dxos::mesh::messaging::ReliablePayload {
            message_id: Some(dxos_proto::dxos::keys::PublicKey { data: id(number).to_vec() }),
            payload: None,
        };
        let payload =
            Some(Any { type_url: messenger::RELIABLE_PAYLOAD.to_owned(), value: wanted.encode_to_vec() });
        messenger.receive(Message { author: key(2), recipient: key(1), payload, metadata: None }, 0);
        while messenger.poll().is_some() {}
        assert!(messenger.remembered() <= 2 * MAX_REMEMBERED);
    }
    messenger.tick(2 * REMEMBERED);
    assert_eq!(messenger.remembered(), 0);
}
