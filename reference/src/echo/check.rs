//! Whether blocks were delivered in an order that is allowed: an instrument of the judge, which looks at what an
//! implementation did.  It shares nothing with the way in which the reference orders blocks, and holds no check of
//! input.

use std::collections::{BTreeMap, BTreeSet};

use super::Timeframe;
use crate::{Class, Reject, requirement as req};

/// The feeds of a trial.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// By key, the timeframe of each block that is there, by number.
    pub feeds: BTreeMap<Vec<u8>, BTreeMap<i32, Timeframe>>,
    /// What was included at the beginning.
    pub cursor: Timeframe,
}

impl Trial {
    /// Whether an order is a linear extension of what the timeframes say, and ends where nothing more can be
    /// delivered.  `clocks`, where given, is what the clock was while each block was processed.
    ///
    /// # Errors
    /// - `state.unknown_ref` for a feed that was not added or a block that is not there;
    /// - `state.duplicate` for a block that was delivered before or is in the cursor;
    /// - `state.order` for one that comes too early: a block of its feed, or of its timeframe, is missing;
    /// - `state.conflict` for an order that ends while a block can be delivered, and for a clock that is not what
    ///   was processed.
    pub fn check(&self, order: &[(Vec<u8>, i32)], clocks: Option<&[Timeframe]>) -> Result<(), Reject> {
        let fault = |requirement, class, what| Err(Reject::new(requirement, class, what));
        let mut included: BTreeMap<&[u8], i32> = self.cursor.frames().collect();
        let mut delivered: BTreeSet<(&[u8], i32)> = BTreeSet::new();
        if clocks.is_some_and(|clocks| clocks.len() != order.len()) {
            return fault(req::ECHO_ORDER_007, Class::StateConflict, "there is not one clock for each block");
        }
        for (number, (feed, seq)) in order.iter().enumerate() {
            let Some(timeframe) = self.feeds.get(feed).and_then(|blocks| blocks.get(seq)) else {
                return fault(
                    req::ECHO_ORDER_001,
                    Class::StateUnknownRef,
                    "a block that is not there is delivered",
                );
            };
            let last = included.get(feed.as_slice()).copied();
            if delivered.contains(&(feed.as_slice(), *seq)) || last.is_some_and(|last| *seq <= last) {
                return fault(req::ECHO_ORDER_001, Class::StateDuplicate, "a block is delivered twice");
            }
            if *seq != last.map_or(0, |last| last.saturating_add(1)) {
                return fault(
                    req::ECHO_ORDER_001,
                    Class::StateOrder,
                    "a block is delivered before the one before it",
                );
            }
            if !covered(&included, timeframe) {
                return fault(
                    req::ECHO_ORDER_002,
                    Class::StateOrder,
                    "a block is delivered before its timeframe",
                );
            }
            let clock = clocks.and_then(|clocks| clocks.get(number));
            if clock.is_some_and(|clock| clock.frames().collect::<BTreeMap<_, _>>() != included) {
                return fault(
                    req::ECHO_ORDER_007,
                    Class::StateConflict,
                    "the clock is not what was processed",
                );
            }
            included.insert(feed, *seq);
            delivered.insert((feed, *seq));
        }
        for (feed, blocks) in &self.feeds {
            let next = included.get(feed.as_slice()).map_or(0, |last| last.saturating_add(1));
            if blocks.get(&next).is_some_and(|timeframe| covered(&included, timeframe)) {
                return fault(
                    req::ECHO_ORDER_005,
                    Class::StateConflict,
                    "a block could be delivered and is not",
                );
            }
        }
        Ok(())
    }
}

fn covered(included: &BTreeMap<&[u8], i32>, timeframe: &Timeframe) -> bool {
    timeframe.frames().all(|(feed, seq)| included.get(feed).is_some_and(|known| *known >= seq))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &[u8] = &[1];
    const B: &[u8] = &[2];

    /// A0 A1{B:0}, B0 B1{A:1}.
    fn trial() -> Trial {
        let seen = |frames: &[(&[u8], i32)]| frames.iter().copied().collect::<Timeframe>();
        let feed = |blocks: [Timeframe; 2]| (0..).zip(blocks).collect();
        Trial {
            feeds: BTreeMap::from([
                (A.to_vec(), feed([seen(&[]), seen(&[(B, 0)])])),
                (B.to_vec(), feed([seen(&[]), seen(&[(A, 1)])])),
            ]),
            cursor: Timeframe::default(),
        }
    }

    fn judged(order: &[(&[u8], i32)]) -> Result<(), Class> {
        let order: Vec<_> = order.iter().map(|(feed, seq)| (feed.to_vec(), *seq)).collect();
        trial().check(&order, None).map_err(|reject| reject.class)
    }

    #[test]
    fn every_linear_extension_is_right() {
        assert_eq!(judged(&[(A, 0), (B, 0), (A, 1), (B, 1)]), Ok(()));
        assert_eq!(judged(&[(B, 0), (A, 0), (A, 1), (B, 1)]), Ok(()));
    }

    #[test]
    fn other_orders_are_wrong_each_for_its_reason() {
        assert_eq!(judged(&[(A, 0), (A, 1), (B, 0), (B, 1)]), Err(Class::StateOrder));
        assert_eq!(judged(&[(A, 1), (A, 0), (B, 0), (B, 1)]), Err(Class::StateOrder));
        assert_eq!(judged(&[(A, 0), (B, 1)]), Err(Class::StateOrder));
        assert_eq!(judged(&[(A, 0), (B, 0), (A, 0), (A, 1), (B, 1)]), Err(Class::StateDuplicate));
        assert_eq!(judged(&[(A, 0), (B, 0), (A, 1)]), Err(Class::StateConflict));
        assert_eq!(judged(&[]), Err(Class::StateConflict));
        assert_eq!(judged(&[(A, 0), (B, 0), (A, 1), (B, 1), (B, 2)]), Err(Class::StateUnknownRef));
        assert_eq!(judged(&[(&[9], 0)]), Err(Class::StateUnknownRef));
    }

    #[test]
    fn a_block_of_the_cursor_was_delivered() {
        let trial = Trial { cursor: [(A, 0), (B, 0)].into_iter().collect(), ..trial() };
        let check = |order: &[(&[u8], i32)]| {
            let order: Vec<_> = order.iter().map(|(feed, seq)| (feed.to_vec(), *seq)).collect();
            trial.check(&order, None).map_err(|reject| reject.class)
        };
        assert_eq!(check(&[(A, 1), (B, 1)]), Ok(()));
        assert_eq!(check(&[(A, 0), (A, 1), (B, 1)]), Err(Class::StateDuplicate));
    }

    #[test]
    fn the_clock_is_what_was_processed_before() {
        let order = [(A.to_vec(), 0), (B.to_vec(), 0), (A.to_vec(), 1), (B.to_vec(), 1)];
        let clock = |frames: &[(&[u8], i32)]| frames.iter().copied().collect::<Timeframe>();
        let right = [clock(&[]), clock(&[(A, 0)]), clock(&[(B, 0), (A, 0)]), clock(&[(A, 1), (B, 0)])];
        assert_eq!(trial().check(&order, Some(&right)), Ok(()));
        let mut early = right;
        early[0] = clock(&[(A, 0)]);
        assert_eq!(trial().check(&order, Some(&early)).unwrap_err().class, Class::StateConflict);
        assert_eq!(trial().check(&order, Some(&[])).unwrap_err().class, Class::StateConflict);
    }
}
