//! What the bytes of an input mean.  The suite has no protocol code, so that somebody else has to tell it.

use std::ops::Range;

/// Tells what stands at each byte of an input.
pub trait Annotator {
    /// The parts of the bytes in one member of an input; none if nothing is known about that member.
    ///
    /// `op` is the operation, `member` the path of the member with `/`, for example `credentials/0`.
    fn annotate(&self, op: &str, member: &str, bytes: &[u8]) -> Option<Annotation>;

    /// The id of a credential, which is a hash of what it states; none if it has none or nobody can tell.
    fn credential_id(&self, credential: &[u8]) -> Option<Vec<u8>> {
        let _ = credential;
        None
    }
}

/// Knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unannotated;

impl Annotator for Unannotated {
    fn annotate(&self, _: &str, _: &str, _: &[u8]) -> Option<Annotation> {
        None
    }
}

/// A part of an input.  The children of a part, where it has any, cover its `body` without gap or overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotation {
    /// Offsets of the whole part, in bytes.
    pub range: Range<usize>,
    /// Offsets of what follows the part's own head (tag, length); ends where `range` ends.
    pub body: Range<usize>,
    /// The field's name; empty for the whole input.
    pub name: String,
    /// The type's name.
    pub ty: String,
    /// The value for people; may be empty.
    pub value: String,
    /// What is wrong with the part itself.
    pub problems: Vec<Problem>,
    /// The parts of the body.
    pub children: Vec<Self>,
}

/// Something that is wrong, or only unusual, at a byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Offset in bytes.
    pub at: usize,
    /// What it is, in words.
    pub what: String,
    /// Whether it is only unusual.
    pub remark: bool,
}

impl Annotation {
    /// Bytes of which nothing more is known.
    pub fn plain(length: usize) -> Self {
        Self { range: 0..length, body: 0..length, ty: "bytes".to_owned(), ..Self::default() }
    }
}
