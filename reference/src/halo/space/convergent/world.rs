//! Roles by those credentials that count: in any set that is closed under ancestors, and by now.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::Role;
use super::claims::Claims;
use super::graph::{Graph, Ix, Key, Reach};
use super::trie::Trie;

/// What is said about each member in a set.
pub(super) type Said = Trie<Arc<Claims>>;

/// What credentials give in a world.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'a> {
    /// What they say.
    pub(super) graph: &'a Graph,
    less: &'a BTreeMap<Ix, Role>,
}

impl Given<'_> {
    /// What one gives.
    pub(super) fn role(&self, ix: Ix) -> Role {
        self.less.get(&ix).copied().unwrap_or_else(|| self.graph.role(ix))
    }
}

/// A set that is closed under ancestors, and what is said in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The set; absent where a single credential with its ancestors is meant, whose set is made when it is needed.
    pub(super) set: Option<Reach>,
    /// What is said.
    pub(super) said: Said,
}

impl Scope {
    /// The role of a member.
    pub(super) fn role(&self, key: Key) -> Role {
        // What is said in a set has its role worked out.
        self.said.get(key).map_or(Role::REMOVED, |claims| claims.known_role())
    }
}

/// What is said when only some of the credentials count.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    /// For each credential what is said in it and its ancestors.
    said: Vec<Said>,
    /// What is said by all, by member.
    now: Vec<Claims>,
    /// Those that give less than they say.
    less: BTreeMap<Ix, Role>,
}

impl World {
    /// What is said among the ancestors of a credential with these parents.
    pub(super) fn among(&self, parents: &[Ix], graph: &Graph) -> Scope {
        match parents {
            [] => Scope::default(),
            [only] => Scope { set: None, said: self.said.get(*only as usize).cloned().unwrap_or_default() },
            many => {
                let (left, right) = many.split_at(many.len() / 2);
                let (a, b) = (self.set(left, graph), self.set(right, graph));
                let said =
                    a.1.merge(&b.1, &mut |x, y| Arc::new(x.merge(y, (&a.0, &b.0), &self.given(graph))));
                Scope { set: Some(a.0.merge(&b.0, &mut |x, y| *x.max(y))), said }
            }
        }
    }

    /// The same with the set.
    fn set(&self, parents: &[Ix], graph: &Graph) -> (Reach, Said) {
        let Scope { set, said } = self.among(parents, graph);
        let set = set.unwrap_or_else(|| parents.first().map(|only| graph.closure(*only)).unwrap_or_default());
        (set, said)
    }

    /// Adds the credential that was placed last, with what is said among its ancestors.
    pub(super) fn push(&mut self, ix: Ix, scope: Scope, counts: bool, graph: &Graph) {
        let mut said = scope.said;
        if let (true, Some(fact), Some(level)) = (counts, graph.fact(ix), graph.level(ix)) {
            let none = Claims::default();
            let before = said.get(fact.subject).cloned();
            let before = before.as_deref().unwrap_or(&none);
            let index = fact.subject as usize;
            if self.now.len() <= index {
                self.now.resize_with(index + 1, Claims::default);
            }
            if let Some(now) = self.now.get_mut(index) {
                now.add(ix, level, before);
            }
            said.set(fact.subject, Arc::new(before.followed_by(ix, level, &self.given(graph))));
        }
        self.said.push(said);
    }

    /// The role of a member by all that counts.
    pub(super) fn role(&self, key: Key, graph: &Graph) -> Role {
        self.now.get(key as usize).map_or(Role::REMOVED, |claims| claims.role(&self.given(graph)))
    }

    /// What credentials give.
    pub(super) const fn given<'a>(&'a self, graph: &'a Graph) -> Given<'a> {
        Given { graph, less: &self.less }
    }

    /// Lets a credential that is not added yet give less than it says.
    pub(super) fn give_less(&mut self, ix: Ix, role: Role) {
        self.less.insert(ix, role);
    }
}
