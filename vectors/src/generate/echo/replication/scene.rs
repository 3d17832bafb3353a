//! Feeds with fixed signatures, and the two ends of a stream: the testee, and what is said to it.

use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::replication::{Message, encode_bitfield};
use dxos_reference::echo::storage::{Files, Memory};
use dxos_reference::echo::{Data, Feed, RemoteTree, discovery_key, hypercore_key};
use dxos_reference::keys::{SigningKey, to_hex};
use serde_json::{Value, json};

use super::super::super::steps::{Ask, ask, from, session};

/// A feed that was written, and all that was signed.
pub(super) struct Writer {
    key: SigningKey,
    feed: Option<Feed<Memory>>,
    blocks: Vec<Vec<u8>>,
    appends: Vec<usize>,
    signatures: Vec<String>,
}

impl Writer {
    /// A feed to which each of the lists was appended at once.
    pub(super) fn new(key: &SigningKey, appends: &[&[&str]]) -> Self {
        let feed = Feed::open(Files::default(), &key.public_key(), Mode::Writable).ok();
        let (blocks, signatures) = (Vec::new(), Vec::new());
        let mut writer = Self { key: key.clone(), feed, blocks, appends: Vec::new(), signatures };
        for batch in appends {
            writer.append(batch);
        }
        writer
    }

    /// Appends, and gives what a request to append has.
    pub(super) fn append(&mut self, batch: &[&str]) -> Value {
        let blocks: Vec<&[u8]> = batch.iter().map(|block| block.as_bytes()).collect();
        let mut made = String::new();
        let key = self.key.clone();
        if let Some(feed) = &mut self.feed {
            let appended = feed.append(&blocks, |message| {
                let signature = key.sign(message);
                made = to_hex(&signature);
                signature
            });
            // A feed that cannot be appended to shows in every case made from it.
            if appended.is_err() {
                self.feed = None;
            }
        }
        self.appends.push(blocks.len());
        self.signatures.push(made.clone());
        self.blocks.extend(blocks.iter().map(|block| block.to_vec()));
        json!({ "blocks": blocks.iter().map(|block| to_hex(block)).collect::<Vec<_>>(), "signature": made })
    }

    /// The feed as requests give it.
    pub(super) fn whole(&self) -> Value {
        let blocks: Vec<String> = self.blocks.iter().map(|block| to_hex(block)).collect();
        json!({
            "key": to_hex(&self.key.public_key()),
            "blocks": blocks,
            "appends": self.appends,
            "signatures": self.signatures,
        })
    }

    /// The feed before anything was received of it.
    pub(super) fn empty(&self) -> Value {
        json!({ "key": to_hex(&self.key.public_key()), "blocks": [], "appends": [], "signatures": [] })
    }

    pub(super) fn discovery_key(&self) -> Vec<u8> {
        discovery_key(&hypercore_key(&self.key.public_key())).to_vec()
    }

    pub(super) fn open(&self, channel: u64) -> String {
        frame(channel, &Message::Open { discovery_key: self.discovery_key(), capability: None })
    }

    /// A block with the proof for who knows what the digest says.
    pub(super) fn data(&self, index: u64, digest: u64) -> Data {
        let data = self.feed.as_ref().map(|feed| feed.data(index, digest, false, &mut RemoteTree::default()));
        data.and_then(Result::ok).unwrap_or_default()
    }

    /// Its frame on channel 1.
    pub(super) fn sent(&self, index: u64, digest: u64) -> String {
        frame(1, &Message::Data(self.data(index, digest)))
    }

    /// The frames of all blocks, each with a whole proof.
    pub(super) fn all(&self) -> String {
        (0..self.blocks.len() as u64).map(|index| self.sent(index, 0)).collect()
    }
}

/// The hex of a message's frame.
pub(super) fn frame(channel: u64, message: &Message) -> String {
    to_hex(&message.encode(channel).encode())
}

pub(super) fn have(start: u64, length: Option<u64>) -> String {
    frame(1, &Message::Have { start, length, bitfield: None, ack: None })
}

/// A Have with a bitfield.
pub(super) fn have_bits(start: u64, length: u64, bits: &[u8]) -> String {
    let bitfield = Some(encode_bitfield(bits));
    frame(1, &Message::Have { start, length: Some(length), bitfield, ack: None })
}

pub(super) fn unhave(start: u64, length: u64) -> String {
    frame(1, &Message::Unhave { start, length: Some(length) })
}

pub(super) fn want(start: u64, length: u64) -> String {
    frame(1, &Message::Want { start, length: Some(length) })
}

pub(super) fn request(index: u64, digest: u64) -> String {
    frame(1, &Message::Request { index, bytes: Some(0), hash: Some(false), nodes: Some(digest) })
}

pub(super) fn status(uploading: bool, downloading: bool) -> String {
    frame(1, &Message::Status { uploading: Some(uploading), downloading: Some(downloading) })
}

pub(super) fn close(channel: u64) -> String {
    frame(channel, &Message::Close { discovery_key: None })
}

/// A region of blocks as Wants ask for it.
pub(super) const REGION: u64 = 1 << 20;

/// A case in the making: one request after the other.
#[derive(Clone)]
pub(super) struct Play {
    asks: Vec<Ask>,
}

impl Play {
    /// The testee opens a stream with feeds.
    pub(super) fn new(feeds: Value) -> Self {
        Self::by("initiator", feeds)
    }

    pub(super) fn by(role: &str, feeds: Value) -> Self {
        let input = json!({ "stack": "echo.replication", "role": role, "feeds": feeds, "now": 0 });
        Self { asks: vec![ask("wire.open", input).only(&["open", "feeds"])] }
    }

    /// The testee reads a feed of which it has nothing.
    pub(super) fn reader(writer: &Writer) -> Self {
        Self::new(json!([{ "feed": writer.empty() }]))
    }

    /// The testee has all of a feed.
    pub(super) fn writer(writer: &Writer) -> Self {
        Self::new(json!([{ "feed": writer.whole() }]))
    }

    /// Bytes come in one chunk.
    pub(super) fn feed(self, bytes: impl Into<String>) -> Self {
        self.step("wire.feed", json!({ "bytes": bytes.into() }))
    }

    /// A request of the session.
    pub(super) fn step(mut self, op: &str, input: Value) -> Self {
        self.asks.push(ask(op, with_session(input)).only(&["open", "feeds"]));
        self
    }

    /// A request of the session of which only the output on both streams counts.
    pub(super) fn step_of_two(mut self, op: &str, input: Value) -> Self {
        self.asks.push(ask(op, with_session(input)).only(&["feeds"]));
        self
    }

    /// The last request is rejected.
    pub(super) fn rejected(mut self, class: crate::class::Class) -> Self {
        if let Some(last) = self.asks.pop() {
            self.asks.push(last.rejected(class));
        }
        self
    }

    /// These kinds of messages in the output of the last request.
    pub(super) fn said(self, kinds: &'static [&'static str]) -> Self {
        let last = self.asks.len().saturating_sub(1);
        self.said_at(last, kinds)
    }

    /// These kinds of messages in the output of a request.
    pub(super) fn said_at(mut self, step: usize, kinds: &'static [&'static str]) -> Self {
        self.asks.push(
            ask("echo.replication.frames", json!({ "chunks": from(step, "out") })).judged().only(kinds),
        );
        self
    }

    /// These kinds of messages in the output of the last request, on each of two streams.
    pub(super) fn said_on_both(mut self, kinds: &'static [&'static str]) -> Self {
        let last = self.asks.len().saturating_sub(1);
        for stream in [0, 1] {
            let input = json!({ "streams": from(last, "outs"), "stream": stream });
            self.asks.push(ask("echo.replication.frames", input).judged().only(kinds));
        }
        self
    }

    /// The output of the last request, byte for byte.
    pub(super) fn exactly(mut self, op: &str, input: Value) -> Self {
        self.asks.push(ask(op, with_session(input)).only(&["out"]));
        self
    }

    pub(super) fn asks(self) -> Vec<Ask> {
        self.asks
    }
}

fn with_session(mut input: Value) -> Value {
    if let Some(members) = input.as_object_mut() {
        members.insert("session".to_owned(), session(0));
    }
    input
}
