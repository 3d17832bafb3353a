//! What plausible mistakes with the canonical form need.

use super::Drawn;
use super::text::Text;
use crate::schema::{Field, SCHEMA, Shape, TypeId};
use crate::wire::{Message, Value};

/// How many objects are open where the text ends, those in strings counted too.
pub(super) fn depth(text: &Text) -> usize {
    let count = |bracket| text.so_far().matches(bracket).count();
    count('{').saturating_sub(count('}'))
}

/// A string that is right but for what `escape` says of a character.
fn escaped(text: &mut Text, content: &str, escape: impl Fn(char) -> Option<String>) {
    let mut right = Text::default();
    right.right_string(content);
    text.raw(&right.finish().chars().map(|c| escape(c).unwrap_or_else(|| c.to_string())).collect::<String>());
}

/// A string in which one character is escaped too.
pub(super) fn with(text: &mut Text, content: &str, special: char, escape: &str) {
    escaped(text, content, |c| (c == special).then(|| escape.to_owned()));
}

/// A string in which every character beyond ASCII is escaped.
pub(super) fn ascii(text: &mut Text, content: &str) {
    escaped(text, content, |c| {
        let units =
            |c: char| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
        (!c.is_ascii()).then(|| units(c))
    });
}

/// A string in which line feeds and the like are escaped by their numbers.
pub(super) fn without_short_escapes(text: &mut Text, content: &str) {
    let number = |c: char| match c {
        ' '.. => c.to_string(),
        control => format!("\u{fffe}{:04x}", u32::from(control)),
    };
    let marked: String = content.chars().map(number).collect();
    with(text, &marked, '\u{fffe}', "\\u");
}

/// Hex behind `0x`; empty bytes stay empty.
pub(super) fn prefixed(text: &mut Text, bytes: &[u8]) {
    if !bytes.is_empty() {
        text.raw("0x");
    }
    text.raw(&data_encoding::HEXLOWER.encode(bytes));
}

/// A message with its type beside its fields.
pub(super) fn typed(text: &mut Text, any: &Message<'_>, inner: &Message<'_>) -> Drawn {
    text.raw(r#"{"@type":"#);
    text.string(any.text(1).unwrap_or_default());
    text.raw(r#","value":"#);
    text.object(inner, Text::field)?;
    text.raw("}");
    Ok(true)
}

/// The type of an opaque assertion, without its value.
pub(super) fn type_only(text: &mut Text, field: &Field, value: &Value<'_>) -> Drawn {
    if field.number == 1 { text.field(field, Some(value)) } else { Ok(false) }
}

/// An absent message in the form that a present one has.
pub(super) fn absent_as_shown(text: &mut Text, ty: TypeId) {
    match SCHEMA.get(ty).shape {
        Shape::PublicKey => text.string(""),
        _ => text.raw("{}"),
    }
}

/// Free data whose objects are shown without their members.
pub(super) fn hollow(text: &mut Text, object: &Message<'_>) -> Drawn {
    let mut whole = Text::default();
    whole.free_object(object)?;
    let Ok(serde_json::Value::Object(mut members)) = serde_json::from_str(&whole.finish()) else {
        return Ok(false);
    };
    for value in members.values_mut().filter(|value| value.is_object()) {
        *value = serde_json::json!({});
    }
    text.raw(&serde_json::Value::Object(members).to_string());
    Ok(true)
}
