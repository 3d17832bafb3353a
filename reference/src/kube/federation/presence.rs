//! Peers that other servers have announced.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::Host;

/// What the board of this server is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Available { topic: Arc<[u8]>, peer: Arc<[u8]>, since: u64, until: u64 },
    Left { topic: Arc<[u8]>, peer: Arc<[u8]> },
    Message(Vec<u8>),
}

/// What one server says of a peer.
#[derive(Clone, Copy, Debug)]
struct Presence {
    since: u64,
    until: u64,
    /// Its server is silent.
    hidden: bool,
}

type Member = (Arc<[u8]>, Arc<[u8]>);

/// A peer in a topic, by the servers that have announced it.
#[derive(Debug, Default)]
struct Entry {
    by: BTreeMap<Host, Presence>,
    /// Since and until when, as the board knows it.
    shown: Option<(u64, u64)>,
}

/// All that other servers have announced in the topics of this one.
#[derive(Debug, Default)]
pub(super) struct Presences {
    members: BTreeMap<Member, Entry>,
    hosts: BTreeMap<Host, BTreeSet<Member>>,
    lapses: BTreeSet<(u64, Member, Host)>,
    /// In how many topics a peer is shown.
    shown: HashMap<Arc<[u8]>, usize>,
    /// How many peers are announced in a topic.
    counts: HashMap<Arc<[u8]>, usize>,
}

impl Presences {
    pub(super) fn len(&self) -> usize {
        self.lapses.len()
    }

    /// Whether a peer is on another server.
    pub(super) fn shows(&self, peer: &[u8]) -> bool {
        self.shown.contains_key(peer)
    }

    /// Whether an announcement has a place: the peer is known, or there are fewer than `most` in the topic.
    pub(super) fn admits(&self, topic: &Arc<[u8]>, peer: &[u8], most: usize) -> bool {
        self.counts.get(topic).is_none_or(|count| *count < most)
            || self.members.contains_key(&(Arc::clone(topic), Arc::from(peer)))
    }

    /// Whether a server has announced anything that still holds.
    pub(super) fn has(&self, host: Host) -> bool {
        self.hosts.contains_key(&host)
    }

    pub(super) fn deadline(&self) -> Option<u64> {
        self.lapses.first().map(|(until, ..)| *until)
    }

    pub(super) fn insert(
        &mut self,
        topic: &Arc<[u8]>,
        peer: &[u8],
        host: Host,
        since: u64,
        until: u64,
        told: &mut VecDeque<Told>,
    ) {
        let member: Member = (Arc::clone(topic), Arc::from(peer));
        if !self.members.contains_key(&member) {
            *self.counts.entry(Arc::clone(topic)).or_default() += 1;
        }
        let entry = self.members.entry(member.clone()).or_default();
        let old = entry.by.insert(host, Presence { since, until, hidden: false });
        if let Some(old) = old {
            self.lapses.remove(&(old.until, member.clone(), host));
        }
        self.lapses.insert((until, member.clone(), host));
        self.hosts.entry(host).or_default().insert(member.clone());
        alter!(KUBE_FED_018, self.refresh(&member, told), "peers of other servers are not told of" => ());
    }

    /// Takes back what a server has announced; the server if that was the last of it.
    pub(super) fn remove(
        &mut self,
        topic: &Arc<[u8]>,
        peer: &[u8],
        host: Host,
        told: &mut VecDeque<Told>,
    ) -> Option<Host> {
        let member: Member = (Arc::clone(topic), Arc::from(peer));
        let entry = self.members.get_mut(&member)?;
        let whole = alter!(KUBE_FED_020, false, "a peer has left once one of its servers says so" => true);
        if whole {
            entry.by.iter().filter(|(other, _)| **other != host).for_each(|(other, presence)| {
                self.lapses.remove(&(presence.until, member.clone(), *other));
                if let Some(members) = self.hosts.get_mut(other) {
                    members.remove(&member);
                }
            });
            entry.by.retain(|other, _| *other == host);
        }
        let gone = entry.by.remove(&host)?;
        self.lapses.remove(&(gone.until, member.clone(), host));
        alter!(KUBE_FED_019, self.refresh(&member, told), "a peer that has left another server stays" => ());
        self.unlink(&member, host)
    }

    /// Lets what is over lapse; the servers of which nothing holds any more.
    pub(super) fn lapse(&mut self, now: u64, told: &mut VecDeque<Told>) -> Vec<Host> {
        let mut hosts = Vec::new();
        while self.lapses.first().is_some_and(|(until, ..)| *until <= now) {
            let Some((_, member, host)) = self.lapses.pop_first() else { break };
            if let Some(entry) = self.members.get_mut(&member) {
                entry.by.remove(&host);
            }
            self.refresh(&member, told);
            hosts.extend(self.unlink(&member, host));
        }
        hosts
    }

    /// Its server is silent.
    pub(super) fn hide(&mut self, host: Host, told: &mut VecDeque<Told>) {
        self.set_hidden(host, true, told);
    }

    /// Its server is heard again.
    pub(super) fn show(&mut self, host: Host, told: &mut VecDeque<Told>) {
        self.set_hidden(host, false, told);
    }

    fn set_hidden(&mut self, host: Host, hidden: bool, told: &mut VecDeque<Told>) {
        for member in self.hosts.get(&host).cloned().unwrap_or_default() {
            if let Some(presence) = self.members.get_mut(&member).and_then(|entry| entry.by.get_mut(&host)) {
                presence.hidden = hidden;
            }
            self.refresh(&member, told);
        }
    }

    /// What a server, or any, has announced holds no longer than `until` unless it is repeated; the topics of it.
    pub(super) fn doubt(&mut self, host: Option<Host>, until: u64) -> BTreeSet<Arc<[u8]>> {
        let mut topics = BTreeSet::new();
        for ((topic, peer), entry) in &mut self.members {
            for (by, presence) in &mut entry.by {
                if host.is_none_or(|host| host == *by) {
                    topics.insert(Arc::clone(topic));
                    if presence.until > until {
                        let member = (Arc::clone(topic), Arc::clone(peer));
                        self.lapses.remove(&(presence.until, member.clone(), *by));
                        presence.until = until;
                        self.lapses.insert((until, member, *by));
                    }
                }
            }
        }
        topics
    }

    /// Nobody here is in a topic any more; the servers of which nothing holds any more.
    pub(super) fn forget_topic(&mut self, topic: &Arc<[u8]>) -> Vec<Host> {
        let of_topic = self.members.range((Arc::clone(topic), Arc::from([]))..);
        let members: Vec<Member> =
            of_topic.map(|(member, _)| member.clone()).take_while(|(other, _)| other == topic).collect();
        let mut hosts = Vec::new();
        for member in members {
            let Some(entry) = self.members.remove(&member) else { continue };
            less(&mut self.counts, topic);
            if entry.shown.is_some() {
                less(&mut self.shown, &member.1);
            }
            for (host, presence) in entry.by {
                self.lapses.remove(&(presence.until, member.clone(), host));
                hosts.extend(self.unlink(&member, host));
            }
        }
        hosts
    }

    /// Tells the board what has changed of a peer.
    fn refresh(&mut self, member: &Member, told: &mut VecDeque<Told>) {
        let Some(entry) = self.members.get_mut(member) else { return };
        let visible = || entry.by.values().filter(|presence| !presence.hidden);
        let since = visible().map(|presence| presence.since).min();
        let until = visible().map(|presence| presence.until).max();
        let now = since.zip(until);
        let (topic, peer) = (Arc::clone(&member.0), Arc::clone(&member.1));
        let before = std::mem::replace(&mut entry.shown, now);
        if entry.by.is_empty() {
            self.members.remove(member);
            less(&mut self.counts, &topic);
        }
        match (before, now) {
            (before, Some((since, until))) if before != now => {
                if before.is_none() {
                    *self.shown.entry(Arc::clone(&peer)).or_default() += 1;
                }
                told.push_back(Told::Available { topic, peer, since, until });
            }
            (Some(_), None) => {
                less(&mut self.shown, &peer);
                told.push_back(Told::Left { topic, peer });
            }
            _ => {}
        }
    }

    fn unlink(&mut self, member: &Member, host: Host) -> Option<Host> {
        let members = self.hosts.get_mut(&host)?;
        members.remove(member);
        members.is_empty().then(|| {
            self.hosts.remove(&host);
            host
        })
    }
}

fn less(counts: &mut HashMap<Arc<[u8]>, usize>, key: &Arc<[u8]>) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
