//! One result for every order of arrival.
//!
//! ```text
//!  Entry ─► refused
//!        └► Record ─► held (waiting.rs) ─► Members: graph ─► permitted ─► what losses void ─► roles
//!                  └────────────────────► Settled: genesis, feeds, epochs, profiles, invitations by these roles
//! ```
//!
//! Whether a credential is permitted, and by which level, follows from its ancestors when it is placed. What losses
//! make void is worked out when it is asked for, and only if a loss and something that its subject issued were
//! found to be concurrent.

mod claims;
mod graph;
mod members;
mod settle;
mod trie;
mod waiting;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use graph::{Fact, Ix, Key};
use members::{Members, SPACE};
use settle::Settled;
use waiting::{Need, Waiting};

use super::{Entry, Machine, Outcome, Role, Stated, Statement, View};
use crate::Reject;

/// One result for every order of arrival.
///
/// For each entry some bytes are kept, refused ones included: whoever takes entries in without end makes a new
/// machine of those that it still wants.
#[derive(Debug)]
pub struct Convergent {
    space: Vec<u8>,
    /// The time at which the expiry of invitations is judged, in Unix milliseconds.
    now: i64,
    /// What became of each entry on arrival: refused, or recorded under a number.
    arrivals: Vec<Result<usize, Reject>>,
    records: Vec<Record>,
    known: BTreeMap<(Vec<u8>, Kind), usize>,
    /// Numbers of the keys of issuers and subjects of placed members.
    keys: BTreeMap<Vec<u8>, Key>,
    /// Where a parent stands; nowhere for a genesis.
    places: BTreeMap<Vec<u8>, Option<Ix>>,
    /// Ids of epochs that do not wait.
    epochs: BTreeSet<Vec<u8>>,
    waiting: Waiting,
    has_genesis: bool,
    members: Members,
    settled: Option<Settled>,
    #[cfg(feature = "mutants")]
    mistaken: Mistaken,
}

/// What plausible mistakes need.
#[cfg(feature = "mutants")]
#[derive(Debug, Default)]
struct Mistaken {
    refused: BTreeSet<super::Id>,
    outcomes: Vec<Outcome>,
}

/// A credential that was taken in.
#[derive(Debug)]
struct Record {
    statement: Statement,
    /// The smallest key of a feed in which it stands.
    source: Vec<u8>,
    /// Where a `SpaceMember` is placed.
    place: Option<Ix>,
}

/// Types that have a meaning in a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Genesis,
    Member,
    Profile,
    Feed,
    Delegate,
    Cancel,
    Epoch,
    Other,
}

const fn kind(stated: &Stated) -> Kind {
    match stated {
        Stated::Genesis { .. } => Kind::Genesis,
        Stated::Member { .. } => Kind::Member,
        Stated::Profile { .. } => Kind::Profile,
        Stated::Feed { .. } => Kind::Feed,
        Stated::Delegate(_) => Kind::Delegate,
        Stated::Cancel { .. } => Kind::Cancel,
        Stated::Epoch { .. } => Kind::Epoch,
        _ => Kind::Other,
    }
}

impl Convergent {
    /// The most different credentials that are taken in.
    pub const MAX_CREDENTIALS: usize = 65_536;

    /// The most credentials that wait for others.
    pub const MAX_HELD: usize = 4_096;

    /// The most parents that a credential may list.
    pub const MAX_PARENTS: usize = 8_192;

    /// A machine that has taken nothing in, for a space given by its key.
    pub fn new(space: &[u8]) -> Self {
        Self {
            space: space.to_vec(),
            now: 0,
            arrivals: Vec::new(),
            records: Vec::new(),
            known: BTreeMap::new(),
            keys: [(space.to_vec(), SPACE)].into(),
            places: BTreeMap::new(),
            epochs: BTreeSet::new(),
            waiting: Waiting::default(),
            has_genesis: false,
            members: Members::default(),
            settled: None,
            #[cfg(feature = "mutants")]
            mistaken: Mistaken::default(),
        }
    }

    /// The number of the record of an entry, new or not.
    fn admit(&mut self, entry: &Entry) -> Result<usize, Reject> {
        let statement = &entry.statement;
        alter!(HALO_SPACE_004, (), "what was refused is taken for a repetition when it comes again" =>
        if self.mistaken.refused.contains(&statement.id) {
            return Err(Reject::new(crate::requirement::HALO_SPACE_004, crate::Class::StateDuplicate, "seen"));
        });
        alter!(HALO_SPACE_002, entry.verified.clone()?, "signatures are not looked at" => ());
        self.names_this_space(statement)?;
        let kind = kind(&statement.stated);
        let id = alter!(HALO_SPACE_003, statement.id.to_vec(),
            "the carried id tells credentials apart" => statement.carried_id.clone().unwrap_or_default());
        let key =
            (id, alter!(HALO_SPACE_003, kind, "one id is one credential, whatever its type" => Kind::Other));
        if let Some(number) = self.known.get(&key).copied() {
            if let Some(record) = self.records.get_mut(number)
                && entry.source_feed < record.source
            {
                alter!(HALO_SPACE_016, record.source.clone_from(&entry.source_feed),
                    "the feed from which it came first is the parent" => ());
            }
            return Ok(number);
        }
        let is_room = self.records.len() < Self::MAX_CREDENTIALS;
        require!(HALO_SPACE_026, is_room, ResourceCount, "more credentials than a space may have")?;
        let missing = self.missing(statement, kind)?;
        let number = self.records.len();
        let record = Record { statement: statement.clone(), source: entry.source_feed.clone(), place: None };
        self.records.push(record);
        self.known.insert(key, number);
        self.settled = None;
        self.take_in(number, kind, missing);
        Ok(number)
    }

    fn names_this_space(&self, statement: &Statement) -> Result<(), Reject> {
        let named = match &statement.stated {
            Stated::Genesis { space } | Stated::Member { space, .. } | Stated::Feed { space, .. } => space,
            Stated::Epoch { .. } => &statement.subject,
            _ => return Ok(()),
        };
        require!(HALO_SPACE_005, *named == self.space, SchemaConstraint, "about another space")?;
        if !matches!(statement.stated, Stated::Genesis { .. }) {
            return Ok(());
        }
        let issuer = statement.issuer == self.space;
        require!(HALO_SPACE_008, issuer, AuthRole, "a genesis is issued by the space key")?;
        let subject = statement.subject == self.space;
        require!(HALO_SPACE_009, subject, SchemaConstraint, "a genesis is about the space key")
    }

    /// What a credential waits for.
    fn missing(&self, statement: &Statement, kind: Kind) -> Result<Vec<Need>, Reject> {
        let mut missing: Vec<Need> = Vec::new();
        match (kind, &statement.stated) {
            (Kind::Genesis | Kind::Other, _) => return Ok(missing),
            (Kind::Member, _) => {
                let count = statement.parents.len();
                require!(HALO_SPACE_028, count <= Self::MAX_PARENTS, ResourceCount, "too many parents")?;
                let unknown = statement.parents.iter().filter(|parent| !self.places.contains_key(*parent));
                missing.extend(unknown.cloned().map(Need::Parent));
                alter!(HALO_MEMBER_002, (), "unknown parents are left out" => missing.clear());
            }
            (_, Stated::Epoch { previous: Some(previous), .. }) if !self.epochs.contains(previous) => {
                alter!(HALO_SPACE_018, missing.push(Need::Epoch(previous.clone())),
                    "an epoch counts without the one before it" => ());
            }
            _ => {}
        }
        let is_early = !self.has_genesis;
        if alter!(HALO_SPACE_011, is_early, "nothing waits for the genesis" => false) {
            missing.push(Need::Genesis);
        }
        missing.sort_unstable();
        missing.dedup();
        let is_room = missing.is_empty() || self.waiting.len() < Self::MAX_HELD;
        require!(HALO_SPACE_027, is_room, ResourceCount, "more credentials wait than may")?;
        Ok(missing)
    }

    fn take_in(&mut self, number: usize, kind: Kind, missing: Vec<Need>) {
        if !missing.is_empty() {
            self.waiting.hold(number, missing);
            return;
        }
        let mut ready = vec![(number, kind)];
        while let Some((number, kind)) = ready.pop() {
            let Some(id) = self.records.get(number).map(|record| record.statement.id.to_vec()) else {
                continue;
            };
            let released = match kind {
                Kind::Genesis => {
                    self.has_genesis = true;
                    self.places.insert(id.clone(), None);
                    let mut released = self.waiting.arrived(&Need::Genesis);
                    released.extend(self.waiting.arrived(&Need::Parent(id)));
                    released
                }
                Kind::Member => {
                    let place = self.place(number);
                    let is_void = alter!(HALO_MEMBER_003, false,
                        "what names a void credential waits for ever" => self.members.result(place).is_err());
                    if is_void {
                        continue;
                    }
                    self.places.insert(id.clone(), Some(place));
                    self.waiting.arrived(&Need::Parent(id))
                }
                Kind::Epoch => {
                    self.epochs.insert(id.clone());
                    self.waiting.arrived(&Need::Epoch(id))
                }
                _ => continue,
            };
            let released =
                alter!(HALO_SPACE_007, released, "what was held is not looked at again" => Vec::new());
            ready.extend(released.into_iter().filter_map(|number| {
                self.records.get(number).map(|record| (number, self::kind(&record.statement.stated)))
            }));
        }
    }

    /// Places a `SpaceMember` whose parents are there.
    fn place(&mut self, number: usize) -> Ix {
        let (issuer, subject, role, parents) = match self.records.get_mut(number) {
            Some(Record { statement, .. }) => (
                statement.issuer.clone(),
                statement.subject.clone(),
                match statement.stated {
                    Stated::Member { role, .. } => Role(role),
                    _ => Role::REMOVED,
                },
                // They are not needed any more.
                std::mem::take(&mut statement.parents),
            ),
            None => return Ix::MAX,
        };
        let parents = alter!(HALO_MEMBER_001, parents,
            "a credential without parents comes behind all that is there" =>
                if parents.is_empty() { self.heads() } else { parents });
        let mut parents: Vec<Ix> =
            parents.iter().filter_map(|parent| self.places.get(parent).copied().flatten()).collect();
        parents.sort_unstable();
        parents.dedup();
        let record = self.records.get(number);
        let fact = Fact {
            id: record.map(|record| record.statement.id).unwrap_or_default(),
            #[cfg(feature = "mutants")]
            date: record.map_or(0, |record| record.statement.date),
            issuer: self.key(issuer),
            subject: self.key(subject),
            role,
            parents,
        };
        let place = self.members.place(fact);
        if let Some(record) = self.records.get_mut(number) {
            record.place = Some(place);
        }
        place
    }

    /// The number of a key.
    fn key(&mut self, key: Vec<u8>) -> Key {
        let next = Key::try_from(self.keys.len()).unwrap_or(Key::MAX);
        *self.keys.entry(key).or_insert(next)
    }

    fn heads(&self) -> Vec<Vec<u8>> {
        let heads = self.members.graph.heads();
        let ids = |ix| self.members.graph.fact(ix).map(|fact| fact.id.to_vec());
        alter!(HALO_MEMBER_018, heads.filter_map(ids).collect(),
            "what a loss made void is no parent of what comes next" =>
                heads.filter(|ix| self.members.result(*ix).is_ok()).filter_map(ids).collect(),
            "what is void for good is a parent of what comes next" =>
                self.members.graph.ends().into_iter().filter_map(ids).collect())
    }

    fn settled(&mut self) -> &Settled {
        self.members.settle();
        match self.settled.take() {
            Some(settled) => self.settled.insert(settled),
            None => {
                let settled = Settled::of(self);
                self.settled.insert(settled)
            }
        }
    }
}

impl Machine for Convergent {
    fn set_now(&mut self, now: i64) {
        self.now = now;
        self.settled = None;
    }

    /// What is returned is what can be said without going through the graph; [`Self::outcomes`] is exact.
    fn process(&mut self, entry: &Entry) -> Outcome {
        let arrival = self.admit(entry);
        let outcome = match &arrival {
            Ok(number) => self.outcome_so_far(*number),
            Err(reject) => Outcome::Refused(reject.clone()),
        };
        #[cfg(feature = "mutants")]
        {
            if arrival.is_err() {
                self.mistaken.refused.insert(entry.statement.id);
            }
            self.mistaken.outcomes.push(outcome.clone());
        }
        self.arrivals.push(arrival);
        outcome
    }

    fn view(&mut self) -> View {
        self.settled().view.clone()
    }

    fn outcomes(&mut self) -> Vec<Outcome> {
        alter!(HALO_SPACE_001, (), "the outcome is that of the arrival" => return self.mistaken.outcomes.clone());
        let by_record = self.settled().outcomes.clone();
        let outcome = |number: &usize| by_record.get(*number).cloned().unwrap_or(Outcome::Held);
        let arrivals = self.arrivals.iter();
        arrivals
            .map(|arrival| arrival.as_ref().map_or_else(|reject| Outcome::Refused(reject.clone()), outcome))
            .collect()
    }
}
