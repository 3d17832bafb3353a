//! Timeframes: vector timestamps over feeds, and their algebra.
//!
//! A missing feed and the number -1 are not the same, except in sums.

use std::collections::HashMap;
use std::sync::Arc;

/// For each of some feeds, the number of the last block that is included; in the order in which the feeds were
/// first named.
///
/// A feed is known by the bytes of its public key, of whatever length.  Copies share the keys.
#[derive(Clone, Debug, Default)]
pub struct Timeframe {
    frames: Vec<(Arc<[u8]>, i32)>,
    /// Where each feed is; empty while there are at most [`FEW`].
    places: HashMap<Arc<[u8]>, usize>,
}

/// So many frames are looked through faster than one key is hashed.  Most messages name no more feeds.
const FEW: usize = 16;

impl Timeframe {
    fn place(&self, feed: &[u8]) -> Option<usize> {
        if self.frames.len() <= FEW {
            return self.frames.iter().position(|(known, _)| **known == *feed);
        }
        self.places.get(feed).copied()
    }

    /// Sets the number of a feed, higher or lower than before; the feed keeps its place (ECHO-TIME-008).
    pub fn set(&mut self, feed: &[u8], seq: i32) {
        let feed = alter!(ECHO_TIME_009, feed,
            "a feed is known by the first four bytes of its key" => feed.get(..4).unwrap_or(feed));
        if let Some((_, earlier)) = self.place(feed).and_then(|place| self.frames.get_mut(place)) {
            *earlier = alter!(ECHO_TIME_008, seq,
                "of two numbers for a feed the higher stands" => seq.max(*earlier),
                "of two numbers for a feed the first stands" => *earlier);
            return;
        }
        let feed: Arc<[u8]> = Arc::from(feed);
        self.frames.push((feed, seq));
        match self.frames.len() {
            0..=FEW => {}
            // The first one too many: all of them get their places.
            length if length == FEW + 1 => {
                let all = self.frames.iter().enumerate();
                self.places = all.map(|(place, (feed, _))| (Arc::clone(feed), place)).collect();
            }
            length => {
                self.places.extend(self.frames.last().map(|(feed, _)| (Arc::clone(feed), length - 1)));
            }
        }
    }

    /// The number of a feed.
    pub fn get(&self, feed: &[u8]) -> Option<i32> {
        let feed = alter!(ECHO_TIME_009, feed,
            "a feed is known by the first four bytes of its key" => feed.get(..4).unwrap_or(feed));
        self.place(feed).and_then(|place| self.frames.get(place)).map(|(_, seq)| *seq)
    }

    /// Feeds and numbers, in the order in which the feeds were first named.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = (&[u8], i32)> + Clone {
        self.frames.iter().map(|(feed, seq)| (&**feed, *seq))
    }

    /// The frame at a place.
    pub(super) fn frame(&self, place: usize) -> Option<(&Arc<[u8]>, i32)> {
        self.frames.get(place).map(|(feed, seq)| (feed, *seq))
    }

    /// The number of feeds.
    pub const fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether it names no feed.
    pub const fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Takes in another one: the higher number of each feed (ECHO-TIME-001).
    pub fn merge(&mut self, other: &Self) {
        for (feed, seq) in other.frames() {
            let known = alter!(ECHO_TIME_001, self.get(feed),
                "the last number of a feed is taken" => None,
                "-1 stands for a feed that is not there" => if seq < 0 { Some(seq) } else { self.get(feed) },
                "feeds of the second timeframe alone are left out" => self.get(feed).or(Some(seq)));
            if known.is_none_or(|known| known < seq) {
                self.set(feed, seq);
            }
        }
    }

    /// What this one includes and a base does not reach, with the numbers of this one (ECHO-TIME-002).
    pub fn dependencies(&self, base: &Self) -> Self {
        self.frames().filter(|(feed, seq)| !base.covers(feed, *seq)).collect()
    }

    /// Whether it includes a block of a feed.  A feed that is not there includes nothing, not even -1
    /// (ECHO-TIME-003).
    pub fn covers(&self, feed: &[u8], seq: i32) -> bool {
        let known = alter!(ECHO_TIME_003, self.get(feed),
            "a feed that is not there includes -1" => self.get(feed).or(Some(-1)),
            "a feed that is not there includes everything" => self.get(feed).or(Some(i32::MAX)));
        known.is_some_and(|known| {
            alter!(ECHO_TIME_002, known >= seq,
            "the number itself is not included" => known > seq,
            "any block of the feed will do" => true)
        })
    }

    /// Whether it includes all that another one does.
    pub fn includes(&self, other: &Self) -> bool {
        other.frames().all(|(feed, seq)| self.covers(feed, seq))
    }

    /// The blocks included, as numbers begin at 0: below 0 where numbers are below -1 (ECHO-TIME-004).
    #[allow(clippy::cast_possible_truncation)] // Only in a mistake.
    pub fn total(&self) -> i64 {
        let sum: i64 = self
            .frames()
            .map(|(_, seq)| {
                alter!(ECHO_TIME_004, i64::from(seq) + 1,
            "a number is taken for a count" => i64::from(seq),
            "feeds are counted" => 1)
            })
            .sum();
        alter!(ECHO_TIME_004, sum, "the sum is cut to 32 bits" => i64::from(sum as i32))
    }

    /// The blocks included here and not in a base; feeds of the base alone do not count (ECHO-TIME-005).
    pub fn new_since(&self, base: &Self) -> i64 {
        let one = |(feed, seq): (&[u8], i32)| {
            let known = alter!(ECHO_TIME_005, base.get(feed).unwrap_or(-1),
                "a feed that the base does not have is at 0" => base.get(feed).unwrap_or(0));
            let new = i64::from(seq) - i64::from(known);
            alter!(ECHO_TIME_005, new.max(0), "what the base has more is taken off" => new)
        };
        self.frames().map(one).sum()
    }

    /// This one without some feeds (ECHO-TIME-007).
    pub fn without(&self, feeds: &[Vec<u8>]) -> Self {
        let named = |feed: &[u8]| feeds.iter().any(|other| other == feed);
        self.frames()
            .filter(|(feed, _)| {
                alter!(ECHO_TIME_007, !named(feed),
            "the named feeds alone are kept" => named(feed))
            })
            .collect()
    }
}

impl<'a> FromIterator<(&'a [u8], i32)> for Timeframe {
    fn from_iter<T: IntoIterator<Item = (&'a [u8], i32)>>(frames: T) -> Self {
        let mut timeframe = Self::default();
        for (feed, seq) in frames {
            timeframe.set(feed, seq);
        }
        timeframe
    }
}

impl PartialEq for Timeframe {
    /// The same feeds with the same numbers, in whatever order (ECHO-TIME-006).
    fn eq(&self, other: &Self) -> bool {
        alter!(ECHO_TIME_006, self.len() == other.len() && self.frames().all(|(feed, seq)| other.get(feed) == Some(seq)),
        "the order of the feeds counts" => self.frames().eq(other.frames()),
        "feeds that the first does not have are not looked at" =>
            self.frames().all(|(feed, seq)| other.get(feed) == Some(seq)),
        "-1 stands for a feed that is not there" =>
            self.frames().chain(other.frames()).all(|(feed, _)| {
                self.get(feed).unwrap_or(-1) == other.get(feed).unwrap_or(-1)
            }))
    }
}

impl Eq for Timeframe {}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeframe(frames: &[(u8, i32)]) -> Timeframe {
        let mut timeframe = Timeframe::default();
        for (feed, seq) in frames {
            timeframe.set(&[*feed], *seq);
        }
        timeframe
    }

    #[test]
    fn a_later_number_takes_the_place_of_an_earlier_one() {
        let made = timeframe(&[(1, 5), (2, 0), (1, 3)]);
        assert_eq!(made.frames().collect::<Vec<_>>(), [(&[1][..], 3), (&[2][..], 0)]);
    }

    #[test]
    fn many_feeds_are_found_as_few_are() {
        let mut made = Timeframe::default();
        for feed in 0..100 {
            made.set(&[feed], i32::from(feed));
            made.set(&[0], i32::from(feed));
            assert!((1..=feed).all(|known| made.get(&[known]) == Some(i32::from(known))));
            assert_eq!((made.get(&[feed + 1]), made.get(&[0])), (None, Some(i32::from(feed))));
        }
        assert_eq!(made.len(), 100);
    }

    #[test]
    fn minus_one_is_not_a_missing_feed() {
        let (minus_one, none) = (timeframe(&[(1, -1)]), Timeframe::default());
        assert_ne!(minus_one, none);
        assert_eq!(minus_one.dependencies(&none), minus_one);
        assert!(minus_one.dependencies(&timeframe(&[(1, -1)])).is_empty());
        assert_eq!((minus_one.total(), minus_one.new_since(&none)), (0, 0));
    }

    #[test]
    fn sums_do_not_overflow() {
        let made = timeframe(&[(1, i32::MAX), (2, i32::MAX), (3, i32::MIN)]);
        assert_eq!(made.total(), (1 << 31) + 1);
        assert_eq!(made.new_since(&timeframe(&[(1, i32::MIN)])), (1 << 32) - 1 + (1 << 31));
    }
}
