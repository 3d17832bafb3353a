//! What plausible mistakes with keys need.

use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, Encoding, Specification};
use p256::ecdsa::Signature;

/// Base32 in either case.
pub(super) static ANY_CASE: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = BASE32_NOPAD.specification();
    specification.translate.from.push_str("abcdefghijklmnopqrstuvwxyz");
    specification.translate.to.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    made(&specification)
});

/// Base32 that takes any left-over bits.
pub(super) static ANY_LEFT_OVER_BITS: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = BASE32_NOPAD.specification();
    specification.check_trailing_bits = false;
    made(&specification)
});

fn made(specification: &Specification) -> Encoding {
    specification.encoding().unwrap_or(BASE32_NOPAD)
}

/// The bytes r and s of a signature in DER; others as they are.
pub(super) fn fixed(signature: &[u8]) -> Vec<u8> {
    Signature::from_der(signature).map_or_else(|_| signature.to_vec(), |der| der.to_bytes().to_vec())
}

/// The order of P-256, big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// r and s, each less the order where it is not below it.
pub(super) fn reduced(signature: &[u8]) -> Vec<u8> {
    signature
        .chunks(32)
        .flat_map(|part| if part >= ORDER.as_slice() { less(part, &ORDER) } else { part.to_vec() })
        .collect()
}

/// `a - b` of big-endian numbers of the same length.
fn less(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut digits: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let digit = i16::from(*a) - i16::from(*b) - borrow;
            borrow = i16::from(digit < 0);
            digit.rem_euclid(256).try_into().unwrap_or_default()
        })
        .collect();
    digits.reverse();
    digits
}

/// Whether s is in the lower half.
pub(super) fn is_low(signature: &[u8]) -> bool {
    signature.get(32..).is_some_and(|s| s.to_vec() <= less(&ORDER, s))
}

/// The signature with the other half of s: as valid, and another.
pub(super) fn other_half(signature: &Signature) -> [u8; 64] {
    let mut bytes: [u8; 64] = signature.to_bytes().into();
    if let Some(s) = bytes.get_mut(32..) {
        let other = less(&ORDER, s);
        s.copy_from_slice(&other);
    }
    bytes
}
