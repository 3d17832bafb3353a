//! One result for every order of arrival: everything is a function of the set of credentials.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::super::space::{Outcome, Stated, Statement};
use super::{MAX_CREDENTIALS, Parties, View};
use crate::keys::parse_space_id;
use crate::{Class, Reject, requirement as req};

/// A credential that is kept.
#[derive(Debug)]
struct Kept {
    statement: Statement,
    /// How many were kept before it: no right computation looks at it.
    #[cfg_attr(not(feature = "mutants"), allow(dead_code))]
    number: usize,
}

/// The credentials of a reader, by what tells them apart.
#[derive(Debug)]
pub(super) struct Convergent {
    parties: Parties,
    kept: BTreeMap<Vec<u8>, Kept>,
    /// For each arrival the name under which it is kept, or why it is not.
    arrived: Vec<Result<Vec<u8>, Reject>>,
}

impl Convergent {
    pub(super) const fn new(parties: Parties) -> Self {
        Self { parties, kept: BTreeMap::new(), arrived: Vec::new() }
    }

    pub(super) fn process(&mut self, statement: Statement, verified: Result<(), Reject>) {
        let verified = alter!(HALO_DEV_001, verified, "nothing is verified" => Ok(()));
        let name = alter!(HALO_DEV_016, statement.id.to_vec(),
            "credentials are told apart by the ids that they carry" =>
                statement.carried_id.clone().unwrap_or_default());
        let judged = verified.and_then(|()| self.admissible(&statement)).and_then(|()| self.room_for(&name));
        self.arrived.push(judged.map(|()| name.clone()));
        if matches!(self.arrived.last(), Some(Ok(_))) {
            let number = self.kept.len();
            self.kept.entry(name).or_insert(Kept { statement, number });
        }
    }

    /// Whether a credential may ever count, whatever else is known.
    fn admissible(&self, statement: &Statement) -> Result<(), Reject> {
        let by_identity = statement.issuer == self.parties.identity;
        let about_identity = statement.subject == self.parties.identity;
        match &statement.stated {
            Stated::Device { identity, device } => {
                require!(HALO_DEV_002, by_identity, AuthRole, "somebody else authorises a device")?;
                let named = *identity == self.parties.identity;
                require!(HALO_DEV_003, named, SchemaConstraint, "a device of another identity")?;
                let same = statement.subject == *device;
                require!(HALO_DEV_004, same, SchemaConstraint, "the subject is not the device")
            }
            Stated::DeviceProfile { .. } => {
                let allowed = alter!(HALO_DEV_006, by_identity || statement.issuer == statement.subject,
                    "the identity alone may name a device" => by_identity,
                    "a device alone may name itself" => statement.issuer == statement.subject);
                require!(HALO_DEV_006, allowed, AuthRole, "somebody else names a device")
            }
            Stated::IdentityProfile { .. } => {
                require!(HALO_PROF_001, by_identity, AuthRole, "somebody else names the identity")?;
                require!(HALO_PROF_002, about_identity, SchemaConstraint, "a profile of somebody else")
            }
            Stated::DefaultSpace { space_id } => {
                require!(HALO_DEV_008, about_identity, SchemaConstraint, "a default space of somebody else")?;
                let valid = parse_space_id(space_id).is_ok();
                require!(HALO_DEV_009, valid, CanonForm, "the default space has no id of a space")
            }
            _ => alter!(HALO_DEV_011, Ok(()),
                "a credential of another type is refused" =>
                    Err(Reject::new(req::HALO_DEV_011, Class::SchemaType, "no matter of devices"))),
        }
    }

    /// Whether a credential can be kept; one that is kept already always can.
    fn room_for(&self, name: &[u8]) -> Result<(), Reject> {
        if self.kept.len() < MAX_CREDENTIALS || self.kept.contains_key(name) {
            return Ok(());
        }
        Err(Reject::new(req::HALO_DEV_001, Class::ResourceCount, "more credentials than a reader keeps"))
    }

    /// Whether a credential counts by now: what it waits for must be there.
    fn is_awaited(&self, statement: &Statement, devices: &BTreeSet<Vec<u8>>) -> Result<(), Reject> {
        match &statement.stated {
            Stated::DeviceProfile { .. } => {
                let known = devices.contains(&statement.subject);
                require!(HALO_DEV_007, known, StateUnknownRef, "a profile of a device that is not known")
            }
            Stated::DefaultSpace { .. } => {
                let known = statement.issuer == self.parties.identity || devices.contains(&statement.issuer);
                require!(
                    HALO_DEV_010,
                    known,
                    StateUnknownRef,
                    "a default space by a device that is not known"
                )
            }
            _ => Ok(()),
        }
    }

    fn devices(&self) -> BTreeSet<Vec<u8>> {
        let device = |kept: &Kept| match &kept.statement.stated {
            Stated::Device { device, .. } => Some(device.clone()),
            _ => None,
        };
        let devices: BTreeSet<Vec<u8>> = self.kept.values().filter_map(device).collect();
        alter!(HALO_DEV_012, devices,
            "the identity is a device of its own" =>
                devices.into_iter().chain([self.parties.identity.clone()]).collect(),
            "the device that came last is the only one" => devices.into_iter().next_back().into_iter().collect())
    }

    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        let devices = self.devices();
        let outcome = |arrived: &Result<Vec<u8>, Reject>| match arrived {
            Err(reject) => Outcome::Refused(reject.clone()),
            Ok(name) => match self.kept.get(name).map(|kept| self.is_awaited(&kept.statement, &devices)) {
                Some(Err(_)) => Outcome::Held,
                _ => Outcome::Accepted,
            },
        };
        let outcomes = self.arrived.iter().map(outcome).collect();
        alter!(HALO_DEV_015, outcomes,
            "a credential that comes a second time is refused" => self.each_once(outcomes))
    }

    #[cfg(feature = "mutants")]
    fn each_once(&self, outcomes: Vec<Outcome>) -> Vec<Outcome> {
        let mut seen = BTreeSet::new();
        let again = || Reject::new(req::HALO_DEV_015, Class::StateDuplicate, "it came before");
        let once = |(arrived, outcome): (&Result<Vec<u8>, Reject>, Outcome)| match arrived {
            Ok(name) if !seen.insert(name.clone()) => Outcome::Refused(again()),
            _ => outcome,
        };
        self.arrived.iter().zip(outcomes).map(once).collect()
    }

    pub(super) fn view(&self) -> View {
        let devices = self.devices();
        let counts = |kept: &&Kept| self.is_awaited(&kept.statement, &devices).is_ok();
        let counting: Vec<&Kept> = self.kept.values().filter(counts).collect();
        let mut profiles: BTreeMap<&[u8], Vec<&Kept>> = BTreeMap::new();
        let (mut chains, mut spaces, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for kept in counting {
            match &kept.statement.stated {
                Stated::DeviceProfile { .. } => {
                    profiles.entry(kept.statement.subject.as_slice()).or_default().push(kept);
                }
                Stated::Device { device, .. } => {
                    let own = self.parties.own.as_ref();
                    let is_own = alter!(HALO_DEV_017, own == Some(device),
                        "any device's will do" => own.is_some());
                    chains.extend(is_own.then_some(kept));
                }
                Stated::DefaultSpace { .. } => spaces.push(kept),
                Stated::IdentityProfile { .. } => names.push(kept),
                _ => {}
            }
        }
        let label = |kept: &[&Kept]| match alter!(HALO_DEV_014, state(kept),
            "a label is kept until there is another" => labelled(kept).or_else(|| state(kept)))
        {
            Some(Statement { stated: Stated::DeviceProfile { label }, .. }) => label.clone(),
            _ => None,
        };
        View {
            labels: profiles
                .into_iter()
                .filter_map(|(device, kept)| Some((device.to_vec(), label(&kept)?)))
                .collect(),
            chain: state(&chains).map(|statement| statement.id.to_vec()),
            name: match name(&names) {
                Some(Statement { stated: Stated::IdentityProfile { name }, .. }) => name.clone(),
                _ => None,
            },
            default_space: match state(&spaces) {
                Some(Statement { stated: Stated::DefaultSpace { space_id }, .. }) => Some(space_id.clone()),
                _ => None,
            },
            devices,
        }
    }
}

/// Which of two comes behind the other in the order in which the greatest counts: the later one, and of the same date
/// the one with the smaller id.
fn rank(a: &Kept, b: &Kept) -> Ordering {
    let (a, b) = (&a.statement, &b.statement);
    a.date.cmp(&b.date).then_with(|| b.id.cmp(&a.id))
}

/// The one of several statements on devices that counts.
fn state<'k>(kept: &[&'k Kept]) -> Option<&'k Statement> {
    let greatest = kept.iter().copied().max_by(|a, b| {
        alter!(HALO_DEV_013, rank(a, b),
            "the last to arrive counts" => a.number.cmp(&b.number),
            "the larger id counts of those with the same date" =>
                (a.statement.date, a.statement.id).cmp(&(b.statement.date, b.statement.id)))
    });
    greatest.map(|kept| &kept.statement)
}

/// The one of several profiles of the identity that counts.
fn name<'k>(kept: &[&'k Kept]) -> Option<&'k Statement> {
    let greatest = kept.iter().copied().max_by(|a, b| {
        alter!(HALO_PROF_003, rank(a, b),
            "the last to arrive counts" => a.number.cmp(&b.number),
            "the larger id counts of those with the same date" =>
                (a.statement.date, a.statement.id).cmp(&(b.statement.date, b.statement.id)))
    });
    let greatest = greatest.map(|kept| &kept.statement);
    alter!(HALO_PROF_004, greatest,
    "a name is kept until there is another" => {
        let has = |kept: &&&Kept| {
            matches!(&kept.statement.stated, Stated::IdentityProfile { name: Some(_) })
        };
        let named = kept.iter().filter(has).max_by(|a, b| rank(a, b));
        named.map(|kept| &kept.statement).or(greatest)
    })
}

#[cfg(feature = "mutants")]
fn labelled<'k>(kept: &[&'k Kept]) -> Option<&'k Statement> {
    let has = |kept: &&&Kept| matches!(&kept.statement.stated, Stated::DeviceProfile { label: Some(_) });
    kept.iter().filter(has).max_by(|a, b| rank(a, b)).map(|kept| &kept.statement)
}
