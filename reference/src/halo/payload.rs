//! What of a credential or a presentation is signed.

use super::numbers::{field, proof};
use crate::Reject;
use crate::canonical::Text;
use crate::wire::{Message, Value};

type Drawn = Result<bool, Reject>;

/// A credential as its proof signs it: without id and chain, with an empty signature, and without the
/// parents if there are none (HALO-PAY-001, HALO-PAY-002).
pub(super) fn credential(text: &mut Text, credential: &Message<'_>) -> Drawn {
    text.object(credential, |text, member, value| match member.number {
        field::ID => Ok(false),
        field::PARENTS if value.is_none() => Ok(false),
        field::PROOF => match value {
            Some(Value::Message(proof)) => signed_proof(text, proof),
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
    text.list(credentials, whole_credential)
}

/// What a proof of a presentation signs, with the credentials written before.
pub(super) fn presentation(text: &mut Text, credentials: &str, proof: &Message<'_>) -> Drawn {
    text.raw(r#"{"credentials":"#);
    text.raw(credentials);
    text.raw(r#","proof":"#);
    signed_proof(text, proof)?;
    text.raw("}");
    Ok(true)
}

/// A proof as it signs itself: without chain, with an empty signature.
fn signed_proof(text: &mut Text, proof: &Message<'_>) -> Drawn {
    text.object(proof, |text, member, value| match member.number {
        proof::CHAIN => Ok(false),
        proof::VALUE => {
            text.string("");
            Ok(true)
        }
        _ => text.field(member, value),
    })
}

fn whole_credential(text: &mut Text, credential: &Message<'_>) -> Drawn {
    text.object(credential, |text, member, value| match (member.number, value) {
        (field::PARENTS, None) => Ok(false),
        (field::PROOF, Some(Value::Message(proof))) => whole_proof(text, proof),
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
