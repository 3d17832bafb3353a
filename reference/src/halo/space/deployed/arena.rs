//! What branches of a walk hold.  They share parts of it with each other, and a change of a shared part shows in
//! all of them; so everything stands in one place and is named by its index.

use std::collections::BTreeMap;

use super::Stop;
use super::graph::{Key, Place, ROOT, State};

/// Index of a branch.
pub(super) type At = usize;

/// How far one way through the graph has come.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) head: Place,
    /// Index of its [`Facts`].
    pub(super) facts: usize,
    /// The branch out of which it came where ways parted.
    pub(super) fork: Option<At>,
    /// Index of the last of its [`Pick`]s.
    pub(super) picks: Option<usize>,
    /// Index of the roles that go before those of its state.
    pub(super) overrides: Option<usize>,
}

/// What a branch has gathered.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) state: State,
    /// The credentials on the way, from the root on.
    pub(super) seen: Places,
    /// Who issued what had effect, since the ways parted.
    pub(super) issuers: Keys,
    /// Whose role was given, since the ways parted.
    pub(super) changed: Keys,
}

/// Which children were chosen where ways part; the newest for a place counts.
#[derive(Debug)]
struct Pick {
    place: Place,
    children: Vec<Place>,
    before: Option<usize>,
}

/// Keys in the order in which they were first put in.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(Vec<Key>);

impl Keys {
    pub(super) fn has(&self, key: Key) -> bool {
        self.0.contains(&key)
    }

    pub(super) fn add(&mut self, key: Key) {
        if !self.has(key) {
            self.0.push(key);
        }
    }

    pub(super) fn add_all(&mut self, keys: &Self) {
        keys.0.iter().for_each(|key| self.add(*key));
    }

    pub(super) fn as_slice(&self) -> &[Key] {
        &self.0
    }
}

/// A set of places, a bit each.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Vec<u64>);

impl Places {
    pub(super) fn has(&self, place: Place) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    pub(super) fn add(&mut self, place: Place) {
        if self.0.len() <= place / 64 {
            self.0.resize(place / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    pub(super) fn add_all(&mut self, places: &Self) {
        if self.0.len() < places.0.len() {
            self.0.resize(places.0.len(), 0);
        }
        self.0.iter_mut().zip(&places.0).for_each(|(word, more)| *word |= more);
    }

    pub(super) fn words(&self) -> &[u64] {
        &self.0
    }
}

/// All that branches of a walk hold.
#[derive(Debug, Default)]
pub(super) struct Arena {
    branches: Vec<Branch>,
    facts: Vec<Facts>,
    picks: Vec<Pick>,
    overrides: Vec<State>,
}

impl Arena {
    /// How much there is; it only grows.
    pub(super) fn len(&self) -> usize {
        self.branches.len() + self.facts.len()
    }

    pub(super) fn add(&mut self, branch: Branch) -> At {
        self.branches.push(branch);
        self.branches.len() - 1
    }

    /// A branch that stands at the root and has gathered nothing.
    pub(super) fn add_root(&mut self) -> At {
        let facts = self.add_facts(Facts::default());
        self.add(Branch { head: ROOT, facts, fork: None, picks: None, overrides: None })
    }

    pub(super) fn add_facts(&mut self, facts: Facts) -> usize {
        self.facts.push(facts);
        self.facts.len() - 1
    }

    /// Indices come from this arena alone, so that nothing is ever missing.
    pub(super) fn branch(&self, at: At) -> Result<&Branch, Stop> {
        self.branches.get(at).ok_or(Stop::Failed)
    }

    pub(super) fn branch_mut(&mut self, at: At) -> Result<&mut Branch, Stop> {
        self.branches.get_mut(at).ok_or(Stop::Failed)
    }

    pub(super) fn facts(&self, at: At) -> Result<&Facts, Stop> {
        self.facts.get(self.branch(at)?.facts).ok_or(Stop::Failed)
    }

    pub(super) fn facts_mut(&mut self, at: At) -> Result<&mut Facts, Stop> {
        let index = self.branch(at)?.facts;
        self.facts.get_mut(index).ok_or(Stop::Failed)
    }

    pub(super) fn overrides(&self, at: At) -> Result<Option<&State>, Stop> {
        Ok(self.branch(at)?.overrides.and_then(|index| self.overrides.get(index)))
    }

    /// Adds to the overrides of a branch, and so to those of all that share them; gives their index.
    pub(super) fn override_with(&mut self, at: At, winners: &State) -> Result<usize, Stop> {
        let index = match self.branch(at)?.overrides {
            Some(index) => index,
            None => {
                self.overrides.push(State::new());
                self.overrides.len() - 1
            }
        };
        if let Some(overrides) = self.overrides.get_mut(index) {
            overrides.extend(winners);
        }
        Ok(index)
    }

    /// What was chosen at a place.
    pub(super) fn pick(&self, at: At, place: Place) -> Result<Option<&[Place]>, Stop> {
        Ok(self.picks_of(at)?.find(|(other, _)| *other == place).map(|(_, children)| children))
    }

    /// All choices, the newest first.
    pub(super) fn picks_of(&self, at: At) -> Result<impl Iterator<Item = (Place, &[Place])>, Stop> {
        let mut next = self.branch(at)?.picks;
        Ok(std::iter::from_fn(move || {
            let pick = self.picks.get(next?)?;
            next = pick.before;
            Some((pick.place, pick.children.as_slice()))
        }))
    }

    /// The choices of a branch, each place once, so that going again and again does not let them grow; gives their
    /// index.
    pub(super) fn picks_once(&mut self, at: At) -> Result<Option<usize>, Stop> {
        let mut once: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for (place, children) in self.picks_of(at)? {
            once.entry(place).or_insert_with(|| children.to_vec());
        }
        let mut last = None;
        for (place, children) in once {
            self.picks.push(Pick { place, children, before: last });
            last = Some(self.picks.len() - 1);
        }
        Ok(last)
    }

    /// The choices of a branch with one more; gives their index.
    pub(super) fn choose(&mut self, at: At, place: Place, children: Vec<Place>) -> Result<usize, Stop> {
        let before = self.branch(at)?.picks;
        self.picks.push(Pick { place, children, before });
        Ok(self.picks.len() - 1)
    }
}
