//! The key of a feed that is written here.

use dxos_reference::keys::SigningKey;
use p256::pkcs8::DecodePrivateKey as _;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

/// Why there is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// What should be a private key in PKCS#8 is none of P-256.
    #[error("not a private key of P-256 in PKCS#8")]
    Key,
    /// The system gave no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

/// Signs on P-256 with nonces of the system's random numbers: much faster than RFC 6979 by
/// [`SigningKey`], and no two signatures of a message are alike.
pub struct Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    /// Needs no random numbers.
    slow: SigningKey,
}

impl Signer {
    /// A new key, with its PKCS#8 form to be kept.
    ///
    /// # Errors
    /// [`SignerError::Random`].
    pub fn generate() -> Result<(Self, Vec<u8>), SignerError> {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map_err(|_| SignerError::Random)?;
        let pkcs8 = document.as_ref().to_vec();
        Ok((Self::from_pkcs8(&pkcs8)?, pkcs8))
    }

    /// The key of a PKCS#8 document with its public key, as keyrings keep it.
    ///
    /// # Errors
    /// [`SignerError::Key`].
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SignerError> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random)
            .map_err(|_| SignerError::Key)?;
        let slow = p256::ecdsa::SigningKey::from_pkcs8_der(pkcs8).map_err(|_| SignerError::Key)?;
        Ok(Self { pair, random, slow: SigningKey::P256(slow) })
    }

    /// The public key of the feed: 65 bytes.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// Signs the 40 bytes that stand for a feed of some length; by RFC 6979 where the system gives no random
    /// numbers, as a feed that grew without a signature would be refused by all.
    pub fn sign(&self, signable: &[u8; 40]) -> [u8; 64] {
        let signature = self.pair.sign(&self.random, signable).ok();
        let signature = signature.and_then(|signature| signature.as_ref().try_into().ok());
        signature.unwrap_or_else(|| self.slow.sign(signable))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(..)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use dxos_reference::keys;

    use super::*;

    #[test]
    fn a_kept_key_is_the_same_and_its_signatures_verify() {
        let (signer, pkcs8) = Signer::generate().unwrap();
        let again = Signer::from_pkcs8(&pkcs8).unwrap();
        assert_eq!(signer.public_key(), again.public_key());
        let signature = again.sign(&[7; 40]);
        assert!(keys::verify(signer.public_key(), &[7; 40], &signature).is_ok());
        let signature = again.slow.sign(&[7; 40]);
        assert!(keys::verify(signer.public_key(), &[7; 40], &signature).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(Signer::from_pkcs8(&[0x30, 0x03]).unwrap_err(), SignerError::Key);
    }
}
