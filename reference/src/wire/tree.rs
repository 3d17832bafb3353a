//! A message as it was read: only what was present.

use crate::schema::{MessageType, SCHEMA, TypeId};

/// A message read from bytes that it borrows.
#[derive(Clone, Debug, PartialEq)]
pub struct Message<'a> {
    ty: TypeId,
    /// Offset of the message in the input, in bytes.
    at: usize,
    /// The fields present, by index in the type's `fields`.
    fields: Vec<(usize, Value<'a>)>,
    /// For `google.protobuf.Any` of a known type: the message in it.
    contained: Option<Box<Self>>,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// An integer of 32 or 64 bits, or the number of an enumeration.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// A floating point number.
    Double(f64),
    /// Text.
    Str(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A message.
    Message(Message<'a>),
    /// All values of a repeated field.
    List(Vec<Self>),
}

impl<'a> Message<'a> {
    pub(super) const fn new(ty: TypeId, at: usize) -> Self {
        Self { ty, at, fields: Vec::new(), contained: None }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The messages in all fields.
    pub(super) fn children(&mut self) -> impl Iterator<Item = &mut Self> {
        let values = self.fields.iter_mut().flat_map(|(_, value)| match value {
            Value::List(list) => list.as_mut_slice(),
            value => std::slice::from_mut(value),
        });
        values.filter_map(|value| match value {
            Value::Message(message) => Some(message),
            _ => None,
        })
    }

    /// Keeps those items of the first repeated field for which `keep` says so.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Self) -> bool) {
        if let Some((_, Value::List(list))) = self.fields.first_mut() {
            list.retain(|value| matches!(value, Value::Message(message) if keep(message)));
        }
    }

    /// The type of the message.
    pub fn message_type(&self) -> &'static MessageType {
        SCHEMA.get(self.ty)
    }

    /// The value of the field with a number, if it was present.
    pub fn get(&self, number: u32) -> Option<&Value<'a>> {
        let (index, _) = self.message_type().field(number)?;
        self.by_index(index)
    }

    /// The value of the field at an index of the type's `fields`, if it was present.
    pub fn by_index(&self, index: usize) -> Option<&Value<'a>> {
        self.fields.iter().find(|(at, _)| *at == index).map(|(_, value)| value)
    }

    /// The message in a field, if it was present.
    pub fn message(&self, number: u32) -> Option<&Self> {
        match self.get(number)? {
            Value::Message(message) => Some(message),
            _ => None,
        }
    }

    /// The bytes in a field, if it was present.
    pub fn bytes(&self, number: u32) -> Option<&'a [u8]> {
        match self.get(number)? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text in a field, if it was present.
    pub fn text(&self, number: u32) -> Option<&'a str> {
        match self.get(number)? {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The integer in a field, if it was present.
    pub fn int(&self, number: u32) -> Option<i64> {
        match self.get(number)? {
            Value::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// The truth value in a field, if it was present.
    pub fn flag(&self, number: u32) -> Option<bool> {
        match self.get(number)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The messages in a repeated field.
    pub fn messages(&self, number: u32) -> impl Iterator<Item = &Self> {
        let list = match self.get(number) {
            Some(Value::List(list)) => list.as_slice(),
            _ => &[],
        };
        list.iter().filter_map(|value| match value {
            Value::Message(message) => Some(message),
            _ => None,
        })
    }

    /// The message in a `google.protobuf.Any`, if its type is known.
    pub fn contained(&self) -> Option<&Self> {
        self.contained.as_deref()
    }

    /// Indices of the fields in the order in which each was first read.
    pub(super) fn order(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.fields.iter().map(|(index, _)| *index)
    }

    /// The values of the fields.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value<'a>> {
        self.fields.iter().map(|(_, value)| value)
    }

    /// The fields by index.
    #[cfg(feature = "mutants")]
    pub(super) fn into_fields(self) -> Vec<(usize, Value<'a>)> {
        self.fields
    }

    pub(super) fn set_contained(&mut self, message: Self) {
        self.contained = Some(Box::new(message));
    }

    /// Sets a singular field: a later occurrence takes the place of an earlier one, whole.
    pub(super) fn replace(&mut self, index: usize, value: Value<'a>) {
        match self.fields.iter_mut().find(|(at, _)| *at == index) {
            Some((_, earlier)) => *earlier = value,
            None => self.fields.push((index, value)),
        }
    }

    /// Adds to a repeated field.
    pub(super) fn push(&mut self, index: usize, value: Value<'a>) {
        match self.fields.iter_mut().find(|(at, _)| *at == index) {
            Some((_, Value::List(list))) => list.push(value),
            _ => self.fields.push((index, Value::List(vec![value]))),
        }
    }
}
