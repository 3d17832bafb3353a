//! Signing with either suite: deterministic, so that vectors can be made again.

use ed25519_dalek::Signer as _;

use super::Suite;
#[cfg(feature = "mutants")]
use super::mistakes;
use crate::Reject;

/// A private key.
#[derive(Clone)]
pub enum SigningKey {
    /// ECDSA on P-256; nonces by RFC 6979 (HALO-KEY-007).
    P256(p256::ecdsa::SigningKey),
    /// Ed25519.
    Ed25519(ed25519_dalek::SigningKey),
}

impl SigningKey {
    /// A key from its 32 bytes: the scalar, big-endian, or the seed.
    ///
    /// # Errors
    /// `auth.key` for another length, and for a scalar that is 0 or not below the order of the curve.
    pub fn new(suite: Suite, secret: &[u8]) -> Result<Self, Reject> {
        let key = match suite {
            Suite::P256 => p256::ecdsa::SigningKey::from_slice(secret).ok().map(Self::P256),
            Suite::Ed25519 => {
                secret.try_into().ok().map(|seed| Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed)))
            }
        };
        // p256 also takes shorter scalars.
        key.filter(|_| secret.len() == 32).map_or_else(
            || {
                refuse!(HALO_KEY_008, AuthKey, "the private key is not one of its suite")?;
                Self::new(suite, &[1; 32])
            },
            Ok,
        )
    }

    /// The public key: 65 or 32 bytes.
    pub fn public_key(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
        }
    }

    /// Signs a message: 64 bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                alter!(HALO_KEY_007, signature.to_bytes().into(),
                    "the nonce of a signature is not that of RFC 6979" => mistakes::other_half(&signature))
            }
            Self::Ed25519(key) => key.sign(message).to_bytes(),
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::P256(_) => "SigningKey::P256(..)",
            Self::Ed25519(_) => "SigningKey::Ed25519(..)",
        })
    }
}
