//! Both sides of the authentication of a connection: a credential that answers a challenge.

use super::{Credential, Issue, issue, verify};
use crate::Reject;
use crate::keys::SigningKey;

/// Length of a challenge in bytes.
pub const CHALLENGE_BYTES: usize = 32;

/// What an answer states; the message is empty.
const AUTH: &str = "dxos.halo.credentials.Auth";

/// Answers a challenge: an encoded credential about `issuer` by itself, with the challenge as its nonce.
///
/// `chain` is the encoded credential that lets the signing key act for the issuer, `None` where it is the
/// issuer's; `date` is in Unix milliseconds.
///
/// # Errors
/// `auth.replay` for a challenge that is not of 32 bytes (HALO-AUTH-004), and the classes of [`issue`], which refuses
/// the chain of another identity (HALO-AUTH-018).
pub fn prove(
    key: &SigningKey,
    issuer: &[u8],
    chain: Option<&[u8]>,
    challenge: &[u8],
    date: i64,
) -> Result<Vec<u8>, Reject> {
    require!(
        HALO_AUTH_004,
        challenge.len() == CHALLENGE_BYTES,
        AuthReplay,
        "a challenge to be answered is not of 32 bytes"
    )?;
    let issuer = alter!(HALO_AUTH_018, issuer, "the answer is for whoever the chain names" => &named_by(chain, issuer));
    let nonce = alter!(HALO_AUTH_002, Some(challenge),
        "the nonce is left out" => None,
        "the nonce is half of the challenge" => challenge.get(..CHALLENGE_BYTES / 2));
    let what = Issue {
        issuer,
        subject: alter!(HALO_AUTH_001, issuer, "the subject is the challenge" => challenge),
        assertion_type: alter!(HALO_AUTH_001, AUTH,
            "the answer states another type" => "dxos.halo.credentials.KeyInfo"),
        assertion: &[],
        date,
        expiration: None,
        nonce,
        parents: Vec::new(),
        chain,
    };
    let answer = issue(key, &what)?;
    Ok(alter!(HALO_AUTH_003, answer, "the signature is cut" => without_last_byte(answer)))
}

#[cfg(feature = "mutants")]
fn named_by(chain: Option<&[u8]>, issuer: &[u8]) -> Vec<u8> {
    let tree = chain.and_then(|chain| Credential::read(chain).ok());
    tree.map_or_else(|| issuer.to_vec(), |tree| Credential::new(&tree).issuer().to_vec())
}

#[cfg(feature = "mutants")]
fn without_last_byte(mut answer: Vec<u8>) -> Vec<u8> {
    if let Some(last) = answer.last_mut() {
        *last ^= 1;
    }
    answer
}

/// Checks the answer to a challenge: its issuer, whom `trusted` knows.  Where `now` is given, in Unix
/// milliseconds, expiry is judged too.
///
/// # Errors
/// The reader's classes and those of [`verify`] (HALO-AUTH-006), `auth.replay` for another nonce or a challenge
/// that is not of 32 bytes (HALO-AUTH-007, HALO-AUTH-008), `schema.type` (HALO-AUTH-009), `schema.constraint`
/// (HALO-AUTH-010), `auth.role` (HALO-AUTH-011), `auth.expired` (HALO-AUTH-013).
pub fn check(
    answer: &[u8],
    challenge: &[u8],
    trusted: impl FnOnce(&[u8]) -> bool,
    now: Option<i64>,
) -> Result<Vec<u8>, Reject> {
    let tree = Credential::read(answer)?;
    let credential = Credential::new(&tree);
    let now = alter!(HALO_AUTH_013, now, "expiry is not looked at" => None);
    alter!(HALO_AUTH_006, verify(&credential, now)?, "the answer is not verified" => ());
    require!(
        HALO_AUTH_008,
        challenge.len() == CHALLENGE_BYTES,
        AuthReplay,
        "the challenge itself is not of 32 bytes"
    )?;
    let nonce = credential.proof()?.nonce();
    let answers = alter!(HALO_AUTH_007, nonce == Some(challenge),
        "the nonce is compared as far as it goes" =>
            nonce.is_some_and(|nonce| challenge.starts_with(nonce)),
        "the nonce may go on behind the challenge" =>
            nonce.is_some_and(|nonce| nonce.starts_with(challenge)),
        "an absent nonce will do" => nonce.is_none_or(|nonce| nonce == challenge));
    require!(HALO_AUTH_007, answers, AuthReplay, "the nonce is not the challenge")?;
    let assertion = credential.assertion().map(|assertion| assertion.type_name());
    require!(HALO_AUTH_009, assertion == Some(AUTH), SchemaType, "the answer states another type")?;
    let issuer = credential.issuer();
    require!(
        HALO_AUTH_010,
        credential.subject() == issuer,
        SchemaConstraint,
        "the answer is about somebody else"
    )?;
    let asked = alter!(HALO_AUTH_011, issuer,
        "the signer is looked up instead of the issuer" => credential.proof()?.signer());
    require!(HALO_AUTH_011, trusted(asked), AuthRole, "the issuer is not trusted")?;
    Ok(issuer.to_vec())
}
