//! Reading blocks, and giving them up.

use dxos_reference::echo::storage::FileName::Data;
use dxos_reference::keys::Suite;
use serde_json::Value;

use super::super::super::topic::{Topic, suite_of};
use super::image::{Image, SHAPES, Writer, audit, blocks, clear, get};
use crate::class::Class::{DecodeLength, StateConflict, StateUnknownRef};

const OP: &str = "echo.feed.storage.get";

pub(super) fn damaged(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Reading blocks whose data are lost or altered.";
    let mut topic = Topic::new(&format!("echo/feed/storage/read-{name}"), OP, &[feature], about);
    for (shape, appends) in SHAPES {
        let writer = Writer::new(&topic, suite, shape);
        let image = Image::of(&writer.feed(appends));
        let all = blocks(appends.iter().sum());
        let last = all.len() as u64 - 1;
        let mut at = 0;
        for (index, block) in (0..).zip(&all) {
            let slug = format!("{shape}-{index}");
            topic.steps(&slug, &["ECHO-STORE-004"], "", writer.opens(&image, vec![get(index)]));
            let altered = image.flipped(Data, at + block.len() / 2, 0x20);
            let asks = writer.opens(&altered, vec![get(index).rejected(StateConflict)]);
            topic.steps_reject(
                &format!("{slug}-altered"),
                &slug,
                &["ECHO-STORE-027"],
                "one bit is another",
                asks,
            );
            at += block.len();
            if index == 0 || index == last {
                let short = image.cut(Data, at - 1);
                let asks = writer.opens(&short, vec![get(index).rejected(DecodeLength)]);
                let about = "the data end within the block";
                topic.steps_reject(&format!("{slug}-short"), &slug, &["ECHO-STORE-026"], about, asks);
                let short = image.cut(Data, at - block.len());
                let asks = writer.opens(&short, vec![get(index).rejected(DecodeLength)]);
                let about = "the data end before the block";
                topic.steps_reject(&format!("{slug}-gone"), &slug, &["ECHO-STORE-026"], about, asks);
            }
        }
        let altered = image.flipped(Data, 0, 1);
        let slug = format!("{shape}-audit");
        topic.steps(
            &slug,
            &["ECHO-STORE-031"],
            "the first block is altered",
            writer.opens(&altered, vec![audit(), audit()]),
        );
        let slug = format!("{shape}-audit-of-all");
        topic.steps(&slug, &["ECHO-STORE-031"], "", writer.opens(&image, vec![audit()]));
        let short = image.cut(Data, at - 1);
        let slug = format!("{shape}-append-behind-short-data");
        let append = writer.append(&[Value::from("7a7a")]);
        let about = "a block is appended although the last one is cut short";
        let asks = writer.opens(&short, vec![append, get(last + 1)]);
        topic.steps(&slug, &["ECHO-STORE-004"], about, asks);
    }
    topic
}

pub(super) fn cleared(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Giving up blocks.";
    let group = format!("echo/feed/storage/clear-{name}");
    let mut topic = Topic::new(&group, "echo.feed.storage.clear", &[feature], about);
    for (shape, appends) in SHAPES {
        let writer = Writer::new(&topic, suite, shape);
        let image = Image::of(&writer.feed(appends));
        let count = appends.iter().sum::<usize>() as u64;
        let ranges = [
            ("first", 0, 1),
            ("last", count - 1, count),
            ("all", 0, count),
            ("middle", count / 3, count - count / 3),
        ];
        for (slug, from, to) in ranges {
            let slug = format!("{shape}-{slug}");
            let append = writer.append(&[Value::from("7a7a")]);
            let asks = writer.opens(&image, vec![clear(from, to), append, get(count)]);
            topic.steps(&slug, &["ECHO-LOG-011"], "", asks);
            // What is appended and read is what differs.
            let append = writer.append(&[Value::from("7a7a")]);
            let asks =
                writer.opens(&image, vec![clear(from, to), append, get(from).rejected(StateUnknownRef)]);
            topic.steps_reject(
                &format!("{slug}-read"),
                &slug,
                &["ECHO-STORE-025"],
                "a block that was given up is read",
                asks,
            );
        }
    }
    topic
}
