//! Feeds in their files: appending, opening, damage.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::echo_feed::data;
use super::input::{Input, block, members, unhex, wrong};
use super::{Answer, Failure};
use crate::echo::Feed;
use crate::echo::feed::{FeedError, Mode};
use crate::echo::storage::{FileName, Files, Memory, RandomAccess, StorageError, layout};
use crate::keys::{SigningKey, to_hex};

/// The largest file that a request may describe, in bytes.
const MAX_FILE: u64 = 1 << 24;

/// A file in memory that notes when it is written.
#[derive(Debug)]
pub(super) struct Logged {
    memory: Memory,
    name: FileName,
    written: Arc<Mutex<Option<FileName>>>,
}

impl RandomAccess for Logged {
    fn len(&self) -> u64 {
        self.memory.len()
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<usize, StorageError> {
        self.memory.read(at, into)
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), StorageError> {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.name);
        self.memory.write(at, bytes)
    }

    fn truncate(&mut self, len: u64) -> Result<(), StorageError> {
        self.memory.truncate(len)
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        self.memory.sync()
    }
}

/// A feed in its files, and who signs for it.
pub(super) struct Stored {
    feed: Feed<Logged>,
    signer: Option<SigningKey>,
    written: Arc<Mutex<Option<FileName>>>,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.feed.fmt(f)
    }
}

/// Carries out an operation; `stored` is what its session holds.
pub(super) fn call(op: &str, input: &Input<'_>, stored: Option<&mut Option<Stored>>) -> Answer {
    let answer = match op {
        "echo.feed.append" => session(stored).and_then(|stored| append(input, stored)),
        "echo.feed.storage.open" => session(stored).and_then(|stored| open(input, stored)),
        "echo.feed.storage.write" => write(input),
        "echo.feed.storage.directory" => {
            input.bytes("key").map(|key| json!({ "directory": layout::directory(&key) }))
        }
        "echo.feed.storage.get" => opened(stored)
            .and_then(|stored| Ok(json!({ "block": to_hex(&stored.feed.get(input.number("index")?)?) }))),
        "echo.feed.storage.clear" => opened(stored).and_then(|stored| {
            stored.feed.clear(input.number("from")?..input.number("to")?)?;
            Ok(state(&stored.feed))
        }),
        "echo.feed.storage.audit" => opened(stored).and_then(|stored| {
            let audit = stored.feed.audit()?;
            Ok(json!({ "valid": audit.valid, "invalid": audit.invalid.len() }))
        }),
        "echo.feed.storage.put" => opened(stored).and_then(|stored| put(input, stored)),
        "echo.feed.storage.files" => opened(stored).and_then(|stored| files(&stored.feed)),
        _ => Err(Failure::Unsupported),
    };
    answer.map(members)
}

impl From<FeedError> for Failure {
    fn from(error: FeedError) -> Self {
        match error.reject() {
            Some(reject) => Self::Reject(reject.clone()),
            None => wrong("files", "not to be kept in memory"),
        }
    }
}

fn session(stored: Option<&mut Option<Stored>>) -> Result<&mut Option<Stored>, Failure> {
    stored.ok_or_else(|| wrong("session", "absent"))
}

fn opened(stored: Option<&mut Option<Stored>>) -> Result<&mut Stored, Failure> {
    session(stored)?.as_mut().ok_or_else(|| wrong("session", "one in which no feed was opened"))
}

impl Stored {
    fn new(
        images: Files<Memory>,
        key: &[u8],
        mode: Mode,
        signer: Option<SigningKey>,
    ) -> Result<Self, Failure> {
        let written = Arc::new(Mutex::new(None));
        let Files { key: key_file, secret_key, tree, data, bitfield, signatures } = images;
        let logged = |memory, name| Logged { memory, name, written: Arc::clone(&written) };
        let files = Files {
            key: logged(key_file, FileName::Key),
            secret_key: logged(secret_key, FileName::SecretKey),
            tree: logged(tree, FileName::Tree),
            data: logged(data, FileName::Data),
            bitfield: logged(bitfield, FileName::Bitfield),
            signatures: logged(signatures, FileName::Signatures),
        };
        Ok(Self { feed: Feed::open(files, key, mode)?, signer, written })
    }
}

/// Begins a feed if the session has none.
fn append(input: &Input<'_>, stored: &mut Option<Stored>) -> Result<Value, Failure> {
    let blocks: Vec<Vec<u8>> =
        input.items("blocks")?.iter().map(|item| block("blocks", item)).collect::<Result<_, _>>()?;
    let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    let signer = input.optional("private_key", |input, _| input.signing_key())?;
    let stored = match (stored, &signer) {
        (Some(stored), _) => stored,
        (empty, Some(signer)) => {
            let key = signer.public_key();
            empty.insert(Stored::new(Files::default(), &key, Mode::Writable, Some(signer.clone()))?)
        }
        (None, None) => return Err(wrong("private_key", "absent")),
    };
    let signer = signer.or_else(|| stored.signer.clone());
    let mut signed = None;
    let seq = stored.feed.append(&blocks, |message| {
        let signature = signer.as_ref().map_or([0; 64], |signer| signer.sign(message));
        signed = Some((*message, signature));
        signature
    })?;
    let feed = &stored.feed;
    let mut answer = json!({ "seq": seq, "length": feed.length(), "byte_length": feed.byte_length() });
    if let (Some((message, signature)), Some(members)) = (signed, answer.as_object_mut()) {
        members.insert("signable".to_owned(), to_hex(&message).into());
        members.insert("signature".to_owned(), to_hex(&signature).into());
    }
    Ok(answer)
}

fn open(input: &Input<'_>, stored: &mut Option<Stored>) -> Result<Value, Failure> {
    let images = input.object("files")?;
    let images = Files::with(|name| image(&images, name))?;
    let mode = if input.flag("writable")? { Mode::Writable } else { Mode::ReadOnly };
    let signer = input.optional("private_key", |input, _| input.signing_key())?;
    let opened = stored.insert(Stored::new(images, &input.bytes("key")?, mode, signer)?);
    Ok(state(&opened.feed))
}

/// Hex, or `{"len": n, "parts": [[at, hex], …]}` with zeros between the parts; what is beyond the length is left out.
fn image(images: &Input<'_>, name: FileName) -> Result<Memory, Failure> {
    let Some(image) = images.0.get(name.name()) else { return Ok(Memory::default()) };
    let Some(image) = image.as_object() else { return Ok(Memory::new(unhex("files", image)?)) };
    let image = Input(image);
    let len = image.number("len")?;
    if len > MAX_FILE {
        return Err(wrong("files", "too large"));
    }
    let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
    for part in image.items("parts")? {
        let (at, part) = match part.as_array().map(Vec::as_slice) {
            Some([at, part]) => (at.as_u64().unwrap_or(u64::MAX), unhex("files", part)?),
            _ => return Err(wrong("files", "not made of parts")),
        };
        let place = usize::try_from(at).ok().and_then(|at| bytes.get_mut(at..)).unwrap_or_default();
        for (to, from) in place.iter_mut().zip(part) {
            *to = from;
        }
    }
    Ok(Memory::new(bytes))
}

fn state(feed: &Feed<Logged>) -> Value {
    let mut held: Vec<[u64; 2]> = Vec::new();
    for index in (0..feed.length()).filter(|&index| feed.has(index)) {
        match held.last_mut() {
            Some([_, end]) if *end == index => *end += 1,
            _ => held.push([index, index + 1]),
        }
    }
    json!({ "length": feed.length(), "byte_length": feed.byte_length(), "held": held })
}

fn put(input: &Input<'_>, stored: &mut Stored) -> Result<Value, Failure> {
    stored.feed.put(&data(&input.object("data")?)?)?;
    Ok(state(&stored.feed))
}

/// Makes a feed whose signatures are given.
fn write(input: &Input<'_>) -> Result<Value, Failure> {
    let feed = input.object("feed")?;
    let mut stored = Stored::new(Files::default(), &feed.bytes("key")?, Mode::Writable, None)?;
    let blocks: Vec<Vec<u8>> =
        feed.items("blocks")?.iter().map(|item| block("blocks", item)).collect::<Result<_, _>>()?;
    let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    let mut rest = blocks.as_slice();
    for (size, signature) in feed.numbers("appends")?.into_iter().zip(feed.list("signatures")?) {
        let signature: [u8; 64] = signature.try_into().map_err(|_| wrong("signatures", "not of 64 bytes"))?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let (batch, behind) =
            rest.split_at_checked(size).ok_or_else(|| wrong("appends", "more than the blocks"))?;
        rest = behind;
        stored.feed.append(batch, |_| signature)?;
    }
    let mut answer = members(files(&stored.feed)?);
    let last = *stored.written.lock().unwrap_or_else(PoisonError::into_inner);
    answer.insert("last".to_owned(), last.map(FileName::name).into());
    Ok(answer.into())
}

/// What the files hold.  Of the bitfield each page: its number, and the bits of blocks and of nodes up to the last one
/// that is set.
fn files(feed: &Feed<Logged>) -> Result<Value, Failure> {
    let mut answer = Map::new();
    for name in FileName::ALL {
        let bytes = feed.files().get(name).memory.bytes();
        if name == FileName::Bitfield {
            answer.insert("header".to_owned(), to_hex(bytes.get(..32).unwrap_or_default()).into());
            answer.insert("pages".to_owned(), pages(bytes).into());
        } else if name == FileName::Tree {
            let empty = |node: &&[u8]| node.iter().all(|&byte| byte == 0);
            let nodes = bytes.get(32..).unwrap_or_default();
            let zeros = nodes.rchunks(40).take_while(empty).map(<[u8]>::len).sum::<usize>();
            let end = bytes.len().saturating_sub(zeros);
            answer.insert("tree".to_owned(), to_hex(bytes.get(..end).unwrap_or_default()).into());
        } else {
            answer.insert(name.name().to_owned(), to_hex(bytes).into());
        }
    }
    Ok(answer.into())
}

fn pages(bytes: &[u8]) -> Vec<Value> {
    let stride = match bytes.get(5..7) {
        Some([0x0d, 0]) => 3328,
        _ => 3584,
    };
    let trimmed = |bits: &[u8]| {
        let end = bits.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        to_hex(bits.get(..end).unwrap_or_default())
    };
    let pages = bytes.get(32..).unwrap_or_default().chunks(stride).enumerate();
    pages
        .map(|(number, page)| {
            let part = |from, to| page.get(from..to).map(trimmed).unwrap_or_default();
            json!([number, part(0, 1024), part(1024, 3072)])
        })
        .collect()
}
