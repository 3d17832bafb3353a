//! The state of one signal server: sockets, swarms and inboxes.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use dxos_proto::dxos::mesh::signal::JoinRequest;

use super::bucket::Bucket;
use super::proof::Challenger;
use super::swarm::{Line, Member, Swarm};
use super::{Addressed, CloseReason, Counters, Item, Limits, Refusal, RemoteOutput, Sink};

/// Topic and peer.
pub(super) type Membership = (Arc<[u8]>, Arc<[u8]>);

/// When a membership lapses, in milliseconds, and which.
pub(super) type Lapse = (u64, Arc<[u8]>, Arc<[u8]>);

/// A connection of a client; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(u64);

impl SocketId {
    /// Its number, counted from 0.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// A stream of a socket: a Join or a ReceiveMessages; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(u64);

/// What a stream is for.
#[derive(Debug)]
enum Purpose {
    Join { topic: Arc<[u8]>, peer: Arc<[u8]> },
    Inbox { peer: Arc<[u8]> },
}

#[derive(Debug)]
struct Stream {
    socket: SocketId,
    purpose: Purpose,
}

#[derive(Debug)]
struct Socket<S> {
    streams: Vec<StreamId>,
    joins: usize,
    bucket: Bucket,
    /// When it was last heard, in milliseconds.
    heard: u64,
    /// Where its client is one that pings, so that silence means something: its entry in [`Board::silence`].
    watched: Option<u64>,
    /// Closes it where it has no stream.
    closer: Option<S>,
    /// Peer keys that were proved on it.
    proved: HashSet<Arc<[u8]>>,
}

/// How many streams a peer key has, over all sockets.
#[derive(Debug, Default)]
struct Usage {
    joins: usize,
    subscriptions: usize,
}

/// Signalling of one server.
///
/// Times are Unix milliseconds.  A message costs a look-up of its socket and one of its recipient, however many
/// swarms and sockets there are; a join costs as much as there are peers in the swarm, each of which it tells.
/// Of topics and peers nothing is kept once their last stream has ended (KUBE-SIG-043).
#[derive(Debug)]
pub struct Board<S> {
    pub(super) limits: Limits,
    pub(super) counters: Counters,
    pub(super) swarms: HashMap<Arc<[u8]>, Swarm<S>>,
    /// Announcements of other servers by the time at which they lapse.
    pub(super) lapses: BTreeSet<Lapse>,
    pub(super) remote: Option<VecDeque<RemoteOutput>>,
    /// Sockets that had no room for an item.
    pub(super) full: Vec<SocketId>,
    sockets: HashMap<SocketId, Socket<S>>,
    streams: HashMap<StreamId, Stream>,
    inboxes: HashMap<Arc<[u8]>, Vec<Line<S>>>,
    usage: HashMap<Arc<[u8]>, Usage>,
    /// Sockets of clients that ping, by a time before which they cannot have been silent for too long.
    silence: BTreeSet<(u64, SocketId)>,
    prover: Option<Challenger>,
    next: u64,
    /// Messages and for whom they are, of a server that is wrong on purpose.
    #[cfg(feature = "mutants")]
    pub(super) kept: Vec<(Vec<u8>, Vec<u8>)>,
}

impl<S: Sink> Board<S> {
    /// A server without clients.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            counters: Counters::default(),
            swarms: HashMap::new(),
            lapses: BTreeSet::new(),
            remote: None,
            full: Vec::new(),
            sockets: HashMap::new(),
            streams: HashMap::new(),
            inboxes: HashMap::new(),
            usage: HashMap::new(),
            silence: BTreeSet::new(),
            prover: None,
            next: 0,
            #[cfg(feature = "mutants")]
            kept: Vec::new(),
        }
    }

    /// Asks every peer to prove its key (KUBE-SIG-039).  `secret`: 32 random bytes, drawn when the server starts.
    #[must_use]
    pub fn with_proof(mut self, secret: [u8; 32]) -> Self {
        self.prover = Some(Challenger::new(secret));
        self
    }

    /// Changes the limits; what is there already stays.
    pub const fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The limits.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Ends a socket from this side: its streams end, and its sinks are closed.
    pub fn close(&mut self, socket: SocketId, reason: CloseReason) {
        self.counters.slow += u64::from(reason == CloseReason::Slow);
        self.close_socket(socket, reason);
        self.drop_full();
    }

    /// A client has connected.
    pub fn open(&mut self, now: u64) -> SocketId {
        let id = SocketId(self.number());
        let bucket = Bucket::new(self.limits.burst, now);
        let socket = Socket {
            streams: Vec::new(),
            joins: 0,
            bucket,
            heard: now,
            watched: None,
            closer: None,
            proved: HashSet::new(),
        };
        self.sockets.insert(id, socket);
        self.counters.sockets += 1;
        alter!(KUBE_SIG_038, (), "a client that never pings counts as dead" => self.pinged(id, now));
        id
    }

    /// How to close a socket that has no stream: [`Sink::close`] of `closer`, and nothing else of it is used.
    pub fn attach(&mut self, socket: SocketId, closer: S) {
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.closer = Some(closer);
        }
    }

    /// Whether a socket is there: not dropped, by its client or by the board.
    pub fn is_open(&self, socket: SocketId) -> bool {
        self.sockets.contains_key(&socket)
    }

    /// Something was heard of a socket.
    pub fn alive(&mut self, socket: SocketId, now: u64) {
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.heard = socket.heard.max(now);
        }
    }

    /// A socket has sent `__ping__`: from now on its silence means something (KUBE-SIG-037).
    pub fn pinged(&mut self, id: SocketId, now: u64) {
        self.alive(id, now);
        if let Some(socket) = self.sockets.get_mut(&id)
            && socket.watched.is_none()
        {
            let at = now.saturating_add(self.limits.silence);
            socket.watched = Some(at);
            self.silence.insert((at, id));
        }
    }

    /// A client is gone; all its streams end.
    pub fn drop_socket(&mut self, socket: SocketId) {
        self.end_socket(socket);
        self.drop_full();
    }

    /// A peer joins a swarm: the stream is ready, hears of the others there, and they hear of the peer.
    ///
    /// # Errors
    /// See [`Refusal`]; nothing has happened then, and the sink has got nothing.
    pub fn join(
        &mut self,
        socket: SocketId,
        request: &JoinRequest,
        sink: S,
        now: u64,
    ) -> Result<StreamId, Refusal> {
        self.alive(socket, now);
        let result = self.admit_join(socket, request);
        let (topic, peer) = self.counted(result)?;
        let stream = self.begin(socket, Purpose::Join { topic: Arc::clone(&topic), peer: Arc::clone(&peer) });
        self.counters.joins += 1;
        self.counters.joined += 1;
        let key = alter!(KUBE_SIG_007, Arc::clone(&topic), "all topics are one swarm" => Arc::from([0]));
        let swarm = self.swarms.entry(key).or_default();
        self.counters.swarms += u64::from(swarm.members.is_empty());
        let first_here = swarm.local == 0;

        let mut sent = alter!(KUBE_SIG_001, sink.deliver(Item::Ready),
            "a join is ready only once somebody else is there" =>
                if swarm.members.is_empty() { Ok(()) } else { sink.deliver(Item::Ready) });
        for (other, member) in &swarm.members {
            if sent.is_ok() && *other != peer {
                let until = member.remote.filter(|_| member.lines.is_empty()).and_then(|remote| remote.until);
                let item = Item::Available { peer: other, since: member.since, until };
                sent = alter!(KUBE_SIG_004, sink.deliver(item), "a joiner does not hear of those present" => Ok(()));
            }
        }
        let line = Line { stream, socket, sink };
        let since = if let Some(member) = swarm.members.get_mut(&peer) {
            let local = !member.lines.is_empty();
            member.lines.push(line);
            let since = member.since;
            alter!(KUBE_SIG_008, (), "a second stream of a peer is announced again" =>
                swarm.tell(&peer, Item::Available { peer: &peer, since, until: None }, &mut self.full));
            (!local).then_some(since)
        } else {
            swarm.members.insert(Arc::clone(&peer), Member { since: now, lines: vec![line], remote: None });
            self.counters.members += 1;
            alter!(KUBE_SIG_005, swarm.tell(
                &peer, Item::Available { peer: &peer, since: now, until: None }, &mut self.full),
                "those present do not hear of a joiner" => ());
            Some(now)
        };
        if let Some(since) = since {
            swarm.local += 1;
            if first_here {
                self.report(|| RemoteOutput::Wanted { topic: Arc::clone(&topic) });
            }
            self.report(|| RemoteOutput::Joined { topic, peer, since });
        }
        if sent.is_err() {
            self.full.push(socket);
        }
        self.drop_full();
        Ok(stream)
    }

    /// A peer takes the messages that are sent to it, from now on.
    ///
    /// # Errors
    /// See [`Refusal`]; nothing has happened then, and the sink has got nothing.
    pub fn subscribe(
        &mut self,
        socket: SocketId,
        peer: &[u8],
        sink: S,
        now: u64,
    ) -> Result<StreamId, Refusal> {
        self.alive(socket, now);
        let result = self.admit_subscription(socket, peer);
        alter!(KUBE_SIG_023, (), "only who has joined may subscribe" =>
        if self.usage.get(peer).is_none_or(|usage| usage.joins == 0) {
            return Err(Refusal::Malformed("the peer is in no swarm"));
        });
        let peer = self.counted(result)?;
        let stream = self.begin(socket, Purpose::Inbox { peer: Arc::clone(&peer) });
        self.counters.subscriptions += 1;
        self.counters.subscribed += 1;
        let sent = alter!(KUBE_SIG_002, sink.deliver(Item::Ready),
            "a subscription is ready only with its first message" => Ok(()));
        alter!(KUBE_SIG_020, (), "a message for nobody is kept" => self.give_kept(&peer, &sink));
        let inbox = self.inboxes.entry(Arc::clone(&peer)).or_default();
        inbox.push(Line { stream, socket, sink });
        if inbox.len() == 1 {
            self.report(|| RemoteOutput::Subscribed { peer });
        }
        if sent.is_err() {
            self.full.push(socket);
            self.drop_full();
        }
        Ok(stream)
    }

    /// A client sends an encoded `dxos.mesh.signal.Message`; it goes to every subscription of its recipient, byte
    /// for byte, or nowhere if there is none.
    ///
    /// # Errors
    /// See [`Refusal`]; nobody has got the message then.
    pub fn send(&mut self, socket: SocketId, message: &[u8], now: u64) -> Result<(), Refusal> {
        self.alive(socket, now);
        let result = self.admit_message(socket, message, now);
        alter!(KUBE_SIG_023, (), "only who has joined may send" =>
        if self.sockets.get(&socket).is_none_or(|socket| socket.joins == 0) {
            return Err(Refusal::Malformed("the author is in no swarm"));
        });
        let addressed = self.counted(result)?;
        self.counters.messages += 1;
        self.counters.bytes += message.len() as u64;
        let delivered = alter!(KUBE_SIG_022, self.deliver(addressed.recipient, message),
            "a message overtakes the one before it" => self.overtake(addressed.recipient, message));
        alter!(KUBE_SIG_020, (), "a message for nobody is kept" => if delivered == 0 {
            self.keep(addressed.recipient, message);
        });
        alter!(KUBE_SIG_018, (), "an author gets its own messages" => self.counters.delivered += self.deliver(addressed.author, message) as u64);
        self.report(|| RemoteOutput::Message {
            recipient: addressed.recipient.to_vec(),
            message: message.to_vec(),
            delivered,
        });
        self.drop_full();
        alter!(KUBE_SIG_019, Ok(()), "a message for nobody is answered with an error" =>
            if delivered == 0 { Err(Refusal::Malformed("nobody is there")) } else { Ok(()) })
    }

    /// A client ends a stream.  One that has ended already is ignored.
    pub fn leave(&mut self, stream: StreamId) {
        let Some(socket) = self.streams.get(&stream).map(|open| open.socket) else { return };
        if let Some(socket) = self.sockets.get_mut(&socket)
            && let Some(place) = socket.streams.iter().position(|open| *open == stream)
        {
            socket.streams.swap_remove(place);
        }
        self.end_stream(stream, false);
        self.drop_full();
    }

    /// Does what is due: drops sockets that are silent, and lets announcements of other servers lapse.
    pub fn tick(&mut self, now: u64) {
        while self.silence.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, id)) = self.silence.pop_first() else { break };
            let Some(socket) = self.sockets.get_mut(&id) else { continue };
            let due = socket.heard.saturating_add(self.limits.silence);
            let dead = alter!(KUBE_SIG_037, due <= now, "a dead socket stays" => false);
            if dead {
                self.counters.dead += 1;
                self.close_socket(id, CloseReason::Dead);
            } else {
                let at = due.max(now.saturating_add(1));
                socket.watched = Some(at);
                self.silence.insert((at, id));
            }
        }
        self.lapse(now);
        self.drop_full();
    }

    /// When [`Self::tick`] is due next, in Unix milliseconds; never later, perhaps earlier than needed.
    pub fn deadline(&self) -> Option<u64> {
        let silence = self.silence.first().map(|(at, _)| *at);
        let lapse = self.lapses.first().map(|(at, ..)| *at);
        silence.into_iter().chain(lapse).min()
    }

    /// What has happened, and what is there.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    const fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    pub(super) fn counted<T>(&mut self, result: Result<T, Refusal>) -> Result<T, Refusal> {
        match &result {
            Err(Refusal::Limit(_)) => self.counters.limited += 1,
            Err(Refusal::Malformed(_)) => self.counters.malformed += 1,
            Err(Refusal::Unproved { .. }) => self.counters.unproved += 1,
            Ok(_) | Err(Refusal::Closed) => {}
        }
        result
    }

    fn admit_join(&mut self, id: SocketId, request: &JoinRequest) -> Result<Membership, Refusal> {
        let (topic, peer, limits) = (&request.swarm, &request.peer, &self.limits);
        let socket = self.sockets.get_mut(&id).ok_or(Refusal::Closed)?;
        require!(KUBE_SIG_024, !topic.is_empty(), SchemaConstraint, "the topic of a Join is empty")?;
        require!(KUBE_SIG_024, !peer.is_empty(), SchemaConstraint, "the peer of a Join is empty")?;
        require!(
            KUBE_SIG_027,
            topic.len().max(peer.len()) <= limits.key_bytes,
            SchemaConstraint,
            "a topic or peer is too long"
        )?;
        require!(KUBE_SIG_029, socket.joins < limits.joins, ResourceCount, "too many Joins on a socket")?;
        let used = self.usage.get(peer.as_slice()).map_or(0, |usage| usage.joins);
        require!(KUBE_SIG_033, used < limits.streams_per_peer, ResourceCount, "too many Joins of a peer")?;
        if let Some(swarm) = self.swarms.get(topic.as_slice()) {
            let fits = swarm.members.len() < limits.members || swarm.members.contains_key(peer.as_slice());
            require!(KUBE_SIG_044, fits, ResourceCount, "too many peers in a swarm")?;
        }
        if let Some(prover) = &self.prover {
            prover.admit(id, &mut socket.proved, peer, request.metadata.as_ref())?;
        }
        let topic = self
            .swarms
            .get_key_value(topic.as_slice())
            .map_or_else(|| Arc::from(topic.as_slice()), |(topic, _)| Arc::clone(topic));
        Ok((topic, self.shared(peer)))
    }

    fn admit_subscription(&mut self, id: SocketId, peer: &[u8]) -> Result<Arc<[u8]>, Refusal> {
        let limits = &self.limits;
        let socket = self.sockets.get_mut(&id).ok_or(Refusal::Closed)?;
        require!(KUBE_SIG_024, !peer.is_empty(), SchemaConstraint, "the peer of a subscription is empty")?;
        require!(
            KUBE_SIG_027,
            peer.len() <= limits.key_bytes,
            SchemaConstraint,
            "the peer of a subscription is too long"
        )?;
        let subscriptions = socket.streams.len() - socket.joins;
        require!(
            KUBE_SIG_030,
            subscriptions < limits.subscriptions,
            ResourceCount,
            "too many subscriptions on a socket"
        )?;
        let used = self.usage.get(peer).map_or(0, |usage| usage.subscriptions);
        require!(
            KUBE_SIG_033,
            used < limits.streams_per_peer,
            ResourceCount,
            "too many subscriptions of a peer"
        )?;
        if let Some(prover) = &self.prover {
            prover.proved(id, &socket.proved, peer)?;
        }
        Ok(self.shared(peer))
    }

    fn admit_message<'a>(
        &mut self,
        id: SocketId,
        message: &'a [u8],
        now: u64,
    ) -> Result<Addressed<'a>, Refusal> {
        let limits = &self.limits;
        let socket = self.sockets.get_mut(&id).ok_or(Refusal::Closed)?;
        require!(
            KUBE_SIG_032,
            socket.bucket.take(limits.messages_per_second, limits.burst, now),
            ResourceCount,
            "too many messages of a socket"
        )?;
        require!(
            KUBE_SIG_031,
            message.len() <= limits.message_bytes,
            ResourceSize,
            "the message is too long"
        )?;
        let addressed = Addressed::read(message)?;
        if let Some(prover) = &self.prover {
            prover.proved(id, &socket.proved, addressed.author)?;
        }
        Ok(addressed)
    }

    /// A peer key, in the one place where it is kept.
    fn shared(&self, peer: &[u8]) -> Arc<[u8]> {
        self.usage.get_key_value(peer).map_or_else(|| Arc::from(peer), |(peer, _)| Arc::clone(peer))
    }

    fn begin(&mut self, socket: SocketId, purpose: Purpose) -> StreamId {
        let stream = StreamId(self.number());
        let (peer, joins) = match &purpose {
            Purpose::Join { peer, .. } => (peer, 1),
            Purpose::Inbox { peer } => (peer, 0),
        };
        let usage = self.usage.entry(Arc::clone(peer)).or_default();
        usage.joins += joins;
        usage.subscriptions += 1 - joins;
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.streams.push(stream);
            socket.joins += joins;
        }
        self.streams.insert(stream, Stream { socket, purpose });
        stream
    }

    /// Puts a message into every subscription of its recipient; to how many.
    pub(super) fn deliver(&mut self, recipient: &[u8], message: &[u8]) -> usize {
        let lines = self.inboxes.get(recipient).map(Vec::as_slice).unwrap_or_default();
        let mut delivered = 0;
        let lines = alter!(KUBE_SIG_017, lines, "only the last subscription of a peer is served" =>
            lines.get(lines.len().saturating_sub(1)..).unwrap_or_default());
        for line in lines {
            alter!(KUBE_SIG_021, (), "a message is delivered twice" =>
                line.sink.deliver(Item::Message(message)).unwrap_or_default());
            if line.sink.deliver(Item::Message(message)).is_ok() {
                delivered += 1;
            } else {
                self.full.push(line.socket);
            }
        }
        self.counters.delivered += delivered as u64;
        self.counters.undelivered += u64::from(delivered == 0);
        delivered
    }

    /// Closes the sockets that had no room; their leaving may fill others.
    pub(super) fn drop_full(&mut self) {
        while let Some(socket) = self.full.pop() {
            if self.sockets.contains_key(&socket) {
                self.counters.slow += 1;
                alter!(KUBE_SIG_035, self.close_socket(socket, CloseReason::Slow),
                    "a receiver that is full misses messages and stays" => ());
            }
        }
    }

    fn close_socket(&mut self, id: SocketId, reason: CloseReason) {
        let socket = self.sockets.get(&id);
        let closer = socket.and_then(|socket| socket.closer.clone());
        let lines: Vec<S> =
            closer.into_iter().chain(socket.into_iter().flat_map(|socket| self.sinks(socket))).collect();
        self.end_socket(id);
        lines.iter().for_each(|sink| sink.close(reason));
    }

    fn sinks<'a>(&'a self, socket: &'a Socket<S>) -> impl Iterator<Item = S> + 'a {
        socket.streams.iter().filter_map(|id| {
            let lines = match &self.streams.get(id)?.purpose {
                Purpose::Join { topic, peer } => &self.swarms.get(topic)?.members.get(peer)?.lines,
                Purpose::Inbox { peer } => self.inboxes.get(peer)?,
            };
            Some(lines.iter().find(|line| line.stream == *id)?.sink.clone())
        })
    }

    /// Ends all streams of a socket, without closing it.
    fn end_socket(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.remove(&id) else { return };
        self.counters.sockets -= 1;
        if let Some(at) = socket.watched {
            self.silence.remove(&(at, id));
        }
        for stream in socket.streams {
            alter!(KUBE_SIG_010, self.end_stream(stream, true), "a lost socket leaves its peers behind" => ());
        }
    }

    fn end_stream(&mut self, id: StreamId, lost: bool) {
        let Some(Stream { socket, purpose }) = self.streams.remove(&id) else { return };
        match purpose {
            Purpose::Join { topic, peer } => {
                self.counters.joins -= 1;
                self.counters.left += 1;
                if let Some(socket) = self.sockets.get_mut(&socket) {
                    socket.joins -= 1;
                }
                self.used_less(&peer, 1, 0);
                self.end_join(id, topic, peer, lost);
            }
            Purpose::Inbox { peer } => {
                self.counters.subscriptions -= 1;
                self.used_less(&peer, 0, 1);
                let Some(lines) = self.inboxes.get_mut(&peer) else { return };
                lines.retain(|line| line.stream != id);
                if lines.is_empty() {
                    self.inboxes.remove(&peer);
                    self.report(|| RemoteOutput::Unsubscribed { peer });
                }
            }
        }
    }

    fn end_join(&mut self, id: StreamId, topic: Arc<[u8]>, peer: Arc<[u8]>, lost: bool) {
        let Some(swarm) = self.swarms.get_mut(&topic) else { return };
        let Some(member) = swarm.members.get_mut(&peer) else { return };
        member.lines.retain(|line| line.stream != id);
        let gone = member.lines.is_empty();
        let absent = gone && member.remote.is_none();
        let told = alter!(KUBE_SIG_011, absent, "a peer has left with the first of its streams" => true);
        if gone {
            swarm.local -= 1;
        }
        if absent {
            swarm.members.remove(&peer);
            self.counters.members -= 1;
        }
        if told {
            swarm.tell(&peer, Item::Left { peer: &peer }, &mut self.full);
        }
        let local = swarm.local;
        if gone {
            self.report(|| RemoteOutput::Left { topic: Arc::clone(&topic), peer, lost });
            if local == 0 {
                let forgotten = alter!(KUBE_SIG_043, true, "an empty swarm is kept" => false);
                if forgotten {
                    self.counters.swarms -= 1;
                    self.forget_topic(&topic);
                }
                self.report(|| RemoteOutput::Unwanted { topic });
            }
        }
    }

    fn used_less(&mut self, peer: &Arc<[u8]>, joins: usize, subscriptions: usize) {
        let Some(usage) = self.usage.get_mut(peer) else { return };
        usage.joins -= joins;
        usage.subscriptions -= subscriptions;
        if usage.joins + usage.subscriptions == 0 {
            self.usage.remove(peer);
        }
    }
}
