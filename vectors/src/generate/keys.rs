//! `halo.key.*`: text forms and identifiers.

use dxos_reference::keys::{self, Suite};
use serde_json::json;

use super::topic::Topic;
use crate::class::Class::{CanonForm, DecodeLength};

pub(super) fn hex() -> Topic {
    let mut topic = Topic::new("halo/key/parse/hex", "halo.key.parse", &[], "Keys as hex.");
    topic.flag("SilentlyCut", "the text is read up to the first fault, and the rest dropped");
    let input = |text: &str| json!({ "form": "hex", "text": text });
    let p256 = keys::to_hex(&topic.key(Suite::P256, "p256", "key").public_key());
    let ed25519 = keys::to_hex(&topic.key(Suite::Ed25519, "ed25519", "key").public_key());
    let writing = &["HALO-KEY-010", "HALO-KEY-021"];
    topic.accept("p256", writing, "65 bytes", input(&p256));
    topic.accept(
        "ed25519",
        &["HALO-KEY-010", "HALO-KEY-013"],
        "32 bytes; deployed peers pad its multibase32",
        input(&ed25519),
    );
    topic.accept("five-bytes", writing, "", input("0011223344"));
    topic.accept("ten-bytes", writing, "", input("00112233445566778899"));
    topic.accept("all-digits", writing, "", input("0123456789abcdef0123"));
    topic.accept("zeros", writing, "leading zeros are kept", input("00000000000000000000"));
    topic.accept("high", writing, "", input("ffffffffff"));
    let refused = ("refuses", "HALO-KEY-012", CanonForm);
    let tolerant = ("accepts", "HALO-KEY-012");
    let may = &["HALO-KEY-012"];
    topic.one_of("upper", may, "upper case", input(&p256.to_uppercase()), tolerant, refused);
    topic.one_of("mixed-case", may, "", input("0011AaBbCc"), tolerant, refused);
    topic.one_of("prefix", may, "a leading 0x", input(&format!("0x{p256}")), tolerant, refused);

    let req = &["HALO-KEY-011"];
    let mut reject = |slug, from, class, about, text: &str| {
        topic.reject(slug, from, req, class, about, input(text)).flags = vec!["SilentlyCut".to_owned()];
    };
    let odd = p256.get(..129).unwrap_or_default();
    reject("empty", "p256", DecodeLength, "", "");
    reject("odd", "p256", DecodeLength, "the last character is missing", odd);
    reject("one-character", "five-bytes", DecodeLength, "", "0");
    reject("three-characters", "five-bytes", DecodeLength, "", "abc");
    reject("letter-first", "five-bytes", CanonForm, "", "z011223344");
    reject("letter-last", "five-bytes", CanonForm, "", "001122334g");
    reject("letter-inside", "p256", CanonForm, "", &p256.replacen("04", "0x", 1).replacen("0x", "0q", 1));
    reject("space-inside", "five-bytes", CanonForm, "", "0011 23344");
    reject("space-around", "five-bytes", CanonForm, "", " 0011223344 ");
    reject("newline-after", "five-bytes", CanonForm, "", "0011223344\n\n");
    reject("colons", "five-bytes", CanonForm, "", "00:11:22:33:44");
    reject("upper-prefix", "five-bytes", CanonForm, "0X is no prefix", "0X0011223344");
    reject("prefix-only", "five-bytes", DecodeLength, "", "0x");
    reject("prefix-twice", "five-bytes", CanonForm, "", "0x0x0011223344");
    reject("full-width-digits", "five-bytes", CanonForm, "U+FF10 is no digit", "\u{ff10}\u{ff10}11223344");
    reject("minus", "five-bytes", CanonForm, "", "-011223344");
    topic
}

pub(super) fn multibase32() -> Topic {
    let mut topic = Topic::new("halo/key/parse/multibase32", "halo.key.parse", &[], "Keys as multibase32.");
    let input = |text: &str| json!({ "form": "multibase32", "text": text });
    let p256 = keys::to_multibase32(&topic.key(Suite::P256, "p256", "key").public_key());
    let forms = &["HALO-KEY-010", "HALO-KEY-021"];
    let unpadded = &["HALO-KEY-010", "HALO-KEY-013"];
    topic.accept("p256", forms, "65 bytes, 105 characters", input(&p256));
    topic.accept("five-bytes", forms, "", input("BAAISEM2E"));
    topic.accept("zeros", forms, "", input("BAAAAAAAA"));
    topic.accept("ones", forms, "", input("B77777777"));
    topic.accept("ten-bytes", forms, "", input("BABCDEFGHIJKLMNOP"));
    topic.accept("alphabet", forms, "every character", input("BABCDEFGHIJKLMNOPQRSTUVWXYZ234567"));
    topic.accept("one-byte", unpadded, "two characters, two left-over bits", input("BAA"));
    topic.accept("two-bytes", unpadded, "", input("BAAAA"));
    topic.accept("three-bytes", unpadded, "", input("BMZXW6"));
    topic.accept("four-bytes", unpadded, "", input("BMZXW6YQ"));
    let tolerant = ("accepts", "HALO-KEY-015");
    let refused = ("refuses", "HALO-KEY-015", CanonForm);
    topic.one_of("padded", &["HALO-KEY-013", "HALO-KEY-015"], "", input("BMZXW6==="), tolerant, refused);
    topic.one_of("padded-one", &["HALO-KEY-013", "HALO-KEY-015"], "", input("BMZXW6YQ="), tolerant, refused);

    let mut reject = |slug, req: &str, from, class, about, text: &str| {
        topic.reject(slug, from, &[req], class, about, input(text));
    };
    let alphabet = "HALO-KEY-014";
    reject("no-prefix", alphabet, "five-bytes", CanonForm, "", "AAISEM2E");
    reject(
        "lower-prefix",
        alphabet,
        "five-bytes",
        CanonForm,
        "b announces the lower-case alphabet",
        "bAAISEM2E",
    );
    reject("other-prefix", alphabet, "five-bytes", CanonForm, "z announces base58", "zAAISEM2E");
    reject("lower", alphabet, "five-bytes", CanonForm, "", "Baaisem2e");
    reject("lower-one", alphabet, "five-bytes", CanonForm, "", "BAAISEm2E");
    reject("digit-0", alphabet, "five-bytes", CanonForm, "", "BAAISEM0E");
    reject("digit-1", alphabet, "five-bytes", CanonForm, "", "BAAISEM1E");
    reject("digit-8", alphabet, "five-bytes", CanonForm, "", "BAAISEM8E");
    reject("digit-9", alphabet, "five-bytes", CanonForm, "", "BAAISEM9E");
    reject("hyphen", alphabet, "five-bytes", CanonForm, "", "BAAIS-M2E");
    reject("space", alphabet, "five-bytes", CanonForm, "", "BAAISEM2 ");
    let bits = "HALO-KEY-016";
    reject("left-over-bits-1", bits, "one-byte", CanonForm, "", "BAB");
    reject("left-over-bits-2", bits, "two-bytes", CanonForm, "", "BAAAB");
    reject("left-over-bits-3", bits, "three-bytes", CanonForm, "", "BMZXW7");
    reject("left-over-bits-4", bits, "four-bytes", CanonForm, "", "BMZXW6YR");
    reject("padding-short", bits, "three-bytes", CanonForm, "two of three characters of padding", "BMZXW6==");
    reject("padding-long", bits, "three-bytes", CanonForm, "", "BMZXW6====");
    reject(
        "padding-full",
        bits,
        "five-bytes",
        CanonForm,
        "padding where none is left to fill",
        "BAAISEM2E========",
    );
    reject("padding-only", bits, "one-byte", CanonForm, "", "B========");
    reject("one-character", bits, "one-byte", DecodeLength, "", "BA");
    reject("three-characters", bits, "one-byte", DecodeLength, "", "BAAA");
    reject("six-characters", bits, "three-bytes", DecodeLength, "", "BMZXW6A");
    topic
}

/// Keys to derive identifiers from.
fn samples(topic: &Topic) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("p256", topic.key(Suite::P256, "p256", "key").public_key()),
        ("p256-other", topic.key(Suite::P256, "p256-other", "key").public_key()),
        ("ed25519", topic.key(Suite::Ed25519, "ed25519", "key").public_key()),
        ("zeros", vec![0; 32]),
        ("one-byte", vec![0xab]),
        ("hex-digits", b"04".to_vec()),
    ]
}

pub(super) fn space_id() -> Topic {
    let mut topic =
        Topic::new("halo/key/space-id", "halo.key.space_id", &[], "The id of a space from its key.");
    for (slug, key) in samples(&topic) {
        topic.accept(slug, &["HALO-KEY-017"], "", json!({ "key": keys::to_hex(&key) }));
    }
    topic
}

pub(super) fn identity_did() -> Topic {
    let mut topic = Topic::new(
        "halo/key/identity-did",
        "halo.key.identity_did",
        &[],
        "The DID of an identity from its key.",
    );
    for (slug, key) in samples(&topic) {
        topic.accept(slug, &["HALO-KEY-019"], "", json!({ "key": keys::to_hex(&key) }));
    }
    topic
}

pub(super) fn space_id_parse() -> Topic {
    let topic = Topic::new("halo/key/space-id-parse", "halo.key.space_id.parse", &[], "Space ids as text.");
    identifier(topic, "HALO-KEY-018", "space_id", "")
}

pub(super) fn identity_did_parse() -> Topic {
    let topic = Topic::new(
        "halo/key/identity-did-parse",
        "halo.key.identity_did.parse",
        &[],
        "Identity DIDs as text.",
    );
    let mut topic = identifier(topic, "HALO-KEY-020", "did", "did:halo:");
    let body = "BZH6QBBWEO5QSCJQ2HYY5W7CLRJ2ZJ6FN";
    let mut reject = |slug, about, text: &str| {
        topic.reject(slug, "plain", &["HALO-KEY-020"], CanonForm, about, json!({ "did": text }));
    };
    reject("other-method", "", &format!("did:key:{body}"));
    reject("other-scheme", "", &format!("urn:halo:{body}"));
    reject("no-scheme", "a space id alone", body);
    reject("upper-scheme", "", &format!("DID:HALO:{body}"));
    reject("extra-colon", "", &format!("did:halo::{body}"));
    topic
}

/// Cases that both identifiers share; `prefix` stands before the `B`.
fn identifier(mut topic: Topic, req: &str, member: &str, prefix: &str) -> Topic {
    let body = "ZH6QBBWEO5QSCJQ2HYY5W7CLRJ2ZJ6FN";
    let input = |text: String| json!({ member: text });
    let plain = format!("{prefix}B{body}");
    topic.accept("plain", &[req], "", input(plain.clone()));
    topic.accept("zeros", &[req], "", input(format!("{prefix}B{}", "A".repeat(32))));
    topic.accept("ones", &[req], "", input(format!("{prefix}B{}", "7".repeat(32))));
    let mut reject = |slug, about, text: String| {
        topic.reject(slug, "plain", &[req], CanonForm, about, input(text));
    };
    reject("empty", "", String::new());
    reject("short", "31 characters follow the B", format!("{prefix}B{}", body.get(1..).unwrap_or_default()));
    reject("long", "33 characters follow the B", format!("{prefix}B{body}A"));
    reject("no-multibase", "", format!("{prefix}{body}A"));
    reject("other-multibase", "", format!("{prefix}C{body}"));
    reject("lower", "", format!("{prefix}B{}", body.to_lowercase()));
    reject(
        "digit-0",
        "33 characters, but 0 is not in the alphabet",
        format!("{prefix}B0{}", body.get(1..).unwrap_or_default()),
    );
    reject("digit-1", "", format!("{prefix}B1{}", body.get(1..).unwrap_or_default()));
    reject("digit-8", "", format!("{prefix}B8{}", body.get(1..).unwrap_or_default()));
    reject("exclamation-marks", "", format!("{prefix}B{}", "!".repeat(32)));
    reject("space-before", "", format!(" {plain}"));
    reject("space-after", "", format!("{plain} "));
    topic
}
