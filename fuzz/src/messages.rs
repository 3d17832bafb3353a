//! Feed messages, timeframes, metadata, batches of the older data plane, and the order of delivery.

use std::collections::BTreeMap;

use dxos_reference::echo::Timeframe;
use dxos_reference::echo::check::Trial;
use dxos_reference::echo::message::{FeedMessage, NewPayload, Payload, write};
use dxos_reference::echo::metadata::{self, Large, Metadata};
use dxos_reference::echo::object::Batch;
use dxos_reference::echo::order::Delivery;

/// What a timeframe says survives writing and reading, its order too.
pub fn message(bytes: &[u8]) {
    let Ok(tree) = FeedMessage::read(bytes) else { return };
    let message = FeedMessage::new(&tree);
    let timeframe = message.timeframe().expect("a timeframe that was read");
    let again = write(&timeframe, NewPayload::None);
    let tree = FeedMessage::read(&again).expect("what was written reads");
    let read = FeedMessage::new(&tree).timeframe().expect("and has a timeframe");
    assert!(read.frames().eq(timeframe.frames()), "a timeframe changes when it is written");
    if let Ok(Payload::Credential(credential)) = message.payload() {
        assert_eq!(credential.computed_id(), credential.computed_id(), "two ids of one credential");
    }
}

/// A frame for each three bytes.
fn frames(bytes: &[u8]) -> Timeframe {
    let mut timeframe = Timeframe::default();
    for frame in bytes.chunks_exact(3) {
        if let [feed, high, low] = frame {
            timeframe.set(&[feed % 8], i32::from(i16::from_be_bytes([*high, *low])));
        }
    }
    timeframe
}

/// Merging is a join, and dependencies are what it would change.
pub fn timeframe(bytes: &[u8]) {
    let (a, b) = bytes.split_at(bytes.len() / 2);
    let (a, b) = (frames(a), frames(b));
    let merged = |a: &Timeframe, b: &Timeframe| {
        let mut merged = a.clone();
        merged.merge(b);
        merged
    };
    assert_eq!(merged(&a, &b), merged(&b, &a));
    assert_eq!(merged(&a, &a), a);
    assert!(a.dependencies(&merged(&a, &b)).is_empty());
    assert_eq!(merged(&b, &a.dependencies(&b)), merged(&a, &b));
    assert_eq!(a.dependencies(&b).is_empty(), b.includes(&a));
    assert!(a.new_since(&b) >= 0);
}

/// A body is what stands behind the header, and makes the same record again.
pub fn metadata(bytes: &[u8]) {
    if let Ok(Some(body)) = metadata::body(bytes) {
        let record = metadata::record(body).expect("a body that was read");
        assert!(bytes.starts_with(&record), "another record");
    }
    if let Ok(tree) = Metadata::read(bytes)
        && let Ok(metadata) = Metadata::new(&tree)
    {
        metadata.identity();
        metadata.spaces().for_each(|space| drop(space.control_timeframe()));
    }
    if let Ok(tree) = Large::read(bytes) {
        Large::new(&tree).snapshot();
    }
}

/// A batch that was written is written the same again.
pub fn object(bytes: &[u8]) {
    let Ok(tree) = Batch::read(bytes) else { return };
    let once = Batch::of(Some(&tree)).write();
    let Ok(tree) = Batch::read(&once) else { return };
    let batch = Batch::of(Some(&tree));
    assert_eq!(batch.write(), once, "writing is not idempotent");
    batch.objects().for_each(|object| {
        object.mutations().count();
    });
}

/// A block for each four bytes: its feed, and a frame of its timeframe.  Whatever the order of arrival, delivery is one
/// that the judge allows.
pub fn order(bytes: &[u8]) {
    let mut trial = Trial::default();
    let mut blocks = Vec::new();
    for block in bytes.chunks_exact(4).take(64) {
        let [feed, other, seq, how] = block else { continue };
        let (feed, other) = (vec![feed % 4], vec![other % 5]);
        let mut timeframe = Timeframe::default();
        if how % 4 != 0 {
            timeframe.set(&other, i32::from(*seq % 16) - 1);
        }
        let numbered: &mut BTreeMap<i32, Timeframe> = trial.feeds.entry(feed.clone()).or_default();
        let number = i32::try_from(numbered.len()).unwrap_or(i32::MAX);
        numbered.insert(number, timeframe.clone());
        let at = if blocks.is_empty() { 0 } else { usize::from(*how) % blocks.len() };
        blocks.insert(at, (feed, number, timeframe));
    }
    let mut delivery = Delivery::new(Timeframe::default(), 64);
    for feed in trial.feeds.keys() {
        delivery.add_feed(feed).expect("each feed once");
    }
    let (mut order, mut clocks) = (Vec::new(), Vec::new());
    for (feed, seq, timeframe) in blocks {
        let number = u64::try_from(seq).unwrap_or_default();
        delivery.push(&feed, number, timeframe, ()).expect("a feed that was added");
        while let Some(block) = delivery.next(0) {
            order.push((block.feed.to_vec(), block.seq));
            clocks.push(delivery.clock().clone());
            delivery.processed(true);
        }
    }
    trial.check(&order, Some(&clocks)).expect("an order that is allowed");
}
