//! Signalling across servers: each tells the others who is in its swarms, over a bus of subjects (NATS).
//!
//! ```text
//!  clients ──► Board ──poll_remote──► Federation ──poll──► bus ──► other servers
//!  clients ◄── Board ◄──remote_…───── Federation ◄─receive─ bus ◄── other servers
//! ```
//!
//! A server knows only of topics that a peer of its own is in, and of peers that announcements there name.  Nothing
//! waits here, and nothing is kept of messages: each is published at most once.

mod host;
mod presence;
mod subject;
mod wire;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use self::host::Hosts;
use self::presence::{Presences, Told};
pub use self::subject::{HOST_BYTES, Host, Subject};
use self::wire::Event;
pub use self::wire::{BACK_BYTES, MAX_KEY};
use super::signal::{Board, RemoteOutput, Sink};
use crate::Reject;

/// Times of a server, in milliseconds, and its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long an announcement holds: 600,000.
    pub lifetime: u64,
    /// When it is repeated: 300,000.
    pub renewal: u64,
    /// Between two signs of life: 5,000.
    pub heartbeat: u64,
    /// Without a sign of life for so long a server's peers count as gone: 15,000.
    pub silence: u64,
    /// How long a peer that was lost may take to come back before others are told: 5,000.
    pub grace: u64,
    /// Peers of other servers that are held in one topic: 4,096.
    pub members: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lifetime: 600_000,
            renewal: 300_000,
            heartbeat: 5_000,
            silence: 15_000,
            grace: 5_000,
            members: 4096,
        }
    }
}

/// A subscription on the bus; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subscription(u64);

impl Subscription {
    /// Its number, counted from 0.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// What the bus is to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Begin a subscription.
    Subscribe {
        /// Its name here.
        id: Subscription,
        /// The subject, whose last token is `*`.
        subject: String,
    },
    /// End a subscription; what still comes of it is ignored.
    Unsubscribe {
        /// Its name here.
        id: Subscription,
    },
    /// Publish.
    Publish {
        /// The subject.
        subject: String,
        /// A message of `dxos.mesh.signal`, encoded.
        payload: Vec<u8>,
    },
}

/// What a subscription is for.
#[derive(Clone, Debug)]
enum Interest {
    Own,
    Swarm(Arc<[u8]>),
    Peer(Arc<[u8]>),
    Alive,
}

/// A topic that a peer of this server is in.
#[derive(Debug)]
struct Topic {
    subscription: Subscription,
    /// Counts the asks; answers to earlier ones are too old.
    round: u64,
    /// Peers here, and since when.
    local: BTreeMap<Arc<[u8]>, u64>,
}

type Member = (Arc<[u8]>, Arc<[u8]>);

/// What one server knows of the others.  Times are Unix milliseconds.
#[derive(Debug)]
pub struct Federation {
    host: Host,
    settings: Settings,
    topics: BTreeMap<Arc<[u8]>, Topic>,
    inboxes: HashMap<Arc<[u8]>, Subscription>,
    interests: HashMap<Subscription, Interest>,
    hosts: Hosts,
    presences: Presences,
    /// When announcements are to be repeated.
    renewals: BTreeSet<(u64, Member)>,
    renewal_of: HashMap<Member, u64>,
    /// Peers that were lost, and when others are told.
    departing: BTreeMap<Member, u64>,
    heartbeat: u64,
    rounds: u64,
    next: u64,
    outputs: VecDeque<Output>,
    told: VecDeque<Told>,
}

impl Federation {
    /// A server on its bus; `host`: 16 random bytes, new at each start (KUBE-FED-001).
    pub fn new(host: Host, settings: Settings, now: u64) -> Self {
        let mut federation = Self {
            host,
            settings,
            topics: BTreeMap::new(),
            inboxes: HashMap::new(),
            interests: HashMap::new(),
            hosts: Hosts::default(),
            presences: Presences::default(),
            renewals: BTreeSet::new(),
            renewal_of: HashMap::new(),
            departing: BTreeMap::new(),
            heartbeat: now,
            rounds: 0,
            next: 0,
            outputs: VecDeque::new(),
            told: VecDeque::new(),
        };
        federation.subscribe(&Subject::Host { to: host, round: None }, Interest::Own);
        federation.tick(now);
        federation
    }

    /// The next thing that the bus is to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Carries over what the board has for other servers, and what they have for it.  To be called after anything
    /// was done with either.
    pub fn pump<S: Sink>(&mut self, board: &mut Board<S>, now: u64) {
        while let Some(output) = board.poll_remote() {
            self.local(output, now);
        }
        while let Some(told) = self.told.pop_front() {
            match told {
                Told::Available { topic, peer, since, until } => {
                    board.remote_available(&topic, &peer, since, Some(until), now);
                }
                Told::Left { topic, peer } => board.remote_left(&topic, &peer),
                // What does not decode was refused before.
                Told::Message(message) => drop(board.remote_message(&message)),
            }
        }
    }

    /// Takes a message of the bus: of which subscription, and on which subject.
    ///
    /// # Errors
    /// It is not as it must be, and was ignored (KUBE-FED-007, KUBE-FED-008, KUBE-FED-013, KUBE-FED-022, KUBE-FED-034).
    pub fn receive(
        &mut self,
        id: Subscription,
        subject: &str,
        payload: &[u8],
        now: u64,
    ) -> Result<(), Reject> {
        let Some(interest) = self.interests.get(&id).cloned() else { return Ok(()) };
        let (subject, from) = Subject::read(subject)?;
        let own = alter!(KUBE_FED_006, from == self.host, "a server listens to itself" => false);
        if own {
            return Ok(());
        }
        match interest {
            Interest::Swarm(topic) => self.swarm_event(&topic, from, Event::swarm(payload)?, now)?,
            Interest::Own => {
                let Subject::Host { round: Some(round), .. } = subject else { return Ok(()) };
                let (topic, event) = Event::answer(payload)?;
                let current = self.topics.get(topic.as_slice()).map(|topic| topic.round);
                let current = alter!(KUBE_FED_014, current == Some(round),
                    "an answer to an earlier question is taken" => current.is_some());
                if let Some((topic, _)) = self.topics.get_key_value(topic.as_slice()).filter(|_| current) {
                    let topic = Arc::clone(topic);
                    self.swarm_event(&topic, from, event, now)?;
                }
            }
            Interest::Peer(peer) => {
                let message = Event::message(payload, &peer)?;
                self.told.push_back(Told::Message(message.to_vec()));
                alter!(KUBE_FED_033, (), "a message of another server is published again" =>
                    self.publish(&Subject::of_peer(&peer), payload.to_vec()));
            }
            Interest::Alive => {}
        }
        self.heard(from, now);
        Ok(())
    }

    /// Does what is due.
    pub fn tick(&mut self, now: u64) {
        if self.heartbeat <= now {
            let every = self.settings.heartbeat;
            alter!(KUBE_FED_024, self.publish(&Subject::Alive, Vec::new()), "a server gives no sign of life" => ());
            self.heartbeat = now.saturating_add(every);
        }
        let over: Vec<Member> =
            self.departing.iter().filter(|(_, at)| **at <= now).map(|(member, _)| member.clone()).collect();
        for member in over {
            self.departing.remove(&member);
            self.say_left(&member.0, &member.1);
        }
        while self.renewals.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, (topic, peer))) = self.renewals.pop_first() else { break };
            self.renewal_of.remove(&(Arc::clone(&topic), Arc::clone(&peer)));
            alter!(KUBE_FED_015, self.announce(&topic, &peer, false, now), "an announcement is not repeated" => ());
        }
        for host in self.hosts.fallen_silent(now, self.settings.silence) {
            let gone = alter!(KUBE_FED_025, true, "the peers of a dead server stay" => false);
            if gone {
                self.presences.hide(host, &mut self.told);
            }
        }
        for host in self.presences.lapse(now, &mut self.told) {
            self.release(host);
        }
    }

    /// When [`Self::tick`] is due next, in Unix milliseconds.
    pub fn deadline(&self) -> u64 {
        let departing = self.departing.values().min().copied();
        let renewal = self.renewals.first().map(|(at, _)| *at);
        let silence = self.hosts.deadline(self.settings.silence);
        let times = [departing, renewal, silence, self.presences.deadline()];
        times.into_iter().flatten().fold(self.heartbeat, u64::min)
    }

    /// The connection to the bus is there again: what was said meanwhile is lost, on either side.
    pub fn reconnected(&mut self, now: u64) {
        let topics: Vec<Arc<[u8]>> = self.topics.keys().cloned().collect();
        self.heartbeat = now;
        self.tick(now);
        self.presences.doubt(None, now.saturating_add(self.settings.silence));
        for topic in topics {
            let peers: Vec<Arc<[u8]>> = self.local_peers(&topic);
            for (number, peer) in peers.iter().enumerate() {
                alter!(KUBE_FED_027, self.announce(&topic, peer, number == 0, now),
                    "after a reconnection nothing is said anew" => ());
            }
        }
    }

    /// The server stops: its peers leave.
    pub fn stop(&mut self) {
        let mut members: BTreeSet<Member> = self.departing.keys().cloned().collect();
        for (topic, open) in &self.topics {
            members.extend(open.local.keys().map(|peer| (Arc::clone(topic), Arc::clone(peer))));
        }
        self.departing.clear();
        for (topic, peer) in members {
            alter!(KUBE_FED_028, self.say_left(&topic, &peer), "a server stops without a word" => ());
        }
    }

    /// How many announcements of other servers are held.
    pub fn held(&self) -> usize {
        self.presences.len()
    }

    fn local(&mut self, output: RemoteOutput, now: u64) {
        match output {
            RemoteOutput::Wanted { topic } => {
                let interest = Interest::Swarm(Arc::clone(&topic));
                let subscription = self.subscribe(&Subject::of_topic(&topic), interest);
                self.topics.insert(topic, Topic { subscription, round: 0, local: BTreeMap::new() });
            }
            RemoteOutput::Unwanted { topic } => {
                if let Some(gone) = self.topics.remove(&topic) {
                    alter!(KUBE_FED_009, self.unsubscribe(gone.subscription),
                        "a topic that nobody here is in is still subscribed to" => ());
                }
                for host in self.presences.forget_topic(&topic) {
                    self.release(host);
                }
            }
            RemoteOutput::Joined { topic, peer, since } => {
                self.departing.remove(&(Arc::clone(&topic), Arc::clone(&peer)));
                let Some(open) = self.topics.get_mut(&topic) else { return };
                let first = open.local.is_empty();
                open.local.insert(Arc::clone(&peer), since);
                self.announce(&topic, &peer, first, now);
            }
            RemoteOutput::Left { topic, peer, lost } => {
                if let Some(open) = self.topics.get_mut(&topic) {
                    open.local.remove(&peer);
                }
                self.no_renewal(&topic, &peer);
                let wait = alter!(KUBE_FED_017, lost, "a peer that was lost is given no time" => false);
                if wait {
                    self.departing.insert((topic, peer), now.saturating_add(self.settings.grace));
                } else {
                    self.say_left(&topic, &peer);
                }
            }
            RemoteOutput::Subscribed { peer } => {
                let subscription =
                    self.subscribe(&Subject::of_peer(&peer), Interest::Peer(Arc::clone(&peer)));
                self.inboxes.insert(peer, subscription);
            }
            RemoteOutput::Unsubscribed { peer } => {
                if let Some(subscription) = self.inboxes.remove(&peer) {
                    alter!(KUBE_FED_032, self.unsubscribe(subscription),
                        "messages for a peer that is gone are still subscribed to" => ());
                }
            }
            RemoteOutput::Message { recipient, message, delivered } => {
                let elsewhere = alter!(KUBE_FED_031, delivered == 0 || self.presences.shows(&recipient),
                    "a message goes to other servers only where nobody here takes it" => delivered == 0);
                if elsewhere {
                    let subject = Subject::of_peer(&recipient);
                    alter!(KUBE_FED_030, self.publish(&subject, wire::peer_event(&message)),
                        "a message stays within the server" => ());
                }
            }
        }
    }

    fn swarm_event(&mut self, topic: &Arc<[u8]>, from: Host, event: Event, now: u64) -> Result<(), Reject> {
        match event {
            Event::Available { peer, since, until, back } => {
                if let Some(back) = back {
                    let (host, round) = wire::read_back(&back)?;
                    require!(
                        KUBE_FED_013,
                        host == from,
                        SchemaConstraint,
                        "answers are asked for on behalf of another server"
                    )?;
                    alter!(KUBE_FED_012, self.answer(topic, host, round, now), "nobody answers a newcomer" => ());
                }
                let longest = now.saturating_add(self.settings.lifetime);
                let until = until.unwrap_or(longest);
                let until =
                    alter!(KUBE_FED_021, until.min(longest), "an announcement holds for ever" => u64::MAX);
                if until <= now {
                    return Ok(());
                }
                require!(
                    KUBE_FED_022,
                    self.presences.admits(topic, &peer, self.settings.members),
                    ResourceCount,
                    "too many peers are announced in a topic"
                )?;
                if !self.hosts.knows(from) {
                    let subscription = self.subscribe(&Subject::AliveOf(from), Interest::Alive);
                    self.hosts.insert(from, subscription, now);
                }
                // Before it is heard of, so that a server that was silent is asked for all.
                self.heard(from, now);
                self.presences.insert(topic, &peer, from, since, until, &mut self.told);
            }
            Event::Left { peer } => {
                if let Some(host) = self.presences.remove(topic, &peer, from, &mut self.told) {
                    self.release(host);
                }
            }
        }
        Ok(())
    }

    /// A server has given a sign of life.
    fn heard(&mut self, host: Host, now: u64) {
        let was_silent = self.hosts.heard(host, now);
        if was_silent {
            let doubtful = now.saturating_add(self.settings.silence);
            let topics = self.presences.doubt(Some(host), doubtful);
            alter!(KUBE_FED_026, self.presences.show(host, &mut self.told), "a server that is back is not believed" => ());
            for topic in topics {
                if let Some(peer) = self.local_peers(&topic).first() {
                    self.announce(&topic, peer, true, now);
                }
            }
        }
    }

    /// Publishes that a peer is here, and asks for those elsewhere.
    fn announce(&mut self, topic: &Arc<[u8]>, peer: &Arc<[u8]>, ask: bool, now: u64) {
        let Some(open) = self.topics.get_mut(topic) else { return };
        let Some(since) = open.local.get(peer).copied() else { return };
        let ask = alter!(KUBE_FED_011, ask, "a newcomer does not ask who is there" => false);
        let back = if ask {
            self.rounds += 1;
            open.round = self.rounds;
            Some(wire::back(self.host, open.round))
        } else {
            None
        };
        let until = now.saturating_add(self.settings.lifetime);
        let payload = wire::available(peer, since, until, back.as_deref());
        alter!(KUBE_FED_010, self.publish(&Subject::of_topic(topic), payload), "a peer is not announced" => ());
        self.no_renewal(topic, peer);
        let at = now.saturating_add(self.settings.renewal);
        self.renewals.insert((at, (Arc::clone(topic), Arc::clone(peer))));
        self.renewal_of.insert((Arc::clone(topic), Arc::clone(peer)), at);
    }

    /// Tells one server of all peers here.
    fn answer(&mut self, topic: &Arc<[u8]>, to: Host, round: u64, now: u64) {
        let until = now.saturating_add(self.settings.lifetime);
        let local = self.topics.get(topic).map(|open| open.local.clone()).unwrap_or_default();
        for (peer, since) in local {
            let payload = wire::announce_back(topic, &peer, since, until);
            self.publish(&Subject::Host { to, round: Some(round) }, payload);
        }
    }

    fn say_left(&mut self, topic: &[u8], peer: &[u8]) {
        alter!(KUBE_FED_016, self.publish(&Subject::of_topic(topic), wire::left(peer)),
            "other servers are not told that a peer has left" => ());
    }

    fn no_renewal(&mut self, topic: &Arc<[u8]>, peer: &Arc<[u8]>) {
        let member = (Arc::clone(topic), Arc::clone(peer));
        if let Some(at) = self.renewal_of.remove(&member) {
            self.renewals.remove(&(at, member));
        }
    }

    fn local_peers(&self, topic: &[u8]) -> Vec<Arc<[u8]>> {
        self.topics.get(topic).map(|open| open.local.keys().cloned().collect()).unwrap_or_default()
    }

    /// Nothing is known of a host any more: no sign of life of it is waited for.
    fn release(&mut self, host: Host) {
        if !self.presences.has(host)
            && let Some(subscription) = self.hosts.remove(host)
        {
            self.unsubscribe(subscription);
        }
    }

    fn subscribe(&mut self, subject: &Subject, interest: Interest) -> Subscription {
        let id = Subscription(self.next);
        self.next += 1;
        self.interests.insert(id, interest);
        self.outputs.push_back(Output::Subscribe { id, subject: subject.pattern() });
        id
    }

    fn unsubscribe(&mut self, id: Subscription) {
        self.interests.remove(&id);
        self.outputs.push_back(Output::Unsubscribe { id });
    }

    fn publish(&mut self, subject: &Subject, payload: Vec<u8>) {
        self.outputs.push_back(Output::Publish { subject: subject.write(self.host), payload });
    }
}
