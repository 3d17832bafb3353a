//! The clients of a case over gRPC: each RPC message of a client becomes a call, each answer an RPC message again.
//!
//! What gRPC has no form for, as text frames, bytes that are no message, and paths, is lost on the way: cases about
//! these need WebSockets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dxos_proto::dxos::error::Error;
use dxos_proto::dxos::rpc::{Request, Response, RpcMessage, response, rpc_message};
use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::Any;
use dxos_reference::kube::endpoint::Service;
use dxos_reference::operations::kube::{
    Frame, HttpRequest, HttpResponse, Lost, Network, Open, Opened, Received, Refused,
};
use hyper_util::rt::TokioIo;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Status};

use crate::dial::{DialError, Dialler, FRAMES, PATIENCE};
use crate::keys::Keys;
use crate::raw::Raw;

/// Metadata with the name of an error (KUBE-GRPC-006).
const NAME: &str = "dxos-error";

/// A client's connection.
struct Connection {
    channel: Channel,
    authorization: Option<String>,
    /// Streams by the ids of their requests.
    streams: BTreeMap<i32, AbortHandle>,
    /// Taken by one call after the other: who wants an order in gRPC waits for the answers.
    turn: Arc<Mutex<()>>,
    tell: UnboundedSender<Said>,
    said: UnboundedReceiver<Said>,
    open: bool,
}

/// What comes from calls.
enum Said {
    Message(RpcMessage),
    /// The connection is gone.
    Gone,
}

/// The connections of one session.
pub(crate) struct Calls {
    keys: Keys,
    connections: BTreeMap<String, Connection>,
    dialler: Arc<Dialler>,
    quiet: Duration,
    // The last, as the others are dropped in it.
    runtime: Arc<Runtime>,
}

impl Calls {
    pub(crate) fn new(dialler: Arc<Dialler>, runtime: Arc<Runtime>) -> Self {
        let quiet = dialler.address().quiet;
        Self { keys: Keys::default(), connections: BTreeMap::new(), dialler, quiet, runtime }
    }
}

/// Sees whether there is a KUBE: a message to nobody gets its empty answer.
pub(crate) async fn look(dialler: &Dialler) -> Result<(), DialError> {
    let at = dialler.address().authority();
    let channel = connect(dialler).await?;
    let recipient = dxos_proto::dxos::mesh::signal::Message {
        author: vec![0; 32],
        recipient: vec![0; 32],
        ..Default::default()
    };
    let path = PathAndQuery::from_static("/dxos.mesh.signal.Signal/SendMessage");
    let asked = unary(channel, path, recipient.encode_to_vec(), None);
    match timeout(PATIENCE, asked).await {
        Err(_) => Err(DialError::Silent(at)),
        Ok(Ok(_)) => Ok(()),
        // It was understood.
        Ok(Err(status)) if matches!(status.code(), Code::InvalidArgument | Code::ResourceExhausted) => Ok(()),
        Ok(Err(status)) => Err(DialError::NoService(at, status.message().to_owned())),
    }
}

async fn connect(dialler: &Dialler) -> Result<Channel, DialError> {
    let at = dialler.address().authority();
    // The connector knows about TLS.
    let endpoint = Endpoint::from_shared(format!("http://{at}"))
        .map_err(|error| DialError::Unreachable(at.clone(), error.to_string()))?;
    // One connection for each client, made at once: what is wrong with it is said here.
    let stream = dialler.connect().await?;
    let mut once = Some(TokioIo::new(stream));
    let connector = tower::service_fn(move |_: Uri| {
        let stream = once.take().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotConnected));
        async move { stream }
    });
    match timeout(PATIENCE, endpoint.connect_with_connector(connector)).await {
        Err(_) => Err(DialError::Silent(at)),
        Ok(Err(error)) => Err(DialError::NoService(at, error.to_string())),
        Ok(Ok(channel)) => Ok(channel),
    }
}

fn request(value: Vec<u8>, authorization: Option<&str>) -> tonic::Request<Vec<u8>> {
    let mut request = tonic::Request::new(value);
    if let Some(value) = authorization.and_then(|value| value.parse().ok()) {
        request.metadata_mut().insert("authorization", value);
    }
    request
}

async fn unary(
    channel: Channel,
    path: PathAndQuery,
    value: Vec<u8>,
    authorization: Option<String>,
) -> Result<Vec<u8>, Status> {
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let answer = client.unary(request(value, authorization.as_deref()), path, Raw).await?;
    Ok(answer.into_inner())
}

/// Carries out a stream and tells what comes.
async fn stream(
    channel: Channel,
    path: PathAndQuery,
    id: i32,
    value: Vec<u8>,
    authorization: Option<String>,
    tell: UnboundedSender<Said>,
) {
    let mut client = Grpc::new(channel);
    let started = async {
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        client.server_streaming(request(value, authorization.as_deref()), path, Raw).await
    };
    let mut items = match started.await {
        Ok(answer) => answer.into_inner(),
        Err(status) => return fail(&tell, id, &status),
    };
    say(&tell, id, response::Content::StreamReady(true));
    loop {
        match items.message().await {
            Ok(Some(value)) => say(&tell, id, payload(value)),
            Ok(None) => return say(&tell, id, response::Content::Close(true)),
            Err(status) => return fail(&tell, id, &status),
        }
    }
}

fn payload(value: Vec<u8>) -> response::Content {
    response::Content::Payload(Any { type_url: String::new(), value })
}

/// Who does not listen any more has closed the connection.
fn say(tell: &UnboundedSender<Said>, id: i32, content: response::Content) {
    let content = rpc_message::Content::Response(Response { id, content: Some(content) });
    drop(tell.send(Said::Message(RpcMessage { content: Some(content) })));
}

fn fail(tell: &UnboundedSender<Said>, id: i32, status: &Status) {
    if status.code() == Code::Unavailable {
        drop(tell.send(Said::Gone));
        return;
    }
    let name = status.metadata().get(NAME).and_then(|name| name.to_str().ok());
    let error = Error {
        name: Some(name.unwrap_or("Error").to_owned()),
        message: Some(status.message().to_owned()),
        ..Error::default()
    };
    say(tell, id, response::Content::Error(error));
}

impl Connection {
    fn new(channel: Channel, authorization: Option<String>) -> Self {
        let (tell, said) = unbounded_channel();
        let turn = Arc::default();
        Self { channel, authorization, streams: BTreeMap::new(), turn, tell, said, open: true }
    }

    fn call(&mut self, runtime: &Runtime, request: Request) {
        let Request { id, method, payload: argument, stream: is_stream } = request;
        let value = argument.unwrap_or_default().value;
        let path = method.rsplit_once('.').map(|(service, method)| format!("/{service}/{method}"));
        let Some(path) = path.and_then(|path| path.parse::<PathAndQuery>().ok()) else {
            return fail(&self.tell, id, &Status::unimplemented("no such method"));
        };
        let (channel, authorization, tell) =
            (self.channel.clone(), self.authorization.clone(), self.tell.clone());
        let task = if is_stream {
            runtime.spawn(stream(channel, path, id, value, authorization, tell))
        } else {
            let turn = Arc::clone(&self.turn);
            runtime.spawn(async move {
                let _turn = turn.lock().await;
                match unary(channel, path, value, authorization).await {
                    Ok(value) => say(&tell, id, payload(value)),
                    Err(status) => fail(&tell, id, &status),
                }
            })
        };
        if is_stream {
            self.streams.insert(id, task.abort_handle());
        }
    }

    /// Takes what comes until `deadline`, or until there are so many messages.
    async fn wait(&mut self, enough: Option<usize>, deadline: Instant, keys: &Keys, received: &mut Received) {
        while enough.is_none_or(|enough| received.frames.len() < enough) && self.open {
            match timeout_at(deadline, self.said.recv()).await {
                Ok(Some(Said::Message(message))) => received.frames.push(keys.back(&message.encode_to_vec())),
                Ok(Some(Said::Gone) | None) => self.open = false,
                Err(_) => return,
            }
        }
    }
}

impl Network for Calls {
    fn begin(&mut self, keys: &[Vec<u8>]) {
        self.keys = Keys::draw(keys);
    }

    fn operator(&mut self, seed: &[u8]) -> Vec<u8> {
        self.dialler.address().operator.clone().unwrap_or_else(|| seed.to_vec())
    }

    fn open(&mut self, socket: &str, request: &Open) -> Result<Opened, Refused> {
        if !Service::ALL.iter().any(|service| service.path() == request.path) {
            return Err(Refused { status: 0 });
        }
        let channel = self.runtime.block_on(connect(&self.dialler)).map_err(|_| Refused { status: 0 })?;
        let connection = Connection::new(channel, request.authorization.clone());
        self.connections.insert(socket.to_owned(), connection);
        Ok(Opened { protocol: None })
    }

    fn send(&mut self, socket: &str, frame: Frame) -> Result<(), Lost> {
        let Self { keys, runtime, connections, .. } = self;
        let connection = connections.get_mut(socket).filter(|connection| connection.open).ok_or(Lost)?;
        let Frame::Binary(bytes) = frame else { return Ok(()) };
        match RpcMessage::decode(keys.out(&bytes).as_slice()).map(|message| message.content) {
            Ok(Some(rpc_message::Content::Request(request))) => {
                connection.call(runtime, request);
                // So that calls begin in the order of the requests.
                runtime.block_on(tokio::task::yield_now());
            }
            Ok(Some(rpc_message::Content::StreamClose(close))) => {
                if let Some(stream) = connection.streams.remove(&close.id) {
                    stream.abort();
                    // gRPC has no answer to a cancelled call.
                    say(&connection.tell, close.id, response::Content::Close(true));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn receive(&mut self, socket: &str, count: usize) -> Result<Received, Lost> {
        let Self { keys, runtime, connections, quiet, .. } = self;
        let connection = connections.get_mut(socket).ok_or(Lost)?;
        let mut received = Received::default();
        runtime.block_on(async {
            connection.wait(Some(count), Instant::now() + FRAMES, keys, &mut received).await;
            connection.wait(None, Instant::now() + *quiet, keys, &mut received).await;
        });
        received.open = connection.open;
        Ok(received)
    }

    fn close(&mut self, socket: &str, _abrupt: bool) {
        let Some(connection) = self.connections.get_mut(socket) else { return };
        for (_, stream) in std::mem::take(&mut connection.streams) {
            stream.abort();
        }
        connection.open = false;
        // What was aborted goes when the runtime runs.
        self.runtime.block_on(tokio::task::yield_now());
    }

    fn http(&mut self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::default()
    }
}
