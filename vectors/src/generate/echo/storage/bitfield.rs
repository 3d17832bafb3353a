//! Bitfields that are lost.

use dxos_reference::echo::storage::FileName::{Bitfield, Data, Signatures, Tree};
use dxos_reference::keys::Suite;
use serde_json::Value;

use super::super::super::topic::{Topic, suite_of};
use super::image::{Image, SHAPES, Writer, audit, files, get, unopened};
use crate::class::Class::{AuthSignature, StateConflict};

const OP: &str = "echo.feed.storage.open";

pub(super) fn lost(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "A bitfield that is lost or cut short, alone or with something else.";
    let mut topic = Topic::new(&format!("echo/feed/storage/bitfield-{name}"), OP, &[feature], about);
    for (shape, appends) in SHAPES {
        let writer = Writer::new(&topic, suite, shape);
        let image = Image::of(&writer.feed(appends));
        let count: usize = appends.iter().sum();
        let req = ["ECHO-STORE-021", "ECHO-STORE-028"];
        let append = || writer.append(&[Value::from("7a")]);
        for (slug, len) in [
            ("gone", 0),
            ("header-left", 32),
            ("blocks-left", 1000),
            ("cut-short", 2000),
            ("last-byte", 3615),
        ] {
            let damaged = image.cut(Bitfield, len);
            let asks = writer.opens(&damaged, vec![append(), audit()]);
            topic.steps(&format!("{shape}-{slug}"), &req, "", asks);
        }
        let damaged = image.blank(Bitfield, 32 + 1024, 2048);
        let about = "the bits of nodes are zeros";
        topic.steps(
            &format!("{shape}-no-nodes"),
            &req,
            about,
            writer.opens(&damaged, vec![append(), audit()]),
        );
        let damaged = image.blank(Bitfield, 32, 3584);
        let about = "all bits are zeros; the files are then as they were";
        topic.steps(&format!("{shape}-zeros"), &req, about, writer.opens(&damaged, vec![files()]));
        let damaged = image.cut(Bitfield, 32).cut(Data, image.bytes(Data).len() - 1);
        let about = "the data are cut short, too: the last block is not held";
        topic.steps(&format!("{shape}-short-data"), &req, about, writer.opens(&damaged, vec![append()]));
        let damaged = image.cut(Bitfield, 32).flipped(Data, 0, 1);
        let about = "the first block has been altered, too: it is not held";
        topic.steps(&format!("{shape}-altered-data"), &req, about, writer.opens(&damaged, vec![append()]));
        if count < 4 {
            continue;
        }
        let from = format!("{shape}-gone");
        let mut refuse = |what: &str, about: &str, class, damaged: &Image| {
            let asks = writer.opens(damaged, Vec::new());
            let asks = unopened(class, asks);
            topic.steps_reject(&format!("{shape}-{what}"), &from, &["ECHO-STORE-022"], about, asks);
        };
        let last = 32 + 64 * (count - 1);
        let earlier = image.cut(Bitfield, 0).cut(Signatures, last);
        refuse(
            "gone-and-a-signature",
            "the bitfield is lost, and the last signature",
            StateConflict,
            &earlier,
        );
        let earlier = image.cut(Bitfield, 32).cut(Signatures, last + 32);
        refuse(
            "left-and-half-a-signature",
            "the bitfield is lost, and half of the last signature",
            StateConflict,
            &earlier,
        );
        let earlier = image.cut(Bitfield, 0).cut(Signatures, 32);
        refuse(
            "gone-and-all-signatures",
            "the bitfield is lost, and all signatures",
            StateConflict,
            &earlier,
        );
        let earlier = image.blank(Bitfield, 32, 3584).blank(Signatures, last, 64);
        refuse("zeros-and-a-signature", "the bits and the last signature are zeros", StateConflict, &earlier);
        let earlier = image.cut(Bitfield, 0).flipped(Signatures, last, 1);
        let asks = writer.opens(&earlier, Vec::new());
        let asks = unopened(AuthSignature, asks);
        let about = "the bitfield is lost, and the last signature has been altered";
        topic.steps_reject(&format!("{shape}-gone-and-altered"), &from, &["ECHO-STORE-020"], about, asks);
        // An inner node that is altered does not lead up to its root.
        let damaged = image.cut(Bitfield, 0).flipped(Tree, 32 + 40, 1);
        let about = "a node below a root has been altered, too: what is below it is not held";
        topic.steps(
            &format!("{shape}-altered-node"),
            &["ECHO-STORE-021"],
            about,
            writer.opens(&damaged, Vec::new()),
        );
        let asks = writer.reads(&image.cut(Bitfield, 32), vec![get(0)]);
        topic.steps(&format!("{shape}-read-only"), &req, "", asks);
    }
    topic
}
