//! The schemas as the dissector needs them: fields by number, names of enumeration members.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};

/// The fields of a message by number.
pub(super) type Fields = HashMap<u32, Field>;

/// A field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) repeated: bool,
    pub(super) ty: Type,
    /// Full name of the message type or enumeration.
    refers: String,
}

impl Field {
    /// The wire type of one value.
    pub(super) const fn wire(&self) -> u8 {
        match self.ty {
            Type::Double | Type::Fixed64 | Type::Sfixed64 => 1,
            Type::Float | Type::Fixed32 | Type::Sfixed32 => 5,
            Type::String | Type::Bytes | Type::Message => 2,
            Type::Group => 3,
            _ => 0,
        }
    }

    /// Whether a wire type means several numbers in one piece.
    pub(super) const fn is_packed_in(&self, wire: u8) -> bool {
        self.repeated && wire == 2 && matches!(self.wire(), 0 | 1 | 5)
    }

    pub(super) const fn allows(&self, wire: u8) -> bool {
        self.wire() == wire || self.is_packed_in(wire)
    }

    /// The fields, if the value is a message.
    pub(super) fn message(&self) -> Option<&'static Fields> {
        if self.ty == Type::Message { SCHEMA.message(&self.refers) } else { None }
    }

    /// The name of a member of the enumeration.
    pub(super) fn member(&self, number: i32) -> Option<&'static str> {
        SCHEMA.enums.get(&self.refers)?.get(&number).map(String::as_str)
    }

    pub(super) fn type_name(&self) -> &str {
        match self.ty {
            Type::Message | Type::Enum | Type::Group => &self.refers,
            // TYPE_INT32 is written int32 in a schema.
            ty => SCALARS.iter().find(|(known, _)| *known == ty).map_or("unknown", |(_, name)| name),
        }
    }
}

const SCALARS: [(Type, &str); 15] = [
    (Type::Double, "double"),
    (Type::Float, "float"),
    (Type::Int64, "int64"),
    (Type::Uint64, "uint64"),
    (Type::Int32, "int32"),
    (Type::Fixed64, "fixed64"),
    (Type::Fixed32, "fixed32"),
    (Type::Bool, "bool"),
    (Type::String, "string"),
    (Type::Bytes, "bytes"),
    (Type::Uint32, "uint32"),
    (Type::Sfixed32, "sfixed32"),
    (Type::Sfixed64, "sfixed64"),
    (Type::Sint32, "sint32"),
    (Type::Sint64, "sint64"),
];

/// All types.
#[derive(Debug, Default)]
pub(super) struct Schema {
    messages: HashMap<String, Fields>,
    enums: HashMap<String, HashMap<i32, String>>,
}

pub(super) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut schema = Schema::default();
    // The descriptors are part of this program: if they did not decode, every test would see it.
    for file in FileDescriptorSet::decode(crate::DESCRIPTORS).unwrap_or_default().file {
        file.enum_type.iter().for_each(|members| schema.add_enum(file.package(), members));
        file.message_type.iter().for_each(|message| schema.add_message(file.package(), message));
    }
    schema
});

impl Schema {
    pub(super) fn message(&self, name: &str) -> Option<&Fields> {
        self.messages.get(name)
    }

    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.messages.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn add_message(&mut self, scope: &str, message: &DescriptorProto) {
        let name = format!("{scope}.{}", message.name());
        message.enum_type.iter().for_each(|members| self.add_enum(&name, members));
        message.nested_type.iter().for_each(|nested| self.add_message(&name, nested));
        let fields = message.field.iter().map(|field| (field.number().unsigned_abs(), self::field(field)));
        self.messages.insert(name, fields.collect());
    }

    fn add_enum(&mut self, scope: &str, members: &EnumDescriptorProto) {
        let names = members.value.iter().map(|member| (member.number(), member.name().to_owned()));
        self.enums.insert(format!("{scope}.{}", members.name()), names.collect());
    }
}

fn field(field: &FieldDescriptorProto) -> Field {
    Field {
        name: field.name().to_owned(),
        repeated: field.label() == Label::Repeated,
        ty: field.r#type(),
        refers: field.type_name().trim_start_matches('.').to_owned(),
    }
}
