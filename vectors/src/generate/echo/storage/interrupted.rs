//! What an append leaves that was interrupted.

use dxos_reference::echo::flat;
use dxos_reference::echo::storage::FileName::{Bitfield, Data, Signatures, Tree};
use dxos_reference::keys::Suite;
use serde_json::Value;

use super::super::super::topic::{Topic, suite_of};
use super::image::{Image, Writer, audit, get, unopened};
use crate::class::Class::{AuthSignature, StateUnknownRef};

const OP: &str = "echo.feed.storage.open";

pub(super) fn states(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Appends that were interrupted between two writes, or within one.";
    let mut topic = Topic::new(&format!("echo/feed/storage/interrupted-{name}"), OP, &[feature], about);
    let shapes: [(&str, &[usize], usize); 5] = [
        ("first", &[], 1),
        ("second", &[1], 1),
        ("batch", &[1, 1], 3),
        ("to-eight", &[7], 1),
        ("two-to-seven", &[3, 2], 2),
    ];
    for (shape, before, batch) in shapes {
        let writer = Writer::new(&topic, suite, shape);
        let old = Image::of(&writer.feed(before));
        let new = Image::of(&writer.feed(&[before, &[batch]].concat()));
        let append = || writer.append(&[Value::from("7a")]);
        let length: usize = before.iter().sum();
        let (adopt, drop) = (["ECHO-STORE-018"], ["ECHO-STORE-030"]);
        let late = new.take(Bitfield, &old);
        let about = "all is written but for the bitfield: the append counts";
        topic.steps(
            &format!("{shape}-before-bitfield"),
            &adopt,
            about,
            writer.opens(&late, vec![append(), audit()]),
        );
        let about = "the same, read-only";
        topic.steps(
            &format!("{shape}-before-bitfield-read-only"),
            &adopt,
            about,
            writer.reads(&late, vec![get(length as u64)]),
        );
        // Of the page the bits of the blocks are new, those of the nodes old.
        let mut torn = new.bytes(Bitfield).to_vec();
        torn.truncate(32 + 1024);
        torn.extend_from_slice(old.bytes(Bitfield).get(32 + 1024..).unwrap_or(&[0; 2560]));
        let about = "half of the page is written: the append counts";
        let torn = new.with(Bitfield, torn);
        topic.steps(
            &format!("{shape}-within-bitfield"),
            &adopt,
            about,
            writer.opens(&torn, vec![append(), audit()]),
        );
        let unsigned = late.take(Signatures, &old);
        let about = "data and nodes are written: the append never was";
        topic.steps(
            &format!("{shape}-before-signature"),
            &drop,
            about,
            writer.opens(&unsigned, vec![append(), audit()]),
        );
        let end = new.bytes(Signatures).len();
        for (slug, missing) in [("half", 32), ("most", 1), ("little", 63)] {
            let torn = late.cut(Signatures, end - missing);
            let about = "the signature is cut short: the append never was";
            let asks = writer.opens(&torn, vec![append(), audit()]);
            topic.steps(&format!("{shape}-within-signature-{slug}"), &drop, about, asks);
        }
        let torn = unsigned.cut(Tree, new.bytes(Tree).len() - 20);
        let about = "a node is cut short: the append never was";
        topic.steps(
            &format!("{shape}-within-tree"),
            &drop,
            about,
            writer.opens(&torn, vec![append(), audit()]),
        );
        let torn = unsigned.take(Tree, &old).cut(Data, new.bytes(Data).len() - 1);
        let about = "the data are cut short: the append never was";
        topic.steps(
            &format!("{shape}-within-data"),
            &drop,
            about,
            writer.opens(&torn, vec![append(), audit()]),
        );
        // A signature without its nodes is not of an interruption, as nodes are written before.
        let from = format!("{shape}-before-bitfield");
        let asks = |damaged: &Image, class| {
            let asks = writer.opens(damaged, Vec::new());
            unopened(class, asks)
        };
        let root = flat::full_roots((length + batch) as u64).last().unwrap_or_default();
        let damaged = late.blank(Tree, 32 + 40 * root as usize, 40);
        let about = "the signature is there, and its last root is not";
        let case = asks(&damaged, StateUnknownRef);
        topic.steps_reject(&format!("{shape}-no-root"), &from, &["ECHO-STORE-023"], about, case);
        let damaged = late.flipped(Signatures, end - 1, 1);
        let about = "the signature ahead of the bitfield does not verify";
        let case = asks(&damaged, AuthSignature);
        topic.steps_reject(&format!("{shape}-altered-signature"), &from, &["ECHO-STORE-020"], about, case);
    }
    topic
}
