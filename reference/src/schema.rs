//! The schemas as the reader needs them: made once from the compiled descriptors.

use std::collections::HashMap;
use std::sync::LazyLock;

use dxos_proto::prost::Message as _;
use dxos_proto::prost_types::field_descriptor_proto::{Label as ProtoLabel, Type};
use dxos_proto::prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

/// Index of a message type in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeId(usize);

/// How a message is shown in the canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An object with a member for each field.
    Plain,
    /// `dxos.keys.PublicKey`: a string of hex.
    PublicKey,
    /// `google.protobuf.Timestamp`: a date.
    Timestamp,
    /// `dxos.echo.timeframe.TimeframeVector`: an object of short feed keys.
    Timeframe,
    /// `google.protobuf.Any`: the message in it, if its type is known.
    Any,
    /// `google.protobuf.Struct`: free data.
    Struct,
    /// `google.protobuf.Value`, inside of a Struct.
    Value,
}

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 32 bits, signed; enumerations too.
    Int32,
    /// 32 bits, unsigned.
    Uint32,
    /// 64 bits, signed.
    Int64,
    /// A truth value.
    Bool,
    /// IEEE 754, 8 bytes on the wire.
    Double,
    /// UTF-8 text.
    String,
    /// Bytes.
    Bytes,
    /// Another message.
    Message(TypeId),
}

/// Whether and how often a field occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Always written; a reader fills in the default.
    Implicit,
    /// Written if set; never filled in.
    Optional,
    /// Any number of times.
    Repeated,
}

/// A field of a message.
#[derive(Clone, Debug)]
pub struct Field {
    /// Field number.
    pub number: u32,
    /// Name in the canonical form.
    pub name: String,
    /// What its value is.
    pub kind: Kind,
    /// Whether and how often it occurs.
    pub label: Label,
}

/// A message type.
#[derive(Clone, Debug)]
pub struct MessageType {
    /// Full name without a leading dot.
    pub name: String,
    /// How it is shown in the canonical form.
    pub shape: Shape,
    /// Whether it is an entry of a map.
    pub is_map_entry: bool,
    /// Whether an Any in it is kept as it is, though its type be known (ECHO-OBJ-002).
    pub keeps_anys: bool,
    /// Fields by ascending number.
    pub fields: Vec<Field>,
    /// Indices of `fields` in the order of the canonical form: by UTF-16 code units of the names.
    pub by_name: Vec<usize>,
}

impl MessageType {
    /// The field with a number, and its index.
    pub fn field(&self, number: u32) -> Option<(usize, &Field)> {
        let index = self.fields.binary_search_by_key(&number, |field| field.number).ok()?;
        Some((index, self.fields.get(index)?))
    }
}

/// All message types.
#[derive(Debug, Default)]
pub struct Schema {
    types: Vec<MessageType>,
    ids: HashMap<String, TypeId>,
}

/// The compiled schemas.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    // The descriptors are part of this program: if they did not decode, every test would see it.
    FileDescriptorSet::decode(dxos_proto::DESCRIPTORS).map(|set| Schema::new(&set)).unwrap_or_default()
});

impl Schema {
    fn new(set: &FileDescriptorSet) -> Self {
        let mut found = Vec::new();
        for file in &set.file {
            for message in &file.message_type {
                collect(file.package(), message, &mut found);
            }
        }
        let ids: HashMap<String, TypeId> =
            found.iter().enumerate().map(|(index, (name, _))| (name.clone(), TypeId(index))).collect();
        let types = found.into_iter().map(|(name, message)| message_type(name, message, &ids)).collect();
        Self { types, ids }
    }

    /// The type with a full name, exactly as it is written in `type_url`.
    pub fn find(&self, name: &str) -> Option<TypeId> {
        self.ids.get(name).copied()
    }

    /// The full names of all types.
    #[cfg(feature = "mutants")]
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(|message_type| message_type.name.as_str())
    }

    /// A type.  Ids come from this schema only, so that one always exists.
    #[allow(clippy::indexing_slicing)]
    pub fn get(&self, id: TypeId) -> &MessageType {
        &self.types[id.0]
    }
}

fn collect<'a>(scope: &str, message: &'a DescriptorProto, found: &mut Vec<(String, &'a DescriptorProto)>) {
    let name = format!("{scope}.{}", message.name());
    for nested in &message.nested_type {
        collect(&name, nested, found);
    }
    found.push((name, message));
}

fn message_type(name: String, message: &DescriptorProto, ids: &HashMap<String, TypeId>) -> MessageType {
    let mut fields: Vec<Field> =
        message.field.iter().filter_map(|field| self::field(message, field, ids)).collect();
    fields.sort_by_key(|field| field.number);
    let mut named: Vec<(usize, &str)> = fields.iter().map(|field| field.name.as_str()).enumerate().collect();
    named.sort_by(|a, b| a.1.encode_utf16().cmp(b.1.encode_utf16()));
    let by_name = named.into_iter().map(|(index, _)| index).collect();
    let shape = match name.as_str() {
        "dxos.keys.PublicKey" => Shape::PublicKey,
        "dxos.echo.timeframe.TimeframeVector" => Shape::Timeframe,
        "google.protobuf.Timestamp" => Shape::Timestamp,
        "google.protobuf.Any" => Shape::Any,
        "google.protobuf.Struct" => Shape::Struct,
        "google.protobuf.Value" => Shape::Value,
        _ => Shape::Plain,
    };
    let is_map_entry = message.options.as_ref().is_some_and(|options| options.map_entry());
    let keeps_anys = ["dxos.echo.object.EchoObject.Snapshot", "dxos.echo.object.EchoObject.Mutation"];
    let keeps_anys = keeps_anys.contains(&name.as_str());
    MessageType { name, shape, is_map_entry, keeps_anys, fields, by_name }
}

fn field(
    message: &DescriptorProto,
    field: &FieldDescriptorProto,
    ids: &HashMap<String, TypeId>,
) -> Option<Field> {
    let kind = match field.r#type() {
        Type::Int32 | Type::Enum => Kind::Int32,
        Type::Uint32 => Kind::Uint32,
        Type::Int64 => Kind::Int64,
        Type::Bool => Kind::Bool,
        Type::Double => Kind::Double,
        Type::String => Kind::String,
        Type::Bytes => Kind::Bytes,
        Type::Message => Kind::Message(ids.get(field.type_name().trim_start_matches('.')).copied()?),
        // No other type occurs in the schemas; a test counts the fields.
        _ => return None,
    };
    let label = if field.label() == ProtoLabel::Repeated {
        Label::Repeated
    // The sequence number of a frame is implicit to deployed peers; timeframe.proto says why it is not there.
    } else if field.oneof_index.is_some() && message.name() != "Frame" {
        Label::Optional
    } else {
        Label::Implicit
    };
    // Deployed peers show an opaque Any by the proto names of its fields.
    let name = if message.name() == "Any" { field.name() } else { field.json_name() };
    Some(Field { number: field.number().unsigned_abs(), name: name.to_owned(), kind, label })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_descriptors_is_in_the_schema() {
        let set = FileDescriptorSet::decode(dxos_proto::DESCRIPTORS).unwrap();
        let mut found = Vec::new();
        for file in &set.file {
            for message in &file.message_type {
                collect(file.package(), message, &mut found);
            }
        }
        for (name, message) in found {
            let id = SCHEMA.find(&name).unwrap();
            assert_eq!(SCHEMA.get(id).fields.len(), message.field.len(), "{name}");
        }
    }
}
