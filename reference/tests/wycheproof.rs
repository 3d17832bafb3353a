//! Signatures of both suites: the cases of Project Wycheproof, two implementations of P-256 against each
//! other, and the rules of the book on keys.
#![forbid(unsafe_code)]
// The helpers are part of the tests: a failure there is a failure of the test.
#![allow(clippy::unwrap_used)]

use dxos_reference::Class;
use dxos_reference::keys::{SigningKey, Suite, verify};
use p256::ecdsa::signature::Verifier as _;
use proptest::prelude::*;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use wycheproof::{ecdsa, eddsa};

/// The verdicts of the two implementations of P-256.
fn p256_and_ring(key: &[u8], message: &[u8], signature: &[u8]) -> (bool, bool) {
    let p256 = p256::ecdsa::VerifyingKey::from_sec1_bytes(key)
        .and_then(|key| key.verify(message, &p256::ecdsa::Signature::from_slice(signature)?))
        .is_ok();
    let ring = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature).is_ok();
    (p256, ring)
}

fn class(key: &[u8], message: &[u8], signature: &[u8]) -> Option<Class> {
    verify(key, message, signature).err().map(|reject| reject.class)
}

/// The same signature with the other of the two values of s.
fn other_s(signature: &[u8]) -> Vec<u8> {
    let signature = p256::ecdsa::Signature::from_slice(signature).unwrap();
    let (r, s) = signature.split_scalars();
    p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-s).to_bytes()).unwrap().to_bytes().to_vec()
}

#[test]
fn wycheproof_p256() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        let key = group.key.key.as_ref();
        for case in &group.tests {
            let (message, signature) = (case.msg.as_ref(), case.sig.as_ref());
            let expected = !case.result.must_fail();
            let about = format!("case {}: {}", case.tc_id, case.comment);
            let rejected = (!expected).then_some(Class::AuthSignature);
            assert_eq!(class(key, message, signature), rejected, "{about}");
            assert_eq!(p256_and_ring(key, message, signature), (expected, expected), "{about}");
            if expected {
                // Both halves of s: HALO-KEY-005.
                assert_eq!(class(key, message, &other_s(signature)), None, "{about}, other s");
            }
            if expected { valid += 1 } else { invalid += 1 }
        }
    }
    println!("P-256: {valid} valid, {invalid} invalid");
    assert_eq!(valid + invalid, set.number_of_tests);
}

#[test]
fn wycheproof_ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        for case in &group.tests {
            let expected = !case.result.must_fail();
            // The strict rule refuses no signature that Wycheproof calls valid.
            let rejected = (!expected).then_some(Class::AuthSignature);
            let got = class(group.key.pk.as_ref(), case.msg.as_ref(), case.sig.as_ref());
            assert_eq!(got, rejected, "case {}: {}", case.tc_id, case.comment);
            if expected { valid += 1 } else { invalid += 1 }
        }
    }
    println!("Ed25519: {valid} valid, {invalid} invalid");
    assert_eq!(valid + invalid, set.number_of_tests);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_implementations_of_p256_agree(
        secret in prop::array::uniform32(1u8..0xff),
        message in prop::collection::vec(any::<u8>(), 0..200),
        flips in prop::collection::vec((0usize..129, 0u8..8), 1..4),
    ) {
        let key = SigningKey::new(Suite::P256, &secret).unwrap();
        let public = key.public_key();
        for signature in [key.sign(&message).to_vec(), other_s(&key.sign(&message))] {
            prop_assert_eq!(p256_and_ring(&public, &message, &signature), (true, true));
            prop_assert!(verify(&public, &message, &signature).is_ok());

            // Bits of the key and of the signature, but not the first byte of the key: p256 takes
            // encodings that ring does not, and the length and first byte are judged before either.
            let mut both = [public.clone(), signature].concat();
            for (at, bit) in &flips {
                both[(*at).max(1)] ^= 1 << bit;
            }
            let (public, signature) = both.split_at(65);
            let (p256, ring) = p256_and_ring(public, &message, signature);
            prop_assert_eq!(p256, ring);
            prop_assert_eq!(verify(public, &message, signature).is_ok(), ring);
        }
    }
}

const MESSAGE: &[u8] = b"message";

fn p256_sample() -> (Vec<u8>, Vec<u8>) {
    let key = SigningKey::new(Suite::P256, &[7; 32]).unwrap();
    (key.public_key(), key.sign(MESSAGE).to_vec())
}

#[test]
fn p256_takes_both_values_of_s() {
    let (key, signature) = p256_sample();
    assert_eq!(class(&key, MESSAGE, &signature), None);
    let other = other_s(&signature);
    assert_ne!(other, signature);
    assert_eq!(class(&key, MESSAGE, &other), None);
}

#[test]
fn p256_keys_have_one_encoding() {
    let (key, signature) = p256_sample();
    let point = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key).unwrap();
    let with_first = |first: u8| [&[first], &key[1..]].concat();
    let compressed = point.to_sec1_point(true);
    let compressed = compressed.as_bytes();
    assert_eq!((compressed.len(), class(compressed, MESSAGE, &signature)), (33, Some(Class::AuthKey)));
    // Hybrid: the right first byte depends on the parity of y.
    for first in [0x00, 0x02, 0x03, 0x05, 0x06, 0x07] {
        assert_eq!(class(&with_first(first), MESSAGE, &signature), Some(Class::AuthKey), "{first}");
    }
    for length in [0, 1, 31, 33, 64] {
        assert_eq!(class(&key[..length], MESSAGE, &signature), Some(Class::AuthKey), "{length} bytes");
    }
    assert_eq!(class(&key[1..], MESSAGE, &signature), Some(Class::AuthKey), "64 bytes without the 04");
    assert_eq!(class(&[&key[..], &[0]].concat(), MESSAGE, &signature), Some(Class::AuthKey), "66 bytes");
    assert_eq!(class(&[0], MESSAGE, &signature), Some(Class::AuthKey), "the point at infinity");
}

#[test]
fn p256_keys_are_on_the_curve() {
    let (key, signature) = p256_sample();
    for at in [1, 32, 33, 64] {
        let mut off = key.clone();
        off[at] ^= 1;
        assert_eq!(class(&off, MESSAGE, &signature), Some(Class::AuthKey), "byte {at}");
    }
    // 04, then zeros; and coordinates that are not below p.
    assert_eq!(class(&[&[4][..], &[0; 64]].concat(), MESSAGE, &signature), Some(Class::AuthKey));
    assert_eq!(class(&[&[4][..], &[0xff; 64]].concat(), MESSAGE, &signature), Some(Class::AuthKey));
}

#[test]
fn p256_signatures_have_one_encoding() {
    let (key, signature) = p256_sample();
    let rejected = |signature: &[u8]| {
        assert_eq!(class(&key, MESSAGE, signature), Some(Class::AuthSignature), "{signature:02x?}");
    };
    rejected(p256::ecdsa::Signature::from_slice(&signature).unwrap().to_der().as_bytes());
    rejected(&signature[..63]);
    rejected(&[&signature[..], &[0]].concat());
    rejected(&[]);
    rejected(&[0; 64]);
    rejected(&[0xff; 64]);

    // r = 0, s = 0, s = n.
    let order = hex::decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").unwrap();
    rejected(&[&[0; 32], &signature[32..]].concat());
    rejected(&[&signature[..32], &[0; 32]].concat());
    rejected(&[&signature[..32], &order].concat());
}

#[test]
fn ed25519_refuses_small_order_and_other_encodings() {
    let mut identity = [0; 32];
    identity[0] = 1;
    // y = p + 1, and y = p - 1 with the sign of x set: neither is how the point is written.
    let mut not_reduced = [0xff; 32];
    (not_reduced[0], not_reduced[31]) = (0xee, 0x7f);
    let mut negative_zero = identity;
    negative_zero[31] = 0x80;

    // The equation of the loose rule holds for A = R = identity, S = 0, whatever the message.
    for key in [identity, not_reduced, negative_zero] {
        for r in [identity, not_reduced, negative_zero] {
            let signature = [r, [0; 32]].concat();
            assert_eq!(class(&key, MESSAGE, &signature), Some(Class::AuthKey), "{key:02x?} {r:02x?}");
        }
    }

    // The eight points of small order.
    let points = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ];
    for point in points {
        let point = hex::decode(point).unwrap();
        let signature = [&point[..], &[0; 32]].concat();
        assert_eq!(class(&point, MESSAGE, &signature), Some(Class::AuthKey), "{point:02x?}");
    }
}

#[test]
fn ed25519_signatures() {
    let key = SigningKey::new(Suite::Ed25519, &[7; 32]).unwrap();
    let (public, signature) = (key.public_key(), key.sign(MESSAGE));
    assert_eq!(class(&public, MESSAGE, &signature), None);
    assert_eq!(class(&public, b"another", &signature), Some(Class::AuthSignature));
    assert_eq!(class(&public, MESSAGE, &signature[..63]), Some(Class::AuthSignature));
    assert_eq!(class(&public, MESSAGE, &[&signature[..], &[0]].concat()), Some(Class::AuthSignature));

    // R of small order under an ordinary key.
    let mut small = signature;
    small[..32].fill(0);
    assert_eq!(class(&public, MESSAGE, &small), Some(Class::AuthSignature));
    // A y that is on no point.
    let mut no_point = [0; 32];
    no_point[0] = 2;
    assert_eq!(class(&no_point, MESSAGE, &signature), Some(Class::AuthKey));
}

#[test]
fn private_keys() {
    let class = |suite, secret: &[u8]| SigningKey::new(suite, secret).err().map(|reject| reject.class);
    let order = hex::decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").unwrap();
    assert_eq!(class(Suite::P256, &[0; 32]), Some(Class::AuthKey));
    assert_eq!(class(Suite::P256, &order), Some(Class::AuthKey));
    for suite in [Suite::P256, Suite::Ed25519] {
        assert_eq!(class(suite, &[7; 32]), None);
        for length in [0, 24, 31, 33, 64] {
            assert_eq!(class(suite, &vec![7; length]), Some(Class::AuthKey), "{suite:?}, {length} bytes");
        }
    }
}
