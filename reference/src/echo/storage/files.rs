//! The files of a feed, by name.

use std::fmt;

use super::RandomAccess;
use super::access::StorageError;

/// One of the six files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileName {
    /// 32 bytes: the hypercore key.
    Key,
    /// 6 bytes, `secret`, if the feed is written here; else none.
    SecretKey,
    /// Header and nodes of 40 bytes.
    Tree,
    /// The blocks, one behind the other.
    Data,
    /// Header and pages.
    Bitfield,
    /// Header and slots of 64 bytes.
    Signatures,
}

impl FileName {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Key, Self::SecretKey, Self::Tree, Self::Data, Self::Bitfield, Self::Signatures];

    /// The name in a feed's directory.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::SecretKey => "secret_key",
            Self::Tree => "tree",
            Self::Data => "data",
            Self::Bitfield => "bitfield",
            Self::Signatures => "signatures",
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The six files of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files<S> {
    /// See [`FileName::Key`].
    pub key: S,
    /// See [`FileName::SecretKey`].
    pub secret_key: S,
    /// See [`FileName::Tree`].
    pub tree: S,
    /// See [`FileName::Data`].
    pub data: S,
    /// See [`FileName::Bitfield`].
    pub bitfield: S,
    /// See [`FileName::Signatures`].
    pub signatures: S,
}

impl<S> Files<S> {
    /// Opens each file by its name.
    ///
    /// # Errors
    /// The first one of `open`.
    pub fn with<E>(mut open: impl FnMut(FileName) -> Result<S, E>) -> Result<Self, E> {
        Ok(Self {
            key: open(FileName::Key)?,
            secret_key: open(FileName::SecretKey)?,
            tree: open(FileName::Tree)?,
            data: open(FileName::Data)?,
            bitfield: open(FileName::Bitfield)?,
            signatures: open(FileName::Signatures)?,
        })
    }

    /// A file by its name.
    pub const fn get(&self, name: FileName) -> &S {
        match name {
            FileName::Key => &self.key,
            FileName::SecretKey => &self.secret_key,
            FileName::Tree => &self.tree,
            FileName::Data => &self.data,
            FileName::Bitfield => &self.bitfield,
            FileName::Signatures => &self.signatures,
        }
    }
}

/// Reads an array; None if the file ends before.
pub(in crate::echo) fn read_array<const N: usize>(
    file: &impl RandomAccess,
    at: u64,
) -> Result<Option<[u8; N]>, StorageError> {
    let mut bytes = [0; N];
    Ok((file.read(at, &mut bytes)? == N).then_some(bytes))
}
