//! Bytes at offsets, wherever they are kept.

use std::error::Error;

/// A failure of whatever keeps the bytes.
#[derive(Debug, thiserror::Error)]
#[error("storage: {0}")]
pub struct StorageError(#[source] Box<dyn Error + Send + Sync>);

impl StorageError {
    /// Wraps the error of an implementation, or a text.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

/// A file, or what serves as one: bytes from offset 0 to its length.
pub trait RandomAccess {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads from an offset as much as fits and is there; gives the number of bytes read, less than asked for
    /// only at the end.
    ///
    /// # Errors
    /// What the implementation meets with.
    fn read(&self, at: u64, into: &mut [u8]) -> Result<usize, StorageError>;

    /// Writes at an offset; a gap behind the end is filled with zeros.
    ///
    /// # Errors
    /// What the implementation meets with; then any part may have been written.
    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), StorageError>;

    /// Shortens to a length.
    ///
    /// # Errors
    /// What the implementation meets with.
    fn truncate(&mut self, len: u64) -> Result<(), StorageError>;

    /// Returns when all that was written before survives a loss of power.
    ///
    /// # Errors
    /// What the implementation meets with.
    fn sync(&mut self) -> Result<(), StorageError>;
}

/// Bytes in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory(Vec<u8>);

impl Memory {
    /// Begins with these bytes.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl RandomAccess for Memory {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        let rest = usize::try_from(at).ok().and_then(|at| self.0.get(at..)).unwrap_or_default();
        let count = rest.len().min(into.len());
        for (to, from) in into.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(count)
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let beyond = || StorageError::new("an offset beyond memory");
        let at = usize::try_from(at).map_err(|_| beyond())?;
        let end = at.checked_add(bytes.len()).ok_or_else(beyond)?;
        if self.0.len() < end {
            self.0.try_reserve(end - self.0.len()).map_err(StorageError::new)?;
            self.0.resize(end, 0);
        }
        if let Some(place) = self.0.get_mut(at..end) {
            place.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> Result<(), StorageError> {
        self.0.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there_and_fills_gaps_with_zeros() {
        let mut memory = Memory::default();
        memory.write(2, b"ab").unwrap();
        assert_eq!(memory.bytes(), [0, 0, b'a', b'b']);
        let mut into = [9; 3];
        assert_eq!(memory.read(3, &mut into).unwrap(), 1);
        assert_eq!(into, [b'b', 9, 9]);
        assert_eq!(memory.read(u64::MAX, &mut into).unwrap(), 0);
        assert!(memory.write(u64::MAX, b"a").is_err());
        memory.truncate(1).unwrap();
        assert_eq!(memory.len(), 1);
    }
}
