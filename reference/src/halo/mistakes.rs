//! What plausible mistakes with credentials need.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::credential::{Credential, Proof};
use super::numbers::proof;
use crate::canonical::Text;
use crate::schema::Field;
use crate::wire::{Message, Value};
use crate::{Class, Reject, requirement as req};

thread_local! {
    /// Ids and payloads that were seen before.
    static SEEN: RefCell<BTreeSet<Vec<u8>>> = const { RefCell::new(BTreeSet::new()) };
}

/// Forgets what was seen.
pub(crate) fn forget() {
    SEEN.with_borrow_mut(BTreeSet::clear);
}

/// Whether a credential that carries the same id was verified before.
pub(super) fn is_known(credential: &Credential<'_>) -> bool {
    credential.carried_id().is_some_and(|id| SEEN.with_borrow(|seen| seen.contains(id)))
}

/// Keeps the carried id.
pub(super) fn remember(credential: &Credential<'_>) {
    if let Some(id) = credential.carried_id() {
        SEEN.with_borrow_mut(|seen| seen.insert(id.to_vec()));
    }
}

/// Rejects a credential that was seen before.
pub(super) fn first_time(credential: &Credential<'_>) -> Result<(), Reject> {
    let is_new = SEEN.with_borrow_mut(|seen| {
        seen.insert(credential.proof().map(|proof| proof.value().to_vec()).unwrap_or_default())
    });
    if is_new { Ok(()) } else { Err(Reject::new(req::HALO_CRED_015, Class::AuthReplay, "seen before")) }
}

/// Rejects a credential whose carried id is not that of its payload.
pub(super) fn right_id(credential: &Credential<'_>) -> Result<(), Reject> {
    match credential.carried_id() {
        Some(id) if id != credential.computed_id()? => {
            Err(Reject::new(req::HALO_CRED_006, Class::CanonForm, "not the id of the payload"))
        }
        _ => Ok(()),
    }
}

/// Rejects an assertion whose type the schema does not have.
pub(super) fn known_type(credential: &Credential<'_>) -> Result<(), Reject> {
    match credential.assertion() {
        Some(assertion) if assertion.message().is_none() => {
            Err(Reject::new(req::HALO_CRED_016, Class::SchemaType, "an unknown type"))
        }
        _ => Ok(()),
    }
}

/// Rejects a signature that has not 64 bytes.
pub(super) fn long_enough(proof: &Proof<'_>) -> Result<(), Reject> {
    if proof.value().len() == 64 {
        return Ok(());
    }
    Err(Reject::new(req::HALO_CRED_003, Class::AuthSignature, "not 64 bytes"))
}

/// Rejects a chain of more links.
pub(super) fn at_most(proof: &Proof<'_>, links: usize) -> Result<(), Reject> {
    if proof.chain_length() <= links {
        return Ok(());
    }
    Err(Reject::new(req::HALO_CHAIN_008, Class::AuthChain, "a chain of too many links"))
}

/// The last 16 bytes of a key.
pub(super) fn tail(key: &[u8]) -> &[u8] {
    key.get(key.len().saturating_sub(16)..).unwrap_or_default()
}

/// Whether two keys differ within the length of the shorter one.
pub(super) fn differ_early(a: &[u8], b: &[u8]) -> bool {
    a.iter().zip(b).any(|(a, b)| a != b)
}

/// A list of keys in ascending order.
pub(super) fn sorted<'a>(value: Option<&Value<'a>>) -> Option<Value<'a>> {
    let Some(Value::List(list)) = value else { return value.cloned() };
    let mut list = list.clone();
    list.sort_by_key(|item| match item {
        Value::Message(key) => key.bytes(1).unwrap_or_default().to_vec(),
        _ => Vec::new(),
    });
    Some(Value::List(list))
}

/// A proof as it signs itself, with another date.
pub(super) fn dated_proof(
    text: &mut Text,
    message: &Message<'_>,
    date: Option<&Value<'_>>,
) -> Result<bool, Reject> {
    text.object(message, |text, member, value| match member.number {
        proof::CREATION_DATE => text.field(member, date.or(value)),
        proof::CHAIN => Ok(false),
        proof::VALUE => {
            text.string("");
            Ok(true)
        }
        _ => text.field(member, value),
    })
}

/// A member that is left out where it is empty.
pub(super) fn filled(text: &mut Text, member: &Field, value: Option<&Value<'_>>) -> Result<bool, Reject> {
    match value {
        Some(Value::Bytes([])) => Ok(false),
        _ => text.field(member, value),
    }
}

/// A member that is null where it is absent.
pub(super) fn or_null(text: &mut Text, member: &Field, value: Option<&Value<'_>>) -> Result<bool, Reject> {
    if value.is_some() {
        return text.field(member, value);
    }
    text.raw("null");
    Ok(true)
}
