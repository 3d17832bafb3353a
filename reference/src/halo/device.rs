//! The devices, the profile and the default space of an identity, derived from the credentials of its own space.
//!
//! ```text
//!  credential ──► Statement ──► Reader::process ──► Outcome
//!                                      │
//!                                      ▼
//!                               Reader::view ──► View (sorted: comparable between devices)
//! ```
//!
//! The requirements are HALO-DEV and HALO-PROF, in the book's chapter on devices and profiles.

mod convergent;
mod deployed;

use std::collections::{BTreeMap, BTreeSet};

use self::convergent::Convergent;
use self::deployed::Deployed;
use super::space::{Outcome, Rule, Statement};
use crate::Reject;

/// The most credentials that a reader keeps (HALO-DEV-018).
pub const MAX_CREDENTIALS: usize = 65_536;

/// What a reader derives about an identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The keys of the devices, of any length.
    pub devices: BTreeSet<Vec<u8>>,
    /// Labels by the key of the device, for devices whose profile has one.
    pub labels: BTreeMap<Vec<u8>, String>,
    /// The id of the credential that authorises the reader's own device.
    pub chain: Option<Vec<u8>>,
    /// The name in the profile of the identity, if it has one.
    pub name: Option<String>,
    /// The id of the space to open first.
    pub default_space: Option<String>,
}

/// Whose credentials are read, and by whom.
#[derive(Clone, Debug)]
struct Parties {
    /// The key of the identity.
    identity: Vec<u8>,
    /// The key of the reader's own device.
    own: Option<Vec<u8>>,
}

/// Takes credentials in as they arrive.
#[derive(Debug)]
pub struct Reader {
    machine: Machine,
}

#[derive(Debug)]
enum Machine {
    Deployed(Deployed),
    Convergent(Convergent),
}

impl Reader {
    /// A reader that has nothing yet, for an identity given by its key; `own` is the key of the reader's device.
    pub fn new(rule: Rule, identity: &[u8], own: Option<&[u8]>) -> Self {
        let parties = Parties { identity: identity.to_vec(), own: own.map(<[u8]>::to_vec) };
        let machine = match rule {
            Rule::Deployed => Machine::Deployed(Deployed::new(parties)),
            Rule::Convergent => Machine::Convergent(Convergent::new(parties)),
        };
        Self { machine }
    }

    /// Takes one more credential in; `verified` says whether its signatures verify.
    pub fn process(&mut self, statement: Statement, verified: Result<(), Reject>) {
        match &mut self.machine {
            Machine::Deployed(machine) => machine.process(&statement, verified),
            Machine::Convergent(machine) => machine.process(statement, verified),
        }
    }

    /// What is derived from all that was taken in.
    pub fn view(&self) -> View {
        match &self.machine {
            Machine::Deployed(machine) => machine.view(),
            Machine::Convergent(machine) => machine.view(),
        }
    }

    /// What became of each credential by now, in the order of arrival.
    pub fn outcomes(&self) -> Vec<Outcome> {
        match &self.machine {
            Machine::Deployed(machine) => machine.outcomes(),
            Machine::Convergent(machine) => machine.outcomes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::space::Stated;
    use super::*;

    const IDENTITY: &[u8] = b"identity";

    fn statement(issuer: &[u8], subject: &[u8], date: i64, stated: Stated) -> Statement {
        let text = format!("{issuer:?} {subject:?} {date} {stated:?}");
        let id = <sha2::Sha256 as sha2::Digest>::digest(&text).into();
        let (issuer, subject) = (issuer.to_vec(), subject.to_vec());
        Statement { carried_id: Some(text.into()), id, issuer, subject, date, parents: Vec::new(), stated }
    }

    fn admits(issuer: &[u8], device: &[u8]) -> Statement {
        let stated = Stated::Device { identity: IDENTITY.to_vec(), device: device.to_vec() };
        statement(issuer, device, 0, stated)
    }

    fn labels(issuer: &[u8], device: &[u8], date: i64, label: &str) -> Statement {
        statement(issuer, device, date, Stated::DeviceProfile { label: Some(label.to_owned()) })
    }

    fn opens(issuer: &[u8], date: i64, last: char) -> Statement {
        let space_id = format!("B{}{last}", "A".repeat(31));
        statement(issuer, IDENTITY, date, Stated::DefaultSpace { space_id })
    }

    fn read(rule: Rule, statements: &[Statement]) -> (View, BTreeMap<Id, &'static str>) {
        let mut reader = Reader::new(rule, IDENTITY, Some(b"d1"));
        for statement in statements {
            reader.process(statement.clone(), Ok(()));
        }
        let ids = statements.iter().map(|statement| statement.id);
        (reader.view(), ids.zip(reader.outcomes().iter().map(Outcome::name)).collect())
    }

    type Id = crate::halo::space::Id;

    /// All orders of up to a few items.
    fn orders<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
        if items.is_empty() {
            return vec![Vec::new()];
        }
        let mut all = Vec::new();
        for (at, first) in items.iter().enumerate() {
            let rest: Vec<T> =
                items.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, item)| item.clone()).collect();
            all.extend(orders(&rest).into_iter().map(|rest| [vec![first.clone()], rest].concat()));
        }
        all
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let name = |date, name: &str| {
            statement(IDENTITY, IDENTITY, date, Stated::IdentityProfile { name: Some(name.to_owned()) })
        };
        let credentials = [
            admits(IDENTITY, b"d1"),
            labels(b"d1", b"d1", 2, "Phone"),
            labels(IDENTITY, b"d1", 2, "Mobile"),
            opens(b"d1", 1, 'A'),
            opens(IDENTITY, 1, 'B'),
            name(3, "Bob"),
            name(3, "Robert"),
        ];
        let first = read(Rule::Convergent, &credentials);
        assert_eq!(first.0.devices, [b"d1".to_vec()].into());
        assert!(first.0.chain.is_some() && first.0.name.is_some() && first.0.default_space.is_some());
        for order in orders(&credentials) {
            assert_eq!(read(Rule::Convergent, &order), first);
        }
        let views: Vec<View> =
            orders(&credentials[..3]).iter().map(|order| read(Rule::Deployed, order).0).collect();
        assert!(views.iter().any(|view| *view != views[0]), "the deployed rule depends on it");
    }

    #[test]
    fn what_is_held_counts_once_its_device_is_there() {
        let (profile, default) = (labels(b"d1", b"d1", 1, "Phone"), opens(b"d1", 1, 'A'));
        let (view, outcomes) = read(Rule::Convergent, &[profile.clone(), default.clone()]);
        assert_eq!(view, View::default());
        assert!(outcomes.values().all(|word| *word == "held"));
        let (view, outcomes) = read(Rule::Convergent, &[profile, default, admits(IDENTITY, b"d1")]);
        assert_eq!(view.labels[b"d1".as_slice()], "Phone");
        assert!(view.default_space.is_some() && outcomes.values().all(|word| *word == "accepted"));
    }

    #[test]
    fn strangers_add_no_device() {
        let (view, outcomes) =
            read(Rule::Convergent, &[admits(b"stranger", b"d1"), labels(b"x", b"d1", 1, "x")]);
        assert_eq!(view, View::default());
        assert!(outcomes.values().all(|word| *word == "refused"));
        let (view, _) = read(Rule::Deployed, &[admits(b"stranger", b"d1"), labels(b"x", b"d1", 1, "x")]);
        assert_eq!((view.devices.len(), view.labels.len(), view.chain), (1, 1, None));
    }

    #[test]
    fn a_reader_keeps_so_many_credentials_and_no_more() {
        let mut reader = Reader::new(Rule::Convergent, IDENTITY, None);
        for number in 0..=MAX_CREDENTIALS {
            reader.process(admits(IDENTITY, &number.to_be_bytes()), Ok(()));
        }
        assert_eq!(reader.view().devices.len(), MAX_CREDENTIALS);
        assert_eq!(reader.outcomes().last().map(Outcome::name), Some("refused"));
    }
}
