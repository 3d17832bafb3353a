//! Random choices that can be made again.

use rand::rngs::ChaCha8Rng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

/// The choices of one trial.  They depend on the seed and the trial's number alone, so that a find can be made
/// again by itself, whatever came before it and however many processes there were.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The choices of a trial.
    pub fn new(seed: u64, trial: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(trial);
        Self(generator)
    }

    /// A number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { self.0.random_range(0..bound) }
    }

    /// Yes, once in `count` times.
    pub fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of several; `None` if there is none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// Any number of 64 bits.
    pub fn number(&mut self) -> u64 {
        self.0.random()
    }

    /// So many bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// A range within `length` items, at least one long if there is any; short ones are likelier.
    pub fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        let most = length - start;
        let few = if self.once_in(4) { most } else { most.min(8) };
        start..start + (self.below(few) + 1).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_the_same_alone_and_after_others() {
        let numbers = |seed, trial| {
            let mut chance = Chance::new(seed, trial);
            [chance.number(), chance.number()]
        };
        assert_eq!(numbers(7, 3), numbers(7, 3));
        assert_ne!(numbers(7, 3), numbers(7, 4));
        assert_ne!(numbers(7, 3), numbers(8, 3));
    }

    #[test]
    fn nothing_is_chosen_from_nothing() {
        let mut chance = Chance::new(1, 1);
        assert_eq!(chance.below(0), 0);
        assert_eq!(chance.pick::<u8>(&[]), None);
        assert_eq!(chance.range(0), 0..0);
    }
}
