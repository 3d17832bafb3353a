//! The closed list of rejection classes.

use std::fmt;
use std::str::FromStr;

/// The stage of processing in which an input is rejected.  The order is the order in which a reader
/// meets them: an input with one fault must not be rejected in an earlier stage than the fault's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The unit of transport could not be cut out of the stream.
    Frame,
    /// The bytes or the text are malformed.
    Decode,
    /// Well-formed, but not in the one required form.
    Canon,
    /// A value breaks a rule that needs no key and no history.
    Schema,
    /// Signature, key, chain of authority, validity in time.
    Auth,
    /// In conflict with what was seen before.
    State,
    /// A stated limit is exceeded.
    Resource,
}

macro_rules! classes {
    ($($variant:ident = $stage:ident $name:literal : $about:literal,)*) => {
        /// Why an input is rejected: `stage.reason`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Class {
            $(#[doc = $about] $variant,)*
        }

        impl Class {
            /// Every class, in the order of the stages.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name as it is written in vectors and answers.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What the class means, in one line.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }

            /// The stage that the class belongs to.
            pub const fn stage(self) -> Stage {
                match self { $(Self::$variant => Stage::$stage,)* }
            }
        }
    };
}

classes! {
    FrameTruncated = Frame "frame.truncated": "The stream ends inside a frame.",
    FrameOversize = Frame "frame.oversize": "A frame announces more bytes than the stated limit.",
    FrameUnknownType = Frame "frame.unknown_type": "A frame is of no known type.",
    DecodeVarint = Decode "decode.varint": "A varint is cut short or longer than ten bytes.",
    DecodeLength = Decode "decode.length": "A length points outside of its container, or a text has an impossible length.",
    DecodeUtf8 = Decode "decode.utf8": "A string is not valid UTF-8.",
    DecodeWireType = Decode "decode.wire_type": "A field has a wire type that does not exist or is not the declared one.",
    DecodeNonminimal = Decode "decode.nonminimal": "A number is not in its shortest form where that is required.",
    DecodeTrailing = Decode "decode.trailing": "Bytes are left over.",
    DecodeDuplicate = Decode "decode.duplicate": "A singular field occurs more than once.",
    DecodeMissing = Decode "decode.missing": "A field that is always written is absent.",
    DecodeUnknownEnum = Decode "decode.unknown_enum": "A number is not a member of a closed enumeration.",
    CanonOrder = Canon "canon.order": "Parts are not in the required order.",
    CanonForm = Canon "canon.form": "A value is not in its one required form.",
    SchemaType = Schema "schema.type": "A value or an assertion is of a type that is not allowed here.",
    SchemaRange = Schema "schema.range": "A number is outside of its range.",
    SchemaConstraint = Schema "schema.constraint": "Values contradict each other or break a stated constraint.",
    AuthSignature = Auth "auth.signature": "A signature does not verify.",
    AuthKey = Auth "auth.key": "A key or a signature type is not one that may sign here.",
    AuthChain = Auth "auth.chain": "The chain of authority is missing, broken or about somebody else.",
    AuthExpired = Auth "auth.expired": "Expired at the given time.",
    AuthNotYet = Auth "auth.not_yet": "Not valid yet at the given time.",
    AuthRevoked = Auth "auth.revoked": "Revoked.",
    AuthReplay = Auth "auth.replay": "Not an answer to this challenge.",
    AuthRole = Auth "auth.role": "The signer has no right to do this.",
    StateOrder = State "state.order": "Out of order.",
    StateDuplicate = State "state.duplicate": "Seen before.",
    StateUnknownRef = State "state.unknown_ref": "Refers to something unknown.",
    StateConflict = State "state.conflict": "Contradicts what is already accepted.",
    ResourceDepth = Resource "resource.depth": "Nested deeper than the stated limit.",
    ResourceSize = Resource "resource.size": "Larger than the stated limit.",
    ResourceCount = Resource "resource.count": "More items than the stated limit.",
    ResourceTime = Resource "resource.time": "Takes longer than the stated limit.",
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not in the closed list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a rejection class; the closed list is in the book, chapter \"The testee protocol\"")]
pub struct UnknownClass(pub String);

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(name: &str) -> Result<Self, UnknownClass> {
        Self::ALL
            .iter()
            .copied()
            .find(|class| class.name() == name)
            .ok_or_else(|| UnknownClass(name.to_owned()))
    }
}

impl serde::Serialize for Class {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Class {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Class {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Class".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Self::ALL.iter().map(|class| class.name()).collect();
        schemars::json_schema!({
            "type": "string",
            "description": "Why an input is rejected: stage.reason, from a closed list.",
            "enum": names,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ordered_by_stage_and_named_after_it() {
        assert!(Class::ALL.is_sorted_by_key(|class| class.stage()));
        for class in Class::ALL {
            let stage = format!("{:?}", class.stage()).to_lowercase();
            assert_eq!(class.name().split('.').next(), Some(stage.as_str()));
            assert_eq!(class.name().parse(), Ok(*class));
        }
        assert!("auth.sig".parse::<Class>().is_err());
    }
}
