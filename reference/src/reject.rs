//! Rejections: what was wrong, where, and which requirement says so.

use crate::requirement::Requirement;

macro_rules! classes {
    ($($variant:ident $name:literal $about:literal,)*) => {
        /// Why an input is rejected: `stage.reason`, as the book's chapter on the testee protocol lists them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Class {
            $(#[doc = $about] $variant,)*
        }

        impl Class {
            /// The classes that the reference uses.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name, for example `auth.signature`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

classes! {
    FrameTruncated "frame.truncated" "A frame is cut short.",
    FrameOversize "frame.oversize" "A frame is longer than its limit, or shorter than its own header.",
    FrameUnknownType "frame.unknown_type" "A frame is of a type that does not exist.",
    DecodeVarint "decode.varint" "A varint is cut short or too long.",
    DecodeLength "decode.length" "A length points outside of its container, or a text has an impossible length.",
    DecodeUtf8 "decode.utf8" "A string is not valid UTF-8.",
    DecodeWireType "decode.wire_type" "A wire type does not exist or is not the declared one.",
    DecodeNonminimal "decode.nonminimal" "A number is written longer than it must be.",
    DecodeTrailing "decode.trailing" "Bytes are left over.",
    DecodeDuplicate "decode.duplicate" "Something is there twice.",
    DecodeMissing "decode.missing" "A field that is always written is absent.",
    DecodeUnknownEnum "decode.unknown_enum" "A number stands for none of the names.",
    CanonOrder "canon.order" "Items are not in their required order.",
    CanonForm "canon.form" "A value is not in its one required form.",
    SchemaType "schema.type" "An assertion is of a type that is not allowed here.",
    SchemaRange "schema.range" "A number is outside of its range.",
    SchemaConstraint "schema.constraint" "Values that are allowed by themselves contradict each other.",
    AuthSignature "auth.signature" "A signature does not verify.",
    AuthKey "auth.key" "A key or a signature type is not one that may sign here.",
    AuthChain "auth.chain" "The chain of authority is missing, broken or about somebody else.",
    AuthExpired "auth.expired" "Expired at the given time.",
    AuthRevoked "auth.revoked" "Revoked.",
    AuthRole "auth.role" "Whoever asks has no right to it.",
    AuthReplay "auth.replay" "Not an answer to this challenge.",
    StateOrder "state.order" "Not now: something must come before it.",
    StateDuplicate "state.duplicate" "It was there before.",
    StateUnknownRef "state.unknown_ref" "It names something that is not known.",
    StateConflict "state.conflict" "It contradicts what is known.",
    ResourceDepth "resource.depth" "Nested deeper than the stated limit.",
    ResourceSize "resource.size" "Larger than the stated limit.",
    ResourceCount "resource.count" "More of them than the stated limit.",
    ResourceTime "resource.time" "Longer than the stated limit.",
}

/// A refusal by the protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{requirement}: {what}{}", at.map(|at| format!(" (byte {at})")).unwrap_or_default())]
pub struct Reject {
    /// Why, from the closed list.
    pub class: Class,
    /// The requirement that the input breaks.
    pub requirement: Requirement,
    /// What was wrong, in words.
    pub what: &'static str,
    /// Offset in bytes from the beginning of the input, where one is known.
    pub at: Option<usize>,
}

impl Reject {
    pub(crate) const fn new(requirement: Requirement, class: Class, what: &'static str) -> Self {
        Self { class, requirement, what, at: None }
    }

    pub(crate) const fn at(mut self, offset: usize) -> Self {
        self.at = Some(offset);
        self
    }
}

/// States a normative check where it is made: `Ok(())` if the condition holds, else the rejection.
///
/// With the feature `mutants` the check can be switched off or inverted.
macro_rules! require {
    ($requirement:ident, $holds:expr, $class:ident, $what:literal) => {
        if check!($requirement, $holds, $what) {
            Ok(())
        } else {
            Err($crate::Reject::new($crate::requirement::$requirement, $crate::Class::$class, $what))
        }
    };
}

#[cfg(not(feature = "mutants"))]
macro_rules! check {
    ($requirement:ident, $holds:expr, $what:literal) => {
        $holds
    };
}

#[cfg(feature = "mutants")]
macro_rules! check {
    ($requirement:ident, $holds:expr, $what:literal) => {
        $crate::mutant::check($crate::requirement::$requirement.id(), $what, $holds)
    };
}

/// States a normative rejection where the condition is the way that led here: always the rejection, as a
/// `Result<(), Reject>`, because with the feature `mutants` it can be switched off.  What follows says how an
/// implementation would go on that has forgotten the check.
macro_rules! refuse {
    ($requirement:ident, $class:ident, $what:literal) => {
        require!($requirement, false, $class, $what)
    };
}

/// States where a requirement is carried out that no check enforces: the value of the first expression.  The
/// others are plausible mistakes, there only with the feature `mutants`, and each in force only when it is
/// switched on.
#[cfg(not(feature = "mutants"))]
macro_rules! alter {
    ($requirement:ident, $right:expr, $($mistake:literal => $wrong:expr),+ $(,)?) => {
        $right
    };
}

#[cfg(feature = "mutants")]
macro_rules! alter {
    ($requirement:ident, $right:expr, $($mistake:literal => $wrong:expr),+ $(,)?) => {
        $(if $crate::mutant::altered($crate::requirement::$requirement.id(), $mistake) { $wrong } else)+ { $right }
    };
}
