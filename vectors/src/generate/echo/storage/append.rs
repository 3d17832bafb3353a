//! `echo.feed.append`.

use dxos_reference::echo::feed::MAX_BLOCK;
use dxos_reference::keys::Suite;
use serde_json::{Value, json};

use super::super::super::steps::{Ask, ask, from, open};
use super::super::super::topic::{Topic, suite_of};
use super::image::{Image, Writer, audit, get, hex_blocks, put};
use crate::class::Class::{AuthKey, ResourceSize, StateConflict};

const OP: &str = "echo.feed.append";
/// Slug, blocks of each append, requirements.
type Appends = (&'static str, Vec<Vec<Value>>, &'static [&'static str]);

const FRAME: u64 = 8 * 1024 * 1024;

/// Appends, and the judge's look at all signatures.
fn judged(writer: &Writer, batches: &[Vec<Value>]) -> Vec<Ask> {
    let mut asks = vec![open()];
    asks.extend(batches.iter().map(|batch| writer.append(batch)));
    let signed: Vec<Value> = (1..)
        .zip(batches)
        .filter(|(_, batch)| !batch.is_empty())
        .map(|(step, _)| from(step, "signature"))
        .collect();
    let sizes: Vec<usize> = batches.iter().map(Vec::len).filter(|&size| size > 0).collect();
    let request = json!({
        "key": writer.key_hex(), "blocks": batches.concat(), "appends": sizes, "signatures": signed,
    });
    asks.push(ask("echo.feed.audit", request).judged());
    asks
}

fn split(blocks: Vec<Value>, sizes: &[usize]) -> Vec<Vec<Value>> {
    let mut rest = blocks.into_iter();
    sizes.iter().map(|&size| rest.by_ref().take(size).collect()).collect()
}

pub(super) fn batches(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Appending: numbers, signatures, and what they are over.";
    let mut topic = Topic::new(&format!("echo/feed/append-{name}"), OP, &[feature], about);
    let shapes: [(&str, &[usize]); 12] = [
        ("one", &[1]),
        ("two-by-two-appends", &[1, 1]),
        ("two-at-once", &[2]),
        ("three", &[1, 1, 1]),
        ("one-then-two-at-once", &[1, 2]),
        ("two-at-once-then-one", &[2, 1]),
        ("five", &[1, 1, 1, 2]),
        ("eight-at-once", &[8]),
        ("eight-one-by-one", &[1, 1, 1, 1, 1, 1, 1, 1]),
        ("nine", &[4, 5]),
        ("seventeen", &[16, 1]),
        ("hundred", &[37, 63]),
    ];
    for (slug, sizes) in shapes {
        let writer = Writer::new(&topic, suite, slug);
        let count = sizes.iter().sum();
        let req: &[&str] = if sizes.iter().any(|&size| size > 1) {
            &["ECHO-LOG-001", "ECHO-LOG-002", "ECHO-LOG-003", "ECHO-LOG-008", "ECHO-LOG-012"]
        } else {
            &["ECHO-LOG-002", "ECHO-LOG-003", "ECHO-LOG-012"]
        };
        topic.steps(slug, req, "", judged(&writer, &split(hex_blocks(count), sizes)));
    }
    let hex = |texts: &[&str]| texts.iter().map(|&text| Value::from(text)).collect::<Vec<_>>();
    let some: [Appends; 9] = [
        ("empty-block", vec![hex(&[""])], &["ECHO-LOG-005"]),
        ("empty-block-behind", vec![hex(&["61"]), hex(&[""])], &["ECHO-LOG-005"]),
        ("empty-block-first", vec![hex(&["", "61"])], &["ECHO-LOG-005"]),
        ("empty-block-between", vec![hex(&["61", "", "62"])], &["ECHO-LOG-005"]),
        ("empty-blocks-alone", vec![hex(&["", "", ""]), hex(&["61"])], &["ECHO-LOG-005"]),
        ("nothing-behind", vec![hex(&["61"]), hex(&[]), hex(&["62"])], &["ECHO-LOG-004"]),
        ("nothing-twice", vec![hex(&["61", "62"]), hex(&[]), hex(&[]), hex(&["63"])], &["ECHO-LOG-004"]),
        (
            "equal-blocks",
            vec![hex(&["61"]), hex(&["61"]), hex(&["61", "61"])],
            &["ECHO-LOG-001", "ECHO-LOG-002"],
        ),
        ("order-of-a-batch", vec![hex(&["03", "01", "02"])], &["ECHO-LOG-001"]),
    ];
    for (slug, batches, req) in some {
        let writer = Writer::new(&topic, suite, slug);
        topic.steps(slug, req, "", judged(&writer, &batches));
    }
    let slug = "nothing-first";
    let writer = Writer::new(&topic, suite, slug);
    let asks = vec![open(), writer.append(&[]), writer.append(&hex(&["61"]))];
    topic.steps(slug, &["ECHO-LOG-004"], "nothing is appended to an empty feed, then a block", asks);
    topic
}

fn of_size(count: u64) -> Value {
    json!({ "byte": "61", "count": count })
}

pub(super) fn limits(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "The largest block, and what a refused one leaves.";
    let mut topic = Topic::new(&format!("echo/feed/append-limit-{name}"), OP, &[feature], about);
    let small = || Value::from("62");
    let slug = "largest";
    let writer = Writer::new(&topic, suite, slug);
    topic.steps(
        slug,
        &["ECHO-LOG-006"],
        "a block of 8,380,416 bytes",
        vec![open(), writer.append(&[of_size(MAX_BLOCK)])],
    );
    let sizes = [
        ("one-more", MAX_BLOCK + 1),
        ("frame", FRAME),
        ("more-than-frame", FRAME + 1),
        ("twice-the-frame", 2 * FRAME),
    ];
    for (slug, size) in sizes {
        let asks = vec![open(), writer.append(&[of_size(size)]).rejected(ResourceSize)];
        topic.steps_reject(slug, "largest", &["ECHO-LOG-006"], "", asks);
    }
    let slug = "batch";
    let writer = Writer::new(&topic, suite, slug);
    let batch = [small(), small(), small()];
    topic.steps(slug, &["ECHO-LOG-001"], "", vec![open(), writer.append(&batch)]);
    for at in 0..3 {
        let mut batch = batch.to_vec();
        if let Some(place) = batch.get_mut(at) {
            *place = of_size(FRAME + 1);
        }
        let asks = vec![open(), writer.append(&batch).rejected(ResourceSize)];
        let slug = format!("batch-with-one-at-{at}");
        topic.steps_reject(&slug, "batch", &["ECHO-LOG-006"], "one block of a batch is too large", asks);
    }
    // What is refused leaves nothing behind.
    let refused: [(&str, Vec<Value>, bool); 4] = [
        ("refused-then-appended", vec![of_size(FRAME + 1)], true),
        ("refused-batch-then-appended", vec![small(), of_size(FRAME + 1)], true),
        ("refused-behind-one-then-appended", vec![of_size(FRAME + 1)], false),
        ("refused-twice-then-appended", vec![of_size(FRAME + 1), of_size(FRAME + 1)], false),
    ];
    for (slug, batch, is_first) in refused {
        let writer = Writer::new(&topic, suite, slug);
        let mut asks = vec![open()];
        if !is_first {
            asks.push(writer.append(&[small()]));
        }
        asks.push(writer.append(&batch).rejected(ResourceSize));
        let own = asks.len();
        asks.push(writer.append(&[Value::from("6363")]));
        if !is_first {
            asks.push(audit());
        } else {
            let request = json!({
                "key": writer.key_hex(), "blocks": ["6363"], "appends": [1], "signatures": [from(own, "signature")],
            });
            asks.push(ask("echo.feed.audit", request).judged());
            asks.push(get(0));
        }
        let about = "a block that is too large is refused, and the next append is as if it had not been";
        let case = topic.steps(slug, &["ECHO-LOG-007"], about, asks);
        case.underived =
            Some("the refusal is in the middle; what counts is the accepted append behind it".to_owned());
    }
    topic
}

pub(super) fn refusals(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Feeds that are not to be appended to.";
    let mut topic = Topic::new(&format!("echo/feed/append-refused-{name}"), OP, &[feature], about);
    for (slug, appends) in [("empty", &[][..]), ("one", &[1]), ("five", &[1, 1, 1, 2])] {
        let writer = Writer::new(&topic, suite, slug);
        let image = Image::of(&writer.feed(appends));
        let block = [Value::from("7a")];
        let from = format!("{slug}-writable");
        let req: &[&str] = &["ECHO-LOG-009"];
        topic.steps(&from, req, "", writer.opens(&image, vec![writer.append(&block)]));
        let asks = writer.reads(&image, vec![writer.append(&block).rejected(AuthKey)]);
        topic.steps_reject(&format!("{slug}-read-only"), &from, req, "the feed is opened read-only", asks);
    }
    // The same key has signed another block 0.
    for (slug, appends) in [("fork-of-one", &[1][..]), ("fork-of-two", &[1, 1]), ("fork-of-five", &[2, 3])] {
        let writer = Writer::new(&topic, suite, slug);
        let feed = writer.feed(appends);
        let image = Image::of(&feed);
        let block = [Value::from("7a")];
        let data = |feed: &dxos_reference::echo::Feed<_>| {
            feed.data(0, 0, false, &mut Default::default()).unwrap_or_default()
        };
        let own = data(&feed);
        let other = data(&writer.other(feed.length() as usize + 1));
        let from = format!("{slug}-own");
        let req: &[&str] = &["ECHO-LOG-010"];
        let about = "a block of its own is received again";
        topic.steps(&from, req, about, writer.opens(&image, vec![put(&own), writer.append(&block)]));
        let fork = || put(&other).rejected(StateConflict);
        let about = "a second history is received, and then a block is to be appended";
        let asks = writer.opens(&image, vec![fork(), writer.append(&block).rejected(StateConflict)]);
        topic.steps_reject(slug, &from, req, about, asks);
    }
    topic
}
