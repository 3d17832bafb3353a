//! Where the board's items go: to a WebSocket or to a stream of gRPC.

use std::sync::Arc;

use dxos_proto::dxos::mesh::signal::{Message, SwarmEvent, swarm_event};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Timestamp;
use dxos_reference::kube::signal::{CloseReason, Full, Item, Outbox as SignalOutbox, Sink, WireSink};
use tokio::sync::{mpsc, watch};

use crate::websocket::outbox::Outbox;

impl SignalOutbox for Outbox {
    fn send(&self, frame: Vec<u8>) -> Result<(), Full> {
        self.binary(&frame)
    }

    fn close(&self, reason: CloseReason) {
        self.end(reason);
    }
}

/// A client's stream.
#[derive(Clone, Debug)]
pub enum Client {
    /// On a WebSocket, in dxRPC.
    Socket(WireSink<Outbox>),
    /// On gRPC.
    Stream(StreamSink),
}

impl From<WireSink<Outbox>> for Client {
    fn from(sink: WireSink<Outbox>) -> Self {
        Self::Socket(sink)
    }
}

impl Sink for Client {
    fn deliver(&self, item: Item<'_>) -> Result<(), Full> {
        match self {
            Self::Socket(sink) => sink.deliver(item),
            Self::Stream(sink) => sink.deliver(item),
        }
    }

    fn close(&self, reason: CloseReason) {
        match self {
            Self::Socket(sink) => sink.close(reason),
            Self::Stream(sink) => sink.close(reason),
        }
    }
}

/// What a stream of gRPC carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Carried {
    /// Of a swarm.
    Event(SwarmEvent),
    /// To a peer.
    Message(Box<Message>),
}

/// The way into a stream of gRPC: a bounded queue.
#[derive(Clone, Debug)]
pub struct StreamSink {
    queue: mpsc::Sender<Carried>,
    end: Arc<watch::Sender<Option<CloseReason>>>,
}

/// The other end.
#[derive(Debug)]
pub struct StreamSource {
    queue: mpsc::Receiver<Carried>,
    end: watch::Receiver<Option<CloseReason>>,
}

/// A stream of gRPC with room for so many items.
pub fn stream(room: usize) -> (StreamSink, StreamSource) {
    let (sender, receiver) = mpsc::channel(room.max(1));
    let (end, ended) = watch::channel(None);
    (StreamSink { queue: sender, end: Arc::new(end) }, StreamSource { queue: receiver, end: ended })
}

impl StreamSink {
    fn deliver(&self, item: Item<'_>) -> Result<(), Full> {
        let carried = match item {
            // The headers of the answer say so.
            Item::Ready => return Ok(()),
            Item::Available { peer, since, until } => {
                Carried::Event(event(swarm_event::Event::PeerAvailable(swarm_event::PeerAvailable {
                    peer: peer.to_vec(),
                    since: Some(timestamp(since)),
                    until: until.map(timestamp),
                    announce_back_to_host: None,
                })))
            }
            Item::Left { peer } => {
                Carried::Event(event(swarm_event::Event::PeerLeft(swarm_event::PeerLeft {
                    peer: peer.to_vec(),
                })))
            }
            // What cannot be read here came through a WebSocket, and is not for this client.
            Item::Message(bytes) => match Message::decode(bytes) {
                Ok(message) => Carried::Message(Box::new(message)),
                Err(_) => return Ok(()),
            },
        };
        self.queue.try_send(carried).map_err(|_| Full)
    }

    fn close(&self, reason: CloseReason) {
        self.end.send_if_modified(|end| {
            let first = end.is_none();
            end.get_or_insert(reason);
            first
        });
    }
}

impl StreamSource {
    /// The next item, or why there is none.
    pub async fn next(&mut self) -> Result<Carried, CloseReason> {
        tokio::select! {
            biased;
            ended = self.end.wait_for(Option::is_some) => {
                Err(ended.ok().and_then(|reason| *reason).unwrap_or(CloseReason::Closed))
            }
            item = self.queue.recv() => item.ok_or(CloseReason::Closed),
        }
    }
}

const fn event(event: swarm_event::Event) -> SwarmEvent {
    SwarmEvent { event: Some(event) }
}

/// Milliseconds, as the schema has them.
pub fn timestamp(ms: u64) -> Timestamp {
    Timestamp {
        seconds: i64::try_from(ms / 1000).unwrap_or(i64::MAX),
        nanos: i32::try_from(ms % 1000).unwrap_or_default() * 1_000_000,
    }
}
