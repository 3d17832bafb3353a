//! Free data: `google.protobuf.Struct`.

use super::Drawn;
#[cfg(feature = "mutants")]
use super::mistakes;
use super::text::Text;
use crate::wire::{Message, Value};

/// Names that the canonical form leaves out: `@type`, and those that begin with `__` (HALO-PAY-009).
fn is_private(name: &str) -> bool {
    alter!(HALO_PAY_009, name == "@type" || name.starts_with("__"),
        "members named @type are kept" => name.starts_with("__"),
        "members with two underscores are kept" => name == "@type",
        "members with one underscore are left out" => name == "@type" || name.starts_with('_'),
        "all members with an at sign are left out" => name.starts_with('@') || name.starts_with("__"))
}

impl Text {
    /// Writes a Struct as an object.
    pub(super) fn free_object(&mut self, object: &Message<'_>) -> Drawn {
        let members = members(object);
        let data = alter!(HALO_PAY_015, buffer_data(&members),
            "an object of type Buffer is an object" => None);
        if let Some(data) = data {
            return self.buffer(&members, data);
        }
        let mut count = self.open('{');
        for (name, value) in members {
            if alter!(HALO_PAY_009, is_private(name),
                "private members are left out at the top only" =>
                    is_private(name) && mistakes::depth(self) < 4)
            {
                continue;
            }
            let mark = self.member(&mut count, name);
            if !self.free_value(value)? {
                alter!(HALO_PAY_008, self.back(&mut count, mark),
                    "members whose value is null are kept" => self.raw("null"));
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
            Some((6, Value::Message(list))) => {
                let items = list.messages(1);
                return alter!(HALO_PAY_008, self.list(items, Self::free_value),
                    "null items of lists are left out" =>
                        self.list(items.filter(|item| item.get(1).is_none()), Self::free_value));
            }
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
    alter!(HALO_PAY_004, members.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16())),
        "members are sorted by code points" => members.sort_by_key(|(name, _)| *name),
        "members are sorted in any case" => members.sort_by_key(|(name, _)| name.to_lowercase()),
        "members that are numbers come first, by value" =>
            members.sort_by_key(|(name, _)| (name.parse::<u32>().unwrap_or(u32::MAX), *name)),
        "members keep their order" => ());
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
        (2, Value::Double(number)) if number.is_finite() => {
            Some(alter!(HALO_PAY_015, number.trunc().rem_euclid(256.0) as u8,
                "numbers beyond a byte are cut to 255 and to 0" => *number as u8,
                "numbers are rounded to the nearest" => number.round().rem_euclid(256.0) as u8))
        }
        (1 | 2, _) => Some(0),
        (4, Value::Bool(bool)) => Some(u8::from(*bool)),
        (3, Value::Str(text)) if !text.chars().any(|c| c.is_ascii_digit() || c == 'I') => Some(0),
        _ => None,
    }
}
