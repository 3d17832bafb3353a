//! The canonical form: the one text of a message, over which it is signed.
//!
//! JSON without white space.  Members are sorted by the UTF-16 code units of their names, private and
//! absent ones are left out, and values are shown as deployed peers show them (requirements HALO-PAY).

mod date;
mod free;
#[cfg(feature = "mutants")]
mod mistakes;
mod text;

use std::collections::{BTreeMap, HashMap};

pub use date::milliseconds;
pub use text::Text;

use crate::Reject;
use crate::schema::{Field, Kind, Label, SCHEMA, Shape, TypeId};
use crate::wire::{Message, Value};

/// The canonical text of the message in an assertion.
///
/// # Errors
/// `canon.form` for free data that has no canonical form (HALO-PAY-016).
pub fn assertion(any: &Message<'_>) -> Result<String, Reject> {
    let mut text = Text::default();
    text.assertion(any)?;
    Ok(text.finish())
}

/// What writes a member: `false` if the member is to be left out.
type Drawn = Result<bool, Reject>;

impl Text {
    /// Writes a message as an object; `member` writes the value of each member.
    ///
    /// # Errors
    /// Those of `member`.
    pub fn object(
        &mut self,
        message: &Message<'_>,
        mut member: impl FnMut(&mut Self, &Field, Option<&Value<'_>>) -> Drawn,
    ) -> Drawn {
        let message_type = message.message_type();
        let mut members = self.open('{');
        for index in &message_type.by_name {
            let Some(field) = message_type.fields.get(*index) else { continue };
            let mark = self.member(&mut members, &field.name);
            if !member(self, field, message.by_index(*index))? {
                self.back(&mut members, mark);
            }
        }
        self.close('}');
        Ok(true)
    }

    /// Writes the value of a field, or what an absent field stands for (HALO-ENC-009).
    ///
    /// # Errors
    /// `canon.form` for free data that has no canonical form (HALO-PAY-016).
    pub fn field(&mut self, field: &Field, value: Option<&Value<'_>>) -> Drawn {
        match (value, field.label) {
            (Some(value), _) => self.value(field.kind, value),
            (None, Label::Optional) => alter!(HALO_ENC_009, Ok(false),
            "an absent enumeration is 0" => {
                let number = field.kind == Kind::Int32;
                self.raw(if number { "0" } else { "" });
                Ok(number)
            }),
            (None, Label::Repeated) => alter!(HALO_ENC_009, {
                    self.raw("[]");
                    Ok(true)
                },
                "an absent repeated field is left out" => Ok(false)),
            (None, Label::Implicit) => alter!(HALO_ENC_009, {
                    self.absent(field.kind);
                    Ok(true)
                },
                "an absent implicit field is left out" => Ok(false)),
        }
    }

    /// Writes a list of messages.
    ///
    /// # Errors
    /// Those of `item`.
    pub fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut item: impl FnMut(&mut Self, T) -> Drawn,
    ) -> Drawn {
        let mut count = self.open('[');
        for one in items {
            self.item(&mut count);
            if !item(self, one)? {
                self.raw("null");
            }
        }
        self.close(']');
        Ok(true)
    }

    fn value(&mut self, kind: Kind, value: &Value<'_>) -> Drawn {
        match value {
            Value::Int(int) if kind == Kind::Int64 => alter!(HALO_PAY_014, self.string(&int.to_string()),
                "integers of 64 bits are numbers" => self.raw(&int.to_string())),
            Value::Int(int) => alter!(HALO_PAY_014, self.raw(&int.to_string()),
                "enumerations and integers are strings" => self.string(&int.to_string())),
            Value::Bool(bool) => self.raw(if *bool { "true" } else { "false" }),
            Value::Double(double) => self.number(*double),
            Value::Str(text) => self.string(text),
            Value::Bytes(bytes) => self.hex(bytes),
            Value::Message(message) => return self.message(message),
            Value::List(values) => return self.list(values, |text, value| text.value(kind, value)),
        }
        Ok(true)
    }

    fn message(&mut self, message: &Message<'_>) -> Drawn {
        match message.message_type().shape {
            Shape::Plain | Shape::Value => self.object(message, Self::field),
            Shape::PublicKey => {
                self.hex(message.bytes(1).unwrap_or_default());
                Ok(true)
            }
            Shape::Timestamp => {
                self.string(&date::iso(milliseconds(message).unwrap_or_default()));
                Ok(true)
            }
            Shape::Timeframe => {
                self.timeframe(message);
                Ok(true)
            }
            Shape::Any => self.assertion(message),
            Shape::Struct => self.free_object(message),
        }
    }

    /// The message in an Any, without its type; an Any of an unknown type as it is (HALO-PAY-017).
    fn assertion(&mut self, any: &Message<'_>) -> Drawn {
        match any.contained() {
            // Only free data keeps its form at the top of an assertion; other messages with a form of
            // their own are shown by their fields there.
            Some(inner) if inner.message_type().shape == Shape::Struct => alter!(HALO_PAY_020,
                self.free_object(inner),
                "objects in free data that is itself the assertion are empty" =>
                    mistakes::hollow(self, inner)),
            Some(inner) => alter!(HALO_PAY_017, self.object(inner, Self::field),
                "the message in an Any is shown with its type" => mistakes::typed(self, any, inner)),
            None => self.object(any, |text, field, value| match value {
                Some(value) => alter!(HALO_PAY_017, text.value(field.kind, value),
                    "the value of an unknown type is left out" => mistakes::type_only(text, field, value)),
                None => alter!(HALO_PAY_017, Ok(false),
                    "what an opaque Any does not have is written as empty" => text.field(field, None)),
            }),
        }
    }

    /// Feeds by the first and last four hex characters of their keys (HALO-PAY-012).
    fn timeframe(&mut self, message: &Message<'_>) {
        // In the order of first appearance; of two frames of a feed the last counts.
        let mut frames: Vec<(&[u8], i64)> = Vec::new();
        let mut position: HashMap<&[u8], usize> = HashMap::new();
        for frame in message.messages(1) {
            // HALO-ENC-018
            let frame = alter!(HALO_ENC_018, (frame.bytes(1), frame.int(3)),
                "a frame without a number has the number 0" => (frame.bytes(1), frame.int(3).or(Some(0))),
                "the number of a frame is in field 2" => (frame.bytes(1), frame.int(2)),
                "a frame without a feed has the empty key" => (frame.bytes(1).or(Some(&[])), frame.int(3)));
            let (Some(key), Some(seq)) = frame else { continue };
            let at = *position.entry(key).or_insert(frames.len());
            match frames.get_mut(at) {
                Some((_, earlier)) => alter!(HALO_ENC_018, *earlier = seq,
                    "of two frames of a feed the first counts" => ()),
                None => frames.push((key, seq)),
            }
        }
        let count = frames.len();
        let short = frames.into_iter().map(|(key, seq)| (text::short_key(key), seq));
        let short: BTreeMap<String, i64> = alter!(HALO_PAY_012, short.collect(),
            "of two feeds with one short key the first counts" => short.rev().collect());
        self.ambiguous |= short.len() < count;
        let mut members = self.open('{');
        for (key, seq) in &short {
            self.member(&mut members, key);
            self.raw(&seq.to_string());
        }
        self.close('}');
    }

    /// What a field that is always written stands for where it is absent (HALO-PAY-018).
    fn absent(&mut self, kind: Kind) {
        match kind {
            Kind::Int32 | Kind::Uint32 | Kind::Double => self.raw("0"),
            Kind::Int64 => self.string("0"),
            Kind::Bool => self.raw("false"),
            Kind::String | Kind::Bytes => self.string(""),
            Kind::Message(ty) => alter!(HALO_PAY_018, self.absent_message(ty),
                "an absent message is an empty object" => self.raw("{}"),
                "an absent key is an empty string" => mistakes::absent_as_shown(self, ty)),
        }
    }

    fn absent_message(&mut self, ty: TypeId) {
        let message_type = SCHEMA.get(ty);
        let mut members = self.open('{');
        for index in &message_type.by_name {
            let Some(field) = message_type.fields.get(*index) else { continue };
            if field.label == Label::Implicit {
                self.member(&mut members, &field.name);
                self.absent(field.kind);
            }
        }
        self.close('}');
    }
}
