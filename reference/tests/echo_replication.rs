//! Laws of the replication wire and of streams.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

use std::collections::BTreeMap;

use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::replication::{
    Event, Frame, FrameReader, KEEP_ALIVE, MAX_BITFIELD, MAX_PENDING, MAX_REQUESTS, MAX_UNSENT, Machine,
    Message, TIMEOUT, Transfer, decode_bitfield, encode_bitfield,
};
use dxos_reference::echo::storage::{Files, Memory};
use dxos_reference::echo::{Data, Feed, Node, discovery_key, hypercore_key};
use dxos_reference::keys::{SigningKey, Suite};
use dxos_reference::{Class, Reject};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

type Feeds = BTreeMap<[u8; 32], Feed<Memory>>;

fn signer() -> SigningKey {
    SigningKey::new(Suite::Ed25519, &[7; 32]).unwrap()
}

fn key() -> [u8; 32] {
    discovery_key(&hypercore_key(&signer().public_key()))
}

/// A feed of the blocks, one signature for each list.
fn feed(mode: Mode, batches: &[Vec<Vec<u8>>]) -> Feed<Memory> {
    let mut feed = Feed::open(Files::default(), &signer().public_key(), mode).unwrap();
    for batch in batches {
        append(&mut feed, batch);
    }
    feed
}

fn append(feed: &mut Feed<Memory>, batch: &[Vec<u8>]) -> u64 {
    let blocks: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
    feed.append(&blocks, |message| signer().sign(message)).unwrap()
}

fn feeds(mode: Mode, batches: &[Vec<Vec<u8>>]) -> Feeds {
    BTreeMap::from([(key(), feed(mode, batches))])
}

fn read_all(chunks: &[&[u8]]) -> Result<Vec<Frame>, Reject> {
    let mut reader = FrameReader::default();
    let mut frames = Vec::new();
    for chunk in chunks {
        let mut rest = *chunk;
        while let Some(frame) = reader.read(&mut rest)? {
            frames.push(frame);
        }
    }
    Ok(frames)
}

fn message() -> impl Strategy<Value = Message> {
    let bytes = || vec(any::<u8>(), 0..40);
    let number = any::<u64>;
    let node =
        (number(), any::<[u8; 32]>(), number()).prop_map(|(index, hash, size)| Node { index, hash, size });
    prop_oneof![
        (bytes(), option::of(bytes()))
            .prop_map(|(discovery_key, capability)| Message::Open { discovery_key, capability }),
        (vec("[a-z]{0,9}", 0..4), any::<Option<bool>>())
            .prop_map(|(extensions, ack)| Message::Options { extensions, ack }),
        any::<(Option<bool>, Option<bool>)>()
            .prop_map(|(uploading, downloading)| Message::Status { uploading, downloading }),
        (number(), any::<Option<u64>>(), option::of(bytes()), any::<Option<bool>>())
            .prop_map(|(start, length, bitfield, ack)| Message::Have { start, length, bitfield, ack }),
        any::<(u64, Option<u64>)>().prop_map(|(start, length)| Message::Unhave { start, length }),
        any::<(u64, Option<u64>)>().prop_map(|(start, length)| Message::Want { start, length }),
        any::<(u64, Option<u64>)>().prop_map(|(start, length)| Message::Unwant { start, length }),
        any::<(u64, Option<u64>, Option<bool>, Option<u64>)>()
            .prop_map(|(index, bytes, hash, nodes)| Message::Request { index, bytes, hash, nodes }),
        any::<(u64, Option<u64>, Option<bool>)>().prop_map(|(index, bytes, hash)| Message::Cancel {
            index,
            bytes,
            hash
        }),
        (number(), option::of(bytes()), vec(node, 0..4), option::of(bytes())).prop_map(
            |(index, value, nodes, signature)| Message::Data(Data { index, value, nodes, signature })
        ),
        option::of(bytes()).prop_map(|discovery_key| Message::Close { discovery_key }),
        (number(), bytes()).prop_map(|(id, payload)| Message::Extension { id, payload }),
    ]
}

proptest! {
    #[test]
    fn a_message_survives_its_frame(channel in 0u64..1 << 40, message in message()) {
        let bytes = message.encode(channel).encode();
        let frames = read_all(&[&bytes]).unwrap();
        prop_assert_eq!(frames.len(), 1);
        prop_assert_eq!(frames[0].channel, channel);
        prop_assert_eq!(Message::decode(&frames[0]).unwrap(), Some(message));
    }

    #[test]
    fn chunks_do_not_matter(
        messages in vec((0u64..400, message()), 0..8),
        cuts in vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let stream: Vec<u8> = messages.iter()
            .flat_map(|(channel, message)| [vec![0], message.encode(*channel).encode()].concat())
            .collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
        let whole = read_all(&[&stream]).unwrap();
        prop_assert_eq!(whole.len(), messages.len());
        prop_assert_eq!(read_all(&chunks).unwrap(), whole);
    }

    #[test]
    fn frames_of_any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        let one_by_one: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(read_all(&one_by_one), read_all(&[&bytes]));
        for kind in 0..16 {
            let frame = Frame { channel: 1, kind, body: bytes.clone() };
            if let Ok(Some(message)) = Message::decode(&frame) {
                let again = Message::decode(&message.encode(1)).unwrap();
                prop_assert_eq!(again, Some(message));
            }
        }
    }

    #[test]
    fn bits_survive(runs in vec((any::<u8>(), 1usize..40), 0..20)) {
        let bits: Vec<u8> = runs.iter().flat_map(|(byte, count)| vec![if byte % 3 == 0 { *byte } else { 0u8.wrapping_sub(byte % 2) }; *count]).collect();
        let encoded = encode_bitfield(&bits);
        prop_assert!(encoded.len() <= bits.len() + 6);
        let mut decoded = decode_bitfield(&encoded).unwrap();
        prop_assert!(decoded.last() != Some(&0));
        decoded.resize(bits.len(), 0);
        prop_assert_eq!(decoded, bits);
    }

    #[test]
    fn a_bitfield_of_any_bytes(bytes in vec(any::<u8>(), 0..64)) {
        if let Ok(bits) = decode_bitfield(&bytes) {
            prop_assert!(bits.len() as u64 <= MAX_BITFIELD);
        }
    }

    #[test]
    fn a_stream_of_any_messages(
        messages in vec((0u64..3, message()), 0..30),
        opened in any::<bool>(),
        rest in vec(any::<u8>(), 0..64),
    ) {
        let mut feeds = feeds(Mode::Writable, &[vec![b"a".to_vec(), b"bc".to_vec()], vec![b"def".to_vec()]]);
        let mut machine = Machine::new(0);
        machine.open(key(), Transfer::default(), 0);
        if opened {
            let open = Message::Open { discovery_key: key().to_vec(), capability: None };
            machine.receive(&open.encode(1).encode(), 1, &mut feeds).unwrap();
        }
        for (channel, message) in &messages {
            let first = machine.receive(&message.encode(*channel).encode(), 2, &mut feeds);
            if let Err(error) = first {
                prop_assert_eq!(machine.receive(&[], 3, &mut feeds), Err(error));
                return Ok(());
            }
        }
        let _ = machine.receive(&rest, 4, &mut feeds);
        prop_assert!(machine.in_flight(&key()) <= MAX_REQUESTS);
        prop_assert_eq!(feeds[&key()].get(1).unwrap(), b"bc");
    }

    #[test]
    fn two_ends_come_to_the_same(
        batches in vec(vec(vec(any::<u8>(), 0..20), 1..4), 1..6),
        early in 0usize..6,
        steps in vec((0u8..3, 1usize..50), 0..60),
    ) {
        let early = early.min(batches.len());
        let mut writer = End::new(feeds(Mode::Writable, &batches[..early]));
        let mut reader = End::new(feeds(Mode::ReadOnly, &[]));
        let mut later = batches[early..].iter();
        for (what, size) in steps {
            match what {
                0 => writer.send(&mut reader, size),
                1 => reader.send(&mut writer, size),
                _ => writer.append(later.next()),
            }
        }
        for batch in later {
            writer.append(Some(batch));
        }
        while !writer.wire.is_empty() || !reader.wire.is_empty() {
            writer.send(&mut reader, 997);
            reader.send(&mut writer, 997);
        }
        let blocks: Vec<Vec<u8>> = batches.concat();
        prop_assert_eq!(reader.feeds[&key()].length(), blocks.len() as u64);
        for (index, block) in (0..).zip(&blocks) {
            prop_assert_eq!(&reader.feeds[&key()].get(index).unwrap(), block);
        }
        prop_assert_eq!(reader.machine.in_flight(&key()), 0);
    }
}

/// One end of a stream with what it has sent and the other end has not read.
struct End {
    machine: Machine,
    feeds: Feeds,
    wire: Vec<u8>,
}

impl End {
    fn new(feeds: Feeds) -> Self {
        let mut machine = Machine::new(0);
        machine.open(key(), Transfer::default(), 0);
        let mut end = Self { machine, feeds, wire: Vec::new() };
        end.collect();
        end
    }

    fn collect(&mut self) {
        while let Some(bytes) = self.machine.next_output() {
            self.wire.extend(bytes);
        }
    }

    fn send(&mut self, to: &mut Self, size: usize) {
        let chunk: Vec<u8> = self.wire.drain(..size.min(self.wire.len())).collect();
        to.machine.receive(&chunk, 0, &mut to.feeds).unwrap();
        to.collect();
    }

    fn append(&mut self, batch: Option<&Vec<Vec<u8>>>) {
        if let Some(batch) = batch {
            let start = append(self.feeds.get_mut(&key()).unwrap(), batch);
            self.machine.announce(&key(), start, batch.len() as u64, 0);
            self.collect();
        }
    }
}

#[test]
fn a_peer_that_does_not_read_is_answered_no_further() {
    let block = vec![1; 1 << 20];
    let mut feeds = feeds(Mode::Writable, &[vec![block]]);
    let mut machine = Machine::new(0);
    machine.open(key(), Transfer::default(), 0);
    let open = Message::Open { discovery_key: key().to_vec(), capability: None };
    machine.receive(&open.encode(1).encode(), 0, &mut feeds).unwrap();
    while machine.next_output().is_some() {}
    let request = Message::Request { index: 0, bytes: None, hash: None, nodes: None }.encode(1).encode();
    for _ in 0..100 {
        machine.receive(&request, 0, &mut feeds).unwrap();
    }
    let mut sent = 0;
    let mut count = 0;
    while let Some(bytes) = machine.next_output() {
        sent += bytes.len();
        count += 1;
    }
    assert!(sent > MAX_UNSENT && sent < MAX_UNSENT + (2 << 20), "{sent}");
    machine.resume(0, &mut feeds).unwrap();
    while machine.next_output().is_some() {
        count += 1;
        machine.resume(0, &mut feeds).unwrap();
    }
    assert_eq!(count, 100);
    for number in 0.. {
        match machine.receive(&request, 0, &mut feeds) {
            Ok(()) => assert!(number <= MAX_PENDING + 17),
            Err(error) => {
                assert_eq!(error.reject().unwrap().class, Class::ResourceCount);
                break;
            }
        }
    }
}

#[test]
fn time_and_events() {
    let mut feeds = feeds(Mode::ReadOnly, &[]);
    let mut machine = Machine::new(5);
    assert_eq!(machine.deadline(), 5 + KEEP_ALIVE);
    machine.open(key(), Transfer::default(), 6);
    assert_eq!(machine.deadline(), 6 + KEEP_ALIVE);
    machine.tick(6 + KEEP_ALIVE).unwrap();
    assert_eq!(machine.deadline(), 5 + TIMEOUT);
    let open = Message::Open { discovery_key: key().to_vec(), capability: None };
    machine.receive(&open.encode(9).encode(), 7, &mut feeds).unwrap();
    assert_eq!(machine.next_event(), Some(Event::Opened { feed: key() }));
    let close = Message::Close { discovery_key: None };
    machine.receive(&close.encode(9).encode(), 8, &mut feeds).unwrap();
    assert_eq!(machine.next_event(), Some(Event::Closed { feed: key() }));
    assert!(!machine.is_open(&key()));
    machine.tick(8 + TIMEOUT).unwrap_err();
}

#[test]
fn wants_for_many_regions_wait_for_answers() {
    let mut feeds = feeds(Mode::ReadOnly, &[]);
    let mut machine = Machine::new(0);
    machine.open(key(), Transfer::default(), 0);
    let mut say = |message: Message| {
        machine.receive(&message.encode(1).encode(), 0, &mut feeds).unwrap();
        let mut wants = 0;
        while let Some(bytes) = machine.next_output() {
            let frame = &read_all(&[&bytes]).unwrap()[0];
            wants += usize::from(matches!(Message::decode(frame), Ok(Some(Message::Want { .. }))));
        }
        wants
    };
    assert_eq!(say(Message::Open { discovery_key: key().to_vec(), capability: None }), 1);
    let have = |start, length, bitfield| Message::Have { start, length, bitfield, ack: None };
    assert_eq!(say(have(30 << 20, None, None)), 15);
    assert_eq!(say(have(0, Some(1 << 20), Some(Vec::new()))), 1);
    assert_eq!(say(have(1 << 20, Some(1 << 20), Some(Vec::new()))), 1);
}
