//! `halo.credential.payload`: the text that is signed, member by member.

use dxos_reference::keys::{self, Suite};
use serde_json::{Value, json};

use super::assertion::{self, halo, key_bytes};
use super::forge::{Forge, date, delimited, integer, message, timestamp};
use super::topic::{P256, Topic};
use crate::class::Class::SchemaRange;

pub(super) const OP: &str = "halo.credential.payload";

pub(super) fn input(credential: &[u8]) -> Value {
    json!({ "credential": keys::to_hex(credential) })
}

/// A credential of a key of the case's own.
pub(super) fn forge(topic: &Topic, slug: &str, type_name: &str, value: Vec<u8>) -> Forge {
    let key = topic.key(Suite::P256, slug, "issuer");
    Forge::new(&key, &key_bytes("subject"), type_name, value)
}

pub(super) fn types() -> Topic {
    let mut topic = Topic::new("halo/credential/payload/types", OP, &[], "An assertion of each type.");
    for assertion in assertion::all() {
        let credential = forge(&topic, assertion.slug, assertion.type_name, assertion.value).build();
        topic.accept(
            assertion.slug,
            &["HALO-PAY-001", "HALO-ENC-009"],
            assertion.type_name,
            input(&credential),
        );
    }
    // At the top of an assertion a date has no form of its own.
    let value = timestamp(1_704_164_645, 678_000_000);
    let credential = forge(&topic, "timestamp", "google.protobuf.Timestamp", value).build();
    topic.accept("timestamp", &["HALO-PAY-014", "HALO-PAY-017"], "an integer of 64 bits", input(&credential));
    topic
}

pub(super) fn members() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/payload/members",
        OP,
        &[],
        "Which members of a credential are in the payload, and how they are written.",
    );
    type Change = fn(&mut Forge);
    let cases: &[(&str, &[&str], &str, Change)] = &[
        ("plain", &["HALO-PAY-001"], "", |_| {}),
        ("id-absent", &["HALO-PAY-001"], "the id is not in the payload", |f| {
            f.id = super::forge::CarriedId::Absent
        }),
        ("id-other", &["HALO-PAY-001"], "", |f| f.id = super::forge::CarriedId::Bytes(vec![7; 32])),
        ("chain", &["HALO-PAY-001", "HALO-CHAIN-009"], "the chain is not in the payload", |f| {
            f.chain = Some(f.build())
        }),
        ("nonce", &["HALO-PAY-003", "HALO-PAY-010"], "", |f| f.nonce = Some((0..=255).collect())),
        ("nonce-empty", &["HALO-PAY-003"], "an empty nonce is in the payload", |f| {
            f.nonce = Some(Vec::new())
        }),
        ("parent", &["HALO-PAY-002"], "", |f| f.parents = vec![vec![0x11; 32]]),
        ("parents-descending", &["HALO-PAY-002"], "the order is kept", |f| {
            f.parents = vec![vec![0x33; 32], vec![0x22; 32], vec![0x11; 32]];
        }),
        ("parents-equal", &["HALO-PAY-002"], "", |f| f.parents = vec![vec![0x11; 32], vec![0x11; 32]]),
        ("parent-empty", &["HALO-PAY-002", "HALO-PAY-010"], "an id of no bytes", |f| {
            f.parents = vec![Vec::new()]
        }),
        ("expiration", &["HALO-PAY-001", "HALO-PAY-011"], "", |f| {
            f.expiration = Some(date(4_102_444_800_000))
        }),
        ("expiration-ref", &["HALO-PAY-001", "HALO-PAY-010"], "", |f| {
            f.expiration_ref = Some(vec![0xde, 0xad])
        }),
        ("expiration-ref-empty", &["HALO-PAY-001", "HALO-PAY-010"], "", |f| {
            f.expiration_ref = Some(Vec::new())
        }),
        ("subject-empty", &["HALO-PAY-010"], "a key of no bytes", |f| f.subject = Some(Vec::new())),
        ("subject-32", &["HALO-PAY-010"], "", |f| f.subject = Some(vec![0xaa; 32])),
        ("subject-absent", &["HALO-PAY-018"], "", |f| f.subject = None),
        ("issuer-absent", &["HALO-PAY-018"], "", |f| f.issuer = None),
        ("signer-absent", &["HALO-PAY-018"], "", |f| f.signer = None),
        ("issuance-absent", &["HALO-PAY-018"], "", |f| f.issuance = None),
        ("creation-absent", &["HALO-PAY-018"], "", |f| f.creation = None),
        ("proof-type-absent", &["HALO-ENC-009"], "", |f| f.proof_type = None),
        ("proof-type-other", &["HALO-PAY-001"], "", |f| f.proof_type = Some("ES256".to_owned())),
        ("dates-differ", &["HALO-PAY-011"], "", |f| f.creation = Some(date(super::forge::DATE + 1))),
        ("type-unknown", &["HALO-PAY-017"], "", |f| f.type_url = Some("example.test.Unknown".to_owned())),
        ("type-unknown-empty", &["HALO-PAY-017"], "", |f| {
            f.type_url = Some("example.test.Unknown".to_owned());
            f.value = Some(Vec::new());
        }),
        ("type-unknown-no-value", &["HALO-PAY-017"], "", |f| {
            f.type_url = Some("example.test.Unknown".to_owned());
            f.value = None;
        }),
        (
            "type-prefixed",
            &["HALO-ENC-006", "HALO-PAY-017"],
            "type.googleapis.com/ makes a type unknown",
            |f| {
                f.type_url = Some("type.googleapis.com/dxos.halo.credentials.SpaceGenesis".to_owned());
            },
        ),
        ("type-other-same-members", &["HALO-PAY-017"], "the type is not in the payload", |f| {
            f.type_url = Some(halo!("KeyInfo").to_owned());
            f.value = Some(vec![0x0a, 0x01, b'k']);
        }),
        ("type-is-an-enumeration", &["HALO-PAY-017"], "", |f| {
            f.type_url = Some(halo!("SpaceMember.Role").to_owned())
        }),
        ("type-is-a-package", &["HALO-PAY-017"], "", |f| {
            f.type_url = Some("dxos.halo.credentials".to_owned())
        }),
        ("unknown-fields", &["HALO-ENC-001"], "in every message", |f| {
            let unknown = [0xfa, 0x06, 0x03, b'a', b'b', b'c'];
            f.more.extend(unknown);
            f.more_claim.extend(unknown);
            f.more_any.extend(unknown);
            f.more_proof.extend(unknown);
        }),
    ];
    for &(slug, req, about, change) in cases {
        let value = message(1, &message(1, &key_bytes("space")));
        let credential = forge(&topic, slug, halo!("SpaceGenesis"), value).with(change).build();
        topic.accept(slug, req, about, input(&credential));
    }
    topic
}

pub(super) fn presence() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/payload/presence",
        OP,
        &[],
        "What an absent field of an assertion stands for, and what a present default does.",
    );
    let key = |number| message(number, &message(1, &key_bytes("key")));
    let cases: Vec<(&str, &[&str], &str, Vec<u8>)> = vec![
        ("role-absent", &["HALO-ENC-004"], halo!("SpaceMember"), [key(1), key(4)].concat()),
        (
            "role-zero",
            &["HALO-ENC-004", "HALO-PAY-014"],
            halo!("SpaceMember"),
            [key(1), vec![0x10, 0], key(4)].concat(),
        ),
        ("role-99", &["HALO-ENC-022"], halo!("SpaceMember"), [key(1), vec![0x10, 99], key(4)].concat()),
        ("role-negative", &["HALO-ENC-022"], halo!("SpaceMember"), {
            let mut value = key(1);
            integer(&mut value, 2, -1);
            [value, key(4)].concat()
        }),
        ("designation-absent", &["HALO-ENC-004"], halo!("AdmittedFeed"), [key(1), key(2), key(3)].concat()),
        (
            "designation-zero",
            &["HALO-ENC-004"],
            halo!("AdmittedFeed"),
            [key(1), key(2), key(3), vec![0x20, 0]].concat(),
        ),
        ("device-type-absent", &["HALO-ENC-004"], halo!("DeviceProfile"), message(1, &[])),
        ("device-type-zero", &["HALO-ENC-004"], halo!("DeviceProfile"), message(1, &[0x38, 0])),
        ("profile-absent", &["HALO-PAY-018"], halo!("IdentityProfile"), Vec::new()),
        ("profile-empty", &["HALO-ENC-009"], halo!("IdentityProfile"), message(1, &[])),
        ("member-profile-absent", &["HALO-ENC-009"], halo!("MemberProfile"), Vec::new()),
        ("member-profile-empty", &["HALO-ENC-009"], halo!("MemberProfile"), message(3, &[])),
        ("member-profile-in-field-1", &["HALO-ENC-001"], halo!("MemberProfile"), message(1, &[])),
        ("name-absent", &["HALO-ENC-009"], halo!("KeyInfo"), Vec::new()),
        ("name-empty", &["HALO-ENC-009"], halo!("KeyInfo"), vec![0x0a, 0]),
        ("space-id-absent", &["HALO-ENC-009"], halo!("DefaultSpace"), Vec::new()),
        ("space-id-empty", &["HALO-ENC-009"], halo!("DefaultSpace"), vec![0x0a, 0]),
        ("capabilities-absent", &["HALO-ENC-009"], halo!("KubeAccess"), [key(1), key(2)].concat()),
        (
            "capabilities-empty-text",
            &["HALO-ENC-009"],
            halo!("KubeAccess"),
            [key(1), key(2), vec![0x1a, 0]].concat(),
        ),
        ("keys-absent", &["HALO-PAY-018"], halo!("AuthorizedDevice"), Vec::new()),
        (
            "key-empty",
            &["HALO-PAY-010"],
            halo!("AuthorizedDevice"),
            [message(1, &[0x0a, 0]), key(2)].concat(),
        ),
        ("epoch-empty", &["HALO-PAY-018"], halo!("Epoch"), Vec::new()),
        ("epoch-timeframe-empty", &["HALO-PAY-012"], halo!("Epoch"), vec![0x52, 0]),
        (
            "epoch-number-max",
            &["HALO-PAY-006"],
            halo!("Epoch"),
            vec![0x08, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x52, 0],
        ),
        (
            "multi-use-absent",
            &["HALO-ENC-009"],
            "dxos.halo.invitations.DelegateSpaceInvitation",
            [message(1, b"i"), key(3)].concat(),
        ),
        (
            "multi-use-two",
            &["HALO-ENC-009"],
            "dxos.halo.invitations.DelegateSpaceInvitation",
            [message(1, b"i"), key(3), vec![0x38, 2]].concat(),
        ),
    ];
    for (slug, req, type_name, value) in cases {
        let credential = forge(&topic, slug, type_name, value).build();
        topic.accept(slug, req, type_name, input(&credential));
    }
    topic
}

pub(super) fn dates() -> Topic {
    let mut topic = Topic::new("halo/credential/payload/dates", OP, &[], "Dates.");
    let issued = |topic: &Topic, slug: &str, encoded: Vec<u8>| {
        forge(topic, slug, halo!("Auth"), Vec::new()).with(|forge| forge.issuance = Some(encoded)).build()
    };
    let cases: &[(&str, i64, i64)] = &[
        ("epoch", 0, 0),
        ("one-millisecond", 0, 1_000_000),
        ("whole-second", 1_704_164_645, 0),
        ("tenth", 1_704_164_645, 100_000_000),
        ("truncated-up", 1_704_164_645, 123_999_999),
        ("truncated-half", 1_704_164_645, 123_500_000),
        ("truncated-all", 1_704_164_645, 999_999),
        ("end-of-second", 1_704_164_645, 999_999_999),
        ("leap-day", 1_709_164_800, 0),
        ("no-leap-day-2100", 4_107_542_400, 0),
        ("leap-day-2000", 951_782_400, 0),
        ("2038", 2_147_483_648, 0),
        ("2106", 4_294_967_296, 0),
        ("end-of-9999", 253_402_300_799, 999_000_000),
        ("year-10000", 253_402_300_800, 0),
        ("last-date", 8_640_000_000_000, 0),
        ("new-year", 1_703_980_800, 0),
        ("before-1970", -1, 999_000_000),
        ("before-1970-half", -2, 999_500_000),
        ("year-1", -62_135_596_800, 0),
        ("year-0", -62_167_219_200, 0),
        ("before-year-0", -62_167_219_201, 0),
        ("first-date", -8_640_000_000_000, 0),
        ("nanos-above", 1_704_164_645, 1_500_000_000),
    ];
    for &(slug, seconds, nanos) in cases {
        let credential = issued(&topic, slug, timestamp(seconds, nanos));
        topic.accept(slug, &["HALO-PAY-011"], "", input(&credential));
    }
    let credential = issued(&topic, "no-nanos", vec![0x08, 0x01]);
    topic.accept("no-nanos", &["HALO-PAY-011", "HALO-ENC-009"], "nanoseconds absent", input(&credential));
    let credential = issued(&topic, "empty", Vec::new());
    topic.accept("empty", &["HALO-PAY-011", "HALO-ENC-009"], "both parts absent", input(&credential));
    for (slug, from, seconds, nanos) in [
        ("beyond-last", "last-date", 8_640_000_000_000, 1_000_000),
        ("beyond-first", "first-date", -8_640_000_000_001, 0),
        ("seconds-max", "last-date", i64::MAX, 0),
        ("seconds-min", "first-date", i64::MIN, 0),
    ] {
        let credential = issued(&topic, from, timestamp(seconds, nanos));
        topic.reject(slug, from, &["HALO-ENC-015"], SchemaRange, "", input(&credential));
    }
    topic
}

pub(super) fn timeframes() -> Topic {
    let mut topic = Topic::new("halo/credential/payload/timeframes", OP, &[P256], "Timeframes of an epoch.");
    topic.features(&[]);
    let frame = |key: &[u8], seq: Option<i64>| {
        let mut frame = message(1, key);
        if let Some(seq) = seq {
            integer(&mut frame, 3, seq);
        }
        message(1, &frame)
    };
    let cases: Vec<(&str, &str, &str, Vec<u8>)> = vec![
        (
            "two",
            "HALO-PAY-012",
            "",
            [frame(&key_bytes("a"), Some(7)), frame(&key_bytes("b"), Some(0))].concat(),
        ),
        (
            "two-swapped",
            "HALO-PAY-012",
            "sorted by short key",
            [frame(&key_bytes("b"), Some(0)), frame(&key_bytes("a"), Some(7))].concat(),
        ),
        ("key-empty", "HALO-PAY-012", "", frame(&[], Some(4))),
        ("key-one-byte", "HALO-PAY-012", "", frame(&[0xaa], Some(4))),
        ("key-two-bytes", "HALO-PAY-012", "", frame(&[0xaa, 0xbb], Some(4))),
        ("key-three-bytes", "HALO-PAY-012", "the two halves overlap", frame(&[0xaa, 0xbb, 0xcc], Some(4))),
        ("key-32", "HALO-PAY-012", "", frame(&[0xab; 32], Some(4))),
        ("seq-max", "HALO-PAY-012", "", frame(&key_bytes("a"), Some(i64::from(i32::MAX)))),
        ("seq-negative", "HALO-PAY-012", "", frame(&key_bytes("a"), Some(-1))),
        ("seq-min", "HALO-PAY-012", "", frame(&key_bytes("a"), Some(i64::from(i32::MIN)))),
        (
            "seq-absent",
            "HALO-ENC-018",
            "the frame is left out",
            [frame(&key_bytes("a"), None), frame(&key_bytes("b"), Some(1))].concat(),
        ),
        (
            "seq-in-field-2",
            "HALO-ENC-018",
            "",
            message(1, &[message(1, &key_bytes("a")), vec![0x10, 5]].concat()),
        ),
        ("key-absent", "HALO-ENC-018", "", message(1, &[0x18, 5])),
        (
            "same-key-twice",
            "HALO-ENC-018",
            "the last counts",
            [frame(&key_bytes("a"), Some(1)), frame(&key_bytes("a"), Some(2))].concat(),
        ),
    ];
    for (slug, req, about, frames) in cases {
        let mut value = vec![0x08, 0x01];
        delimited(&mut value, 10, &frames);
        let credential = forge(&topic, slug, halo!("Epoch"), value).build();
        topic.accept(slug, &[req], about, input(&credential));
    }
    topic
}
