//! Streams of replication, one of them or two over the same feeds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::input::{Input, block, members, wrong};
use super::super::{Answer, Failure};
use super::pieces;
use crate::echo::feed::Mode;
use crate::echo::replication::{Event, Machine, ReplicationError, Transfer};
use crate::echo::storage::{Files, Memory};
use crate::echo::{Feed, discovery_key, hypercore_key};
use crate::keys::to_hex;

/// The most feeds of a stream.
const MAX_FEEDS: usize = 64;

/// What a session holds.
#[derive(Debug)]
pub(in super::super) struct Stream {
    feeds: BTreeMap<[u8; 32], Feed<Memory>>,
    /// Discovery keys in the order of the request, and what is done with the feeds.
    offered: Vec<([u8; 32], Transfer)>,
    machines: Vec<Machine>,
    now: u64,
}

/// Carries out an operation on a session.
pub(super) fn call(op: &str, input: &Input<'_>, session: &mut Option<Stream>) -> Answer {
    if op == "wire.open" {
        if input.text("stack")? != "echo.replication" {
            return Err(Failure::Unsupported);
        }
        let stream = session.insert(Stream::open(input)?);
        return stream.answer(0);
    }
    let stream = session.as_mut().ok_or_else(|| wrong("session", "one in which no stream was opened"))?;
    let at = input.optional("stream", Input::index)?.unwrap_or_default();
    if at >= stream.machines.len() && op != "echo.replication.connect" {
        return Err(wrong("stream", "not one that was opened"));
    }
    match op {
        "wire.feed" => {
            for piece in pieces(input)? {
                stream.receive(at, &piece)?;
            }
        }
        "wire.tick" => {
            stream.now = input.number("now")?;
            for machine in &mut stream.machines {
                machine.tick(stream.now).map_err(failure)?;
            }
        }
        "echo.replication.connect" => {
            if stream.machines.len() > 1 {
                return Err(wrong("session", "one with two streams already"));
            }
            stream.connect();
            return stream.answer(1);
        }
        "echo.replication.append" => stream.append(input)?,
        "echo.replication.clear" => {
            let (key, start, length) = (stream.key(input)?, input.number("start")?, input.number("length")?);
            if let Some(feed) = stream.feeds.get_mut(&key) {
                feed.clear(start..start.saturating_add(length))
                    .map_err(|_| wrong("feed", "one that is damaged"))?;
            }
            stream.machines.iter_mut().for_each(|machine| machine.withdraw(&key, start, length, stream.now));
        }
        "echo.replication.open" => {
            let key = stream.key(input)?;
            let transfer = transfer(input)?;
            stream.machines.iter_mut().for_each(|machine| machine.open(key, transfer, stream.now));
        }
        "echo.replication.close" => {
            let key = stream.key(input)?;
            stream.machines.iter_mut().for_each(|machine| machine.close(&key, stream.now));
        }
        "echo.replication.transfer" => {
            let (key, transfer) = (stream.key(input)?, transfer(input)?);
            for machine in &mut stream.machines {
                machine.transfer(&key, transfer, stream.now, &mut stream.feeds);
            }
        }
        _ => return Err(Failure::Unsupported),
    }
    stream.answer(at)
}

fn failure(error: ReplicationError) -> Failure {
    match error {
        ReplicationError::Reject(reject) | ReplicationError::Fork(reject) => Failure::Reject(reject),
        ReplicationError::Storage(_) => wrong("feed", "one that is damaged"),
    }
}

fn transfer(input: &Input<'_>) -> Result<Transfer, Failure> {
    let flag = |member| Ok::<_, Failure>(input.optional(member, Input::flag)?.unwrap_or(true));
    Ok(Transfer { upload: flag("upload")?, download: flag("download")? })
}

/// A feed as a request gives it, with its own signatures.
fn feed(input: &Input<'_>, writable: bool) -> Result<Feed<Memory>, Failure> {
    let refused = |_| wrong("feed", "not one that can be made");
    let blocks =
        input.items("blocks")?.iter().map(|item| block("blocks", item)).collect::<Result<Vec<_>, _>>()?;
    let mode = if writable || !blocks.is_empty() { Mode::Writable } else { Mode::ReadOnly };
    let mut feed = Feed::open(Files::default(), &input.bytes("key")?, mode).map_err(refused)?;
    let mut rest = blocks.as_slice();
    for (size, signature) in input.numbers("appends")?.into_iter().zip(input.list("signatures")?) {
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
        let (batch, behind) = rest.split_at(size);
        rest = behind;
        append(&mut feed, batch, signature)?;
    }
    if rest.is_empty() { Ok(feed) } else { Err(wrong("appends", "not the number of blocks")) }
}

fn append(feed: &mut Feed<Memory>, blocks: &[Vec<u8>], signature: Vec<u8>) -> Result<u64, Failure> {
    let signature = signature.try_into().map_err(|_| wrong("signatures", "not of 64 bytes each"))?;
    let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    feed.append(&blocks, |_| signature).map_err(|_| wrong("feed", "not one that can be appended to"))
}

impl Stream {
    fn open(input: &Input<'_>) -> Result<Self, Failure> {
        if !["initiator", "responder"].contains(&input.text("role")?) {
            return Err(wrong("role", "neither initiator nor responder"));
        }
        let items = input.items("feeds")?;
        if items.len() > MAX_FEEDS {
            return Err(wrong("feeds", "too many"));
        }
        let mut stream = Self {
            feeds: BTreeMap::new(),
            offered: Vec::new(),
            machines: Vec::new(),
            now: input.number("now")?,
        };
        for item in items {
            let item = Input(item.as_object().ok_or_else(|| wrong("feeds", "not a list of objects"))?);
            let writable = item.optional("writable", Input::flag)?.unwrap_or_default();
            let given = item.object("feed")?;
            let key = discovery_key(&hypercore_key(&given.bytes("key")?));
            stream.feeds.insert(key, feed(&given, writable)?);
            stream.offered.push((key, transfer(&item)?));
        }
        let opens = alter!(ECHO_REPL_002, true,
            "only who began the stream opens feeds" => input.text("role")? == "initiator");
        stream.machines.push(Machine::new(stream.now));
        if opens {
            stream.open_all(0);
        }
        Ok(stream)
    }

    fn connect(&mut self) {
        self.machines.push(Machine::new(self.now));
        self.open_all(1);
    }

    fn open_all(&mut self, at: usize) {
        if let Some(machine) = self.machines.get_mut(at) {
            self.offered.iter().for_each(|(key, transfer)| machine.open(*key, *transfer, self.now));
        }
    }

    fn key(&self, input: &Input<'_>) -> Result<[u8; 32], Failure> {
        let at = input.optional("feed", Input::index)?.unwrap_or_default();
        self.offered.get(at).map(|(key, _)| *key).ok_or_else(|| wrong("feed", "not one of the stream"))
    }

    fn receive(&mut self, at: usize, bytes: &[u8]) -> Result<(), Failure> {
        let Some(machine) = self.machines.get_mut(at) else { return Ok(()) };
        machine.receive(bytes, self.now, &mut self.feeds).map_err(failure)?;
        let mut received = Vec::new();
        while let Some(event) = machine.next_event() {
            if let Event::Received { feed, index } = event {
                received.push((feed, index));
            }
        }
        for (_, machine) in self.machines.iter_mut().enumerate().filter(|(other, _)| *other != at) {
            received.iter().for_each(|(feed, index)| machine.announce(feed, *index, 1, self.now));
        }
        Ok(())
    }

    fn append(&mut self, input: &Input<'_>) -> Result<(), Failure> {
        let key = self.key(input)?;
        let blocks =
            input.items("blocks")?.iter().map(|item| block("blocks", item)).collect::<Result<Vec<_>, _>>()?;
        let feed = self.feeds.get_mut(&key).ok_or_else(|| wrong("feed", "not one of the stream"))?;
        let first = append(feed, &blocks, input.bytes("signature")?)?;
        let count = blocks.len() as u64;
        self.machines.iter_mut().for_each(|machine| machine.announce(&key, first, count, self.now));
        Ok(())
    }

    /// What the streams have to send, and what is held.
    fn answer(&mut self, at: usize) -> Answer {
        let mut outs: Vec<Vec<String>> = Vec::new();
        for machine in &mut self.machines {
            let mut out = Vec::new();
            while let Some(bytes) = machine.next_output() {
                out.push(to_hex(&bytes));
                machine.resume(self.now, &mut self.feeds).map_err(failure)?;
            }
            outs.push(out);
        }
        let machine = self.machines.get(at);
        let feeds = self.offered.iter().map(|(key, _)| {
            let feed = self.feeds.get(key);
            let open = machine.is_some_and(|machine| machine.is_open(key));
            let length = alter!(ECHO_REPL_046, feed.map_or(0, Feed::length),
                "the length is taken from what the remote says" =>
                    machine.map_or(0, |machine| machine.remote_length(key)));
            json!({ "length": length, "blocks": feed.map(held).unwrap_or_default(), "open": open })
        });
        let feeds: Vec<Value> = feeds.collect();
        let mut answer = json!({ "out": outs.get(at), "open": true, "feeds": feeds });
        if let (Some(members), true) = (answer.as_object_mut(), outs.len() > 1) {
            members.insert("outs".to_owned(), outs.into());
        }
        Ok(members(answer))
    }
}

/// Ranges of the blocks that are held: first and last.
fn held(feed: &Feed<Memory>) -> Vec<Value> {
    let mut ranges: Vec<[u64; 2]> = Vec::new();
    for index in (0..feed.length()).filter(|index| feed.has(*index)) {
        match ranges.last_mut() {
            Some([_, last]) if *last + 1 == index => *last = index,
            _ => ranges.push([index, index]),
        }
    }
    ranges.into_iter().map(Value::from).collect()
}
