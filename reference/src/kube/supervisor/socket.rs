//! dxRPC on one socket of the supervisor.

use std::collections::VecDeque;

use dxos_proto::dxos::service::supervisor::{SetConfigRequest, SetConfigResponse};
use dxos_proto::prost::Message as _;

use super::{SocketId, Supervisor, Ticket, code};
use crate::Reject;
use crate::kube::token::Claims;
use crate::mesh::rpc::{Event, Limits, Output as Sent, Payload, Peer, RpcError, Service, Services, Settings};

/// Bytes of the longest message that a client may send.
const LONGEST: usize = 64 << 10;

/// The methods (KUBE-SUP-001).
const SERVED: Services<'_> = Services(&[Service {
    name: "dxos.service.supervisor.Supervisor",
    methods: &[
        ("Authenticate", false),
        ("InitAuthSequence", false),
        ("GetConfig", false),
        ("SetConfig", false),
        ("Status", false),
    ],
}]);

/// What a socket wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send a binary frame.
    Send(Vec<u8>),
    /// Close the socket.
    Close,
}

/// One WebSocket on the path of the supervisor.
///
/// After each call: carry out all of [`Self::poll`], then all of [`Supervisor::poll`]; hand the outcome of a change of
/// the configuration ([`Supervisor::stored`]) to every socket by [`Self::stored`].
#[derive(Debug)]
pub struct SupervisorSocket {
    id: SocketId,
    peer: Peer,
    /// Changes that wait to be stored, with the requests that asked for them.
    waiting: Vec<(Ticket, i32)>,
    outputs: VecDeque<Output>,
}

impl SupervisorSocket {
    /// A socket that has just been opened, with what the token says that it was opened with.
    pub fn new(supervisor: &mut Supervisor, claims: Option<Claims>, now: u64) -> Self {
        let limits = Limits { message: LONGEST, requests: 16, streams: 0 };
        let peer = Peer::new(Settings { handshake: false, timeout: 0, limits }, now);
        Self { id: supervisor.open(claims), peer, waiting: Vec::new(), outputs: VecDeque::new() }
    }

    /// Takes a binary frame, with 32 random bytes that are used for nothing else.
    pub fn receive(&mut self, supervisor: &mut Supervisor, frame: &[u8], random: &[u8; 32], now: u64) {
        self.peer.receive(frame, now);
        while let Some(output) = self.peer.poll() {
            match output {
                Sent::Send(frame) => self.outputs.push_back(Output::Send(frame)),
                Sent::Event(Event::Request { id, method, payload, stream }) => {
                    match self.carry_out(supervisor, id, &method, &payload, stream, random, now) {
                        Some(Ok(payload)) => self.answer(id, Ok(payload)),
                        Some(Err(error)) => self.fail(id, stream, error),
                        None => {}
                    }
                }
                Sent::Event(Event::Malformed | Event::Closed) => self.outputs.push_back(Output::Close),
                Sent::Event(_) => {}
            }
        }
    }

    /// Takes the outcome of a change; one that another socket asked for is passed over.
    pub fn stored(&mut self, ticket: Ticket, outcome: &Result<SetConfigResponse, Reject>) {
        let Some(at) = self.waiting.iter().position(|(waiting, _)| *waiting == ticket) else { return };
        let (_, id) = self.waiting.remove(at);
        let answer = match outcome {
            Ok(response) => Ok(payload("SetConfigResponse", response.encode_to_vec())),
            Err(reject) => Err(error(reject)),
        };
        self.answer(id, answer);
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The socket is gone.
    pub fn closed(&mut self, supervisor: &mut Supervisor) {
        supervisor.closed(self.id);
    }

    /// The answer of a request; none yet where something is to be stored first.
    #[allow(clippy::too_many_arguments)] // The members of a request, and what a handler needs.
    fn carry_out(
        &mut self,
        supervisor: &mut Supervisor,
        id: i32,
        method: &str,
        request: &[u8],
        stream: bool,
        random: &[u8; 32],
        now: u64,
    ) -> Option<Result<Payload, RpcError>> {
        let method = alter!(KUBE_SUP_001, method,
            "the service is served under another name" =>
                &method.replace("dxos.service.supervisor.", "dxos.supervisor."));
        let name = match SERVED.find(method, stream) {
            Ok((_, name)) => name,
            Err(error) => {
                alter!(KUBE_SUP_002, (), "a method that there is not ends the socket" =>
                    self.outputs.push_back(Output::Close));
                return Some(Err(error));
            }
        };
        let half = random.first_chunk::<16>().copied().unwrap_or_default();
        let answer = match name {
            "InitAuthSequence" => Ok(payload(
                "InitAuthSequenceResponse",
                supervisor.init_auth_sequence(self.id, random, now).encode_to_vec(),
            )),
            "Authenticate" => supervisor
                .authenticate(self.id, request, &half, now)
                .map(|answer| payload("AuthenticateResponse", answer.encode())),
            "Status" => {
                supervisor.status(self.id, now).map(|services| payload("Services", services.encode_to_vec()))
            }
            "GetConfig" => supervisor
                .get_config(self.id, now)
                .map(|config| payload("GetConfigResponse", config.encode_to_vec())),
            _ => match decoded(request).and_then(|request| supervisor.set_config(self.id, &request, now)) {
                Ok(ticket) => {
                    self.waiting.push((ticket, id));
                    return alter!(KUBE_SUP_006, None, "a change is answered before it is stored" => {
                        self.waiting.pop();
                        let config = decoded(request).ok().and_then(|request| request.config);
                        Some(Ok(payload("SetConfigResponse", SetConfigResponse { config }.encode_to_vec())))
                    });
                }
                Err(reject) => Err(reject),
            },
        };
        Some(answer.map_err(|reject| error(&reject)))
    }

    fn answer(&mut self, id: i32, answer: Result<Payload, RpcError>) {
        self.peer.answer(id, answer);
        self.drain();
    }

    fn fail(&mut self, id: i32, stream: bool, error: RpcError) {
        if stream {
            self.peer.end(id, Err(error));
            self.drain();
        } else {
            self.answer(id, Err(error));
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.peer.poll() {
            if let Sent::Send(frame) = output {
                self.outputs.push_back(Output::Send(frame));
            }
        }
    }
}

fn payload(name: &str, value: Vec<u8>) -> Payload {
    Payload::new(&format!("dxos.service.supervisor.{name}"), value)
}

fn decoded(request: &[u8]) -> Result<SetConfigRequest, Reject> {
    SetConfigRequest::decode(request).or_else(|_| {
        refuse!(KUBE_SUP_003, DecodeWireType, "the request does not decode")?;
        Ok(SetConfigRequest::default())
    })
}

fn error(reject: &Reject) -> RpcError {
    let (name, message) = code(reject);
    RpcError::named(name, message)
}
