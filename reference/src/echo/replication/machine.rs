//! A stream of replication as a state machine: bytes and time in, bytes and events out.
//!
//! The caller moves the bytes, tells the time, keeps the feeds and tells each stream what other streams have brought:
//!
//! ```text
//! receive(bytes, now, feeds)   tick(now)   announce(…)   resume(feeds)
//!                      ↓
//!            next_output()   next_event()   deadline()
//! ```

use std::collections::{BTreeMap, VecDeque};

use super::channel::{Channel, Transfer};
use super::frame::{self, FrameReader};
use super::message::Message;
use super::replicated::{Feeds, Replicated, ReplicationError};
use super::rle;
use crate::Reject;
use crate::echo::Data;
use crate::echo::flat::MAX_LENGTH;

/// Milliseconds without output after which a keep-alive is sent; ECHO-REPL-030.
pub const KEEP_ALIVE: u64 = 10_000;
/// Milliseconds without input after which the stream ends; ECHO-REPL-031.
pub const TIMEOUT: u64 = 20_000;
/// Most Requests in flight on a channel; ECHO-REPL-016.
pub const MAX_REQUESTS: usize = 1024;
/// Most Wants on a channel that are not answered; ECHO-REPL-048.
pub const MAX_WANTS: usize = 16;
/// Most channels that the remote has open; ECHO-REPL-042.
pub const MAX_CHANNELS: usize = 1024;
/// Most Wants and Requests of a stream that wait for output to leave; ECHO-REPL-043.
pub const MAX_PENDING: usize = 4096;
/// Bytes of output that have not left above which nothing more is answered; ECHO-REPL-044.
pub const MAX_UNSENT: usize = 16 << 20;
/// Most ranges of blocks, on all channels of a stream together, that the remote is remembered to have; ECHO-REPL-045.
pub const MAX_RANGES: usize = 1 << 19;

/// Blocks of a Want.
pub(super) const REGION: u64 = 1 << 20;
/// Start and length of a Want are multiples of it.
const ALIGNMENT: u64 = 8192;

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Both sides have opened a feed.
    Opened {
        /// Discovery key of the feed.
        feed: [u8; 32],
    },
    /// A block came, was verified and is kept.  Other streams are to be told with [`Machine::announce`].
    Received {
        /// Discovery key of the feed.
        feed: [u8; 32],
        /// The block.
        index: u64,
    },
    /// A feed is no longer replicated on this stream.
    Closed {
        /// Discovery key of the feed.
        feed: [u8; 32],
    },
    /// The writer has signed two histories; the stream ends (ECHO-REPL-040).
    Fork {
        /// Discovery key of the feed.
        feed: [u8; 32],
        /// The block with which the other history came.
        index: u64,
    },
}

/// Something to answer.
#[derive(Clone, Copy, Debug)]
enum Task {
    Want { start: u64, length: Option<u64> },
    Request { index: u64, hash: bool, nodes: u64 },
}

/// One end of a stream.
#[derive(Debug)]
pub struct Machine {
    reader: FrameReader,
    channels: BTreeMap<[u8; 32], Channel>,
    /// Which feed each of the remote's channels is.
    remote: BTreeMap<u64, [u8; 32]>,
    pending: VecDeque<([u8; 32], Task)>,
    output: VecDeque<Vec<u8>>,
    unsent: usize,
    events: VecDeque<Event>,
    /// Channels that this side has opened.
    opened: u64,
    heard: u64,
    spoke: u64,
    ended: Option<ReplicationError>,
}

impl Machine {
    /// A stream that begins at a time in milliseconds.  Nothing is sent before a feed is opened (ECHO-WIRE-001).
    pub fn new(now: u64) -> Self {
        let output = alter!(ECHO_WIRE_001, VecDeque::new(), "a stream begins with a version" => VecDeque::from([vec![1]]));
        Self {
            reader: FrameReader::default(),
            channels: BTreeMap::new(),
            remote: BTreeMap::new(),
            pending: VecDeque::new(),
            unsent: output.iter().map(Vec::len).sum(),
            output,
            events: VecDeque::new(),
            opened: 0,
            heard: now,
            spoke: now,
            ended: None,
        }
    }

    /// Opens a feed on the stream.  One that is open stays as it is.
    pub fn open(&mut self, feed: [u8; 32], transfer: Transfer, now: u64) {
        if self.ended.is_some() || self.channels.contains_key(&feed) {
            return;
        }
        let local = self.opened + alter!(ECHO_REPL_001, 1, "channels are counted from 0" => 0);
        self.opened += 1;
        let mut channel = Channel::new(local, transfer);
        channel.remote = self.remote.iter().find(|(_, key)| **key == feed).map(|(number, _)| *number);
        let mut first = vec![Message::Open { discovery_key: feed.to_vec(), capability: None }];
        if channel.remote.is_some() {
            self.events.push_back(Event::Opened { feed });
            channel.greet(&mut first);
        }
        self.channels.insert(feed, channel);
        self.send(local, first, now);
    }

    /// Closes a feed on the stream; the stream stays.
    pub fn close(&mut self, feed: &[u8; 32], now: u64) {
        if let Some(channel) = self.remove(feed) {
            self.send(channel.local, vec![Message::Close { discovery_key: None }], now);
        }
    }

    /// Changes what is done with a feed, and says so.
    pub fn transfer<F: Feeds>(&mut self, feed: &[u8; 32], transfer: Transfer, now: u64, feeds: &mut F) {
        let Some(channel) = self.channels.get_mut(feed).filter(|channel| channel.transfer != transfer) else {
            return;
        };
        channel.transfer = transfer;
        if channel.remote.is_some() {
            let Transfer { upload, download } = transfer;
            let mut messages = vec![Message::Status { uploading: Some(upload), downloading: Some(download) }];
            channel.ask(&mut messages);
            if let Some(feed) = feeds.feed(feed) {
                channel.select(feed, &mut messages);
            }
            let local = channel.local;
            self.send(local, messages, now);
        }
    }

    /// Tells of blocks that the feed has got from elsewhere: appended, or received on another stream.
    pub fn announce(&mut self, feed: &[u8; 32], start: u64, length: u64, now: u64) {
        alter!(ECHO_REPL_019, (), "new blocks are not announced" => return);
        let length = alter!(ECHO_REPL_022, length, "of a batch only the first block is announced" => 1);
        // One block is announced without its number, as deployed peers do.
        let have =
            Message::Have { start, length: (length != 1).then_some(length), bitfield: None, ack: None };
        self.tell(feed, have, now);
    }

    /// Tells of blocks that the feed no longer has.
    pub fn withdraw(&mut self, feed: &[u8; 32], start: u64, length: u64, now: u64) {
        alter!(ECHO_REPL_033, (), "that blocks are gone is not said" => return);
        self.tell(feed, Message::Unhave { start, length: Some(length) }, now);
    }

    fn tell(&mut self, feed: &[u8; 32], message: Message, now: u64) {
        let Some(channel) = self.channels.get(feed) else { return };
        let wanted = alter!(ECHO_REPL_020, channel.wanted,
            "who has not asked is told of new blocks" => channel.remote.is_some());
        if wanted {
            self.send(channel.local, vec![message], now);
        }
    }

    /// Takes bytes from the remote, in chunks of any size.
    ///
    /// # Errors
    /// Why the stream has ended; the same from then on.
    pub fn receive<F: Feeds>(
        &mut self,
        mut bytes: &[u8],
        now: u64,
        feeds: &mut F,
    ) -> Result<(), ReplicationError> {
        self.alive()?;
        self.heard = now;
        while let Some(frame) = self.reader.read(&mut bytes).map_err(|reject| self.end(reject.into()))? {
            let message = Message::decode(&frame).map_err(|reject| self.end(reject.into()))?;
            if let Some(message) = message {
                self.take(frame.channel, message, now, feeds).map_err(|error| self.end(error))?;
                self.answer(now, feeds).map_err(|error| self.end(error))?;
            }
        }
        Ok(())
    }

    /// Goes on with answers after output has left.
    ///
    /// # Errors
    /// Why the stream has ended.
    pub fn resume<F: Feeds>(&mut self, now: u64, feeds: &mut F) -> Result<(), ReplicationError> {
        self.alive()?;
        self.answer(now, feeds).map_err(|error| self.end(error))
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// `resource.time` after [`TIMEOUT`] without input; why the stream has ended.
    pub fn tick(&mut self, now: u64) -> Result<(), ReplicationError> {
        self.alive()?;
        let heard = now.saturating_sub(self.heard) < TIMEOUT;
        require!(ECHO_REPL_031, heard, ResourceTime, "nothing came for 20 seconds")
            .map_err(|reject| self.end(reject.into()))?;
        if now.saturating_sub(self.spoke) >= KEEP_ALIVE {
            self.spoke = now;
            alter!(ECHO_REPL_030, self.push(vec![frame::KEEP_ALIVE]), "no keep-alive is sent" => ());
        }
        Ok(())
    }

    /// When [`Self::tick`] has something to do.
    pub fn deadline(&self) -> u64 {
        self.spoke.saturating_add(KEEP_ALIVE).min(self.heard.saturating_add(TIMEOUT))
    }

    /// The next bytes for the remote: a frame or a keep-alive.
    pub fn next_output(&mut self) -> Option<Vec<u8>> {
        let bytes = self.output.pop_front()?;
        self.unsent -= bytes.len();
        Some(bytes)
    }

    /// What has happened next.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether both sides have opened a feed.
    pub fn is_open(&self, feed: &[u8; 32]) -> bool {
        self.channels.get(feed).is_some_and(|channel| channel.remote.is_some())
    }

    /// One more than the last block that the remote says to have; a hint, as only what is verified counts
    /// (ECHO-REPL-046).
    pub fn remote_length(&self, feed: &[u8; 32]) -> u64 {
        self.channels.get(feed).map_or(0, |channel| channel.has.end())
    }

    /// Number of blocks that are asked for on a feed and have not come.
    pub fn in_flight(&self, feed: &[u8; 32]) -> usize {
        self.channels.get(feed).map_or(0, |channel| channel.in_flight.len())
    }

    fn alive(&self) -> Result<(), ReplicationError> {
        self.ended.clone().map_or(Ok(()), Err)
    }

    fn end(&mut self, error: ReplicationError) -> ReplicationError {
        self.ended = Some(error.clone());
        self.channels.clear();
        self.remote.clear();
        self.pending.clear();
        error
    }

    fn send(&mut self, local: u64, messages: Vec<Message>, now: u64) {
        for message in messages {
            self.push(message.encode(local).encode());
            self.spoke = now;
        }
    }

    fn push(&mut self, bytes: Vec<u8>) {
        self.unsent += bytes.len();
        self.output.push_back(bytes);
    }

    /// Forgets a feed that one side has closed.
    fn remove(&mut self, feed: &[u8; 32]) -> Option<Channel> {
        let channel = self.channels.remove(feed)?;
        self.remote.retain(|_, key| key != feed);
        self.pending.retain(|(key, _)| key != feed);
        self.events.push_back(Event::Closed { feed: *feed });
        Some(channel)
    }

    fn take<F: Feeds>(
        &mut self,
        number: u64,
        message: Message,
        now: u64,
        feeds: &mut F,
    ) -> Result<(), ReplicationError> {
        match message {
            Message::Open { discovery_key, capability } => {
                alter!(ECHO_REPL_005, (), "a capability is asked for" => super::mistakes::capable(&capability)?);
                drop(capability);
                return self.bind(number, &discovery_key, now);
            }
            Message::Close { discovery_key } => {
                self.closed(number, discovery_key.as_deref(), now);
                alter!(ECHO_REPL_035, (), "a Close ends the stream" =>
                    return Err(super::mistakes::not_served().into()));
                return Ok(());
            }
            _ => {}
        }
        let number = alter!(ECHO_REPL_003, number, "the remote's channels are taken to have our numbers" =>
            super::mistakes::ours(&self.channels, &self.remote, number));
        let known = self.remote.get(&number).copied();
        let known = alter!(ECHO_REPL_006, known, "a channel that is not open is taken for the only one" =>
            known.or_else(|| self.channels.keys().next().copied()));
        let Some(key) = known else { return Ok(()) };
        let Some(channel) = self.channels.get_mut(&key) else { return Ok(()) };
        match message {
            Message::Status { uploading, .. } => {
                // Absent is false.
                channel.status(uploading.unwrap_or_default());
            }
            Message::Have { start, length, bitfield: Some(bitfield), .. } => {
                let bits = alter!(ECHO_WIRE_021, rle::decode(&bitfield)?,
                    "a bitfield is taken for the bits themselves" => bitfield.clone());
                channel.replace(start, length.unwrap_or(1), &bits);
                self.remembered()?;
            }
            Message::Have { start, length, bitfield: None, .. } => {
                let absent = alter!(ECHO_WIRE_019, 1, "a Have without a length is of no block" => 0);
                let length = length.unwrap_or(absent);
                alter!(ECHO_REPL_013, channel.add(start, length),
                    "of a Have only the first block counts" => channel.add(start, length.min(1)));
                self.remembered()?;
            }
            Message::Unhave { start, length } => {
                alter!(ECHO_REPL_032, channel.subtract(start, length.unwrap_or(1)),
                    "an Unhave is ignored" => ());
                self.remembered()?;
            }
            Message::Want { start, length } => return self.queue(key, Task::Want { start, length }),
            Message::Request { index, hash, nodes, .. } => {
                let (hash, nodes) = (hash.unwrap_or_default(), nodes.unwrap_or_default());
                return self.queue(key, Task::Request { index, hash, nodes });
            }
            Message::Data(data) => return self.data(key, &data, now, feeds),
            Message::Extension { .. } => {
                alter!(ECHO_WIRE_010, (), "an extension that is not there ends the stream" =>
                    return Err(super::mistakes::not_served().into()));
                return Ok(());
            }
            Message::Options { .. } | Message::Unwant { .. } | Message::Cancel { .. } => {
                alter!(ECHO_REPL_041, (), "a message without an effect ends the stream" =>
                    return Err(super::mistakes::not_served().into()));
                return Ok(());
            }
            Message::Open { .. } | Message::Close { .. } => return Ok(()),
        }
        self.ask(&key, now, feeds);
        Ok(())
    }

    /// Asks for what is there to be asked for.
    fn ask<F: Feeds>(&mut self, key: &[u8; 32], now: u64, feeds: &mut F) {
        let (Some(channel), Some(feed)) = (self.channels.get_mut(key), feeds.feed(key)) else { return };
        let mut messages = Vec::new();
        channel.select(feed, &mut messages);
        channel.ask(&mut messages);
        let local = channel.local;
        self.send(local, messages, now);
    }

    fn bind(&mut self, number: u64, key: &[u8], now: u64) -> Result<(), ReplicationError> {
        // No feed has a discovery key of another length.
        let Ok(key) = <[u8; 32]>::try_from(key) else { return Ok(()) };
        let free = self.remote.len() < MAX_CHANNELS || self.remote.contains_key(&number);
        require!(ECHO_REPL_042, free, ResourceCount, "the remote has 1024 channels open")?;
        self.remote.insert(number, key);
        alter!(ECHO_REPL_004, (), "a feed that is not offered ends the stream" => {
            if !self.channels.contains_key(&key) {
                return Err(super::mistakes::unknown_feed().into());
            }
        });
        if let Some(channel) = self.channels.get_mut(&key) {
            let first = channel.remote.replace(number).is_none();
            if first {
                let mut messages = Vec::new();
                channel.greet(&mut messages);
                let local = channel.local;
                self.events.push_back(Event::Opened { feed: key });
                self.send(local, messages, now);
            }
        }
        Ok(())
    }

    fn closed(&mut self, number: u64, key: Option<&[u8]>, now: u64) {
        let bound = self.remote.remove(&number);
        let named = key.and_then(|key| <[u8; 32]>::try_from(key).ok());
        let Some(key) = bound.or(named) else { return };
        if let Some(channel) = self.remove(&key) {
            let answer = vec![Message::Close { discovery_key: None }];
            alter!(ECHO_REPL_034, self.send(channel.local, answer, now), "a Close is not answered" => ());
        }
    }

    fn queue(&mut self, key: [u8; 32], task: Task) -> Result<(), ReplicationError> {
        let many = self.pending.len() >= MAX_PENDING;
        require!(ECHO_REPL_043, !many, ResourceCount, "more than 4096 Wants and Requests wait")?;
        self.pending.push_back((key, task));
        Ok(())
    }

    fn remembered(&self) -> Result<(), Reject> {
        let count: usize = self.channels.values().map(|channel| channel.has.count()).sum();
        require!(ECHO_REPL_045, count <= MAX_RANGES, ResourceCount, "too many ranges of blocks to remember")
    }

    /// Answers while there is room for output.
    fn answer<F: Feeds>(&mut self, now: u64, feeds: &mut F) -> Result<(), ReplicationError> {
        while self.unsent <= MAX_UNSENT {
            let Some((key, task)) = self.pending.pop_front() else { return Ok(()) };
            let (Some(channel), Some(feed)) = (self.channels.get_mut(&key), feeds.feed(&key)) else {
                continue;
            };
            let silent = alter!(ECHO_REPL_027, !channel.transfer.upload, "who does not upload answers all the same" => false);
            if silent {
                continue;
            }
            let messages = match task {
                Task::Want { start, length } => wanted(channel, feed, start, length),
                Task::Request { index, hash, nodes } => {
                    let nodes =
                        alter!(ECHO_REPL_023, nodes, "what a Request says to be known is ignored" => 0);
                    let hash = alter!(ECHO_REPL_024, hash, "the block is sent although its hash was asked for" => false);
                    alter!(ECHO_REPL_049, (), "what a peer knows is forgotten with each Request" => channel.tree = Default::default());
                    let data = if index < MAX_LENGTH {
                        feed.data(index, nodes, hash, &mut channel.tree)?
                    } else {
                        None
                    };
                    alter!(ECHO_REPL_025, (), "a Request for a block that is not held ends the stream" => {
                        if data.is_none() {
                            return Err(super::mistakes::not_held().into());
                        }
                    });
                    data.map(Message::Data).into_iter().collect()
                }
            };
            let local = channel.local;
            self.send(local, messages, now);
        }
        Ok(())
    }

    fn data<F: Feeds>(
        &mut self,
        key: [u8; 32],
        data: &Data,
        now: u64,
        feeds: &mut F,
    ) -> Result<(), ReplicationError> {
        let (Some(channel), Some(feed)) = (self.channels.get_mut(&key), feeds.feed(&key)) else {
            return Ok(());
        };
        let requested = channel.in_flight.contains(&data.index);
        let requested = alter!(ECHO_REPL_018, requested,
            "answers are taken in the order of the Requests alone" => requested && channel.in_flight.first() == Some(&data.index));
        let requested = alter!(ECHO_REPL_037, requested, "a block is taken that was not asked for" => true);
        let whole =
            alter!(ECHO_REPL_038, data.value.is_some(), "a hash is taken that was not asked for" => true);
        if !whole || !requested && data.value.is_some() {
            return Ok(());
        }
        if let Err(error) = feed.put(data) {
            if matches!(error, ReplicationError::Fork(_)) {
                self.events.push_back(Event::Fork { feed: key, index: data.index });
                alter!(ECHO_REPL_040, (), "a second history is passed over" => return Ok(()));
            }
            alter!(ECHO_REPL_039, (), "a block that does not verify is passed over" => return Ok(()));
            return Err(error);
        }
        channel.in_flight.remove(&data.index);
        self.events.push_back(Event::Received { feed: key, index: data.index });
        alter!(ECHO_REPL_021, (), "who has sent a block is told that it is there" => self.announce(&key, data.index, 1, now));
        self.ask(&key, now, feeds);
        Ok(())
    }
}

/// The answer to a Want: for the first one where the feed ends, and always which blocks of the range are held.
fn wanted(channel: &mut Channel, feed: &impl Replicated, start: u64, length: Option<u64>) -> Vec<Message> {
    let aligned = start.is_multiple_of(ALIGNMENT) && length.unwrap_or_default().is_multiple_of(ALIGNMENT);
    let aligned = alter!(ECHO_REPL_010, aligned, "a Want of any start and length is answered" => true);
    if !aligned {
        return Vec::new();
    }
    let mut messages = Vec::new();
    let last = feed.length().checked_sub(1).filter(|last| feed.has(*last));
    let first = !std::mem::replace(&mut channel.wanted, true);
    if let Some(last) = last.filter(|_| first) {
        let hint = Message::Have { start: last, length: None, bitfield: None, ack: None };
        alter!(ECHO_REPL_009, messages.push(hint), "nothing is said of where the feed ends" => ());
    }
    let end = length.map_or(u64::MAX, |length| start.saturating_add(length)).min(feed.length());
    let mut bits = vec![0u8; usize::try_from(end.saturating_sub(start).div_ceil(8)).unwrap_or_default()];
    for (byte, at) in bits.iter_mut().zip((start..).step_by(8)) {
        for bit in 0..8 {
            if at + bit < end && feed.has(at + bit) {
                *byte |= alter!(ECHO_REPL_008, 0x80u8 >> bit, "the first block is in the lowest bit" => 1u8 << bit);
            }
        }
    }
    let bitfield = Some(rle::encode(&bits));
    let have = Message::Have { start, length: Some(length.unwrap_or_default()), bitfield, ack: None };
    let answered =
        alter!(ECHO_REPL_008, true, "a Want is not answered for an empty feed" => feed.length() > 0);
    if answered {
        messages.push(have);
    }
    messages
}
