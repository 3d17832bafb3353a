//! Signatures that are lost or altered.

use dxos_reference::echo::storage::FileName::Signatures;
use dxos_reference::keys::Suite;
use serde_json::Value;

use super::super::super::topic::{Topic, suite_of};
use super::image::{Image, SHAPES, Writer, get, unopened};
use crate::class::Class::AuthSignature;

const OP: &str = "echo.feed.storage.open";

pub(super) fn damaged(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "The last signature, lost or altered.";
    let mut topic = Topic::new(&format!("echo/feed/storage/signatures-{name}"), OP, &[feature], about);
    for (shape, appends) in SHAPES {
        let writer = Writer::new(&topic, suite, shape);
        let image = Image::of(&writer.feed(appends));
        let count: usize = appends.iter().sum();
        let last = 32 + 64 * (count - 1);
        let append = writer.append(&[Value::from("7a")]);
        topic.steps(shape, &["ECHO-STORE-019", "ECHO-STORE-020"], "", writer.opens(&image, vec![append]));
        let lost: [(&str, &str, Image); 6] = [
            ("lost", "the last signature is missing", image.cut(Signatures, last)),
            ("zeros", "the last signature is zeros", image.blank(Signatures, last, 64)),
            ("half", "the last signature is cut in half", image.cut(Signatures, last + 32)),
            ("short", "the last byte of the signature is missing", image.cut(Signatures, last + 63)),
            ("all-lost", "all signatures are missing", image.cut(Signatures, 32)),
            ("gone", "the file is empty", image.cut(Signatures, 0)),
        ];
        let altered: [(&str, &str, Image); 5] = [
            ("first-bit", "the first bit is another", image.flipped(Signatures, last, 0x80)),
            ("last-bit", "the last bit is another", image.flipped(Signatures, last + 63, 1)),
            ("half-zeros", "the second half is zeros", image.blank(Signatures, last + 32, 32)),
            ("first-half-zeros", "the first half is zeros", image.blank(Signatures, last, 32)),
            ("other-key", "it is of another key", {
                let other = Writer::new(&topic, suite, &format!("{shape} other"));
                image.take(Signatures, &Image::of(&other.feed(appends)))
            }),
        ];
        let kinds = [("ECHO-STORE-019", &lost[..]), ("ECHO-STORE-020", &altered[..])];
        for (req, damages) in kinds {
            for (slug, about, damaged) in damages {
                let asks = writer.opens(damaged, Vec::new());
                let asks = unopened(AuthSignature, asks);
                topic.steps_reject(&format!("{shape}-{slug}"), shape, &[req], about, asks);
            }
        }
        for (slug, about, damaged) in lost.iter().chain(&altered).step_by(2) {
            let asks = writer.reads(damaged, vec![get(0), get(count as u64 - 1)]);
            topic.steps(&format!("{shape}-{slug}-read-only"), &["ECHO-STORE-029"], about, asks);
        }
    }
    topic
}
