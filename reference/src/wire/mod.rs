//! Protobuf as deployed peers read and write it.
//!
//! An ordinary Protobuf library leaves open what matters here: whether a field was present, which of
//! two occurrences counts, what an absent field stands for.  So the reader makes a tree that keeps
//! presence, driven by the [schema](crate::schema), and the writer writes what deployed peers accept.

mod form;
#[cfg(feature = "mutants")]
mod mistakes;
mod read;
mod tree;
mod write;

pub use form::form;
pub use read::{MAX_ANYS, MAX_BYTES, MAX_DEPTH, read};
pub use tree::{Message, Value};
pub use write::{Writer, complete};
