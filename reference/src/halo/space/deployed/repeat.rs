//! Whether a walk has come back to where it was, so that it never ends.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::Stop;
use super::arena::{Arena, At, Facts};
use super::graph::{END, Place, State};

/// Walks that send branches on their way again less often are not watched: nearly all end.
const UNWATCHED: usize = 16;

/// How often a walk is at one place before it is said to go round.
const ROUNDS: usize = 3;

/// Where a walk has been, by hashes of all that its future hangs on, and how often.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    times: usize,
    been: BTreeMap<[u8; 32], usize>,
}

impl Repeats {
    /// Whether the walk goes round; to be asked whenever branches are sent on their way again.
    ///
    /// Branches that wait at the end and have gathered the same count once.  In some rounds one more of them arrives
    /// each time, which changes nothing: none of them is better than the first.
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
        for at in active {
            all.update(branch(arena, *at)?);
        }
        for (place, branches) in waiting {
            number(&mut all, *place);
            let mut seen = Vec::with_capacity(branches.len());
            for at in branches {
                let hash = branch(arena, *at)?;
                if *place != END || !seen.contains(&hash) {
                    all.update(hash);
                    seen.push(hash);
                }
            }
        }
        let times = self.been.entry(all.finalize().into()).or_default();
        *times += 1;
        Ok(*times >= ROUNDS)
    }
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
