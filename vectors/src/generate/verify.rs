//! `halo.credential.verify`: directly signed credentials.

use dxos_reference::keys::{Suite, to_hex};
use serde_json::json;

use super::assertion::{self, free_data, halo, key_bytes};
use super::forge::{CarriedId, DATE, Forge, date, delimited, integer, key, message, timestamp};
use super::free::{Free, entries};
use super::payload::input;
use super::topic::{P256, Topic, suite_of};
use crate::class::Class::{self, AuthExpired, AuthSignature, CanonForm, DecodeMissing};

pub(super) const OP: &str = "halo.credential.verify";

pub(super) fn forge(topic: &Topic, slug: &str) -> Forge {
    let value = message(1, &key(&key_bytes("space")));
    Forge::new(&topic.key(Suite::P256, slug, "issuer"), &key_bytes("subject"), halo!("SpaceGenesis"), value)
}

/// Flips one bit.
pub(super) fn flipped(mut bytes: Vec<u8>, at: usize, bit: u8) -> Vec<u8> {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= bit;
    }
    bytes
}

pub(super) fn types(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let group = format!("halo/credential/verify/types-{name}");
    let mut topic = Topic::new(&group, OP, &[feature], "An assertion of each type, and what breaks each.");
    for assertion in assertion::all() {
        let slug = assertion.slug;
        let issuer = topic.key(suite, slug, "issuer");
        let forge = Forge::new(&issuer, &key_bytes("subject"), assertion.type_name, assertion.value);
        let req = &["HALO-CRED-003", "HALO-PAY-001"];
        topic.accept(slug, req, assertion.type_name, input(&forge.build()));
        let mut reject = |name: &str, about, credential: Vec<u8>| {
            let rejected = format!("{slug}-{name}");
            topic.reject(&rejected, slug, &["HALO-CRED-003"], AuthSignature, about, input(&credential));
        };
        let subject = forge.tampered(|f| f.subject = Some(key_bytes("other")));
        reject("other-subject", "the subject changed", subject);
        reject("flipped", "one bit of the signature", forge.build_with(&flipped(forge.signature(), 17, 8)));
        if suite == Suite::P256 {
            let later = forge.tampered(|f| f.issuance = Some(date(DATE + 1)));
            reject("later", "issued one millisecond later", later);
        }
    }
    topic
}

pub(super) fn tampered() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/verify/tampered",
        OP,
        &[P256],
        "Everything that is signed, changed after signing.",
    );
    let full = forge(&topic, "full").with(|f| {
        f.type_url = Some(halo!("SpaceMember").to_owned());
        let profile = [
            message(1, "Böb".as_bytes()),
            message(2, b"cid"),
            message(
                10,
                &entries(&[
                    ("list", Free::List(vec![Free::Number(1.0), Free::Null])),
                    ("text", Free::Text("x".to_owned())),
                    ("yes", Free::Bool(true)),
                ]),
            ),
        ]
        .concat();
        let member = [
            message(1, &key(&key_bytes("space"))),
            vec![0x10, 0x01],
            message(3, &profile),
            message(4, &key(&key_bytes("genesis"))),
            message(5, &key(&[9; 32])),
        ];
        f.value = Some(member.concat());
        f.expiration = Some(date(4_102_444_800_000));
        f.expiration_ref = Some(vec![1, 2, 3]);
        f.nonce = Some(vec![0xaa, 0xbb]);
        f.parents = vec![vec![1; 32], vec![2; 32]];
    });
    topic.accept("full", &["HALO-CRED-003"], "every field is set", input(&full.build()));
    type Change = fn(&mut Forge);
    fn value(f: &mut Forge, from: &[u8], to: &[u8]) {
        if let Some(value) = &mut f.value
            && let Some(at) = value.windows(from.len()).position(|window| window == from)
        {
            value.splice(at..at + from.len(), to.iter().copied());
        }
    }
    let cases: &[(&str, &str, Change)] = &[
        ("issuance-date", "one millisecond later", |f| f.issuance = Some(date(DATE + 1))),
        ("issuance-seconds", "", |f| f.issuance = Some(timestamp(DATE / 1000 + 1, 678_000_000))),
        ("creation-date", "", |f| f.creation = Some(date(DATE - 1))),
        ("expiration-later", "", |f| f.expiration = Some(date(4_102_444_800_001))),
        ("expiration-removed", "", |f| f.expiration = None),
        ("expiration-ref", "", |f| f.expiration_ref = Some(vec![1, 2, 4])),
        ("expiration-ref-empty", "", |f| f.expiration_ref = Some(Vec::new())),
        ("expiration-ref-removed", "", |f| f.expiration_ref = None),
        ("subject", "", |f| f.subject = Some(key_bytes("other"))),
        ("subject-longer", "one byte more", |f| f.subject.iter_mut().for_each(|key| key.push(0))),
        ("subject-shorter", "one byte less", |f| {
            f.subject.as_mut().and_then(Vec::pop);
        }),
        ("nonce", "", |f| f.nonce = Some(vec![0xaa, 0xbc])),
        ("nonce-empty", "", |f| f.nonce = Some(Vec::new())),
        ("nonce-removed", "", |f| f.nonce = None),
        ("nonce-longer", "", |f| f.nonce = Some(vec![0xaa, 0xbb, 0])),
        ("parents-swapped", "", |f| f.parents.reverse()),
        ("parent-removed", "", |f| {
            f.parents.pop();
        }),
        ("parents-removed", "", |f| f.parents.clear()),
        ("parent-added", "", |f| f.parents.push(vec![3; 32])),
        ("parent-twice", "", |f| f.parents.push(vec![2; 32])),
        ("parent-changed", "", |f| f.parents = vec![vec![1; 32], vec![3; 32]]),
        ("role", "ADMIN made EDITOR", |f| value(f, &[0x10, 0x01], &[0x10, 0x02])),
        ("role-owner", "ADMIN made OWNER", |f| value(f, &[0x10, 0x01], &[0x10, 0x04])),
        ("role-removed", "", |f| value(f, &[0x10, 0x01], &[])),
        ("name", "", |f| value(f, "Böb".as_bytes(), "Bob!".as_bytes())),
        ("avatar", "", |f| value(f, b"cid", b"cie")),
        ("data-text", "", |f| value(f, &[0x1a, 0x01, b'x'], &[0x1a, 0x01, b'y'])),
        ("data-bool", "", |f| value(f, &[0x20, 0x01], &[0x20, 0x00])),
        ("data-name", "", |f| value(f, b"text", b"texu")),
        ("data-number", "1 made 2", |f| value(f, &1f64.to_le_bytes(), &2f64.to_le_bytes())),
        ("data-null-to-number", "", |f| value(f, &[0x0a, 0x02, 0x08, 0x00], &[0x0a, 0x02, 0x20, 0x00])),
        ("genesis-feed", "", |f| value(f, &key_bytes("genesis"), &key_bytes("genesit"))),
        ("invitation", "", |f| value(f, &[9; 32], &[8; 32])),
        ("space", "", |f| value(f, &key_bytes("space"), &key_bytes("spacf"))),
        ("assertion-emptied", "", |f| f.value = Some(Vec::new())),
        ("type-unknown", "a type that the payload shows otherwise", |f| {
            f.type_url = Some("example.test.X".to_owned())
        }),
    ];
    for &(slug, about, change) in cases {
        topic.reject(slug, "full", &["HALO-CRED-003"], AuthSignature, about, input(&full.tampered(change)));
    }
    for (slug, about, from) in [
        ("designation-zero-dropped", "the 0 is signed", true),
        ("designation-zero-added", "its absence is signed", false),
    ] {
        let base = if from { "designation-zero" } else { "designation-absent" };
        let fields: Vec<u8> = (1..=3).flat_map(|number| message(number, &key(&key_bytes("k")))).collect();
        let with = [fields.clone(), vec![0x20, 0x00]].concat();
        let (signed, changed) = if from { (with, fields) } else { (fields, with) };
        let forge = Forge::new(
            &topic.key(Suite::P256, base, "issuer"),
            &key_bytes("s"),
            halo!("AdmittedFeed"),
            signed,
        );
        topic.accept(base, &["HALO-ENC-004"], "", input(&forge.build()));
        let tampered = forge.tampered(|f| f.value = Some(changed));
        topic.reject(slug, base, &["HALO-ENC-004"], AuthSignature, about, input(&tampered));
    }
    topic
}

pub(super) fn unsigned() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/verify/unsigned",
        OP,
        &[P256],
        "What is not signed: a verifier must not be confused by it.",
    );
    let base = forge(&topic, "plain");
    let data = |members: &[(&str, Free)]| free_data(&entries(members));
    let free = base.with(|f| {
        f.type_url = Some(halo!("IdentityProfile").to_owned());
        f.value = Some(data(&[("a", Free::Number(1.0))]));
    });
    let cases: Vec<(&str, &str, &str, Vec<u8>)> = vec![
        ("plain", "HALO-CRED-003", "", base.build()),
        ("id-absent", "HALO-CRED-006", "", base.tampered(|f| f.id = CarriedId::Absent)),
        ("id-other", "HALO-CRED-006", "", base.tampered(|f| f.id = CarriedId::Bytes(vec![1; 32]))),
        ("id-short", "HALO-CRED-006", "", base.tampered(|f| f.id = CarriedId::Bytes(vec![1]))),
        ("unknown-field", "HALO-ENC-001", "", base.tampered(|f| delimited(&mut f.more, 111, b"x"))),
        (
            "unknown-in-assertion",
            "HALO-ENC-001",
            "",
            base.tampered(|f| f.value.iter_mut().for_each(|v| integer(v, 111, 1))),
        ),
        (
            "sub-millisecond",
            "HALO-PAY-011",
            "",
            base.tampered(|f| f.issuance = Some(timestamp(DATE / 1000, 678_500_000))),
        ),
        (
            "null-added",
            "HALO-PAY-008",
            "",
            free.tampered(|f| f.value = Some(data(&[("a", Free::Number(1.0)), ("b", Free::Null)]))),
        ),
        (
            "private-added",
            "HALO-PAY-009",
            "",
            free.tampered(|f| {
                f.value = Some(data(&[
                    ("__p", Free::Bool(true)),
                    ("a", Free::Number(1.0)),
                    ("@type", Free::Bool(true)),
                ]));
            }),
        ),
        ("relabelled", "HALO-PAY-017", "Auth and an empty KeyInfo have one payload", {
            base.with(|f| (f.type_url, f.value) = (Some(halo!("Auth").to_owned()), Some(Vec::new())))
                .tampered(|f| f.type_url = Some(halo!("KeyInfo").to_owned()))
        }),
        (
            "chain-of-itself",
            "HALO-CRED-005",
            "a chain on a directly signed credential",
            base.tampered(|f| f.chain = Some(base.build())),
        ),
        (
            "chain-unsigned",
            "HALO-CRED-005",
            "a chain that does not verify",
            base.tampered(|f| f.chain = Some(base.build_with(&[0; 64]))),
        ),
        (
            "unknown-type",
            "HALO-CRED-016",
            "",
            base.with(|f| f.type_url = Some("example.test.Unknown".to_owned())).build(),
        ),
        (
            "unknown-type-prefixed",
            "HALO-ENC-006",
            "",
            base.with(|f| {
                f.type_url = Some("type.googleapis.com/dxos.halo.credentials.SpaceGenesis".to_owned());
            })
            .build(),
        ),
        ("creation-date-absent", "HALO-PAY-018", "", base.with(|f| f.creation = None).build()),
        (
            "expired-long-ago",
            "HALO-CRED-003",
            "no time is given",
            base.with(|f| f.expiration = Some(date(0))).build(),
        ),
    ];
    for (slug, req, about, credential) in cases {
        topic.accept(slug, &[req], about, input(&credential));
    }
    let prefixed =
        base.tampered(|f| f.type_url = Some(format!("type.googleapis.com/{}", halo!("SpaceGenesis"))));
    topic.reject("prefixed-after-signing", "plain", &["HALO-ENC-006"], AuthSignature, "", input(&prefixed));
    topic
}

pub(super) fn missing() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/verify/missing",
        OP,
        &[P256],
        "Credentials that lack what verifying needs.",
    );
    let base = forge(&topic, "plain");
    topic.accept("plain", &["HALO-CRED-003"], "", input(&base.build()));
    let mut reject = |slug, class: Class, about, credential: Vec<u8>| {
        topic.reject(slug, "plain", &["HALO-CRED-001"], class, about, input(&credential));
    };
    reject("issuer", DecodeMissing, "", base.with(|f| f.issuer = None).build());
    reject("signer", DecodeMissing, "", base.with(|f| f.signer = None).build());
    let bytes = base.build();
    let proof = bytes.windows(2).rposition(|window| window == [0x5a, 0xa7]).unwrap_or(bytes.len());
    reject("proof", DecodeMissing, "no proof at all", bytes.get(..proof).unwrap_or_default().to_vec());
    reject("empty", DecodeMissing, "no bytes at all", Vec::new());
    reject(
        "proof-empty",
        DecodeMissing,
        "",
        [bytes.get(..proof).unwrap_or_default(), &[0x5a, 0x00]].concat(),
    );
    reject("id-only", DecodeMissing, "", bytes.get(..36).unwrap_or_default().to_vec());
    let other = topic.key(Suite::P256, "plain", "device");
    let delegated = base.with(|f| {
        f.key = other.clone();
        f.signer = Some(other.public_key());
        delimited(&mut f.more_proof, 6, &[]);
    });
    topic.reject(
        "chain-credential",
        "plain",
        &["HALO-CRED-001"],
        DecodeMissing,
        "a chain without a credential",
        input(&delegated.build()),
    );
    topic
}

pub(super) fn time() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/verify/time",
        OP,
        &[P256],
        "Expiry, where the verifier is given the time.",
    );
    let at =
        |credential: &[u8], now: i64| json!({ "credential": to_hex(credential), "now": now.to_string() });
    let base = forge(&topic, "not-expired").with(|f| f.expiration = Some(date(DATE)));
    let bytes = base.build();
    topic.accept("not-expired", &["HALO-CRED-008"], "one millisecond before", at(&bytes, DATE - 1));
    let unlimited = forge(&topic, "unlimited").build();
    topic.accept("unlimited", &["HALO-CRED-008"], "no expiration date", at(&unlimited, DATE));
    let mut reject = |slug, about, now| {
        topic.reject(slug, "not-expired", &["HALO-CRED-008"], AuthExpired, about, at(&bytes, now));
    };
    reject("expired-exactly", "at the expiration date", DATE);
    reject("expired", "one millisecond after", DATE + 1);
    reject("expired-long", "", DATE + 1_000_000_000_000);
    topic
}

pub(super) fn timeframe() -> Topic {
    let mut topic =
        Topic::new("halo/credential/verify/timeframe", OP, &[P256], "Feeds that coincide in the payload.");
    let first = key_bytes("a");
    let mut alias = first.clone();
    if let Some(byte) = alias.get_mut(30) {
        *byte ^= 0xff;
    }
    let frame = |key: &[u8], seq: i64| {
        let mut frame = message(1, key);
        integer(&mut frame, 3, seq);
        message(1, &frame)
    };
    let epoch = |frames: Vec<u8>| {
        let mut value = vec![0x08, 0x01];
        delimited(&mut value, 10, &frames);
        value
    };
    let base = forge(&topic, "one-feed").with(|f| {
        f.type_url = Some(halo!("Epoch").to_owned());
        f.value = Some(epoch(frame(&first, 5)));
    });
    topic.accept("one-feed", &["HALO-PAY-013"], "", input(&base.build()));
    let mut reject = |slug, about, frames: Vec<u8>| {
        let credential = base.tampered(|f| f.value = Some(epoch(frames)));
        topic.reject(slug, "one-feed", &["HALO-PAY-013"], CanonForm, about, input(&credential));
    };
    reject(
        "prepended",
        "a frame for a colliding key, put before the signed one",
        [frame(&alias, 999), frame(&first, 5)].concat(),
    );
    reject("prepended-same-seq", "", [frame(&alias, 5), frame(&first, 5)].concat());
    let last = base.tampered(|f| f.value = Some(epoch([frame(&first, 5), frame(&alias, 999)].concat())));
    topic.reject(
        "appended",
        "one-feed",
        &["HALO-PAY-012"],
        AuthSignature,
        "the later frame counts",
        input(&last),
    );
    topic
}
