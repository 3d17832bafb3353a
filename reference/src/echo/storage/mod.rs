//! The six files of a feed: where bytes are kept, and how they are laid out.

mod access;
mod bitfield;
mod files;
mod header;
pub mod layout;

pub use access::{Memory, RandomAccess, StorageError};
pub use bitfield::Bitfield;
pub(in crate::echo) use files::read_array;
pub use files::{FileName, Files};
pub use header::{HEADER_SIZE, header};
