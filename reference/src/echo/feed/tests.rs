//! Feeds in memory.

use super::*;
use crate::echo::RemoteTree;
use crate::echo::storage::Memory;
use crate::keys::{SigningKey, Suite};

fn key() -> SigningKey {
    SigningKey::new(Suite::Ed25519, &[7; 32]).unwrap()
}

fn open(files: Files<Memory>, mode: Mode) -> Result<Feed<Memory>, FeedError> {
    Feed::open(files, &key().public_key(), mode)
}

fn five() -> Feed<Memory> {
    let mut feed = open(Files::default(), Mode::Writable).unwrap();
    for block in [&b"a"[..], b"bc", b"def"] {
        feed.append(&[block], |message| key().sign(message)).unwrap();
    }
    assert_eq!(feed.append(&[b"ghij", b"klmno"], |message| key().sign(message)).unwrap(), 3);
    feed
}

#[test]
fn appended_blocks_are_read_again() {
    let feed = five();
    assert_eq!((feed.length(), feed.byte_length(), feed.held()), (5, 15, 5));
    let again = open(feed.files().clone(), Mode::Writable).unwrap();
    assert_eq!(again.files(), feed.files());
    assert_eq!((again.length(), again.byte_length(), again.is_signed()), (5, 15, true));
    assert_eq!(again.get(3).unwrap(), b"ghij");
    assert!(again.get(5).is_err());
    assert_eq!(feed.files().data.bytes(), b"abcdefghijklmno");
    assert_eq!((feed.files().tree.len(), feed.files().signatures.len()), (392, 352));
}

#[test]
fn a_reader_takes_blocks_in_any_order() {
    let feed = five();
    let mut reader = open(Files::default(), Mode::ReadOnly).unwrap();
    let mut remote = RemoteTree::default();
    for index in [3, 0, 4, 2, 1] {
        let data = feed.data(index, reader.digest(index), false, &mut remote).unwrap();
        assert!(reader.put(&data).unwrap().is_new);
        assert_eq!(reader.length(), 5);
    }
    assert_eq!(reader.files().data, feed.files().data);
    assert_eq!(reader.files().tree, feed.files().tree);
    let again = open(reader.into_files(), Mode::ReadOnly).unwrap();
    assert_eq!(again.get(4).unwrap(), b"klmno");
    assert!(again.is_signed());
}

#[test]
fn a_lost_bitfield_is_made_anew() {
    let feed = five();
    for len in [0, 32, 33, 1000, 2000, 3615] {
        let mut files = feed.files().clone();
        files.bitfield.truncate(len).unwrap();
        let again = open(files, Mode::Writable).unwrap();
        assert_eq!(again.files(), feed.files(), "{len}");
        assert_eq!((again.length(), again.held()), (5, 5));
    }
}

#[test]
fn nothing_is_appended_behind_a_lost_signature() {
    let feed = five();
    for len in [32, 100, 288, 300, 351] {
        let mut files = feed.files().clone();
        files.signatures.truncate(len).unwrap();
        let error = open(files.clone(), Mode::Writable).unwrap_err();
        assert!(error.to_string().starts_with("signatures, byte 288"), "{error}");
        assert!(!open(files, Mode::ReadOnly).unwrap().is_signed());
    }
}
