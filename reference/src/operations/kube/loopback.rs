//! A KUBE in this process, without sockets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::administration::{self, Decided};
use super::{
    Frame, HttpRequest, HttpResponse, Lost, Network, Open, Opened, Received, Refused, Unsupported, supervisor,
};
use crate::kube::capability::Capabilities;
use crate::kube::endpoint::{Denied, Request, Service};
use crate::kube::signal::{self, Board, CloseReason, Full, Limits, Outbox, SignalSocket, WireSink};
use crate::kube::supervisor::{Effect, Output, Supervisor, SupervisorSocket};

/// When the clock begins: 2024-01-02T03:04:06.000Z, just after the credentials of the cases were issued.
const BEGIN: u64 = 1_704_164_646_000;

/// Frames that one socket may be behind, unless `kube.configure` says otherwise.
const ROOM: usize = 65_536;

/// What a socket has not been asked for yet.
#[derive(Debug, Default)]
struct State {
    frames: Vec<Vec<u8>>,
    closed: bool,
}

/// The queue of one socket.
#[derive(Clone, Debug)]
struct Queue {
    state: Arc<Mutex<State>>,
    room: usize,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox for Queue {
    fn send(&self, frame: Vec<u8>) -> Result<(), Full> {
        let mut state = self.lock();
        if state.closed {
            return Ok(());
        }
        if state.frames.len() >= self.room {
            return Err(Full);
        }
        state.frames.push(frame);
        Ok(())
    }

    fn close(&self, _: CloseReason) {
        self.lock().closed = true;
    }
}

#[derive(Debug)]
enum Served {
    Signal(Box<SignalSocket<Queue>>),
    Supervisor(Box<SupervisorSocket>),
}

/// A KUBE and its sockets.
#[derive(Debug)]
pub(in super::super) struct Loopback {
    now: u64,
    board: Board<WireSink<Queue>>,
    supervisor: Option<Supervisor>,
    decided: Decided,
    sockets: BTreeMap<String, (Served, Queue)>,
    /// Tokens that count, beside those of the supervisor.
    tokens: Vec<String>,
    room: usize,
    /// How much randomness was used up.
    drawn: u64,
}

impl Default for Loopback {
    fn default() -> Self {
        Self {
            now: BEGIN,
            board: Board::new(Limits::default()),
            supervisor: administration::supervisor(),
            decided: Decided { operator: None, stores: true },
            sockets: BTreeMap::new(),
            tokens: Vec::new(),
            room: ROOM,
            drawn: 0,
        }
    }
}

impl Loopback {
    fn admits(&self, token: &str) -> bool {
        let known = self.tokens.iter().any(|known| known == token);
        known || self.supervisor.as_ref().is_some_and(|known| known.verify_token(token, self.now).is_ok())
    }

    fn request<T>(open: &Open, upgrade: bool, decide: impl FnOnce(Request<'_>) -> T) -> T {
        let protocols: Vec<&str> = open.protocols.iter().map(String::as_str).collect();
        let (target, authorization) = (open.path.as_str(), open.authorization.as_deref());
        decide(Request { target, upgrade, protocols: &protocols, authorization })
    }

    /// Does what a socket of the supervisor wants done.
    fn serve_supervisor(&mut self, socket: &str) {
        let Some(supervisor) = &mut self.supervisor else { return };
        while let Some(effect) = supervisor.poll() {
            let Effect::Store { ticket, .. } = effect else { continue };
            let Some(outcome) = supervisor.stored(ticket, self.decided.stores) else { continue };
            for (served, _) in self.sockets.values_mut() {
                if let Served::Supervisor(other) = served {
                    other.stored(ticket, &outcome);
                }
            }
        }
        if let Some((Served::Supervisor(served), queue)) = self.sockets.get_mut(socket) {
            while let Some(output) = served.poll() {
                match output {
                    Output::Send(frame) => queue.send(frame).unwrap_or_default(),
                    Output::Close => queue.close(CloseReason::Malformed),
                }
            }
        }
    }
}

impl Network for Loopback {
    fn operator(&mut self, seed: &[u8]) -> Vec<u8> {
        if let (Some(supervisor), Ok(identity)) = (&mut self.supervisor, supervisor::identity(seed)) {
            supervisor.allow(identity.clone(), Capabilities::everything());
            self.decided.operator = Some(identity);
        }
        seed.to_vec()
    }

    fn open(&mut self, socket: &str, request: &Open) -> Result<Opened, Refused> {
        let admitted = Self::request(request, true, |asked| asked.admit(|token| self.admits(token)));
        let admitted = admitted.map_err(|denied: Denied| Refused { status: denied.status() })?;
        let queue = Queue { state: Arc::default(), room: self.room };
        let served = match (admitted.service, &mut self.supervisor) {
            (Service::Supervisor, Some(supervisor)) => {
                let claims = admitted.token.and_then(|token| supervisor.verify_token(&token, self.now).ok());
                Served::Supervisor(Box::new(SupervisorSocket::new(supervisor, claims, self.now)))
            }
            _ => Served::Signal(Box::new(SignalSocket::new(&mut self.board, queue.clone(), self.now))),
        };
        self.close(socket, true);
        self.sockets.insert(socket.to_owned(), (served, queue));
        Ok(Opened { protocol: admitted.protocol })
    }

    fn send(&mut self, socket: &str, frame: Frame) -> Result<(), Lost> {
        let (served, queue) = self.sockets.get_mut(socket).ok_or(Lost)?;
        if queue.lock().closed {
            return Err(Lost);
        }
        match (served, &frame) {
            (Served::Signal(served), Frame::Binary(bytes)) => {
                served.receive(&mut self.board, signal::Frame::Binary(bytes), self.now);
            }
            (Served::Signal(served), Frame::Text(text)) => {
                served.receive(&mut self.board, signal::Frame::Text(text), self.now);
            }
            (Served::Supervisor(served), Frame::Binary(bytes)) => {
                self.drawn += 1;
                let random = Sha256::digest(self.drawn.to_be_bytes()).into();
                if let Some(supervisor) = &mut self.supervisor {
                    served.receive(supervisor, bytes, &random, self.now);
                }
                self.serve_supervisor(socket);
            }
            (Served::Supervisor(_), Frame::Text(_)) => {}
        }
        Ok(())
    }

    fn receive(&mut self, socket: &str, _: usize) -> Result<Received, Lost> {
        let (_, queue) = self.sockets.get(socket).ok_or(Lost)?;
        let mut state = queue.lock();
        Ok(Received { frames: std::mem::take(&mut state.frames), texts: Vec::new(), open: !state.closed })
    }

    fn close(&mut self, socket: &str, _: bool) {
        let Some((served, queue)) = self.sockets.get_mut(socket) else { return };
        queue.close(CloseReason::Closed);
        match served {
            Served::Signal(served) => served.closed(&mut self.board, self.now),
            Served::Supervisor(served) => {
                if let Some(supervisor) = &mut self.supervisor {
                    served.closed(supervisor);
                }
            }
        }
    }

    fn advance(&mut self, ms: u64) -> Result<(), Unsupported> {
        self.now = self.now.saturating_add(ms);
        self.board.tick(self.now);
        Ok(())
    }

    fn configure(&mut self, settings: &Map<String, Value>) -> Result<(), Unsupported> {
        let mut limits = *self.board.limits();
        let set = |member: &str, limit: &mut usize| {
            if let Some(number) = settings.get(member).and_then(Value::as_u64) {
                *limit = usize::try_from(number).unwrap_or(usize::MAX);
            }
        };
        set("joins", &mut limits.joins);
        set("subscriptions", &mut limits.subscriptions);
        set("streams_per_peer", &mut limits.streams_per_peer);
        set("members", &mut limits.members);
        set("message_bytes", &mut limits.message_bytes);
        set("room", &mut self.room);
        let number = |member: &str| settings.get(member).and_then(Value::as_u64);
        let small = |member: &str, usual| number(member).and_then(|n| u32::try_from(n).ok()).unwrap_or(usual);
        limits.messages_per_second = small("messages_per_second", limits.messages_per_second);
        limits.burst = small("burst", limits.burst);
        self.board.set_limits(limits);
        if settings.get("prove_peers") == Some(&Value::Bool(true)) {
            self.board = Board::new(limits).with_proof([9; 32]);
        }
        let tokens = settings.get("tokens").and_then(Value::as_array).into_iter().flatten();
        self.tokens.extend(tokens.filter_map(Value::as_str).map(str::to_owned));
        if let Some(supervisor) = &mut self.supervisor {
            self.decided.configure(supervisor, settings, self.now);
        }
        Ok(())
    }

    fn mint(&mut self, capabilities: Vec<String>, seconds: u64) -> Result<String, Unsupported> {
        self.drawn += 1;
        let random: [u8; 32] = Sha256::digest(self.drawn.to_be_bytes()).into();
        let id = random.first_chunk::<16>().ok_or(Unsupported)?;
        let supervisor = self.supervisor.as_ref().ok_or(Unsupported)?;
        supervisor.mint(&[], Capabilities::new(capabilities), seconds, id, self.now).map_err(|_| Unsupported)
    }

    fn counters(&mut self) -> Result<Map<String, Value>, Unsupported> {
        let counters = self.board.counters();
        let shown = json!({
            "sockets": counters.sockets,
            "swarms": counters.swarms,
            "members": counters.members,
            "joins": counters.joins,
            "subscriptions": counters.subscriptions,
        });
        Ok(shown.as_object().cloned().unwrap_or_default())
    }

    fn http(&mut self, request: &HttpRequest) -> HttpResponse {
        let open = Open { path: request.path.clone(), ..Open::default() };
        let denied = Self::request(&open, false, |asked| asked.admit(|_| false)).err();
        let status = denied.unwrap_or(Denied::NotFound).status();
        HttpResponse { status, headers: Vec::new(), body: Vec::new() }
    }
}
