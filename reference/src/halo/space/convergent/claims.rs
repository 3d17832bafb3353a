//! What is said about one member in a set of credentials, as far as it decides about the role.

use super::super::Role;
use super::graph::{Ix, Level, Reach};
use super::world::Given;

/// The latest credentials about a member that count, by level and in ascending order, and the role that follows.
///
/// With it two sets are put together without looking at what lies before the latest ones: whatever counts in the
/// union counts in each of the sets that has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    space: Vec<Ix>,
    owner: Vec<Ix>,
    admin: Vec<Ix>,
    /// The role that the member has by these, once somebody worked it out.
    role: Option<Role>,
}

impl Claims {
    /// What is said behind one more credential, of which all of these are ancestors.
    pub(super) fn followed_by(&self, ix: Ix, level: Level, given: &Given<'_>) -> Self {
        let mut next = alter!(HALO_MEMBER_011, Self::default(),
            "what is overruled still counts" => self.clone());
        match level {
            Level::Space => next.space.push(ix),
            Level::Owner => {
                next.space.clone_from(&self.space);
                next.owner.push(ix);
            }
            Level::Admin => {
                next.space.clone_from(&self.space);
                next.owner.clone_from(&self.owner);
                next.admin.push(ix);
            }
        }
        next.role = Some(least(given, next.latest()));
        next
    }

    /// Takes one more credential in, which no other one here has among its ancestors; `before` is what is said
    /// among its own ancestors.
    pub(super) fn add(&mut self, ix: Ix, level: Level, before: &Self) {
        match level {
            Level::Space => {
                replace(&mut self.space, &before.space, ix);
                self.owner.clear();
                self.admin.clear();
            }
            Level::Owner => {
                if !is_known(&self.space, &before.space) {
                    return;
                }
                replace(&mut self.owner, &before.owner, ix);
                self.admin.clear();
            }
            Level::Admin => {
                if !is_known(&self.space, &before.space) || !is_known(&self.owner, &before.owner) {
                    return;
                }
                replace(&mut self.admin, &before.admin, ix);
            }
        }
        self.role = None;
    }

    /// The role that the member has by these.
    pub(super) fn role(&self, given: &Given<'_>) -> Role {
        self.role.unwrap_or_else(|| least(given, self.latest()))
    }

    /// The same, where it was worked out.
    pub(super) const fn known_role(&self) -> Role {
        match self.role {
            Some(role) => role,
            None => Role::REMOVED,
        }
    }

    /// What is said in two sets together, each closed under ancestors.
    pub(super) fn merge(&self, other: &Self, sets: (&Reach, &Reach), given: &Given<'_>) -> Self {
        let latest = |a: &[Ix], b: &[Ix], counted: (bool, bool)| {
            let keep = |own: &[Ix], others: &[Ix], reach: &Reach| -> Vec<Ix> {
                let is_latest = |ix: &Ix| !given.graph.is_in(reach, *ix) || others.binary_search(ix).is_ok();
                own.iter().copied().filter(is_latest).collect()
            };
            let mut both = if counted.0 { keep(a, b, sets.1) } else { Vec::new() };
            if counted.1 {
                both.extend(keep(b, a, sets.0));
            }
            both.sort_unstable();
            both.dedup();
            both
        };
        let space = latest(&self.space, &other.space, (true, true));
        let knows = (is_known(&space, &self.space), is_known(&space, &other.space));
        let owner = latest(&self.owner, &other.owner, knows);
        let knows = (knows.0 && is_known(&owner, &self.owner), knows.1 && is_known(&owner, &other.owner));
        let admin = latest(&self.admin, &other.admin, knows);
        let mut merged = Self { space, owner, admin, role: None };
        merged.role = Some(least(given, merged.latest()));
        merged
    }

    /// Those of the lowest level that has any: each of them has all others among its ancestors.
    fn latest(&self) -> &[Ix] {
        if !self.admin.is_empty() {
            &self.admin
        } else if !self.owner.is_empty() {
            &self.owner
        } else {
            &self.space
        }
    }
}

/// Whether who knows of the latest ones in a smaller set knows of those of a larger one.
fn is_known(all: &[Ix], some: &[Ix]) -> bool {
    alter!(HALO_MEMBER_010, all.iter().all(|ix| some.binary_search(ix).is_ok()),
        "an administrator overrules what it does not know" => true)
}

/// Puts the newest in the place of those that it has among its ancestors.
fn replace(latest: &mut Vec<Ix>, before: &[Ix], newest: Ix) {
    for ix in alter!(HALO_MEMBER_011, before, "what is overruled still counts" => &[]) {
        if let Ok(place) = latest.binary_search(ix) {
            latest.remove(place);
        }
    }
    latest.push(newest);
}

/// The role by several credentials of which none is later than another.
fn least(given: &Given<'_>, latest: &[Ix]) -> Role {
    let roles = latest.iter().map(|ix| given.role(*ix));
    let least = alter!(HALO_MEMBER_012, roles.min_by_key(|role| rank(*role)),
        "the one that gives more decides" => roles.max_by_key(|role| rank(*role)),
        "the first to arrive decides" => { let mut roles = roles; roles.next() });
    alter!(HALO_MEMBER_013, least, "the later issuance date decides" =>
        latest.iter().max_by_key(|ix| given.graph.date(**ix)).map(|ix| given.role(*ix)))
    .unwrap_or(Role::REMOVED)
}

/// How much a role allows.
pub(super) const fn rank(role: Role) -> u8 {
    match role {
        Role::OWNER => 4,
        Role::ADMIN => 3,
        Role::EDITOR => 2,
        Role::READER => 1,
        _ => 0,
    }
}
