//! `echo.measure`: the work on feeds that `dxspec bench` compares, at feeds in memory.  An instrument, and not part of
//! the reference, as its keys and signatures are random.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use dxos_peer::Signer;
use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::message::{FeedMessage, NewPayload, Payload, write};
use dxos_reference::echo::order::Delivery;
use dxos_reference::echo::replication::{Machine, Transfer};
use dxos_reference::echo::storage::{Files, Memory};
use dxos_reference::echo::{Feed, Timeframe, discovery_key, hypercore_key};
use serde_json::{Map, Value, json};

/// Blocks of a feed that is begun anew rather than appended to.
const FULL: u64 = 10_000;
/// Frames in the timeframe of a message, at most.
const FRAMES: usize = 10;

const MAX_BATCH: u64 = 1000;
const MAX_SIZE: u64 = 65_536;
const MAX_BLOCKS: u64 = 200_000;
const MAX_FEEDS: u64 = 1000;
/// Bytes of all blocks of a feed.
const MAX_BYTES: u64 = 1 << 30;

type Made = BTreeMap<[u8; 32], Feed<Memory>>;

/// A feed with its key.
#[derive(Debug)]
struct Writer {
    signer: Signer,
    feed: Feed<Memory>,
}

impl Writer {
    fn new() -> anyhow::Result<Self> {
        let (signer, _) = Signer::generate()?;
        let feed = Feed::open(Files::default(), signer.public_key(), Mode::Writable)?;
        Ok(Self { signer, feed })
    }

    fn append(&mut self, blocks: &[Vec<u8>]) -> anyhow::Result<()> {
        let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
        self.feed.append(&blocks, |signable| self.signer.sign(signable))?;
        Ok(())
    }

    /// A feed of so many blocks.
    fn filled(count: u64, batch: u64, size: u64) -> anyhow::Result<Self> {
        let mut writer = Self::new()?;
        while writer.feed.length() < count {
            writer.append(&blocks(batch.min(count - writer.feed.length()), size))?;
        }
        Ok(writer)
    }
}

fn blocks(count: u64, size: u64) -> Vec<Vec<u8>> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    (0..count).map(|index| vec![index.to_le_bytes().first().copied().unwrap_or_default(); size]).collect()
}

/// What was made for earlier iterations; of each kind of work the last only.
#[derive(Debug, Default)]
pub(crate) struct Measure {
    append: Option<Writer>,
    replicate: Option<([u64; 3], Vec<u8>, Made)>,
    open: Option<(u64, Vec<u8>, Files<Memory>)>,
    deliver: Option<([u64; 2], Vec<Writer>)>,
}

impl Measure {
    /// One iteration.
    pub(crate) fn call(&mut self, input: &Map<String, Value>) -> anyhow::Result<Map<String, Value>> {
        let number = |member: &str, most: u64| {
            let value = input.get(member).and_then(Value::as_u64).filter(|value| (1..=most).contains(value));
            value.with_context(|| format!("the member \"{member}\" is not within its limits"))
        };
        let (name, count) = match input.get("what").and_then(Value::as_str) {
            Some("append") => {
                let (batch, size) = (number("batch", MAX_BATCH)?, number("size", MAX_SIZE)?);
                ("blocks", self.append(batch, size)?)
            }
            Some("replicate") => {
                let (count, size) = (number("blocks", MAX_BLOCKS)?, number("size", MAX_SIZE)?);
                ensure!(count * size <= MAX_BYTES, "more bytes than are kept in memory");
                ("blocks", self.replicate([count, number("batch", MAX_BATCH)?, size])?)
            }
            Some("open") => ("blocks", self.open(number("blocks", MAX_BLOCKS)?)?),
            Some("deliver") => {
                let (feeds, count) = (number("feeds", MAX_FEEDS)?, number("blocks", MAX_BLOCKS)?);
                ensure!(feeds * count <= MAX_BLOCKS, "more messages than are kept in memory");
                ("messages", self.deliver([feeds, count])?)
            }
            _ => bail!("the member \"what\" is none of append, replicate, open, deliver"),
        };
        Ok(Map::from_iter([(name.to_owned(), json!(count))]))
    }

    fn append(&mut self, batch: u64, size: u64) -> anyhow::Result<u64> {
        let mut writer = match self.append.take() {
            Some(writer) if writer.feed.length() + batch <= FULL => writer,
            _ => Writer::new()?,
        };
        writer.append(&blocks(batch, size))?;
        self.append = Some(writer);
        Ok(batch)
    }

    fn replicate(&mut self, words: [u64; 3]) -> anyhow::Result<u64> {
        let [count, batch, size] = words;
        let (key, mut there) = match self.replicate.take() {
            Some((made_for, key, there)) if made_for == words => (key, there),
            _ => {
                let Writer { signer, feed } = Writer::filled(count, batch, size)?;
                let key = signer.public_key().to_vec();
                (key.clone(), Made::from([(discovery_key(&hypercore_key(&key)), feed)]))
            }
        };
        let held = download(&key, &mut there)?;
        self.replicate = Some((words, key, there));
        Ok(held)
    }

    fn open(&mut self, count: u64) -> anyhow::Result<u64> {
        let (key, files) = match self.open.take() {
            Some((made_for, key, files)) if made_for == count => (key, files),
            _ => {
                let Writer { signer, feed } = Writer::filled(count, MAX_BATCH, 16)?;
                (signer.public_key().to_vec(), feed.into_files())
            }
        };
        let feed = Feed::open(files, &key, Mode::Writable)?;
        let length = feed.length();
        self.open = Some((count, key, feed.into_files()));
        Ok(length)
    }

    fn deliver(&mut self, words: [u64; 2]) -> anyhow::Result<u64> {
        let writers = match self.deliver.take() {
            Some((made_for, writers)) if made_for == words => writers,
            _ => messages(words)?,
        };
        let delivered = deliver(&writers)?;
        self.deliver = Some((words, writers));
        Ok(delivered)
    }
}

/// An empty reader's download of a feed, over two machines whose bytes are carried by hand: how many blocks came.
fn download(key: &[u8], there: &mut Made) -> anyhow::Result<u64> {
    let name = discovery_key(&hypercore_key(key));
    let mut here = Made::from([(name, Feed::open(Files::default(), key, Mode::ReadOnly)?)]);
    let (mut writer, mut reader) = (Machine::new(0), Machine::new(0));
    writer.open(name, Transfer::default(), 0);
    reader.open(name, Transfer::default(), 0);
    loop {
        let mut quiet = true;
        while let Some(bytes) = writer.next_output() {
            reader.receive(&bytes, 0, &mut here)?;
            quiet = false;
        }
        while let Some(bytes) = reader.next_output() {
            writer.receive(&bytes, 0, there)?;
            quiet = false;
        }
        while reader.next_event().is_some() || writer.next_event().is_some() {}
        writer.resume(0, there)?;
        if quiet {
            let held = here.get(&name).map_or(0, Feed::held);
            ensure!(Some(held) == there.get(&name).map(Feed::held), "blocks are missing after the download");
            return Ok(held);
        }
    }
}

/// Feeds of messages; the timeframe of each, but of the first of a feed, names the message before it of other feeds.
fn messages([feeds, count]: [u64; 2]) -> anyhow::Result<Vec<Writer>> {
    let mut writers: Vec<Writer> = (0..feeds).map(|_| Writer::new()).collect::<anyhow::Result<_>>()?;
    let keys: Vec<Vec<u8>> = writers.iter().map(|writer| writer.signer.public_key().to_vec()).collect();
    let others = FRAMES.min(keys.len().saturating_sub(1));
    for (index, writer) in writers.iter_mut().enumerate() {
        let list = (0..count).map(|seq| {
            let before = i32::try_from(seq)?.checked_sub(1).filter(|before| *before >= 0);
            let named = keys.iter().cycle().skip(index + 1).take(others);
            let frames = named.filter_map(|key| Some((key.as_slice(), before?)));
            Ok(write(&frames.collect::<Timeframe>(), NewPayload::Batch(&[])))
        });
        writer.append(&list.collect::<anyhow::Result<Vec<_>>>()?)?;
    }
    Ok(writers)
}

/// Reads, decodes and delivers all messages: how many.
fn deliver(writers: &[Writer]) -> anyhow::Result<u64> {
    let mut delivery = Delivery::new(Timeframe::default(), usize::MAX);
    for writer in writers {
        delivery.add_feed(writer.feed.public_key())?;
    }
    let longest = writers.iter().map(|writer| writer.feed.length()).max().unwrap_or_default();
    let mut delivered = 0;
    for seq in 0..longest {
        for writer in writers.iter().filter(|writer| seq < writer.feed.length()) {
            let block = writer.feed.get(seq)?;
            let tree = FeedMessage::read(&block)?;
            let message = FeedMessage::new(&tree);
            let is_data = matches!(message.payload()?, Payload::Data(_));
            delivery.push(writer.feed.public_key(), seq, message.timeframe()?, is_data)?;
        }
        while delivery.next(0).is_some() {
            delivery.processed(true);
            delivered += 1;
        }
    }
    let all: u64 = writers.iter().map(|writer| writer.feed.length()).sum();
    ensure!(delivered == all, "messages were not delivered");
    Ok(delivered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(measure: &mut Measure, input: Value) -> anyhow::Result<Value> {
        let Value::Object(members) = input else { bail!("no members") };
        measure.call(&members).map(Value::Object)
    }

    #[test]
    fn each_kind_of_work_is_done_and_done_again() {
        let mut measure = Measure::default();
        for _ in 0..2 {
            let mut call = |input| call(&mut measure, input).unwrap();
            assert_eq!(call(json!({ "what": "append", "batch": 3, "size": 10 })), json!({ "blocks": 3 }));
            let download = json!({ "what": "replicate", "blocks": 20, "batch": 3, "size": 10 });
            assert_eq!(call(download), json!({ "blocks": 20 }));
            assert_eq!(call(json!({ "what": "open", "blocks": 20 })), json!({ "blocks": 20 }));
            let deliver = json!({ "what": "deliver", "feeds": 3, "blocks": 4 });
            assert_eq!(call(deliver), json!({ "messages": 12 }));
        }
    }

    #[test]
    fn what_would_not_fit_is_not_begun() {
        let mut measure = Measure::default();
        for input in [
            json!({}),
            json!({ "what": "append", "batch": 0, "size": 1 }),
            json!({ "what": "append", "batch": 1001, "size": 1 }),
            json!({ "what": "replicate", "blocks": 200_000, "batch": 1, "size": 65_536 }),
            json!({ "what": "deliver", "feeds": 1000, "blocks": 201 }),
        ] {
            assert!(call(&mut measure, input.clone()).is_err(), "{input}");
        }
    }
}
