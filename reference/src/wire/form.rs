//! The form in which a writer has to write: an instrument of the judge, which looks at what an implementation
//! issued.  A reader takes other forms too, so that nothing here is a check of input.

use super::tree::{Message, Value};
use crate::schema::{Kind, Label, Shape};
use crate::{Class, Reject, requirement as req};

/// Whether a message that was read had been written as it must be.
///
/// # Errors
/// `canon.form` with the requirement: fields out of order (HALO-ENC-002), an implicit field that is absent
/// (HALO-ENC-003), a date whose parts are not whole milliseconds (HALO-CRED-007) or not as HALO-ENC-021 and
/// HALO-ENC-027 say.
pub fn form(message: &Message<'_>) -> Result<(), Reject> {
    let fault = |requirement, what| Err(Reject::new(requirement, Class::CanonForm, what).at(message.at()));
    let message_type = message.message_type();
    if !message.order().is_sorted() {
        return fault(req::HALO_ENC_002, "the fields are not in ascending order");
    }
    let owed = message_type
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.label == Label::Implicit && field.kind != Kind::Double);
    let absent = owed.filter(|(index, _)| message.by_index(*index).is_none()).count();
    if absent > 0 && !message_type.is_map_entry && message_type.shape != Shape::Timestamp {
        return fault(req::HALO_ENC_003, "an implicit field is absent");
    }
    if message_type.shape == Shape::Timestamp {
        match (message.int(1), message.int(2)) {
            (Some(_), Some(nanos)) if (0..1_000_000_000).contains(&nanos) => {
                if nanos % 1_000_000 != 0 {
                    return fault(req::HALO_CRED_007, "a date is not of whole milliseconds");
                }
            }
            (Some(_), Some(..0)) => {
                return fault(req::HALO_ENC_027, "the nanoseconds of a date are negative");
            }
            _ => return fault(req::HALO_ENC_021, "a date is not of seconds, rounded down, and nanoseconds"),
        }
    }
    message.values().try_for_each(|value| match value {
        Value::Message(inner) => form(inner),
        Value::List(list) => list.iter().try_for_each(|item| match item {
            Value::Message(inner) => form(inner),
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    message.contained().map_or(Ok(()), form)
}
