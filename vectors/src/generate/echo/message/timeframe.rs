//! The algebra of timeframes.

use serde_json::{Value, json};

use super::hex;
use crate::generate::topic::Topic;

/// Feeds are known by a byte, four of which are a key.
type Frames = &'static [(u8, i32)];

fn frames(frames: &[(u8, i32)]) -> Value {
    frames.iter().map(|(feed, seq)| json!([hex(&[*feed; 4]), seq])).collect()
}

/// Keys that begin with the same four bytes.
fn alike(list: &[(u8, i32)]) -> Value {
    list.iter().map(|(feed, seq)| json!([hex(&[0xaa, 0xaa, 0xaa, 0xaa, *feed]), seq])).collect()
}

const HIGH: i32 = i32::MAX;
const LOW: i32 = i32::MIN;

pub(super) fn construct() -> Topic {
    let about = "Timeframes from lists in which feeds may be named again.";
    let mut topic = Topic::new("echo/timeframe/construct", "echo.timeframe.construct", &[], about);
    let cases: [(&str, &str, Frames); 9] = [
        ("empty", "", &[]),
        ("one", "", &[(1, 5)]),
        ("lower", "the later number stands, though it is lower", &[(1, 5), (1, 3)]),
        ("higher", "", &[(1, 3), (1, 5)]),
        ("thrice", "", &[(1, 3), (1, 9), (1, 4)]),
        ("to-minus-1", "", &[(1, 3), (1, -1)]),
        ("from-minus-1", "", &[(1, -1), (1, 0)]),
        ("between", "", &[(1, 3), (2, 8), (1, 1), (3, 0), (2, 7)]),
        ("extremes", "", &[(1, LOW), (2, HIGH), (1, HIGH), (2, LOW)]),
    ];
    for (slug, about, list) in cases {
        topic.accept(slug, &["ECHO-TIME-008"], about, json!({ "timeframe": frames(list) }));
    }
    topic.accept(
        "keys-alike",
        &["ECHO-TIME-009"],
        "the first four bytes are equal",
        json!({ "timeframe": alike(&[(1, 5), (2, 3)]) }),
    );
    let lengths = json!([["", 1], ["00", 2], ["0000", 3], ["00000000", 4], ["0000000000", 5]]);
    topic.accept(
        "keys-of-zeros",
        &["ECHO-TIME-009"],
        "keys that differ in length alone",
        json!({ "timeframe": lengths }),
    );
    topic
}

pub(super) fn merge() -> Topic {
    let about = "The highest number of each feed.";
    let mut topic = Topic::new("echo/timeframe/merge", "echo.timeframe.merge", &[], about);
    let cases: [(&str, &str, &[Frames]); 14] = [
        ("none", "", &[]),
        ("one", "", &[&[(1, 5), (2, 0)]]),
        ("empty-ones", "", &[&[], &[]]),
        ("with-empty", "", &[&[(1, 5)], &[]]),
        ("empty-with", "", &[&[], &[(1, 5)]]),
        ("apart", "", &[&[(1, 5)], &[(2, 6)]]),
        ("second-higher", "", &[&[(1, 1), (2, 1)], &[(1, 2), (3, 1)]]),
        ("first-higher", "the last is not the highest", &[&[(1, 7)], &[(1, 2)]]),
        ("equal", "", &[&[(1, 7)], &[(1, 7)]]),
        ("crossed", "", &[&[(1, 7), (2, 1)], &[(1, 2), (2, 9)]]),
        ("minus-1-alone", "", &[&[(1, -1)], &[]]),
        ("minus-1-from-second", "", &[&[(2, 3)], &[(1, -1)]]),
        ("minus-1-and-0", "", &[&[(1, -1)], &[(1, 0)]]),
        ("four", "", &[&[(1, 1)], &[(1, 4), (2, LOW)], &[(2, HIGH)], &[(1, 3), (3, 0)]]),
    ];
    for (slug, about, lists) in cases {
        let lists: Vec<Value> = lists.iter().map(|list| frames(list)).collect();
        topic.accept(slug, &["ECHO-TIME-001"], about, json!({ "timeframes": lists }));
    }
    let lists = [alike(&[(1, 5)]), alike(&[(2, 3)])];
    topic.accept("keys-alike", &["ECHO-TIME-009"], "", json!({ "timeframes": lists }));
    topic
}

pub(super) fn dependencies() -> Topic {
    let about = "What a timeframe includes and a base does not.";
    let mut topic = Topic::new("echo/timeframe/dependencies", "echo.timeframe.dependencies", &[], about);
    let reached = "ECHO-TIME-002";
    let missing = "ECHO-TIME-003";
    let cases: [(&str, &str, Frames, Frames); 18] = [
        ("both-empty", reached, &[], &[]),
        ("nothing-on-something", reached, &[], &[(1, 5)]),
        ("feed-missing", missing, &[(1, 0)], &[]),
        ("minus-1-missing", missing, &[(1, -1)], &[]),
        ("minus-1-other-feed", missing, &[(1, -1)], &[(2, 5)]),
        ("lowest-missing", missing, &[(1, LOW)], &[]),
        ("equal", reached, &[(1, 0)], &[(1, 0)]),
        ("equal-minus-1", reached, &[(1, -1)], &[(1, -1)]),
        ("lower", reached, &[(1, 0)], &[(1, -1)]),
        ("minus-1-on-0", reached, &[(1, -1)], &[(1, 0)]),
        ("higher", reached, &[(1, 3)], &[(1, 9)]),
        ("one-below", reached, &[(1, 3)], &[(1, 2)]),
        ("some", missing, &[(1, 10), (2, 10), (3, 10)], &[(1, 10), (2, 9)]),
        ("own-number", reached, &[(1, 8)], &[(1, 3)]),
        ("other-order", reached, &[(1, 1), (2, 2)], &[(2, 2), (1, 1)]),
        ("base-has-more", reached, &[(1, 1)], &[(1, 1), (2, 7)]),
        ("extremes", reached, &[(1, HIGH), (2, LOW)], &[(1, LOW), (2, HIGH)]),
        ("all", missing, &[(1, 1), (2, 2), (3, 3)], &[]),
    ];
    for (slug, req, timeframe, base) in cases {
        let input = json!({ "timeframe": frames(timeframe), "base": frames(base) });
        topic.accept(slug, &[req], "", input);
    }
    let input = json!({ "timeframe": alike(&[(1, 5)]), "base": alike(&[(2, 5)]) });
    topic.accept("keys-alike", &["ECHO-TIME-009"], "another feed reaches nothing", input);
    topic
}

pub(super) fn total() -> Topic {
    let about = "How many blocks a timeframe includes.";
    let mut topic = Topic::new("echo/timeframe/total", "echo.timeframe.total", &[], about);
    let cases: [(&str, Frames); 9] = [
        ("empty", &[]),
        ("seq-0", &[(1, 0)]),
        ("minus-1", &[(1, -1)]),
        ("two", &[(1, 2), (2, 3)]),
        ("minus-1-beside", &[(1, -1), (2, 4)]),
        ("below-minus-1", &[(1, -5)]),
        ("highest", &[(1, HIGH)]),
        ("beyond-32-bits", &[(1, HIGH), (2, HIGH), (3, HIGH)]),
        ("named-twice", &[(1, 9), (1, 2)]),
    ];
    for (slug, list) in cases {
        topic.accept(slug, &["ECHO-TIME-004"], "", json!({ "timeframe": frames(list) }));
    }
    topic
}

pub(super) fn new() -> Topic {
    let about = "How many blocks a timeframe includes that a base does not.";
    let mut topic = Topic::new("echo/timeframe/new", "echo.timeframe.new", &[], about);
    let cases: [(&str, Frames, Frames); 11] = [
        ("both-empty", &[], &[]),
        ("feed-missing", &[(1, 0)], &[]),
        ("minus-1-missing", &[(1, -1)], &[]),
        ("higher", &[(1, 5)], &[(1, 2)]),
        ("lower", &[(1, 2)], &[(1, 5)]),
        ("lower-beside", &[(1, 2), (2, 5)], &[(1, 5), (2, 3)]),
        ("base-alone", &[], &[(1, 5)]),
        ("mixed", &[(1, 5), (2, 1)], &[(2, 3)]),
        ("from-minus-1", &[(1, 4)], &[(1, -1)]),
        ("equal", &[(1, 4)], &[(1, 4)]),
        ("beyond-32-bits", &[(1, HIGH), (2, HIGH)], &[(1, -1)]),
    ];
    for (slug, timeframe, base) in cases {
        let input = json!({ "timeframe": frames(timeframe), "base": frames(base) });
        topic.accept(slug, &["ECHO-TIME-005"], "", input);
    }
    topic
}

pub(super) fn equals() -> Topic {
    let about = "Whether two timeframes are the same.";
    let mut topic = Topic::new("echo/timeframe/equals", "echo.timeframe.equals", &[], about);
    let cases: [(&str, Frames, Frames); 12] = [
        ("both-empty", &[], &[]),
        ("same", &[(1, 1), (2, 2)], &[(1, 1), (2, 2)]),
        ("other-order", &[(1, 1), (2, 2)], &[(2, 2), (1, 1)]),
        ("other-number", &[(1, 1)], &[(1, 2)]),
        ("other-feed", &[(1, 1)], &[(2, 1)]),
        ("first-has-more", &[(1, 1), (2, 2)], &[(1, 1)]),
        ("second-has-more", &[(1, 1)], &[(1, 1), (2, 2)]),
        ("minus-1-and-missing", &[(1, -1)], &[]),
        ("missing-and-minus-1", &[(2, 4)], &[(2, 4), (1, -1)]),
        ("minus-1-and-0", &[(1, -1)], &[(1, 0)]),
        ("named-twice", &[(1, 5), (1, 3)], &[(1, 3)]),
        ("numbers-exchanged", &[(1, 1), (2, 2)], &[(1, 2), (2, 1)]),
    ];
    for (slug, timeframe, other) in cases {
        let input = json!({ "timeframe": frames(timeframe), "other": frames(other) });
        topic.accept(slug, &["ECHO-TIME-006"], "", input);
    }
    let input = json!({ "timeframe": alike(&[(1, 5)]), "other": alike(&[(2, 5)]) });
    topic.accept("keys-alike", &["ECHO-TIME-009"], "", input);
    topic
}

pub(super) fn without() -> Topic {
    let about = "Timeframes without some feeds.";
    let mut topic = Topic::new("echo/timeframe/without", "echo.timeframe.without", &[], about);
    let cases: [(&str, Frames, &[u8]); 6] = [
        ("none", &[(1, 1), (2, 2)], &[]),
        ("one", &[(1, 1), (2, 2)], &[1]),
        ("all", &[(1, 1), (2, 2)], &[2, 1]),
        ("missing", &[(1, 1)], &[7]),
        ("missing-beside", &[(1, 1), (2, -1), (3, 0)], &[7, 3]),
        ("twice", &[(1, 1), (2, 2)], &[1, 1]),
    ];
    for (slug, timeframe, feeds) in cases {
        let feeds: Vec<String> = feeds.iter().map(|feed| hex(&[*feed; 4])).collect();
        topic.accept(slug, &["ECHO-TIME-007"], "", json!({ "timeframe": frames(timeframe), "feeds": feeds }));
    }
    topic
}
