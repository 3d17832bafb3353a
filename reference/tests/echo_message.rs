//! Laws of timeframes, round trips of messages and records, and delivery in every order of arrival.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

use std::collections::BTreeMap;

use dxos_reference::echo::Timeframe;
use dxos_reference::echo::check::Trial;
use dxos_reference::echo::message::{FeedMessage, NewPayload, Payload, write};
use dxos_reference::echo::metadata::{self, Large, Metadata};
use dxos_reference::echo::object::Batch;
use dxos_reference::echo::order::Delivery;
use proptest::prelude::*;

fn timeframe() -> impl Strategy<Value = Timeframe> {
    let seq = prop_oneof![-2..6i32, any::<i32>()];
    proptest::collection::vec((0..6u8, seq), 0..8).prop_map(|frames| {
        let mut timeframe = Timeframe::default();
        for (feed, seq) in frames {
            timeframe.set(&[feed; 3], seq);
        }
        timeframe
    })
}

fn merged(a: &Timeframe, b: &Timeframe) -> Timeframe {
    let mut merged = a.clone();
    merged.merge(b);
    merged
}

proptest! {
    #[test]
    fn merging_is_a_join(a in timeframe(), b in timeframe(), c in timeframe()) {
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&a, &a), a.clone());
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &Timeframe::default()), a.clone());
        prop_assert!(merged(&a, &b).includes(&a) && merged(&a, &b).includes(&b));
    }

    #[test]
    fn dependencies_are_what_a_merge_would_change(a in timeframe(), b in timeframe()) {
        prop_assert!(a.dependencies(&merged(&a, &b)).is_empty());
        prop_assert_eq!(merged(&b, &a.dependencies(&b)), merged(&b, &a));
        prop_assert_eq!(a.dependencies(&b).is_empty(), b.includes(&a));
        prop_assert_eq!(a.dependencies(&Timeframe::default()), a.clone());
    }

    #[test]
    fn sums_agree(a in timeframe(), b in timeframe()) {
        prop_assert!(a.new_since(&b) >= 0);
        prop_assert_eq!(a.new_since(&a), 0);
        let above = a.frames().all(|(_, seq)| seq >= -1);
        if above {
            prop_assert_eq!(a.new_since(&Timeframe::default()), a.total());
        }
    }

    #[test]
    fn messages_survive(a in timeframe()) {
        let bytes = write(&a, NewPayload::None);
        let tree = FeedMessage::read(&bytes).unwrap();
        let message = FeedMessage::new(&tree);
        let read = message.timeframe().unwrap();
        prop_assert!(read.frames().eq(a.frames()), "the order, too");
        prop_assert!(matches!(message.payload(), Ok(Payload::None)));
    }

    #[test]
    fn a_cut_message_is_refused_or_says_less(a in timeframe(), cut in any::<prop::sample::Index>()) {
        let bytes = write(&a, NewPayload::None);
        let end = cut.index(bytes.len());
        if let Ok(tree) = FeedMessage::read(&bytes[..end]) {
            let read = FeedMessage::new(&tree).timeframe().unwrap();
            prop_assert!(read.is_empty() || read == a);
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(tree) = FeedMessage::read(&bytes) {
            let message = FeedMessage::new(&tree);
            message.timeframe().unwrap();
            let _ = message.payload();
        }
        if let Ok(tree) = Batch::read(&bytes) {
            let written = Batch::of(Some(&tree)).write();
            let again = Batch::read(&written).unwrap();
            prop_assert_eq!(Batch::of(Some(&again)).write(), written);
        }
        if let Ok(Some(body)) = metadata::body(&bytes) {
            let _ = Metadata::read(body);
        }
        if let Ok(tree) = Metadata::read(&bytes)
            && let Ok(metadata) = Metadata::new(&tree)
        {
            metadata.identity();
            metadata.spaces().for_each(|space| drop(space.control_timeframe()));
        }
        if let Ok(tree) = Large::read(&bytes) {
            Large::new(&tree).snapshot();
        }
    }

    #[test]
    fn records_survive_and_no_changed_bit_does(
        body in proptest::collection::vec(any::<u8>(), 0..100),
        rest in proptest::collection::vec(any::<u8>(), 0..20),
        bit in any::<prop::sample::Index>(),
    ) {
        let record = metadata::record(&body).unwrap();
        let mut file = record.clone();
        file.extend(&rest);
        prop_assert_eq!(metadata::body(&file).unwrap(), Some(body.as_slice()));
        let bit = bit.index(8 * record.len());
        let mut changed = record;
        changed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(metadata::body(&changed).is_err());
    }
}

/// Feeds whose blocks depend on any blocks, some of which nobody has.
fn feeds() -> impl Strategy<Value = Vec<Vec<Vec<(usize, i32)>>>> {
    let frames = proptest::collection::vec((0..5usize, -1..6i32), 0..3);
    proptest::collection::vec(proptest::collection::vec(frames, 0..6), 1..5)
}

fn key(feed: usize) -> Vec<u8> {
    vec![u8::try_from(feed).unwrap(); 4]
}

fn seen(frames: &[(usize, i32)]) -> Timeframe {
    let mut timeframe = Timeframe::default();
    for (feed, seq) in frames {
        timeframe.set(&key(*feed), *seq);
    }
    timeframe
}

proptest! {
    #[test]
    fn delivery_is_a_linear_extension_that_stops_only_where_it_must(
        feeds in feeds(),
        cursor in proptest::collection::vec((0..4usize, -1..3i32), 0..3),
        arrival in proptest::collection::vec(any::<u32>(), 64),
    ) {
        let mut trial = Trial { cursor: seen(&cursor), ..Trial::default() };
        let mut blocks = Vec::new();
        for (feed, list) in feeds.iter().enumerate() {
            let numbered: BTreeMap<i32, Timeframe> = (0..).zip(list.iter().map(|block| seen(block))).collect();
            blocks.extend(numbered.iter().map(|(seq, timeframe)| (feed, *seq, timeframe.clone())));
            trial.feeds.insert(key(feed), numbered);
        }
        let run = |blocks: &[(usize, i32, Timeframe)], while_processing: usize| {
            let mut delivery = Delivery::new(seen(&cursor), 1000);
            for feed in 0..feeds.len() {
                delivery.add_feed(&key(feed)).unwrap();
            }
            let mut arriving = blocks.iter();
            let (mut order, mut clocks) = (Vec::new(), Vec::new());
            loop {
                match delivery.next(0) {
                    Some(block) => {
                        order.push((block.feed.to_vec(), block.seq));
                        clocks.push(delivery.clock().clone());
                        for (feed, seq, timeframe) in arriving.by_ref().take(while_processing) {
                            delivery.push(&key(*feed), u64::try_from(*seq).unwrap(), timeframe.clone(), ()).unwrap();
                        }
                        delivery.processed(true);
                    }
                    None => match arriving.next() {
                        Some((feed, seq, timeframe)) => {
                            delivery.push(&key(*feed), u64::try_from(*seq).unwrap(), timeframe.clone(), ()).unwrap();
                        }
                        None => break,
                    },
                }
            }
            (order, clocks, delivery.clock().clone())
        };
        let (order, clocks, clock) = run(&blocks, 0);
        prop_assert!(trial.check(&order, Some(&clocks)).is_ok());
        let mut shuffled = blocks.clone();
        let mut keyed: Vec<_> = arrival.iter().cycle().zip(shuffled.drain(..)).collect();
        keyed.sort_by_key(|(random, _)| **random);
        let shuffled: Vec<_> = keyed.into_iter().map(|(_, block)| block).collect();
        for while_processing in [0, 2] {
            let (other, clocks, end) = run(&shuffled, while_processing);
            prop_assert!(trial.check(&other, Some(&clocks)).is_ok());
            prop_assert_eq!(&end, &clock, "where it ends does not depend on the order of arrival");
        }
    }
}
