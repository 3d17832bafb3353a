//! The order in which the blocks of several feeds are delivered: each after everything that its writer had seen.
//!
//! ```text
//!  push(feed, seq, timeframe, message) ──► next() ──► the consumer ──► processed()
//!                       (a head waits for one dependency)         (the clock advances, and who waited is looked at)
//! ```
//!
//! A head that cannot be delivered is filed under the one feed and number that it waits for, so that a feed in which
//! nothing happens costs nothing, and each frame of a timeframe is looked at twice at most.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::Timeframe;
use crate::Reject;

/// How long a head may wait with nothing to deliver before that is reported, in milliseconds; ECHO-ORDER-010.
pub const STALL: u64 = 1000;

/// Blocks of several feeds, each with a message of type `M`, put in order.
#[derive(Debug)]
pub struct Delivery<M> {
    clock: Timeframe,
    feeds: Vec<Feed<M>>,
    places: HashMap<Arc<[u8]>, usize>,
    /// Feeds whose head can be delivered.
    ready: VecDeque<usize>,
    /// Feeds whose head waits, by the feed and the number that it waits for.
    waiting: HashMap<Arc<[u8]>, BTreeMap<i32, Vec<usize>>>,
    /// How many feeds are in `waiting`.
    blocked: usize,
    /// What the consumer has and has not processed yet.
    current: Option<(usize, i32)>,
    kept: usize,
    limit: usize,
    /// When it was found that nothing can be delivered, and whether it was reported.
    stalled: Option<(u64, bool)>,
}

#[derive(Debug)]
struct Feed<M> {
    key: Arc<[u8]>,
    /// The block to deliver next.
    next: i64,
    /// One more than the highest block seen.
    length: i64,
    blocks: BTreeMap<i64, Block<M>>,
    /// Frames of the head that are included in the clock.
    checked: usize,
    /// Writes that are under way.
    held: usize,
    head: Head,
}

#[derive(Debug)]
struct Block<M> {
    timeframe: Timeframe,
    message: M,
}

/// Where the head of a feed is filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// Nowhere: it is not there, or held.
    None,
    Ready,
    Waiting,
}

/// A block to process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered<M> {
    /// Key of its feed.
    pub feed: Arc<[u8]>,
    /// Its number.
    pub seq: i32,
    /// What was pushed with it.
    pub message: M,
}

/// Why a block is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The feed was not added.
    #[error("the feed was not added")]
    UnknownFeed,
    /// The number cannot stand in a timeframe.
    #[error("the number is beyond 31 bits")]
    Number,
    /// As many blocks wait as may.  Later: nothing is lost.  A head is always taken.
    #[error("as many blocks wait as may")]
    Full,
}

impl<M> Delivery<M> {
    /// Delivers what is behind `cursor`.  Keeps at most `limit` blocks and the head of each feed.
    pub fn new(cursor: Timeframe, limit: usize) -> Self {
        let clock = alter!(ECHO_ORDER_009, cursor,
            "the clock begins without the cursor" => { drop(cursor); Timeframe::default() });
        Self {
            clock,
            feeds: Vec::new(),
            places: HashMap::new(),
            ready: VecDeque::new(),
            waiting: HashMap::new(),
            blocked: 0,
            current: None,
            kept: 0,
            limit,
            stalled: None,
        }
    }

    /// Adds a feed, at any time: it begins behind what the clock includes, or at 0 (ECHO-ORDER-009).
    ///
    /// # Errors
    /// `state.duplicate` for a feed that is there (ECHO-ORDER-011).
    pub fn add_feed(&mut self, key: &[u8]) -> Result<(), Reject> {
        require!(ECHO_ORDER_011, !self.places.contains_key(key), StateDuplicate, "a feed is added twice")?;
        let included = self.clock.get(key).map(i64::from);
        let next = alter!(ECHO_ORDER_009, included.map_or(0, |seq| seq + 1),
            "a feed begins at the cursor" => included.unwrap_or(0),
            "a feed begins at 0" => 0);
        let next = alter!(ECHO_ORDER_004, next,
            "a feed that is added later is not read" => if self.stalled.is_some() { i64::MAX } else { next });
        let key: Arc<[u8]> = Arc::from(key);
        self.places.insert(Arc::clone(&key), self.feeds.len());
        self.feeds.push(Feed {
            key,
            next: next.max(0),
            length: 0,
            blocks: BTreeMap::new(),
            checked: 0,
            held: 0,
            head: Head::None,
        });
        Ok(())
    }

    /// Takes a block, in any order; one that was delivered or is there already is left out, and the answer is
    /// whether it was new.
    ///
    /// # Errors
    /// See [`PushError`]; nothing is changed.
    pub fn push(
        &mut self,
        feed: &[u8],
        seq: u64,
        timeframe: Timeframe,
        message: M,
    ) -> Result<bool, PushError> {
        let place = *self.places.get(feed).ok_or(PushError::UnknownFeed)?;
        let number = i32::try_from(seq).map(i64::from).map_err(|_| PushError::Number)?;
        let (full, busy) = (self.kept >= self.limit, self.current.is_some());
        let Some(feed) = self.feeds.get_mut(place) else { return Err(PushError::UnknownFeed) };
        alter!(ECHO_ORDER_001, (),
            "a block that comes again is delivered again" => feed.next = feed.next.min(number));
        if number < feed.next || feed.blocks.contains_key(&number) {
            feed.length = feed.length.max(number + 1);
            return Ok(false);
        }
        if full && number != feed.next {
            return Err(PushError::Full);
        }
        feed.length = feed.length.max(number + 1);
        feed.blocks.insert(number, Block { timeframe, message });
        self.kept += 1;
        alter!(ECHO_ORDER_004, (),
            "a block that comes while another is processed is overlooked" => if busy { return Ok(true); });
        let _ = busy;
        self.examine(place);
        Ok(true)
    }

    /// The next block to process, if there is one and none is being processed.  `now` is in milliseconds.
    pub fn next(&mut self, now: u64) -> Option<Delivered<M>> {
        if self.current.is_some() {
            return None;
        }
        while let Some(place) = self.ready.pop_front() {
            let Some(feed) = self.feeds.get_mut(place) else { continue };
            feed.head = Head::None;
            if feed.held > 0 {
                continue;
            }
            let Some(block) = feed.blocks.remove(&feed.next) else { continue };
            // A number that was taken fits.
            let seq = i32::try_from(feed.next).unwrap_or(i32::MAX);
            feed.next += 1;
            feed.checked = 0;
            self.kept -= 1;
            self.current = Some((place, seq));
            self.stalled = None;
            let feed = Arc::clone(&feed.key);
            alter!(ECHO_ORDER_007, (),
                "the clock advances before a block is processed" => self.clock.set(&feed, seq));
            return Some(Delivered { feed, seq, message: block.message });
        }
        let waits = alter!(ECHO_ORDER_010, self.blocked > 0, "a stall needs no block that waits" => true);
        if waits {
            self.stalled.get_or_insert((now, false));
        }
        None
    }

    /// The block that [`Self::next`] gave has been processed, well or not (ECHO-ORDER-008): the clock includes it.
    pub fn processed(&mut self, well: bool) {
        let Some((place, seq)) = self.current.take() else { return };
        let Some(key) = self.feeds.get(place).map(|feed| Arc::clone(&feed.key)) else { return };
        let _ = well;
        let advances = alter!(ECHO_ORDER_008, true, "a block that failed does not count" => well);
        if advances {
            self.clock.set(&key, seq);
        }
        let mut woken = Vec::new();
        if let Some(by_number) = self.waiting.get_mut(&key) {
            while let Some(entry) = by_number.first_entry().filter(|entry| *entry.key() <= seq) {
                woken.extend(entry.remove());
            }
            if by_number.is_empty() {
                self.waiting.remove(&key);
            }
        }
        alter!(ECHO_ORDER_005, (), "of several blocks that wait for one the first alone is delivered" => woken.truncate(1));
        self.blocked = self.blocked.saturating_sub(woken.len());
        for place in woken {
            if let Some(feed) = self.feeds.get_mut(place) {
                feed.head = Head::None;
            }
            self.examine(place);
        }
        self.examine(place);
    }

    /// What was processed.  A feed that was added has a number here only once it has a block processed.
    pub const fn clock(&self) -> &Timeframe {
        &self.clock
    }

    /// The timeframe that a message written now to the feed `own` carries: the clock, no more and no less
    /// (ECHO-ORDER-014).
    pub fn timeframe(&self, own: &[u8]) -> Timeframe {
        let _ = own;
        alter!(ECHO_ORDER_014, self.clock.clone(),
        "the own feed is left out" => self.clock.without(&[own.to_vec()]),
        "blocks that are there and not processed are included" => {
            let mut all = self.clock.clone();
            all.merge(&self.end());
            all
        },
        "the block that is being processed is included" => {
            let mut all = self.clock.clone();
            if let Some((feed, seq)) = self.current.and_then(|(place, seq)| Some((self.feeds.get(place)?, seq))) {
                all.set(&feed.key, seq);
            }
            all
        })
    }

    /// The last block seen of each feed that has one (ECHO-ORDER-013).
    pub fn end(&self) -> Timeframe {
        let some = self.feeds.iter().filter(|feed| {
            alter!(ECHO_ORDER_013, feed.length > 0,
            "feeds without a block are at -1" => true)
        });
        // What was taken fits.
        some.map(|feed| {
            let last = alter!(ECHO_ORDER_013, feed.length - 1, "the length is taken for the last block" => feed.length);
            (&*feed.key, i32::try_from(last).unwrap_or(i32::MAX))
        })
        .collect()
    }

    /// Whether a target is reached: everything in it is processed (ECHO-ORDER-012).
    pub fn reached(&self, target: &Timeframe) -> bool {
        alter!(ECHO_ORDER_012, self.clock.includes(target),
            "a target is reached with its first feed" =>
                target.frames().next().is_none_or(|(feed, seq)| self.clock.covers(feed, seq)),
            "a target is reached when it is the clock" => self.clock == *target)
    }

    /// Whether to report a stall now: for [`STALL`] a head was there and none could be delivered (ECHO-ORDER-010).
    /// Once, until a block is delivered.
    pub fn stalls(&mut self, now: u64) -> bool {
        let Some((since, reported)) = &mut self.stalled else { return false };
        let patience = alter!(ECHO_ORDER_010, STALL, "a stall is reported at once" => 0);
        if *reported || !self.ready.is_empty() || now.saturating_sub(*since) < patience {
            return false;
        }
        *reported = true;
        true
    }

    /// A write to a feed has begun: none of its blocks is delivered until [`Self::release`] (ECHO-ORDER-015).
    pub fn hold(&mut self, feed: &[u8]) {
        alter!(ECHO_ORDER_015, (), "a block is delivered before its writer has heard of it" => return);
        if let Some(feed) = self.places.get(feed).and_then(|place| self.feeds.get_mut(*place)) {
            feed.held += 1;
        }
    }

    /// A write has ended, and the writer has heard of it.
    pub fn release(&mut self, feed: &[u8]) {
        let Some(place) = self.places.get(feed).copied() else { return };
        if let Some(feed) = self.feeds.get_mut(place) {
            feed.held = alter!(ECHO_ORDER_015, feed.held.saturating_sub(1),
                "the first of several writes to end lets all blocks go" => 0);
        }
        self.examine(place);
    }

    /// Files the head of a feed.
    fn examine(&mut self, place: usize) {
        let Some(feed) = self.feeds.get_mut(place) else { return };
        alter!(ECHO_ORDER_001, (),
            "a gap in a feed is passed over" => mistakes::jump(&mut feed.next, &feed.blocks));
        if feed.head != Head::None
            || feed.held > 0
            || self.current.is_some_and(|(current, _)| current == place)
        {
            return;
        }
        while let Some(head) = feed.blocks.get(&feed.next) {
            let Some((key, seq)) = head.timeframe.frame(feed.checked) else {
                feed.head = Head::Ready;
                self.ready.push_back(place);
                return;
            };
            let covered = alter!(ECHO_ORDER_006, self.clock.covers(key, seq),
                "a feed that was not added is not waited for" =>
                    self.clock.covers(key, seq) || !self.places.contains_key(key),
                "-1 is not waited for" => seq < 0 || self.clock.covers(key, seq));
            let covered = alter!(ECHO_ORDER_002, covered,
                "the first frame of a timeframe alone is waited for" => covered || feed.checked > 0,
                "blocks are delivered as they come" => true,
                "the feed of the block itself is not waited for" => covered || *key == feed.key);
            if covered {
                feed.checked += 1;
                continue;
            }
            alter!(ECHO_ORDER_003, (),
            "a block that waits is left out, and the next of its feed delivered" => {
                feed.blocks.remove(&feed.next);
                (feed.next, feed.checked) = (feed.next + 1, 0);
                self.kept -= 1;
                continue;
            });
            self.waiting.entry(Arc::clone(key)).or_default().entry(seq).or_default().push(place);
            feed.head = Head::Waiting;
            self.blocked += 1;
            return;
        }
    }
}

#[cfg(feature = "mutants")]
mod mistakes {
    use std::collections::BTreeMap;

    /// Goes on with the first block that is there.
    pub(super) fn jump<T>(next: &mut i64, blocks: &BTreeMap<i64, T>) {
        if let Some(first) = blocks.keys().next() {
            *next = (*next).max(*first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &[u8] = &[1];
    const B: &[u8] = &[2];

    fn seen(frames: &[(&[u8], i32)]) -> Timeframe {
        frames.iter().copied().collect()
    }

    fn of(feeds: &[&[u8]]) -> Delivery<()> {
        let mut delivery = Delivery::new(Timeframe::default(), 100);
        for feed in feeds {
            delivery.add_feed(feed).unwrap();
        }
        delivery
    }

    fn all(delivery: &mut Delivery<()>) -> Vec<(u8, i32)> {
        let mut order = Vec::new();
        while let Some(block) = delivery.next(0) {
            order.push((block.feed[0], block.seq));
            delivery.processed(true);
        }
        order
    }

    #[test]
    fn a_block_waits_for_what_its_writer_had_seen() {
        let mut delivery = of(&[A, B]);
        delivery.push(B, 0, seen(&[(A, 1)]), ()).unwrap();
        delivery.push(A, 1, Timeframe::default(), ()).unwrap();
        assert_eq!(all(&mut delivery), []);
        delivery.push(A, 0, Timeframe::default(), ()).unwrap();
        assert_eq!(all(&mut delivery), [(1, 0), (1, 1), (2, 0)]);
        assert_eq!(*delivery.clock(), seen(&[(A, 1), (B, 0)]));
    }

    #[test]
    fn a_stall_is_reported_once_and_only_for_a_head() {
        let mut delivery = of(&[A, B]);
        assert!(delivery.next(0).is_none());
        assert!(!delivery.stalls(5000));
        delivery.push(A, 0, seen(&[(B, -1)]), ()).unwrap();
        assert!(delivery.next(5000).is_none());
        assert!(!delivery.stalls(5999));
        assert!(delivery.stalls(6000));
        assert!(!delivery.stalls(9000));
        delivery.push(B, 0, Timeframe::default(), ()).unwrap();
        assert_eq!(all(&mut delivery), [(2, 0), (1, 0)]);
    }

    #[test]
    fn what_waits_is_bounded_and_a_head_is_always_taken() {
        let mut delivery = Delivery::new(Timeframe::default(), 2);
        delivery.add_feed(A).unwrap();
        delivery.push(A, 2, Timeframe::default(), ()).unwrap();
        delivery.push(A, 1, Timeframe::default(), ()).unwrap();
        assert_eq!(delivery.push(A, 3, Timeframe::default(), ()), Err(PushError::Full));
        delivery.push(A, 0, Timeframe::default(), ()).unwrap();
        assert_eq!(all(&mut delivery), [(1, 0), (1, 1), (1, 2)]);
        assert_eq!(delivery.push(A, 1 << 31, Timeframe::default(), ()), Err(PushError::Number));
        assert_eq!(delivery.push(B, 0, Timeframe::default(), ()), Err(PushError::UnknownFeed));
        assert_eq!(delivery.push(A, 2, Timeframe::default(), ()), Ok(false));
    }

    #[test]
    fn a_feed_that_is_written_to_is_held() {
        let mut delivery = of(&[A]);
        delivery.hold(A);
        delivery.hold(A);
        delivery.push(A, 0, Timeframe::default(), ()).unwrap();
        delivery.release(A);
        assert_eq!(all(&mut delivery), []);
        delivery.release(A);
        assert_eq!(all(&mut delivery), [(1, 0)]);
    }

    #[test]
    fn one_block_is_processed_at_a_time() {
        let mut delivery = of(&[A, B]);
        delivery.push(A, 0, Timeframe::default(), ()).unwrap();
        delivery.push(B, 0, Timeframe::default(), ()).unwrap();
        assert!(delivery.next(0).is_some());
        assert!(delivery.next(0).is_none());
        assert!(delivery.clock().is_empty());
        delivery.processed(false);
        assert_eq!(delivery.clock().len(), 1);
    }

    #[test]
    fn a_feed_begins_behind_the_cursor() {
        let mut delivery = Delivery::new(seen(&[(A, 7), (B, -1)]), 10);
        delivery.add_feed(A).unwrap();
        delivery.add_feed(B).unwrap();
        delivery.push(A, 0, Timeframe::default(), ()).unwrap();
        delivery.push(B, 0, seen(&[(A, 5)]), ()).unwrap();
        assert_eq!(all(&mut delivery), [(2, 0)]);
        assert_eq!(delivery.end(), seen(&[(A, 0), (B, 0)]));
        assert!(delivery.reached(&seen(&[(A, 7)])));
        assert!(delivery.add_feed(A).is_err());
    }
}
