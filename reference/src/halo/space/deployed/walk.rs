//! Deriving the roles from the whole graph: from the root to the end on all ways, which are merged where they meet.

use std::collections::BTreeMap;

use super::Stop;
use super::arena::{Arena, At, Branch, Facts};
use super::graph::{END, Graph, Key, Place, ROOT, State};
use super::repeat::Repeats;
use crate::halo::space::Role;

/// The most steps of one walk: branches that were begun, and places that they came to.
const MAX_STEPS: usize = 1 << 18;

/// One walk.
pub(super) struct Walk<'g> {
    graph: &'g Graph,
    pub(super) arena: Arena,
    /// Branches that can go on; the last one does.
    pub(super) active: Vec<At>,
    /// Branches that wait for others at a place where ways meet.
    pub(super) waiting: BTreeMap<Place, Vec<At>>,
    repeats: Repeats,
}

/// What comes of branches that met.
enum Merged {
    One(At),
    /// Some go their way again from where they parted.
    Again {
        from: At,
        branches: Vec<At>,
        winners: State,
    },
}

impl<'g> Walk<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        Self {
            graph,
            arena: Arena::default(),
            active: Vec::new(),
            waiting: BTreeMap::new(),
            repeats: Repeats::default(),
        }
    }

    /// Walks; gives the credential in force for each subject.
    ///
    /// # Errors
    /// [`Stop::Failed`] when no branch is left before the end is reached (HALO-REPLAY-038), [`Stop::Endless`] when
    /// the walk comes back to where it was (HALO-REPLAY-039) or takes more than 2^18 steps.
    pub(super) fn run(mut self) -> Result<State, Stop> {
        let root = self.arena.add_root();
        self.active.push(root);
        for step in 0.. {
            if step + self.arena.len() > MAX_STEPS {
                return Err(Stop::Endless);
            }
            alter!(HALO_REPLAY_038, (), "a walk that cannot go on leaves the roles as they were" =>
                if self.active.is_empty() { return Ok(self.graph.state().clone()) });
            let at = self.active.pop().ok_or(Stop::Failed)?;
            self.visit(at)?;
            let Some(met) = self.arrive(at)? else { continue };
            match self.merge(&met)? {
                Merged::One(at) => {
                    if self.advance(at)? {
                        return Ok(self.arena.facts(at)?.state.clone());
                    }
                }
                Merged::Again { from, branches, winners } => {
                    self.again(&met, from, &branches, &winners)?;
                    if self.repeats.again(&self.arena, &self.active, &self.waiting)? {
                        return Err(alter!(HALO_REPLAY_039, Stop::Endless,
                            "a walk that comes back to where it was has failed" => Stop::Failed));
                    }
                }
            }
        }
        Err(Stop::Endless)
    }

    /// Takes the credential at the head into the state of the branch, if it is allowed there (HALO-REPLAY-026).
    fn visit(&mut self, at: At) -> Result<(), Stop> {
        let place = self.arena.branch(at)?.head;
        if place == ROOT || place == END {
            return Ok(());
        }
        let vertex = self.graph.vertex(place);
        self.arena.facts_mut(at)?.seen.add(place);
        let (state, overrides) = (&self.arena.facts(at)?.state, self.arena.overrides(at)?);
        let mut allowed = self.graph.is_allowed(place, state, overrides);
        let without_parents = alter!(HALO_REPLAY_027, vertex.parents.first() == Some(&ROOT),
            "credentials without parents are judged by their branch alone" => false);
        if without_parents {
            allowed = allowed || self.graph.is_allowed(place, self.graph.state(), None);
        }
        let allowed = alter!(HALO_REPLAY_026, allowed,
            "whatever stands in the graph counts" => true);
        if allowed {
            let facts = self.arena.facts_mut(at)?;
            facts.changed.add(vertex.subject);
            facts.issuers.add(vertex.issuer);
            facts.state.insert(vertex.subject, place);
        }
        Ok(())
    }

    /// The branches that met, once all are there (HALO-REPLAY-028).
    fn arrive(&mut self, at: At) -> Result<Option<Vec<At>>, Stop> {
        let place = self.arena.branch(at)?.head;
        let waiting = self.waiting.entry(place).or_default();
        waiting.push(at);
        let all = waiting.len() >= self.graph.vertex(place).parents.len();
        let all = alter!(HALO_REPLAY_028, all, "a branch goes on without those that it meets" => true);
        if !all || (place == END && !self.active.is_empty()) {
            return Ok(None);
        }
        Ok(self.waiting.remove(&place))
    }

    /// Goes on to the child, or parts into a branch for each; whether there was none (HALO-REPLAY-025).
    fn advance(&mut self, at: At) -> Result<bool, Stop> {
        let head = self.arena.branch(at)?.head;
        match self.graph.vertex(head).children.as_slice() {
            [] => return Ok(true),
            [child] => {
                self.arena.branch_mut(at)?.head = *child;
                self.active.push(at);
            }
            children => {
                let picked = self.arena.pick(at, head)?.unwrap_or(children).to_vec();
                let picked = alter!(HALO_REPLAY_025, picked,
                    "the first child is followed first" => picked.into_iter().rev().collect());
                for child in picked {
                    let facts = self.arena.facts(at)?;
                    let facts =
                        Facts { state: facts.state.clone(), seen: facts.seen.clone(), ..Facts::default() };
                    let branch = Branch {
                        head: child,
                        facts: self.arena.add_facts(facts),
                        fork: Some(at),
                        picks: Some(self.arena.choose(at, head, vec![child])?),
                        overrides: self.arena.branch(at)?.overrides,
                    };
                    let branch = self.arena.add(branch);
                    self.active.push(branch);
                }
            }
        }
        Ok(false)
    }

    /// The branch at the last place where all of these parted; a new one at the root if there is none
    /// (HALO-REPLAY-029).
    fn parting(&mut self, branches: &[At]) -> Result<At, Stop> {
        let mut forks: BTreeMap<Place, At> = BTreeMap::new();
        for at in branches {
            let mut next = self.arena.branch(*at)?.fork;
            while let Some(fork) = next {
                let branch = self.arena.branch(fork)?;
                forks.insert(branch.head, fork);
                next = branch.fork;
            }
        }
        alter!(HALO_REPLAY_029, (), "branches are always compared from the root" => forks.clear());
        for (place, fork) in forks.into_iter().rev() {
            if place == ROOT || place == END {
                continue;
            }
            let mut common = true;
            for at in branches {
                common &= self.arena.facts(*at)?.seen.has(place);
            }
            if common {
                return Ok(fork);
            }
        }
        Ok(self.arena.add_root())
    }

    /// Gives a branch what the branches had gathered out of which it came, down to the place of parting.
    fn gather(&mut self, at: At, parting: Place) -> Result<(), Stop> {
        let Some(mut fork) = self.arena.branch(at)?.fork else { return Ok(()) };
        if self.arena.pick(at, parting)?.is_none() {
            return Ok(());
        }
        while self.arena.branch(fork)?.head != parting {
            let from = self.arena.facts(fork)?;
            let (issuers, changed) = (from.issuers.clone(), from.changed.clone());
            let facts = self.arena.facts_mut(at)?;
            facts.issuers.add_all(&issuers);
            facts.changed.add_all(&changed);
            // Without a place of parting above it the deployed code reads what is not there.
            fork = self.arena.branch(fork)?.fork.ok_or(Stop::Failed)?;
            self.arena.branch_mut(at)?.fork = Some(fork);
        }
        Ok(())
    }

    fn merge(&mut self, met: &[At]) -> Result<Merged, Stop> {
        if let [one] = met {
            return Ok(Merged::One(*one));
        }
        let from = self.parting(met)?;
        let parting = self.arena.branch(from)?.head;
        for at in met {
            self.gather(*at, parting)?;
        }
        let (mut picked, mut merged) = (Vec::new(), self.arena.facts(from)?.clone());
        let mut winners: Vec<(Key, At)> = Vec::new();
        for at in met {
            let facts = self.arena.facts(*at)?;
            merged.issuers.add_all(&facts.issuers);
            merged.seen.add_all(&facts.seen);
            picked.extend_from_slice(self.arena.pick(*at, parting)?.unwrap_or_default());
            for subject in facts.changed.as_slice() {
                match winners.iter_mut().find(|(other, _)| other == subject) {
                    None => winners.push((*subject, *at)),
                    Some((_, before)) if self.is_better(*before, *at, *subject)? => *before = *at,
                    Some(_) => {}
                }
            }
        }
        let (mut again, mut won) = (Vec::new(), State::new());
        for (subject, branch) in winners {
            let place = *self.arena.facts(branch)?.state.get(&subject).ok_or(Stop::Failed)?;
            merged.changed.add(subject);
            merged.state.insert(subject, place);
            won.insert(subject, place);
            self.conflicts(met, branch, place, &mut again)?;
        }
        if !again.is_empty() {
            return Ok(Merged::Again { from, branches: again, winners: won });
        }
        let picks = Some(self.arena.choose(from, parting, picked)?);
        let head =
            met.first().map_or(Ok(END), |first| self.arena.branch(*first).map(|branch| branch.head))?;
        let facts = self.arena.add_facts(merged);
        let branch = Branch { head, facts, picks, ..self.arena.branch(from)?.clone() };
        Ok(Merged::One(self.arena.add(branch)))
    }

    /// Which other branches had something issued by whom a winning credential takes the right away
    /// (HALO-REPLAY-036).
    fn conflicts(&self, met: &[At], winner: At, place: Place, again: &mut Vec<At>) -> Result<(), Stop> {
        let vertex = self.graph.vertex(place);
        let role = Role(vertex.role);
        let lost = alter!(HALO_REPLAY_036, role == Role::REMOVED || role == Role::EDITOR,
            "whoever becomes a reader loses what was issued beside it" =>
                [Role::REMOVED, Role::EDITOR, Role::READER].contains(&role),
            "whoever becomes an editor keeps what was issued beside it" => role == Role::REMOVED);
        if !lost {
            return Ok(());
        }
        for at in met {
            if *at != winner && self.arena.facts(*at)?.issuers.has(vertex.subject) && !again.contains(at) {
                again.push(*at);
            }
        }
        Ok(())
    }

    /// Sends branches on their way again, with the roles that won before their own (HALO-REPLAY-037).
    fn again(&mut self, met: &[At], from: At, branches: &[At], winners: &State) -> Result<(), Stop> {
        for at in branches {
            let overrides = alter!(HALO_REPLAY_037, Some(self.arena.override_with(*at, winners)?),
                "branches go again with the roles that they had" => self.arena.branch(*at)?.overrides);
            let picks = self.arena.picks_once(*at)?;
            let branch = Branch { picks, overrides, ..self.arena.branch(from)?.clone() };
            let branch = self.arena.add(branch);
            self.active.push(branch);
        }
        if let Some(first) = met.first() {
            let rest = met.iter().copied().filter(|at| !branches.contains(at)).collect();
            self.waiting.insert(self.arena.branch(*first)?.head, rest);
        }
        Ok(())
    }

    /// Whether what a branch has for a subject goes before what another has (HALO-REPLAY-030 to HALO-REPLAY-035).
    fn is_better(&self, before: At, after: At, subject: Key) -> Result<bool, Stop> {
        let (old, new) = (self.arena.facts(before)?, self.arena.facts(after)?);
        let x = *old.state.get(&subject).ok_or(Stop::Failed)?;
        let y = *new.state.get(&subject).ok_or(Stop::Failed)?;
        if x == y {
            return Ok(false);
        }
        let here = self.arena.branch(before)?.head;
        let at_merge = alter!(HALO_REPLAY_030, x == here || y == here,
            "a credential that merges is compared as any other" => false);
        if at_merge {
            return Ok(y == here);
        }
        let (newer, older) = (new.seen.has(x), old.seen.has(y));
        let ordered = alter!(HALO_REPLAY_031, newer != older,
            "which credential knew the other is not looked at" => false);
        if ordered {
            return Ok(newer);
        }
        let (first, second) = (self.graph.vertex(x), self.graph.vertex(y));
        let owner = |at, state, issuer| -> Result<bool, Stop> {
            Ok(self.graph.role_in(state, self.arena.overrides(at)?, issuer) == Role::OWNER)
        };
        let by_owner = (owner(before, &old.state, first.issuer)?, owner(after, &new.state, second.issuer)?);
        let decided = alter!(HALO_REPLAY_032, by_owner.0 != by_owner.1,
            "an owner decides nothing" => false);
        if decided {
            return Ok(by_owner.1);
        }
        let issuers = (old.issuers.as_slice().len(), new.issuers.as_slice().len());
        let decided = alter!(HALO_REPLAY_033, issuers.0 != issuers.1,
            "issuers are not counted" => false);
        if decided {
            return Ok(issuers.1 > issuers.0);
        }
        let later = alter!(HALO_REPLAY_034, second.date > first.date,
            "the earlier credential wins" => second.date < first.date);
        Ok(alter!(HALO_REPLAY_035, later,
            "of equal dates the last one wins" => second.date >= first.date))
    }
}
