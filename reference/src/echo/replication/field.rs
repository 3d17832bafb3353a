//! The fields of a message in protobuf encoding, with what of them was present.

use super::frame::varint;
#[cfg(feature = "mutants")]
use super::mistakes;
use crate::Reject;

/// What stands in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes, which no message here has.
    Fixed,
}

/// Reads one field after the other.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Number and value of the next field; None at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Reject> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.number()?;
        let value = match tag & 7 {
            0 => Value::Number(self.number()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.number()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => {
                refuse!(ECHO_WIRE_016, DecodeWireType, "a field is of a wire type that does not exist")?;
                Value::Fixed
            }
        };
        Ok(Some((tag >> 3, value)))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Reject> {
        let left = self.rest.len() as u64;
        require!(ECHO_WIRE_014, length <= left, DecodeLength, "a field passes the end of its message")?;
        let (taken, rest) = self.rest.split_at(length.min(left) as usize);
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, Reject> {
        let (number, rest, ended) = number(self.rest);
        self.rest = rest;
        require!(ECHO_WIRE_015, ended, DecodeVarint, "a varint is cut short or longer than ten bytes")?;
        Ok(number)
    }
}

/// A varint of at most ten bytes, what follows it, and whether it has ended.
pub(super) fn number(bytes: &[u8]) -> (u64, &[u8], bool) {
    let (mut value, mut rest) = (0, bytes);
    for digit in 0..10 {
        let Some((byte, behind)) = rest.split_first() else { return (value, rest, false) };
        rest = behind;
        value |= u64::from(byte & 0x7f).checked_shl(7 * digit).unwrap_or_default();
        if *byte < 0x80 {
            return (value, rest, true);
        }
    }
    (value, rest, false)
}

impl<'a> Value<'a> {
    pub(super) fn number(self) -> Result<u64, Reject> {
        let number = match self {
            Self::Number(number) => Some(number),
            _ => None,
        };
        declared(number.is_some())?;
        Ok(number.unwrap_or_default())
    }

    pub(super) fn flag(self) -> Result<bool, Reject> {
        Ok(self.number()? != 0)
    }

    pub(super) fn bytes(self) -> Result<&'a [u8], Reject> {
        let bytes = match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        };
        declared(bytes.is_some())?;
        Ok(bytes.unwrap_or_default())
    }
}

fn declared(holds: bool) -> Result<(), Reject> {
    require!(ECHO_WIRE_016, holds, DecodeWireType, "a field has another wire type than the schema declares")
}

/// The value of a required field.
pub(super) fn required<T: Default>(value: Option<T>) -> Result<T, Reject> {
    require!(ECHO_WIRE_012, value.is_some(), DecodeMissing, "a required field is absent")?;
    Ok(value.unwrap_or_default())
}

/// Sets a singular field.
pub(super) fn set<T>(field: &mut Option<T>, value: T) {
    alter!(ECHO_WIRE_017, *field = Some(value),
        "of several occurrences the first is taken" => mistakes::keep(field, value));
}

/// Writes fields, in the order of the calls.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// A number that is always written, 0 too (ECHO-WIRE-020).
    pub(super) fn number(&mut self, field: u8, number: u64) {
        let written = alter!(ECHO_WIRE_020, true, "a required field that is 0 is not written" => number != 0);
        if written {
            self.0.push(field << 3);
            varint(&mut self.0, number);
        }
    }

    pub(super) fn optional(&mut self, field: u8, number: Option<u64>) {
        if let Some(number) = number {
            self.0.push(field << 3);
            varint(&mut self.0, number);
        }
    }

    pub(super) fn flag(&mut self, field: u8, flag: Option<bool>) {
        self.optional(field, flag.map(u64::from));
    }

    pub(super) fn bytes(&mut self, field: u8, bytes: Option<&[u8]>) {
        if let Some(bytes) = bytes {
            self.0.push(field << 3 | 2);
            varint(&mut self.0, bytes.len() as u64);
            self.0.extend_from_slice(bytes);
        }
    }
}
