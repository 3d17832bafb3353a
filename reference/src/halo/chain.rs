//! Verifying a credential, and the chain of authority behind it.

use super::SIGNATURE_TYPE;
use super::credential::{Credential, Proof};
use crate::canonical::Text;
use crate::{Class, Reject, keys, requirement as req};

/// The type of the credentials that make a chain.
const AUTHORIZED_DEVICE: &str = "dxos.halo.credentials.AuthorizedDevice";

/// Verifies a credential: the chain if the signer is not the issuer, and the signature.  The id that it
/// carries is no part of this (HALO-CRED-006).  Where `now` is given, in Unix milliseconds, expiry is judged
/// too.
///
/// Pure: it changes nothing and may be repeated.  The depth of a chain is bounded by the reader.
///
/// # Errors
/// The classes `auth.*`, `decode.missing` and `canon.form`.
pub fn verify(credential: &Credential<'_>, now: Option<i64>) -> Result<(), Reject> {
    let proof = credential.proof()?;
    // A chain on a credential that its issuer signed is not looked at (HALO-CRED-005).
    if credential.issuer() != proof.signer() {
        authorized(&proof, credential.issuer(), now)?;
    }
    let text = credential.signed_text()?;
    let unambiguous = !text.is_ambiguous();
    signed(&proof, text)?;
    require!(HALO_PAY_013, unambiguous, CanonForm, "two feeds of the timeframe have the same short key")?;
    if let (Some(now), Some(expiration)) = (now, credential.expiration_date()) {
        require!(HALO_CRED_008, now < expiration, AuthExpired, "the credential has expired")?;
    }
    Ok(())
}

/// Verifies the signature of a proof over a text.
pub(super) fn signed(proof: &Proof<'_>, text: Text) -> Result<(), Reject> {
    require!(
        HALO_CRED_002,
        proof.signature_type() == SIGNATURE_TYPE,
        AuthKey,
        "the signature type is not ED25519Signature"
    )?;
    keys::verify(proof.signer(), text.finish().as_bytes(), proof.value())
}

/// Verifies that the chain of a proof lets its signer act for an authority.
pub(super) fn authorized(proof: &Proof<'_>, authority: &[u8], now: Option<i64>) -> Result<(), Reject> {
    is_authorized_device(&verified_link(proof, now)?, authority, proof.signer())
}

/// The link of a proof's chain, verified in itself; whom it is for is another question.
pub(super) fn verified_link<'m>(proof: &Proof<'m>, now: Option<i64>) -> Result<Credential<'m>, Reject> {
    let missing = || {
        let what = "the signer is not the issuer, and there is no chain";
        Reject::new(req::HALO_CRED_004, Class::AuthChain, what)
    };
    let link = proof.chain()?.ok_or_else(missing)?;
    verify(&link, now)?;
    Ok(link)
}

/// The five equalities of a link.
pub(super) fn is_authorized_device(
    link: &Credential<'_>,
    identity: &[u8],
    device: &[u8],
) -> Result<(), Reject> {
    require!(HALO_CHAIN_002, link.issuer() == identity, AuthChain, "the link is issued by somebody else")?;
    require!(HALO_CHAIN_003, link.subject() == device, AuthChain, "the link is about another device")?;
    let assertion = link.assertion().filter(|assertion| assertion.type_name() == AUTHORIZED_DEVICE);
    let device_of = assertion.and_then(|assertion| assertion.message());
    require!(HALO_CHAIN_004, device_of.is_some(), AuthChain, "the link is not an AuthorizedDevice")?;
    let key = |number| device_of.and_then(|message| message.message(number)).and_then(|key| key.bytes(1));
    require!(HALO_CHAIN_005, key(1) == Some(identity), AuthChain, "the link names another identity")?;
    require!(HALO_CHAIN_006, key(2) == Some(device), AuthChain, "the link names another device")
}
