//! What is written into timeframes, and when a writer sees its own block.

use serde_json::{Value, json};

use super::order::{Feed, feeds};
use crate::generate::topic::Topic;

const NONE: &[(u64, i64)] = &[];

pub(super) fn written() -> Topic {
    let about = "Writes to one of the feeds that a reader has.";
    let mut topic = Topic::new("echo/order/write/timeframe", "echo.order.write", &[], about);
    let write = |list: &[Feed<'_>], writer: u64, writes: u64, more: Value| {
        let mut input = json!({ "feeds": feeds(list), "writer": writer, "writes": writes });
        if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
            input.extend(more);
        }
        input
    };
    let two: Feed<'_> = &[NONE, NONE];
    let clock = &["ECHO-ORDER-014"];
    let told = &["ECHO-ORDER-015"];
    let cases: Vec<(&str, &[&str], &str, Value)> = vec![
        ("first-block", clock, "nothing was processed", write(&[&[]], 0, 1, json!({}))),
        ("own-feed", clock, "the own feed is in the timeframe", write(&[two], 0, 1, json!({}))),
        ("own-feed-alone-of-two", clock, "", write(&[two, &[]], 0, 1, json!({}))),
        ("other-feed", clock, "", write(&[&[], two], 0, 1, json!({}))),
        ("both", clock, "", write(&[two, &[NONE; 5]], 0, 1, json!({}))),
        (
            "what-waits-is-left-out",
            clock,
            "a block that is there and not processed",
            write(&[two, &[NONE, &[(2, 0)]]], 0, 1, json!({})),
        ),
        ("from-cursor", clock, "", write(&[two, two], 1, 1, json!({ "cursor": [[0, 1], [2, 9]] }))),
        (
            "while-processing",
            clock,
            "what is being processed is left out",
            write(&[two, &[&[(0, 1)]]], 0, 1, json!({ "during": [[1, 0]] })),
        ),
        ("while-processing-the-own", clock, "", write(&[two], 0, 1, json!({ "during": [[0, 1]] }))),
        (
            "while-processing-the-first",
            clock,
            "",
            write(&[&[], &[NONE]], 0, 1, json!({ "during": [[1, 0]] })),
        ),
        (
            "two-at-once",
            told,
            "the second does not have the first in its timeframe",
            write(&[two], 0, 2, json!({})),
        ),
        ("five-at-once", told, "", write(&[two, two], 1, 5, json!({}))),
        ("two-while-processing", told, "", write(&[two, &[&[(0, 1)]]], 0, 2, json!({ "during": [[1, 0]] }))),
        ("one", told, "", write(&[&[], two], 0, 1, json!({}))),
        ("three-to-an-empty-feed", told, "", write(&[&[]], 0, 3, json!({}))),
    ];
    for (slug, req, about, input) in cases {
        topic.accept(slug, req, about, input);
    }
    topic
}
