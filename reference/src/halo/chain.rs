//! Verifying a credential, and the chain of authority behind it.

use super::SIGNATURE_TYPE;
use super::credential::{Credential, Proof};
#[cfg(feature = "mutants")]
use super::mistakes;
use crate::canonical::Text;
use crate::{Reject, keys};

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
    alter!(HALO_CRED_006, (),
        "a verdict is kept by the id that a credential carries" =>
            if mistakes::is_known(credential) { return Ok(()) },
        "an id that is not that of the payload is rejected" => mistakes::right_id(credential)?);
    alter!(HALO_CRED_015, (),
        "a credential is accepted once only" => mistakes::first_time(credential)?);
    let proof = credential.proof()?;
    // A chain on a credential that its issuer signed is not looked at (HALO-CRED-005).
    let delegated = alter!(HALO_KEY_009, credential.issuer() != proof.signer(),
        "keys are compared by their last 16 bytes" =>
            mistakes::tail(credential.issuer()) != mistakes::tail(proof.signer()),
        "keys are compared as far as the shorter one goes" =>
            mistakes::differ_early(credential.issuer(), proof.signer()));
    let delegated = alter!(HALO_CRED_005, delegated,
        "a chain is looked at wherever there is one" => delegated || proof.chain()?.is_some(),
        "a chain is required of everybody" => true);
    alter!(HALO_CRED_004, (),
        "the signature is verified before the chain" => signed(&proof, credential.signed_text()?)?);
    if delegated {
        authorized(&proof, credential.issuer(), now)?;
    }
    alter!(HALO_CRED_016, (),
        "an assertion of an unknown type is rejected" => mistakes::known_type(credential)?);
    let text = credential.signed_text()?;
    let unambiguous = !text.is_ambiguous();
    alter!(HALO_CRED_003, signed(&proof, text)?,
        "the signature is not verified" => (),
        "the key of the issuer is taken for the signer's" =>
            keys::verify(credential.issuer(), text.finish().as_bytes(), proof.value())?,
        "only the length of the signature is looked at" => mistakes::long_enough(&proof)?);
    alter!(HALO_CRED_006, (),
        "a verdict is kept by the id that a credential carries" => mistakes::remember(credential));
    require!(HALO_PAY_013, unambiguous, CanonForm, "two feeds of the timeframe have the same short key")?;
    if let (Some(now), Some(expiration)) = (now, credential.expiration_date()) {
        require!(HALO_CRED_008, now < expiration, AuthExpired, "the credential has expired")?;
    }
    Ok(())
}

/// Verifies the signature of a proof over a text.
pub(super) fn signed(proof: &Proof<'_>, text: Text) -> Result<(), Reject> {
    let named = alter!(HALO_CRED_002, proof.signature_type() == SIGNATURE_TYPE,
        "only the beginning of the signature type is compared" =>
            proof.signature_type().starts_with(SIGNATURE_TYPE),
        "the signature type is compared in any case" =>
            proof.signature_type().eq_ignore_ascii_case(SIGNATURE_TYPE));
    require!(HALO_CRED_002, named, AuthKey, "the signature type is not ED25519Signature")?;
    keys::verify(proof.signer(), text.finish().as_bytes(), proof.value())
}

/// Verifies that the chain of a proof lets its signer act for an authority.
pub(super) fn authorized(proof: &Proof<'_>, authority: &[u8], now: Option<i64>) -> Result<(), Reject> {
    match verified_link(proof, now)? {
        Some(link) => is_authorized_device(&link, authority, proof.signer()),
        None => Ok(()),
    }
}

/// The link of a proof's chain, verified in itself; whom it is for is another question.  There always is one.
pub(crate) fn verified_link<'m>(
    proof: &Proof<'m>,
    now: Option<i64>,
) -> Result<Option<Credential<'m>>, Reject> {
    let link = proof.chain()?;
    require!(
        HALO_CRED_004,
        link.is_some(),
        AuthChain,
        "the signer is not the issuer, and there is no chain"
    )?;
    if let Some(link) = &link {
        alter!(HALO_CHAIN_001, verify(link, now)?, "a link is not verified" => (),
            "of a link only the signature is verified" => signed(&link.proof()?, link.signed_text()?)?);
        alter!(HALO_CHAIN_007, (), "a chain has one link at most" => mistakes::at_most(proof, 1)?);
        alter!(HALO_CHAIN_008, (),
            "a chain has four links at most" => mistakes::at_most(proof, 4)?,
            "chains are not taken at all" => mistakes::at_most(proof, 0)?);
    }
    Ok(link)
}

/// The five equalities of a link.
pub(crate) fn is_authorized_device(
    link: &Credential<'_>,
    identity: &[u8],
    device: &[u8],
) -> Result<(), Reject> {
    alter!(HALO_CHAIN_007, (), "any chain will do" => return Ok(()));
    require!(HALO_CHAIN_002, link.issuer() == identity, AuthChain, "the link is issued by somebody else")?;
    require!(HALO_CHAIN_003, link.subject() == device, AuthChain, "the link is about another device")?;
    let assertion = link.assertion();
    let is_device = assertion.is_some_and(|assertion| assertion.type_name() == AUTHORIZED_DEVICE);
    require!(HALO_CHAIN_004, is_device, AuthChain, "the link is not an AuthorizedDevice")?;
    let device_of = assertion.and_then(|assertion| assertion.message());
    let key = |number| device_of.and_then(|message| message.message(number)).and_then(|key| key.bytes(1));
    require!(HALO_CHAIN_005, key(1) == Some(identity), AuthChain, "the link names another identity")?;
    require!(HALO_CHAIN_006, key(2) == Some(device), AuthChain, "the link names another device")
}
