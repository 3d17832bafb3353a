//! Verifying a signature with either suite.

use p256::elliptic_curve::sec1::FromSec1Point as _;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use super::Suite;
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
        Suite::P256 => {
            let verified = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature);
            if verified.is_err() {
                // Only now, so that good signatures do not pay for it.
                require!(HALO_KEY_002, is_point(key), AuthKey, "the key is not a point of P-256")?;
            }
            require!(HALO_KEY_003, verified.is_ok(), AuthSignature, "the signature does not verify")
        }
        Suite::Ed25519 => {
            let key = key.try_into().ok().and_then(|key| ed25519_dalek::VerifyingKey::from_bytes(key).ok());
            let key = key.filter(|key| !key.is_weak());
            require!(HALO_KEY_006, key.is_some(), AuthKey, "the key is not a usable point of Ed25519")?;
            let signature = ed25519_dalek::Signature::from_slice(signature).ok();
            let verified = key.zip(signature).is_some_and(|(key, s)| key.verify_strict(message, &s).is_ok());
            require!(HALO_KEY_006, verified, AuthSignature, "the signature does not verify")
        }
    }
}

fn is_point(key: &[u8]) -> bool {
    p256::Sec1Point::from_bytes(key)
        .is_ok_and(|point| bool::from(p256::PublicKey::from_sec1_point(&point).is_some()))
}
