//! Spaces: members, roles, feeds, invitations and epochs, derived from the credentials of the control feeds.
//!
//! ```text
//!  credential ──► Statement ──► Machine::process ──► Outcome
//!                (owned facts)    one of two rules      │
//!                                                       ▼
//!                                        Machine::view ──► View (sorted: comparable between replicas)
//! ```
//!
//! Two rules stand behind one interface: [`Rule::Deployed`] does what the deployed implementation does, with the
//! dependence on the order of arrival, and [`Rule::Convergent`] gives every peer that has the same credentials the
//! same view.

mod convergent;
mod deployed;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

pub use convergent::Convergent;
pub use deployed::Deployed;
pub use statement::{Delegation, Stated, Statement};

use crate::Reject;

/// SHA-256 of a payload.
pub type Id = [u8; 32];

/// Which rule derives the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// What the deployed implementation does, step by step.
    Deployed,
    /// One result for every order of arrival.
    Convergent,
}

impl Rule {
    /// Each with its name in requests.
    pub const ALL: [(&'static str, Self); 2] =
        [("deployed-0.8", Self::Deployed), ("convergent", Self::Convergent)];

    /// A machine for a space, given by its key.
    pub fn machine(self, space: &[u8]) -> Box<dyn Machine> {
        match self {
            Self::Deployed => Box::new(Deployed::new(space)),
            Self::Convergent => Box::new(Convergent::new(space)),
        }
    }
}

/// The right of a member; any number can be written, these have a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(pub i64);

impl Role {
    /// May admit, change and remove members.
    pub const ADMIN: Self = Self(1);
    /// May write.
    pub const EDITOR: Self = Self(2);
    /// May read.
    pub const READER: Self = Self(3);
    /// As an administrator; given by the space key alone.
    pub const OWNER: Self = Self(4);
    /// No member any more.
    pub const REMOVED: Self = Self(5);

    /// Whether its holder may issue what changes the space.
    pub const fn administers(self) -> bool {
        matches!(self, Self::ADMIN | Self::OWNER)
    }

    /// Whether its holder may write to the space.
    pub const fn writes(self) -> bool {
        matches!(self, Self::ADMIN | Self::EDITOR | Self::OWNER)
    }
}

/// A credential as it arrives.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it states.
    pub statement: Statement,
    /// The key of the feed in which it stands.
    pub source_feed: Vec<u8>,
    /// Whether its signatures verify: the caller did that, once.
    pub verified: Result<(), Reject>,
}

/// What became of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is recorded.
    Accepted,
    /// It is refused for good.
    Refused(Reject),
    /// The deployed implementation throws; the credential is neither recorded nor ever retried.
    Failed,
    /// It is recorded, and something before it or beside it takes its effect away.
    Void(Reject),
    /// It waits for credentials that it names.
    Held,
    /// The deployed implementation does not return.
    Endless,
}

impl Outcome {
    /// The word for it in answers.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused(_) => "refused",
            Self::Void(_) => "void",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Endless => "endless",
        }
    }
}

/// An admitted feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The key of the feed in which its admission stands.
    pub parent: Vec<u8>,
    /// GENERAL 0, CONTROL 1, DATA 2.
    pub designation: i64,
}

/// What a replica derives of a space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The genesis credential.
    pub genesis: Option<Id>,
    /// Everybody about whom a role is known, by identity key.
    pub members: BTreeMap<Vec<u8>, i64>,
    /// Names of members that have one.
    pub profiles: BTreeMap<Vec<u8>, String>,
    /// The credentials that a new one names as its parents.
    pub heads: BTreeSet<Vec<u8>>,
    /// Admitted feeds by key.
    pub feeds: BTreeMap<Vec<u8>, Feed>,
    /// Open invitations: ids of the credentials that delegate them.
    pub invitations: BTreeSet<Vec<u8>>,
    /// The epoch in force: the id of its credential.
    pub epoch: Option<Vec<u8>>,
}

/// Derives the view of one space from credentials as they arrive.
pub trait Machine: Send {
    /// Tells the time at which the expiry of delegated invitations is judged, in Unix milliseconds; 0 until then.
    fn set_now(&mut self, _now: i64) {}

    /// Takes one more credential in.
    fn process(&mut self, entry: &Entry) -> Outcome;

    /// What is derived from all that was taken in.
    fn view(&mut self) -> View;

    /// What became of each entry by now, in the order of arrival.
    fn outcomes(&mut self) -> Vec<Outcome>;
}
