//! Trees that are damaged.

use dxos_reference::echo::flat;
use dxos_reference::echo::storage::FileName::Tree;
use dxos_reference::keys::Suite;

use super::super::super::topic::{Topic, suite_of};
use super::image::{Image, SHAPES, Writer, unopened};
use crate::class::Class::{AuthSignature, StateUnknownRef};

const OP: &str = "echo.feed.storage.open";

pub(super) fn damaged(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Roots that are lost or altered.";
    let mut topic = Topic::new(&format!("echo/feed/storage/tree-{name}"), OP, &[feature], about);
    for (shape, appends) in SHAPES {
        let writer = Writer::new(&topic, suite, shape);
        let image = Image::of(&writer.feed(appends));
        let both = ["ECHO-STORE-023", "ECHO-STORE-024"];
        let (writable, read_only) = (format!("{shape}-writable"), format!("{shape}-read-only"));
        topic.steps(&writable, &both, "", writer.opens(&image, Vec::new()));
        topic.steps(&read_only, &both[1..], "", writer.reads(&image, Vec::new()));
        let rejected = |asks: Vec<super::super::super::steps::Ask>, class| unopened(class, asks);
        for root in flat::full_roots(appends.iter().sum::<usize>() as u64) {
            let at = 32 + 40 * root as usize;
            let lost = image.blank(Tree, at, 40);
            let about = format!("node {root}, a root, is zeros");
            let asks = rejected(writer.opens(&lost, Vec::new()), StateUnknownRef);
            topic.steps_reject(&format!("{shape}-no-{root}"), &writable, &both[..1], &about, asks);
            let asks = rejected(writer.reads(&lost, Vec::new()), StateUnknownRef);
            topic.steps_reject(&format!("{shape}-no-{root}-read-only"), &read_only, &both[1..], &about, asks);
            let altered = image.flipped(Tree, at, 1);
            let about = format!("one bit of the hash of node {root}, a root, is another");
            let asks = rejected(writer.opens(&altered, Vec::new()), AuthSignature);
            topic.steps_reject(
                &format!("{shape}-hash-of-{root}"),
                &writable,
                &["ECHO-STORE-020"],
                &about,
                asks,
            );
            let altered = image.flipped(Tree, at + 39, 1);
            let about = format!("one bit of the size of node {root}, a root, is another");
            let asks = rejected(writer.opens(&altered, Vec::new()), AuthSignature);
            topic.steps_reject(
                &format!("{shape}-size-of-{root}"),
                &writable,
                &["ECHO-STORE-020"],
                &about,
                asks,
            );
        }
        let last = flat::full_roots(appends.iter().sum::<usize>() as u64).last().unwrap_or_default();
        let cut = image.cut(Tree, 32 + 40 * last as usize + 39);
        let asks = rejected(writer.opens(&cut, Vec::new()), StateUnknownRef);
        let about = "the tree ends within the last root";
        topic.steps_reject(&format!("{shape}-cut"), &writable, &both[..1], about, asks);
        let cut = image.cut(Tree, 32);
        let asks = rejected(writer.reads(&cut, Vec::new()), StateUnknownRef);
        topic.steps_reject(
            &format!("{shape}-gone-read-only"),
            &read_only,
            &both[1..],
            "the tree is empty",
            asks,
        );
    }
    topic
}
