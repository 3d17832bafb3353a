//! dxRPC on one WebSocket of signalling.

use std::collections::BTreeMap;

use dxos_proto::dxos::mesh::signal::{JoinRequest, ReceptionRequest, SwarmEvent, swarm_event};
use dxos_proto::dxos::rpc::{Response, RpcMessage, response, rpc_message};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::{Struct, Timestamp, Value, value::Kind};

use super::{Board, CloseReason, Full, Item, Refusal, Sink, SocketId, StreamId};
use crate::keys::to_hex;
use crate::mesh::rpc::{
    Event, Limits, Output, Payload, Peer, RpcError, Service, Services, Settings, encode_item,
};

/// The methods (KUBE-END-017).
const SERVED: Services<'_> = Services(&[Service {
    name: "dxos.mesh.signal.Signal",
    methods: &[("Join", true), ("ReceiveMessages", true), ("SendMessage", false)],
}]);

/// Bytes that a request may have beside the message in it.
const AROUND: usize = 64 << 10;

/// The text frame by which deployed clients show that they are alive.
const PING: &str = "__ping__";

/// The bounded queue of one WebSocket.
pub trait Outbox: Clone {
    /// Puts a binary frame in.
    ///
    /// # Errors
    /// [`Full`] if there is no room.
    fn send(&self, frame: Vec<u8>) -> Result<(), Full>;

    /// Ends the connection.
    fn close(&self, reason: CloseReason);
}

/// A stream on a WebSocket: each item in a message of dxRPC, with the id of the request.
#[derive(Clone, Debug)]
pub struct WireSink<O> {
    id: i32,
    outbox: O,
}

impl<O: Outbox> Sink for WireSink<O> {
    fn deliver(&self, item: Item<'_>) -> Result<(), Full> {
        let event = |event| {
            let event = SwarmEvent { event: Some(event) }.encode_to_vec();
            encode_item(self.id, "dxos.mesh.signal.SwarmEvent", &event)
        };
        self.outbox.send(match item {
            Item::Ready => response(self.id, response::Content::StreamReady(true)),
            Item::Available { peer, since, until } => {
                event(swarm_event::Event::PeerAvailable(swarm_event::PeerAvailable {
                    peer: peer.to_vec(),
                    since: alter!(KUBE_SIG_012, Some(timestamp(since)),
                        "an announcement does not say since when" => None),
                    until: until.map(timestamp),
                    announce_back_to_host: None,
                }))
            }
            Item::Left { peer } => {
                event(swarm_event::Event::PeerLeft(swarm_event::PeerLeft { peer: peer.to_vec() }))
            }
            Item::Message(bytes) => {
                let write = |bytes: &[u8]| encode_item(self.id, "dxos.mesh.signal.Message", bytes);
                alter!(KUBE_SIG_016, write(bytes),
                    "a message is written anew" => write(&rewritten(bytes, |_| ())),
                    "the type of a payload is given a dot" => write(&rewritten(bytes, |message| {
                        message.payload.iter_mut().for_each(|any| any.type_url.insert(0, '.'));
                    })),
                    "metadata of a message are lost" => write(&rewritten(bytes, |message| message.metadata = None)))
            }
        })
    }

    fn close(&self, reason: CloseReason) {
        self.outbox.close(reason);
    }
}

fn response(id: i32, content: response::Content) -> Vec<u8> {
    let response = Response { id, content: Some(content) };
    RpcMessage { content: Some(rpc_message::Content::Response(response)) }.encode_to_vec()
}

fn timestamp(ms: u64) -> Timestamp {
    Timestamp {
        seconds: i64::try_from(ms / 1000).unwrap_or(i64::MAX),
        nanos: i32::try_from(ms % 1000).unwrap_or_default() * 1_000_000,
    }
}

/// What becomes of a message that is decoded on its way.
#[cfg(feature = "mutants")]
fn rewritten(bytes: &[u8], change: impl Fn(&mut dxos_proto::dxos::mesh::signal::Message)) -> Vec<u8> {
    let mut message = dxos_proto::dxos::mesh::signal::Message::decode(bytes).unwrap_or_default();
    change(&mut message);
    message.encode_to_vec()
}

/// A frame of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A binary frame.
    Binary(&'a [u8]),
    /// A text frame.
    Text(&'a str),
}

/// One WebSocket on the path of signalling.
#[derive(Debug)]
pub struct SignalSocket<O> {
    id: SocketId,
    peer: Peer,
    outbox: O,
    /// The streams by the ids of their requests.
    streams: BTreeMap<i32, StreamId>,
}

impl<O: Outbox> SignalSocket<O> {
    /// A client has connected.
    pub fn new<S: Sink + From<WireSink<O>>>(board: &mut Board<S>, outbox: O, now: u64) -> Self {
        let id = board.open(now);
        board.attach(id, WireSink { id: 0, outbox: outbox.clone() }.into());
        let limits = board.limits();
        let streams = limits.joins.saturating_add(limits.subscriptions).saturating_add(1);
        let message = limits.message_bytes.saturating_add(AROUND);
        let limits = Limits { message, requests: Limits::default().requests, streams };
        let handshake = alter!(KUBE_END_014, false, "the service waits for the handshake of dxRPC" => true);
        let peer = Peer::new(Settings { handshake, timeout: 0, limits }, now);
        Self { id, peer, outbox, streams: BTreeMap::new() }
    }

    /// Takes a frame.
    pub fn receive<S: Sink + From<WireSink<O>>>(&mut self, board: &mut Board<S>, frame: Frame<'_>, now: u64) {
        board.alive(self.id, now);
        match frame {
            Frame::Text(text) => {
                if text == PING {
                    board.pinged(self.id, now);
                }
                alter!(KUBE_END_012, (),
                    "a text frame closes the socket" => self.outbox.close(CloseReason::Malformed),
                    "a ping is answered" => self.outbox.send(vec![0]).unwrap_or_default());
            }
            Frame::Binary(bytes) => self.peer.receive(bytes, now),
        }
        while let Some(output) = self.peer.poll() {
            match output {
                Output::Send(frame) => {
                    if self.outbox.send(frame).is_err() {
                        board.close(self.id, CloseReason::Slow);
                    }
                }
                Output::Event(Event::Request { id, method, payload, stream }) => {
                    if let Err(error) = self.request(board, id, &method, &payload, stream, now) {
                        alter!(KUBE_SIG_034, (), "a refused request closes the socket" =>
                            board.close(self.id, CloseReason::Malformed));
                        self.peer.end(id, Err(error));
                    }
                }
                Output::Event(Event::Cancelled { id }) => {
                    let stream = self.streams.remove(&id);
                    alter!(KUBE_SIG_014, if let Some(stream) = stream { board.leave(stream) },
                    "a stream that the client has ended goes on" => (),
                    "all streams of a socket end with one" =>
                            stream.iter().chain(self.streams.values()).for_each(|stream| board.leave(*stream)));
                }
                Output::Event(Event::Malformed | Event::Closed) => {
                    alter!(KUBE_END_015, (), "bye is sent before a socket is closed" =>
                        self.outbox.send(vec![0x32, 0]).unwrap_or_default());
                    alter!(KUBE_END_013, board.close(self.id, CloseReason::Malformed),
                        "a frame that is no message is passed over" => ());
                }
                Output::Event(_) => {}
            }
        }
    }

    fn request<S: Sink + From<WireSink<O>>>(
        &mut self,
        board: &mut Board<S>,
        id: i32,
        method: &str,
        payload: &[u8],
        stream: bool,
        now: u64,
    ) -> Result<(), RpcError> {
        let (_, method) = alter!(KUBE_END_017, SERVED.find(method, stream)?,
            "every service of the server is on every socket" => ("", method.rsplit('.').next().unwrap_or_default()));
        let sink = || WireSink { id, outbox: self.outbox.clone() }.into();
        let begun = match method {
            "Join" => match JoinRequest::decode(payload) {
                Ok(request) => board.join(self.id, &request, sink(), now),
                Err(_) => return self.undecodable(board, id),
            },
            "ReceiveMessages" => match ReceptionRequest::decode(payload) {
                Ok(request) => board.subscribe(self.id, &request.peer, sink(), now),
                Err(_) => return self.undecodable(board, id),
            },
            _ => {
                board.send(self.id, payload, now).map_err(error)?;
                self.peer.answer(id, Ok(Payload::empty()));
                return Ok(());
            }
        };
        self.streams.insert(id, begun.map_err(error)?);
        alter!(KUBE_SIG_036, (), "a stream ends once it has said who is there" => {
            self.peer.end(id, Ok(()));
        });
        Ok(())
    }

    fn undecodable<S: Sink>(&mut self, board: &mut Board<S>, id: i32) -> Result<(), RpcError> {
        let result = refuse!(KUBE_SIG_028, DecodeWireType, "the request does not decode");
        board.counted(result.map_err(Refusal::from)).map_err(error)?;
        self.peer.ready(id);
        Ok(())
    }

    /// The connection is gone.
    pub fn closed<S: Sink>(&mut self, board: &mut Board<S>, _now: u64) {
        board.drop_socket(self.id);
    }
}

/// A refusal as it travels; where a proof is missing, with the challenge.
fn error(refusal: Refusal) -> RpcError {
    let mut error = RpcError::named(refusal.name(), refusal.to_string());
    if let Refusal::Unproved { challenge } = refusal {
        let value = Value { kind: Some(Kind::StringValue(to_hex(&challenge))) };
        error.context = Some(Struct { fields: [("challenge".to_owned(), value)].into() });
    }
    error
}
