//! What plausible mistakes in reading and writing need.

use super::tree::{Message, Value};
use crate::schema::{MessageType, SCHEMA};
use crate::{Class, Reject, requirement as req};

/// What is said of a field that a reader does not expect.
pub(super) const fn unexpected(at: usize) -> Reject {
    Reject::new(req::HALO_ENC_001, Class::SchemaType, "an unexpected field").at(at)
}

/// Field numbers of `MemberProfile` as if its only field were the first.
pub(super) fn moved(message_type: &MessageType, number: u32) -> u32 {
    match (message_type.name.as_str(), number) {
        ("dxos.halo.credentials.MemberProfile", 1) => 3,
        ("dxos.halo.credentials.MemberProfile", 3) => 1,
        _ => number,
    }
}

/// The first full name of a type that ends with a name.
pub(super) fn completed(name: Option<&str>) -> Option<&str> {
    let known = |full: &&str| name.is_some_and(|name| full.rsplit('.').next() == name.rsplit('.').next());
    SCHEMA.names().find(known).or(name)
}

/// Refuses a field that comes after one of a higher number.
pub(super) fn ascending(message: &Message<'_>, index: usize, at: usize) -> Result<(), Reject> {
    if message.order().next_back().is_some_and(|last| last > index) { Err(unexpected(at)) } else { Ok(()) }
}

/// Refuses a varint whose last byte of several adds nothing.
pub(super) fn shortest(shift: u32, byte: u8, at: usize) -> Result<(), Reject> {
    if shift > 0 && byte == 0 {
        return Err(Reject::new(req::HALO_ENC_012, Class::CanonForm, "a varint of too many bytes").at(at));
    }
    Ok(())
}

impl<'a> Message<'a> {
    /// Sets a singular field that is not set yet.
    pub(super) fn keep(&mut self, index: usize, value: Value<'a>) {
        if self.by_index(index).is_none() {
            self.replace(index, value);
        }
    }

    /// Sets a singular field; the fields of a message that was there stay where the later one has none.
    pub(super) fn merge(&mut self, index: usize, value: Value<'a>) {
        match (self.by_index(index).cloned(), value) {
            (Some(Value::Message(mut earlier)), Value::Message(later)) => {
                for (inner, value) in later.into_fields() {
                    earlier.merge(inner, value);
                }
                self.replace(index, Value::Message(earlier));
            }
            (_, value) => self.replace(index, value),
        }
    }
}
