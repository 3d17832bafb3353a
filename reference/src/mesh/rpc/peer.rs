//! One end of a connection as a state machine: messages, time and what the program wants in; messages and events out.

use std::collections::{BTreeMap, VecDeque};

#[cfg(feature = "mutants")]
use super::mistakes;
use super::{Code, Content, Limits, Message, Payload, Request, RpcError, Settings, write};

/// Milliseconds before Open is repeated for the first time; the gap then doubles (MESH-RPC-011).
pub const FIRST_GAP: u64 = 50;
/// Milliseconds in which the remote is to say Bye when this side closes (MESH-RPC-057).
pub const BYE_TIMEOUT: u64 = 3_000;

/// What a peer has for its caller.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A message for the remote, to be sent as one message of the transport.
    Send(Vec<u8>),
    /// What has happened.
    Event(Event),
}

/// What has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Calls can be made.  Without the handshake that is so from the beginning, and this comes first.
    Opened,
    /// The remote asks.  A call is to be answered with [`Peer::answer`]; a stream has any number of
    /// [`Peer::item`] and ends with [`Peer::end`].
    Request {
        /// Its number, by which it is answered.
        id: i32,
        /// Service, a dot, and the method; [`super::Services`] knows which there are.
        method: String,
        /// The encoded message that it is asked with.
        payload: Vec<u8>,
        /// Whether a stream is asked for.
        stream: bool,
    },
    /// The remote is through with a stream, whose end was answered: nothing more is to be sent on it.
    Cancelled {
        /// The number of its request.
        id: i32,
    },
    /// A stream of the remote has begun.
    Ready {
        /// The number that [`Peer::stream`] gave.
        id: i32,
    },
    /// An item of a stream of the remote.
    Item {
        /// The number that [`Peer::stream`] gave.
        id: i32,
        /// The encoded item.
        value: Vec<u8>,
    },
    /// A call has come to its end.
    Answer {
        /// The number that [`Peer::call`] gave.
        id: i32,
        /// The encoded result, or why there is none.
        result: Result<Vec<u8>, RpcError>,
    },
    /// A stream of the remote has ended.
    Ended {
        /// The number that [`Peer::stream`] gave.
        id: i32,
        /// Why, if it has failed.
        result: Result<(), RpcError>,
    },
    /// A message was ignored because it cannot be read, is too long, or uses a number twice.
    Malformed,
    /// Nothing more is sent or received; what was being carried out is to be dropped.
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Opening { repeat: u64, gap: u64 },
    Open,
    Closing { until: u64 },
    Closed,
}

/// A call or a stream of this side that has not ended.
#[derive(Clone, Copy, Debug)]
struct Asked {
    stream: bool,
    ready: bool,
}

/// One end of a connection.
///
/// Each message costs one look into a table, whatever the number of calls and streams.
#[derive(Debug)]
pub struct Peer {
    handshake: bool,
    timeout: u64,
    limits: Limits,
    state: State,
    /// The number of the next request; none are left after 2^31 - 1.
    next: Option<i32>,
    asked: BTreeMap<i32, Asked>,
    /// When calls time out, in the order in which they were made; those that are answered stay until they are first.
    deadlines: VecDeque<(u64, i32)>,
    /// What is being carried out for the remote, and whether it is a stream.
    served: BTreeMap<i32, bool>,
    streams: usize,
    output: VecDeque<Output>,
}

impl Peer {
    /// A peer on a connection that has just been made; `now` is in milliseconds (MESH-RPC-010, MESH-RPC-017).
    pub fn new(settings: Settings, now: u64) -> Self {
        let Settings { handshake, timeout, limits } = settings;
        let mut peer = Self {
            handshake,
            timeout,
            limits,
            state: State::Open,
            next: Some(alter!(MESH_RPC_020, 0, "requests are counted from 1" => 1)),
            asked: BTreeMap::new(),
            deadlines: VecDeque::new(),
            served: BTreeMap::new(),
            streams: 0,
            output: VecDeque::new(),
        };
        let greets = alter!(MESH_RPC_018, handshake, "open is sent without the handshake" => true);
        if greets {
            alter!(MESH_RPC_010, peer.send(write::OPEN.to_vec()), "the side that comes first keeps silent" => ());
        }
        let waits = alter!(MESH_RPC_017, handshake, "a handshake is waited for without one" => true);
        if waits {
            peer.state = State::Opening { repeat: now.saturating_add(FIRST_GAP), gap: FIRST_GAP };
        } else {
            peer.event(Event::Opened);
        }
        peer
    }

    /// The same, with the number of the first request of this side, 0 or above; for tests of where they end.
    pub fn with_first_id(mut self, id: i32) -> Self {
        self.next = Some(id.max(0));
        self
    }

    /// Takes a message from the remote.
    pub fn receive(&mut self, bytes: &[u8], _now: u64) {
        if self.state == State::Closed {
            return;
        }
        let Ok(message) = Message::decode(bytes) else { return self.malformed() };
        let fits = require!(
            MESH_RPC_063,
            bytes.len() <= self.limits.message,
            ResourceSize,
            "the message is longer than the limit"
        );
        let message = if fits.is_ok() { message } else { return self.oversize(&message) };
        match message {
            Message::Request(request) => self.request(request),
            Message::Response { id, content } => self.response(id, content),
            Message::StreamClose { id } => self.stream_close(id),
            Message::Open | Message::OpenAck | Message::Bye if self.is_without_handshake() => {}
            Message::Open => {
                alter!(MESH_RPC_012, self.send(write::OPEN_ACK.to_vec()),
                    "open is answered only until the connection is open" => if self.state != State::Open {
                        self.send(write::OPEN_ACK.to_vec());
                    },
                    "open is answered with open" => self.send(write::OPEN.to_vec()));
                alter!(MESH_RPC_013, (), "open alone opens the connection" => self.opened());
            }
            Message::OpenAck => self.opened(),
            Message::Bye => self.bye(),
        }
    }

    fn is_without_handshake(&self) -> bool {
        alter!(MESH_RPC_017, !self.handshake, "a bye without the handshake closes the connection" => false)
    }

    fn opened(&mut self) {
        let opens = matches!(self.state, State::Opening { .. });
        let opens = alter!(MESH_RPC_058, opens,
            "a late open_ack opens what is closing" => opens || matches!(self.state, State::Closing { .. }));
        if opens {
            self.state = State::Open;
            self.event(Event::Opened);
            alter!(MESH_RPC_014, self.send(write::OPEN_ACK.to_vec()), "the last open_ack is not sent" => ());
        }
    }

    fn request(&mut self, request: Request<'_>) {
        let Request { id, method, payload, stream } = request;
        if matches!(self.state, State::Closing { .. }) {
            let closed = RpcError::code(Code::RpcClosed, "the connection is closing");
            alter!(MESH_RPC_053, return self.send(write::error(id, &closed)),
                "a request is taken while closing" => (),
                "a request is lost while closing" => return);
        }
        alter!(MESH_RPC_015, (), "nothing is served before the connection is open" =>
            if self.state != State::Open { return; });
        let free = require!(
            MESH_RPC_030,
            !self.served.contains_key(&id),
            StateDuplicate,
            "the number of a request is in use"
        );
        if free.is_err() {
            return self.malformed();
        }
        let (serving, most) = if stream {
            (self.streams, self.limits.streams)
        } else {
            (self.served.len() - self.streams, self.limits.requests)
        };
        let room = if stream {
            require!(MESH_RPC_062, serving < most, ResourceCount, "there are too many streams")
        } else {
            require!(MESH_RPC_061, serving < most, ResourceCount, "there are too many calls")
        };
        if let Err(refused) = room {
            let refused = RpcError::code(Code::RateLimitExceeded, refused.what);
            return self.send(write::error(id, &refused));
        }
        alter!(MESH_RPC_006, (), "a request whose type has no dot is not served" =>
        if payload.type_url.first() != Some(&b'.') {
            return self.send(write::error(id, &RpcError::named("Error", "unknown type")));
        });
        alter!(MESH_RPC_023, (), "a request waits for the one before it" => if !self.served.is_empty() { return; });
        self.served.insert(id, stream);
        self.streams += usize::from(stream);
        let (method, payload) = (method.to_owned(), payload.value.to_vec());
        self.event(Event::Request { id, method, payload, stream });
    }

    fn response(&mut self, id: i32, content: Content<'_>) {
        let id = alter!(MESH_RPC_026, id, "an answer to nobody is taken for that of the oldest call" =>
            if self.asked.contains_key(&id) { id } else { mistakes::oldest(&self.asked).unwrap_or(id) });
        let Some(asked) = self.asked.get_mut(&id) else { return };
        if !asked.stream {
            let result = match content {
                Content::Payload(any) => Ok(any.value.to_vec()),
                Content::Error(error) => {
                    alter!(MESH_RPC_046, Err(error), "an error without a name and a message is a result" =>
                        if error.name.is_none() && error.message.is_none() { Ok(Vec::new()) } else { Err(error) })
                }
                Content::Close | Content::Ready | Content::Nothing => {
                    let nothing =
                        RpcError::code(Code::ProtocolError, "the answer holds neither result nor error");
                    alter!(MESH_RPC_025, Err(nothing), "an answer with nothing in it is a result" => Ok(Vec::new()))
                }
            };
            self.forget(id);
            return self.event(Event::Answer { id, result });
        }
        let begins = !asked.ready;
        match content {
            Content::Payload(any) => {
                asked.ready = true;
                if begins {
                    alter!(MESH_RPC_031, self.event(Event::Ready { id }), "only stream_ready begins a stream" => ());
                }
                self.event(Event::Item { id, value: any.value.to_vec() });
            }
            Content::Ready => {
                asked.ready = true;
                if begins {
                    self.event(Event::Ready { id });
                }
            }
            Content::Close => self.ended(id, Ok(())),
            Content::Error(error) => {
                alter!(MESH_RPC_034, self.ended(id, Err(error)), "an error of a stream is its good end" =>
                    self.ended(id, Ok(())));
            }
            Content::Nothing => self.malformed(),
        }
    }

    fn ended(&mut self, id: i32, result: Result<(), RpcError>) {
        alter!(MESH_RPC_034, self.forget(id), "a stream goes on behind its end" => ());
        self.event(Event::Ended { id, result });
    }

    fn stream_close(&mut self, id: i32) {
        if self.served.get(&id).copied() != Some(true) {
            alter!(MESH_RPC_036, (), "the end of an unknown stream is an error" =>
                self.send(write::error(id, &RpcError::named("Error", "unknown stream"))));
            return;
        }
        alter!(MESH_RPC_035, (), "the remote cannot end a stream" => return);
        self.finish(id);
        alter!(MESH_RPC_035, self.send(write::close(id)), "the end of a stream is not answered" => ());
        self.event(Event::Cancelled { id });
    }

    fn bye(&mut self) {
        if !matches!(self.state, State::Closing { .. }) {
            alter!(MESH_RPC_052, self.send(write::BYE.to_vec()), "bye is not answered" => ());
            alter!(MESH_RPC_052, self.fail_all(), "calls are left hanging by bye" => ());
            alter!(MESH_RPC_054, (), "bye does not close the connection" => return);
        }
        self.shut();
    }

    /// Answers a call of the remote (MESH-RPC-022, MESH-RPC-024).  For a stream an error ends it.
    ///
    /// Whether it was taken: not where there is no such request any more, or a stream is answered with a result.
    pub fn answer(&mut self, id: i32, result: Result<Payload, RpcError>) -> bool {
        alter!(MESH_RPC_059, (), "nothing is answered while closing" =>
            if matches!(self.state, State::Closing { .. }) { return false; });
        match (self.served.get(&id), result) {
            (Some(false), Ok(payload)) => {
                alter!(MESH_RPC_022, self.finish(id), "a call can be answered twice" => ());
                self.send(write::result(id, &payload));
                true
            }
            (Some(_), Err(error)) => {
                alter!(MESH_RPC_022, self.finish(id), "an error can follow an error" => ());
                alter!(MESH_RPC_022, self.send(write::error(id, &error)), "a failed call is not answered" => ());
                true
            }
            (None, _) | (Some(true), Ok(_)) => false,
        }
    }

    /// Says that a stream for the remote has begun (MESH-RPC-031).  Whether there is such a stream.
    pub fn ready(&mut self, id: i32) -> bool {
        let there = self.streams_to(id);
        if there {
            alter!(MESH_RPC_039, self.send(write::ready(id)), "that a stream has begun is not said" => ());
        }
        there
    }

    /// Sends an item of a stream.  Whether there is such a stream.
    pub fn item(&mut self, id: i32, item: Payload) -> bool {
        let there = alter!(MESH_RPC_032, self.streams_to(id), "items follow the end of a stream" =>
            self.served.get(&id) != Some(&false));
        if there {
            self.send(write::result(id, &item));
        }
        there
    }

    /// Ends a stream for the remote, or fails a call (MESH-RPC-032).  Whether there was such a request, and its end
    /// is one.
    pub fn end(&mut self, id: i32, result: Result<(), RpcError>) -> bool {
        let there = alter!(MESH_RPC_032, self.streams_to(id), "a stream can end twice" =>
            self.served.get(&id) != Some(&false));
        match result {
            Err(error) => {
                let refused = self.answer(id, Err(error.clone()));
                if !refused && there {
                    self.send(write::error(id, &error));
                }
                refused
            }
            Ok(()) => {
                if there {
                    self.finish(id);
                    self.send(write::close(id));
                }
                there
            }
        }
    }

    /// Whether a stream for the remote has not ended.
    fn streams_to(&self, id: i32) -> bool {
        self.served.get(&id) == Some(&true)
    }

    /// Calls a method of the remote; gives the number of the call, whose end is an [`Event::Answer`].
    ///
    /// # Errors
    /// `RPC_NOT_OPEN`, `RPC_CLOSED`, and `RATE_LIMIT_EXCEEDED` where no numbers are left (MESH-RPC-021).
    pub fn call(&mut self, method: &str, payload: Payload, now: u64) -> Result<i32, RpcError> {
        let id = self.begin(method, &payload, false)?;
        let timeout = alter!(MESH_RPC_027, self.timeout, "calls have no time limit" => 0,
            "the time limit is always 3 seconds" => 3_000);
        if timeout != 0 {
            self.deadlines.push_back((now.saturating_add(timeout), id));
        }
        Ok(id)
    }

    /// Begins a stream of the remote; gives the number of the request, whose end is an [`Event::Ended`].
    ///
    /// # Errors
    /// As for [`Self::call`].
    pub fn stream(&mut self, method: &str, payload: Payload, now: u64) -> Result<i32, RpcError> {
        let id = self.begin(method, &payload, true)?;
        alter!(MESH_RPC_033, (), "a stream has the time limit of a call" =>
            self.deadlines.push_back((now.saturating_add(self.timeout), id)));
        let _ = now;
        Ok(id)
    }

    fn begin(&mut self, method: &str, payload: &Payload, stream: bool) -> Result<i32, RpcError> {
        let opening = matches!(self.state, State::Opening { .. });
        require!(MESH_RPC_016, !opening, StateOrder, "the connection is not open yet")
            .map_err(|reject| RpcError::code(Code::RpcNotOpen, reject.what))?;
        let over = matches!(self.state, State::Closing { .. } | State::Closed);
        require!(MESH_RPC_060, !over, StateOrder, "the connection is closing or closed")
            .map_err(|reject| RpcError::code(Code::RpcClosed, reject.what))?;
        let left = self.next.ok_or_else(|| RpcError::code(Code::RateLimitExceeded, "no numbers are left"));
        let id =
            alter!(MESH_RPC_021, left?, "numbers begin again behind the last" => left.unwrap_or_default());
        let id = alter!(MESH_RPC_020, id, "streams have the number 0" => if stream { 0 } else { id });
        self.next = id.checked_add(1);
        self.asked.insert(id, Asked { stream, ready: false });
        let method = alter!(MESH_RPC_004, method, "a method is asked for without its service" =>
            method.rsplit('.').next().unwrap_or(method));
        self.send(write::request(id, method, payload, stream));
        Ok(id)
    }

    /// Is through with a call or a stream: nothing more is heard of it.  The remote is told of a stream alone
    /// (MESH-RPC-037).
    pub fn cancel(&mut self, id: i32) {
        let Some(asked) = self.asked.get(&id).copied() else { return };
        alter!(MESH_RPC_038, self.forget(id), "items come behind the end that was asked for" => ());
        if asked.stream {
            alter!(MESH_RPC_037, self.send(write::stream_close(id)), "the remote is not told of it" => ());
        }
    }

    /// Closes the connection: calls and streams of this side fail at once, what the remote asked for may still be
    /// answered until it says Bye (MESH-RPC-050, MESH-RPC-051).
    pub fn close(&mut self, now: u64) {
        if matches!(self.state, State::Closing { .. } | State::Closed) {
            return;
        }
        alter!(MESH_RPC_050, self.fail_all(), "calls are left hanging by the close" => ());
        let says = self.handshake && self.state == State::Open;
        let says = alter!(MESH_RPC_055, says, "bye is sent before the connection is open" => self.handshake);
        let says =
            alter!(MESH_RPC_018, says, "bye is sent without the handshake" => self.state == State::Open);
        if says {
            alter!(MESH_RPC_051, self.send(write::BYE.to_vec()), "no bye is sent" => ());
            let until = now.saturating_add(BYE_TIMEOUT);
            let until = alter!(MESH_RPC_057, until, "bye is waited for without end" => u64::MAX);
            self.state = State::Closing { until };
            alter!(MESH_RPC_051, (), "bye is not waited for" => self.shut());
        } else {
            self.shut();
        }
    }

    /// Ends the connection: nothing more is sent (MESH-RPC-056).
    pub fn abort(&mut self) {
        if self.state != State::Closed {
            alter!(MESH_RPC_056, (), "an abort says bye" => self.send(write::BYE.to_vec()));
            alter!(MESH_RPC_056, self.fail_all(), "calls are left hanging by an abort" => ());
            self.shut();
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: u64) {
        while let State::Opening { repeat, gap } = self.state {
            if repeat > now {
                break;
            }
            alter!(MESH_RPC_011, self.send(write::OPEN.to_vec()), "open is sent once" => ());
            let gap = gap.saturating_mul(alter!(MESH_RPC_011, 2, "open is repeated at equal gaps" => 1));
            self.state = State::Opening { repeat: repeat.saturating_add(gap), gap };
        }
        while let Some((at, id)) = self.deadlines.front().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.pop_front();
            let _ = at;
            if self.asked.remove(&id).is_some() {
                let result = Err(RpcError::code(Code::Timeout, "no answer came in time"));
                alter!(MESH_RPC_028, (), "a stream_close follows a call without an answer" =>
                    self.send(write::stream_close(id)));
                self.event(Event::Answer { id, result });
            }
        }
        if let State::Closing { until } = self.state
            && until <= now
        {
            self.shut();
        }
    }

    /// When [`Self::tick`] has something to do.
    pub fn deadline(&self) -> Option<u64> {
        let state = match self.state {
            State::Opening { repeat, .. } => Some(repeat),
            State::Closing { until } => Some(until),
            State::Open | State::Closed => None,
        };
        let call = self.deadlines.front().map(|(at, _)| *at);
        state.into_iter().chain(call).min()
    }

    /// What comes next.
    pub fn poll(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// Whether calls can be made.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether this side has closed and waits for the remote.
    pub const fn is_closing(&self) -> bool {
        matches!(self.state, State::Closing { .. })
    }

    /// Whether nothing more is sent or received.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Numbers of what is carried out for the remote, ascending, and whether each is a stream.
    pub fn serving(&self) -> impl Iterator<Item = (i32, bool)> + '_ {
        self.served.iter().map(|(id, stream)| (*id, *stream))
    }

    fn send(&mut self, message: Vec<u8>) {
        self.output.push_back(Output::Send(message));
    }

    fn event(&mut self, event: Event) {
        self.output.push_back(Output::Event(event));
    }

    fn malformed(&mut self) {
        self.event(Event::Malformed);
        alter!(MESH_RPC_002, (), "a message that cannot be read ends the connection" => self.shut());
    }

    /// A message beyond the limit is not acted on, but who waits for it is told.
    fn oversize(&mut self, message: &Message<'_>) {
        let refused = || RpcError::code(Code::RateLimitExceeded, "the message is longer than the limit");
        match message {
            Message::Request(request) if !self.served.contains_key(&request.id) => {
                self.send(write::error(request.id, &refused()));
            }
            Message::Response { id, .. } => self.response(*id, Content::Error(refused())),
            _ => self.malformed(),
        }
    }

    /// What was asked for has come to its end.
    fn forget(&mut self, id: i32) {
        self.asked.remove(&id);
        while self.deadlines.front().is_some_and(|(_, first)| !self.asked.contains_key(first)) {
            self.deadlines.pop_front();
        }
    }

    /// What was carried out has come to its end.
    fn finish(&mut self, id: i32) {
        if self.served.remove(&id) == Some(true) {
            self.streams -= 1;
        }
    }

    fn fail_all(&mut self) {
        self.deadlines.clear();
        for (id, asked) in std::mem::take(&mut self.asked) {
            let closed = RpcError::code(Code::RpcClosed, "the connection was closed");
            self.event(if asked.stream {
                Event::Ended { id, result: Err(closed) }
            } else {
                Event::Answer { id, result: Err(closed) }
            });
        }
    }

    fn shut(&mut self) {
        self.state = State::Closed;
        self.served.clear();
        self.streams = 0;
        self.deadlines.clear();
        self.event(Event::Closed);
    }
}
