//! Values as people read them.

use prost_types::Timestamp;
use prost_types::field_descriptor_proto::Type;

use super::schema::Field;
use super::{Fault, Node, Problem};

/// Longer texts are cut, in characters.
const MAX_TEXT: usize = 80;

/// Up to so many bytes are shown in full.
const MAX_BYTES: usize = 20;

/// The number in a varint.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
pub(super) fn of_varint(field: Option<&Field>, value: u64) -> String {
    let Some(field) = field else { return value.to_string() };
    match field.ty {
        Type::Int32 => (value as i32).to_string(),
        Type::Int64 => (value as i64).to_string(),
        Type::Uint32 => (value as u32).to_string(),
        Type::Sint32 | Type::Sint64 => ((value >> 1) as i64 ^ -((value & 1) as i64)).to_string(),
        Type::Bool => (value != 0).to_string(),
        Type::Enum => {
            let number = value as i32;
            format!("{} ({number})", field.member(number).unwrap_or("no member of this number"))
        }
        _ => value.to_string(),
    }
}

/// The remark that a number does not fit its type.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)]
pub(super) fn cut(field: Option<&Field>, value: u64, at: usize) -> Option<Problem> {
    let fits = match field?.ty {
        Type::Int32 | Type::Enum => i64::from(value as i32) as u64 == value || value <= u64::from(u32::MAX),
        Type::Uint32 => value <= u64::from(u32::MAX),
        Type::Bool => value <= 1,
        _ => true,
    };
    (!fits).then_some(Problem { at, fault: Fault::Cut })
}

/// The number in four or eight bytes.
pub(super) fn of_fixed(field: Option<&Field>, bytes: &[u8]) -> String {
    let (eight, four) = (<[u8; 8]>::try_from(bytes), <[u8; 4]>::try_from(bytes));
    match (field.map(|field| field.ty), eight, four) {
        (Some(Type::Double), Ok(bytes), _) => f64::from_le_bytes(bytes).to_string(),
        (Some(Type::Float), _, Ok(bytes)) => f32::from_le_bytes(bytes).to_string(),
        (Some(Type::Sfixed64), Ok(bytes), _) => i64::from_le_bytes(bytes).to_string(),
        (Some(Type::Sfixed32), _, Ok(bytes)) => i32::from_le_bytes(bytes).to_string(),
        (_, Ok(bytes), _) => u64::from_le_bytes(bytes).to_string(),
        (_, _, Ok(bytes)) => u32::from_le_bytes(bytes).to_string(),
        _ => hex(bytes),
    }
}

/// A string or bytes, and what is wrong with the string.
pub(super) fn of_bytes(field: &Field, bytes: &[u8], at: usize) -> (String, Option<Problem>) {
    if field.ty != Type::String {
        return (hex(bytes), None);
    }
    match std::str::from_utf8(bytes) {
        Ok(string) => (text(string), None),
        Err(error) => {
            let problem = Problem { at: at + error.valid_up_to(), fault: Fault::Utf8 };
            (text(&String::from_utf8_lossy(bytes)), Some(problem))
        }
    }
}

/// Bytes of a field that the schema does not have.
pub(super) fn of_unknown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(string) if !string.is_empty() && !string.chars().any(char::is_control) => text(string),
        _ => hex(bytes),
    }
}

/// What a message comes down to, for those that stand for one value.
pub(super) fn of_message(node: &Node, bytes: &[u8]) -> String {
    let of = |number: u32| node.last(number).map(|child| child.value.clone());
    match node.ty.as_str() {
        "dxos.keys.PublicKey" => of(1).unwrap_or_default(),
        // The type name only: the value below it speaks for itself.
        "google.protobuf.Any" => {
            let name = node.last(1).and_then(|url| bytes.get(url.body.clone())).unwrap_or_default();
            text(&String::from_utf8_lossy(name))
        }
        "google.protobuf.Timestamp" => {
            let number = |number: u32| of(number).map_or(Some(0), |text| text.parse::<i64>().ok());
            let (Some(seconds), Some(nanos)) = (number(1), number(2)) else { return String::new() };
            date(seconds, nanos)
        }
        _ => String::new(),
    }
}

/// The seconds of the years that a date of ECMAScript can have; outside of them a date says nothing to people.
const SECONDS: std::ops::RangeInclusive<i64> = -8_640_000_000_000..=8_640_000_000_000;

fn date(seconds: i64, nanos: i64) -> String {
    match i32::try_from(nanos) {
        Ok(nanos) if SECONDS.contains(&seconds) => Timestamp { seconds, nanos }.to_string(),
        _ => format!("{seconds} s and {nanos} ns from 1970"),
    }
}

/// In quotes, with escapes for what cannot be seen, and cut.
fn text(string: &str) -> String {
    let head: String = string.chars().take(MAX_TEXT).collect();
    if head.len() == string.len() {
        format!("{string:?}")
    } else {
        format!("{head:?}… ({} bytes)", string.len())
    }
}

/// In full, or the first and last bytes.
fn hex(bytes: &[u8]) -> String {
    let all = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    match bytes.len() {
        0 => "empty".to_owned(),
        length if length <= MAX_BYTES => all(bytes),
        length => {
            let (head, tail) =
                (bytes.get(..8).unwrap_or_default(), bytes.get(length - 4..).unwrap_or_default());
            format!("{}…{} ({length} bytes)", all(head), all(tail))
        }
    }
}
