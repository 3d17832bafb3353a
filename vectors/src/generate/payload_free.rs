//! `halo.credential.payload`: free data, in the form that ECMAScript gives it.

use super::assertion::{free_data, halo};
use super::forge::message;
use super::free::{Free, entries, raw_entry};
use super::payload::{OP, forge, input};
use super::topic::Topic;
use crate::class::Class::{self, CanonForm, DecodeMissing, DecodeUtf8};

/// Members of an object, in the order in which they are written.
type Members<'a> = Vec<(&'a str, Free)>;

/// A credential that states free data.
fn free(topic: &Topic, slug: &str, entries: &[u8]) -> Vec<u8> {
    forge(topic, slug, halo!("IdentityProfile"), free_data(entries)).build()
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
    let accepted: Vec<(&str, &[&str], &str, Members<'_>)> = vec![
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
    let refused: Vec<(&str, &str, &str, Members<'_>)> = vec![
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
