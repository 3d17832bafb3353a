//! Several servers on one bus, and their clients.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use dxos_proto::dxos::mesh::signal::swarm_event::{self, PeerAvailable};
use dxos_proto::dxos::mesh::signal::{HostEvent, JoinRequest, PeerEvent, SwarmEvent, host_event, peer_event};
use dxos_proto::prost::Message as _;
use serde_json::{Map, Value, json};

use super::super::input::{Input, members, unhex, wrong};
use super::super::{Answer, Failure};
use crate::Reject;
use crate::keys::to_hex;
use crate::kube::federation::{Federation, Host, Output, Settings, Subscription};
use crate::kube::signal::{Board, CloseReason, Full, Item, Limits, Sink, SocketId, StreamId};

/// What a stream of a client has got, with the name of the stream.
type Log = Arc<Mutex<Vec<(String, Value)>>>;

#[derive(Clone, Debug)]
struct Client {
    stream: String,
    log: Log,
}

impl Sink for Client {
    fn deliver(&self, item: Item<'_>) -> Result<(), Full> {
        let shown = match item {
            Item::Ready => json!([self.stream, "ready"]),
            Item::Available { peer, until: None, .. } => json!([self.stream, "available", to_hex(peer)]),
            Item::Available { peer, until: Some(until), .. } => {
                json!([self.stream, "available", to_hex(peer), until])
            }
            Item::Left { peer } => json!([self.stream, "left", to_hex(peer)]),
            Item::Message(message) => json!([self.stream, "message", to_hex(message)]),
        };
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push((self.stream.clone(), shown));
        Ok(())
    }

    fn close(&self, _: CloseReason) {}
}

#[derive(Debug)]
struct Server {
    board: Board<Client>,
    federation: Federation,
    subscriptions: BTreeMap<Subscription, String>,
    /// On the bus.
    connected: bool,
    /// Neither killed nor stopped.
    up: bool,
}

/// What a session holds.
#[derive(Debug)]
pub(in super::super) struct Scene {
    now: u64,
    servers: Vec<Server>,
    sockets: BTreeMap<String, (usize, SocketId)>,
    streams: BTreeMap<String, (usize, StreamId)>,
    log: Log,
    /// What servers did with the bus, by server.
    bus: Vec<(usize, Value)>,
}

/// Carries out an operation.
pub(in super::super) fn call(op: &str, input: &Input<'_>, slot: Option<&mut Option<Scene>>) -> Answer {
    let slot = slot.ok_or_else(|| wrong("session", "absent"))?;
    if op == "kube.federation.begin" {
        return Ok(slot.insert(Scene::begin(input)?).answer());
    }
    let scene = slot.as_mut().ok_or_else(|| wrong("session", "without servers"))?;
    let now = scene.now;
    match op {
        "kube.federation.join" => {
            let (server, socket, sink) = scene.client(input)?;
            let request =
                JoinRequest { swarm: input.bytes("topic")?, peer: input.bytes("peer")?, metadata: None };
            let stream = sink.stream.clone();
            let joined = scene.server(server)?.board.join(socket, &request, sink, now);
            scene.streams.insert(stream, (server, joined.map_err(|_| wrong("peer", "refused"))?));
        }
        "kube.federation.subscribe" => {
            let (server, socket, sink) = scene.client(input)?;
            let stream = sink.stream.clone();
            let subscribed = scene.server(server)?.board.subscribe(socket, &input.bytes("peer")?, sink, now);
            scene.streams.insert(stream, (server, subscribed.map_err(|_| wrong("peer", "refused"))?));
        }
        "kube.federation.send" => {
            let (server, socket) = scene.socket(input)?;
            let sent = scene.server(server)?.board.send(socket, &input.bytes("message")?, now);
            sent.map_err(|_| wrong("message", "refused"))?;
        }
        "kube.federation.leave" => {
            let gone = scene.streams.remove(input.text("stream")?);
            let (server, stream) = gone.ok_or_else(|| wrong("stream", "not open"))?;
            scene.server(server)?.board.leave(stream);
        }
        "kube.federation.drop" => {
            let gone = scene.sockets.remove(input.text("client")?);
            let (server, socket) = gone.ok_or_else(|| wrong("client", "not connected"))?;
            scene.server(server)?.board.drop_socket(socket);
        }
        "kube.federation.publish" => {
            let subject = input.text("on")?;
            scene.settle()?;
            scene.publish(subject, &input.bytes("payload")?)?;
        }
        "kube.federation.advance" => {
            let until = now.saturating_add(input.number("ms")?);
            scene.advance(until)?;
        }
        "kube.federation.cut" => scene.server(input.index("server")?)?.connected = false,
        "kube.federation.mend" => {
            let server = scene.server(input.index("server")?)?;
            server.connected = true;
            server.federation.reconnected(now);
        }
        "kube.federation.kill" => scene.server(input.index("server")?)?.up = false,
        "kube.federation.stop" => {
            let number = input.index("server")?;
            scene.server(number)?.federation.stop();
            scene.settle()?;
            scene.server(number)?.up = false;
        }
        _ => return Err(Failure::Unsupported),
    }
    scene.settle()?;
    Ok(scene.answer())
}

impl Scene {
    fn begin(input: &Input<'_>) -> Result<Self, Failure> {
        let now = input.number("now")?;
        let mut settings = Settings::default();
        if let Some(members) = input.optional("members", Input::index)? {
            settings.members = members;
        }
        let hosts = input
            .items("hosts")?
            .iter()
            .map(|host| unhex("hosts", host)?.try_into().map_err(|_| wrong("hosts", "not of 16 bytes each")));
        let servers = hosts.map(|host: Result<Host, Failure>| {
            let host = host?;
            Ok(Server {
                board: Board::new(Limits::default()).with_remote(),
                federation: Federation::new(host, settings, now),
                subscriptions: BTreeMap::new(),
                connected: true,
                up: true,
            })
        });
        let mut scene = Self {
            now,
            servers: servers.collect::<Result<_, Failure>>()?,
            sockets: BTreeMap::new(),
            streams: BTreeMap::new(),
            log: Log::default(),
            bus: Vec::new(),
        };
        scene.settle()?;
        Ok(scene)
    }

    fn server(&mut self, number: usize) -> Result<&mut Server, Failure> {
        self.servers.get_mut(number).ok_or_else(|| wrong("server", "not one of them"))
    }

    fn socket(&self, input: &Input<'_>) -> Result<(usize, SocketId), Failure> {
        self.sockets.get(input.text("client")?).copied().ok_or_else(|| wrong("client", "not connected"))
    }

    /// The client's socket, opened where it is not, and where its stream's items go.
    fn client(&mut self, input: &Input<'_>) -> Result<(usize, SocketId, Client), Failure> {
        let sink = Client { stream: input.text("stream")?.to_owned(), log: Arc::clone(&self.log) };
        if let Some((server, socket)) = self.sockets.get(input.text("client")?) {
            return Ok((*server, *socket, sink));
        }
        let (number, now) = (input.index("server")?, self.now);
        let socket = self.server(number)?.board.open(now);
        self.sockets.insert(input.text("client")?.to_owned(), (number, socket));
        Ok((number, socket, sink))
    }

    /// Everything that is due until then, each at its time.
    fn advance(&mut self, until: u64) -> Result<(), Failure> {
        loop {
            self.settle()?;
            let due = |server: &Server| {
                let board = server.board.deadline();
                board.into_iter().chain([server.federation.deadline()]).min()
            };
            let next = self.servers.iter().filter(|server| server.up).filter_map(due).min();
            let Some(next) = next.filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            let now = self.now;
            for server in self.servers.iter_mut().filter(|server| server.up) {
                server.board.tick(now);
                server.federation.tick(now);
            }
        }
        self.now = until;
        Ok(())
    }

    /// Carries messages until there are none.
    fn settle(&mut self) -> Result<(), Failure> {
        let now = self.now;
        loop {
            let mut quiet = true;
            for number in 0..self.servers.len() {
                let server = self.server(number)?;
                server.federation.pump(&mut server.board, now);
                while let Some(output) = self.server(number)?.federation.poll() {
                    quiet = false;
                    self.carry(number, output)?;
                }
            }
            if quiet {
                return Ok(());
            }
        }
    }

    fn carry(&mut self, number: usize, output: Output) -> Result<(), Failure> {
        let server = self.server(number)?;
        if !server.up {
            return Ok(());
        }
        match output {
            Output::Subscribe { id, subject } => {
                server.subscriptions.insert(id, subject.clone());
                self.bus.push((number, json!([number, "subscribe", subject])));
            }
            Output::Unsubscribe { id } => {
                let subject = server.subscriptions.remove(&id);
                self.bus.push((number, json!([number, "unsubscribe", subject])));
            }
            Output::Publish { subject, payload } => {
                if server.connected {
                    self.bus.push((number, json!([number, "publish", subject, shown(&subject, &payload)])));
                    // What servers make of each other's messages is theirs.
                    drop(self.deliver(&subject, &payload));
                }
            }
        }
        Ok(())
    }

    /// A message of a server that is not one of ours; refused where one of ours refuses it.
    fn publish(&mut self, subject: &str, payload: &[u8]) -> Result<(), Failure> {
        self.deliver(subject, payload).map_err(Failure::Reject)
    }

    fn deliver(&mut self, subject: &str, payload: &[u8]) -> Result<(), Reject> {
        let now = self.now;
        let mut outcome = Ok(());
        for server in self.servers.iter_mut().filter(|server| server.up && server.connected) {
            let matching: Vec<Subscription> = server
                .subscriptions
                .iter()
                .filter(|(_, pattern)| matches(pattern, subject))
                .map(|(id, _)| *id)
                .collect();
            for id in matching {
                let received = server.federation.receive(id, subject, payload, now);
                outcome = outcome.and(received);
            }
        }
        outcome
    }

    /// What has happened since the last answer.
    fn answer(&mut self) -> Map<String, Value> {
        let mut told = std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner));
        told.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut bus = std::mem::take(&mut self.bus);
        bus.sort_by_key(|(server, _)| *server);
        let told: Vec<Value> = told.into_iter().map(|(_, item)| item).collect();
        let bus: Vec<Value> = bus.into_iter().map(|(_, item)| item).collect();
        members(json!({ "told": told, "bus": bus }))
    }
}

/// Whether a subject is one of a subscription's.
fn matches(pattern: &str, subject: &str) -> bool {
    let (pattern, subject): (Vec<&str>, Vec<&str>) =
        (pattern.split('.').collect(), subject.split('.').collect());
    pattern.len() == subject.len()
        && pattern.iter().zip(&subject).all(|(pattern, token)| *pattern == "*" || pattern == token)
}

/// What is published, decoded.
fn shown(subject: &str, payload: &[u8]) -> Value {
    let available = |available: PeerAvailable| {
        let time = |time: Option<dxos_proto::prost_types::Timestamp>| {
            time.map(|time| time.seconds * 1000 + i64::from(time.nanos) / 1_000_000)
        };
        let mut shown = members(json!({
            "available": to_hex(&available.peer),
            "since": time(available.since),
            "until": time(available.until),
        }));
        if let Some(back) = available.announce_back_to_host {
            shown.insert("back".to_owned(), to_hex(&back).into());
        }
        shown
    };
    match subject.split('.').nth(3) {
        Some("swarm") => match SwarmEvent::decode(payload).unwrap_or_default().event {
            Some(swarm_event::Event::PeerAvailable(event)) => available(event).into(),
            Some(swarm_event::Event::PeerLeft(event)) => json!({ "left": to_hex(&event.peer) }),
            None => Value::Null,
        },
        Some("host") => match HostEvent::decode(payload).unwrap_or_default().event {
            Some(host_event::Event::AnnounceBack(answer)) => {
                let mut shown = available(answer.peer_available.unwrap_or_default());
                shown.insert("topic".to_owned(), to_hex(&answer.swarm).into());
                shown.into()
            }
            None => Value::Null,
        },
        Some("peer") => match PeerEvent::decode(payload).unwrap_or_default().event {
            Some(peer_event::Event::Message(message)) => {
                json!({ "recipient": to_hex(&message.recipient), "payload": to_hex(payload) })
            }
            None => Value::Null,
        },
        _ => to_hex(payload).into(),
    }
}
