//! The writer: fields in the order they are given, exactly those that are given.

use super::tree::{Message, Value};
use crate::schema::{Field, Kind, Label, SCHEMA, TypeId};

/// Writes fields one after the other.  The caller gives them by ascending number (HALO-ENC-002).
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// The message written.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes a field of bytes, text or an encoded message.
    pub fn bytes(&mut self, number: u32, bytes: &[u8]) -> &mut Self {
        self.varint(u64::from(number << 3 | 2));
        self.varint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Writes a field that holds a message.
    pub fn message(&mut self, number: u32, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::default();
        fill(&mut inner);
        self.bytes(number, &inner.bytes)
    }

    /// Writes a field that holds a `PublicKey`.
    pub fn key(&mut self, number: u32, key: &[u8]) -> &mut Self {
        self.message(number, |inner| {
            inner.bytes(1, key);
        })
    }

    /// Writes an integer, a truth value or the number of an enumeration: negative ones in ten bytes.
    pub fn int(&mut self, number: u32, value: i64) -> &mut Self {
        self.varint(u64::from(number << 3));
        #[allow(clippy::cast_sign_loss)]
        let bits = value as u64;
        self.varint(alter!(HALO_ENC_003, bits,
            "a negative number is cut to 32 bits" => if value < 0 { bits & 0xffff_ffff } else { bits }));
        self
    }

    /// Writes a date given in Unix milliseconds: whole seconds and the rest in nanoseconds, both always.
    pub fn date(&mut self, number: u32, milliseconds: i64) -> &mut Self {
        let (seconds, rest) = alter!(HALO_ENC_027, (milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000)),
            "seconds are rounded towards 1970" => (milliseconds / 1000, milliseconds % 1000));
        let nanos = alter!(HALO_CRED_007, rest * 1_000_000,
            "a date has parts of a millisecond" => rest * 1_000_000 + 1_000,
            "a date is cut to seconds" => 0);
        self.message(number, |inner| {
            inner.int(1, seconds);
            alter!(HALO_ENC_021, { inner.int(2, nanos); },
                "nanoseconds of 0 are not written" => if nanos != 0 { inner.int(2, nanos); });
        })
    }

    fn double(&mut self, number: u32, value: f64) {
        self.varint(u64::from(number << 3 | 1));
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    #[allow(clippy::cast_possible_truncation)]
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

/// Writes a tree with every field that is always written, recursively (HALO-ENC-003): what a reader
/// would fill in is on the wire, so that writer and reader sign the same text.
pub fn complete(message: &Message<'_>) -> Vec<u8> {
    let mut writer = Writer::default();
    let message_type = message.message_type();
    let fields = message_type.fields.iter().enumerate();
    let fields: Vec<_> = alter!(HALO_ENC_002, fields.collect(),
        "the fields of an assertion are written in descending order" => fields.rev().collect());
    for (index, field) in fields {
        match message.by_index(index) {
            Some(Value::List(values)) => values.iter().for_each(|value| write(&mut writer, field, value)),
            Some(value) => write(&mut writer, field, value),
            None if field.label == Label::Implicit && !message_type.is_map_entry => {
                alter!(HALO_ENC_003, default(&mut writer, field),
                    "an implicit field with its default is not written" => ());
            }
            None if field.label == Label::Optional && field.kind == Kind::Int32 => {
                alter!(HALO_ENC_004, (), "an enumeration that is not set is written" => default(&mut writer, field));
            }
            None => {}
        }
    }
    writer.finish()
}

fn write(writer: &mut Writer, field: &Field, value: &Value<'_>) {
    match value {
        Value::Int(value) => {
            alter!(HALO_ENC_004, { writer.int(field.number, *value); },
                "an enumeration of 0 is not written" => if *value != 0 { writer.int(field.number, *value); });
        }
        Value::Bool(value) => {
            writer.int(field.number, i64::from(*value));
        }
        Value::Double(value) => writer.double(field.number, *value),
        Value::Str(text) => {
            writer.bytes(field.number, text.as_bytes());
        }
        Value::Bytes(bytes) => {
            writer.bytes(field.number, bytes);
        }
        Value::Message(inner) => {
            writer.bytes(field.number, &complete(inner));
        }
        Value::List(_) => {}
    }
}

fn default(writer: &mut Writer, field: &Field) {
    match field.kind {
        Kind::Int32 | Kind::Uint32 | Kind::Int64 | Kind::Bool => {
            writer.int(field.number, 0);
        }
        Kind::Double => writer.double(field.number, 0.0),
        Kind::String | Kind::Bytes => {
            writer.bytes(field.number, &[]);
        }
        Kind::Message(ty) => {
            writer.bytes(field.number, &defaults(ty));
        }
    }
}

fn defaults(ty: TypeId) -> Vec<u8> {
    let mut writer = Writer::default();
    for field in SCHEMA.get(ty).fields.iter().filter(|field| field.label == Label::Implicit) {
        default(&mut writer, field);
    }
    writer.finish()
}
