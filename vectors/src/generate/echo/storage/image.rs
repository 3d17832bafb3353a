//! Feeds in files, as requests give them, and requests about them.

use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::storage::{FileName, Files, Memory, RandomAccess as _};
use dxos_reference::echo::{Data, Feed, RemoteTree};
use dxos_reference::keys::{SigningKey, Suite, to_hex};
use serde_json::{Map, Value, json};

use super::super::super::steps::{Ask, ask, open, session};
use super::super::super::topic::{Topic, suite_of};
use crate::class::Class;

/// Sizes of the appends of the feeds that are damaged: roots 3 and 8; one block; 3, 9 and 12; 7.
pub(super) const SHAPES: [(&str, &[usize]); 4] =
    [("five", &[1, 1, 1, 2]), ("one", &[1]), ("seven", &[4, 2, 1]), ("eight", &[3, 5])];

/// Who writes a feed.
pub(super) struct Writer {
    suite: &'static str,
    secret: [u8; 32],
    signer: SigningKey,
}

impl Writer {
    #[allow(clippy::expect_used)] // Vectors are not made if there is no key.
    pub(super) fn new(topic: &Topic, suite: Suite, slug: &str) -> Self {
        let secret = topic.bytes(slug, "feed");
        let signer = SigningKey::new(suite, &secret).expect("a scalar of the curve");
        Self { suite: suite_of(suite).0, secret, signer }
    }

    pub(super) fn key(&self) -> Vec<u8> {
        self.signer.public_key()
    }

    pub(super) fn key_hex(&self) -> String {
        to_hex(&self.key())
    }

    /// A feed of appends of these sizes, with blocks as [`blocks`] gives them.
    #[allow(clippy::expect_used)] // Memory does not fail.
    pub(super) fn feed(&self, appends: &[usize]) -> Feed<Memory> {
        let mut feed = Feed::open(Files::default(), &self.key(), Mode::Writable).expect("no files");
        for &size in appends {
            self.extend(&mut feed, size);
        }
        feed
    }

    #[allow(clippy::expect_used)]
    fn extend(&self, feed: &mut Feed<Memory>, size: usize) {
        let all = blocks(feed.length() as usize + size);
        let batch: Vec<&[u8]> = all.iter().skip(all.len() - size).map(Vec::as_slice).collect();
        feed.append(&batch, |message| self.signer.sign(message)).expect("small blocks");
    }

    /// Another history under the same key: one append of blocks of the byte ff.
    #[allow(clippy::expect_used)]
    pub(super) fn other(&self, count: usize) -> Feed<Memory> {
        let mut feed = Feed::open(Files::default(), &self.key(), Mode::Writable).expect("no files");
        let batch = vec![&[0xff][..]; count];
        feed.append(&batch, |message| self.signer.sign(message)).expect("small blocks");
        feed
    }

    /// A reader that was given some blocks.
    #[allow(clippy::expect_used)]
    pub(super) fn reader(&self, feed: &Feed<Memory>, taken: &[u64]) -> Feed<Memory> {
        let mut reader = Feed::open(Files::default(), &self.key(), Mode::ReadOnly).expect("no files");
        for &index in taken {
            let data = feed.data(index, 0, false, &mut RemoteTree::default()).expect("it is held");
            reader.put(&data).expect("it is right");
        }
        reader
    }

    /// Appends to the feed of session 0.
    pub(super) fn append(&self, blocks: &[Value]) -> Ask {
        let request = json!({
            "session": session(0), "suite": self.suite, "private_key": to_hex(&self.secret), "blocks": blocks,
        });
        ask("echo.feed.append", request).any(&["signature"])
    }

    /// Opens files in session 0.
    pub(super) fn open(&self, image: &Image, writable: bool) -> Ask {
        let mut request = json!({
            "session": session(0), "key": self.key_hex(), "files": image.described(), "writable": writable,
        });
        if let (true, Some(members)) = (writable, request.as_object_mut()) {
            members.insert("suite".to_owned(), self.suite.into());
            members.insert("private_key".to_owned(), to_hex(&self.secret).into());
        }
        ask("echo.feed.storage.open", request)
    }

    /// A session in which files are opened for writing.
    pub(super) fn opens(&self, image: &Image, more: Vec<Ask>) -> Vec<Ask> {
        [vec![open(), self.open(image, true)], more].concat()
    }

    /// A session in which files are opened read-only.
    pub(super) fn reads(&self, image: &Image, more: Vec<Ask>) -> Vec<Ask> {
        [vec![open(), self.open(image, false)], more].concat()
    }
}

/// The request that opens the files is rejected.
pub(super) fn unopened(class: Class, asks: Vec<Ask>) -> Vec<Ask> {
    asks.into_iter()
        .enumerate()
        .map(|(step, ask)| if step == 1 { ask.rejected(class) } else { ask })
        .collect()
}

/// What all feeds here hold: blocks of 1, 2, 3 … bytes.
pub(super) fn blocks(count: usize) -> Vec<Vec<u8>> {
    let mut letters = (b'a'..=b'z').cycle();
    (0..count).map(|index| letters.by_ref().take(index % 5 + 1).collect()).collect()
}

pub(super) fn hex_blocks(count: usize) -> Vec<Value> {
    blocks(count).iter().map(|block| to_hex(block).into()).collect()
}

pub(super) fn get(index: u64) -> Ask {
    ask("echo.feed.storage.get", json!({ "session": session(0), "index": index }))
}

pub(super) fn audit() -> Ask {
    ask("echo.feed.storage.audit", json!({ "session": session(0) }))
}

pub(super) fn files() -> Ask {
    ask("echo.feed.storage.files", json!({ "session": session(0) }))
}

pub(super) fn clear(from: u64, to: u64) -> Ask {
    ask("echo.feed.storage.clear", json!({ "session": session(0), "from": from, "to": to }))
}

pub(super) fn put(data: &Data) -> Ask {
    let nodes: Vec<Value> =
        data.nodes.iter().map(|node| json!([node.index, to_hex(&node.hash), node.size])).collect();
    let mut described = json!({ "index": data.index, "nodes": nodes });
    if let Some(members) = described.as_object_mut() {
        let optional = [("value", &data.value), ("signature", &data.signature)];
        members.extend(
            optional.into_iter().filter_map(|(name, bytes)| {
                bytes.as_ref().map(|bytes| (name.to_owned(), to_hex(bytes).into()))
            }),
        );
    }
    ask("echo.feed.storage.put", json!({ "session": session(0), "data": described }))
}

/// The files of a feed.
#[derive(Clone, Default)]
pub(super) struct Image(Files<Memory>);

impl Image {
    pub(super) fn of(feed: &Feed<Memory>) -> Self {
        Self(feed.files().clone())
    }

    /// The bytes of a file.
    pub(super) fn bytes(&self, name: FileName) -> &[u8] {
        self.0.get(name).bytes()
    }

    /// The same with another file.
    #[must_use]
    pub(super) fn with(&self, name: FileName, bytes: Vec<u8>) -> Self {
        let mut files = self.0.clone();
        let file = match name {
            FileName::Key => &mut files.key,
            FileName::SecretKey => &mut files.secret_key,
            FileName::Tree => &mut files.tree,
            FileName::Data => &mut files.data,
            FileName::Bitfield => &mut files.bitfield,
            FileName::Signatures => &mut files.signatures,
        };
        *file = Memory::new(bytes);
        Self(files)
    }

    /// The same with a file cut off.
    #[must_use]
    pub(super) fn cut(&self, name: FileName, len: usize) -> Self {
        self.with(name, self.bytes(name).iter().take(len).copied().collect())
    }

    /// The same with bytes in a file combined with others by exclusive or.
    #[must_use]
    pub(super) fn flipped(&self, name: FileName, at: usize, with: u8) -> Self {
        let mut bytes = self.bytes(name).to_vec();
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= with;
        }
        self.with(name, bytes)
    }

    /// The same with zeros in a file.
    #[must_use]
    pub(super) fn blank(&self, name: FileName, at: usize, count: usize) -> Self {
        let mut bytes = self.bytes(name).to_vec();
        bytes.iter_mut().skip(at).take(count).for_each(|byte| *byte = 0);
        self.with(name, bytes)
    }

    /// The same with a file of another image.
    #[must_use]
    pub(super) fn take(&self, name: FileName, other: &Self) -> Self {
        self.with(name, other.bytes(name).to_vec())
    }

    fn described(&self) -> Value {
        let names = FileName::ALL.iter().filter(|&&name| !self.0.get(name).is_empty());
        names.map(|&name| (name.name().to_owned(), described(self.bytes(name)))).collect::<Map<_, _>>().into()
    }
}

/// Hex, or parts where many zeros are between them.
fn described(bytes: &[u8]) -> Value {
    const GAP: usize = 16;
    let mut parts: Vec<(usize, Vec<u8>)> = Vec::new();
    for (at, &byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte != 0) {
        match parts.last_mut() {
            Some((start, part)) if at - (*start + part.len()) < GAP => {
                part.resize(at - *start, 0);
                part.push(byte);
            }
            _ => parts.push((at, vec![byte])),
        }
    }
    let held: usize = parts.iter().map(|(_, part)| part.len()).sum();
    if bytes.len() < 256 || 2 * held > bytes.len() {
        return to_hex(bytes).into();
    }
    let parts: Vec<Value> = parts.into_iter().map(|(at, part)| json!([at, to_hex(&part)])).collect();
    json!({ "len": bytes.len(), "parts": parts })
}
