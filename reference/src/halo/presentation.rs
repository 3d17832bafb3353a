//! Presentations: credentials shown to a verifier by somebody who proves to be entitled to them.

use super::chain::{is_authorized_device, signed, verified_link, verify};
use super::credential::{Credential, Proof, message_type};
use super::payload;
use crate::canonical::Text;
use crate::wire::{self, Message};
use crate::{Class, Reject, requirement as req};

/// A presentation that was read; nothing about it is verified yet.
#[derive(Clone, Copy, Debug)]
pub struct Presentation<'m> {
    message: &'m Message<'m>,
}

/// Who and what was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<'m> {
    /// The subject of each credential.
    pub subjects: Vec<&'m [u8]>,
    /// The signer of each proof.
    pub signers: Vec<&'m [u8]>,
}

impl<'m> Presentation<'m> {
    /// Reads the tree of a presentation.
    ///
    /// # Errors
    /// As [`wire::read`].
    pub fn read(bytes: &[u8]) -> Result<Message<'_>, Reject> {
        wire::read(message_type("dxos.halo.credentials.Presentation")?, bytes)
    }

    /// A presentation in its tree.
    pub const fn new(message: &'m Message<'m>) -> Self {
        Self { message }
    }

    /// The text that a proof signs.
    ///
    /// # Errors
    /// `decode.missing` if there is no proof at that index, `canon.form` for free data without a
    /// canonical form.
    pub fn payload(&self, index: usize) -> Result<String, Reject> {
        let proof = self.message.messages(2).nth(index).ok_or_else(|| {
            Reject::new(
                req::HALO_PRES_001,
                Class::DecodeMissing,
                "the presentation has no proof at that index",
            )
        })?;
        signed_text(&self.credentials_text()?, proof).map(Text::finish)
    }

    /// The credentials shown.
    pub fn credentials(&self) -> impl Iterator<Item = Credential<'m>> + use<'m> {
        self.message.messages(1).map(Credential::new)
    }

    /// The proofs.
    ///
    /// # Errors
    /// `decode.missing` for a proof without a signer.
    pub fn proofs(&self) -> Result<Vec<Proof<'m>>, Reject> {
        self.message.messages(2).map(Proof::new).collect()
    }

    /// Verifies the type and the signature of one of its proofs, and no more.
    ///
    /// # Errors
    /// `auth.key`, `auth.signature`, `canon.form`.
    pub fn verify_signature(&self, proof: &Proof<'_>) -> Result<(), Reject> {
        signed(proof, signed_text(&self.credentials_text()?, proof.message)?)
    }

    /// Verifies every credential and every proof.  Where `nonce` is given, each proof must answer it, and
    /// there must be one.  Without, an empty presentation passes, and the result says that it is empty.
    ///
    /// # Errors
    /// The first rejection, credentials before proofs.
    pub fn verify(&self, nonce: Option<&[u8]>, now: Option<i64>) -> Result<Verified<'m>, Reject> {
        let mut verified = Verified { subjects: Vec::new(), signers: Vec::new() };
        let mut credentials = Vec::new();
        let all = alter!(HALO_PRES_005, usize::MAX,
            "only the first credential and the first proof are verified" => 1);
        for message in self.message.messages(1).take(all) {
            let credential = Credential::new(message);
            alter!(HALO_PRES_002, verify(&credential, now)?,
                "the credentials are not verified" => ());
            verified.subjects.push(credential.subject());
            credentials.push(credential);
        }
        // Without proofs there is nothing that it is needed for.
        let text = match self.message.messages(2).next() {
            Some(_) => self.credentials_text()?,
            None => String::new(),
        };
        for message in self.message.messages(2).take(all) {
            let proof = Proof::new(message)?;
            verify_proof(&proof, &credentials, &text, nonce, now)?;
            verified.signers.push(proof.signer());
        }
        require!(
            HALO_PRES_006,
            nonce.is_none() || !verified.subjects.is_empty() && !verified.signers.is_empty(),
            AuthReplay,
            "a presentation without credentials or without proofs answers no challenge"
        )?;
        Ok(verified)
    }

    /// The credentials in the form that every proof signs.
    fn credentials_text(&self) -> Result<String, Reject> {
        let mut text = Text::default();
        payload::credentials(&mut text, self.message.messages(1))?;
        Ok(text.finish())
    }
}

fn verify_proof(
    proof: &Proof<'_>,
    credentials: &[Credential<'_>],
    text: &str,
    nonce: Option<&[u8]>,
    now: Option<i64>,
) -> Result<(), Reject> {
    // HALO-PRES-004: the chain is judged for the subject of each credential, not for its issuer.  The link in
    // itself is verified once, so that the cost grows with the input and not with its square.
    let needs_chain = |credential: &&Credential<'_>| {
        alter!(HALO_PRES_008, credential.issuer() != proof.signer(),
            "the subject of a credential needs no chain" =>
                credential.issuer() != proof.signer() && credential.subject() != proof.signer())
    };
    let mut delegated = credentials.iter().filter(needs_chain).peekable();
    if delegated.peek().is_some()
        && let Some(link) = verified_link(proof, now)?
    {
        for credential in delegated {
            let authority = alter!(HALO_PRES_004, credential.subject(),
                "the chain is judged for the issuer of a credential" => credential.issuer());
            alter!(HALO_PRES_004, is_authorized_device(&link, authority, proof.signer())?,
                "any chain will do" => ());
        }
    }
    alter!(HALO_PRES_003, signed(proof, signed_text(text, proof.message)?)?,
        "the signature of a proof is not verified" => ());
    let answered = alter!(HALO_PRES_007, proof.nonce() == nonce,
        "an empty nonce is taken for none" => proof.nonce().unwrap_or_default() == nonce.unwrap_or_default(),
        "only the beginning of the nonce is compared" =>
            proof.nonce().unwrap_or_default().starts_with(nonce.unwrap_or_default()),
        "a proof without a nonce answers every challenge" =>
            proof.nonce().is_none() || proof.nonce() == nonce);
    require!(
        HALO_PRES_007,
        nonce.is_none() || answered,
        AuthReplay,
        "the proof does not answer the verifier's challenge"
    )
}

fn signed_text(credentials: &str, proof: &Message<'_>) -> Result<Text, Reject> {
    let mut text = Text::default();
    payload::presentation(&mut text, credentials, proof)?;
    Ok(text)
}
