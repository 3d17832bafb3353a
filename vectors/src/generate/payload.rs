//! `halo.credential.payload`: the text that is signed, member by member.

use dxos_reference::keys::{self, Suite};
use serde_json::{Value, json};

use super::assertion::{self, free_data, halo, key_bytes};
use super::forge::{Forge, date, delimited, integer, message, timestamp};
use super::free::{Free, entries, raw_entry};
use super::topic::{P256, Topic};
use crate::class::Class::{self, CanonForm, DecodeMissing, DecodeUtf8, SchemaRange};

const OP: &str = "halo.credential.payload";

pub(super) fn input(credential: &[u8]) -> Value {
    json!({ "credential": keys::to_hex(credential) })
}

/// A credential of a key of the case's own.
fn forge(topic: &Topic, slug: &str, type_name: &str, value: Vec<u8>) -> Forge {
    let key = topic.key(Suite::P256, slug, "issuer");
    Forge::new(&key, &key_bytes("subject"), type_name, value)
}

/// A credential that states free data.
fn free(topic: &Topic, slug: &str, entries: &[u8]) -> Vec<u8> {
    forge(topic, slug, halo!("IdentityProfile"), free_data(entries)).build()
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

pub(super) fn numbers() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/payload/numbers",
        OP,
        &[],
        "Numbers, as ECMAScript prints them, in free data.",
    );
    let numbers: &[(&str, f64)] = &[
        ("zero", 0.0),
        ("one", 1.0),
        ("minus-one", -1.0),
        ("half", 0.5),
        ("tenths", 0.1 + 0.2),
        ("third", 1.0 / 3.0),
        ("1e20", 1e20),
        ("1e21", 1e21),
        ("minus-1e21", -1e21),
        ("123456789012345680000", 123_456_789_012_345_680_000.0),
        ("1e-6", 1e-6),
        ("1e-7", 1e-7),
        ("1.5e-7", 1.5e-7),
        ("1e300", 1e300),
        ("1.5e300", 1.5e300),
        ("max", f64::MAX),
        ("min-positive", f64::MIN_POSITIVE),
        ("subnormal", 5e-324),
        ("2-to-53", 9_007_199_254_740_992.0),
        ("2-to-53-and-2", 9_007_199_254_740_994.0),
        ("2-to-64", 18_446_744_073_709_552_000.0),
        ("epsilon", f64::EPSILON),
        ("pi", std::f64::consts::PI),
        ("4.35", 4.35),
        ("100", 100.0),
        ("1e5", 1e5),
    ];
    for &(slug, number) in numbers {
        let credential = free(&topic, slug, &entries(&[("n", Free::Number(number))]));
        topic.accept(slug, &["HALO-PAY-006"], "", input(&credential));
    }
    let odd: &[(&str, f64)] = &[
        ("minus-zero", -0.0),
        ("nan", f64::NAN),
        ("infinity", f64::INFINITY),
        ("minus-infinity", f64::NEG_INFINITY),
    ];
    for &(slug, number) in odd {
        let value = Free::Number(number);
        let credential =
            free(&topic, slug, &entries(&[("n", value.clone()), ("l", Free::List(vec![value]))]));
        topic.accept(slug, &["HALO-PAY-007"], "as a member and as an item", input(&credential));
    }
    topic
}

pub(super) fn text() -> Topic {
    let mut topic = Topic::new("halo/credential/payload/text", OP, &[], "Strings and names of members.");
    let strings: &[(&str, &str)] = &[
        ("empty", ""),
        ("quote", "\""),
        ("backslash", "\\"),
        ("slash", "/"),
        ("short-escapes", "\u{8}\u{c}\n\r\t"),
        ("nul", "\0"),
        ("escape-character", "\u{1b}"),
        ("unit-separator", "\u{1f}"),
        ("vertical-tab", "\u{b}"),
        ("delete", "\u{7f}"),
        ("c1-control", "\u{85}"),
        ("line-separators", "\u{2028}\u{2029}"),
        ("byte-order-mark", "\u{feff}x"),
        ("latin", "Böb"),
        ("combining", "e\u{301}"),
        ("emoji", "😀"),
        ("joined-emoji", "👩‍👩‍👧"),
        ("last-code-point", "\u{10ffff}"),
        ("not-a-character", "\u{ffff}"),
        ("replacement", "\u{fffd}"),
        ("html", "<script>&amp;</script>"),
        ("looks-like-json", "{\"a\":[1,null]}"),
        ("right-to-left", "\u{202e}abc"),
    ];
    for &(slug, string) in strings {
        let data = entries(&[("s", Free::Text(string.to_owned()))]);
        let credential = free(&topic, slug, &data);
        topic.accept(slug, &["HALO-PAY-005"], "", input(&credential));
    }
    for &(slug, string) in strings.iter().filter(|(slug, _)| !matches!(*slug, "looks-like-json" | "html")) {
        let slug = format!("name-{slug}");
        let data = entries(&[(string, Free::Number(1.0)), ("m", Free::Number(2.0))]);
        let credential = free(&topic, &slug, &data);
        topic.accept(&slug, &["HALO-PAY-004", "HALO-PAY-005"], "as the name of a member", input(&credential));
    }
    topic
}

pub(super) fn order() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/payload/order",
        OP,
        &[],
        "Members in the order of UTF-16 code units, whatever their order on the wire.",
    );
    topic.flag("Utf8Order", "names are sorted by UTF-8 bytes or by code points");
    topic.flag("NumericOrder", "names of digits are sorted as numbers");
    topic.flag("CaseFolded", "upper and lower case are taken together");
    let pairs: &[(&str, &[&str], &str)] = &[
        ("astral-before-ligature", &["😀", "\u{fb01}"], "Utf8Order"),
        ("astral-before-replacement", &["\u{10ffff}", "\u{fffd}"], "Utf8Order"),
        ("astral-before-half-width", &["\u{10000}", "\u{ff61}"], "Utf8Order"),
        ("astral-after-hangul", &["\u{1f600}", "\u{d7a3}"], ""),
        ("digits", &["10", "9", "1", "010"], "NumericOrder"),
        ("negative-digits", &["-1", "-10", "-2"], "NumericOrder"),
        ("case", &["a", "B", "A", "b"], "CaseFolded"),
        ("empty-first", &["a", "", " "], ""),
        ("prefix-first", &["ab", "a", "abc"], ""),
        ("accents", &["é", "e", "z", "è"], ""),
        ("underscore", &["a_b", "aab", "aBb", "_a"], "CaseFolded"),
        ("many", &["zeta", "alpha", "10", "9", "B", "é", "", "😀", "\u{fb01}", "\u{fffd}"], "Utf8Order"),
    ];
    for &(slug, names, flag) in pairs {
        for reversed in [false, true] {
            let slug = if reversed { format!("{slug}-reversed") } else { slug.to_owned() };
            let mut data: Vec<(&str, Free)> =
                names.iter().map(|&name| (name, Free::Text(name.to_owned()))).collect();
            if reversed {
                data.reverse();
            }
            let credential = free(&topic, &slug, &entries(&data));
            let case = topic.accept(&slug, &["HALO-PAY-004"], "", input(&credential));
            if !flag.is_empty() {
                case.flags = vec![flag.to_owned()];
            }
        }
    }
    topic
}

pub(super) fn structure() -> Topic {
    use Free::{Bool, List, Null, Number, Object, Text};
    let mut topic = Topic::new(
        "halo/credential/payload/structure",
        OP,
        &[],
        "Objects, lists, nulls, private members and byte buffers in free data.",
    );
    let object = |members: &[(&str, Free)]| {
        Object(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    };
    let buffer = |data: Free| object(&[("type", Text("Buffer".to_owned())), ("data", data)]);
    let bytes = |bytes: &[f64]| List(bytes.iter().map(|&byte| Number(byte)).collect());
    let accepted: Vec<(&str, &[&str], &str, Vec<(&str, Free)>)> = vec![
        ("empty", &["HALO-PAY-008"], "", vec![]),
        ("null-member", &["HALO-PAY-008"], "", vec![("a", Null), ("b", Bool(false))]),
        ("null-only", &["HALO-PAY-008"], "", vec![("a", Null)]),
        ("null-item", &["HALO-PAY-008"], "", vec![("a", List(vec![Null, Number(1.0), Null]))]),
        ("null-nested", &["HALO-PAY-008"], "", vec![("a", object(&[("b", Null), ("c", List(vec![Null]))]))]),
        ("false-and-true", &["HALO-PAY-005"], "", vec![("f", Bool(false)), ("t", Bool(true))]),
        ("empty-list", &["HALO-PAY-008"], "", vec![("l", List(vec![]))]),
        ("empty-object", &["HALO-PAY-008"], "", vec![("o", object(&[]))]),
        (
            "nested-lists",
            &["HALO-PAY-008"],
            "",
            vec![("l", List(vec![List(vec![List(vec![])]), object(&[])]))],
        ),
        (
            "object-in-list",
            &["HALO-PAY-004"],
            "",
            vec![("l", List(vec![object(&[("b", Null), ("a", Number(1.0))])]))],
        ),
        (
            "type-member",
            &["HALO-PAY-009"],
            "@type is private",
            vec![("@type", Text("x".to_owned())), ("a", Bool(true))],
        ),
        (
            "type-member-nested",
            &["HALO-PAY-009"],
            "",
            vec![("o", object(&[("@type", Bool(true)), ("b", Bool(true))]))],
        ),
        ("private", &["HALO-PAY-009"], "", vec![("__x", Bool(true)), ("a", Bool(true))]),
        ("private-only-underscores", &["HALO-PAY-009"], "", vec![("__", Bool(true))]),
        ("private-nested", &["HALO-PAY-009"], "", vec![("l", List(vec![object(&[("__y", Bool(true))])]))]),
        ("one-underscore", &["HALO-PAY-009"], "one underscore is not private", vec![("_x", Bool(true))]),
        ("underscores-inside", &["HALO-PAY-009"], "", vec![("a__x", Bool(true))]),
        (
            "type-without-at",
            &["HALO-PAY-009"],
            "",
            vec![("type", Text("x".to_owned())), ("@types", Bool(true))],
        ),
        (
            "to-json",
            &["HALO-PAY-005"],
            "no name has a meaning in JavaScript",
            vec![("toJSON", Text("x".to_owned()))],
        ),
        (
            "constructor",
            &["HALO-PAY-005"],
            "",
            vec![("constructor", Text("x".to_owned())), ("length", Number(3.0))],
        ),
        ("buffer", &["HALO-PAY-015"], "", vec![("b", buffer(bytes(&[1.0, 2.0, 255.0])))]),
        (
            "buffer-modulo",
            &["HALO-PAY-015"],
            "",
            vec![("b", buffer(bytes(&[256.0, -1.0, 3.7, -3.7, 511.0])))],
        ),
        ("buffer-empty", &["HALO-PAY-015"], "", vec![("b", buffer(List(vec![])))]),
        ("buffer-in-list", &["HALO-PAY-015"], "", vec![("l", List(vec![buffer(bytes(&[7.0]))]))]),
        (
            "buffer-other-type",
            &["HALO-PAY-015"],
            "",
            vec![("b", object(&[("type", Text("buffer".to_owned())), ("data", bytes(&[1.0]))]))],
        ),
        (
            "buffer-no-data",
            &["HALO-PAY-015"],
            "",
            vec![("b", object(&[("type", Text("Buffer".to_owned()))]))],
        ),
        ("buffer-data-null", &["HALO-PAY-015"], "", vec![("b", buffer(Null))]),
        ("buffer-data-empty-text", &["HALO-PAY-015"], "", vec![("b", buffer(Text(String::new())))]),
        ("buffer-data-zero", &["HALO-PAY-015"], "", vec![("b", buffer(Number(0.0)))]),
        (
            "deep",
            &["HALO-ENC-019"],
            "12 objects deep",
            vec![("d", (0..12).fold(Null, |inner, _| object(&[("d", inner)])))],
        ),
    ];
    for (slug, req, about, data) in &accepted {
        let credential = free(&topic, slug, &entries(data));
        topic.accept(slug, req, about, input(&credential));
    }
    let refused: Vec<(&str, &str, &str, Vec<(&str, Free)>)> = vec![
        ("buffer-text", "buffer", "data is a text", vec![("b", buffer(Text("abc".to_owned())))]),
        ("buffer-number", "buffer", "data is a number", vec![("b", buffer(Number(5.0)))]),
        ("buffer-true", "buffer", "data is true", vec![("b", buffer(Bool(true)))]),
        ("buffer-object", "buffer", "data is an object", vec![("b", buffer(object(&[("0", Number(1.0))])))]),
    ];
    for (slug, from, about, data) in &refused {
        let credential = free(&topic, from, &entries(data));
        topic.reject(slug, from, &["HALO-PAY-016"], CanonForm, about, input(&credential));
    }
    topic
}

pub(super) fn wire() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/payload/wire",
        OP,
        &[],
        "Free data, dates and timeframes in other wire forms than an encoder makes.",
    );
    let text = |text: &[u8]| message(3, text);
    let number = |number: f64| [&[0x11][..], &number.to_le_bytes()].concat();
    let entry = |name: &str, value: &[u8]| raw_entry(Some(name.as_bytes()), Some(value));
    let accepted: Vec<(&str, &[&str], &str, Vec<u8>)> = vec![
        ("plain", &["HALO-ENC-001"], "", entry("a", &text(b"x"))),
        (
            "value-before-name",
            &["HALO-ENC-001"],
            "",
            message(1, &[message(2, &text(b"x")), message(1, b"a")].concat()),
        ),
        ("name-absent", &["HALO-ENC-009"], "the name is empty", raw_entry(None, Some(&text(b"x")))),
        (
            "name-twice",
            &["HALO-ENC-007"],
            "",
            message(1, &[message(1, b"a"), message(1, b"b"), message(2, &text(b"x"))].concat()),
        ),
        (
            "entry-twice",
            &["HALO-ENC-007"],
            "the last entry counts",
            [entry("a", &text(b"x")), entry("a", &text(b"y"))].concat(),
        ),
        (
            "entry-twice-other-kind",
            &["HALO-ENC-007"],
            "",
            [entry("a", &text(b"x")), entry("a", &number(1.0))].concat(),
        ),
        (
            "value-twice",
            &["HALO-ENC-007"],
            "the last value counts, whole",
            message(1, &[message(1, b"a"), message(2, &text(b"x")), message(2, &number(1.0))].concat()),
        ),
        (
            "unknown-in-entry",
            &["HALO-ENC-001"],
            "",
            message(1, &[message(1, b"a"), message(2, &text(b"x")), vec![0x18, 1]].concat()),
        ),
        ("unknown-in-value", &["HALO-ENC-001"], "", entry("a", &[text(b"x"), vec![0x78, 1]].concat())),
        ("null-not-zero", &["HALO-PAY-008"], "a null is a null", entry("a", &[0x08, 0x05])),
        ("bool-two", &["HALO-ENC-012"], "", entry("a", &[0x20, 0x02])),
        ("bool-long", &["HALO-ENC-012"], "0 in three bytes", entry("a", &[0x20, 0x80, 0x80, 0x00])),
        ("length-long", &["HALO-ENC-012"], "a length in two bytes", entry("a", &[0x1a, 0x81, 0x00, b'x'])),
    ];
    for (slug, req, about, data) in &accepted {
        let credential = free(&topic, slug, data);
        topic.accept(slug, req, about, input(&credential));
    }
    let refused: Vec<(&str, &str, Class, &str, Vec<u8>)> = vec![
        ("no-kind", "HALO-ENC-017", DecodeMissing, "a value of no kind", entry("a", &[])),
        ("unknown-kind", "HALO-ENC-017", DecodeMissing, "", entry("a", &[0x38, 0x01])),
        ("no-value", "HALO-ENC-017", DecodeMissing, "an entry without a value", raw_entry(Some(b"a"), None)),
        ("item-no-kind", "HALO-ENC-017", DecodeMissing, "", entry("a", &message(6, &message(1, &[])))),
        ("invalid-utf8", "HALO-ENC-010", DecodeUtf8, "", entry("a", &text(&[0xff]))),
        ("overlong-utf8", "HALO-ENC-010", DecodeUtf8, "NUL in two bytes", entry("a", &text(&[0xc0, 0x80]))),
        (
            "surrogate",
            "HALO-ENC-010",
            DecodeUtf8,
            "a surrogate in three bytes",
            entry("a", &text(&[0xed, 0xa0, 0x80])),
        ),
        ("truncated-utf8", "HALO-ENC-010", DecodeUtf8, "", entry("a", &text(&[0xf0, 0x9f, 0x98]))),
        (
            "invalid-utf8-name",
            "HALO-ENC-010",
            DecodeUtf8,
            "",
            raw_entry(Some(&[0x61, 0xff]), Some(&text(b"x"))),
        ),
    ];
    for (slug, req, class, about, data) in refused {
        let credential = free(&topic, "plain", &data);
        topic.reject(slug, "plain", &[req], class, about, input(&credential));
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
