//! Which peers of a swarm connect to which.

use std::collections::BTreeSet;

/// Milliseconds between two connections that [`Topology::Mmst`] begins; MESH-SWARM-038.
const MMST_INTERVAL: u64 = 10_000;

/// What a topology decides by.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) own: &'a [u8],
    /// Peers with a connection in any state.
    pub(super) connected: Vec<Vec<u8>>,
    /// Peers that are announced, have no connection and may be offered one.
    pub(super) candidates: Vec<Vec<u8>>,
    /// Peers that are known at all.
    pub(super) all: Vec<Vec<u8>>,
}

/// A few connections for each peer, by the distance of keys.
#[derive(Clone, Debug)]
pub struct Mmst {
    /// Connections that a peer begins by itself.
    pub originate: usize,
    /// Connections from which on it accepts no more.
    pub max: usize,
    /// Candidates of which the nearest is taken.
    pub sample: usize,
    /// When a connection was last begun, in milliseconds.
    last: u64,
}

impl Mmst {
    /// With the numbers of connections to begin and to accept, and of candidates to choose from.
    pub const fn new(originate: usize, max: usize, sample: usize) -> Self {
        Self { originate, max, sample, last: 0 }
    }
}

/// Which connections a peer begins and accepts.
#[derive(Clone, Debug)]
pub enum Topology {
    /// Everybody with everybody.
    Full,
    /// Everybody with one peer, given by its key.
    Star(Vec<u8>),
    /// A few for each, as in swarms of spaces.
    Mmst(Mmst),
    /// Of the peer that invites: to each other peer once, one at a time.  The keys are those it has offered to.
    Host(BTreeSet<Vec<u8>>),
    /// Of the peer that is invited: it waits.
    Guest,
}

impl Topology {
    /// The peer that invites, before it has met anybody.
    pub const fn host() -> Self {
        Self::Host(BTreeSet::new())
    }

    /// To whom a connection is to be begun.  `pick` chooses an index below its argument at random.
    pub(super) fn update(
        &mut self,
        view: &View<'_>,
        now: u64,
        mut pick: impl FnMut(usize) -> usize,
    ) -> Vec<Vec<u8>> {
        let mut connect = Vec::new();
        match self {
            Self::Full => {
                connect = alter!(MESH_SWARM_033, view.candidates.clone(),
                "a peer has one connection at most" =>
                    view.candidates.iter().take(usize::from(view.connected.is_empty())).cloned().collect())
            }
            Self::Star(center) => {
                let central = view.own == center.as_slice();
                let leaf = |peer: &&Vec<u8>| {
                    alter!(MESH_SWARM_034, central || *peer == center,
                    "leaves connect to each other" => true)
                };
                connect = view.candidates.iter().filter(leaf).cloned().collect();
            }
            Self::Mmst(mmst) => {
                if view.connected.len() < mmst.originate && now.saturating_sub(mmst.last) > MMST_INTERVAL {
                    let mut rest = view.candidates.clone();
                    let mut sample = Vec::new();
                    while sample.len() < mmst.sample && !rest.is_empty() {
                        let at = pick(rest.len()).min(rest.len() - 1);
                        sample.push(rest.swap_remove(at));
                    }
                    sample.sort_by_key(|peer| {
                        alter!(MESH_SWARM_038, distance(peer, view.own),
                        "the nearest key is the lowest" => peer.clone())
                    });
                    connect = sample.into_iter().take(1).collect();
                    if !connect.is_empty() {
                        mmst.last = now;
                    }
                }
            }
            Self::Host(seen) => {
                let alone = alter!(MESH_SWARM_036, view.connected.is_empty(),
                    "a host offers to several guests at a time" => true);
                if alone {
                    seen.retain(|peer| view.all.contains(peer));
                    let next = view.candidates.iter().find(|peer| {
                        alter!(MESH_SWARM_036, !seen.contains(*peer), "a host offers to a guest again" => true)
                    });
                    connect = next.into_iter().cloned().collect();
                    seen.extend(connect.iter().cloned());
                }
            }
            Self::Guest => alter!(MESH_SWARM_035, (), "a guest offers" =>
                connect = view.candidates.clone()),
        }
        connect
    }

    /// Whether an offer is accepted.
    pub(super) fn accepts(&self, view: &View<'_>, peer: &[u8]) -> bool {
        match self {
            Self::Full | Self::Guest => true,
            Self::Star(center) => view.own == center.as_slice() || peer == center.as_slice(),
            Self::Mmst(mmst) => alter!(MESH_SWARM_039, view.connected.len() < mmst.max,
                "a peer accepts any number of connections" => true),
            Self::Host(seen) => alter!(MESH_SWARM_037, !seen.contains(peer),
                "a host accepts offers of peers that it has met" => true),
        }
    }
}

/// The distance of two keys: the bytes of one that differ from those of the other, and how.
fn distance(one: &[u8], other: &[u8]) -> Vec<u8> {
    let byte = |key: &[u8], at: usize| key.get(at).copied().unwrap_or_default();
    (0..one.len().max(other.len())).map(|at| byte(one, at) ^ byte(other, at)).collect()
}
