//! `google.protobuf.Struct` as JSON.

use dxos_proto::prost_types::{ListValue, Struct, Value as Wire, value::Kind};
use serde_json::{Map, Number, Value};

/// The JSON of a structure; a number without a fraction is an integer.
pub(super) fn shown(structure: &Struct) -> Value {
    let members = structure.fields.iter().map(|(name, value)| (name.clone(), value_shown(value)));
    members.collect::<Map<_, _>>().into()
}

#[allow(clippy::cast_possible_truncation)] // Compared with what it was.
fn value_shown(value: &Wire) -> Value {
    match &value.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::NumberValue(number)) => {
            let whole = *number as i64;
            let exact = whole.unsigned_abs() < 1 << 53 && (number - whole as f64).abs() == 0.0;
            if exact { whole.into() } else { Number::from_f64(*number).map_or(Value::Null, Value::Number) }
        }
        Some(Kind::StringValue(text)) => text.clone().into(),
        Some(Kind::BoolValue(flag)) => (*flag).into(),
        Some(Kind::StructValue(inner)) => shown(inner),
        Some(Kind::ListValue(list)) => list.values.iter().map(value_shown).collect(),
    }
}

/// The structure of a JSON object.
pub(super) fn structure(members: &Map<String, Value>) -> Struct {
    Struct { fields: members.iter().map(|(name, value)| (name.clone(), wire(value))).collect() }
}

fn wire(value: &Value) -> Wire {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(flag) => Kind::BoolValue(*flag),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text.clone()),
        Value::Array(items) => Kind::ListValue(ListValue { values: items.iter().map(wire).collect() }),
        Value::Object(members) => Kind::StructValue(structure(members)),
    };
    Wire { kind: Some(kind) }
}
