//! The reader: bytes to tree, in one pass.

use std::collections::{HashMap, HashSet};

#[cfg(feature = "mutants")]
use super::mistakes;
use super::tree::{Message, Value};
use crate::Reject;
use crate::schema::{Field, Kind, Label, SCHEMA, Shape, TypeId};

/// Messages may be nested this deep below the outermost one; HALO-ENC-019.
/// A credential with 32 chain links just fits.
pub const MAX_DEPTH: usize = 100;

/// Messages may be in an Any that is itself in an Any, this many in all; HALO-ENC-024.
pub const MAX_ANYS: usize = 4;

/// Largest input, in bytes; HALO-ENC-020.
pub const MAX_BYTES: usize = 4 << 20;

/// Reads a message of a type.
///
/// # Errors
/// The classes `decode.*`, `schema.range`, `resource.depth` and `resource.size`, with the offset of the
/// fault.
pub fn read(ty: TypeId, bytes: &[u8]) -> Result<Message<'_>, Reject> {
    require!(HALO_ENC_020, bytes.len() <= MAX_BYTES, ResourceSize, "input is larger than 4 MiB")?;
    whole(ty, bytes, 0)
}

/// Reads and checks a message that is in so many Anys.
fn whole(ty: TypeId, bytes: &[u8], anys: usize) -> Result<Message<'_>, Reject> {
    let depth = alter!(HALO_ENC_019, 0,
        "the message in an Any is not counted anew" => if anys > 0 { MAX_DEPTH / 2 } else { 0 });
    let mut message = Reader { bytes, pos: 0, end: bytes.len() }.message(ty, depth)?;
    settle(&mut message, anys)?;
    Ok(message)
}

/// Checks what only makes sense once the last occurrence of each field is known: a message that a later one
/// replaces is not looked into (HALO-ENC-007).  The outermost message is shown by its fields, whatever its
/// type, and has no meaning of its own.
fn settle(message: &mut Message<'_>, anys: usize) -> Result<(), Reject> {
    if message.message_type().shape == Shape::Struct {
        keep_last_entries(message);
    }
    let keeps_anys = alter!(ECHO_OBJ_002, message.message_type().keeps_anys,
        "a model of a known type is opened" => false);
    for child in message.children() {
        settle(child, anys)?;
        let (at, shape) = (child.at(), child.message_type().shape);
        check(child, shape).map_err(|reject| reject.at(at))?;
        if shape == Shape::Any && !keeps_anys {
            open(child, anys).map_err(|reject| reject.at(at))?;
        }
    }
    Ok(())
}

/// Of the entries of a Struct with one name the last counts.
fn keep_last_entries(message: &mut Message<'_>) {
    alter!(HALO_ENC_007, (), "of the entries of a Struct with one name all are kept" => return);
    let mut last: HashMap<&str, usize> = HashMap::new();
    for entry in message.messages(1) {
        last.insert(entry.text(1).unwrap_or_default(), entry.at());
    }
    let kept: HashSet<usize> = last.into_values().collect();
    message.retain(|entry| kept.contains(&entry.at()));
}

/// Reads the message in an Any of a known type.  The nesting is counted anew, as deployed peers do.
fn open(any: &mut Message<'_>, anys: usize) -> Result<(), Reject> {
    let name = any.text(1).map(|name| name.strip_prefix('.').unwrap_or(name));
    let name = alter!(HALO_ENC_006, name,
        "the prefix type.googleapis.com is taken off" =>
            name.map(|name| name.strip_prefix("type.googleapis.com/").unwrap_or(name)));
    let name =
        alter!(HALO_ENC_029, name, "the last part of a type's name will do" => mistakes::completed(name));
    let Some(ty) = name.and_then(|name| SCHEMA.find(name)) else { return Ok(()) };
    let value = any.bytes(2);
    require!(HALO_ENC_005, value.is_some(), DecodeMissing, "an Any of a known type has no value")?;
    require!(HALO_ENC_024, anys < MAX_ANYS, ResourceDepth, "an Any is in four others")?;
    let contained = whole(ty, value.unwrap_or_default(), anys + 1)?;
    any.set_contained(contained);
    Ok(())
}

struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn message(mut self, ty: TypeId, depth: usize) -> Result<Message<'a>, Reject> {
        require!(HALO_ENC_019, depth <= MAX_DEPTH, ResourceDepth, "messages are nested deeper than 100")
            .map_err(|reject| reject.at(self.pos))?;
        let message_type = SCHEMA.get(ty);
        let mut message = Message::new(ty, self.pos);
        while self.pos < self.end {
            let at = self.pos;
            let tag = self.varint32()?;
            let wire_type = tag & 7;
            let number = alter!(HALO_ENC_001, tag >> 3,
                "the profile of a MemberProfile is read from field 1" =>
                    mistakes::moved(message_type, tag >> 3));
            let Some((index, field)) = message_type.field(number) else {
                alter!(HALO_ENC_001, (),
                    "an unknown field is rejected" => return Err(mistakes::unexpected(at)),
                    "a field behind an unknown one is not read" => break);
                self.skip(wire_type, at, 0)?;
                continue;
            };
            alter!(HALO_ENC_001, (),
                "fields must come in ascending order" => mistakes::ascending(&message, index, at)?);
            let value = self.value(field, wire_type, at, depth)?;
            match field.label {
                Label::Repeated => message.push(index, value),
                Label::Implicit | Label::Optional => alter!(HALO_ENC_007, message.replace(index, value),
                    "of several occurrences the first is taken" => message.keep(index, value),
                    "the fields of several occurrences are merged" => message.merge(index, value)),
            }
        }
        Ok(message)
    }

    fn value(&mut self, field: &Field, wire_type: u32, at: usize, depth: usize) -> Result<Value<'a>, Reject> {
        let declared = match field.kind {
            Kind::Int32 | Kind::Uint32 | Kind::Int64 | Kind::Bool => 0,
            Kind::Double => 1,
            Kind::String | Kind::Bytes | Kind::Message(_) => 2,
        };
        require!(
            HALO_ENC_014,
            wire_type == declared,
            DecodeWireType,
            "a field has another wire type than the schema declares"
        )
        .map_err(|reject| reject.at(at))?;
        Ok(match field.kind {
            #[allow(clippy::cast_possible_wrap)]
            Kind::Int32 => {
                let number = i64::from(self.varint32()? as i32);
                Value::Int(alter!(HALO_ENC_022, number,
                    "an unknown member of an enumeration is taken for 0" =>
                        if (0..=100).contains(&number) { number } else { 0 }))
            }
            Kind::Uint32 => Value::Int(i64::from(self.varint32()?)),
            #[allow(clippy::cast_possible_wrap)]
            Kind::Int64 => Value::Int(self.varint64()? as i64),
            Kind::Bool => Value::Bool(self.varint32()? != 0),
            Kind::Double => Value::Double(f64::from_le_bytes(self.array()?)),
            Kind::Bytes => Value::Bytes(self.delimited()?),
            Kind::String => {
                // Cut short, a string is a case of its own: deployed readers take what is there.
                let (length, left) = (self.varint32()? as usize, self.end - self.pos);
                require!(
                    HALO_ENC_023,
                    length <= left,
                    DecodeLength,
                    "a string passes the end of its container"
                )
                .map_err(|reject| reject.at(self.pos))?;
                Value::Str(text(self.take(length.min(left))?).map_err(|reject| reject.at(at))?)
            }
            Kind::Message(ty) => {
                let bytes = self.delimited()?;
                let inner = Self { pos: self.pos - bytes.len(), end: self.pos, ..*self };
                // An entry of a map is a way to write the map, not a level of its own.
                let depth = if SCHEMA.get(ty).is_map_entry { depth } else { depth + 1 };
                Value::Message(inner.message(ty, depth)?)
            }
        })
    }

    /// The varint of a 64-bit field: at most ten bytes.
    fn varint64(&mut self) -> Result<u64, Reject> {
        let start = self.pos;
        // Cut after four bytes is a case of its own: deployed readers take it for whole.
        let rest = self.bytes.get(self.pos..self.end).unwrap_or_default();
        if rest.len() == 4 && rest.iter().all(|byte| *byte >= 0x80) {
            refuse!(HALO_ENC_026, DecodeLength, "a varint is cut after four bytes")
                .map_err(|reject| reject.at(self.end))?;
            self.pos = self.end;
            return Ok(rest.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f)));
        }
        let (value, ended) = self.varint()?;
        require!(HALO_ENC_012, ended, DecodeVarint, "a varint is longer than ten bytes")
            .map_err(|reject| reject.at(start))?;
        Ok(value)
    }

    /// The varint of a tag, a length or a 32-bit field: at most five bytes, or ten where it is negative.
    fn varint32(&mut self) -> Result<u32, Reject> {
        let start = self.pos;
        let (value, ended) = self.varint()?;
        let length = self.pos - start;
        require!(
            HALO_ENC_025,
            ended && (length <= 5 || length == 10),
            DecodeVarint,
            "a varint of 32 bits takes neither up to five bytes nor ten"
        )
        .map_err(|reject| reject.at(start))?;
        #[allow(clippy::cast_possible_truncation)]
        Ok(value as u32)
    }

    /// The value of a varint up to its tenth byte, and whether it has ended there.
    fn varint(&mut self) -> Result<(u64, bool), Reject> {
        let mut value = 0u64;
        for shift in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift * 7).unwrap_or_default();
            if byte < 0x80 {
                alter!(HALO_ENC_012, (),
                    "a varint must be in its shortest form" => mistakes::shortest(shift, byte, self.pos)?);
                return Ok((value, true));
            }
        }
        Ok((value, false))
    }

    fn byte(&mut self) -> Result<u8, Reject> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Reject> {
        let taken = self.take(N)?;
        Ok(taken.try_into().unwrap_or([0; N]))
    }

    fn delimited(&mut self) -> Result<&'a [u8], Reject> {
        let length = self.varint32()?;
        self.take(length as usize)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Reject> {
        let end = self.pos.checked_add(length).filter(|end| *end <= self.end);
        require!(
            HALO_ENC_011,
            end.is_some(),
            DecodeLength,
            "a length or a field passes the end of its container"
        )
        .map_err(|reject| reject.at(self.pos))?;
        let end = end.unwrap_or(self.end);
        let bytes = self.bytes.get(self.pos..end).unwrap_or_default();
        self.pos = end;
        Ok(bytes)
    }

    /// Leaves an unknown field out.
    fn skip(&mut self, wire_type: u32, at: usize, depth: usize) -> Result<(), Reject> {
        match wire_type {
            0 => {
                let (_, ended) = self.varint()?;
                require!(HALO_ENC_028, ended, DecodeVarint, "the varint of an unknown field has no end")
                    .map_err(|reject| reject.at(at))?;
            }
            1 => drop(self.take(8)?),
            2 => drop(self.delimited()?),
            3 => {
                require!(HALO_ENC_019, depth < MAX_DEPTH, ResourceDepth, "groups are nested deeper than 100")
                    .map_err(|reject| reject.at(at))?;
                while self.pos < self.end {
                    let inner = self.pos;
                    match self.varint32()? & 7 {
                        4 => return Ok(()),
                        wire_type => self.skip(wire_type, inner, depth + 1)?,
                    }
                }
                return refuse!(HALO_ENC_011, DecodeLength, "a group has no end")
                    .map_err(|reject| reject.at(self.pos));
            }
            5 => drop(self.take(4)?),
            _ => {
                return refuse!(HALO_ENC_013, DecodeWireType, "a field has a wire type that does not exist")
                    .map_err(|reject| reject.at(at));
            }
        }
        Ok(())
    }
}

fn text(bytes: &[u8]) -> Result<&str, Reject> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            refuse!(HALO_ENC_010, DecodeUtf8, "a string is not valid UTF-8")?;
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            Ok(std::str::from_utf8(good).unwrap_or_default())
        }
    }
}

/// What must be present in messages with a meaning of their own.
fn check(message: &Message<'_>, shape: Shape) -> Result<(), Reject> {
    match shape {
        Shape::PublicKey => {
            require!(HALO_ENC_016, message.bytes(1).is_some(), DecodeMissing, "a PublicKey has no data")
        }
        Shape::Value => require!(
            HALO_ENC_017,
            (1..=6).any(|number| message.get(number).is_some()),
            DecodeMissing,
            "a value of a Struct is of no kind"
        ),
        Shape::Timestamp => require!(
            HALO_ENC_015,
            crate::canonical::milliseconds(message).is_some(),
            SchemaRange,
            "a date is outside of years -271821 to 275760"
        ),
        Shape::Plain if message.message_type().is_map_entry => require!(
            HALO_ENC_017,
            message.get(2).is_some(),
            DecodeMissing,
            "an entry of a Struct has no value"
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;

    fn credential(bytes: &[u8]) -> Result<Message<'_>, Reject> {
        read(SCHEMA.find("dxos.halo.credentials.Credential").unwrap(), bytes)
    }

    #[test]
    fn later_submessages_replace_earlier_ones_whole() {
        // Claim{id}, then Claim{} : the id is gone.
        let bytes = [0x52, 0x05, 0x0a, 0x03, 0x0a, 0x01, 0x07, 0x52, 0x00];
        let message = credential(&bytes).unwrap();
        assert_eq!(message.message(10).unwrap().message(1), None);
    }

    #[test]
    fn what_is_replaced_is_not_looked_into() {
        // An issuer without data, then one with.
        let bytes = [0x12, 0x00, 0x12, 0x03, 0x0a, 0x01, 0x07];
        let message = credential(&bytes).unwrap();
        assert_eq!(message.message(2).unwrap().bytes(1), Some(&[7][..]));
    }

    #[test]
    fn unknown_fields_and_groups_are_left_out() {
        let bytes = [0x03, 0x08, 0x01, 0x04, 0xfa, 0x06, 0x01, 0xff, 0x2a, 0x00];
        let message = credential(&bytes).unwrap();
        assert_eq!(message.bytes(5), Some(&[][..]));
    }

    #[test]
    fn faults_name_class_and_offset() {
        let fault = |bytes: &[u8]| {
            let reject = credential(bytes).unwrap_err();
            (reject.class, reject.at)
        };
        assert_eq!(fault(&[0x2a, 0x02, 0x00]), (Class::DecodeLength, Some(2)));
        assert_eq!(fault(&[0x28, 0x02]), (Class::DecodeWireType, Some(0)));
        assert_eq!(fault(&[0x7e]), (Class::DecodeWireType, Some(0)));
        assert_eq!(fault(&[0xff; 12]), (Class::DecodeVarint, Some(0)));
        assert_eq!(fault(&[0x2a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), (Class::DecodeVarint, Some(1)));
        assert_eq!(fault(&[0x12, 0x00]), (Class::DecodeMissing, Some(2)));
    }

    #[test]
    fn nested_groups_are_bounded() {
        assert_eq!(credential(&[0x7b; 5000]).unwrap_err().class, Class::ResourceDepth);
    }
}
