//! Opening a feed, or beginning it.

use super::recover::Found;
use super::{Feed, FeedError, Mode, stored_node};
use crate::Reject;
#[cfg(feature = "mutants")]
use crate::echo::identity::discovery_key;
use crate::echo::identity::hypercore_key;
use crate::echo::storage::{
    Bitfield, FileName, Files, HEADER_SIZE, RandomAccess, StorageError, header, layout, read_array,
};
use crate::echo::{Node, flat};

/// What `secret_key` holds for a feed that is written here: a mark, no key.
const SECRET: &[u8; 6] = b"secret";

impl<S: RandomAccess> Feed<S> {
    /// Opens the feed of a public key, or begins it if all files are empty.
    ///
    /// # Errors
    /// `state.conflict` for the files of another feed, `state.unknown_ref` if the key or a root is missing.  For writing
    /// also `auth.signature` if the length has no good signature, or `state.conflict` if more was signed once than
    /// the files can tell; then the damage names file and offset.
    pub fn open(mut files: Files<S>, public_key: &[u8], mode: Mode) -> Result<Self, FeedError> {
        let key = hypercore_key(public_key);
        let key = alter!(ECHO_STORE_002, key, "the key file holds the discovery key" => discovery_key(&key));
        let mode = alter!(ECHO_STORE_015, mode,
            "a long secret key makes a feed writable" => if files.secret_key.len() >= 64 { Mode::Writable } else { mode });
        let (bits, is_short) = Bitfield::read(&files.bitfield)?;
        let is_headless = files.bitfield.len() < HEADER_SIZE;
        check_key(&files, &bits, &key)?;
        prepare(&mut files, &key, mode)?;

        let found = Found::new(&files, public_key, bits, is_headless)?;
        if alter!(ECHO_STORE_029, mode == Mode::Writable,
            "a reader refuses files whose last signature is lost" => true)
        {
            found.check_writable(&files)?;
        }
        let is_behind = found.is_behind;
        let mut feed = Self {
            length: found.length(),
            byte_length: 0,
            roots: Vec::new(),
            signed: found.is_signed(),
            forked: false,
            interrupted: false,
            public_key: public_key.to_vec(),
            mode,
            bits: found.bits,
            files,
        };
        if alter!(ECHO_STORE_021, feed.signed, "a lost bitfield is not made anew" => false)
            && (is_behind || mode == Mode::Writable && (is_short || feed.lacks_nodes()))
        {
            feed.rebuild_bits()?;
        }
        feed.roots = feed.load_roots()?;
        feed.byte_length = feed.roots.iter().fold(0, |sum, root| root.size.saturating_add(sum));
        if mode == Mode::Writable {
            feed.cut_leftovers()?;
        }
        Ok(feed)
    }

    pub(super) fn load_roots(&self) -> Result<Vec<Node>, FeedError> {
        let mut roots = Vec::new();
        for index in flat::full_roots(self.length) {
            let root = stored_node(&self.files.tree, index)?;
            require!(
                ECHO_STORE_024,
                root.is_some(),
                StateUnknownRef,
                "a root of the length is not in the tree"
            )
            .map_err(|reject| FeedError::damaged(FileName::Tree, layout::node_at(index), reject))?;
            roots.extend(root);
        }
        Ok(roots)
    }
}

/// The files are those of this feed, or of none.
fn check_key<S: RandomAccess>(files: &Files<S>, bits: &Bitfield, key: &[u8; 32]) -> Result<(), FeedError> {
    let at_key = |reject: Reject| FeedError::damaged(FileName::Key, 0, reject);
    match read_array::<32>(&files.key, 0)? {
        Some(stored) => {
            require!(ECHO_STORE_013, stored == *key, StateConflict, "these are the files of another feed")
                .map_err(at_key)
        }
        None => {
            let beyond = |file: &S| file.len() > HEADER_SIZE;
            let empty = bits.length() == 0
                && !beyond(&files.tree)
                && !beyond(&files.signatures)
                && files.data.is_empty();
            require!(ECHO_STORE_014, empty, StateUnknownRef, "the key of a feed with blocks is missing")
                .map_err(at_key)
        }
    }
}

/// Writes what every feed has, where it is not there.
fn prepare<S: RandomAccess>(files: &mut Files<S>, key: &[u8; 32], mode: Mode) -> Result<(), StorageError> {
    complete(&mut files.key, key)?;
    if mode == Mode::Writable {
        alter!(ECHO_STORE_003, complete(&mut files.secret_key, SECRET)?,
            "the mark of a writer is left out" => ());
    }
    for (file, name) in [(&mut files.tree, FileName::Tree), (&mut files.signatures, FileName::Signatures)] {
        let header = header(name).unwrap_or_default();
        alter!(ECHO_STORE_016, complete(file, &header)?,
            "a header is overwritten with zeros" => complete(file, &[0; HEADER_SIZE as usize])?,
            "a header that is not as written stays" => if file.is_empty() { complete(file, &header)? });
    }
    // Of this one the size of a page is that of what is there.
    if files.bitfield.len() < HEADER_SIZE {
        complete(&mut files.bitfield, &header(FileName::Bitfield).unwrap_or_default())?;
    }
    Ok(())
}

/// Makes a file begin with these bytes.
fn complete<const N: usize>(file: &mut impl RandomAccess, bytes: &[u8; N]) -> Result<(), StorageError> {
    if read_array(file, 0)?.as_ref() != Some(bytes) {
        file.write(0, bytes)?;
        file.sync()?;
    }
    Ok(())
}
