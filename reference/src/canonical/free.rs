//! Free data: `google.protobuf.Struct`.

use super::Drawn;
use super::text::Text;
use crate::wire::{Message, Value};

/// Names that the canonical form leaves out: `@type`, and those that begin with `__` (HALO-PAY-009).
fn is_private(name: &str) -> bool {
    name == "@type" || name.starts_with("__")
}

impl Text {
    /// Writes a Struct as an object.
    pub(super) fn free_object(&mut self, object: &Message<'_>) -> Drawn {
        let members = members(object);
        if let Some(data) = buffer_data(&members) {
            return self.buffer(&members, data);
        }
        let mut count = self.open('{');
        for (name, value) in members {
            if is_private(name) {
                continue;
            }
            let mark = self.member(&mut count, name);
            if !self.free_value(value)? {
                self.back(&mut count, mark);
            }
        }
        self.close('}');
        Ok(true)
    }

    /// Writes a value of a Struct; `false` for null.
    fn free_value(&mut self, value: &Message<'_>) -> Drawn {
        match kind(value) {
            Some((2, Value::Double(number))) => self.number(*number),
            Some((3, Value::Str(text))) => self.string(text),
            Some((4, Value::Bool(bool))) => self.raw(if *bool { "true" } else { "false" }),
            Some((5, Value::Message(object))) => return self.free_object(object),
            Some((6, Value::Message(list))) => return self.list(list.messages(1), Self::free_value),
            // Null: left out of an object, kept in a list (HALO-PAY-008).
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Writes an object that deployed peers take for a byte buffer (HALO-PAY-015).
    fn buffer(&mut self, members: &[(&str, &Message<'_>)], data: &Message<'_>) -> Drawn {
        let confusing = members.iter().any(|(name, _)| matches!(*name, "length" | "buffer" | "valueOf"));
        let bytes: Option<Vec<u8>> = match kind(data) {
            Some((6, Value::Message(list))) if !confusing => list.messages(1).map(byte).collect(),
            _ => None,
        };
        require!(
            HALO_PAY_016,
            bytes.is_some(),
            CanonForm,
            "an object of type \"Buffer\" whose data is not a list of numbers has no canonical form"
        )?;
        self.hex(&bytes.unwrap_or_default());
        Ok(true)
    }
}

/// The members of a Struct by the UTF-16 code units of their names (HALO-PAY-004).
fn members<'m, 'a>(object: &'m Message<'a>) -> Vec<(&'a str, &'m Message<'a>)> {
    let mut members: Vec<(&str, &Message<'_>)> = object
        .messages(1)
        .filter_map(|entry| Some((entry.text(1).unwrap_or_default(), entry.message(2)?)))
        .collect();
    members.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
    members
}

/// The kind and content of a value: the lowest field number that is present.
fn kind<'m, 'a>(value: &'m Message<'a>) -> Option<(u32, &'m Value<'a>)> {
    (1..=6).find_map(|number| Some((number, value.get(number)?)))
}

/// The member `data` of an object with `"type": "Buffer"`, if it is not falsy.
fn buffer_data<'m, 'a>(members: &[(&str, &'m Message<'a>)]) -> Option<&'m Message<'a>> {
    let find = |name| members.iter().find(|(member, _)| *member == name).map(|(_, value)| *value);
    let (Some((3, Value::Str("Buffer"))), data) = (kind(find("type")?), find("data")?) else { return None };
    let truthy = match kind(data)? {
        (2, Value::Double(number)) => *number != 0.0 && !number.is_nan(),
        (3, Value::Str(text)) => !text.is_empty(),
        (4, Value::Bool(bool)) => *bool,
        (number, _) => number >= 5,
    };
    truthy.then_some(data)
}

/// An item of a byte list: numbers modulo 256, truncated; null and text that is no number are 0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn byte(item: &Message<'_>) -> Option<u8> {
    match kind(item)? {
        (2, Value::Double(number)) if number.is_finite() => Some(number.trunc().rem_euclid(256.0) as u8),
        (1 | 2, _) => Some(0),
        (4, Value::Bool(bool)) => Some(u8::from(*bool)),
        (3, Value::Str(text)) if !text.chars().any(|c| c.is_ascii_digit() || c == 'I') => Some(0),
        _ => None,
    }
}
