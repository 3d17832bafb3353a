//! Sets of blocks as ranges.

use std::collections::BTreeMap;

use crate::echo::flat::MAX_LENGTH;

/// Blocks below [`MAX_LENGTH`]; the memory goes with the number of ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges {
    /// Start and end of each range, apart from each other.
    ranges: BTreeMap<u64, u64>,
}

impl Ranges {
    /// Number of ranges.
    pub(super) fn count(&self) -> usize {
        self.ranges.len()
    }

    /// One more than the last block.
    pub(super) fn end(&self) -> u64 {
        self.ranges.last_key_value().map_or(0, |(_, end)| *end)
    }

    pub(super) fn insert(&mut self, start: u64, end: u64) {
        let end = end.min(MAX_LENGTH);
        if start >= end {
            return;
        }
        let (mut from, mut to) = (start, end);
        while let Some((&at, &until)) =
            self.ranges.range(..=to).next_back().filter(|(_, until)| **until >= from)
        {
            (from, to) = (from.min(at), to.max(until));
            self.ranges.remove(&at);
        }
        self.ranges.insert(from, to);
    }

    pub(super) fn remove(&mut self, start: u64, end: u64) {
        while let Some((&at, &until)) =
            self.ranges.range(..end).next_back().filter(|(_, until)| **until > start)
        {
            self.ranges.remove(&at);
            if until > end {
                self.ranges.insert(end, until);
            }
            if at < start {
                self.ranges.insert(at, start);
                return;
            }
        }
    }

    /// Adds the blocks whose bits are set, the first block in the highest bit.
    pub(super) fn insert_bits(&mut self, start: u64, bits: &[u8]) {
        let mut run: Option<(u64, u64)> = None;
        for (at, &byte) in (0u64..).zip(bits) {
            if byte == 0 {
                continue;
            }
            for bit in 0..8 {
                if byte & 0x80u8 >> bit == 0 {
                    continue;
                }
                let block = start.saturating_add(at * 8 + bit);
                match &mut run {
                    Some((_, end)) if *end == block => *end += 1,
                    _ => {
                        if let Some((start, end)) = run.replace((block, block.saturating_add(1))) {
                            self.insert(start, end);
                        }
                    }
                }
            }
        }
        if let Some((start, end)) = run {
            self.insert(start, end);
        }
    }

    /// The first block at or behind a place.
    pub(super) fn next(&self, from: u64) -> Option<u64> {
        let here = self.ranges.range(..=from).next_back().filter(|(_, end)| **end > from).map(|_| from);
        here.or_else(|| self.ranges.range(from..).next().map(|(start, _)| *start))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_a_set_of_numbers(steps in prop::collection::vec((any::<bool>(), 0u64..64, 0u64..24), 0..40)) {
            let (mut ranges, mut set) = (Ranges::default(), BTreeSet::new());
            for (insert, start, length) in steps {
                let end = start + length;
                if insert {
                    ranges.insert(start, end);
                    set.extend(start..end);
                } else {
                    ranges.remove(start, end);
                    set.retain(|block| !(start..end).contains(block));
                }
            }
            for from in 0..100 {
                prop_assert_eq!(ranges.next(from), set.range(from..).next().copied());
            }
            prop_assert_eq!(ranges.end(), set.last().map_or(0, |last| last + 1));
            prop_assert!(ranges.count() <= set.len());
        }

        #[test]
        fn bits_are_blocks(start in 0u64..100, bits in prop::collection::vec(any::<u8>(), 0..20)) {
            let mut ranges = Ranges::default();
            ranges.insert_bits(start, &bits);
            for (block, place) in (start..).zip(0..bits.len() * 8) {
                let set = bits[place / 8] & 0x80 >> (place % 8) != 0;
                prop_assert_eq!(ranges.next(block) == Some(block), set);
            }
        }
    }
}
