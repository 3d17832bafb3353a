//! `halo.credential.decode` and `halo.credential.id`: what a reader sees.

use dxos_reference::keys::Suite;
use dxos_reference::wire::{MAX_ANYS, MAX_DEPTH};

use super::assertion::{self, free_data, halo, key_bytes};
use super::forge::{CarriedId, DATE, Forge, date, delimited, integer, key, message};
use super::free::{Free, entries};
use super::payload::input;
use super::topic::Topic;
use crate::class::Class::{
    self, DecodeLength, DecodeMissing, DecodeUtf8, DecodeVarint, DecodeWireType, ResourceDepth,
};

const OP: &str = "halo.credential.decode";

fn forge(topic: &Topic, slug: &str) -> Forge {
    let value = message(1, &key(&key_bytes("space")));
    Forge::new(&topic.key(Suite::P256, slug, "issuer"), &key_bytes("subject"), halo!("SpaceGenesis"), value)
}

pub(super) fn types() -> Topic {
    let mut topic =
        Topic::new("halo/credential/decode/types", OP, &[], "A credential of each assertion type.");
    for assertion in assertion::all() {
        let issuer = topic.key(Suite::P256, assertion.slug, "issuer");
        let subject = key_bytes("subject");
        let forge = Forge::new(&issuer, &subject, assertion.type_name, assertion.value);
        topic.accept(assertion.slug, &["HALO-ENC-009"], assertion.type_name, input(&forge.build()));
        let slug = format!("{}-no-value", assertion.slug);
        let credential = forge.tampered(|f| f.value = None);
        topic.reject(
            &slug,
            assertion.slug,
            &["HALO-ENC-005"],
            DecodeMissing,
            "the Any has no value",
            input(&credential),
        );
    }
    topic
}

pub(super) fn form() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/decode/form",
        OP,
        &[],
        "Wire forms that an encoder does not make, but a reader takes.",
    );
    let plain = forge(&topic, "plain");
    let bytes = plain.build();
    topic.accept("plain", &["HALO-ENC-001"], "", input(&bytes));
    type Change = fn(&mut Forge);
    let cases: &[(&str, &[&str], &str, Change)] = &[
        ("unknown-varint", &["HALO-ENC-001"], "", |f| integer(&mut f.more, 111, -1)),
        ("unknown-fixed64", &["HALO-ENC-001"], "", |f| f.more.extend([0xf9, 0x06, 1, 2, 3, 4, 5, 6, 7, 8])),
        ("unknown-fixed32", &["HALO-ENC-001"], "", |f| f.more.extend([0xfd, 0x06, 1, 2, 3, 4])),
        ("unknown-bytes", &["HALO-ENC-001"], "", |f| delimited(&mut f.more, 111, b"abc")),
        ("unknown-group", &["HALO-ENC-001"], "", |f| f.more.extend([0xfb, 0x06, 0x08, 0x01, 0xfc, 0x06])),
        ("unknown-groups-nested", &["HALO-ENC-001"], "", |f| {
            f.more.extend([0xfb, 0x06, 0x0b, 0x0c, 0xfc, 0x06])
        }),
        ("unknown-in-claim", &["HALO-ENC-001"], "", |f| integer(&mut f.more_claim, 111, 1)),
        ("unknown-in-any", &["HALO-ENC-001"], "", |f| integer(&mut f.more_any, 111, 1)),
        ("unknown-in-proof", &["HALO-ENC-001"], "", |f| integer(&mut f.more_proof, 111, 1)),
        ("unknown-in-assertion", &["HALO-ENC-001"], "", |f| {
            if let Some(value) = &mut f.value {
                integer(value, 111, 1);
            }
        }),
        ("nonminimal-tag", &["HALO-ENC-012"], "a tag in two bytes", |f| {
            f.more_proof.extend([0xa2, 0x00, 0x01, 0x01])
        }),
        ("nonminimal-length", &["HALO-ENC-012"], "", |f| f.more_proof.extend([0x22, 0x81, 0x80, 0x00, 0x01])),
        ("id-absent", &["HALO-ENC-009"], "", |f| f.id = CarriedId::Absent),
        ("id-other", &["HALO-CRED-006"], "", |f| f.id = CarriedId::Bytes(vec![1, 2, 3])),
        ("nonce-empty", &["HALO-ENC-009"], "", |f| f.nonce = Some(Vec::new())),
        ("expiration", &["HALO-PAY-011"], "", |f| f.expiration = Some(date(4_102_444_800_000))),
        ("parents", &["HALO-PAY-002"], "", |f| f.parents = vec![vec![2; 32], vec![1; 32]]),
        ("key-one-byte", &["HALO-ENC-016"], "any bytes are a key on the wire", |f| f.subject = Some(vec![9])),
        ("key-empty", &["HALO-ENC-016"], "", |f| f.subject = Some(Vec::new())),
        ("sub-millisecond", &["HALO-PAY-011"], "", |f| {
            f.issuance = Some(super::forge::timestamp(1, 999_999))
        }),
        ("type-unknown", &["HALO-ENC-006"], "", |f| f.type_url = Some("example.test.Unknown".to_owned())),
        ("type-prefixed", &["HALO-ENC-006"], "", |f| {
            f.type_url = Some("type.googleapis.com/dxos.halo.credentials.SpaceGenesis".to_owned());
        }),
        ("signature-empty", &["HALO-ENC-009"], "decoding does not verify", |f| {
            delimited(&mut f.more_proof, 5, &[])
        }),
    ];
    for &(slug, req, about, change) in cases {
        let credential = forge(&topic, slug).with(change).build();
        topic.accept(slug, req, about, input(&credential));
    }

    let reversed = reversed(&forge(&topic, "reversed").build());
    topic.accept("reversed", &["HALO-ENC-001"], "fields by descending number", input(&reversed));

    let accepts = ("last-wins", "HALO-ENC-007");
    let refuses = ("refuses", "HALO-ENC-008", Class::DecodeDuplicate);
    let req = &["HALO-ENC-007", "HALO-ENC-008"];
    let repeat: &[(&str, &str, Change)] = &[
        ("issuer-twice", "the last issuer counts", |f| delimited(&mut f.more, 2, &key(&key_bytes("other")))),
        ("issuer-first-empty", "what is replaced is not looked into: it has no data", |f| {
            let issuer = f.issuer.take().unwrap_or_default();
            delimited(&mut f.more, 2, &[]);
            delimited(&mut f.more, 2, &key(&issuer));
        }),
        ("subject-twice", "the last claim counts, whole: it has no assertion", |f| {
            let claim =
                [message(1, &key(&key_bytes("other"))), message(2, &message(1, b"example.test.Unknown"))];
            delimited(&mut f.more, 10, &claim.concat());
        }),
        ("date-twice", "the last date counts, whole: it has no nanoseconds", |f| {
            delimited(&mut f.more, 3, &[0x08, 0x01])
        }),
        ("type-twice", "", |f| delimited(&mut f.more_proof, 1, b"ES256")),
        ("nonce-twice", "", |f| {
            delimited(&mut f.more_proof, 4, b"a");
            delimited(&mut f.more_proof, 4, b"b");
        }),
        ("key-data-twice", "", |f| {
            delimited(&mut f.more, 2, &[message(1, &key_bytes("a")), message(1, &key_bytes("b"))].concat());
        }),
        ("signature-twice", "", |f| delimited(&mut f.more_proof, 5, &[7; 64])),
    ];
    for &(slug, about, change) in repeat {
        let credential = forge(&topic, slug).with(change).build();
        topic.one_of(slug, req, about, input(&credential), accepts, refuses);
    }
    topic
}

/// The same fields, last first.
fn reversed(credential: &[u8]) -> Vec<u8> {
    let mut fields: Vec<&[u8]> = Vec::new();
    let mut rest = credential;
    while let [_, low, tail @ ..] = rest {
        // All fields here are delimited, with lengths of one or two bytes.
        let (length, header) = match tail {
            [high, ..] if low & 0x80 != 0 => (usize::from(low & 0x7f) | usize::from(*high) << 7, 3),
            _ => (usize::from(*low), 2),
        };
        let Some((field, after)) = rest.split_at_checked(header + length) else { break };
        fields.push(field);
        rest = after;
    }
    fields.into_iter().rev().flatten().copied().collect()
}

pub(super) fn faults() -> Topic {
    let mut topic = Topic::new("halo/credential/decode/faults", OP, &[], "Bytes that are not a credential.");
    topic.flag("Overrun", "a reader that does not check lengths reads what is not there");
    let plain = forge(&topic, "plain");
    let bytes = plain.build();
    topic.accept("plain", &["HALO-ENC-001"], "", input(&bytes));
    for length in [
        1,
        2,
        3,
        4,
        10,
        20,
        35,
        37,
        38,
        50,
        80,
        104,
        106,
        110,
        120,
        130,
        150,
        200,
        301,
        340,
        400,
        bytes.len() - 64,
        bytes.len() - 1,
    ] {
        let cut = bytes.get(..length).unwrap_or_default();
        let slug = format!("truncated-{length:03}");
        let case = topic.reject(
            &slug,
            "plain",
            &["HALO-ENC-011"],
            DecodeLength,
            "cut after so many bytes",
            input(cut),
        );
        case.flags = vec!["Overrun".to_owned()];
    }
    type Change = fn(&mut Forge);
    let cases: &[(&str, &str, Class, &str, Change)] = &[
        ("length-max", "HALO-ENC-011", DecodeLength, "a length of 2^32 - 1", |f| {
            f.more.extend([0x2a, 0xff, 0xff, 0xff, 0xff, 0x0f])
        }),
        ("length-past-end", "HALO-ENC-011", DecodeLength, "", |f| f.more.extend([0x2a, 0x02, 0x00])),
        ("length-past-proof", "HALO-ENC-011", DecodeLength, "", |f| f.more_proof.extend([0x22, 0x7f])),
        ("length-past-claim", "HALO-ENC-011", DecodeLength, "", |f| f.more_claim.extend([0x0a, 0x7f])),
        ("length-missing", "HALO-ENC-011", DecodeLength, "a tag at the end", |f| f.more.push(0x2a)),
        ("tag-cut", "HALO-ENC-011", DecodeLength, "", |f| f.more.push(0xfa)),
        ("assertion-cut", "HALO-ENC-011", DecodeLength, "", |f| {
            f.value.as_mut().and_then(Vec::pop);
        }),
        ("unknown-fixed64-cut", "HALO-ENC-011", DecodeLength, "", |f| f.more.extend([0xf9, 0x06, 1, 2, 3])),
        ("unknown-fixed32-cut", "HALO-ENC-011", DecodeLength, "", |f| f.more.extend([0xfd, 0x06, 1, 2])),
        ("unknown-group-open", "HALO-ENC-011", DecodeLength, "a group without an end", |f| {
            f.more.extend([0xfb, 0x06, 0x08, 0x01])
        }),
        ("varint-eleven", "HALO-ENC-012", DecodeVarint, "a length of eleven bytes", |f| {
            f.more.push(0x2a);
            f.more.extend([0x80; 10]);
            f.more.push(0x00);
        }),
        ("tag-eleven", "HALO-ENC-012", DecodeVarint, "", |f| {
            f.more.extend([0xaa, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00]);
        }),
        ("seconds-eleven", "HALO-ENC-012", DecodeVarint, "the seconds of a date in eleven bytes", |f| {
            f.issuance = Some([&[0x08][..], &[0x80; 10], &[0x00, 0x10, 0x00]].concat());
        }),
        ("wire-type-6", "HALO-ENC-013", DecodeWireType, "", |f| f.more.extend([0xfe, 0x06, 0x00])),
        ("wire-type-7", "HALO-ENC-013", DecodeWireType, "", |f| f.more.extend([0xff, 0x06, 0x00])),
        ("wire-type-7-in-proof", "HALO-ENC-013", DecodeWireType, "", |f| f.more_proof.extend([0xff, 0x06])),
        ("wire-type-6-in-claim", "HALO-ENC-013", DecodeWireType, "", |f| f.more_claim.extend([0xfe, 0x06])),
        ("type-as-varint", "HALO-ENC-014", DecodeWireType, "proof.type with the tag of a varint", |f| {
            f.proof_type = None;
            f.more_proof.push(0x08);
            f.more_proof.push(16);
            f.more_proof.extend(b"ED25519Signature");
        }),
        ("expiration-ref-as-varint", "HALO-ENC-014", DecodeWireType, "", |f| {
            f.more.extend([0x28, 0x02, 0xde, 0xad])
        }),
        ("seconds-as-bytes", "HALO-ENC-014", DecodeWireType, "", |f| f.issuance = Some(vec![0x0a, 0x01])),
        ("nanos-as-fixed32", "HALO-ENC-014", DecodeWireType, "", |f| {
            f.issuance = Some(vec![0x08, 0x01, 0x15])
        }),
        ("issuer-no-data", "HALO-ENC-016", DecodeMissing, "a PublicKey without data", |f| {
            f.issuer = None;
            delimited(&mut f.more, 2, &[]);
        }),
        ("id-no-data", "HALO-ENC-016", DecodeMissing, "", |f| {
            f.id = CarriedId::Absent;
            delimited(&mut f.more, 1, &[]);
        }),
        ("signer-no-data", "HALO-ENC-016", DecodeMissing, "", |f| {
            f.signer = None;
            delimited(&mut f.more_proof, 3, &[]);
        }),
        ("subject-no-data", "HALO-ENC-016", DecodeMissing, "", |f| {
            f.subject = None;
            delimited(&mut f.more_claim, 1, &[]);
        }),
        ("parent-no-data", "HALO-ENC-016", DecodeMissing, "", |f| delimited(&mut f.more, 12, &[])),
        ("space-key-no-data", "HALO-ENC-016", DecodeMissing, "in the assertion", |f| {
            f.value = Some(vec![0x0a, 0x00])
        }),
        ("assertion-no-value", "HALO-ENC-005", DecodeMissing, "", |f| f.value = None),
        ("type-invalid-utf8", "HALO-ENC-010", DecodeUtf8, "", |f| {
            f.proof_type = None;
            delimited(&mut f.more_proof, 1, &[0xff, 0xfe]);
        }),
        ("type-name-invalid-utf8", "HALO-ENC-010", DecodeUtf8, "", |f| {
            f.type_url = None;
            delimited(&mut f.more_any, 1, &[0xc3]);
        }),
        ("type-name-past-any", "HALO-ENC-023", DecodeLength, "a string that passes its container", |f| {
            f.type_url = None;
            f.more_any.extend([0x0a, 0x05, b'a']);
        }),
        ("type-past-proof", "HALO-ENC-023", DecodeLength, "", |f| f.more_proof.extend([0x0a, 0x09, b'E'])),
    ];
    for &(slug, req, class, about, change) in cases {
        let credential = plain.with(change).build();
        topic.reject(slug, "plain", &[req], class, about, input(&credential));
    }
    for (slug, req, name, value, about) in [
        (
            "struct-no-kind",
            "HALO-ENC-017",
            "google.protobuf.Struct",
            vec![0x0a, 0x05, 0x0a, 0x01, b'a', 0x12, 0x00],
            "",
        ),
        (
            "auth-no-value",
            "HALO-ENC-005",
            halo!("Auth"),
            Vec::new(),
            "as an encoder writes it that leaves defaults out",
        ),
    ] {
        let class = DecodeMissing;
        let change = |f: &mut Forge| {
            f.type_url = Some(name.to_owned());
            f.value = (!value.is_empty()).then_some(value);
        };
        topic.reject(slug, "plain", &[req], class, about, input(&plain.with(change).build()));
    }
    topic
}

pub(super) fn depth() -> Topic {
    let mut topic = Topic::new("halo/credential/decode/depth", OP, &[], "How deep messages may be nested.");
    // Each link of a chain is three levels deep: proof, chain, credential; a key in the last proof is two more.
    let chain = |links: usize| {
        let innermost = forge(&topic, "depth-32").with(|f| f.nonce = None);
        let mut credential = innermost.build_with(&[7; 64]);
        for _ in 0..links {
            credential = innermost.with(|f| f.chain = Some(credential)).build_with(&[7; 64]);
        }
        credential
    };
    const { assert!(32 * 3 + 2 <= MAX_DEPTH && 33 * 3 + 2 > MAX_DEPTH) };
    let (fits, too_deep, far_too_deep) = (chain(32), chain(33), chain(40));
    topic.accept("depth-32", &["HALO-ENC-019"], "a chain of 32 links", input(&fits));
    for (slug, bytes) in [("depth-33", too_deep), ("depth-40", far_too_deep)] {
        topic.reject(
            slug,
            "depth-32",
            &["HALO-ENC-019"],
            ResourceDepth,
            "a chain of more links",
            input(&bytes),
        );
    }
    let groups = |levels: usize| {
        let nested = [[0xfb_u8, 0x06].repeat(levels), [0xfc, 0x06].repeat(levels)].concat();
        forge(&topic, "groups-50").with(|f| f.more = nested).build()
    };
    let (fits, too_deep) = (groups(50), groups(200));
    topic.accept("groups-50", &["HALO-ENC-019"], "unknown groups in each other", input(&fits));
    let about = "more unknown groups in each other";
    topic.reject("groups-200", "groups-50", &["HALO-ENC-019"], ResourceDepth, about, input(&too_deep));
    // Free data in the assertion: objects in each other, two levels each.
    let objects = |levels: usize| {
        let inner = (1..levels)
            .fold(Free::Object(Vec::new()), |inner, _| Free::Object(vec![("o".to_owned(), inner)]));
        forge(&topic, "objects-40").with(|f| {
            f.type_url = Some(halo!("IdentityProfile").into());
            f.value = Some(free_data(&entries(&[("o", inner)])));
        })
    };
    let (fits, too_deep) = (objects(40).build_with(&[7; 64]), input(&objects(60).build_with(&[7; 64])));
    let about = "free data: the message in an Any is counted anew";
    topic.accept("objects-40", &["HALO-ENC-019"], about, input(&fits));
    topic.reject("objects-60", "objects-40", &["HALO-ENC-019"], ResourceDepth, "free data, deeper", too_deep);
    // A credential that states a credential that states a credential, and so on.
    let nested = |levels: usize| {
        let plain = forge(&topic, "anys-4")
            .with(|f| (f.type_url, f.value) = (Some(halo!("Auth").into()), Some(vec![])));
        (1..levels).fold(plain.build_with(&[7; 64]), |inner, _| {
            let outer =
                |f: &mut Forge| (f.type_url, f.value) = (Some(halo!("Credential").into()), Some(inner));
            plain.with(outer).build_with(&[7; 64])
        })
    };
    let (fits, too_deep, far_too_deep) = (nested(MAX_ANYS), nested(MAX_ANYS + 1), nested(24));
    topic.accept("anys-4", &["HALO-ENC-024"], "an Any in three others", input(&fits));
    for (slug, bytes) in [("anys-5", too_deep), ("anys-24", far_too_deep)] {
        topic.reject(
            slug,
            "anys-4",
            &["HALO-ENC-024"],
            ResourceDepth,
            "an Any in more others",
            input(&bytes),
        );
    }
    topic
}

pub(super) fn id() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/id/types",
        "halo.credential.id",
        &[],
        "The id is computed from the payload, never from wire bytes, and never taken from the credential.",
    );
    for assertion in assertion::all() {
        let issuer = topic.key(Suite::P256, assertion.slug, "issuer");
        let credential =
            Forge::new(&issuer, &key_bytes("subject"), assertion.type_name, assertion.value).build();
        topic.accept(assertion.slug, &["HALO-PAY-019"], assertion.type_name, input(&credential));
    }
    type Change = fn(&mut Forge);
    let cases: &[(&str, &[&str], &str, Change)] = &[
        ("carried-absent", &["HALO-PAY-019", "HALO-CRED-006"], "", |f| f.id = CarriedId::Absent),
        ("carried-other", &["HALO-PAY-019", "HALO-CRED-006"], "", |f| f.id = CarriedId::Bytes(vec![7; 32])),
        ("carried-short", &["HALO-PAY-019", "HALO-CRED-006"], "", |f| f.id = CarriedId::Bytes(vec![7])),
        ("unknown-field", &["HALO-PAY-019", "HALO-ENC-001"], "", |f| integer(&mut f.more, 111, 1)),
        ("nonce", &["HALO-PAY-019", "HALO-PAY-003"], "", |f| f.nonce = Some(vec![1, 2, 3])),
        ("parents", &["HALO-PAY-019", "HALO-PAY-002"], "", |f| f.parents = vec![vec![2; 32], vec![1; 32]]),
        ("date", &["HALO-PAY-019", "HALO-PAY-011"], "", |f| f.issuance = Some(date(DATE + 1))),
        ("chain", &["HALO-PAY-019", "HALO-CHAIN-009"], "", |f| f.chain = Some(f.build())),
    ];
    for &(slug, req, about, change) in cases {
        let credential = forge(&topic, slug).with(change).build();
        topic.accept(slug, req, about, input(&credential));
    }
    let plain = forge(&topic, "faults");
    topic.accept("faults", &["HALO-PAY-019"], "", input(&plain.build()));
    let bytes = plain.build();
    let cut = bytes.get(..bytes.len() - 1).unwrap_or_default();
    topic.reject("truncated", "faults", &["HALO-ENC-011"], DecodeLength, "", input(cut));
    let credential = plain.with(|f| f.value = None).build();
    topic.reject("no-value", "faults", &["HALO-ENC-005"], DecodeMissing, "", input(&credential));
    topic
}
