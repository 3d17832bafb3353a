//! Identifiers derived from keys.

use sha2::{Digest as _, Sha256};

use super::text::{base32, to_multibase32};
use crate::{Class, Reject, requirement as req};

/// Bytes of the hash in an identifier.
const HASH_BYTES: usize = 20;

const DID_PREFIX: &str = "did:halo:";

/// The id of a space: multibase32 of the first 20 bytes of SHA-256 of the space key; 33 characters
/// (HALO-KEY-017).
pub fn space_id(space_key: &[u8]) -> String {
    let hash = Sha256::digest(space_key);
    to_multibase32(hash.get(..HASH_BYTES).unwrap_or(&hash))
}

/// The DID of an identity: `did:halo:` and the same construction over the identity key; 42 characters
/// (HALO-KEY-019).
pub fn identity_did(identity_key: &[u8]) -> String {
    format!("{DID_PREFIX}{}", space_id(identity_key))
}

/// The 20 bytes of a space id.
///
/// # Errors
/// `canon.form` for a text that no key has.
pub fn parse_space_id(text: &str) -> Result<Vec<u8>, Reject> {
    let body = text.strip_prefix('B');
    require!(HALO_KEY_018, body.is_some(), CanonForm, "a space id begins with B")?;
    hash(body.unwrap_or_default(), req::HALO_KEY_018)
}

/// The 20 bytes of an identity DID.
///
/// # Errors
/// `canon.form` for a text that no key has.
pub fn parse_identity_did(text: &str) -> Result<Vec<u8>, Reject> {
    let body = text.strip_prefix(DID_PREFIX).and_then(|rest| rest.strip_prefix('B'));
    require!(HALO_KEY_020, body.is_some(), CanonForm, "an identity DID begins with did:halo:B")?;
    hash(body.unwrap_or_default(), req::HALO_KEY_020)
}

fn hash(body: &str, requirement: req::Requirement) -> Result<Vec<u8>, Reject> {
    if body.len() != 32 {
        return Err(Reject::new(requirement, Class::CanonForm, "32 characters follow the B"));
    }
    require!(HALO_KEY_023, !body.ends_with('='), CanonForm, "the identifier is padded")?;
    // 160 bits fill 32 characters: no bits are left over.
    base32(body, requirement, requirement)
}
