//! Feeds in their files survive every interruption, and a writer never signs two histories.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

use std::cell::RefCell;
use std::rc::Rc;

use dxos_reference::echo::feed::{FeedError, Mode};
use dxos_reference::echo::storage::{FileName, Files, Memory, RandomAccess, StorageError};
use dxos_reference::echo::{Data, Feed, Node, RemoteTree};
use dxos_reference::keys::{SigningKey, Suite};
use proptest::prelude::*;

/// What was written, in order.
#[derive(Clone)]
enum Write {
    Bytes(FileName, u64, Vec<u8>),
    Cut(FileName, u64),
    /// Appends that have returned, and so were published.
    Returned(u64),
}

/// A file that keeps a record.
struct Recorded {
    name: FileName,
    memory: Memory,
    log: Rc<RefCell<Vec<Write>>>,
}

impl RandomAccess for Recorded {
    fn len(&self) -> u64 {
        self.memory.len()
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        self.memory.read(at, into)
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), StorageError> {
        self.log.borrow_mut().push(Write::Bytes(self.name, at, bytes.to_vec()));
        self.memory.write(at, bytes)
    }

    fn truncate(&mut self, len: u64) -> Result<(), StorageError> {
        self.log.borrow_mut().push(Write::Cut(self.name, len));
        self.memory.truncate(len)
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        Ok(())
    }
}

fn signer() -> SigningKey {
    SigningKey::new(Suite::Ed25519, &[7; 32]).unwrap()
}

fn file(files: &mut Files<Memory>, name: FileName) -> &mut Memory {
    match name {
        FileName::Key => &mut files.key,
        FileName::SecretKey => &mut files.secret_key,
        FileName::Tree => &mut files.tree,
        FileName::Data => &mut files.data,
        FileName::Bitfield => &mut files.bitfield,
        FileName::Signatures => &mut files.signatures,
    }
}

fn apply(files: &mut Files<Memory>, write: &Write, share: usize) {
    match write {
        Write::Bytes(name, at, bytes) => {
            file(files, *name).write(*at, &bytes[..bytes.len() * share / 8]).unwrap();
        }
        Write::Cut(name, len) if share == 8 => file(files, *name).truncate(*len).unwrap(),
        Write::Cut(..) | Write::Returned(_) => {}
    }
}

fn open(files: Files<Memory>, mode: Mode) -> Result<Feed<Memory>, FeedError> {
    Feed::open(files, &signer().public_key(), mode)
}

fn written(batches: &[Vec<Vec<u8>>]) -> Feed<Memory> {
    let mut feed = open(Files::default(), Mode::Writable).unwrap();
    for batch in batches {
        let batch: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
        feed.append(&batch, |message| signer().sign(message)).unwrap();
    }
    feed
}

fn batches(most: usize) -> impl Strategy<Value = Vec<Vec<Vec<u8>>>> {
    let block = prop::collection::vec(any::<u8>(), 0..40);
    prop::collection::vec(prop::collection::vec(block, 1..5), 1..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_interruption_leaves_a_state_that_was_signed(batches in batches(6)) {
        let log = Rc::new(RefCell::new(Vec::new()));
        let files: Files<Recorded> = Files::with(|name| {
            Ok::<_, ()>(Recorded { name, memory: Memory::default(), log: Rc::clone(&log) })
        }).unwrap();
        let mut feed = Feed::open(files, &signer().public_key(), Mode::Writable).unwrap();
        let mut signed = vec![(0, None)];
        for batch in &batches {
            let batch: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
            let mut message = None;
            feed.append(&batch, |bytes| { message = Some(*bytes); signer().sign(bytes) }).unwrap();
            signed.push((feed.length(), message));
            log.borrow_mut().push(Write::Returned(feed.length()));
        }
        let all: Vec<Vec<u8>> = batches.concat();
        let log = log.borrow();
        let mut before = Files::default();
        let mut published = 0;
        for write in log.iter() {
            if let Write::Returned(length) = write {
                published = *length;
            }
            for share in [0, 1, 4, 7] {
                let mut files = before.clone();
                apply(&mut files, write, share);
                let mut again = open(files, Mode::Writable).unwrap();
                prop_assert!(again.length() >= published, "{} of {published}", again.length());
                prop_assert!(signed.iter().any(|(length, _)| *length == again.length()));
                for index in 0..again.length() {
                    prop_assert_eq!(&again.get(index).unwrap(), &all[index as usize]);
                }
                // And it goes on from there.
                let next = again.length();
                prop_assert_eq!(again.append(&[b"next"], |message| signer().sign(message)).unwrap(), next);
                let reopened = open(again.into_files(), Mode::Writable).unwrap();
                prop_assert_eq!(reopened.get(next).unwrap(), b"next");
                prop_assert_eq!(reopened.held(), next + 1);
            }
            apply(&mut before, write, 8);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// One file is damaged in one place: either nothing can be appended, or everything that was signed is there.
    #[test]
    fn one_damage_never_shortens_what_is_appended_to(
        batches in batches(5),
        which in 0_usize..6,
        at in any::<prop::sample::Index>(),
        kind in 0..3,
        count in 1_usize..100,
    ) {
        let feed = written(&batches);
        let length = feed.length();
        let mut files = feed.into_files();
        let name = FileName::ALL[which];
        let mut bytes = files.get(name).bytes().to_vec();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes.truncate(at),
                1 => bytes[at] ^= 1 << (count % 8),
                _ => bytes.iter_mut().skip(at).take(count).for_each(|byte| *byte = 0),
            }
        }
        *file(&mut files, name) = Memory::new(bytes);
        let mut signed: Vec<u8> = Vec::new();
        if let Ok(mut again) = open(files.clone(), Mode::Writable) {
            prop_assert_eq!(again.length(), length);
            again.append(&[b"next"], |message| { signed.extend(message); signer().sign(message) }).unwrap();
            let mut right = written(&batches);
            let mut expected: Vec<u8> = Vec::new();
            right.append(&[b"next"], |message| { expected.extend(message); signer().sign(message) }).unwrap();
            prop_assert_eq!(signed, expected);
        }
        // Whatever the damage, a reader neither panics nor gives another block than was written.
        if let Ok(reader) = open(files, Mode::ReadOnly) {
            let all = batches.concat();
            for index in 0..reader.length().min(all.len() as u64) {
                if let Ok(block) = reader.get(index) {
                    prop_assert_eq!(&block, &all[index as usize]);
                }
            }
        }
    }

    #[test]
    fn files_of_noise_do_not_panic(noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 6), key in any::<bool>()) {
        let mut noise = noise.into_iter();
        let files: Files<Memory> = Files::with(|name| {
            let bytes = noise.next().unwrap_or_default();
            let bytes = match name {
                FileName::Key if key => dxos_reference::echo::hypercore_key(&signer().public_key()).to_vec(),
                _ => bytes,
            };
            Ok::<_, ()>(Memory::new(bytes))
        }).unwrap();
        for mode in [Mode::Writable, Mode::ReadOnly] {
            if let Ok(mut feed) = open(files.clone(), mode) {
                let _ = feed.audit();
                let _ = feed.data(0, 0, false, &mut RemoteTree::default());
            }
        }
    }

    #[test]
    fn a_reader_that_holds_some_opens_again_as_it_was(
        batches in batches(6),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        cleared in any::<prop::sample::Index>(),
    ) {
        let feed = written(&batches);
        let all = batches.concat();
        let mut reader = open(Files::default(), Mode::ReadOnly).unwrap();
        let mut remote = RemoteTree::default();
        let mut taken = std::collections::BTreeSet::new();
        for index in order {
            let index = index.index(all.len()) as u64;
            let data = feed.data(index, reader.digest(index), false, &mut remote).unwrap();
            prop_assert_eq!(reader.put(&data).unwrap().is_new, taken.insert(index));
        }
        let first = cleared.index(all.len()) as u64;
        reader.clear(first..first + 2).unwrap();
        taken.retain(|&index| index != first && index != first + 1);
        let length = reader.length();
        let again = open(reader.into_files(), Mode::ReadOnly).unwrap();
        prop_assert_eq!(again.length(), length);
        prop_assert_eq!(again.held(), taken.len() as u64);
        for index in taken {
            prop_assert_eq!(&again.get(index).unwrap(), &all[index as usize]);
        }
    }

    #[test]
    fn what_is_put_at_random_is_refused_and_changes_nothing(
        batches in batches(4),
        index in 0_u64..20,
        value in prop::option::of(prop::collection::vec(any::<u8>(), 0..20)),
        nodes in prop::collection::vec((0_u64..40, any::<[u8; 32]>(), any::<u64>()), 0..6),
    ) {
        let mut feed = written(&batches);
        let before = feed.files().clone();
        let nodes = nodes.into_iter().map(|(index, hash, size)| Node { index, hash, size }).collect();
        let data = Data { index, value, nodes, signature: Some(vec![1; 64]) };
        if feed.put(&data).is_err() {
            prop_assert_eq!(feed.files(), &before);
        }
    }
}

#[test]
fn an_append_that_fails_half_way_is_not_followed_by_another() {
    /// Refuses to write once it is told so.
    struct Broken(Memory, Rc<RefCell<bool>>);
    impl RandomAccess for Broken {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read(&self, at: u64, into: &mut [u8]) -> Result<usize, StorageError> {
            self.0.read(at, into)
        }
        fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), StorageError> {
            if *self.1.borrow() { Err(StorageError::new("full")) } else { self.0.write(at, bytes) }
        }
        fn truncate(&mut self, len: u64) -> Result<(), StorageError> {
            self.0.truncate(len)
        }
        fn sync(&mut self) -> Result<(), StorageError> {
            Ok(())
        }
    }
    let broken = Rc::new(RefCell::new(false));
    let files = Files::with(|_| Ok::<_, ()>(Broken(Memory::default(), Rc::clone(&broken)))).unwrap();
    let key = signer();
    let mut feed = Feed::open(files, &key.public_key(), Mode::Writable).unwrap();
    feed.append(&[b"a"], |message| key.sign(message)).unwrap();
    *broken.borrow_mut() = true;
    assert!(matches!(feed.append(&[b"b"], |message| key.sign(message)), Err(FeedError::Storage(_))));
    *broken.borrow_mut() = false;
    let never = |_: &[u8; 40]| panic!("a second block is signed for the same number");
    assert!(matches!(feed.append(&[b"c"], never), Err(FeedError::Interrupted)));
}
