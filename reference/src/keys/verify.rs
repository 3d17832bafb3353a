//! Verifying a signature with either suite.

#[cfg(feature = "mutants")]
use ed25519_dalek::Verifier as _;
use p256::elliptic_curve::sec1::FromSec1Point as _;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
#[cfg(feature = "mutants")]
use sha2::Digest as _;

use super::Suite;
#[cfg(feature = "mutants")]
use super::mistakes;
use crate::Reject;

/// Verifies a signature of 64 bytes over a message.
///
/// P-256 accepts both halves of s (HALO-KEY-005); Ed25519 follows the strict rule, which refuses points
/// of small order and points that are not in canonical form (HALO-KEY-006).
///
/// # Errors
/// `auth.key` for a key that is no key of a suite, `auth.signature` for a signature that does not verify.
pub fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Reject> {
    match Suite::of(key)? {
        Suite::P256 => p256(key, message, signature),
        Suite::Ed25519 => ed25519(key, message, signature),
    }
}

fn p256(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Reject> {
    let verify = |message: &[u8], signature: &[u8]| {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature).is_ok()
    };
    let verified = alter!(HALO_KEY_003, verify(message, signature),
        "the payload is hashed twice" => verify(&sha2::Sha256::digest(message), signature),
        "a signature in DER is taken too" => verify(message, &mistakes::fixed(signature)),
        "bytes behind a signature are not looked at" =>
            verify(message, signature.get(..64).unwrap_or(signature)));
    let verified = alter!(HALO_KEY_004, verified,
        "a signature of zeros is accepted" => verified || signature == [0; 64],
        "r and s are reduced by the order" => verified || verify(message, &mistakes::reduced(signature)));
    let verified = alter!(HALO_KEY_005, verified,
        "only the lower half of s is accepted" => verified && mistakes::is_low(signature));
    if !verified {
        // Only now, so that good signatures do not pay for it.
        require!(HALO_KEY_002, is_point(key), AuthKey, "the key is not a point of P-256")?;
    }
    require!(HALO_KEY_003, verified, AuthSignature, "the signature does not verify")
}

fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Reject> {
    let key = key.try_into().ok().and_then(|key| ed25519_dalek::VerifyingKey::from_bytes(key).ok());
    let key = alter!(HALO_KEY_006, key.filter(|key| !key.is_weak()),
        "keys of small order are taken too" => key);
    require!(HALO_KEY_006, key.is_some(), AuthKey, "the key is not a usable point of Ed25519")?;
    let signature = ed25519_dalek::Signature::from_slice(signature).ok();
    let verified = key.zip(signature).is_some_and(|(key, signature)| {
        alter!(HALO_KEY_006, key.verify_strict(message, &signature).is_ok(),
            "points R of small order are taken too" => key.verify(message, &signature).is_ok())
    });
    require!(HALO_KEY_006, verified, AuthSignature, "the signature does not verify")
}

fn is_point(key: &[u8]) -> bool {
    p256::Sec1Point::from_bytes(key)
        .is_ok_and(|point| bool::from(p256::PublicKey::from_sec1_point(&point).is_some()))
}
