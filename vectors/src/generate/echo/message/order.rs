//! The order of delivery: what a reader delivers is put to the judge, as many orders are right.

use serde_json::{Map, Value, json};

use crate::class::Class::StateDuplicate;
use crate::generate::steps::{ask, from};
use crate::generate::topic::Topic;

const OP: &str = "echo.order.deliver";

/// What is wanted as it is: the order itself is the reader's choice.
const FIXED: &[&str] = &["stalled", "stalled_before", "complete", "clock", "end", "reached"];

/// Blocks of a feed, each with its timeframe.
pub(super) type Feed<'a> = &'a [&'a [(u64, i64)]];

pub(super) fn feeds(feeds: &[Feed<'_>]) -> Value {
    let pairs = |pairs: &[(u64, i64)]| pairs.iter().map(|(feed, seq)| json!([feed, seq])).collect::<Value>();
    let blocks =
        |feed: &Feed<'_>| feed.iter().map(|block| json!({ "timeframe": pairs(block) })).collect::<Value>();
    feeds.iter().map(blocks).collect()
}

/// A trial, with what else the request says.
fn trial(list: &[Feed<'_>], more: Value) -> Value {
    let mut input = json!({ "feeds": feeds(list) });
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    input
}

/// What the judge needs of a trial.
fn judged(input: &Value) -> Value {
    let kept = ["feeds", "add_order", "late", "holes", "cursor"];
    let mut members: Map<String, Value> = input.as_object().cloned().unwrap_or_default();
    members.retain(|name, _| kept.contains(&name.as_str()));
    members.insert("order".to_owned(), from(0, "order"));
    members.insert("clocks".to_owned(), from(0, "clocks"));
    members.into()
}

fn case(topic: &mut Topic, slug: &str, req: &[&str], about: &str, input: Value) {
    let check = judged(&input);
    topic.steps(slug, req, about, vec![ask(OP, input).only(FIXED), ask("echo.order.check", check).judged()]);
}

const NONE: &[(u64, i64)] = &[];

pub(super) fn independent() -> Topic {
    let about = "Feeds whose blocks depend on nothing.";
    let mut topic = Topic::new("echo/order/deliver/independent", OP, &[], about);
    let three: Feed<'_> = &[NONE, NONE, NONE];
    let once = &["ECHO-ORDER-001", "ECHO-ORDER-005"];
    case(&mut topic, "no-feeds", &["ECHO-ORDER-013"], "", trial(&[], json!({})));
    case(
        &mut topic,
        "empty-feeds",
        &["ECHO-ORDER-013"],
        "feeds without a block are not in the end",
        trial(&[&[], &[]], json!({})),
    );
    case(&mut topic, "one-block", once, "", trial(&[&[NONE]], json!({})));
    case(&mut topic, "one-feed", once, "", trial(&[three], json!({})));
    case(&mut topic, "two-feeds", once, "", trial(&[three, three], json!({})));
    case(
        &mut topic,
        "two-feeds-other-order",
        once,
        "",
        trial(&[three, three], json!({ "add_order": [1, 0] })),
    );
    case(&mut topic, "three-feeds", once, "", trial(&[three, three, three], json!({})));
    case(&mut topic, "unequal-lengths", once, "", trial(&[&[NONE], three, &[NONE; 12]], json!({})));
    case(&mut topic, "empty-among-others", &["ECHO-ORDER-013"], "", trial(&[three, &[], &[NONE]], json!({})));
    case(&mut topic, "long", once, "", trial(&[&[NONE; 60], &[NONE; 60]], json!({})));
    case(&mut topic, "many-feeds", once, "", trial(&[&[NONE][..]; 20], json!({})));
    let gap = &["ECHO-ORDER-001"];
    let hole = "a block is missing: those behind it are not delivered";
    case(&mut topic, "gap", gap, hole, trial(&[three, three], json!({ "holes": [[0, 1]] })));
    case(&mut topic, "gap-at-beginning", gap, hole, trial(&[three, three], json!({ "holes": [[1, 0]] })));
    case(&mut topic, "gap-in-both", gap, hole, trial(&[three, three], json!({ "holes": [[0, 1], [1, 1]] })));
    case(
        &mut topic,
        "gap-of-one-feed",
        gap,
        hole,
        trial(&[&[NONE; 6]], json!({ "holes": [[0, 2], [0, 4]] })),
    );
    let twice = |slug: &str, from: &str, topic: &mut Topic, list: &[Feed<'_>], order: Value| {
        let input = trial(list, json!({ "add_order": order }));
        topic.steps_reject(
            slug,
            from,
            &["ECHO-ORDER-011"],
            "a feed is added twice",
            vec![ask(OP, input).rejected(StateDuplicate)],
        );
    };
    twice("twice", "two-feeds-other-order", &mut topic, &[three, three], json!([1, 0, 1]));
    twice("twice-in-turn", "two-feeds-other-order", &mut topic, &[three, three], json!([0, 0]));
    twice("twice-empty", "empty-feeds", &mut topic, &[&[], &[]], json!([1, 1]));
    topic
}

pub(super) fn causal() -> Topic {
    let about = "Feeds whose blocks depend on one another, and can all be delivered.";
    let mut topic = Topic::new("echo/order/deliver/causal", OP, &[], about);
    let req = &["ECHO-ORDER-002", "ECHO-ORDER-005"];
    let cases: Vec<(&str, &[&str], &str, Value)> = vec![
        ("on-the-middle", req, "", trial(&[&[NONE, NONE, NONE], &[&[(0, 1)], NONE]], json!({}))),
        ("on-the-last", req, "", trial(&[&[NONE, NONE, NONE], &[&[(0, 2)], NONE]], json!({}))),
        ("on-the-first", req, "", trial(&[&[NONE, NONE], &[&[(0, 0)], NONE]], json!({}))),
        (
            "added-before",
            req,
            "the feed that waits is added first",
            trial(&[&[NONE, NONE, NONE], &[&[(0, 1)], NONE]], json!({ "add_order": [1, 0] })),
        ),
        (
            "dialogue",
            req,
            "each answers the other",
            trial(
                &[&[NONE, &[(0, 0), (1, 0)], &[(0, 1), (1, 1)]], &[&[(0, 0)], &[(0, 1), (1, 0)]]],
                json!({}),
            ),
        ),
        (
            "dialogue-other-order",
            req,
            "",
            trial(
                &[&[NONE, &[(0, 0), (1, 0)], &[(0, 1), (1, 1)]], &[&[(0, 0)], &[(0, 1), (1, 0)]]],
                json!({ "add_order": [1, 0] }),
            ),
        ),
        (
            "own-feed",
            req,
            "each block depends on the one before it",
            trial(&[&[NONE, &[(0, 0)], &[(0, 1)]]], json!({})),
        ),
        (
            "chain",
            req,
            "",
            trial(&[&[NONE], &[&[(0, 0)]], &[&[(1, 0)]], &[&[(2, 0)]]], json!({ "add_order": [3, 2, 1, 0] })),
        ),
        (
            "two-frames",
            req,
            "both are waited for",
            trial(&[&[NONE, NONE], &[NONE, NONE], &[&[(0, 0), (1, 1)]]], json!({ "add_order": [2, 0, 1] })),
        ),
        (
            "two-frames-second-late",
            req,
            "",
            trial(
                &[&[NONE], &[NONE, NONE, NONE, NONE], &[&[(0, 0), (1, 3)]]],
                json!({ "add_order": [2, 0, 1] }),
            ),
        ),
        (
            "diamond",
            req,
            "",
            trial(
                &[&[NONE], &[&[(0, 0)]], &[&[(0, 0)]], &[&[(1, 0), (2, 0)]]],
                json!({ "add_order": [3, 1, 2, 0] }),
            ),
        ),
        (
            "several-on-one",
            &["ECHO-ORDER-005"],
            "",
            trial(&[&[NONE], &[&[(0, 0)]], &[&[(0, 0)]], &[&[(0, 0)]]], json!({ "add_order": [1, 2, 3, 0] })),
        ),
        (
            "several-on-one-apart",
            &["ECHO-ORDER-005"],
            "",
            trial(
                &[&[NONE, NONE, NONE], &[&[(0, 1)]], &[&[(0, 2)]], &[&[(0, 0)]]],
                json!({ "add_order": [1, 2, 3, 0] }),
            ),
        ),
        (
            "minus-1",
            &["ECHO-ORDER-006"],
            "-1 is waited for until the feed has a block processed",
            trial(&[&[&[(1, -1)]], &[NONE]], json!({})),
        ),
        ("minus-1-of-own-feed-later", &["ECHO-ORDER-006"], "", trial(&[&[NONE, &[(0, -1)]]], json!({}))),
        (
            "minus-1-chain",
            &["ECHO-ORDER-006"],
            "",
            trial(&[&[&[(1, -1)]], &[&[(2, -1)]], &[NONE]], json!({})),
        ),
        (
            "while-processed",
            &["ECHO-ORDER-004"],
            "blocks come in while others are processed",
            trial(
                &[&[NONE, NONE, &[(1, 2)]], &[NONE, &[(0, 1)], NONE], &[&[(0, 0)], &[(1, 1)], NONE]],
                json!({}),
            ),
        ),
        ("below-minus-1", &["ECHO-ORDER-006"], "", trial(&[&[&[(1, -9)]], &[NONE]], json!({}))),
    ];
    for (slug, req, about, input) in cases {
        case(&mut topic, slug, req, about, input);
    }
    topic
}

pub(super) fn stalled() -> Topic {
    let about = "Feeds of which not everything can be delivered, and what is reported of it.";
    let mut topic = Topic::new("echo/order/deliver/stalled", OP, &[], about);
    let wait = &["ECHO-ORDER-002", "ECHO-ORDER-003"];
    let missing = &["ECHO-ORDER-006"];
    let stall = &["ECHO-ORDER-010"];
    let cases: Vec<(&str, &[&str], &str, Value)> = vec![
        ("cycle", wait, "", trial(&[&[&[(1, 0)]], &[&[(0, 0)]]], json!({}))),
        ("on-itself", wait, "", trial(&[&[&[(0, 0)]]], json!({}))),
        (
            "on-a-later-one",
            wait,
            "a block depends on the next of its feed",
            trial(&[&[NONE, &[(0, 2)], NONE]], json!({})),
        ),
        ("on-itself-beside", wait, "", trial(&[&[NONE, &[(0, 1)], NONE], &[NONE, NONE]], json!({}))),
        (
            "unknown-feed",
            missing,
            "the blocks behind it wait too",
            trial(&[&[NONE, &[(1, 0)], NONE]], json!({})),
        ),
        ("unknown-feed-minus-1", missing, "", trial(&[&[&[(1, -1)], NONE]], json!({}))),
        (
            "unknown-feed-beside",
            missing,
            "other feeds go on",
            trial(&[&[NONE, &[(2, 0)], NONE], &[NONE, NONE, NONE]], json!({})),
        ),
        ("feed-not-added", missing, "", trial(&[&[&[(1, 0)]], &[NONE]], json!({ "add_order": [0] }))),
        (
            "feed-empty-minus-1",
            missing,
            "the feed is there and has no block",
            trial(&[&[&[(1, -1)]], &[]], json!({})),
        ),
        ("beyond-the-end", wait, "", trial(&[&[NONE, NONE], &[&[(0, 2)], NONE]], json!({}))),
        ("beyond-the-end-both", wait, "", trial(&[&[&[(1, 1)], NONE], &[NONE]], json!({}))),
        (
            "head-skipped",
            wait,
            "the block behind the one that waits depends on nothing",
            trial(&[&[&[(2, 0)], NONE, NONE], &[NONE]], json!({})),
        ),
        (
            "cycle-of-three",
            wait,
            "",
            trial(&[&[NONE, &[(1, 1)]], &[NONE, &[(2, 1)]], &[NONE, &[(0, 1)]]], json!({})),
        ),
        ("second-frame-missing", wait, "", trial(&[&[NONE], &[&[(0, 0), (2, 0)]]], json!({}))),
        (
            "one-of-many-waits",
            wait,
            "",
            trial(&[&[NONE, NONE], &[&[(0, 1)], &[(5, 0)]], &[NONE], &[&[(1, 1)]], &[&[(1, 0)]]], json!({})),
        ),
        ("highest-number", wait, "", trial(&[&[NONE], &[&[(0, 2_147_483_647)]]], json!({}))),
        ("not-yet", stall, "999 ms", trial(&[&[&[(1, 0)]], &[&[(0, 0)]]], json!({ "wait": 999 }))),
        ("at-once", stall, "no time has passed", trial(&[&[NONE, &[(1, 0)]]], json!({ "wait": 0 }))),
        ("after-a-minute", stall, "", trial(&[&[NONE, &[(1, 0)]]], json!({ "wait": 60_000 }))),
        (
            "nothing-waits",
            stall,
            "everything was delivered",
            trial(&[&[NONE, NONE], &[NONE]], json!({ "wait": 60_000 })),
        ),
        (
            "no-head",
            stall,
            "what is missing is the block itself",
            trial(&[&[NONE, NONE, NONE]], json!({ "holes": [[0, 1]], "wait": 60_000 })),
        ),
        ("no-blocks", stall, "", trial(&[&[], &[]], json!({ "wait": 60_000 }))),
        (
            "head-and-gap",
            stall,
            "",
            trial(&[&[NONE, NONE, NONE], &[&[(0, 1)]]], json!({ "holes": [[0, 1]] })),
        ),
        (
            "dependency-in-a-gap",
            wait,
            "",
            trial(&[&[NONE, NONE, NONE], &[&[(0, 2)], NONE], &[NONE]], json!({ "holes": [[0, 1]] })),
        ),
    ];
    for (slug, req, about, input) in cases {
        case(&mut topic, slug, req, about, input);
    }
    topic
}

pub(super) fn late() -> Topic {
    let about = "Feeds that are added once nothing more happens.";
    let mut topic = Topic::new("echo/order/deliver/late", OP, &[], about);
    let req = &["ECHO-ORDER-004"];
    let cases: Vec<(&str, &[&str], &str, Value)> = vec![
        (
            "dependency",
            req,
            "what was waited for comes",
            trial(&[&[NONE, &[(1, 1)]], &[NONE, NONE]], json!({ "late": [1] })),
        ),
        ("independent", req, "", trial(&[&[NONE, NONE], &[NONE, NONE]], json!({ "late": [1] }))),
        ("minus-1", req, "", trial(&[&[&[(1, -1)]], &[NONE]], json!({ "late": [1] }))),
        ("on-the-others", req, "", trial(&[&[NONE, NONE], &[&[(0, 1)], NONE]], json!({ "late": [1] }))),
        (
            "both-ways",
            req,
            "",
            trial(&[&[NONE, &[(1, 0)], &[(1, 1)]], &[&[(0, 0)], &[(0, 1)]]], json!({ "late": [1] })),
        ),
        (
            "not-enough",
            req,
            "it waits on",
            trial(&[&[NONE, &[(1, 3)]], &[NONE, NONE]], json!({ "late": [1] })),
        ),
        (
            "another",
            req,
            "a feed that nobody waits for",
            trial(&[&[NONE, &[(1, 0)]], &[NONE], &[NONE, NONE]], json!({ "late": [2], "add_order": [0] })),
        ),
        ("two", req, "", trial(&[&[&[(1, 0), (2, 0)]], &[NONE], &[&[(1, 0)]]], json!({ "late": [2, 1] }))),
        ("all", req, "there was no feed before", trial(&[&[NONE], &[&[(0, 0)]]], json!({ "late": [0, 1] }))),
        ("empty", req, "", trial(&[&[&[(1, -1)]], &[]], json!({ "late": [1] }))),
        (
            "frees-several",
            req,
            "",
            trial(&[&[&[(3, 0)]], &[&[(3, 0)]], &[&[(3, 1)]], &[NONE, NONE]], json!({ "late": [3] })),
        ),
        (
            "stall-before",
            &["ECHO-ORDER-010"],
            "the stall is reported before, and not again",
            trial(&[&[NONE, &[(1, 0)]], &[NONE]], json!({ "late": [1] })),
        ),
        (
            "stall-not-yet-before",
            &["ECHO-ORDER-010"],
            "",
            trial(&[&[NONE, &[(1, 0)]], &[NONE]], json!({ "late": [1], "wait": 999 })),
        ),
        (
            "behind-the-cursor",
            &["ECHO-ORDER-009"],
            "the cursor says where the late feed begins",
            trial(&[&[NONE, &[(1, 2)]], &[NONE, NONE, NONE]], json!({ "late": [1], "cursor": [[1, 1]] })),
        ),
    ];
    for (slug, req, about, input) in cases {
        case(&mut topic, slug, req, about, input);
    }
    topic
}

pub(super) fn cursor() -> Topic {
    let about = "Readers that begin at a timeframe.";
    let mut topic = Topic::new("echo/order/deliver/cursor", OP, &[], about);
    let req = &["ECHO-ORDER-009"];
    let three: Feed<'_> = &[NONE, NONE, NONE];
    let cases: Vec<(&str, &str, Value)> = vec![
        ("behind-the-first", "", trial(&[three, &[&[(0, 1)], NONE]], json!({ "cursor": [[0, 0]] }))),
        ("of-both", "", trial(&[three, &[NONE, &[(0, 2)]]], json!({ "cursor": [[0, 1], [1, 0]] }))),
        (
            "beyond-the-end",
            "the clock has what the feed does not",
            trial(&[&[NONE], &[&[(0, 5)]]], json!({ "cursor": [[0, 7]] })),
        ),
        ("at-the-end", "nothing is left", trial(&[three], json!({ "cursor": [[0, 2]] }))),
        ("minus-1", "the feed begins at 0", trial(&[three], json!({ "cursor": [[0, -1]] }))),
        (
            "minus-1-is-there",
            "a feed at -1 is in the clock",
            trial(&[&[&[(1, -1)]], &[NONE]], json!({ "cursor": [[1, -1]] })),
        ),
        (
            "unknown-feed",
            "a feed that nobody has is in the clock",
            trial(&[&[&[(1, 3)], NONE]], json!({ "cursor": [[1, 3]] })),
        ),
        ("unknown-feed-not-enough", "", trial(&[&[NONE, &[(1, 4)]]], json!({ "cursor": [[1, 3]] }))),
        (
            "passes-a-cycle",
            "",
            trial(&[&[&[(1, 0)], NONE], &[&[(0, 0)], NONE]], json!({ "cursor": [[0, 0]] })),
        ),
        ("empty", "", trial(&[three, three], json!({ "cursor": [] }))),
        (
            "before-a-gap",
            "what the cursor includes need not be there",
            trial(&[three], json!({ "cursor": [[0, 0]], "holes": [[0, 0]] })),
        ),
        ("far", "", trial(&[&[NONE; 40], &[&[(0, 39)]]], json!({ "cursor": [[0, 30]] }))),
    ];
    for (slug, about, input) in cases {
        case(&mut topic, slug, req, about, input);
    }
    topic
}

pub(super) fn processing() -> Topic {
    let about = "The clock while blocks are processed, failures, targets and ends.";
    let mut topic = Topic::new("echo/order/deliver/processing", OP, &[], about);
    let clock = &["ECHO-ORDER-007"];
    let fails = &["ECHO-ORDER-008"];
    let target = &["ECHO-ORDER-012"];
    let three: Feed<'_> = &[NONE, NONE, NONE];
    let answered: Feed<'_> = &[&[(0, 0)], &[(0, 2)]];
    let cases: Vec<(&str, &[&str], &str, Value)> = vec![
        ("clock-of-one", clock, "the clock does not have what is processed", trial(&[three], json!({}))),
        ("clock-of-two", clock, "", trial(&[three, answered], json!({}))),
        ("clock-from-cursor", clock, "", trial(&[three, answered], json!({ "cursor": [[0, 1]] }))),
        ("failed", fails, "", trial(&[three], json!({ "fails": [[0, 1]] }))),
        (
            "failed-dependency",
            fails,
            "who depends on it goes on",
            trial(&[three, answered], json!({ "fails": [[0, 0]] })),
        ),
        ("failed-last", fails, "", trial(&[three], json!({ "fails": [[0, 2]] }))),
        (
            "failed-all",
            fails,
            "",
            trial(&[three, answered], json!({ "fails": [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1]] })),
        ),
        ("target-reached", target, "", trial(&[three], json!({ "target": [[0, 2]] }))),
        (
            "target-passed",
            target,
            "there is more than the target",
            trial(&[three, three], json!({ "target": [[0, 1]] })),
        ),
        ("target-not-reached", target, "", trial(&[three], json!({ "target": [[0, 3]] }))),
        ("target-partly-reached", target, "", trial(&[three, three], json!({ "target": [[0, 2], [1, 3]] }))),
        ("target-unknown-feed", target, "", trial(&[three], json!({ "target": [[0, 2], [1, -1]] }))),
        ("target-empty", target, "", trial(&[three], json!({ "target": [] }))),
        (
            "target-of-the-cursor",
            target,
            "",
            trial(&[three], json!({ "target": [[1, 5]], "cursor": [[1, 5]] })),
        ),
        ("target-in-a-stall", target, "", trial(&[&[NONE, &[(1, 0)]]], json!({ "target": [[0, 1]] }))),
        ("end-not-reached", &["ECHO-ORDER-013"], "", trial(&[&[NONE, &[(2, 0)], NONE], three], json!({}))),
        ("end-of-a-feed-of-one", &["ECHO-ORDER-013"], "", trial(&[&[NONE], &[]], json!({}))),
    ];
    for (slug, req, about, input) in cases {
        case(&mut topic, slug, req, about, input);
    }
    topic
}

/// Small numbers, one after the other.
struct Drawn(u64);

impl Drawn {
    /// Below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Feeds of writers that read one another, as real ones do; `broken` names blocks that nobody has.
fn conversation(drawn: &mut Drawn, broken: bool) -> Vec<Vec<Vec<(u64, i64)>>> {
    let writers = 3 + drawn.below(3);
    let mut feeds: Vec<Vec<Vec<(u64, i64)>>> = (0..writers).map(|_| Vec::new()).collect();
    for _ in 0..8 + drawn.below(12) {
        let writer = drawn.below(writers);
        let mut timeframe = Vec::new();
        for (feed, blocks) in (0..).zip(&feeds) {
            let known = drawn.below(blocks.len() as u64 + 1);
            if known > 0 {
                timeframe.push((feed, known as i64 - 1));
            }
        }
        if broken && drawn.below(8) == 0 {
            timeframe.push((drawn.below(writers + 1), 20));
        }
        if let Some(feed) = feeds.get_mut(writer as usize) {
            feed.push(timeframe);
        }
    }
    feeds
}

pub(super) fn drawn() -> Topic {
    let about = "Feeds drawn at random, of writers that read one another.";
    let mut topic = Topic::new("echo/order/deliver/drawn", OP, &[], about);
    for number in 0..24 {
        let broken = number % 2 == 1;
        let slug = format!("{}-{number}", if broken { "broken" } else { "whole" });
        let seed = topic.bytes(&slug, "feeds");
        let mut drawn = Drawn(seed.first_chunk().map_or(number, |bytes| u64::from_le_bytes(*bytes)));
        let feeds = conversation(&mut drawn, broken);
        let blocks: Vec<Vec<&[(u64, i64)]>> =
            feeds.iter().map(|feed| feed.iter().map(Vec::as_slice).collect()).collect();
        let list: Vec<Feed<'_>> = blocks.iter().map(Vec::as_slice).collect();
        let mut order: Vec<u64> = (0..list.len() as u64).collect();
        order.rotate_left(drawn.below(list.len() as u64) as usize);
        let mut more = json!({ "add_order": order });
        if number % 4 >= 2
            && let Some(more) = more.as_object_mut()
        {
            more.insert("late".to_owned(), json!([drawn.below(list.len() as u64)]));
        }
        let req: &[&str] = if broken {
            &["ECHO-ORDER-002", "ECHO-ORDER-003"]
        } else {
            &["ECHO-ORDER-002", "ECHO-ORDER-005"]
        };
        case(&mut topic, &slug, req, "", trial(&list, more));
    }
    topic
}
