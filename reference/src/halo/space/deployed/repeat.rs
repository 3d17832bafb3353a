//! Whether a walk has come back to where it was, so that it never ends.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::Stop;
use super::arena::{Arena, At, Facts};
use super::graph::{END, Place, State};

/// Walks that send branches on their way again less often are not watched: nearly all end.
const UNWATCHED: usize = 4;

/// How often a walk is at one place before it is said to go round.
const ROUNDS: usize = 3;

/// Where a walk has been, by hashes of all that its future hangs on.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    times: usize,
    been: BTreeMap<[u8; 32], Visits>,
}

/// How often a walk was at a place, and with how many branches at last.
#[derive(Debug, Default)]
struct Visits {
    times: usize,
    branches: usize,
}

impl Repeats {
    /// Whether the walk goes round; to be asked whenever branches are sent on their way again.
    ///
    /// Branches that can go on, or wait at the end, and have gathered the same count once, as long as they do not
    /// become fewer: in some rounds there is one more of them each time, in others there are twice as many.
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
        let mut all = Sha256::new();
        let mut branches = active.len();
        once(&mut all, arena, active)?;
        for (place, list) in waiting {
            number(&mut all, *place);
            branches += list.len();
            if *place == END {
                once(&mut all, arena, list)?;
            } else {
                for at in list {
                    all.update(branch(arena, *at)?);
                }
            }
        }
        let visits = self.been.entry(all.finalize().into()).or_default();
        visits.times = if branches < visits.branches { 1 } else { visits.times + 1 };
        visits.branches = branches;
        Ok(visits.times >= ROUNDS)
    }
}

/// Branches, of equal ones the first alone.
fn once(hash: &mut Sha256, arena: &Arena, branches: &[At]) -> Result<(), Stop> {
    let mut seen = BTreeSet::new();
    for at in branches {
        let one = branch(arena, *at)?;
        if seen.insert(one) {
            hash.update(one);
        }
    }
    number(hash, seen.len());
    Ok(())
}

fn number(hash: &mut Sha256, number: usize) {
    hash.update((number as u64).to_be_bytes());
}

fn numbers(hash: &mut Sha256, list: &[usize]) {
    number(hash, list.len());
    list.iter().for_each(|one| number(hash, *one));
}

fn state(hash: &mut Sha256, state: &State) {
    number(hash, state.len());
    state.iter().for_each(|(key, place)| numbers(hash, &[*key, *place]));
}

fn facts(hash: &mut Sha256, facts: &Facts) {
    state(hash, &facts.state);
    let words = facts.seen.words();
    let words = words.iter().rposition(|word| *word != 0).and_then(|last| words.get(..=last));
    number(hash, words.unwrap_or_default().len());
    words.unwrap_or_default().iter().for_each(|word| hash.update(word.to_be_bytes()));
    numbers(hash, facts.issuers.as_slice());
    numbers(hash, facts.changed.as_slice());
}

/// What a branch holds, and those out of which it came.
fn branch(arena: &Arena, at: At) -> Result<[u8; 32], Stop> {
    let mut hash = Sha256::new();
    let mut next = Some(at);
    while let Some(at) = next {
        let branch = arena.branch(at)?;
        number(&mut hash, branch.head);
        facts(&mut hash, arena.facts(at)?);
        match arena.overrides(at)? {
            Some(overrides) => state(&mut hash, overrides),
            None => number(&mut hash, usize::MAX),
        }
        let mut picks: BTreeMap<Place, &[Place]> = BTreeMap::new();
        for (place, children) in arena.picks_of(at)? {
            picks.entry(place).or_insert(children);
        }
        number(&mut hash, picks.len());
        for (place, children) in picks {
            number(&mut hash, place);
            numbers(&mut hash, children);
        }
        next = branch.fork;
    }
    Ok(hash.finalize().into())
}
