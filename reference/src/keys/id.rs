//! Identifiers derived from keys.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha256};

#[cfg(feature = "mutants")]
use super::mistakes;
use super::text::{base32, to_multibase32};
use crate::{Reject, requirement as req};

/// Bytes of the hash in an identifier.
const HASH_BYTES: usize = 20;

/// Characters of base32 for them: 160 bits, none left over.
const CHARACTERS: usize = 32;

const DID_PREFIX: &str = "did:halo:";

/// The id of a space: multibase32 of the first 20 bytes of SHA-256 of the space key; 33 characters
/// (HALO-KEY-017).
pub fn space_id(space_key: &[u8]) -> String {
    let hash = alter!(HALO_KEY_017, Sha256::digest(space_key),
        "the hash is of the hex form of the key" => Sha256::digest(super::to_hex(space_key)));
    let part = alter!(HALO_KEY_017, ..HASH_BYTES, "the hash is not cut" => ..32);
    to_multibase32(hash.get(part).unwrap_or(&hash))
}

/// The DID of an identity: `did:halo:` and the same construction over the identity key; 42 characters
/// (HALO-KEY-019).
pub fn identity_did(identity_key: &[u8]) -> String {
    let prefix = alter!(HALO_KEY_019, DID_PREFIX, "the method of the DID is key" => "did:key:");
    format!("{prefix}{}", space_id(identity_key))
}

/// The 20 bytes of a space id.
///
/// # Errors
/// `canon.form` for a text that no key has.
pub fn parse_space_id(text: &str) -> Result<Vec<u8>, Reject> {
    let body = text.strip_prefix('B');
    require!(HALO_KEY_018, body.is_some(), CanonForm, "a space id begins with B")?;
    let body = body.or_else(|| text.get(1..)).unwrap_or_default();
    require!(HALO_KEY_018, body.len() == CHARACTERS, CanonForm, "32 characters follow the B of a space id")?;
    let body = unpadded(body)?;
    let reader = alter!(HALO_KEY_018, &BASE32_NOPAD, "lower case is taken too" => &mistakes::ANY_CASE);
    base32(reader, body, req::HALO_KEY_018, req::HALO_KEY_018)
}

/// The 20 bytes of an identity DID.
///
/// # Errors
/// `canon.form` for a text that no key has.
pub fn parse_identity_did(text: &str) -> Result<Vec<u8>, Reject> {
    let body = text.strip_prefix(DID_PREFIX).and_then(|rest| rest.strip_prefix('B'));
    require!(HALO_KEY_020, body.is_some(), CanonForm, "an identity DID begins with did:halo:B")?;
    let body = body.or_else(|| text.get(DID_PREFIX.len() + 1..)).unwrap_or_default();
    require!(
        HALO_KEY_020,
        body.len() == CHARACTERS,
        CanonForm,
        "32 characters follow the B of an identity DID"
    )?;
    let body = unpadded(body)?;
    let reader = alter!(HALO_KEY_020, &BASE32_NOPAD, "lower case is taken too" => &mistakes::ANY_CASE);
    base32(reader, body, req::HALO_KEY_020, req::HALO_KEY_020)
}

/// The characters of an identifier, which has no padding.
fn unpadded(body: &str) -> Result<&str, Reject> {
    require!(HALO_KEY_023, !body.ends_with('='), CanonForm, "the identifier is padded")?;
    Ok(body.trim_end_matches('='))
}
