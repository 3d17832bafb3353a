//! `echo.feed.storage.open`: files that are whole, and files of another feed.

use dxos_reference::echo::storage::FileName::{Bitfield, Data, Key, SecretKey, Signatures, Tree};
use dxos_reference::keys::Suite;
use serde_json::Value;

use super::super::super::topic::{Topic, suite_of};
use super::image::{Image, SHAPES, Writer, files, get, unopened};
use crate::class::Class::{AuthKey, StateConflict, StateUnknownRef};

const OP: &str = "echo.feed.storage.open";

pub(super) fn states(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about =
        "Opening files that are whole, that differ in what does not matter, and those of another feed.";
    let mut topic = Topic::new(&format!("echo/feed/storage/open-{name}"), OP, &[feature], about);
    for (slug, appends) in SHAPES {
        whole(&mut topic, suite, slug, appends);
    }
    let slug = "none";
    let writer = Writer::new(&topic, suite, slug);
    let none = Image::default();
    let begun = ["ECHO-STORE-002", "ECHO-STORE-003", "ECHO-STORE-007"];
    topic.steps("none-writable", &begun, "all files are empty", writer.opens(&none, vec![files()]));
    topic.steps("none-read-only", &begun[..1], "all files are empty", writer.reads(&none, vec![]));
    tolerated(&mut topic, suite);
    keys(&mut topic, suite);
    topic
}

fn whole(topic: &mut Topic, suite: Suite, slug: &str, appends: &[usize]) {
    let writer = Writer::new(topic, suite, slug);
    let image = Image::of(&writer.feed(appends));
    let last = appends.iter().sum::<usize>() as u64 - 1;
    let req = ["ECHO-STORE-012", "ECHO-STORE-004", "ECHO-STORE-005", "ECHO-STORE-008", "ECHO-STORE-009"];
    let append = writer.append(&[Value::from("7a7a")]);
    let asks = writer.opens(&image, vec![get(0), get(last), append, get(last + 1), files()]);
    let asks = asks.into_iter().map(|ask| ask.any(&["signature", "signatures"])).collect();
    topic.steps(&format!("{slug}-writable"), &[&req[..], &["ECHO-STORE-006"]].concat(), "", asks);
    topic.steps(&format!("{slug}-read-only"), &req, "", writer.reads(&image, vec![get(0), get(last)]));
    let length = "ECHO-STORE-012";
    let without = image.blank(Bitfield, 32, 1024);
    let append = writer.append(&[Value::from("7a7a")]);
    let about = "no block is held, and the nodes are there";
    topic.steps(&format!("{slug}-no-blocks"), &[length], about, writer.opens(&without, vec![append]));
    let about = "the last block is not held";
    let mask = 0x80 >> (last % 8);
    let without = image.flipped(Bitfield, 32 + last as usize / 8, mask);
    topic.steps(&format!("{slug}-last-not-held"), &[length], about, writer.reads(&without, vec![]));
    // Whether the first block can be read is another matter.
    let from = format!("{slug}-read-only");
    let without = image.flipped(Bitfield, 32, 0x80);
    let asks = writer.reads(&without, vec![get(0).rejected(StateUnknownRef)]);
    topic.steps_reject(&format!("{slug}-first-not-held"), &from, &["ECHO-STORE-025"], "", asks);
}

fn tolerated(topic: &mut Topic, suite: Suite) {
    let slug = "tolerated";
    let writer = Writer::new(topic, suite, slug);
    let image = Image::of(&writer.feed(&[1, 1, 1, 2]));
    let header = ["ECHO-STORE-016"];
    for (slug, file) in [("tree", Tree), ("signatures", Signatures)] {
        let damaged = image.flipped(file, 0, 0xff);
        let about = "the magic number is another";
        topic.steps(
            &format!("magic-of-{slug}"),
            &header,
            about,
            writer.opens(&damaged, vec![get(4), files()]),
        );
        let damaged = image.blank(file, 0, 32);
        let about = "the header is zeros";
        topic.steps(
            &format!("no-header-of-{slug}"),
            &header,
            about,
            writer.opens(&damaged, vec![get(4), files()]),
        );
        let damaged = image.flipped(file, 8, 0x20);
        let about = "the name of the algorithm is another";
        topic.steps(&format!("name-of-{slug}"), &header, about, writer.opens(&damaged, vec![files()]));
    }
    let damaged = image.flipped(Bitfield, 0, 0xff);
    let about = "the magic number is another";
    topic.steps("magic-of-bitfield", &header, about, writer.opens(&damaged, vec![get(4)]));
    for (slug, byte, about) in [
        ("index-of-ones", 0xff, "all bits of the index are set, as if the page was full"),
        ("index-of-noise", 0x5a, "the index is of something else"),
    ] {
        let mut bytes = image.bytes(Bitfield).to_vec();
        bytes.iter_mut().skip(32 + 3072).for_each(|place| *place = byte);
        let damaged = image.with(Bitfield, bytes);
        topic.steps(slug, &["ECHO-STORE-010"], about, writer.opens(&damaged, vec![get(4)]));
    }
    let about = "the index is zeros";
    topic.steps("index-of-zeros", &["ECHO-STORE-010"], about, writer.opens(&image, vec![get(0), get(4)]));
    let about = "the index is zeros, and the bit of a block is not set, although its bytes are there";
    let given_up = image.flipped(Bitfield, 32, 0x40);
    topic.steps("index-of-zeros-and-a-gap", &["ECHO-STORE-010"], about, writer.opens(&given_up, Vec::new()));
    let mut bytes = image.bytes(Bitfield).to_vec();
    bytes.truncate(32 + 3328);
    bytes.splice(5..7, [0x0d, 0x00]);
    let earlier = image.with(Bitfield, bytes);
    let about = "a page of 3,328 bytes";
    topic.steps("earlier-page", &["ECHO-STORE-011"], about, writer.opens(&earlier, vec![get(4), files()]));
    let about = "the mark of a writer is missing";
    let damaged = image.with(SecretKey, Vec::new());
    topic.steps("no-mark", &["ECHO-STORE-012"], about, writer.opens(&damaged, vec![get(4)]));
}

fn keys(topic: &mut Topic, suite: Suite) {
    for (slug, appends) in SHAPES {
        let slug = format!("key-of-{slug}");
        let writer = Writer::new(topic, suite, &slug);
        let other = Writer::new(topic, suite, &format!("{slug} other"));
        let image = Image::of(&writer.feed(appends));
        topic.steps(&slug, &["ECHO-STORE-013"], "", writer.opens(&image, vec![]));
        let foreign = Image::of(&other.feed(appends));
        let mut one = |what: &str, req: &str, about: &str, class, damaged: &Image| {
            let asks = unopened(class, writer.opens(damaged, Vec::new()));
            topic.steps_reject(&format!("{slug}-{what}"), &slug, &[req], about, asks);
        };
        one(
            "foreign",
            "ECHO-STORE-013",
            "the key is that of another feed",
            StateConflict,
            &image.take(Key, &foreign),
        );
        one(
            "flipped",
            "ECHO-STORE-013",
            "one bit of the key is another",
            StateConflict,
            &image.flipped(Key, 31, 1),
        );
        one("lost", "ECHO-STORE-014", "the key is missing", StateUnknownRef, &image.with(Key, Vec::new()));
        one("short", "ECHO-STORE-014", "the key is cut short", StateUnknownRef, &image.cut(Key, 16));
        let bare = image.with(Key, Vec::new()).with(Data, Vec::new()).with(Bitfield, Vec::new());
        one(
            "lost-with-more",
            "ECHO-STORE-014",
            "the key, the data and the bitfield are missing",
            StateUnknownRef,
            &bare,
        );
        let bare = image.with(Key, Vec::new()).with(Tree, Vec::new()).with(Signatures, Vec::new());
        one(
            "lost-with-tree",
            "ECHO-STORE-014",
            "the key, the tree and the signatures are missing",
            StateUnknownRef,
            &bare,
        );
    }
    for (slug, size) in [("six", 6), ("sixty-four", 64), ("ninety-six", 96)] {
        let from = format!("secret-of-{slug}-writable");
        let writer = Writer::new(topic, suite, &from);
        let image = Image::of(&writer.feed(&[1, 2])).with(SecretKey, vec![0x73; size]);
        let block = [Value::from("7a")];
        topic.steps(&from, &["ECHO-STORE-015"], "", writer.opens(&image, vec![writer.append(&block)]));
        let asks = writer.reads(&image, vec![writer.append(&block).rejected(AuthKey)]);
        let slug = format!("secret-of-{slug}-read-only");
        topic.steps_reject(
            &slug,
            &from,
            &["ECHO-STORE-015"],
            "a feed opened read-only has a secret key",
            asks,
        );
    }
}

/// Feeds of more than one page, of which a reader holds little, so that the files are small.
pub(super) fn pages(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Feeds of more than 8,192 blocks, of which a reader holds some.";
    let mut topic = Topic::new(&format!("echo/feed/storage/pages-{name}"), OP, &[feature], about);
    let feeds: [(&str, usize, &[u64]); 6] = [
        ("last-of-a-page", 8192, &[8191]),
        ("first-of-the-second", 8193, &[8192]),
        ("both-sides", 8200, &[8191, 8192]),
        ("first-and-last", 8200, &[0, 8199]),
        ("third-page", 16500, &[3, 8192, 16384, 16499]),
        ("holes", 9000, &[1, 2, 4000, 8999]),
    ];
    for (slug, length, taken) in feeds {
        let writer = Writer::new(&topic, suite, slug);
        let image = Image::of(&writer.reader(&writer.feed(&[length]), taken));
        // The blocks themselves would be a file of zeros with holes in it.
        let asks = writer.reads(&image, taken.iter().map(|&index| get(index)).collect());
        topic.steps(slug, &["ECHO-STORE-008", "ECHO-STORE-012"], "", asks);
        let Some(&first) = taken.first() else { continue };
        let missing = if taken.contains(&(first + 1)) { first + 2 } else { first + 1 };
        let asks = writer.reads(&image, vec![get(missing).rejected(StateUnknownRef)]);
        topic.steps_reject(&format!("{slug}-not-held"), slug, &["ECHO-STORE-025"], "", asks);
        // Its bit in the last page is gone, although its bytes are there.
        let Some(&last) = taken.last() else { continue };
        let bit = 32 + 3584 * (last as usize / 8192) + last as usize % 8192 / 8;
        let given_up = image.flipped(Bitfield, bit, 0x80 >> (last % 8));
        let asks = writer.reads(&given_up, vec![get(last).rejected(StateUnknownRef)]);
        let about = "the bit of a block is not set, although its bytes are there";
        let req = ["ECHO-STORE-008", "ECHO-STORE-025"];
        topic.steps_reject(&format!("{slug}-given-up"), slug, &req, about, asks);
    }
    topic
}
