//! What outlives the process: one file, in which a change is there wholly or not at all.
//!
//! redb keeps two roots in its header and flips between them after a sync, so that a commit survives `kill -9`
//! and a lost one leaves what was.  It is Rust alone, needs no server and no second file, and holds a lock on its
//! file, which keeps two servers off one directory.

use std::path::{Path, PathBuf};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};

/// Name of the file in the data directory.
pub const FILE: &str = "kube.redb";

/// Secrets that the server has drawn, by name.
const SECRETS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("secrets");
/// Values of the configuration that were set while running, by dotted key.
const OVERLAY: TableDefinition<'_, &str, &str> = TableDefinition::new("overlay");
/// Identities that may have a first credential, by their keys: what each may do, a capability a line.
const ALLOWED: TableDefinition<'_, &[u8], &str> = TableDefinition::new("allowed");
/// Tokens that count no longer: their id, and when they would have expired in Unix milliseconds.
const REVOKED: TableDefinition<'_, &str, u64> = TableDefinition::new("revoked");
/// Processes that were started: the process id, and when it started by the system's count.
const STARTED: TableDefinition<'_, &str, (i32, u64)> = TableDefinition::new("started");

/// The key of an identity, and what it may do.
pub type Operator = (Vec<u8>, Vec<String>);

/// What is wrong with the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another server has it.
    #[error("{} is in use: is another kube running on this directory?", .0.display())]
    InUse(PathBuf),
    /// It cannot be opened, read or written.
    #[error("cannot use the store {}: {cause}", path.display())]
    Broken {
        /// Its path.
        path: PathBuf,
        /// Why.
        cause: Box<redb::Error>,
    },
}

/// The store of one data directory.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    database: Database,
}

impl Store {
    /// Opens the store of a directory, or makes it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE);
        let database = Database::create(&path).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => StoreError::InUse(path.clone()),
            other => StoreError::Broken { path: path.clone(), cause: Box::new(other.into()) },
        })?;
        let store = Self { path, database };
        // Reading a table that was never written is an error.
        store.write(|transaction| {
            transaction.open_table(SECRETS)?;
            transaction.open_table(OVERLAY)?;
            transaction.open_table(ALLOWED)?;
            transaction.open_table(REVOKED)?;
            transaction.open_table(STARTED)?;
            Ok(())
        })?;
        Ok(store)
    }

    fn broken(&self, error: impl Into<redb::Error>) -> StoreError {
        StoreError::Broken { path: self.path.clone(), cause: Box::new(error.into()) }
    }

    fn write<T>(
        &self,
        change: impl FnOnce(&redb::WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let transaction = self.database.begin_write().map_err(|error| self.broken(error))?;
        let answer = change(&transaction).map_err(|error| self.broken(error))?;
        transaction.commit().map_err(|error| self.broken(error))?;
        Ok(answer)
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&redb::ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let transaction = self.database.begin_read().map_err(|error| self.broken(error))?;
        read(&transaction).map_err(|error| self.broken(error))
    }

    /// A secret, drawn the first time that it is asked for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn secret(&self, name: &str, draw: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.write(|transaction| {
            let mut secrets = transaction.open_table(SECRETS)?;
            if let Some(secret) = secrets.get(name)? {
                return Ok(secret.value().to_vec());
            }
            let secret = draw();
            secrets.insert(name, secret.as_slice())?;
            Ok(secret)
        })
    }

    /// The values that were set while running, in the order of their keys.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn overlay(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|transaction| {
            let mut pairs = Vec::new();
            for entry in transaction.open_table(OVERLAY)?.iter()? {
                let (key, value) = entry?;
                pairs.push((key.value().to_owned(), value.value().to_owned()));
            }
            Ok(pairs)
        })
    }

    /// Sets a value.  It is on the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; the value is then as it was.
    pub fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.open_table(OVERLAY)?.insert(key, value)?;
            Ok(())
        })
    }

    /// Lets an identity have a first credential.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn allow(&self, identity: &[u8], capabilities: &[String]) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.open_table(ALLOWED)?.insert(identity, capabilities.join("\n").as_str())?;
            Ok(())
        })
    }

    /// The identities that may have a first credential, and what each may do.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn allowed(&self) -> Result<Vec<Operator>, StoreError> {
        self.read(|transaction| {
            let mut keys = Vec::new();
            for entry in transaction.open_table(ALLOWED)?.iter()? {
                let (key, capabilities) = entry?;
                keys.push((key.value().to_vec(), capabilities.value().lines().map(str::to_owned).collect()));
            }
            Ok(keys)
        })
    }

    /// Takes a token back; `expires` in Unix milliseconds.  What has expired by itself is forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn revoke(&self, id: &str, expires: u64, now: u64) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut revoked = transaction.open_table(REVOKED)?;
            revoked.retain(|_, expires| expires > now)?;
            revoked.insert(id, expires)?;
            Ok(())
        })
    }

    /// The tokens that were taken back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn revoked(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.read(|transaction| {
            let mut ids = Vec::new();
            for entry in transaction.open_table(REVOKED)?.iter()? {
                let (id, expires) = entry?;
                ids.push((id.value().to_owned(), expires.value()));
            }
            Ok(ids)
        })
    }
}

impl Store {
    /// Remembers a process that was started, so that whoever comes after a `kill -9` can end it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn started(&self, name: &str, process: i32, since: u64) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.open_table(STARTED)?.insert(name, (process, since))?;
            Ok(())
        })
    }

    /// Takes the processes that were started, and forgets them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn take_started(&self) -> Result<Vec<(String, i32, u64)>, StoreError> {
        self.write(|transaction| {
            let mut found = Vec::new();
            transaction.open_table(STARTED)?.retain(|name, (process, since)| {
                found.push((name.to_owned(), process, since));
                false
            })?;
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_there_when_it_is_opened_again() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        assert_eq!(store.secret("key", || vec![1]).unwrap(), [1]);
        store.set("runtime.kube.host", "a").unwrap();
        store.set("runtime.kube.host", "b").unwrap();
        store.allow(&[4, 5], &["*".to_owned()]).unwrap();
        store.revoke("old", 10, 0).unwrap();
        store.revoke("new", 30, 20).unwrap();
        let again = Store::open(directory.path()).unwrap_err().to_string();
        assert!(again.contains("another kube"), "{again}");
        drop(store);

        let store = Store::open(directory.path()).unwrap();
        assert_eq!(store.secret("key", || vec![2]).unwrap(), [1]);
        assert_eq!(store.overlay().unwrap(), [("runtime.kube.host".to_owned(), "b".to_owned())]);
        assert_eq!(store.allowed().unwrap(), [(vec![4, 5], vec!["*".to_owned()])]);
        assert_eq!(store.revoked().unwrap(), [("new".to_owned(), 30)]);
    }
}
