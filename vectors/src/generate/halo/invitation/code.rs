//! `halo.invitation.code.*`.

use dxos_reference::keys::to_hex;
use serde_json::{Value, json};

use super::super::super::assertion::key_bytes;
use super::super::super::forge::{DATE, date, integer, key, message};
use super::super::super::topic::Topic;
use super::scene::{DEVICE, KEY, NONE, SECRET, SPACE, Scene, set, unset};
use crate::class::Class::{
    self, CanonForm, DecodeLength, DecodeMissing, DecodeUnknownEnum, DecodeUtf8, DecodeWireType, ResourceSize,
};

fn topic(name: &str, about: &str) -> Topic {
    Topic::new(&format!("halo/invitation/code-{name}"), &format!("halo.invitation.code.{name}"), &[], about)
}

/// An invitation with every field.
fn full(scene: &Scene) -> Value {
    let mut full = scene.invitation(SPACE, KEY);
    for (name, value) in [
        ("identity_key", json!(to_hex(&key_bytes("identity")))),
        ("auth_code", json!("271828")),
        ("target", json!("/välkommen")),
        ("persistent", json!(true)),
        ("multi_use", json!(true)),
        ("delegation_credential_id", json!("33".repeat(32))),
        ("role", json!(3)),
        ("space_id", json!("BA25QRC2FEWCSAMRP4RZL65LWJ7352CKE")),
    ] {
        set(&mut full, name, value);
    }
    full
}

pub(super) fn encode() -> Topic {
    let mut topic = topic("encode", "Invitations as codes.");
    let scene = Scene::new(&topic);
    let input = |invitation: &Value| json!({ "invitation": invitation });
    let small = json!({
        "invitation_id": "a", "type": 0, "kind": 0, "auth_method": 0, "swarm_key": "01", "state": 0,
    });
    let digits = ["HALO-INV-001", "HALO-INV-002"];
    topic.accept("small", &digits, "", input(&small));
    for (kind, method, slug) in [
        (SPACE, NONE, "space-none"),
        (SPACE, KEY, "space-key"),
        (DEVICE, NONE, "device-none"),
        (DEVICE, KEY, "device-key"),
    ] {
        topic.accept(slug, &["HALO-INV-002"], "", input(&scene.guest_invitation(kind, method)));
    }
    let kept = ["HALO-INV-003"];
    topic.accept(
        "space-secret",
        &kept,
        "the code to be told is left out",
        input(&scene.invitation(SPACE, SECRET)),
    );
    topic.accept("full", &["HALO-INV-002", "HALO-INV-003"], "every field", input(&full(&scene)));
    for name in ["auth_code", "identity_key", "persistent", "multi_use", "delegation_credential_id", "role"] {
        let mut one = small.clone();
        set(&mut one, name, full(&scene).get(name).cloned().unwrap_or_default());
        topic.accept(
            &format!("without-{}", name.replace('_', "-")),
            &kept,
            "the same code as of small",
            input(&one),
        );
    }
    let mut empty = small.clone();
    set(&mut empty, "target", json!(""));
    topic.accept("target-empty", &["HALO-INV-002"], "the same code as of small", input(&empty));
    let mut long = scene.guest_invitation(SPACE, NONE);
    set(&mut long, "target", json!("/".repeat(1000)));
    topic.accept("target-long", &digits, "", input(&long));
    let mut absent = small;
    for name in ["type", "kind", "auth_method", "state"] {
        unset(&mut absent, name);
    }
    topic.accept("numbers-absent", &["HALO-INV-002"], "what is absent is not written", input(&absent));
    topic
}

/// An encoded invitation of these fields alone.
fn small(change: impl FnOnce(&mut Parts)) -> Vec<u8> {
    let mut parts = Parts {
        id: Some(b"a".to_vec()),
        numbers: vec![(2, 0), (3, 0), (4, 0)],
        swarm: Some(key(&[1])),
        more: Vec::new(),
    };
    parts.numbers.push((6, 0));
    change(&mut parts);
    let mut out = parts.id.map(|id| message(1, &id)).unwrap_or_default();
    for (number, value) in parts.numbers.iter().filter(|(number, _)| *number < 5) {
        integer(&mut out, *number, *value);
    }
    out.extend(parts.swarm.map(|swarm| message(5, &swarm)).unwrap_or_default());
    for (number, value) in parts.numbers.iter().filter(|(number, _)| *number > 5) {
        integer(&mut out, *number, *value);
    }
    out.extend(parts.more);
    out
}

struct Parts {
    id: Option<Vec<u8>>,
    numbers: Vec<(u32, i64)>,
    swarm: Option<Vec<u8>>,
    more: Vec<u8>,
}

/// Base 62, written apart from the reference, by division of the whole number.
fn base62(bytes: &[u8]) -> String {
    let mut number = bytes.to_vec();
    let mut digits = Vec::new();
    while number.iter().any(|byte| *byte != 0) {
        let mut rest = 0u32;
        for byte in &mut number {
            let value = rest << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or_default();
            rest = value % 62;
        }
        digits.push(char::from_digit(rest.min(35), 36).map_or('0', |digit| {
            if rest < 36 { digit } else { char::from(b'A' + u8::try_from(rest - 36).unwrap_or_default()) }
        }));
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    std::iter::repeat_n('0', zeros).chain(digits.into_iter().rev()).collect()
}

pub(super) fn decode() -> Topic {
    let mut topic = topic("decode", "Codes as invitations, and what is none.");
    let scene = Scene::new(&topic);
    let input = |code: &str| json!({ "code": code });
    let bytes = |bytes: &[u8]| json!({ "code": base62(bytes) });
    let digits = ["HALO-INV-001"];
    let plain = base62(&small(|_| {}));
    topic.accept("small", &digits, "", input(&plain));
    for (kind, method, slug) in
        [(SPACE, NONE, "space-none"), (SPACE, KEY, "space-key"), (DEVICE, SECRET, "device-secret")]
    {
        let invitation = scene.guest_invitation(kind, method);
        let mut members = serde_json::Map::new();
        members.insert("invitation".to_owned(), invitation);
        let code =
            dxos_reference::operations::call("halo.invitation.code.encode", &members).unwrap_or_default();
        topic.accept(slug, &digits, "", json!({ "code": code.get("code").cloned().unwrap_or_default() }));
    }
    let unknown = small(|parts| parts.more = message(111, b"later"));
    topic.accept("unknown-field", &["HALO-INV-006"], "", bytes(&unknown));
    let created = small(|parts| parts.more = message(13, &date(DATE)));
    topic.accept("created", &digits, "", bytes(&created));
    let multi = small(|parts| parts.numbers = vec![(2, 2), (3, 1), (4, 0), (6, 0)]);
    topic.accept("multi-use", &["HALO-INV-007"], "the deprecated type", bytes(&multi));
    let delegated = small(|parts| parts.numbers = vec![(2, 1), (3, 1), (4, 2), (6, 0)]);
    topic.accept("delegated", &["HALO-INV-007"], "", bytes(&delegated));
    let absent = small(|parts| parts.numbers = Vec::new());
    topic.accept("numbers-absent", &["HALO-INV-008"], "", bytes(&absent));
    let long = small(|parts| parts.more = message(11, "/".repeat(3000).as_bytes()));
    let longest = base62(&long);
    topic.accept("long", &["HALO-INV-009"], "nearly 4,096 characters", input(&longest));

    let mut reject = |slug: &str, req: &str, class: Class, about: &str, input: Value| {
        topic.reject(slug, "small", &[req], class, about, input);
    };
    for (slug, text, about) in [
        ("minus", "-", ""),
        ("underscore", "_", ""),
        ("plus", "+", "a digit of base 64"),
        ("exclamation", "!", ""),
        ("umlaut", "ä", ""),
        ("full-width", "\u{ff11}", "U+FF11 is no digit"),
    ] {
        reject(
            &format!("{slug}-inside"),
            "HALO-INV-004",
            CanonForm,
            about,
            input(&plain.replacen('S', text, 1)),
        );
    }
    reject("space-before", "HALO-INV-004", CanonForm, "", input(&format!(" {plain}")));
    reject("newline-after", "HALO-INV-004", CanonForm, "", input(&format!("{plain}\n")));
    reject("url", "HALO-INV-004", CanonForm, "", input(&format!("https://example.com/?code={plain}")));
    let zero = [&[0], small(|_| {}).as_slice()].concat();
    reject("zero-before", "HALO-INV-001", DecodeLength, "a zero byte before all else", bytes(&zero));
    reject("empty", "HALO-INV-005", DecodeMissing, "", input(""));
    reject("no-id", "HALO-INV-005", DecodeMissing, "", bytes(&small(|parts| parts.id = None)));
    reject("id-empty", "HALO-INV-005", DecodeMissing, "", bytes(&small(|parts| parts.id = Some(Vec::new()))));
    reject("no-swarm-key", "HALO-INV-005", DecodeMissing, "", bytes(&small(|parts| parts.swarm = None)));
    reject(
        "swarm-key-empty",
        "HALO-INV-005",
        DecodeMissing,
        "",
        bytes(&small(|parts| parts.swarm = Some(key(&[])))),
    );
    let whole = small(|_| {});
    let cut = |count: usize| whole.get(..count).unwrap_or_default().to_vec();
    reject(
        "cut-in-text",
        "HALO-INV-006",
        DecodeLength,
        "",
        bytes(&small(|parts| {
            parts.more = vec![0x9a, 0x01, 0x7f, 0x01];
        })),
    );
    reject("cut-in-key", "HALO-INV-006", DecodeLength, "", bytes(&cut(12)));
    reject("cut-in-number", "HALO-INV-006", DecodeLength, "", bytes(&cut(whole.len() - 1)));
    reject("text-behind", "HALO-INV-006", DecodeLength, "the end of a text is missing", {
        bytes(&[whole.as_slice(), &[0x9a, 0x01, 0x05]].concat())
    });
    reject(
        "wire-type-of-key",
        "HALO-INV-006",
        DecodeWireType,
        "",
        bytes(&small(|parts| {
            parts.more = vec![0x48, 0x00];
        })),
    );
    reject("utf-8", "HALO-INV-006", DecodeUtf8, "", bytes(&small(|parts| parts.id = Some(vec![0xff]))));
    for (slug, number) in [("type", 2), ("kind", 3), ("method", 4)] {
        let other = small(|parts| {
            for (field, value) in &mut parts.numbers {
                if *field == number {
                    *value = 3;
                }
            }
        });
        reject(&format!("{slug}-unknown"), "HALO-INV-008", DecodeUnknownEnum, "", bytes(&other));
    }
    let negative = small(|parts| parts.numbers = vec![(2, 0), (3, -1), (4, 0), (6, 0)]);
    reject("kind-negative", "HALO-INV-008", DecodeUnknownEnum, "", bytes(&negative));
    let longer = base62(&small(|parts| parts.more = message(11, "/".repeat(3100).as_bytes())));
    topic.reject(
        "too-long",
        "long",
        &["HALO-INV-009"],
        ResourceSize,
        "more than 4,096 characters",
        input(&longer),
    );
    topic
}
