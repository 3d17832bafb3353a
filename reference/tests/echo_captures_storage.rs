//! The files of deployed feeds open, hold what they should, and are written the same from the blocks.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod capture;

use capture::lines;
use dxos_reference::echo::Feed;
use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::storage::{FileName, Files, Memory, RandomAccess as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// The blocks, cut out of the data.
fn blocks(line: &Value) -> Vec<Vec<u8>> {
    let data = bytes(&line["files"]["data"]);
    let mut rest = data.as_slice();
    let sizes = line["sizes"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize);
    let blocks = sizes.map(|size| rest.split_off(..size).unwrap().to_vec()).collect();
    assert!(rest.is_empty());
    blocks
}

/// The feed, written anew with the signatures that were made then.
fn rewritten(line: &Value) -> Feed<Memory> {
    let signatures = bytes(&line["files"]["signatures"]);
    let key = bytes(&line["feed_key"]);
    let mut feed = Feed::open(Files::default(), &key, Mode::Writable).unwrap();
    let blocks = blocks(line);
    let mut rest = blocks.iter().map(Vec::as_slice);
    for size in line["appends"].as_array().unwrap() {
        let batch: Vec<&[u8]> = rest.by_ref().take(size.as_u64().unwrap() as usize).collect();
        let slot = feed.length() as usize + batch.len() - 1;
        let signature = signatures[32 + 64 * slot..][..64].try_into().unwrap();
        feed.append(&batch, |_| signature).unwrap();
    }
    feed
}

/// The tree of the real feed may end with zeros for nodes to come.
fn hash_of(feed: &Feed<Memory>, name: FileName, len: usize) -> String {
    let mut bytes = feed.files().get(name).bytes().to_vec();
    assert!(bytes.len() <= len && len - bytes.len() <= 40, "{name}");
    bytes.resize(len, 0);
    hex::encode(Sha256::digest(bytes))
}

#[test]
fn the_same_files_are_written() {
    for line in lines("storage.jsonl.gz") {
        let feed = rewritten(&line);
        for (name, len) in [
            (FileName::Key, 32),
            (FileName::SecretKey, 6),
            (FileName::Data, line["byte_length"].as_u64().unwrap() as usize),
            (FileName::Signatures, 32 + 64 * line["length"].as_u64().unwrap() as usize),
        ] {
            assert_eq!(hash_of(&feed, name, len), line["sha256"][name.name()].as_str().unwrap(), "{name}");
        }
        let len = feed.files().tree.len() as usize;
        let found = [len, len + 40].map(|len| hash_of(&feed, FileName::Tree, len));
        assert!(found.iter().any(|hash| line["sha256"]["tree"] == hash.as_str()), "{}", line["id"]);
        // Of each page all but the index.
        let theirs = bytes(&line["files"]["bitfield"]);
        let ours = feed.files().bitfield.bytes();
        assert_eq!(ours.len(), theirs.len());
        assert_eq!(ours[..32], theirs[..32]);
        for (ours, theirs) in ours[32..].chunks(3584).zip(theirs[32..].chunks(3584)) {
            assert_eq!(ours[..3072], theirs[..3072]);
        }
    }
}

#[test]
fn the_deployed_files_open() {
    for line in lines("storage.jsonl.gz") {
        let tree = match &line["files"]["tree"] {
            Value::Null => rewritten(&line).into_files().tree.bytes().to_vec(),
            tree => bytes(tree),
        };
        let files: Files<Memory> = Files::with(|name| match name {
            FileName::Tree => Ok::<_, ()>(Memory::new(tree.clone())),
            name => Ok(Memory::new(bytes(&line["files"][name.name()]))),
        })
        .unwrap();
        for mode in [Mode::Writable, Mode::ReadOnly] {
            let mut feed = Feed::open(files.clone(), &bytes(&line["feed_key"]), mode).unwrap();
            assert_eq!(feed.length(), line["length"].as_u64().unwrap());
            assert_eq!(feed.byte_length(), line["byte_length"].as_u64().unwrap());
            assert!(feed.is_signed());
            assert_eq!(*feed.files(), files, "opening writes nothing");
            for (index, block) in (0..).zip(blocks(&line)) {
                assert_eq!(feed.get(index).unwrap(), block);
            }
            assert_eq!(feed.audit().unwrap().valid, feed.length());
            let last = &line["last_signature"];
            let at = 32 + 64 * last[0].as_u64().unwrap() as usize;
            assert_eq!(feed.files().signatures.bytes()[at..][..64], bytes(&last[1]));
        }
    }
}
