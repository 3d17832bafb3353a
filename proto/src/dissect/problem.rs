//! What can be wrong or odd with encoded bytes.

use std::fmt;

/// What is wrong at a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Offset in the input, in bytes.
    pub at: usize,
    /// What it is.
    pub fault: Fault,
}

impl Problem {
    /// Whether this is legal Protobuf, only unusual.
    pub const fn is_remark(&self) -> bool {
        matches!(self.fault, Fault::Longer { .. } | Fault::Again { .. } | Fault::Cut)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A length or a fixed number passes the end of its container.
    Truncated {
        /// Bytes announced.
        wanted: usize,
        /// Bytes that are left in the container.
        there: usize,
    },
    /// The container ends inside of a varint.
    OpenVarint,
    /// A varint does not end within ten bytes.
    LongVarint,
    /// A field with another wire type than the schema declares.
    WireType {
        /// By the schema.
        declared: u8,
        /// As written.
        found: u8,
    },
    /// Wire type 6 or 7.
    NoWireType {
        /// As written.
        found: u8,
    },
    /// A field number that does not exist: 0, or more than 29 bits.
    FieldNumber,
    /// A string that is not valid UTF-8; the offset is that of the first bad byte.
    Utf8,
    /// The end of a group that was not begun.
    GroupEnd,
    /// A group that does not end.
    OpenGroup,
    /// Nested deeper than this program shows.
    TooDeep,
    /// More fields than this program shows.
    TooMany,
    /// A remark: a varint that is not in its shortest form.
    Longer {
        /// Bytes that it takes.
        taken: usize,
        /// Bytes that would do.
        needed: usize,
    },
    /// A remark: a field that may occur once occurs again later.
    Again {
        /// Offset of the next occurrence.
        at: usize,
    },
    /// A remark: a number has more bits than its type.
    Cut,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { wanted, there } => {
                let are = if *there == 1 { "is" } else { "are" };
                write!(f, "{wanted} bytes are announced, and {there} {are} left")
            }
            Self::OpenVarint => f.write_str("a varint passes the end of its container"),
            Self::LongVarint => f.write_str("a varint is longer than ten bytes"),
            Self::WireType { declared, found } => {
                write!(
                    f,
                    "wire type {found} ({}), declared is {declared} ({})",
                    word(*found),
                    word(*declared)
                )
            }
            Self::NoWireType { found } => write!(f, "wire type {found} does not exist"),
            Self::FieldNumber => f.write_str("a field number that does not exist"),
            Self::Utf8 => f.write_str("not valid UTF-8 from here on"),
            Self::GroupEnd => f.write_str("the end of a group that was not begun"),
            Self::OpenGroup => f.write_str("a group without an end"),
            Self::TooDeep => f.write_str("nested too deep to be shown"),
            Self::TooMany => f.write_str("too many fields to be shown"),
            Self::Longer { taken, needed } => {
                write!(f, "a varint takes {taken} bytes where {needed} would do")
            }
            Self::Again { at } => write!(f, "the field occurs again at byte {at}"),
            Self::Cut => f.write_str("the number has more bits than its type, the upper ones are ignored"),
        }
    }
}

/// The name of a wire type.
fn word(wire: u8) -> &'static str {
    match wire {
        0 => "varint",
        1 => "8 bytes",
        2 => "length and bytes",
        3 => "group",
        4 => "end of group",
        5 => "4 bytes",
        _ => "none",
    }
}
