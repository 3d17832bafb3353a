//! What it costs to deliver a block, and that idle feeds cost nothing.
//!
//! Each block has a timeframe of up to ten frames, as in the measurement of the deployed pipeline.
#![forbid(unsafe_code)]
// A bench that cannot be set up is to stop.
#![allow(clippy::unwrap_used)]

use divan::Bencher;
use divan::counter::ItemsCount;
use dxos_reference::echo::Timeframe;
use dxos_reference::echo::message::{FeedMessage, NewPayload, write};
use dxos_reference::echo::order::Delivery;

fn main() {
    divan::main();
}

/// Feeds are known by keys of 65 bytes.
fn key(feed: usize) -> [u8; 65] {
    let mut key = [4; 65];
    for (to, from) in key.iter_mut().zip(feed.to_be_bytes()) {
        *to = from;
    }
    key
}

/// What the block `seq` of a feed has seen: the block before it in ten other feeds.
fn seen(feed: usize, feeds: usize, seq: usize) -> Timeframe {
    let mut timeframe = Timeframe::default();
    if let Some(before) = seq.checked_sub(1) {
        for offset in 1..=feeds.saturating_sub(1).min(10) {
            timeframe.set(&key((feed + offset) % feeds), i32::try_from(before).unwrap());
        }
    }
    timeframe
}

fn encoded(feeds: usize, blocks: usize) -> Vec<(usize, u64, Vec<u8>)> {
    let mut all = Vec::with_capacity(feeds * blocks);
    for seq in 0..blocks {
        for feed in 0..feeds {
            all.push((feed, seq as u64, write(&seen(feed, feeds, seq), NewPayload::None)));
        }
    }
    all
}

fn deliver(delivery: &mut Delivery<()>) -> usize {
    let mut delivered = 0;
    while delivery.next(0).is_some() {
        delivered += 1;
        delivery.processed(true);
    }
    delivered
}

/// Decoding, pushing and delivering; comparable with the deployed pipeline.
#[divan::bench(args = [(10, 1_000), (1_000, 100)], sample_count = 5, sample_size = 1)]
fn decode_and_deliver(bencher: Bencher<'_, '_>, (feeds, blocks): (usize, usize)) {
    let all = encoded(feeds, blocks);
    bencher.counter(ItemsCount::new(all.len())).bench(|| {
        let mut delivery = Delivery::new(Timeframe::default(), all.len());
        (0..feeds).for_each(|feed| delivery.add_feed(&key(feed)).unwrap());
        let mut delivered = 0;
        for (feed, seq, bytes) in &all {
            let tree = FeedMessage::read(bytes).unwrap();
            let timeframe = FeedMessage::new(&tree).timeframe().unwrap();
            delivery.push(&key(*feed), *seq, timeframe, ()).unwrap();
            delivered += deliver(&mut delivery);
        }
        assert_eq!(delivered, all.len());
    });
}

/// The same blocks of four feeds beside more and more feeds whose head waits for what never comes.
#[divan::bench(args = [10, 100, 1_000, 5_000], sample_count = 10, sample_size = 1)]
fn beside_idle_feeds(bencher: Bencher<'_, '_>, idle: usize) {
    const BUSY: usize = 4;
    const BLOCKS: usize = 1_000;
    let never = {
        let mut timeframe = Timeframe::default();
        timeframe.set(&key(usize::MAX), 0);
        timeframe
    };
    bencher
        .counter(ItemsCount::new(BUSY * BLOCKS))
        .with_inputs(|| {
            let mut delivery = Delivery::new(Timeframe::default(), usize::MAX);
            (0..BUSY + idle).for_each(|feed| delivery.add_feed(&key(feed)).unwrap());
            for feed in BUSY..BUSY + idle {
                delivery.push(&key(feed), 0, never.clone(), ()).unwrap();
            }
            for seq in 0..BLOCKS {
                for feed in 0..BUSY {
                    delivery.push(&key(feed), seq as u64, seen(feed, BUSY, seq), ()).unwrap();
                }
            }
            delivery
        })
        .bench_values(|mut delivery| assert_eq!(deliver(&mut delivery), BUSY * BLOCKS));
}
