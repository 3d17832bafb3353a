//! One peer of a swarm.

use std::collections::{BTreeSet, VecDeque};

use dxos_proto::prost_types::Struct;
use serde_json::{Map, Value, json};

use super::super::input::{Input, members, wrong};
use super::super::{Answer, Failure};
use super::messenger::ids;
use super::structure::{shown, structure};
use crate::keys::to_hex;
use crate::mesh::messenger::TIMEOUT;
use crate::mesh::swarm::{
    Body, Id, Mmst, Output, Random, State, Swarm, SwarmMessage, Topology, TransportEvent,
};

/// Ids in the order of the request.
#[derive(Debug)]
struct Given {
    sessions: VecDeque<Id>,
    messages: VecDeque<Id>,
}

impl Random for Given {
    fn session(&mut self) -> Id {
        self.sessions.pop_front().unwrap_or_default()
    }

    fn message(&mut self) -> Id {
        self.messages.pop_front().unwrap_or_default()
    }

    fn below(&mut self, _count: usize) -> usize {
        0
    }
}

/// What a session holds.
#[derive(Debug)]
pub(in super::super) struct Scene {
    swarm: Swarm<Given>,
    /// Messages that never arrive.
    lost: BTreeSet<Id>,
    /// When the messenger gives them up.
    failing: BTreeSet<(u64, Id)>,
    now: u64,
}

/// Begins a session.
pub(super) fn open(input: &Input<'_>) -> Result<(Box<Scene>, Map<String, Value>), Failure> {
    let topology = topology(&input.object("topology")?)?;
    let given = Given { sessions: ids(input, "sessions")?, messages: ids(input, "ids")? };
    let topic = input.bytes("topic")?.try_into().map_err(|_| wrong("topic", "not of 32 bytes"))?;
    let swarm = Swarm::new(topic, input.bytes("peer")?, topology, given);
    let lost = ids(input, "lost")?.into_iter().collect();
    let mut scene = Scene { swarm, lost, failing: BTreeSet::new(), now: input.number("now")? };
    let answer = scene.answer()?;
    Ok((Box::new(scene), answer))
}

fn topology(input: &Input<'_>) -> Result<Topology, Failure> {
    Ok(match input.text("kind")? {
        "full" => Topology::Full,
        "star" => Topology::Star(input.bytes("center")?),
        "mmst" => {
            let number = |member| input.index(member);
            Topology::Mmst(Mmst::new(number("originate")?, number("max")?, number("sample")?))
        }
        "host" => Topology::host(),
        "guest" => Topology::Guest,
        _ => return Err(wrong("topology", "not one of those that there are")),
    })
}

/// Carries out an operation.
pub(super) fn call(op: &str, input: &Input<'_>, scene: &mut Scene) -> Answer {
    let now = scene.now;
    match op {
        // What does not decode is for nobody (MESH-SWARM-013).
        "wire.feed" => {
            let author = input.bytes("author")?;
            if let Some(message) = SwarmMessage::decode(&input.bytes("bytes")?) {
                scene.swarm.receive(&author, message, now);
            }
        }
        "wire.tick" => return scene.tick(input.number("now")?),
        "mesh.swarm.available" => scene.swarm.available(&input.bytes("peer")?, now),
        "mesh.swarm.left" => scene.swarm.left(&input.bytes("peer")?, now),
        "mesh.swarm.leave" => scene.swarm.leave(),
        "mesh.swarm.transport" => {
            let event = match input.text("event")? {
                "connected" => TransportEvent::Connected,
                "signal" => TransportEvent::Signal(structure(input.object("payload")?.0)),
                "closed" => TransportEvent::Closed,
                "error" => TransportEvent::Error,
                _ => return Err(wrong("event", "not one of those that there are")),
            };
            scene.swarm.transport(&input.bytes("peer")?, event, now);
        }
        _ => return Err(Failure::Unsupported),
    }
    scene.answer()
}

impl Scene {
    /// Lets time pass, so that what fails does so at its own time.
    fn tick(&mut self, now: u64) -> Answer {
        let (mut out, mut events) = (Vec::new(), Vec::new());
        loop {
            let next = self.swarm.deadline().into_iter().chain(self.failing.first().map(|(at, _)| *at)).min();
            let Some(at) = next.filter(|at| *at <= now) else { break };
            self.now = self.now.max(at);
            self.swarm.tick(self.now);
            while let Some((due, id)) = self.failing.first().copied().filter(|(due, _)| *due <= at) {
                self.failing.remove(&(due, id));
                self.swarm.undelivered(&id, self.now);
            }
            self.take(&mut out, &mut events);
        }
        self.now = now;
        self.shown(out, events)
    }

    fn answer(&mut self) -> Answer {
        let (mut out, mut events) = (Vec::new(), Vec::new());
        self.take(&mut out, &mut events);
        self.shown(out, events)
    }

    /// What is to be done, and what becomes of the messages.
    fn take(&mut self, out: &mut Vec<Value>, events: &mut Vec<Value>) {
        while let Some(output) = self.swarm.poll() {
            match output {
                Output::Send { recipient, message } => {
                    if self.lost.contains(&message.id) {
                        self.failing.insert((self.now + TIMEOUT, message.id));
                    } else {
                        self.swarm.delivered(&message.id, self.now);
                    }
                    out.push(message_shown(&recipient, &message));
                }
                Output::Open { peer, session, initiator } => events.push(json!({
                    "open": to_hex(&peer), "session": to_hex(&session), "initiator": initiator,
                })),
                Output::Signal { peer, signal } => {
                    events.push(json!({ "signal": to_hex(&peer), "payload": shown(&signal) }));
                }
                Output::Close { peer, session } => {
                    events.push(json!({ "close": to_hex(&peer), "session": to_hex(&session) }));
                }
            }
        }
    }

    fn shown(&self, out: Vec<Value>, events: Vec<Value>) -> Answer {
        let connections = self.swarm.connections().map(|(peer, state, initiator, session)| {
            let state = match state {
                State::Offering => "offering",
                State::Connecting => "connecting",
                State::Connected => "connected",
            };
            json!({ "peer": to_hex(peer), "state": state, "initiator": initiator, "session": to_hex(session) })
        });
        let connections: Vec<Value> = connections.collect();
        Ok(members(json!({
            "out": out, "events": events, "connections": connections, "open": self.swarm.is_open(),
        })))
    }
}

/// A message as an answer shows it.
fn message_shown(recipient: &[u8], message: &SwarmMessage) -> Value {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("recipient", to_hex(recipient).into());
    set("topic", to_hex(&message.topic).into());
    set("session", to_hex(&message.session).into());
    set("id", to_hex(&message.id).into());
    match &message.body {
        Body::Offer => set("offer", json!({})),
        Body::Answer { accept, offer } => set("answer", json!({ "accept": accept, "offer": to_hex(offer) })),
        Body::Signals(signals) => {
            set("signals", signals.iter().map(|signal: &Struct| shown(signal)).collect::<Vec<_>>().into())
        }
    };
    members.into()
}
