//! The files of a feed on disk: `feeds/<hex of the public key>/{key, secret_key, tree, data, bitfield, signatures}`.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use dxos_reference::echo::storage::{FileName, Files, RandomAccess, StorageError};

/// Whether a write waits until it survives a loss of power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// It does, with several `fsync` for each append or block received.
    #[default]
    PowerLoss,
    /// It survives the end of the process only, as with deployed implementations; much faster.
    Process,
}

/// What goes wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The directory or a file cannot be opened.
    #[error("{path}: {source}")]
    Open {
        /// The directory or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process, or another place in this one, has the feed open.
    #[error("{path}: the feed is open elsewhere")]
    InUse {
        /// The file that is locked.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("{path}, byte {at}: {source}")]
    Access {
        /// The file.
        path: PathBuf,
        /// Offset in bytes.
        at: u64,
        /// What the system says.
        source: io::Error,
    },
}

/// One file.
#[derive(Debug)]
pub struct FileStore {
    file: File,
    path: PathBuf,
    len: u64,
    durability: Durability,
}

impl FileStore {
    /// Opens a file, or begins one.
    ///
    /// # Errors
    /// [`FileError::Open`].
    pub fn open(path: PathBuf, durability: Durability) -> Result<Self, FileError> {
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let opened = opened.and_then(|file| Ok((file.metadata()?.len(), file)));
        match opened {
            Ok((len, file)) => Ok(Self { file, path, len, durability }),
            Err(source) => Err(FileError::Open { path, source }),
        }
    }

    fn failed(&self, at: u64, source: io::Error) -> StorageError {
        StorageError::new(FileError::Access { path: self.path.clone(), at, source })
    }
}

impl RandomAccess for FileStore {
    fn len(&self) -> u64 {
        self.len
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        let mut count = 0;
        while let Some(rest) = into.get_mut(count..).filter(|rest| !rest.is_empty()) {
            let here = at.saturating_add(count as u64);
            match read_at(&self.file, rest, here) {
                Ok(0) => break,
                Ok(read) => count += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(here, error)),
            }
        }
        Ok(count)
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let mut rest = bytes;
        let mut here = at;
        while !rest.is_empty() {
            match write_at(&self.file, rest, here) {
                Ok(written) => {
                    rest = rest.get(written..).unwrap_or_default();
                    here = here.saturating_add(written as u64);
                    self.len = self.len.max(here);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(here, error)),
            }
        }
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> Result<(), StorageError> {
        if len < self.len {
            self.file.set_len(len).map_err(|error| self.failed(len, error))?;
            self.len = len;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        match self.durability {
            Durability::PowerLoss => self.file.sync_data().map_err(|error| self.failed(self.len, error)),
            Durability::Process => Ok(()),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}

#[cfg(windows)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, at)
}

/// The directory of a feed below a root.
pub fn feed_directory(root: &Path, public_key: &[u8]) -> PathBuf {
    root.join("feeds").join(HEXLOWER.encode(public_key))
}

/// The files of a feed below a root, begun where there are none.  They are locked for as long as the file `key` is
/// kept: against others that look at the lock, which deployed implementations do not.
///
/// # Errors
/// [`FileError::Open`] and [`FileError::InUse`].
pub fn feed_files(
    root: &Path,
    public_key: &[u8],
    durability: Durability,
) -> Result<Files<FileStore>, FileError> {
    let directory = feed_directory(root, public_key);
    if let Err(source) = fs::create_dir_all(&directory) {
        return Err(FileError::Open { path: directory, source });
    }
    Files::with(|name| {
        let store = FileStore::open(directory.join(name.name()), durability)?;
        if name == FileName::Key {
            match store.file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(FileError::InUse { path: store.path }),
                Err(TryLockError::Error(source)) => return Err(FileError::Open { path: store.path, source }),
            }
        }
        Ok(store)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn bytes_are_where_they_were_put_and_gaps_are_zero() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = FileStore::open(folder.path().join("data"), Durability::PowerLoss).unwrap();
        store.write(3, b"abc").unwrap();
        store.sync().unwrap();
        let mut into = [9; 8];
        assert_eq!((store.read(0, &mut into).unwrap(), store.len()), (6, 6));
        assert_eq!(into, *b"\0\0\0abc\x09\x09");
        store.truncate(10).unwrap();
        store.truncate(4).unwrap();
        let again = FileStore::open(folder.path().join("data"), Durability::Process).unwrap();
        assert_eq!((again.len(), again.read(9, &mut into).unwrap()), (4, 0));
    }

    #[test]
    fn a_feed_is_open_in_one_place_only() {
        let folder = tempfile::tempdir().unwrap();
        let files = feed_files(folder.path(), &[4; 65], Durability::Process).unwrap();
        let second = feed_files(folder.path(), &[4; 65], Durability::Process).unwrap_err();
        assert!(matches!(second, FileError::InUse { .. }), "{second}");
        drop(files);
        feed_files(folder.path(), &[4; 65], Durability::Process).unwrap();
    }

    #[test]
    fn an_error_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tree")).unwrap();
        let error = FileStore::open(folder.path().join("tree"), Durability::Process).unwrap_err();
        assert!(error.to_string().contains("tree: "), "{error}");
    }
}
