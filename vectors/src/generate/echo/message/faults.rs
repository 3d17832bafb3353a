//! Bytes that are no message.

use serde_json::{Value, json};

use super::{credential, frame, hex, made, message, payload_of, vector};
use crate::class::Class::{
    self, DecodeLength, DecodeMissing, DecodeUtf8, DecodeVarint, DecodeWireType, ResourceDepth,
};
use crate::generate::topic::Topic;

fn input(bytes: &[u8]) -> Value {
    json!({ "message": hex(bytes) })
}

fn message_with(credential: &[u8]) -> Vec<u8> {
    message(&vector(&[frame(&[0x11; 8], 1), frame(&[0x22; 8], 300)]), &payload_of(credential))
}

/// A message cut short after every third byte.
pub(super) fn cut() -> Topic {
    let about = "A message that is cut short after every third of its bytes, where what is left is none.";
    let mut topic = Topic::new("echo/message/decode/cut", "echo.message.decode", &[], about);
    let held = credential(&topic, "whole");
    let whole = message_with(&held);
    topic.accept("whole", &["ECHO-MSG-010"], "", input(&whole));
    for end in (1..whole.len()).step_by(3) {
        let cut = whole.get(..end).unwrap_or_default();
        topic.reject_of_series(&format!("first-{end}"), "whole", "", input(cut));
    }
    topic
}

pub(super) fn faults() -> Topic {
    let about = "Bytes that are no message, and fields that are not of the schema.";
    let mut topic = Topic::new("echo/message/decode/faults", "echo.message.decode", &[], about);
    let held = credential(&topic, "whole");
    let whole = message_with(&held);
    topic.accept("whole", &["ECHO-MSG-010"], "", input(&whole));
    let small = message(&vector(&[frame(&[7], 1)]), &[]);
    topic.accept("small", &["ECHO-MSG-010"], "", input(&small));

    let strict = "ECHO-MSG-010";
    for end in [1, 2, 3, 10, 15, 17, 20, 33, 34, 35, 36, 37, 40, 60, 100, whole.len() - 2, whole.len() - 1] {
        let about = format!("the first {end} bytes");
        let cut = whole.get(..end).unwrap_or_default();
        topic.reject(&format!("cut-{end}"), "whole", &[strict], DecodeLength, &about, input(cut));
    }
    // 0a 07 | 0a 05 | 0a 01 07 18 01 | 12 00
    let changed = |at: usize, to: u8| {
        let mut bytes = small.clone();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = to;
        }
        bytes
    };
    let mut small_case = |slug: &str, req: &str, class: Class, about: &str, bytes: &[u8]| {
        topic.reject(slug, "small", &[req], class, about, input(bytes));
    };
    small_case("timeframe-too-long", strict, DecodeLength, "its length passes the end", &changed(1, 0x7f));
    small_case("frame-too-long", strict, DecodeLength, "its length passes the timeframe", &changed(3, 0x06));
    small_case("feed-too-long", strict, DecodeLength, "its length passes the frame", &changed(5, 0x04));
    small_case("payload-too-long", strict, DecodeLength, "", &changed(10, 0x01));
    small_case(
        "length-of-32-bits",
        strict,
        DecodeLength,
        "",
        &[small.clone(), vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]].concat(),
    );
    small_case(
        "seq-cut",
        strict,
        DecodeLength,
        "the number says that another byte follows",
        &changed(8, 0x81),
    );
    let endless =
        |tail: usize| message(&vector(&[[vec![0x0a, 1, 7, 0x18], vec![0xff; tail], vec![1]].concat()]), &[]);
    small_case("seq-of-eleven-bytes", strict, DecodeVarint, "", &endless(10));
    small_case("seq-of-twelve-bytes", strict, DecodeVarint, "", &endless(11));
    small_case("tag-endless", strict, DecodeVarint, "", &[small.clone(), vec![0xff; 11]].concat());
    small_case(
        "wire-type-6",
        strict,
        DecodeWireType,
        "an unknown field of a type that does not exist",
        &[small.clone(), vec![0x7e, 0]].concat(),
    );
    small_case("wire-type-7", strict, DecodeWireType, "", &[small.clone(), vec![0x7f, 0]].concat());
    small_case("group-without-end", strict, DecodeLength, "", &[small.clone(), vec![0x7b, 8, 1]].concat());
    small_case(
        "groups-too-deep",
        "ECHO-MSG-011",
        ResourceDepth,
        "101 groups in one another",
        &[small.clone(), vec![0x7b; 101], vec![0x7c; 101]].concat(),
    );

    let lax = "ECHO-MSG-011";
    small_case("timeframe-as-number", lax, DecodeWireType, "", &[vec![0x08, 0x00], vec![0x12, 0]].concat());
    small_case(
        "payload-as-number",
        lax,
        DecodeWireType,
        "",
        &[small.get(..9).unwrap_or_default(), &[0x10, 0x00]].concat(),
    );
    small_case("seq-as-bytes", lax, DecodeWireType, "", &message(&vector(&[vec![0x0a, 1, 7, 0x1a, 1]]), &[]));
    small_case(
        "seq-fixed-32",
        lax,
        DecodeWireType,
        "",
        &message(&vector(&[vec![0x0a, 1, 7, 0x1d, 1, 0, 0, 0]]), &[]),
    );
    small_case(
        "feed-as-number",
        lax,
        DecodeWireType,
        "",
        &message(&vector(&[vec![0x08, 1, 7, 0x18, 1]]), &[]),
    );
    for bytes in 6..=9 {
        let seq = [vec![0x81], vec![0x80; bytes - 2], vec![0x00]].concat();
        let slug = format!("seq-of-{bytes}-bytes");
        small_case(
            &slug,
            lax,
            DecodeVarint,
            "",
            &message(&vector(&[[vec![0x0a, 1, 7, 0x18], seq].concat()]), &[]),
        );
    }
    small_case(
        "unknown-varint-endless",
        lax,
        DecodeVarint,
        "",
        &[small.clone(), vec![0x78], vec![0xff; 11], vec![1]].concat(),
    );

    // Inside of the credential.
    let wrong = |from: &[u8], to: &[u8]| {
        let at = held.windows(from.len()).position(|window| window == from).unwrap_or_default();
        let mut held = held.clone();
        held.splice(at..at + from.len(), to.iter().copied());
        held
    };
    let mut inner = |slug: &str, req: &str, class: Class, about: &str, held: &[u8]| {
        topic.reject(slug, "whole", &[req], class, about, input(&message_with(held)));
    };
    inner("credential-cut", strict, DecodeLength, "", held.get(..held.len() - 1).unwrap_or_default());
    inner(
        "credential-issuer-without-data",
        strict,
        DecodeMissing,
        "",
        &[held.clone(), vec![0x12, 0]].concat(),
    );
    inner("credential-of-noise", strict, DecodeLength, "", &[0x0a, 0x50, 0x01]);
    inner("credential-text-not-utf-8", lax, DecodeUtf8, "", &wrong(b"SpaceGenesis", b"SpaceGenes\xff\xfe"));
    inner("credential-issuer-as-number", lax, DecodeWireType, "", &[held.clone(), vec![0x10, 0]].concat());

    let batch = |object: &[u8]| {
        let batch = made(|w| w.bytes(1, object));
        message(&vector(&[]), &made(|w| w.bytes(11, &made(|data| data.bytes(2, &batch)))))
    };
    topic.accept("data", &[strict], "", input(&batch(&[0x0a, 1, b'a'])));
    topic.reject("data-cut", "data", &[strict], DecodeLength, "", input(&batch(&[0x72, 5, 0x58])));
    topic.reject("data-id-not-utf-8", "data", &[lax], DecodeUtf8, "", input(&batch(&[0x0a, 1, 0xff])));
    topic.reject("data-id-as-number", "data", &[lax], DecodeWireType, "", input(&batch(&[0x08, 1])));
    topic
}
