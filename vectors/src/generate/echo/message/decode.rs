//! Messages as they are read.

use serde_json::json;

use super::{credential, frame, hex, made, message, payload_of, vector};
use crate::class::Class::{DecodeMissing, SchemaConstraint};
use crate::generate::topic::Topic;

const OP: &str = "echo.message.decode";

pub(super) fn frames() -> Topic {
    let about = "Timeframes in messages: which frames count, and with which number.";
    let mut topic = Topic::new("echo/message/decode/frames", OP, &[], about);
    let mut case = |slug: &str, req: &str, about: &str, frames: &[Vec<u8>]| {
        topic.accept(slug, &[req], about, json!({ "message": hex(&message(&vector(frames), &[])) }));
    };
    let a = [0x11; 32];
    let b = [0x22; 32];
    case("none", "ECHO-MSG-009", "", &[]);
    for (slug, seq) in [("0", 0), ("1", 1), ("300", 300), ("highest", i64::from(i32::MAX))] {
        case(&format!("seq-{slug}"), "ECHO-MSG-009", "", &[frame(&a, seq)]);
    }
    for (slug, seq) in [("minus-1", -1), ("minus-77", -77), ("lowest", i64::from(i32::MIN))] {
        case(&format!("seq-{slug}"), "ECHO-MSG-009", "the number has a sign", &[frame(&a, seq)]);
    }
    case(
        "seq-minus-1-in-five-bytes",
        "ECHO-MSG-009",
        "32 bits are enough",
        &[[vec![0x0a, 1, 7, 0x18], vec![0xff, 0xff, 0xff, 0xff, 0x0f]].concat()],
    );
    case(
        "seq-long-form",
        "ECHO-MSG-009",
        "a varint that is not in its shortest form",
        &[vec![0x0a, 1, 7, 0x18, 0x85, 0x80, 0x00]],
    );
    let no_seq = made(|writer| writer.bytes(1, &a));
    let no_feed = made(|writer| writer.int(3, 4));
    case(
        "no-seq",
        "ECHO-MSG-007",
        "as an encoder of proto3 writes the number 0",
        std::slice::from_ref(&no_seq),
    );
    case("no-seq-among-others", "ECHO-MSG-007", "", &[frame(&b, 3), no_seq.clone(), frame(&[1], 0)]);
    case("no-seq-after-a-number", "ECHO-MSG-007", "the frame with a number stands", &[frame(&a, 5), no_seq]);
    case("no-feed", "ECHO-MSG-007", "", std::slice::from_ref(&no_feed));
    case("no-feed-among-others", "ECHO-MSG-007", "", &[frame(&a, 3), no_feed]);
    case("empty-frame", "ECHO-MSG-007", "", &[Vec::new(), frame(&a, 1)]);
    case(
        "seq-in-field-2",
        "ECHO-MSG-007",
        "an unknown field is no number",
        &[made(|writer| writer.bytes(1, &a).int(2, 9))],
    );
    case("empty-feed-key", "ECHO-MSG-007", "a key of no bytes is a key", &[frame(&[], 2)]);
    case("twice-rising", "ECHO-MSG-008", "", &[frame(&a, 1), frame(&a, 6)]);
    case("twice-falling", "ECHO-MSG-008", "the last counts, not the highest", &[frame(&a, 6), frame(&a, 1)]);
    case("thrice", "ECHO-MSG-008", "", &[frame(&a, 6), frame(&b, 0), frame(&a, 9), frame(&a, 2)]);
    case("twice-to-minus-1", "ECHO-MSG-008", "", &[frame(&a, 6), frame(&a, -1)]);
    case(
        "seq-twice-in-a-frame",
        "ECHO-MSG-008",
        "",
        &[made(|writer| writer.bytes(1, &a).int(3, 9).int(3, 2))],
    );
    case(
        "seq-before-feed",
        "ECHO-MSG-014",
        "fields in any order",
        &[made(|writer| writer.int(3, 8).bytes(1, &a))],
    );
    case(
        "unknown-fields-in-frame",
        "ECHO-MSG-014",
        "",
        &[made(|writer| writer.bytes(1, &a).int(2, 7).int(3, 8).bytes(15, b"later"))],
    );
    case(
        "many",
        "ECHO-MSG-009",
        "",
        &(0..100).map(|feed| frame(&[feed; 8], i64::from(feed))).collect::<Vec<_>>(),
    );
    topic
}

pub(super) fn payload() -> Topic {
    let about = "What messages say, and what is read where nothing is said.";
    let mut topic = Topic::new("echo/message/decode/payload", OP, &[], about);
    let tf = vector(&[frame(&[7], 1)]);
    let input = |bytes: &[u8]| json!({ "message": hex(bytes) });
    topic.accept("no-bytes", &["ECHO-MSG-006"], "a block of no bytes", input(&[]));
    topic.accept("both-empty", &["ECHO-MSG-006"], "", input(&message(&[], &[])));
    topic.accept("no-payload", &["ECHO-MSG-006"], "", input(&made(|w| w.bytes(1, &tf))));
    topic.accept("no-timeframe", &["ECHO-MSG-006"], "", input(&made(|w| w.bytes(2, &[]))));
    let held = credential(&topic, "credential");
    topic.accept("credential", &["ECHO-MSG-014"], "", input(&message(&tf, &payload_of(&held))));
    topic.accept(
        "credential-without-timeframe",
        &["ECHO-MSG-006"],
        "",
        input(&made(|w| w.bytes(2, &payload_of(&held)))),
    );
    topic.accept(
        "payload-before-timeframe",
        &["ECHO-MSG-014"],
        "",
        input(&made(|w| w.bytes(2, &payload_of(&held)).bytes(1, &tf))),
    );
    let data = |batch: &[u8]| made(|w| w.bytes(11, &made(|data| data.bytes(2, batch))));
    let object = |id: &str| made(|w| w.bytes(1, &made(|object| object.bytes(1, id.as_bytes()))));
    topic.accept(
        "data",
        &["ECHO-MSG-014"],
        "",
        input(&message(&tf, &data(&[object("a"), object("b")].concat()))),
    );
    topic.accept("data-empty-batch", &["ECHO-MSG-014"], "", input(&message(&tf, &data(&[]))));
    topic.accept(
        "data-without-batch",
        &["ECHO-MSG-014"],
        "",
        input(&message(&tf, &made(|w| w.bytes(11, &[])))),
    );
    topic.accept(
        "unknown-kind",
        &["ECHO-MSG-014"],
        "a kind of payload that is not known yet",
        input(&message(&tf, &made(|w| w.bytes(12, b"later")))),
    );
    topic.accept(
        "unknown-kind-beside-credential",
        &["ECHO-MSG-014"],
        "",
        input(&message(&tf, &[payload_of(&held), made(|w| w.bytes(12, b"later"))].concat())),
    );
    topic.accept(
        "unknown-field",
        &["ECHO-MSG-014"],
        "",
        input(&[message(&tf, &payload_of(&held)), vec![0x7a, 2, 1, 2]].concat()),
    );
    topic.accept(
        "unknown-group",
        &["ECHO-MSG-014"],
        "",
        input(&[message(&tf, &payload_of(&held)), vec![0x7b, 8, 1, 0x7c]].concat()),
    );
    topic.accept(
        "timeframe-twice",
        &["ECHO-MSG-014"],
        "the last counts, whole",
        input(&[message(&vector(&[frame(&[1], 1)]), &[]), made(|w| w.bytes(1, &tf))].concat()),
    );
    let both = [payload_of(&held), data(&object("a"))].concat();
    let about = "a credential, and data";
    topic.reject(
        "both",
        "credential",
        &["ECHO-MSG-012"],
        SchemaConstraint,
        about,
        input(&message(&tf, &both)),
    );
    let both = [data(&object("a")), payload_of(&held)].concat();
    let about = "data, and a credential";
    topic.reject(
        "both-reversed",
        "data",
        &["ECHO-MSG-012"],
        SchemaConstraint,
        about,
        input(&message(&tf, &both)),
    );
    let both = [payload_of(&held), vec![0x5a, 0]].concat();
    topic.reject(
        "both-data-empty",
        "credential",
        &["ECHO-MSG-012"],
        SchemaConstraint,
        "a credential, and data without a batch",
        input(&message(&tf, &both)),
    );
    topic.reject(
        "credential-absent",
        "credential",
        &["ECHO-MSG-013"],
        DecodeMissing,
        "a payload of a credential that holds none",
        input(&message(&tf, &[0x52, 0])),
    );
    topic.reject(
        "credential-absent-unknown-field",
        "credential",
        &["ECHO-MSG-013"],
        DecodeMissing,
        "",
        input(&message(&tf, &[0x52, 2, 0x10, 1])),
    );
    topic
}
