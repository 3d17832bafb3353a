//! Changes of fields: what stays readable reaches deeper than what does not.

use super::bytes;
use crate::fuzz::chance::Chance;
use crate::fuzz::wire::{Body, Content, Field, Length, Message, Varint, key};

/// Numbers at which something often begins or ends.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    999_999,
    1_000_000,
    999_999_999,
    1_000_000_000,
    (1 << 31) - 1,
    1 << 31,
    u32::MAX as u64,
    1 << 32,
    (1 << 53) + 1,
    1 << 63,
    u64::MAX,
];

/// The largest field number.
const MAX_NUMBER: u64 = (1 << 29) - 1;

/// Changes fields once, perhaps with a field of others, and writes them.
pub(super) fn change(mut whole: Message, other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let number = chance.below(whole.count());
    let stranger = {
        let mut others = Message::read(other);
        let number = chance.below(others.count());
        let fields = others.nth_mut(number).map(|message| message.fields.clone()).unwrap_or_default();
        chance.pick(&fields).cloned()
    };
    if let Some(message) = whole.nth_mut(number) {
        change_message(message, stranger, chance);
    }
    whole.to_bytes()
}

fn change_message(message: &mut Message, stranger: Option<Field>, chance: &mut Chance) {
    let fields = &mut message.fields;
    let at = chance.below(fields.len());
    let to = chance.below(fields.len() + 1);
    match chance.below(16) {
        0 if at < fields.len() => {
            let field = fields.remove(at);
            fields.insert(to.min(fields.len()), field);
        }
        1 => {
            if let Some(field) = fields.get(at).cloned() {
                fields.insert(to, field);
            }
        }
        2 if at < fields.len() => drop(fields.remove(at)),
        3 => {
            if let Some(field) = fields.get_mut(at) {
                wrap(field);
            }
        }
        4 => {
            if let Some(inner) = fields.get(at).and_then(Field::message).cloned() {
                fields.splice(at..=at, inner.fields);
            }
        }
        5 => fields.truncate(at),
        6 | 7 => fields.splice(to..to, unknown(chance)).for_each(drop),
        8 => {
            if let Some(stranger) = stranger {
                fields.insert(to, stranger);
            }
        }
        9 => {
            let length = chance.below(4) + 1;
            message.rest = chance.bytes(length);
        }
        10 => {
            if let Some(field) = fields.get_mut(at) {
                field.key = change_key(&field.key, chance);
            }
        }
        _ => {
            if let Some(field) = fields.get_mut(at) {
                change_content(&mut field.content, chance);
            }
        }
    }
}

/// The field becomes the only one of a field of the same number.
fn wrap(field: &mut Field) {
    let number = field.number();
    let inner = Message { fields: vec![field.clone()], rest: Vec::new() };
    *field = Field::delimited(number, Body::Message(inner));
}

/// A field of a number that no schema has, of any wire type; a group has two ends.
fn unknown(chance: &mut Chance) -> Vec<Field> {
    let number = 1000 + u32::try_from(chance.below(1 << 20)).unwrap_or_default();
    let number = if chance.once_in(8) { 0 } else { number };
    let field = |wire_type, content| Field { key: key(number, wire_type), content };
    match chance.below(5) {
        0 => vec![field(0, Content::Varint(Varint::new(chance.number())))],
        1 => vec![field(1, Content::Fixed(chance.bytes(8)))],
        2 => vec![field(5, Content::Fixed(chance.bytes(4)))],
        3 => {
            let inner = Field::integer(1, chance.number());
            vec![field(3, Content::Mark), inner, field(4, Content::Mark)]
        }
        _ => {
            let length = chance.below(6);
            vec![Field::delimited(number, Body::Bytes(chance.bytes(length)))]
        }
    }
}

/// Another width, wire type or number.
fn change_key(old: &Varint, chance: &mut Chance) -> Varint {
    let value = old.value();
    match chance.below(3) {
        0 => Varint::wide(value, old.width() + 1 + chance.below(11)),
        1 => Varint::new(value & !7 | chance.below(8) as u64),
        _ => {
            let number = match chance.below(3) {
                0 => (value >> 3) + 1,
                1 => (value >> 3).saturating_sub(1),
                _ => 1 + chance.below(13) as u64,
            };
            Varint::new(number.min(MAX_NUMBER) << 3 | value & 7)
        }
    }
}

fn change_content(content: &mut Content, chance: &mut Chance) {
    match content {
        Content::Varint(number) => {
            let value = number.value();
            *number = match chance.below(4) {
                0 => Varint::wide(value, number.width() + 1 + chance.below(11)),
                1 => Varint::new(value.wrapping_add(1)),
                2 => Varint::new(value.wrapping_neg()),
                _ => Varint::new(chance.pick(&EDGES).copied().unwrap_or_default()),
            };
        }
        Content::Fixed(bytes) => {
            let length = bytes.len();
            let specials = [f64::NAN, f64::INFINITY, -0.0, 1e21, 1e-7, 5e-324, 0.1, 2f64.powi(53)];
            let special = chance.pick(&specials).copied().unwrap_or_default();
            *bytes = match chance.below(3) {
                0 => chance.bytes(length),
                1 if length == 8 => special.to_le_bytes().to_vec(),
                _ => {
                    let mut changed = bytes.clone();
                    bytes::change(&mut changed, &[], chance);
                    // Six wrong lengths out of seven are just a wrong message.
                    if !chance.once_in(7) {
                        changed.resize(length, 0);
                    }
                    changed
                }
            };
        }
        Content::Delimited(length, body) => match chance.below(6) {
            0 => {
                let value = body.to_bytes().len() as u64;
                let near = [value + 1, value.saturating_sub(1), 0, 1 << 31, u64::from(u32::MAX), u64::MAX];
                *length = Length::Stated(Varint::new(chance.pick(&near).copied().unwrap_or_default()));
            }
            1 => *length = Length::Fits(2 + chance.below(11)),
            2 => *body = Body::Bytes(Vec::new()),
            _ => {
                let mut changed = body.to_bytes();
                bytes::change(&mut changed, &[], chance);
                *body = Body::Bytes(changed);
            }
        },
        Content::Mark => {}
    }
}
