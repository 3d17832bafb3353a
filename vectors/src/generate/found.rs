//! What the fuzzer found against the deployed implementation (`dxspec fuzz`), each find made anew here with keys of
//! its own case, as small as it was shrunk.

use dxos_reference::keys::{Suite, to_hex};
use serde_json::{Map, Value, json};

use super::assertion::{halo, key_bytes};
use super::forge::{Forge, delimited, integer, key, message};
use super::issue::{Secret, checks, request};
use super::payload::input;
use super::topic::{P256, Topic};
use crate::class::Class::{CanonForm, DecodeLength, DecodeMissing, DecodeVarint};
use crate::format::{Alternative, Case, Want};

/// Marks a case as one that the fuzzer found.
fn by_fuzzing(case: &mut Case) {
    case.origin = "fuzz".to_owned();
}

pub(super) fn multibase32() -> Topic {
    let mut topic = Topic::new(
        "halo/key/parse/found",
        "halo.key.parse",
        &[],
        "Texts of keys that the fuzzer found to be read in different ways.",
    );
    let text = |text: &str| json!({ "form": "multibase32", "text": text });
    topic.accept("five-bytes", &["HALO-KEY-021"], "the fewest bytes without padding", text("BAAAAAAAA"));
    by_fuzzing(topic.reject(
        "no-bytes",
        "five-bytes",
        &["HALO-KEY-022"],
        DecodeLength,
        "the prefix, and nothing behind it",
        text("B"),
    ));
    topic
}

pub(super) fn identity_did() -> Topic {
    let mut topic = Topic::new(
        "halo/key/identity-did-found",
        "halo.key.identity_did.parse",
        &[],
        "DIDs that the fuzzer found to be read in different ways.",
    );
    let did = |last: &str| json!({ "did": format!("did:halo:B{}{last}", "A".repeat(31)) });
    topic.accept("plain", &["HALO-KEY-020"], "", did("A"));
    let about = "one character of padding in the place of one of the hash";
    by_fuzzing(topic.reject("padded", "plain", &["HALO-KEY-023"], CanonForm, about, did("=")));
    topic
}

pub(super) fn decode() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/decode/found",
        "halo.credential.decode",
        &[],
        "Credentials that the fuzzer found to be read in different ways.",
    );
    let issuer = topic.key(Suite::P256, "no-assertion", "issuer");
    let forge = Forge::new(&issuer, &key_bytes("subject"), halo!("Auth"), Vec::new());
    let bare = forge.with(|f| (f.type_url, f.value) = (None, None)).build();
    let about = "a claim without an assertion has one of defaults";
    by_fuzzing(topic.accept("no-assertion", &["HALO-PAY-018"], about, input(&bare)));
    let issuer = topic.key(Suite::P256, "no-type", "issuer");
    let forge = Forge::new(&issuer, &key_bytes("subject"), halo!("Auth"), vec![0x08, 0x01]);
    let untyped = forge.with(|f| f.type_url = None).build();
    let about = "an assertion with a value and no type is of an unknown type";
    by_fuzzing(topic.accept("no-type", &["HALO-PAY-017"], about, input(&untyped)));
    topic
}

pub(super) fn payload() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/payload/found",
        "halo.credential.payload",
        &[],
        "Credentials that the fuzzer found to be signed in different ways.",
    );
    // A frame of which nothing is present, where it is shown by its fields.
    let slug = "frame-of-defaults";
    let issuer = topic.key(Suite::P256, slug, "issuer");
    let frames = message(1, &[]);
    let forge = Forge::new(&issuer, &key_bytes("subject"), "dxos.echo.timeframe.TimeframeVector", frames);
    let about = "a timeframe as an assertion is shown by its fields, absent ones filled in";
    by_fuzzing(topic.accept(slug, &["HALO-ENC-009"], about, input(&forge.build())));
    let slug = "type-by-its-last-part";
    let issuer = topic.key(Suite::P256, slug, "issuer");
    let forge =
        Forge::new(&issuer, &key_bytes("subject"), "SpaceGenesis", message(1, &key(&key_bytes("space"))));
    by_fuzzing(topic.accept(
        slug,
        &["HALO-ENC-029"],
        "SpaceGenesis without its package",
        input(&forge.build()),
    ));
    let slug = "type-without-a-part";
    let name = "dxos.credentials.SpaceGenesis";
    let issuer = topic.key(Suite::P256, slug, "issuer");
    let forge = Forge::new(&issuer, &key_bytes("subject"), name, message(1, &key(&key_bytes("space"))));
    by_fuzzing(topic.accept(slug, &["HALO-ENC-029"], "a package without its middle", input(&forge.build())));
    free_data(&mut topic);
    padded(&mut topic);
    cut(&mut topic);
    topic
}

/// Free data as the whole assertion, with an object in it.
fn free_data(topic: &mut Topic) {
    let slug = "free-data-nested";
    let issuer = topic.key(Suite::P256, slug, "issuer");
    let text = |text: &[u8]| message(3, text);
    let inner = object(&[(b"b", text(b"x"))]);
    let list = message(6, &message(1, &message(5, &object(&[(b"c", text(b"y"))]))));
    let value = object(&[(b"a", message(5, &inner)), (b"l", list)]);
    let forge = Forge::new(&issuer, &key_bytes("subject"), "google.protobuf.Struct", value);
    let about = "an object in free data that is an assertion by itself";
    by_fuzzing(topic.accept(slug, &["HALO-PAY-020"], about, input(&forge.build())));
}

/// An encoded Struct.
fn object(members: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let entry =
        |(name, value): &(&[u8], Vec<u8>)| message(1, &[message(1, name), message(2, value)].concat());
    members.iter().flat_map(entry).collect()
}

/// Seconds of a date of which the date's end leaves four bytes.
fn cut(topic: &mut Topic) {
    let slug = "seconds-of-four-bytes";
    let issuer = topic.key(Suite::P256, slug, "issuer");
    let forge = Forge::new(&issuer, &key_bytes("subject"), halo!("KeyInfo"), vec![0x0a, 0x01, b'k']);
    let with = |last: u8| input(&forge.tampered(|f| f.issuance = Some(vec![0x08, 0xa5, 0xfa, 0xcd, last])));
    topic.accept(slug, &["HALO-ENC-009"], "a date without nanoseconds", with(0x2c));
    let about = "the fourth byte says that a fifth follows, and there is none";
    by_fuzzing(topic.reject("seconds-cut", slug, &["HALO-ENC-026"], DecodeLength, about, with(0xac)));
}

pub(super) fn verify() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/verify/found",
        "halo.credential.verify",
        &[P256],
        "Credentials that the fuzzer found to be verified in different ways.",
    );
    padded(&mut topic);
    topic
}

/// Numbers of 32 bits padded past five bytes, in unknown fields at the end.  What follows is such that a reader that
/// takes each for one of ten bytes meets the end where others do.
fn padded(topic: &mut Topic) {
    let issuer = topic.key(Suite::P256, "unpadded", "issuer");
    let tail = |more: &[u8]| {
        let forge = Forge::new(&issuer, &key_bytes("subject"), halo!("KeyInfo"), vec![0x0a, 0x01, b'k']);
        input(&[forge.build(), more.to_vec()].concat())
    };
    let (field, four) = ([0xfa, 0x06], [0xfa, 0x06, 0x01, 0x00]);
    let unpadded = [&field[..], &[0x05, 0, 0, 0, 0, 0], &four].concat();
    let six = [&field[..], &[0x85, 0x80, 0x80, 0x80, 0x80, 0x00], &[0; 5], &four].concat();
    let nine = [0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
    let nine = [&field[..], &nine, &[0; 5], &[0x6a, 0x02, 0x01, 0x00]].concat();
    let tag = [&[0xf8, 0x86, 0x80, 0x80, 0x80, 0x00, 0x01][..], &four].concat();
    topic.accept("unpadded", &["HALO-ENC-001"], "unknown fields at the end", tail(&unpadded));
    let eleven = [&[0xf8, 0x06][..], &[0x80; 10], &[0x00]].concat();
    let about = "the varint of an unknown field in eleven bytes";
    let (slug, req) = ("unknown-of-eleven-bytes", ["HALO-ENC-028"]);
    by_fuzzing(topic.reject(slug, "unpadded", &req, DecodeVarint, about, tail(&eleven)));
    for (slug, about, more) in [
        ("length-of-six-bytes", "a length in six bytes", six),
        ("length-of-nine-bytes", "a length in nine bytes", nine),
        ("tag-of-six-bytes", "a tag in six bytes", tag),
    ] {
        by_fuzzing(topic.reject(slug, "unpadded", &["HALO-ENC-025"], DecodeVarint, about, tail(&more)));
    }
}

pub(super) fn issue() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/issue/found",
        "halo.credential.issue",
        &[P256],
        "Assertions that the fuzzer found to be completed in different ways.",
    );
    let slug = "complete-frame";
    if let Some(issuer) = Secret::new(&topic, Suite::P256, slug, "issuer") {
        // A frame with a feed and without a number; the epoch's own number is there.
        let mut value = Vec::new();
        integer(&mut value, 1, 1);
        delimited(&mut value, 10, &message(1, &message(1, &key_bytes("feed"))));
        let input = request(&issuer, &issuer.public(), halo!("Epoch"), &value, json!({}));
        let about = "a frame without a number counts from 0 once it is completed";
        by_fuzzing(topic.issue(slug, &["HALO-CRED-010"], about, input, "credential", &checks()));
    }
    let slug = "date-before-1970";
    if let Some(issuer) = Secret::new(&topic, Suite::P256, slug, "issuer") {
        let before = json!({ "date": "-1" });
        let input = request(&issuer, &issuer.public(), halo!("Auth"), &[], before);
        let about = "the last millisecond of 1969";
        by_fuzzing(topic.issue(slug, &["HALO-ENC-027"], about, input, "credential", &checks()));
    }
    let slug = "key-without-data";
    if let Some(issuer) = Secret::new(&topic, Suite::P256, slug, "issuer") {
        let with = |value: &[u8]| request(&issuer, &issuer.public(), halo!("SpaceGenesis"), value, json!({}));
        let plain = with(&message(1, &key(&key_bytes("space"))));
        topic.issue("key", &["HALO-CRED-009"], "", plain, "credential", &checks());
        let about = "completing does not mend what no reader takes";
        let reqs = ["HALO-CRED-014", "HALO-ENC-016"];
        by_fuzzing(topic.refuse(slug, "key", &reqs, DecodeMissing, about, with(&message(1, &[]))));
    }
    topic
}

pub(super) fn present() -> Topic {
    let mut topic = Topic::new(
        "halo/presentation/issue/found",
        "halo.presentation.issue",
        &[P256],
        "Presentations that the fuzzer found to be issued by some and refused by others.",
    );
    let slug = "credential-without-date";
    let Some(device) = Secret::new(&topic, Suite::P256, slug, "device") else { return topic };
    let issuer = topic.key(Suite::P256, slug, "issuer");
    let forge = Forge::new(&issuer, &device.public(), halo!("Auth"), Vec::new());
    let showing = |credential: &[u8]| {
        json!({
            "suite": device.suite,
            "private_key": to_hex(&device.secret),
            "credentials": [to_hex(credential)],
            "date": super::forge::DATE.to_string(),
        })
    };
    // Without one that must be issued and one that must be refused, either answer would prove nothing.
    let whole = forge.build();
    let checks: [(&str, Value); 1] = [("halo.presentation.payload", json!({ "proof": 0 }))];
    topic.issue("plain", &["HALO-PRES-009"], "", showing(&whole), "presentation", &checks);
    let cut = whole.get(..whole.len() - 1).unwrap_or_default();
    topic.refuse("credential-truncated", "plain", &["HALO-ENC-011"], DecodeLength, "", showing(cut));
    let req = "HALO-PRES-011";
    let about = "a credential that verifies although its date was never written";
    let undated = showing(&forge.with(|f| f.issuance = None).build());
    let case = topic.one_of(slug, &[req], about, undated, ("issued", req), ("refused", req, DecodeMissing));
    by_fuzzing(case);
    // The signature is the issuer's own.
    if let Some(Want::OneOf(alternatives)) = &mut case.want {
        let issued =
            alternatives.iter_mut().filter_map(|alternative: &mut Alternative| alternative.ok.as_mut());
        issued.for_each(|answer: &mut Map<String, Value>| {
            answer.insert("presentation".to_owned(), json!({ "$any": "hex" }));
        });
    }
    topic
}
