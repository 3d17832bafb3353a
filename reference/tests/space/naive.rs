//! The book's definitions of the membership graph, word by word, on sets, without regard to cost.

use std::collections::{BTreeMap, BTreeSet};

use dxos_reference::halo::space::{Id, Role, Stated, Statement};

use super::SPACE;

type Set = BTreeSet<usize>;

/// What becomes of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted,
    Void,
    Held,
}

/// All that the definitions say about a set of `SpaceMember` credentials behind a genesis.
#[derive(Default)]
pub(crate) struct Naive {
    of: Vec<Statement>,
    ancestors: Vec<Set>,
    permitted: Set,
    level: BTreeMap<usize, u8>,
    losses: Set,
    /// Not void for losses of higher levels, nor for what these make void.
    firm: Set,
    standing: Set,
    /// Losses that give less than they say.
    less: BTreeMap<usize, Role>,
    held: BTreeSet<Id>,
}

impl Naive {
    /// `geneses` are there.
    pub(crate) fn new(members: &[Statement], geneses: &[Id]) -> Self {
        let mut naive = Self::default();
        let mut open: Vec<Statement> = members.to_vec();
        loop {
            let is_there =
                |id: &Vec<u8>| geneses.iter().any(|known| known[..] == id[..]) || naive.index(id).is_some();
            let (ready, rest): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|one| !geneses.is_empty() && one.parents.iter().all(is_there));
            open = rest;
            if ready.is_empty() {
                break;
            }
            for one in ready {
                naive.place(one);
            }
        }
        naive.held = open.iter().map(|one| one.id).collect();
        naive.judge();
        naive
    }

    fn index(&self, id: &[u8]) -> Option<usize> {
        self.of.iter().position(|one| one.id[..] == id[..])
    }

    fn role_given(&self, one: usize) -> Role {
        if let Some(role) = self.less.get(&one) {
            return *role;
        }
        match self.of[one].stated {
            Stated::Member { role, .. } => Role(role),
            _ => unreachable!(),
        }
    }

    fn place(&mut self, one: Statement) {
        let ix = self.of.len();
        let mut ancestors = Set::new();
        for parent in one.parents.iter().filter_map(|id| self.index(id)) {
            ancestors.insert(parent);
            ancestors.extend(&self.ancestors[parent]);
        }
        self.of.push(one);
        self.ancestors.push(ancestors);
        if let Some(level) = self.permission(ix) {
            self.permitted.insert(ix);
            self.level.insert(ix, level);
            let before = self.role_among(&self.permitted, ix, &self.of[ix].subject.clone());
            if self.role_given(ix) == Role::REMOVED || rank(self.role_given(ix)) < rank(before) {
                self.losses.insert(ix);
            }
        }
    }

    fn role_among(&self, of: &Set, ix: usize, key: &[u8]) -> Role {
        self.role_in(&of.intersection(&self.ancestors[ix]).copied().collect(), key)
    }

    fn permission(&self, ix: usize) -> Option<u8> {
        let Statement { issuer, subject, .. } = &self.of[ix];
        let (is_space, role) = (issuer == SPACE.as_bytes(), self.role_given(ix));
        let of_issuer = self.role_among(&self.permitted, ix, issuer);
        let is_void = !(1..=5).contains(&role.0)
            || issuer == subject
            || subject == SPACE.as_bytes()
            || (role == Role::OWNER && !is_space)
            || !(is_space || of_issuer.administers())
            || (!is_space && self.role_among(&self.permitted, ix, subject) == Role::OWNER);
        match (is_void, is_space, of_issuer) {
            (true, ..) => None,
            (_, true, _) => Some(3),
            (_, _, Role::OWNER) => Some(2),
            _ => Some(1),
        }
    }

    /// The role in a set.
    pub(crate) fn role_in(&self, set: &Set, key: &[u8]) -> Role {
        let about: Vec<usize> = set.iter().copied().filter(|ix| self.of[*ix].subject == key).collect();
        let is_outranked = |ix: usize| self.is_outranked(ix, &about);
        let good: Vec<usize> = about.iter().copied().filter(|ix| !is_outranked(*ix)).collect();
        let counts = |ix: &&usize| !good.iter().any(|later| self.ancestors[*later].contains(ix));
        good.iter()
            .filter(counts)
            .map(|ix| self.role_given(*ix))
            .min_by_key(|role| rank(*role))
            .unwrap_or(Role::REMOVED)
    }

    fn is_outranked(&self, ix: usize, about: &[usize]) -> bool {
        about.iter().any(|other| {
            self.level[other] > self.level[&ix]
                && !self.is_outranked(*other, about)
                && !self.ancestors[ix].contains(other)
        })
    }

    fn are_concurrent(&self, a: usize, b: usize) -> bool {
        a != b && !self.ancestors[a].contains(&b) && !self.ancestors[b].contains(&a)
    }

    /// Whether the issuer is the subject of such a loss that is concurrent.
    fn is_lost(&self, ix: usize, is_meant: impl Fn(usize) -> bool) -> bool {
        self.losses.iter().any(|loss| {
            self.of[*loss].subject == self.of[ix].issuer && self.are_concurrent(*loss, ix) && is_meant(*loss)
        })
    }

    fn judge(&mut self) {
        let by_level = |level: u8| -> Vec<usize> {
            self.permitted.iter().copied().filter(|ix| self.level[ix] == level).collect()
        };
        let (third, second, first) = (by_level(3), by_level(2), by_level(1));
        self.firm.extend(third);
        for ix in second {
            if !self.is_lost(ix, |loss| self.level[&loss] == 3) {
                self.firm.insert(ix);
            }
        }
        // Parents are placed before their children.
        let lost_above =
            |of: &Self, ix| of.is_lost(ix, |loss| of.level[&loss] > 1 && of.firm.contains(&loss));
        for ix in first.iter().copied() {
            if !lost_above(self, ix) && self.role_among(&self.firm, ix, &self.of[ix].issuer).administers() {
                self.firm.insert(ix);
            }
        }
        self.standing =
            self.firm.iter().copied().filter(|ix| self.level[ix] > 1 || self.losses.contains(ix)).collect();
        let mut less = BTreeMap::new();
        for ix in first {
            let is_lost = self.is_lost(ix, |loss| self.level[&loss] == 1 && self.firm.contains(&loss));
            let one = &self.of[ix];
            let may_give = !lost_above(self, ix)
                && !is_lost
                && self.role_among(&self.standing, ix, &one.issuer).administers();
            if !self.losses.contains(&ix) && may_give {
                self.standing.insert(ix);
            } else if self.losses.contains(&ix) && !may_give {
                let has = self.role_among(&self.standing, ix, &one.subject);
                less.insert(
                    ix,
                    if rank(has) < rank(self.role_given(ix)) { has } else { self.role_given(ix) },
                );
                self.less.clone_from(&less);
            }
        }
    }

    /// Whoever has a role.
    pub(crate) fn members(&self) -> BTreeMap<Vec<u8>, i64> {
        let subjects = self.standing.iter().map(|ix| self.of[*ix].subject.clone());
        subjects.map(|key| (key.clone(), self.role_in(&self.standing, &key).0)).collect()
    }

    pub(crate) fn heads(&self) -> BTreeSet<Vec<u8>> {
        let is_head = |ix: &&usize| !self.permitted.iter().any(|other| self.ancestors[*other].contains(ix));
        self.permitted.iter().filter(is_head).map(|ix| self.of[*ix].id.to_vec()).collect()
    }

    pub(crate) fn fate(&self, id: &Id) -> Fate {
        match self.index(id) {
            _ if self.held.contains(id) => Fate::Held,
            Some(ix) if self.standing.contains(&ix) => Fate::Accepted,
            _ => Fate::Void,
        }
    }
}

fn rank(role: Role) -> i64 {
    // REMOVED < READER < EDITOR < ADMIN < OWNER.
    [5, 3, 2, 1, 4].iter().position(|known| *known == role.0).map_or(-1, |at| i64::try_from(at).unwrap())
}
