//! Issuing credentials and presentations, in bytes that deployed peers accept.

#[cfg(feature = "mutants")]
use sha2::Digest as _;

use super::SIGNATURE_TYPE;
use super::chain;
use super::credential::{Credential, id_of};
use super::numbers::{field, proof};
use super::presentation::Presentation;
use crate::Reject;
use crate::keys::SigningKey;
use crate::schema::{SCHEMA, TypeId};
use crate::wire::{self, Writer};

/// Credentials state messages of these packages only (HALO-CRED-013).
const ASSERTION_PACKAGES: [&str; 2] = ["dxos.halo.credentials.", "dxos.halo.invitations."];

/// What a credential is to state.
#[derive(Clone, Debug, Default)]
pub struct Issue<'a> {
    /// Who states it; 65 or 32 bytes.
    pub issuer: &'a [u8],
    /// About whom.
    pub subject: &'a [u8],
    /// Full name of the assertion's message type.
    pub assertion_type: &'a str,
    /// The assertion, encoded; fields that are always written may be absent and are completed.
    pub assertion: &'a [u8],
    /// The date of issuance and of the proof, in Unix milliseconds.
    pub date: i64,
    /// When it ceases to be valid, in Unix milliseconds.
    pub expiration: Option<i64>,
    /// The challenge that the proof answers.
    pub nonce: Option<&'a [u8]>,
    /// Ids of the credentials before it, 32 bytes each.
    pub parents: Vec<&'a [u8]>,
    /// The encoded credential that lets the signing key act for the issuer; `None` where it is the issuer's.
    pub chain: Option<&'a [u8]>,
}

/// Issues a credential, signed with a key: its encoding.
///
/// # Errors
/// `auth.chain` if the key may not act for the issuer, `schema.type` for an assertion of a type that
/// credentials do not state, and the reader's classes for an assertion or chain that does not decode.
pub fn issue(key: &SigningKey, what: &Issue<'_>) -> Result<Vec<u8>, Reject> {
    let signer = key.public_key();
    let allowed = ASSERTION_PACKAGES.iter().any(|package| what.assertion_type.starts_with(package));
    let ty = SCHEMA.find(what.assertion_type);
    require!(
        HALO_CRED_013,
        ty.is_some() && allowed,
        SchemaType,
        "credentials do not state messages of this type"
    )?;
    let assertion = match ty {
        Some(ty) => assertion(ty, what.assertion)?,
        None => what.assertion.to_vec(),
    };
    require!(
        HALO_CRED_011,
        what.chain.is_some() == (what.issuer != signer),
        AuthChain,
        "a chain is needed if, and only if, the signing key is not the issuer's"
    )?;

    let fields = Fields { what, signer: &signer, assertion: &assertion };
    // Signed is what a reader will see: the payload is taken from the encoding, not from the parts.
    let unsigned = fields.encode(None, &[]);
    let tree = Credential::read(&unsigned)?;
    let draft = Credential::new(&tree);
    if what.chain.is_some() {
        alter!(HALO_CRED_012, chain::authorized(&draft.proof()?, what.issuer, None)?,
            "the chain is not looked at before signing" => ());
    }
    let payload = draft.payload()?;
    let id = alter!(HALO_CRED_009, id_of(&payload),
        "the id is the hash of the encoding" => sha2::Sha256::digest(&unsigned).into());
    let signed = alter!(HALO_CRED_009, payload.as_bytes(), "the encoding is signed" => &unsigned);
    Ok(fields.encode(Some(&id), &key.sign(signed)))
}

/// An assertion that decodes, completed.
fn assertion(ty: TypeId, bytes: &[u8]) -> Result<Vec<u8>, Reject> {
    let read = wire::read(ty, bytes);
    let tree = alter!(HALO_CRED_014, read?,
    "an assertion that does not decode is taken for an empty one" => match read {
        Ok(tree) => tree,
        Err(_) => return Ok(Vec::new()),
    });
    Ok(alter!(HALO_CRED_010, wire::complete(&tree), "the assertion is not completed" => bytes.to_vec()))
}

struct Fields<'a> {
    what: &'a Issue<'a>,
    signer: &'a [u8],
    assertion: &'a [u8],
}

impl Fields<'_> {
    fn encode(&self, id: Option<&[u8]>, signature: &[u8]) -> Vec<u8> {
        let what = self.what;
        let mut writer = Writer::default();
        let parents = |writer: &mut Writer| {
            for parent in &what.parents {
                writer.key(field::PARENTS, parent);
            }
        };
        if let Some(id) = id {
            writer.key(field::ID, id);
        }
        alter!(HALO_ENC_002, (), "the parents are written before the issuer" => parents(&mut writer));
        writer.key(field::ISSUER, what.issuer).date(field::ISSUANCE_DATE, what.date);
        if let Some(expiration) = what.expiration {
            writer.date(field::EXPIRATION_DATE, expiration);
        }
        writer.message(field::SUBJECT, |claim| {
            claim.key(1, what.subject).message(2, |any| {
                // The value is written even where it is empty (HALO-ENC-005).
                alter!(HALO_ENC_006, any.bytes(1, what.assertion_type.as_bytes()),
                    "the type is written with the prefix type.googleapis.com" =>
                        any.bytes(1, format!("type.googleapis.com/{}", what.assertion_type).as_bytes()));
                alter!(HALO_ENC_005, any.bytes(2, self.assertion),
                    "an empty value of an Any is not written" =>
                        if self.assertion.is_empty() { any } else { any.bytes(2, self.assertion) });
            });
        });
        writer.message(field::PROOF, |writer| {
            write_proof(writer, what.date, self.signer, what.nonce, signature, what.chain);
        });
        alter!(HALO_ENC_002, parents(&mut writer), "the parents are written before the issuer" => ());
        writer.finish()
    }
}

fn write_proof(
    writer: &mut Writer,
    date: i64,
    signer: &[u8],
    nonce: Option<&[u8]>,
    signature: &[u8],
    chain: Option<&[u8]>,
) {
    writer
        .bytes(proof::TYPE, SIGNATURE_TYPE.as_bytes())
        .date(proof::CREATION_DATE, date)
        .key(proof::SIGNER, signer);
    if let Some(nonce) = nonce {
        writer.bytes(proof::NONCE, nonce);
    }
    writer.bytes(proof::VALUE, signature);
    if let Some(link) = chain {
        writer.message(proof::CHAIN, |chain| {
            chain.bytes(1, link);
        });
    }
}

/// Presents encoded credentials with one proof, signed with a key: the presentation's encoding.
///
/// # Errors
/// The reader's classes for a credential or chain that does not decode.
pub fn present(
    key: &SigningKey,
    credentials: &[&[u8]],
    date: i64,
    nonce: Option<&[u8]>,
    chain: Option<&[u8]>,
) -> Result<Vec<u8>, Reject> {
    let signer = key.public_key();
    let encode = |signature: &[u8]| {
        let mut writer = Writer::default();
        for credential in credentials {
            writer.bytes(1, credential);
        }
        writer.message(2, |writer| write_proof(writer, date, &signer, nonce, signature, chain));
        writer.finish()
    };
    let unsigned = encode(&[]);
    let tree = Presentation::read(&unsigned)?;
    let payload = Presentation::new(&tree).payload(0)?;
    let signed = alter!(HALO_PRES_009, payload.as_bytes(), "the encoding is signed" => &unsigned);
    Ok(encode(&key.sign(signed)))
}
