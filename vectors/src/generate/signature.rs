//! `halo.credential.verify`: forms of signatures and keys.

use dxos_reference::keys::{SigningKey, Suite, to_hex};
use sha2::Digest as _;

use super::assertion::{halo, key_bytes};
use super::forge::Forge;
use super::payload::input;
use super::topic::{ED25519, P256, Topic};
use super::verify::{OP, flipped, forge};
use crate::class::Class::{AuthChain, AuthKey, AuthSignature};

pub(super) fn signature() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/verify/signature",
        OP,
        &[P256],
        "Signatures of a directly issued credential.",
    );
    topic.flag("Malleable", "half of all deployed signatures have a high s; a low-s rule would refuse them");
    topic.flag("WrongForm", "a library takes other forms of a signature than r and s of 32 bytes");
    let base = forge(&topic, "p256-direct");
    let signature = base.signature();
    topic.accept("p256-direct", &["HALO-CRED-003", "HALO-KEY-003"], "", input(&base.build()));
    let other_s = with_other_s(&signature);
    topic
        .accept("p256-other-s", &["HALO-KEY-005"], "n - s in place of s", input(&base.build_with(&other_s)))
        .flags = vec!["Malleable".to_owned()];
    let twice = vec![input(&base.build()), input(&base.build())];
    topic.in_turn("p256-twice", &["HALO-CRED-015"], "the same credential, one time after the other", twice);
    let upper = std::cmp::max(&signature, &other_s);
    let about = "s in the upper half, which deployed signers produce half of the time";
    topic.accept("p256-upper-half", &["HALO-KEY-005"], about, input(&base.build_with(upper))).flags =
        vec!["Malleable".to_owned()];
    let (r, s) = signature.split_at(32);
    let n = order();
    let der = der(r, s);
    let zeros = [0; 32];
    let cases: Vec<(&str, &str, &str, Vec<u8>)> = vec![
        ("p256-flipped-first", "HALO-CRED-003", "", flipped(signature.clone(), 0, 1)),
        ("p256-flipped-middle", "HALO-CRED-003", "", flipped(signature.clone(), 31, 0x80)),
        ("p256-flipped-s", "HALO-CRED-003", "", flipped(signature.clone(), 32, 4)),
        ("p256-flipped-last", "HALO-CRED-003", "", flipped(signature.clone(), 63, 1)),
        ("p256-empty", "HALO-KEY-003", "", Vec::new()),
        ("p256-63-bytes", "HALO-KEY-003", "", signature.get(..63).unwrap_or_default().to_vec()),
        ("p256-65-bytes", "HALO-KEY-003", "", [&signature[..], &[0]].concat()),
        ("p256-65-bytes-front", "HALO-KEY-003", "", [&[0], &signature[..]].concat()),
        ("p256-128-bytes", "HALO-KEY-003", "", [&signature[..], &signature[..]].concat()),
        ("p256-der", "HALO-KEY-003", "", der),
        ("p256-zero", "HALO-KEY-004", "", vec![0; 64]),
        ("p256-r-zero", "HALO-KEY-004", "", [&zeros[..], s].concat()),
        ("p256-s-zero", "HALO-KEY-004", "", [r, &zeros[..]].concat()),
        ("p256-s-order", "HALO-KEY-004", "", [r, &n[..]].concat()),
        ("p256-r-order", "HALO-KEY-004", "", [&n[..], s].concat()),
        ("p256-s-max", "HALO-KEY-004", "", [r, &[0xff; 32]].concat()),
        ("p256-swapped", "HALO-CRED-003", "s before r", [s, r].concat()),
        ("p256-little-endian", "HALO-CRED-003", "", {
            r.iter().rev().chain(s.iter().rev()).copied().collect()
        }),
        (
            "p256-negative-r",
            "HALO-CRED-003",
            "n - r in place of r",
            with_other_s(&[s, r].concat()).split_off(32).into_iter().chain(s.iter().copied()).collect(),
        ),
        ("p256-all-ones", "HALO-KEY-004", "", vec![0xff; 64]),
    ];
    for (slug, req, about, signature) in cases {
        let case = topic.reject(
            slug,
            "p256-direct",
            &[req],
            AuthSignature,
            about,
            input(&base.build_with(&signature)),
        );
        if req == "HALO-KEY-003" {
            case.flags = vec!["WrongForm".to_owned()];
        }
    }
    let other = topic.key(Suite::P256, "p256-direct", "other");
    let by = |key: &SigningKey| base.with(|f| f.key = key.clone()).signature();
    topic.flag("WrongSigner", "signed by a key other than the one named");
    let signed = input(&base.build_with(&by(&other)));
    topic.reject("p256-other-key", "p256-direct", &["HALO-CRED-003"], AuthSignature, "", signed).flags =
        vec!["WrongSigner".to_owned()];
    for (slug, about, text) in [
        ("p256-over-nothing", "a signature of the empty text", String::new()),
        ("p256-over-wire", "a signature of the id in hex", to_hex(&[7; 32])),
    ] {
        let signature = base.key.sign(text.as_bytes());
        topic.reject(
            slug,
            "p256-direct",
            &["HALO-CRED-003"],
            AuthSignature,
            about,
            input(&base.build_with(&signature)),
        );
    }
    let proof_type: &[(&str, Option<&str>, &str)] = &[
        ("type-lower", Some("ed25519signature"), ""),
        ("type-es256", Some("ES256"), "what it really is"),
        ("type-2020", Some("Ed25519Signature2020"), ""),
        ("type-longer", Some("ED25519Signature2"), "a prefix does not suffice"),
        ("type-shorter", Some("ED25519Signatur"), ""),
        ("type-space", Some("ED25519Signature "), ""),
        ("type-nul", Some("ED25519Signature\0"), ""),
        ("type-empty", Some(""), ""),
        ("type-absent", None, ""),
    ];
    for &(slug, name, about) in proof_type {
        let credential = base.with(|f| f.proof_type = name.map(str::to_owned)).build();
        topic.reject(slug, "p256-direct", &["HALO-CRED-002"], AuthKey, about, input(&credential));
    }
    ed25519(&mut topic);
    topic
}

fn ed25519(topic: &mut Topic) {
    topic.features(&[ED25519]);
    let base = ed25519_forge(topic);
    let signature = base.signature();
    topic.accept("ed25519-direct", &["HALO-CRED-003", "HALO-KEY-006"], "", input(&base.build()));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("ed25519-flipped-first", flipped(signature.clone(), 0, 1)),
        ("ed25519-flipped-last", flipped(signature.clone(), 63, 1)),
        ("ed25519-s-not-reduced", ed25519_plus_order(&signature)),
        ("ed25519-empty", Vec::new()),
        ("ed25519-63-bytes", signature.get(..63).unwrap_or_default().to_vec()),
        ("ed25519-65-bytes", [&signature[..], &[0]].concat()),
        ("ed25519-zero", vec![0; 64]),
    ];
    for (slug, signature) in cases {
        topic.reject(
            slug,
            "ed25519-direct",
            &["HALO-KEY-006"],
            AuthSignature,
            "",
            input(&base.build_with(&signature)),
        );
    }
    let identity = [&[1][..], &[0; 31]].concat();
    let mut trivial = identity.clone();
    trivial.extend([0; 32]);
    let weak = base.with(|f| {
        f.issuer = Some(identity.clone());
        f.signer = Some(identity.clone());
    });
    let about = "the neutral point as key: a signature that verifies for everything by the lax rule";
    topic.reject(
        "ed25519-weak-key",
        "ed25519-direct",
        &["HALO-KEY-006"],
        AuthKey,
        about,
        input(&weak.build_with(&trivial)),
    );
    let about = "a point R of small order: made with the key, and accepted by the lax rule";
    let small_r = input(&base.build_with(&ed25519_neutral_r(&base)));
    topic.reject("ed25519-neutral-r", "ed25519-direct", &["HALO-KEY-006"], AuthSignature, about, small_r);
}

/// A signature whose nonce is 0: R is the neutral point, and S is the hash times the private scalar.
fn ed25519_neutral_r(forge: &Forge) -> Vec<u8> {
    use curve25519_dalek::Scalar;
    use sha2::Sha512;
    let SigningKey::Ed25519(key) = &forge.key else { return Vec::new() };
    let neutral = [&[1][..], &[0; 31]].concat();
    let hash = Sha512::new()
        .chain_update(&neutral)
        .chain_update(key.verifying_key().as_bytes())
        .chain_update(forge.payload())
        .finalize();
    let s = Scalar::from_bytes_mod_order_wide(&hash.into()) * key.to_scalar();
    [&neutral[..], s.as_bytes()].concat()
}

fn ed25519_forge(topic: &Topic) -> Forge {
    let issuer = topic.key(Suite::Ed25519, "ed25519-direct", "issuer");
    Forge::new(&issuer, &key_bytes("subject"), halo!("Auth"), Vec::new())
}

pub(super) fn keys() -> Topic {
    let mut topic = Topic::new(
        "halo/credential/verify/keys",
        OP,
        &[P256],
        "Keys that may not sign, though the signature is right.",
    );
    topic.flag("KeyAlias", "one point under several names, although keys are compared by their bytes");
    let base = forge(&topic, "p256");
    let public = base.key.public_key();
    topic.accept("p256", &["HALO-KEY-002", "HALO-KEY-009"], "", input(&base.build()));
    let (x, y) = (public.get(1..33).unwrap_or_default(), public.get(33..).unwrap_or_default());
    let odd = y.last().map_or(0, |byte| byte & 1);
    let compressed = [&[2 + odd][..], x].concat();
    let hybrid = [&[6 + odd][..], x, y].concat();
    let cases: Vec<(&str, &str, &str, Vec<u8>)> = vec![
        ("compressed", "HALO-KEY-001", "the same point in 33 bytes", compressed),
        ("hybrid", "HALO-KEY-001", "the same point, beginning 06 or 07", hybrid),
        ("no-prefix", "HALO-KEY-002", "64 bytes", [x, y].concat()),
        ("longer", "HALO-KEY-002", "66 bytes", [&public[..], &[0]].concat()),
        ("shorter", "HALO-KEY-002", "64 bytes of 65", public.get(..64).unwrap_or_default().to_vec()),
        ("empty", "HALO-KEY-002", "", Vec::new()),
        ("one-zero", "HALO-KEY-002", "the encoding of the point at infinity", vec![0]),
        ("off-curve", "HALO-KEY-002", "y changed", flipped(public.clone(), 64, 1)),
        ("off-curve-x", "HALO-KEY-002", "x changed", flipped(public.clone(), 1, 0x40)),
        ("zeros", "HALO-KEY-002", "the point (0, 0)", [&[4][..], &[0; 64]].concat()),
        ("beyond-field", "HALO-KEY-002", "coordinates not below p", [&[4][..], &[0xff; 64]].concat()),
        ("negated-other-sign", "HALO-KEY-002", "prefix 05", flipped(public.clone(), 0, 1)),
    ];
    for (slug, req, about, key) in cases {
        let credential = base.with(|f| {
            f.issuer = Some(key.clone());
            f.signer = Some(key);
        });
        let case = topic.reject(slug, "p256", &[req], AuthKey, about, input(&credential.build()));
        if req == "HALO-KEY-001" {
            case.flags = vec!["KeyAlias".to_owned()];
        }
    }
    topic.flag("PartOfKey", "keys are compared by a part of their bytes");
    let issuers = [
        (
            "issuer-ends-alike",
            "the issuer's last 32 bytes are those of the signer",
            flipped(public.clone(), 5, 1),
        ),
        (
            "issuer-begins-alike",
            "the issuer is the signer but for its last byte",
            flipped(public.clone(), 64, 1),
        ),
        (
            "issuer-shorter",
            "the issuer is the first 64 bytes of the signer",
            public.get(..64).unwrap_or_default().to_vec(),
        ),
        ("issuer-longer", "the issuer is the signer and a byte more", [&public[..], &[0]].concat()),
    ];
    for (slug, about, issuer) in issuers {
        let credential = base.with(|f| f.issuer = Some(issuer)).build();
        let req = ["HALO-KEY-009", "HALO-CRED-004"];
        topic.reject(slug, "p256", &req, AuthChain, about, input(&credential)).flags =
            vec!["PartOfKey".to_owned()];
    }
    topic
}

/// The order of P-256.
fn order() -> [u8; 32] {
    [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ]
}

/// r, then n - s.
pub(super) fn with_other_s(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(32);
    let mut borrow = 0;
    let mut other: Vec<u8> = order()
        .iter()
        .zip(s)
        .rev()
        .map(|(n, s)| {
            let difference = i16::from(*n) - i16::from(*s) - borrow;
            borrow = i16::from(difference < 0);
            difference.rem_euclid(256).to_le_bytes()[0]
        })
        .collect();
    other.reverse();
    [r, &other].concat()
}

/// The DER encoding of r and s.
pub(super) fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let number: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = usize::from(number.first().is_some_and(|byte| *byte >= 0x80));
        let mut out = vec![0x02, u8::try_from(number.len() + sign).unwrap_or_default()];
        out.extend(std::iter::repeat_n(0, sign));
        out.extend(number);
        out
    };
    let content = [integer(r), integer(s)].concat();
    let mut out = vec![0x30, u8::try_from(content.len()).unwrap_or_default()];
    out.extend(content);
    out
}

/// R, then S plus the order of the curve: the same scalar, not reduced.
fn ed25519_plus_order(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let (r, s) = signature.split_at(32);
    let mut carry = 0;
    let sum: Vec<u8> = s
        .iter()
        .zip(ORDER)
        .map(|(s, l)| {
            let sum = u16::from(*s) + u16::from(l) + carry;
            carry = sum >> 8;
            sum.to_le_bytes()[0]
        })
        .collect();
    [r, &sum].concat()
}
