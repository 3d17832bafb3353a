//! What of a credential or a presentation is signed.

#[cfg(feature = "mutants")]
use super::mistakes;
use super::numbers::{field, proof};
use crate::Reject;
use crate::canonical::Text;
use crate::wire::{Message, Value};

type Drawn = Result<bool, Reject>;

/// A credential as its proof signs it: without id and chain, with an empty signature, and without the
/// parents if there are none (HALO-PAY-001, HALO-PAY-002).
pub(super) fn credential(text: &mut Text, credential: &Message<'_>) -> Drawn {
    text.object(credential, |text, member, value| match member.number {
        field::ID => alter!(HALO_PAY_001, Ok(false), "the id is signed" => text.field(member, value)),
        field::PARENTS if value.is_none() => {
            alter!(HALO_PAY_002, Ok(false), "an empty list of parents is signed" => text.field(member, value))
        }
        field::PARENTS => alter!(HALO_PAY_002, text.field(member, value),
            "the parents are sorted" => text.field(member, mistakes::sorted(value).as_ref())),
        field::PROOF => match value {
            Some(Value::Message(proof)) => alter!(HALO_PAY_001, signed_proof(text, proof),
                "the date of the proof is taken to be that of issuance" =>
                    mistakes::dated_proof(text, proof, credential.get(field::ISSUANCE_DATE))),
            _ => {
                text.raw(r#"{"value":""}"#);
                Ok(true)
            }
        },
        _ => text.field(member, value),
    })
}

/// Credentials as the proofs of a presentation sign them: whole, but for empty parents (HALO-PRES-001).
pub(super) fn credentials<'m>(text: &mut Text, credentials: impl Iterator<Item = &'m Message<'m>>) -> Drawn {
    alter!(HALO_PRES_001, text.list(credentials, whole_credential),
        "credentials are signed without id, chain and signature" => text.list(credentials, credential))
}

/// What a proof of a presentation signs, with the credentials written before.
pub(super) fn presentation(text: &mut Text, credentials: &str, proof: &Message<'_>) -> Drawn {
    text.raw(r#"{"credentials":"#);
    text.raw(credentials);
    text.raw(r#","proof":"#);
    alter!(HALO_PRES_010, signed_proof(text, proof)?,
        "the chain is signed" => whole_proof(text, proof)?);
    text.raw("}");
    Ok(true)
}

/// A proof as it signs itself: without chain, with an empty signature.
pub(super) fn signed_proof(text: &mut Text, proof: &Message<'_>) -> Drawn {
    text.object(proof, |text, member, value| match member.number {
        proof::CHAIN => alter!(HALO_CHAIN_009, Ok(false), "the chain is signed" => text.field(member, value)),
        proof::VALUE => alter!(HALO_PAY_001, {
                text.string("");
                Ok(true)
            },
            "the empty signature is left out" => Ok(false),
            "the signature is signed" => text.field(member, value)),
        proof::NONCE => alter!(HALO_PAY_003, text.field(member, value),
            "the nonce is not signed" => Ok(false),
            "an empty nonce is left out" => mistakes::filled(text, member, value),
            "an absent nonce is null" => mistakes::or_null(text, member, value)),
        _ => text.field(member, value),
    })
}

fn whole_credential(text: &mut Text, credential: &Message<'_>) -> Drawn {
    text.object(credential, |text, member, value| match (member.number, value) {
        (field::ID, value) => alter!(HALO_PRES_001, text.field(member, value),
            "credentials are signed without their ids" => Ok(false)),
        (field::PARENTS, None) => alter!(HALO_PRES_001, Ok(false),
            "empty lists of parents are signed" => text.field(member, value)),
        (field::PROOF, Some(Value::Message(proof))) => alter!(HALO_PRES_001, whole_proof(text, proof),
            "empty lists of parents are left out of the outermost credential only" =>
                text.field(member, value)),
        _ => text.field(member, value),
    })
}

fn whole_proof(text: &mut Text, proof: &Message<'_>) -> Drawn {
    text.object(proof, |text, member, value| match (member.number, value) {
        (proof::CHAIN, Some(Value::Message(chain))) => {
            text.object(chain, |text, member, value| match value {
                Some(Value::Message(link)) => whole_credential(text, link),
                _ => text.field(member, value),
            })
        }
        _ => text.field(member, value),
    })
}
