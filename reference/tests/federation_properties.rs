//! Servers on a bus, in any interleaving: once all is quiet, each peer knows exactly the peers everywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use dxos_proto::dxos::mesh::signal::{JoinRequest, Message};
use dxos_proto::prost::Message as _;
use dxos_reference::kube::federation::{Federation, Output, Settings, Subscription};
use dxos_reference::kube::signal::{Board, CloseReason, Full, Item, Limits, Sink, SocketId, StreamId};
use proptest::prelude::*;

const SERVERS: usize = 3;
const TOPICS: u8 = 2;
const PEERS: u8 = 4;

/// What a stream knows: the peers that are there, and the messages that it has got.
#[derive(Clone, Debug, Default)]
struct Client(Arc<Mutex<Heard>>);

/// The peers that are there, and the messages that have come.
type Heard = (BTreeSet<Vec<u8>>, Vec<Vec<u8>>);

impl Sink for Client {
    fn deliver(&self, item: Item<'_>) -> Result<(), Full> {
        let mut known = self.0.lock().unwrap();
        match item {
            Item::Ready => {}
            Item::Available { peer, .. } => drop(known.0.insert(peer.to_vec())),
            Item::Left { peer } => drop(known.0.remove(peer)),
            Item::Message(message) => known.1.push(message.to_vec()),
        }
        Ok(())
    }

    fn close(&self, _: CloseReason) {}
}

struct Server {
    board: Board<Client>,
    federation: Federation,
    subscriptions: BTreeMap<Subscription, String>,
    /// What has reached it and was not looked at yet, in order.
    arrived: VecDeque<(Subscription, String, Vec<u8>)>,
}

/// A Join or a subscription of the model.
#[derive(Clone)]
struct Open {
    server: usize,
    socket: SocketId,
    stream: StreamId,
    topic: Option<u8>,
    peer: u8,
    client: Client,
}

struct World {
    now: u64,
    servers: Vec<Server>,
    open: Vec<Open>,
    sent: u32,
}

#[derive(Clone, Debug)]
enum Act {
    Join(usize, u8, u8),
    Subscribe(usize, u8),
    Leave(usize),
    Lose(usize),
    Send(usize, u8),
    /// A server looks at so many of the messages that have reached it.
    Look(usize, usize),
    Advance(u64),
    Reconnect(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let server = 0..SERVERS;
    let act = prop_oneof![
        6 => (server.clone(), 0..TOPICS, 0..PEERS).prop_map(|(server, topic, peer)| Act::Join(server, topic, peer)),
        2 => (server.clone(), 0..PEERS).prop_map(|(server, peer)| Act::Subscribe(server, peer)),
        4 => (0..16usize).prop_map(Act::Leave),
        2 => (0..16usize).prop_map(Act::Lose),
        2 => (server.clone(), 0..PEERS).prop_map(|(server, peer)| Act::Send(server, peer)),
        8 => (server.clone(), 1..6usize).prop_map(|(server, count)| Act::Look(server, count)),
        1 => (1..8_000u64).prop_map(Act::Advance),
        1 => server.prop_map(Act::Reconnect),
    ];
    prop::collection::vec(act, 0..60)
}

fn key(peer: u8) -> Vec<u8> {
    vec![peer + 1; 65]
}

fn topic(topic: u8) -> Vec<u8> {
    vec![topic + 1; 32]
}

impl World {
    fn new() -> Self {
        let now = 1_000_000;
        let server = |number: usize| Server {
            board: Board::new(Limits::default()).with_remote(),
            federation: Federation::new([u8::try_from(number).unwrap(); 16], Settings::default(), now),
            subscriptions: BTreeMap::new(),
            arrived: VecDeque::new(),
        };
        let mut world = Self { now, servers: (0..SERVERS).map(server).collect(), open: Vec::new(), sent: 0 };
        (0..SERVERS).for_each(|server| world.speak(server));
        world
    }

    /// What a server has to say reaches the others at once; they look at it later.
    fn speak(&mut self, number: usize) {
        let server = &mut self.servers[number];
        server.federation.pump(&mut server.board, self.now);
        while let Some(output) = self.servers[number].federation.poll() {
            match output {
                Output::Subscribe { id, subject } => {
                    self.servers[number].subscriptions.insert(id, subject);
                }
                Output::Unsubscribe { id } => drop(self.servers[number].subscriptions.remove(&id)),
                Output::Publish { subject, payload } => {
                    for server in &mut self.servers {
                        let of =
                            server.subscriptions.iter().filter(|(_, pattern)| matches(pattern, &subject));
                        for id in of.map(|(id, _)| *id).collect::<Vec<_>>() {
                            server.arrived.push_back((id, subject.clone(), payload.clone()));
                        }
                    }
                }
            }
        }
    }

    fn look(&mut self, number: usize, count: usize) {
        for _ in 0..count {
            let server = &mut self.servers[number];
            let Some((id, subject, payload)) = server.arrived.pop_front() else { return };
            server.federation.receive(id, &subject, &payload, self.now).unwrap();
            self.speak(number);
        }
    }

    fn quiet(&mut self) {
        while self.servers.iter().any(|server| !server.arrived.is_empty()) {
            (0..SERVERS).for_each(|number| self.look(number, usize::MAX));
        }
    }

    fn advance(&mut self, ms: u64) {
        let until = self.now + ms;
        while self.now < until {
            let due = self.servers.iter().map(|server| server.federation.deadline()).min().unwrap();
            self.now = due.clamp(self.now + 1, until);
            for number in 0..SERVERS {
                self.servers[number].board.tick(self.now);
                self.servers[number].federation.tick(self.now);
                self.speak(number);
            }
            // A bus is not slower than a server that is taken for dead.
            self.quiet();
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Join(number, in_topic, peer) => {
                let server = &mut self.servers[number];
                let socket = server.board.open(self.now);
                let client = Client::default();
                let request = JoinRequest { swarm: topic(in_topic), peer: key(peer), metadata: None };
                let stream = server.board.join(socket, &request, client.clone(), self.now).unwrap();
                let topic = Some(in_topic);
                self.open.push(Open { server: number, socket, stream, topic, peer, client });
                self.speak(number);
            }
            Act::Subscribe(number, peer) => {
                let server = &mut self.servers[number];
                let socket = server.board.open(self.now);
                let client = Client::default();
                let stream = server.board.subscribe(socket, &key(peer), client.clone(), self.now).unwrap();
                self.open.push(Open { server: number, socket, stream, topic: None, peer, client });
                self.speak(number);
            }
            Act::Leave(which) if !self.open.is_empty() => {
                let gone = self.open.swap_remove(which % self.open.len());
                self.servers[gone.server].board.leave(gone.stream);
                self.speak(gone.server);
            }
            Act::Lose(which) if !self.open.is_empty() => {
                let gone = self.open.swap_remove(which % self.open.len());
                self.servers[gone.server].board.drop_socket(gone.socket);
                self.speak(gone.server);
            }
            Act::Send(number, peer) => {
                self.sent += 1;
                let author = self.sent.to_be_bytes().to_vec();
                let message = Message { author, recipient: key(peer), ..Message::default() };
                let server = &mut self.servers[number];
                let socket = server.board.open(self.now);
                server.board.send(socket, &message.encode_to_vec(), self.now).unwrap();
                self.speak(number);
            }
            Act::Look(number, count) => self.look(number, count),
            Act::Advance(ms) => self.advance(ms),
            Act::Reconnect(number) => {
                self.servers[number].federation.reconnected(self.now);
                self.speak(number);
            }
            Act::Leave(_) | Act::Lose(_) => {}
        }
    }
}

fn matches(pattern: &str, subject: &str) -> bool {
    let (mut pattern, mut subject) = (pattern.split('.'), subject.split('.'));
    loop {
        match (pattern.next(), subject.next()) {
            (None, None) => return true,
            (Some(pattern), Some(token)) if pattern == "*" || pattern == token => {}
            _ => return false,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn each_peer_knows_exactly_the_peers_everywhere(acts in acts()) {
        let mut world = World::new();
        for act in acts {
            world.act(act);
        }
        world.quiet();
        // Who was lost is gone for others too, and what was doubted was repeated or has lapsed.
        world.advance(16_000);
        world.quiet();
        for open in world.open.iter().filter(|open| open.topic.is_some()) {
            let others = world.open.iter().filter(|other| other.topic == open.topic && other.peer != open.peer);
            let there: BTreeSet<Vec<u8>> = others.map(|other| key(other.peer)).collect();
            prop_assert_eq!(&open.client.0.lock().unwrap().0, &there);
        }
    }

    #[test]
    fn a_message_comes_to_a_stream_at_most_once(acts in acts()) {
        let mut world = World::new();
        let mut clients: Vec<Client> = Vec::new();
        for act in acts {
            world.act(act);
            clients.extend(world.open.last().map(|open| open.client.clone()));
        }
        world.quiet();
        for client in clients {
            let messages = client.0.lock().unwrap().1.clone();
            let different: BTreeSet<&Vec<u8>> = messages.iter().collect();
            prop_assert_eq!(different.len(), messages.len());
        }
    }

    #[test]
    fn nothing_is_left_of_topics_that_nobody_is_in(acts in acts()) {
        let mut world = World::new();
        for act in acts {
            world.act(act);
        }
        while let Some(last) = world.open.pop() {
            world.servers[last.server].board.leave(last.stream);
            world.speak(last.server);
        }
        world.quiet();
        world.advance(20_000);
        for server in &world.servers {
            prop_assert_eq!(server.federation.held(), 0);
            // To answers to it, and nothing else.
            prop_assert_eq!(server.subscriptions.len(), 1);
        }
    }

    #[test]
    fn whatever_comes_of_the_bus_is_taken_or_refused(subject in ".{0,80}", payload in prop::collection::vec(any::<u8>(), 0..80)) {
        let mut world = World::new();
        world.act(Act::Join(0, 0, 0));
        world.act(Act::Subscribe(0, 0));
        let server = &mut world.servers[0];
        for (id, pattern) in server.subscriptions.clone() {
            let fitting = pattern.replace('*', "00112233445566778899aabbccddeeff");
            let _ = server.federation.receive(id, &subject, &payload, world.now);
            let _ = server.federation.receive(id, &fitting, &payload, world.now);
        }
        server.federation.pump(&mut server.board, world.now);
    }
}
