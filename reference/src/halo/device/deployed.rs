//! What the deployed implementation does, step by step.

use std::collections::{BTreeMap, BTreeSet};

use super::super::space::{Outcome, Stated, Statement};
use super::{MAX_CREDENTIALS, Parties, View};
use crate::{Class, Reject, requirement as req};

/// What the deployed implementation keeps.
#[derive(Debug)]
pub(super) struct Deployed {
    parties: Parties,
    /// The ids that came before, as they were carried.
    seen: BTreeSet<Vec<u8>>,
    /// Devices with their labels.
    devices: BTreeMap<Vec<u8>, Option<String>>,
    chain: Option<Vec<u8>>,
    name: Option<String>,
    default_space: Option<String>,
    outcomes: Vec<Outcome>,
}

impl Deployed {
    pub(super) const fn new(parties: Parties) -> Self {
        Self {
            parties,
            seen: BTreeSet::new(),
            devices: BTreeMap::new(),
            chain: None,
            name: None,
            default_space: None,
            outcomes: Vec::new(),
        }
    }

    pub(super) fn process(&mut self, statement: &Statement, verified: Result<(), Reject>) {
        let outcome = if self.outcomes.len() < MAX_CREDENTIALS {
            self.outcome(statement, verified)
        } else {
            Outcome::Refused(Reject::new(req::HALO_DEV_001, Class::ResourceCount, "more than a reader keeps"))
        };
        self.outcomes.push(outcome);
    }

    fn outcome(&mut self, statement: &Statement, verified: Result<(), Reject>) -> Outcome {
        // The id is marked before anything is verified: what carries it later is passed over.
        let is_new = match &statement.carried_id {
            Some(id) => self.seen.insert(id.clone()),
            None => true,
        };
        let is_new = alter!(HALO_DEV_020, is_new,
            "each credential is processed" => true,
            "an id that failed to verify may come again" => self.retried(statement, &verified, is_new));
        if !is_new {
            return Outcome::Accepted;
        }
        match verified {
            Ok(()) => self.recorded(statement),
            Err(reject) => Outcome::Refused(reject),
        }
    }

    #[cfg(feature = "mutants")]
    fn retried(&mut self, statement: &Statement, verified: &Result<(), Reject>, is_new: bool) -> bool {
        if let (Some(id), Err(_)) = (&statement.carried_id, verified) {
            self.seen.remove(id);
        }
        is_new
    }

    fn recorded(&mut self, statement: &Statement) -> Outcome {
        let by_identity = statement.issuer == self.parties.identity;
        let about_identity = statement.subject == self.parties.identity;
        match &statement.stated {
            Stated::Device { identity, device } => {
                let counts = alter!(HALO_DEV_021, true,
                    "a device that somebody else authorises is left out" => by_identity,
                    "a device of another identity is left out" => *identity == self.parties.identity,
                    "a device that is not the subject is left out" => statement.subject == *device);
                if counts {
                    self.devices.entry(device.clone()).or_default();
                }
                let is_own = by_identity
                    && *identity == self.parties.identity
                    && statement.subject == *device
                    && self.parties.own.as_ref() == Some(device);
                let is_own = alter!(HALO_DEV_022, is_own,
                    "the first chain is kept" => is_own && self.chain.is_none(),
                    "the issuer of the chain is not looked at" => self.parties.own.as_ref() == Some(device));
                if is_own {
                    self.chain.clone_from(&statement.carried_id);
                }
            }
            Stated::DeviceProfile { label } => match self.devices.get_mut(&statement.subject) {
                Some(known) => {
                    let is_new = alter!(HALO_DEV_023, true,
                        "a profile by somebody else is left out" =>
                            by_identity || statement.issuer == statement.subject,
                        "a profile without a label changes nothing" => label.is_some());
                    if is_new {
                        known.clone_from(label);
                    }
                }
                None => alter!(HALO_DEV_023, return Outcome::Failed,
                    "a profile of an unknown device is passed over" => {}),
            },
            Stated::IdentityProfile { name } => {
                let counts = alter!(HALO_PROF_010, by_identity && about_identity,
                    "the issuer of a profile is not looked at" => about_identity,
                    "the first profile is kept" => by_identity && about_identity && self.name.is_none());
                if counts {
                    self.name.clone_from(name);
                }
            }
            Stated::DefaultSpace { space_id } => {
                let formed = space_id.starts_with('B') && space_id.chars().count() == 33;
                let counts = alter!(HALO_DEV_024, about_identity && formed,
                    "the characters of the id are looked at" =>
                        about_identity && crate::keys::parse_space_id(space_id).is_ok(),
                    "the issuer of a default space is looked at" => by_identity && formed);
                if counts {
                    self.default_space = Some(space_id.clone());
                }
            }
            _ => {}
        }
        Outcome::Accepted
    }

    pub(super) fn view(&self) -> View {
        let label = |(device, label): (&Vec<u8>, &Option<String>)| Some((device.clone(), label.clone()?));
        View {
            devices: self.devices.keys().cloned().collect(),
            labels: self.devices.iter().filter_map(label).collect(),
            chain: self.chain.clone(),
            name: self.name.clone(),
            default_space: self.default_space.clone(),
        }
    }

    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        self.outcomes.clone()
    }
}
