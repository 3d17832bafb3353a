//! What waits for credentials that are not there.

use std::collections::BTreeMap;

/// What a record waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// A genesis.
    Genesis,
    /// A genesis or `SpaceMember` with this id.
    Parent(Vec<u8>),
    /// An `Epoch` with this id.
    Epoch(Vec<u8>),
}

/// The records that wait, by what they wait for.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    by: BTreeMap<Need, Vec<usize>>,
    /// How many things each of them waits for.
    left: BTreeMap<usize, usize>,
}

impl Waiting {
    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.left.len()
    }

    /// Whether a record waits.
    pub(super) fn holds(&self, record: usize) -> bool {
        self.left.contains_key(&record)
    }

    /// Lets a record wait for different things.
    pub(super) fn hold(&mut self, record: usize, missing: Vec<Need>) {
        self.left.insert(record, missing.len());
        for need in missing {
            self.by.entry(need).or_default().push(record);
        }
    }

    /// The records that wait for nothing any more now that something is there.
    pub(super) fn arrived(&mut self, need: &Need) -> Vec<usize> {
        let mut ready = Vec::new();
        for record in self.by.remove(need).unwrap_or_default() {
            let Some(left) = self.left.get_mut(&record) else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.left.remove(&record);
                ready.push(record);
            }
        }
        ready
    }
}
