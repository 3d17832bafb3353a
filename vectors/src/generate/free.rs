//! Free data: an encoder for `google.protobuf.Struct` that keeps the order of members.

use super::forge::message;

/// A value of free data.
#[derive(Clone)]
pub(super) enum Free {
    Null,
    Number(f64),
    Text(String),
    Bool(bool),
    Object(Vec<(String, Self)>),
    List(Vec<Self>),
}

/// The encoded entries of a Struct, in this order.
pub(super) fn entries(members: &[(&str, Free)]) -> Vec<u8> {
    members.iter().flat_map(|(name, value)| entry(name, value)).collect()
}

/// An encoded entry with any name and any encoded value, or without them.
pub(super) fn raw_entry(name: Option<&[u8]>, value: Option<&[u8]>) -> Vec<u8> {
    let name = name.map(|name| message(1, name)).unwrap_or_default();
    let value = value.map(|value| message(2, value)).unwrap_or_default();
    message(1, &[name, value].concat())
}

fn entry(name: &str, value: &Free) -> Vec<u8> {
    raw_entry(Some(name.as_bytes()), Some(&encode(value)))
}

fn encode(value: &Free) -> Vec<u8> {
    match value {
        Free::Null => vec![0x08, 0x00],
        Free::Number(number) => [&[0x11][..], &number.to_le_bytes()].concat(),
        Free::Text(text) => message(3, text.as_bytes()),
        Free::Bool(bool) => vec![0x20, u8::from(*bool)],
        Free::Object(members) => {
            let entries: Vec<u8> = members.iter().flat_map(|(name, value)| entry(name, value)).collect();
            message(5, &entries)
        }
        Free::List(items) => {
            let items: Vec<u8> = items.iter().flat_map(|item| message(1, &encode(item))).collect();
            message(6, &items)
        }
    }
}
