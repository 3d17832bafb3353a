//! dxRPC on one WebSocket of signalling.

use std::collections::BTreeMap;

use dxos_proto::dxos::mesh::signal::{JoinRequest, ReceptionRequest, SwarmEvent, swarm_event};
use dxos_proto::prost::Message as _;
use dxos_reference::kube::signal::{Board, CloseReason, Full, Item, Refusal, Sink, SocketId, StreamId};
use dxos_reference::mesh::rpc::{Event, Output, Payload, Peer, RpcError, Settings, encode_item};

use super::client::timestamp;

/// The bounded queue of one WebSocket.
pub trait Outbox: Clone {
    /// Puts a binary frame in.
    fn send(&self, frame: Vec<u8>) -> Result<(), Full>;
    /// Ends the connection.
    fn close(&self, reason: CloseReason);
}

/// A stream on a WebSocket.
#[derive(Clone, Debug)]
pub struct WireSink<O> {
    id: i32,
    outbox: O,
}

impl<O: Outbox> Sink for WireSink<O> {
    fn deliver(&self, item: Item<'_>) -> Result<(), Full> {
        let event = |event| SwarmEvent { event: Some(event) }.encode_to_vec();
        self.outbox.send(match item {
            Item::Ready => {
                let mut frame = vec![0x12, 0, 0x08];
                dxos_proto::prost::encoding::encode_varint(self.id as u64, &mut frame);
                frame.extend([0x28, 1]);
                let length = frame.len() - 2;
                if let Some(place) = frame.get_mut(1) {
                    *place = length as u8;
                }
                frame
            }
            Item::Available { peer, since, until } => {
                let event = event(swarm_event::Event::PeerAvailable(swarm_event::PeerAvailable {
                    peer: peer.to_vec(),
                    since: Some(timestamp(since)),
                    until: until.map(timestamp),
                    announce_back_to_host: None,
                }));
                encode_item(self.id, "dxos.mesh.signal.SwarmEvent", &event)
            }
            Item::Left { peer } => {
                let event =
                    event(swarm_event::Event::PeerLeft(swarm_event::PeerLeft { peer: peer.to_vec() }));
                encode_item(self.id, "dxos.mesh.signal.SwarmEvent", &event)
            }
            Item::Message(bytes) => encode_item(self.id, "dxos.mesh.signal.Message", bytes),
        })
    }

    fn close(&self, reason: CloseReason) {
        self.outbox.close(reason);
    }
}

/// A frame of a client.
#[derive(Clone, Copy, Debug)]
pub enum Frame<'a> {
    /// A binary frame.
    Binary(&'a [u8]),
    /// A text frame.
    Text(&'a str),
}

/// One WebSocket.
pub struct SignalSocket<O> {
    id: SocketId,
    peer: Peer,
    outbox: O,
    streams: BTreeMap<i32, StreamId>,
}

impl<O: Outbox> SignalSocket<O> {
    /// A client has connected.
    pub fn new<S: Sink + From<WireSink<O>>>(board: &mut Board<S>, outbox: O, now: u64) -> Self {
        let id = board.open(now);
        board.attach(id, WireSink { id: 0, outbox: outbox.clone() }.into());
        let settings = Settings { handshake: false, ..Settings::default() };
        Self { id, peer: Peer::new(settings, now), outbox, streams: BTreeMap::new() }
    }

    /// Takes a frame.
    pub fn receive<S: Sink + From<WireSink<O>>>(&mut self, board: &mut Board<S>, frame: Frame<'_>, now: u64) {
        board.alive(self.id, now);
        match frame {
            Frame::Text("__ping__") => board.pinged(self.id, now),
            Frame::Text(_) => {}
            Frame::Binary(bytes) => self.peer.receive(bytes, now),
        }
        while let Some(output) = self.peer.poll() {
            match output {
                Output::Send(frame) => {
                    if self.outbox.send(frame).is_err() {
                        self.outbox.close(CloseReason::Slow);
                    }
                }
                Output::Event(event) => self.event(board, event, now),
            }
        }
    }

    fn event<S: Sink + From<WireSink<O>>>(&mut self, board: &mut Board<S>, event: Event, now: u64) {
        match event {
            Event::Request { id, method, payload, stream } => {
                let sink = || WireSink { id, outbox: self.outbox.clone() }.into();
                let bad = |_| Refusal::Malformed("not decodable");
                let began = match (method.as_str(), stream) {
                    ("dxos.mesh.signal.Signal.SendMessage", false) => {
                        let sent = board.send(self.id, &payload, now);
                        self.peer.answer(id, sent.map(|()| Payload::empty()).map_err(error));
                        return;
                    }
                    ("dxos.mesh.signal.Signal.Join", true) => JoinRequest::decode(payload.as_slice())
                        .map_err(bad)
                        .and_then(|request| board.join(self.id, &request, sink(), now)),
                    ("dxos.mesh.signal.Signal.ReceiveMessages", true) => {
                        ReceptionRequest::decode(payload.as_slice())
                            .map_err(bad)
                            .and_then(|request| board.subscribe(self.id, &request.peer, sink(), now))
                    }
                    _ => Err(Refusal::Malformed("no such method")),
                };
                match began {
                    Ok(stream) => {
                        self.streams.insert(id, stream);
                    }
                    Err(refusal) if stream => {
                        self.peer.end(id, Err(error(refusal)));
                    }
                    Err(refusal) => {
                        self.peer.answer(id, Err(error(refusal)));
                    }
                }
            }
            Event::Cancelled { id } => {
                if let Some(stream) = self.streams.remove(&id) {
                    board.leave(stream);
                }
            }
            Event::Malformed => self.outbox.close(CloseReason::Malformed),
            _ => {}
        }
    }

    /// The connection is gone.
    pub fn closed<S: Sink>(&mut self, board: &mut Board<S>, _now: u64) {
        board.drop_socket(self.id);
    }
}

fn error(refusal: Refusal) -> RpcError {
    RpcError::named(refusal.name(), refusal.to_string())
}
