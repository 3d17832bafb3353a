//! Keys, signatures and identifiers.

mod id;
#[cfg(feature = "mutants")]
mod mistakes;
mod sign;
mod text;
mod verify;

pub use id::{identity_did, parse_identity_did, parse_space_id, space_id};
pub use sign::SigningKey;
pub use text::{from_hex, from_multibase32, to_hex, to_multibase32};
pub use verify::verify;

use crate::Reject;

/// A signature scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suite {
    /// ECDSA on P-256 with SHA-256: keys of 65 bytes, signatures of 64 (r, then s).
    P256,
    /// Ed25519: keys of 32 bytes, signatures of 64.
    Ed25519,
}

impl Suite {
    /// The suite of a public key, by its length and first byte alone (HALO-KEY-001).
    ///
    /// # Errors
    /// `auth.key` for anything but 65 bytes beginning 04 and 32 bytes.
    pub fn of(key: &[u8]) -> Result<Self, Reject> {
        match key {
            [0x04, ..] if key.len() == 65 => Ok(alter!(HALO_KEY_001, Self::P256,
                "every key is taken for Ed25519, as the signature type says" => Self::Ed25519)),
            _ if key.len() == 32 => Ok(Self::Ed25519),
            _ => {
                refuse!(
                    HALO_KEY_001,
                    AuthKey,
                    "the key is neither 65 bytes beginning 04 (P-256) nor 32 bytes (Ed25519)"
                )?;
                Ok(Self::P256)
            }
        }
    }
}
