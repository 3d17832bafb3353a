//! Signalling over gRPC: the same board, without dxRPC.

use std::pin::Pin;
use std::sync::Arc;

use dxos_proto::dxos::mesh::signal::signal_server::Signal;
use dxos_proto::dxos::mesh::signal::{JoinRequest, Message, ReceptionRequest, SwarmEvent};
use dxos_proto::prost::Message as _;
use dxos_reference::kube::signal::{CloseReason, Refusal, StreamId};
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use crate::connection::Connection;
use crate::kube::{Kube, stopped};
use crate::signalling::client::{Carried, Client, StreamSource, stream};

/// The service.
#[derive(Clone)]
pub struct SignalService(pub Arc<Kube>);

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl Signal for SignalService {
    type JoinStream = Answers<SwarmEvent>;
    type ReceiveMessagesStream = Answers<Message>;

    async fn join(&self, request: Request<JoinRequest>) -> Result<Response<Self::JoinStream>, Status> {
        let Self(kube) = self;
        let connection = crate::grpc::connection(&request)?;
        let (sink, source) = stream(kube.room.frames);
        let mut board = kube.board();
        let socket = connection.socket(&mut board);
        let id = board
            .join(socket, request.get_ref(), Client::Stream(sink), kube.now())
            .map_err(|refusal| status(&refusal))?;
        drop(board);
        Ok(Response::new(answers(kube.clone(), connection, id, source, |carried| match carried {
            Carried::Event(event) => Some(event),
            Carried::Message(_) => None,
        })))
    }

    async fn receive_messages(
        &self,
        request: Request<ReceptionRequest>,
    ) -> Result<Response<Self::ReceiveMessagesStream>, Status> {
        let Self(kube) = self;
        let connection = crate::grpc::connection(&request)?;
        let (sink, source) = stream(kube.room.frames);
        let mut board = kube.board();
        let socket = connection.socket(&mut board);
        let id = board
            .subscribe(socket, &request.get_ref().peer, Client::Stream(sink), kube.now())
            .map_err(|refusal| status(&refusal))?;
        drop(board);
        Ok(Response::new(answers(kube.clone(), connection, id, source, |carried| match carried {
            Carried::Message(message) => Some(*message),
            Carried::Event(_) => None,
        })))
    }

    async fn send_message(&self, request: Request<Message>) -> Result<Response<()>, Status> {
        let Self(kube) = self;
        let connection = crate::grpc::connection(&request)?;
        let mut board = kube.board();
        let socket = connection.socket(&mut board);
        let sent = board.send(socket, &request.get_ref().encode_to_vec(), kube.now());
        sent.map(Response::new).map_err(|refusal| status(&refusal))
    }
}

/// Ends the stream on the board when the client no longer listens.
struct Listening {
    kube: Arc<Kube>,
    /// Held so that the connection's socket lives as long as its streams.
    _connection: Arc<Connection>,
    id: StreamId,
    source: StreamSource,
    stop: watch::Receiver<bool>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.kube.board().leave(self.id);
    }
}

fn answers<T: Send + 'static>(
    kube: Arc<Kube>,
    connection: Arc<Connection>,
    id: StreamId,
    source: StreamSource,
    pick: fn(Carried) -> Option<T>,
) -> Answers<T> {
    let stop = kube.stopping.subscribe();
    let listening = Listening { kube, _connection: connection, id, source, stop };
    Box::pin(unfold(Some(listening), move |listening| async move {
        let mut listening = listening?;
        loop {
            let next = tokio::select! {
                biased;
                next = listening.source.next() => next,
                () = stopped(&mut listening.stop) => Err(CloseReason::Closed),
            };
            match next {
                Ok(carried) => {
                    if let Some(item) = pick(carried) {
                        return Some((Ok(item), Some(listening)));
                    }
                }
                Err(reason) => return Some((Err(ended(reason)), None)),
            }
        }
    }))
}

/// Why a stream has ended.
fn ended(reason: CloseReason) -> Status {
    match reason {
        CloseReason::Slow => Status::resource_exhausted("the client does not read what it is sent"),
        CloseReason::Dead => Status::unavailable("the client was silent for too long"),
        CloseReason::Malformed => Status::invalid_argument("a frame that is no message"),
        CloseReason::Closed => Status::unavailable("the server stops"),
    }
}

/// A refusal as gRPC says it; the name of dxRPC goes along (KUBE-GRPC-006).
fn status(refusal: &Refusal) -> Status {
    let text = refusal.to_string();
    let mut status = match refusal {
        Refusal::Limit(_) => Status::resource_exhausted(text),
        Refusal::Malformed(_) => Status::invalid_argument(text),
        Refusal::Unproved { .. } => Status::unauthenticated(text),
        Refusal::Closed => Status::unavailable(text),
    };
    crate::grpc::name(&mut status, refusal.name());
    if let Refusal::Unproved { challenge } = refusal
        && let Ok(value) = hex::encode(challenge).parse()
    {
        status.metadata_mut().insert("dxos-challenge", value);
    }
    status
}
