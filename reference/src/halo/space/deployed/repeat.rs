//! Whether a walk has come back to where it was, so that it never ends.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest as _, Sha256};

use super::Stop;
use super::arena::{Arena, At};
use super::graph::Place;

/// Walks that send branches on their way again less often are not watched: nearly all end.
const UNWATCHED: usize = 16;

/// Where a walk has been, as hashes of all that its future hangs on.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    times: usize,
    been: BTreeSet<[u8; 32]>,
}

impl Repeats {
    /// Whether the walk has been here before; to be asked whenever branches are sent on their way again.
    pub(super) fn again(
        &mut self,
        arena: &Arena,
        active: &[At],
        waiting: &BTreeMap<Place, Vec<At>>,
    ) -> Result<bool, Stop> {
        self.times += 1;
        if self.times <= UNWATCHED {
            return Ok(false);
        }
        let mut text = Text { arena, hash: Sha256::new(), branches: HashMap::new(), parts: HashMap::new() };
        text.branches(active)?;
        for (place, branches) in waiting {
            text.number(*place);
            text.branches(branches)?;
        }
        Ok(!self.been.insert(text.hash.finalize().into()))
    }
}

/// What branches hold, with what they share written once and named by the order of its first mention: the same for
/// two moments exactly if they differ in nothing but the places where things are stored.
struct Text<'a> {
    arena: &'a Arena,
    hash: Sha256,
    branches: HashMap<At, usize>,
    /// Facts and overrides, by their kind and index.
    parts: HashMap<(bool, usize), usize>,
}

impl Text<'_> {
    fn number(&mut self, number: usize) {
        self.hash.update((number as u64).to_be_bytes());
    }

    fn numbers(&mut self, numbers: &[usize]) {
        self.number(numbers.len());
        numbers.iter().for_each(|number| self.number(*number));
    }

    fn branches(&mut self, list: &[At]) -> Result<(), Stop> {
        self.number(list.len());
        for at in list {
            let mut next = Some(*at);
            while let Some(at) = next {
                next = self.branch(at)?;
            }
            self.number(usize::MAX);
        }
        Ok(())
    }

    /// Writes one branch; gives the one out of which it came, if that is to be written too.
    fn branch(&mut self, at: At) -> Result<Option<At>, Stop> {
        let fresh = self.branches.len();
        let number = *self.branches.entry(at).or_insert(fresh);
        self.number(number);
        if number != fresh {
            return Ok(None);
        }
        let branch = self.arena.branch(at)?;
        self.number(branch.head);
        if self.part((false, branch.facts)) {
            let facts = self.arena.facts(at)?;
            self.number(facts.state.len());
            facts.state.iter().for_each(|(key, place)| self.numbers(&[*key, *place]));
            let last = facts.seen.words().iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
            self.number(last);
            facts.seen.words().iter().take(last).for_each(|word| self.hash.update(word.to_be_bytes()));
            self.numbers(facts.issuers.as_slice());
            self.numbers(facts.changed.as_slice());
        }
        match (branch.overrides, self.arena.overrides(at)?) {
            (Some(index), Some(overrides)) => {
                if self.part((true, index)) {
                    self.number(overrides.len());
                    overrides.iter().for_each(|(key, place)| self.numbers(&[*key, *place]));
                }
            }
            _ => self.number(usize::MAX),
        }
        let mut picks: BTreeMap<Place, &[Place]> = BTreeMap::new();
        for (place, children) in self.arena.picks_of(at)? {
            picks.entry(place).or_insert(children);
        }
        self.number(picks.len());
        for (place, children) in picks {
            self.number(place);
            self.numbers(children);
        }
        Ok(branch.fork)
    }

    /// Names a part; whether this is its first mention.
    fn part(&mut self, part: (bool, usize)) -> bool {
        let fresh = self.parts.len();
        let number = *self.parts.entry(part).or_insert(fresh);
        self.number(number);
        number == fresh
    }
}
