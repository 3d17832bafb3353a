//! A credential as a reader sees it.

use sha2::{Digest as _, Sha256};

use super::numbers::{field, proof};
use super::payload;
use crate::canonical::{self, Text};
use crate::schema::SCHEMA;
use crate::wire::{self, Message};
use crate::{Class, Reject, requirement as req};

/// A credential that was read; nothing about it is verified yet.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'m> {
    pub(super) message: &'m Message<'m>,
}

/// The proof of a credential or a presentation.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'m> {
    pub(super) message: &'m Message<'m>,
}

/// What a credential states.
#[derive(Clone, Copy, Debug)]
pub struct Assertion<'m> {
    any: &'m Message<'m>,
}

impl<'m> Credential<'m> {
    /// Reads the tree of a credential.
    ///
    /// # Errors
    /// As [`wire::read`].
    pub fn read(bytes: &[u8]) -> Result<Message<'_>, Reject> {
        wire::read(message_type("dxos.halo.credentials.Credential")?, bytes)
    }

    /// A credential in its tree.
    pub const fn new(message: &'m Message<'m>) -> Self {
        Self { message }
    }

    /// The id that it carries, which proves nothing: see [`Self::computed_id`].
    pub fn carried_id(&self) -> Option<&'m [u8]> {
        self.key(field::ID)
    }

    /// Who states it; empty if absent.
    pub fn issuer(&self) -> &'m [u8] {
        self.key(field::ISSUER).unwrap_or_default()
    }

    /// About whom; empty if absent.
    pub fn subject(&self) -> &'m [u8] {
        let claim = self.message.message(field::SUBJECT);
        claim.and_then(|claim| claim.message(1)).and_then(|id| id.bytes(1)).unwrap_or_default()
    }

    /// What is stated.
    pub fn assertion(&self) -> Option<Assertion<'m>> {
        let any = self.message.message(field::SUBJECT)?.message(2)?;
        Some(Assertion { any })
    }

    /// When it was issued, in Unix milliseconds.
    pub fn issuance_date(&self) -> i64 {
        self.date(field::ISSUANCE_DATE).unwrap_or_default()
    }

    /// When it ceases to be valid, in Unix milliseconds.
    pub fn expiration_date(&self) -> Option<i64> {
        self.date(field::EXPIRATION_DATE)
    }

    /// Ids of the credentials before it.
    pub fn parents(&self) -> impl Iterator<Item = &'m [u8]> {
        self.message.messages(field::PARENTS).map(|id| id.bytes(1).unwrap_or_default())
    }

    /// The proof.
    ///
    /// # Errors
    /// `decode.missing` if there is no issuer, no proof, or no signer in it: nothing can be verified of
    /// such a credential (HALO-CRED-001).
    pub fn proof(&self) -> Result<Proof<'m>, Reject> {
        let issuer = self.message.message(field::ISSUER);
        require!(HALO_CRED_001, issuer.is_some(), DecodeMissing, "the credential has no issuer")?;
        let message = self.message.message(field::PROOF).ok_or_else(|| {
            let class = alter!(HALO_CRED_001, Class::DecodeMissing,
                "an absent proof is taken for a bad signature" => Class::AuthSignature);
            Reject::new(req::HALO_CRED_001, class, "the credential has no proof")
        })?;
        Proof::new(message)
    }

    /// The text that is signed.
    ///
    /// # Errors
    /// `canon.form` for free data that has no canonical form.
    pub fn payload(&self) -> Result<String, Reject> {
        self.signed_text().map(Text::finish)
    }

    pub(super) fn signed_text(&self) -> Result<Text, Reject> {
        let mut text = Text::default();
        payload::credential(&mut text, self.message)?;
        Ok(text)
    }

    /// The id: SHA-256 of the payload, 32 bytes (HALO-PAY-019).
    ///
    /// # Errors
    /// As [`Self::payload`].
    pub fn computed_id(&self) -> Result<[u8; 32], Reject> {
        let payload = self.payload()?;
        Ok(alter!(HALO_PAY_019, id_of(&payload),
            "the id is the hash of the whole credential" => id_of(&self.whole_text()?),
            "the id is the hash of the hash" => Sha256::digest(id_of(&payload)).into()))
    }

    #[cfg(feature = "mutants")]
    fn whole_text(&self) -> Result<String, Reject> {
        let mut text = Text::default();
        payload::credentials(&mut text, std::iter::once(self.message))?;
        Ok(text.finish())
    }

    fn key(&self, number: u32) -> Option<&'m [u8]> {
        self.message.message(number)?.bytes(1)
    }

    fn date(&self, number: u32) -> Option<i64> {
        canonical::milliseconds(self.message.message(number)?)
    }
}

impl<'m> Proof<'m> {
    pub(super) fn new(message: &'m Message<'m>) -> Result<Self, Reject> {
        let this = Self { message };
        require!(
            HALO_CRED_001,
            this.message.message(proof::SIGNER).is_some(),
            DecodeMissing,
            "the proof has no signer"
        )?;
        Ok(this)
    }

    /// The signature type; empty if absent.
    pub fn signature_type(&self) -> &'m str {
        self.message.text(proof::TYPE).unwrap_or_default()
    }

    /// When the proof was made, in Unix milliseconds.
    pub fn creation_date(&self) -> i64 {
        self.message.message(proof::CREATION_DATE).and_then(canonical::milliseconds).unwrap_or_default()
    }

    /// The key that signed.
    pub fn signer(&self) -> &'m [u8] {
        self.message.message(proof::SIGNER).and_then(|key| key.bytes(1)).unwrap_or_default()
    }

    /// The challenge that it answers.
    pub fn nonce(&self) -> Option<&'m [u8]> {
        self.message.bytes(proof::NONCE)
    }

    /// The signature; empty if absent.
    pub fn value(&self) -> &'m [u8] {
        self.message.bytes(proof::VALUE).unwrap_or_default()
    }

    /// The link that lets the signer act for somebody else.
    ///
    /// # Errors
    /// `decode.missing` for a chain without a credential (HALO-CRED-001).
    pub fn chain(&self) -> Result<Option<Credential<'m>>, Reject> {
        let Some(chain) = self.message.message(proof::CHAIN) else { return Ok(None) };
        let link = chain.message(1);
        require!(HALO_CRED_001, link.is_some(), DecodeMissing, "a chain holds no credential")?;
        Ok(link.map(Credential::new))
    }

    /// The number of links of the chain, verified or not.
    pub fn chain_length(&self) -> usize {
        let mut count = 0;
        let mut next = self.chain();
        while let Ok(Some(link)) = next {
            count += 1;
            next = link.proof().and_then(|proof| proof.chain());
        }
        count
    }
}

impl<'m> Assertion<'m> {
    /// The type name as it was written; empty if absent.
    pub fn type_name(&self) -> &'m str {
        self.any.text(1).unwrap_or_default()
    }

    /// The canonical text of the assertion, which does not tell its type.
    ///
    /// # Errors
    /// `canon.form` for free data that has no canonical form.
    pub fn text(&self) -> Result<String, Reject> {
        canonical::assertion(self.any)
    }

    /// The message, if its type is known.
    pub fn message(&self) -> Option<&'m Message<'m>> {
        self.any.contained()
    }
}

/// SHA-256 of a payload.
pub(super) fn id_of(payload: &str) -> [u8; 32] {
    Sha256::digest(payload.as_bytes()).into()
}

/// A type of the schema by its full name.
pub(super) fn message_type(name: &'static str) -> Result<crate::schema::TypeId, Reject> {
    SCHEMA.find(name).ok_or_else(|| {
        Reject::new(req::HALO_ENC_006, Class::SchemaType, "a message type is missing from the schema")
    })
}
