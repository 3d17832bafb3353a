//! What follows from the roles: feeds, epochs, profiles and invitations.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::super::{Delegation, Feed, Id, Outcome, Role, Stated, View};
use super::graph::{Ix, Key};
use super::{Convergent, Record};
use crate::Reject;

/// What a member calls itself: when, the id of the credential, and the name, if any.
type OwnName<'a> = (i64, Reverse<Id>, Option<&'a String>);

/// What a member was called by a credential about it: the place and the id of that, and the name, if any.
type GivenName<'a> = (Ix, Id, Option<&'a String>);

/// All that follows.
#[derive(Debug)]
pub(super) struct Settled {
    /// By record.
    pub(super) outcomes: Vec<Outcome>,
    pub(super) view: View,
}

impl Convergent {
    fn key_of(&self, key: &[u8]) -> Option<Key> {
        self.keys.get(key).copied()
    }

    /// Whether somebody administers now, or is the space key.
    fn administers(&self, key: &[u8]) -> bool {
        key == self.space || self.key_of(key).is_some_and(|key| self.members.role(key).administers())
    }

    /// Whether somebody was given such a role.
    fn was_given(&self, key: &[u8], is_meant: impl Fn(Role) -> bool) -> bool {
        self.key_of(key).is_some_and(|key| self.members.was_given(key, is_meant))
    }

    /// What becomes of a record, others of its kind left aside.
    pub(super) fn outcome_so_far(&self, number: usize) -> Outcome {
        let Some(record) = self.records.get(number) else { return Outcome::Held };
        if self.waiting.holds(number) {
            return Outcome::Held;
        }
        match self.judge(record) {
            Ok(()) => Outcome::Accepted,
            Err(reject) => Outcome::Void(reject),
        }
    }

    fn judge(&self, record: &Record) -> Result<(), Reject> {
        let statement = &record.statement;
        match &statement.stated {
            Stated::Genesis { .. } => Ok(()),
            Stated::Member { .. } => record.place.map_or(Ok(()), |place| self.members.result(place)),
            Stated::Profile { .. } => {
                let is_own = statement.issuer == statement.subject;
                require!(HALO_SPACE_022, is_own, AuthRole, "a profile is issued by its subject")?;
                let is_member = self.was_given(&statement.subject, |_| true);
                require!(HALO_SPACE_023, is_member, StateOrder, "the profile of nobody who is a member")
            }
            Stated::Feed { identity, .. } => {
                let is_space = statement.issuer == self.space;
                let is_own = is_space || statement.issuer == *identity;
                require!(HALO_SPACE_012, is_own, AuthRole, "a feed is admitted by its member")?;
                let writes = is_space
                    || alter!(HALO_SPACE_014, self.was_given(identity, Role::writes),
                        "the feeds of who may not write any more are gone" =>
                            self.key_of(identity).is_some_and(|key| self.members.role(key).writes()));
                require!(
                    HALO_SPACE_013,
                    writes,
                    AuthRole,
                    "the member of the feed never had a right to write"
                )
            }
            Stated::Delegate(delegation) => self.may_delegate(&statement.issuer, delegation),
            Stated::Cancel { credential } => {
                let has_right =
                    self.administers(&statement.issuer) || self.delegated(&statement.issuer, credential);
                require!(HALO_DELEG_004, has_right, AuthRole, "who cancels does not administer")
            }
            Stated::Epoch { .. } => {
                let is_space = statement.issuer == self.space;
                let has_right = is_space || self.was_given(&statement.issuer, Role::administers);
                require!(HALO_SPACE_019, has_right, AuthRole, "the issuer of the epoch never administered")
            }
            _ => alter!(HALO_SPACE_006, Ok(()), "what has no meaning here is void" =>
                Err(Reject::new(crate::requirement::HALO_SPACE_006, crate::Class::SchemaType, "no meaning"))),
        }
    }

    fn may_delegate(&self, issuer: &[u8], delegation: &Delegation) -> Result<(), Reject> {
        let role = Role(delegation.role);
        require!(HALO_DELEG_001, self.administers(issuer), AuthRole, "who delegates does not administer")?;
        require!(HALO_DELEG_002, role != Role::OWNER, AuthRole, "nobody is invited as OWNER")?;
        let is_given = matches!(role, Role::ADMIN | Role::EDITOR | Role::READER);
        require!(HALO_DELEG_002, is_given || role == Role::OWNER, SchemaRange, "a role that cannot be given")
    }

    /// Whether somebody issued this invitation.
    fn delegated(&self, issuer: &[u8], id: &[u8]) -> bool {
        let number = self.known.get(&(id.to_vec(), super::Kind::Delegate));
        let record = number.and_then(|number| self.records.get(*number));
        record.is_some_and(|record| record.statement.issuer == issuer)
    }
}

impl Settled {
    /// Works everything out; what losses make void is known.
    pub(super) fn of(machine: &Convergent) -> Self {
        let outcomes = (0..machine.records.len()).map(|number| machine.outcome_so_far(number)).collect();
        let mut settled = Self { outcomes, view: View::default() };
        settled.genesis(machine);
        settled.feeds(machine);
        settled.epochs(machine);
        settled.members(machine);
        settled.invitations(machine);
        settled.view.heads = machine.heads().into_iter().collect();
        settled
    }

    /// The records that are accepted so far, by number.
    fn accepted<'a>(&self, machine: &'a Convergent) -> impl Iterator<Item = (usize, &'a Record)> {
        let is_accepted =
            |(number, _): &(usize, &Record)| self.outcomes.get(*number) == Some(&Outcome::Accepted);
        machine.records.iter().enumerate().filter(is_accepted)
    }

    fn make_void(&mut self, number: usize, result: Result<(), Reject>) {
        if let (Some(outcome), Err(reject)) = (self.outcomes.get_mut(number), result) {
            *outcome = Outcome::Void(reject);
        }
    }

    fn genesis(&mut self, machine: &Convergent) {
        let found: Vec<(usize, Id)> = self
            .accepted(machine)
            .filter(|(_, record)| matches!(record.statement.stated, Stated::Genesis { .. }))
            .map(|(number, record)| (number, record.statement.id))
            .collect();
        let smallest = found.iter().map(|(_, id)| *id).min();
        self.view.genesis = alter!(HALO_SPACE_010, smallest,
            "the first genesis to arrive counts" => found.first().map(|(_, id)| *id));
        for (number, id) in found {
            let counts = self.view.genesis == Some(id);
            self.make_void(
                number,
                require!(HALO_SPACE_010, counts, StateDuplicate, "another genesis counts"),
            );
        }
    }

    fn feeds(&mut self, machine: &Convergent) {
        let mut found: BTreeMap<Vec<u8>, Vec<(Id, usize, Feed)>> = BTreeMap::new();
        for (number, record) in self.accepted(machine) {
            if let Stated::Feed { designation, .. } = record.statement.stated {
                let feed = Feed { parent: record.source.clone(), designation };
                let key = record.statement.subject.clone();
                found.entry(key).or_default().push((record.statement.id, number, feed));
            }
        }
        for (key, mut admissions) in found {
            alter!(HALO_SPACE_015, admissions.sort_by_key(|(id, ..)| *id),
                "the last admission to arrive counts" => admissions.reverse());
            let mut admissions = admissions.into_iter();
            if let Some((_, _, feed)) = admissions.next() {
                self.view.feeds.insert(key, feed);
            }
            for (_, number, _) in admissions {
                self.make_void(
                    number,
                    refuse!(HALO_SPACE_015, StateDuplicate, "another admission of the feed counts"),
                );
            }
        }
    }

    fn epochs(&mut self, machine: &Convergent) {
        let mut epochs: Vec<Epoch<'_>> = self
            .accepted(machine)
            .filter_map(|(place, record)| match &record.statement.stated {
                Stated::Epoch { number, previous } => {
                    Some(Epoch { place, number: *number, previous: previous.as_deref(), record })
                }
                _ => None,
            })
            .collect();
        // One that counts has a greater number than the one before it.
        epochs.sort_by_key(|epoch| (epoch.number, Reverse(epoch.record.statement.id)));
        let mut chained: BTreeMap<&[u8], &Epoch<'_>> = BTreeMap::new();
        for epoch in &epochs {
            match epoch.follows(machine, &chained) {
                Ok(()) => {
                    chained.insert(&epoch.record.statement.id, epoch);
                }
                Err(reject) => self.make_void(epoch.place, Err(reject)),
            }
        }
        let has_right = |epoch: &&Epoch<'_>| {
            alter!(HALO_SPACE_020, machine.administers(&epoch.record.statement.issuer),
                "who administered once sets epochs for ever" => true)
        };
        let latest =
            || epochs.iter().filter(|epoch| chained.contains_key(epoch.record.statement.id.as_slice()));
        let in_force = alter!(HALO_SPACE_020, latest().rfind(has_right),
            "the first to arrive of several epochs is in force" =>
                latest().filter(has_right).max_by_key(|epoch| (epoch.number, Reverse(epoch.place))));
        self.view.epoch = in_force.map(|epoch| epoch.record.statement.id.to_vec());
        let mut kept = BTreeSet::new();
        let mut next = in_force;
        while let Some(epoch) = next {
            kept.insert(epoch.place);
            next = epoch.previous.and_then(|id| chained.get(id).copied());
        }
        for epoch in latest() {
            let is_kept = kept.contains(&epoch.place);
            let result = if has_right(&epoch) {
                require!(HALO_SPACE_021, is_kept, StateConflict, "another epoch is in force")
            } else {
                require!(HALO_SPACE_021, is_kept, AuthRole, "the issuer of the epoch does not administer")
            };
            self.make_void(epoch.place, result);
        }
    }

    fn members(&mut self, machine: &Convergent) {
        let mut own: BTreeMap<&[u8], OwnName<'_>> = BTreeMap::new();
        for (_, record) in self.accepted(machine) {
            let statement = &record.statement;
            if let Stated::Profile { profile } = &statement.stated {
                let date =
                    alter!(HALO_SPACE_024, statement.date, "the smaller id decides between profiles" => 0);
                let said = (date, Reverse(statement.id), profile.as_ref().and_then(Option::as_ref));
                let best = own.entry(&statement.subject).or_insert(said);
                alter!(HALO_SPACE_024, *best = said.max(*best), "the last profile to arrive counts" => *best = said);
            }
        }
        let given = given_profiles(machine);
        for (key, number) in &machine.keys {
            if !machine.members.was_given(*number, |_| true) {
                continue;
            }
            self.view.members.insert(key.clone(), machine.members.role(*number).0);
            let given = given.get(number).copied().flatten();
            let own = own.get(key.as_slice()).map(|(_, _, name)| *name);
            let name = alter!(HALO_SPACE_025, own.unwrap_or(given),
                "the profile that others gave goes before the own one" => given.or_else(|| own.flatten()));
            if let Some(name) = name {
                self.view.profiles.insert(key.clone(), name.clone());
            }
        }
    }

    fn invitations(&mut self, machine: &Convergent) {
        let (mut cancelled, mut redeemed) = (BTreeSet::new(), BTreeSet::new());
        for (number, record) in machine.records.iter().enumerate() {
            let is_accepted = self.outcomes.get(number) == Some(&Outcome::Accepted);
            match &record.statement.stated {
                Stated::Cancel { credential } if is_accepted => {
                    alter!(HALO_DELEG_003, cancelled.insert(credential),
                        "a cancellation that comes before the invitation is lost" =>
                            machine.records.iter().take(number).any(|earlier| earlier.statement.id[..] == credential[..])
                                && cancelled.insert(credential));
                }
                Stated::Member { invitation: Some(invitation), .. } if alter!(HALO_DELEG_007, is_accepted, "what is void redeems an invitation" => true) =>
                {
                    alter!(HALO_DELEG_005, redeemed.insert(invitation),
                        "an invitation can be redeemed again" => false);
                }
                _ => {}
            }
        }
        let accepted: Vec<&Record> = self.accepted(machine).map(|(_, record)| record).collect();
        for record in accepted {
            if let Stated::Delegate(delegation) = &record.statement.stated {
                let id = record.statement.id.to_vec();
                let is_used = alter!(HALO_DELEG_006, !delegation.multi_use && redeemed.contains(&id),
                    "an invitation for many is for one" => redeemed.contains(&id));
                let is_over = delegation.expires_on.is_some_and(|end| {
                    alter!(HALO_DELEG_008, end <= machine.now,
                        "an invitation is open in the millisecond in which it expires" => end < machine.now,
                        "an invitation does not expire" => false)
                });
                if !is_used && !is_over && !cancelled.contains(&id) {
                    self.view.invitations.insert(id);
                }
            }
        }
        alter!(HALO_DELEG_009, (),
            "a member by an invitation that is closed is void" => self.only_by_open_invitations(machine));
    }

    #[cfg(feature = "mutants")]
    fn only_by_open_invitations(&mut self, machine: &Convergent) {
        for (number, record) in machine.records.iter().enumerate() {
            let Stated::Member { invitation: Some(invitation), .. } = &record.statement.stated else {
                continue;
            };
            let is_open = self.view.invitations.contains(invitation);
            let reject = Reject::new(
                crate::requirement::HALO_DELEG_009,
                crate::Class::AuthRevoked,
                "by an invitation that is closed",
            );
            self.make_void(number, if is_open { Ok(()) } else { Err(reject) });
        }
    }
}

/// An epoch whose issuer may have issued it.
struct Epoch<'a> {
    /// The number of its record.
    place: usize,
    number: i64,
    previous: Option<&'a [u8]>,
    record: &'a Record,
}

impl Epoch<'_> {
    /// That it is the first one, or rests on one that counts.
    fn follows(&self, machine: &Convergent, chained: &BTreeMap<&[u8], &Epoch<'_>>) -> Result<(), Reject> {
        let expected = match self.previous {
            None => Some(0),
            Some(id) => machine
                .known
                .get(&(id.to_vec(), super::Kind::Epoch))
                .and_then(|place| machine.records.get(*place))
                .and_then(|record| match record.statement.stated {
                    Stated::Epoch { number, .. } => number.checked_add(1),
                    _ => None,
                }),
        };
        let is_next = expected == Some(self.number);
        require!(HALO_SPACE_017, is_next, SchemaConstraint, "not the number behind the epoch before it")?;
        let rests = self.previous.is_none_or(|id| chained.contains_key(id));
        require!(HALO_SPACE_030, rests, StateConflict, "the epoch before it is void")
    }
}

/// The names by which members were admitted, as far as a credential about them has a profile.
fn given_profiles(machine: &Convergent) -> BTreeMap<Key, Option<&String>> {
    let mut latest: BTreeMap<Key, Vec<GivenName<'_>>> = BTreeMap::new();
    let mut found: Vec<(Ix, &Record)> =
        machine.records.iter().filter_map(|record| Some((record.place?, record))).collect();
    // Later ones first: what comes then is an ancestor of one of them, or beside all.
    found.sort_unstable_by_key(|(place, _)| Reverse(*place));
    for (place, record) in found {
        let Stated::Member { profile: Some(name), .. } = &record.statement.stated else { continue };
        let (Ok(()), Some(fact)) = (machine.members.result(place), machine.members.graph.fact(place)) else {
            continue;
        };
        let latest = latest.entry(fact.subject).or_default();
        let is_before = latest.iter().any(|(later, ..)| machine.members.graph.is_ancestor(place, *later));
        if !alter!(HALO_SPACE_025, is_before, "a profile from before the latest one counts" => false) {
            latest.push((place, fact.id, name.as_ref()));
        }
    }
    latest
        .into_iter()
        .filter_map(|(key, names)| Some((key, names.into_iter().min_by_key(|(_, id, _)| *id)?.2)))
        .collect()
}
