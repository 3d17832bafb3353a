//! The graph of `SpaceMember` credentials: who is whose ancestor.
//!
//! Credentials are placed behind their parents, so that the order of their indices is one in which ancestors come
//! first. They are laid out in chains, each credential behind an ancestor of it, and know how far along each other
//! chain their ancestors reach.

use std::collections::BTreeSet;

use super::super::{Id, Role};
use super::trie::Trie;
use crate::Reject;

/// A credential by its place.
pub(super) type Ix = u32;

/// A key by its number.
pub(super) type Key = u32;

/// A set that is closed under ancestors: by chain, how many of it belong to the set.
pub(super) type Reach = Trie<u32>;

/// By whose right a credential was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// 1: an ADMIN.
    Admin,
    /// 2: an OWNER.
    Owner,
    /// 3: the space key.
    Space,
}

/// What a credential says, as far as it decides about rights.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// Its computed id.
    pub(super) id: Id,
    /// Who issued it.
    pub(super) issuer: Key,
    /// About whom it is.
    pub(super) subject: Key,
    /// What it gives.
    pub(super) role: Role,
    /// Its parents, each once, the genesis left out.
    pub(super) parents: Vec<Ix>,
    /// The issuance date, which decides nothing.
    #[cfg(feature = "mutants")]
    pub(super) date: i64,
}

/// What follows from its ancestors alone.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// By what right it was issued, or why it is void for good.
    pub(super) permitted: Result<Level, Reject>,
    /// Whether it removes its subject, or gives it less than it has among the ancestors.
    pub(super) is_loss: bool,
}

#[derive(Clone, Debug)]
struct Vertex {
    fact: Fact,
    standing: Standing,
    chain: u32,
    /// How many come before it in its chain.
    place: u32,
    /// Its ancestors, those in its own chain left out or not.
    below: Reach,
    /// Whether something permitted has it, being void for good, among its ancestors.
    covered: bool,
}

/// The graph, and what is looked up by member.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    vertices: Vec<Vertex>,
    /// The last one of each chain.
    tails: Vec<Ix>,
    heads: BTreeSet<Ix>,
    members: Vec<Member>,
}

/// The permitted credentials of and about somebody, in the order of their places.
#[derive(Clone, Debug, Default)]
struct Member {
    issued: Vec<Ix>,
    about: Vec<Ix>,
    losses: Vec<Ix>,
}

/// How many grandparents are asked for a chain that may be continued.
const LOOKED_AT: usize = 16;

impl Graph {
    fn vertex(&self, ix: Ix) -> Option<&Vertex> {
        self.vertices.get(ix as usize)
    }

    /// All places.
    pub(super) fn all(&self) -> std::ops::Range<Ix> {
        // At most 65,536 credentials are taken in.
        0..u32::try_from(self.vertices.len()).unwrap_or(u32::MAX)
    }

    /// What a credential says.
    pub(super) fn fact(&self, ix: Ix) -> Option<&Fact> {
        self.vertex(ix).map(|vertex| &vertex.fact)
    }

    /// Its parents.
    pub(super) fn parents(&self, ix: Ix) -> &[Ix] {
        self.fact(ix).map(|fact| fact.parents.as_slice()).unwrap_or_default()
    }

    /// What it gives.
    pub(super) fn role(&self, ix: Ix) -> Role {
        self.fact(ix).map_or(Role::REMOVED, |fact| fact.role)
    }

    #[cfg(feature = "mutants")]
    pub(super) fn date(&self, ix: Ix) -> i64 {
        self.fact(ix).map_or(0, |fact| fact.date)
    }

    /// What follows from its ancestors alone.
    pub(super) fn standing(&self, ix: Ix) -> Option<&Standing> {
        self.vertex(ix).map(|vertex| &vertex.standing)
    }

    /// Its level, if it is permitted.
    pub(super) fn level(&self, ix: Ix) -> Option<Level> {
        self.standing(ix).and_then(|standing| standing.permitted.as_ref().ok().copied())
    }

    /// Permitted credentials about somebody.
    pub(super) fn about(&self, key: Key) -> &[Ix] {
        self.members.get(key as usize).map(|member| member.about.as_slice()).unwrap_or_default()
    }

    /// Those of them that are losses.
    pub(super) fn losses(&self, key: Key) -> &[Ix] {
        self.members.get(key as usize).map(|member| member.losses.as_slice()).unwrap_or_default()
    }

    /// Permitted credentials that somebody issued.
    pub(super) fn issued(&self, key: Key) -> &[Ix] {
        self.members.get(key as usize).map(|member| member.issued.as_slice()).unwrap_or_default()
    }

    /// The permitted ones that are no ancestor of a permitted one.
    pub(super) fn heads(&self) -> impl Iterator<Item = Ix> {
        self.heads.iter().copied()
    }

    /// Those without children, permitted or not.
    #[cfg(feature = "mutants")]
    pub(super) fn ends(&self) -> BTreeSet<Ix> {
        let mut ends: BTreeSet<Ix> = self.all().collect();
        for parent in self.vertices.iter().flat_map(|vertex| &vertex.fact.parents) {
            ends.remove(parent);
        }
        ends
    }

    /// Whether all others that are permitted are ancestors of this one.
    pub(super) fn is_latest(&self, ix: Ix) -> bool {
        self.heads.len() == 1 && self.heads.contains(&ix)
    }

    /// Whether one belongs to a set.
    pub(super) fn is_in(&self, set: &Reach, ix: Ix) -> bool {
        self.vertex(ix).is_some_and(|vertex| set.get(vertex.chain).is_some_and(|count| *count > vertex.place))
    }

    /// Whether one is an ancestor of another.
    pub(super) fn is_ancestor(&self, ix: Ix, of: Ix) -> bool {
        let (Some(one), Some(other)) = (self.vertex(ix), self.vertex(of)) else { return false };
        if one.chain == other.chain {
            return one.place < other.place;
        }
        // Ancestors have smaller indices.
        ix < of && self.is_in(&other.below, ix)
    }

    /// Whether neither is an ancestor of the other.
    pub(super) fn are_concurrent(&self, a: Ix, b: Ix) -> bool {
        a != b && !self.is_ancestor(a, b) && !self.is_ancestor(b, a)
    }

    /// A credential with its ancestors.
    pub(super) fn closure(&self, ix: Ix) -> Reach {
        let Some(vertex) = self.vertex(ix) else { return Reach::default() };
        let mut set = vertex.below.clone();
        set.set(vertex.chain, vertex.place + 1);
        set
    }

    /// Places a credential; `ancestors` are its parents with their ancestors.
    pub(super) fn push(&mut self, fact: Fact, standing: Standing, ancestors: Option<Reach>) -> Ix {
        let ix = self.all().end;
        let chain = self.chain_for(&fact.parents);
        let below = match (fact.parents.as_slice(), ancestors) {
            (_, Some(ancestors)) => ancestors,
            // In the chain of its only parent the same is below it.
            ([parent], None) if self.vertex(*parent).is_some_and(|parent| Some(parent.chain) == chain) => {
                self.vertex(*parent).map(|parent| parent.below.clone()).unwrap_or_default()
            }
            ([parent], None) => self.closure(*parent),
            _ => Reach::default(),
        };
        let (chain, place) = match chain.and_then(|chain| Some((chain, self.tails.get_mut(chain as usize)?)))
        {
            Some((chain, tail)) => {
                let before = std::mem::replace(tail, ix);
                (chain, self.vertex(before).map_or(0, |before| before.place + 1))
            }
            None => {
                self.tails.push(ix);
                (u32::try_from(self.tails.len() - 1).unwrap_or(u32::MAX), 0)
            }
        };
        if standing.permitted.is_ok() {
            self.cover(&fact.parents);
            self.heads.insert(ix);
            if let Some(issuer) = self.member(fact.issuer) {
                issuer.issued.push(ix);
            }
            if let Some(subject) = self.member(fact.subject) {
                subject.about.push(ix);
                subject.losses.extend(standing.is_loss.then_some(ix));
            }
        }
        self.vertices.push(Vertex { fact, standing, chain, place, below, covered: false });
        ix
    }

    fn member(&mut self, key: Key) -> Option<&mut Member> {
        let index = key as usize;
        if self.members.len() <= index {
            self.members.resize_with(index + 1, Member::default);
        }
        self.members.get_mut(index)
    }

    /// A chain that ends in an ancestor.
    fn chain_for(&self, parents: &[Ix]) -> Option<u32> {
        let ends = |ix: Ix| {
            let chain = self.vertex(ix)?.chain;
            (self.tails.get(chain as usize) == Some(&ix)).then_some(chain)
        };
        let near = parents.iter().take(LOOKED_AT);
        near.clone()
            .find_map(|ix| ends(*ix))
            .or_else(|| near.flat_map(|ix| self.parents(*ix)).take(LOOKED_AT).find_map(|ix| ends(*ix)))
    }

    /// Takes from the heads what a permitted credential with these parents has among its ancestors.
    fn cover(&mut self, parents: &[Ix]) {
        let mut open = parents.to_vec();
        while let Some(ix) = open.pop() {
            let Some(vertex) = self.vertices.get_mut(ix as usize) else { continue };
            if vertex.standing.permitted.is_ok() {
                self.heads.remove(&ix);
            } else if !vertex.covered {
                vertex.covered = true;
                open.extend_from_slice(&vertex.fact.parents);
            }
        }
    }
}
