//! Laws of the replication wire.

use std::collections::BTreeMap;

use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::replication::{
    FrameReader, MAX_BITFIELD, MAX_REQUESTS, Machine, Message, Transfer, decode_bitfield, encode_bitfield,
};
use dxos_reference::echo::storage::{Files, Memory};
use dxos_reference::echo::{Feed, discovery_key, hypercore_key};
use dxos_reference::keys::{SigningKey, Suite};

/// Bytes one at a time give the same frames as all at once.
pub fn echo_frames(bytes: &[u8]) {
    let read = |size: usize| {
        let mut reader = FrameReader::default();
        let mut frames = Vec::new();
        for chunk in bytes.chunks(size.max(1)) {
            let mut rest = chunk;
            loop {
                match reader.read(&mut rest) {
                    Ok(Some(frame)) => frames.push(frame),
                    Ok(None) => break,
                    Err(reject) => return (frames, Some(reject)),
                }
            }
        }
        (frames, None)
    };
    assert_eq!(read(1), read(bytes.len()), "chunks matter");
}

/// A message that was read is written so that it is read again; a stream takes or refuses it.
pub fn echo_messages(bytes: &[u8]) {
    let mut reader = FrameReader::default();
    let mut rest = bytes;
    while let Ok(Some(frame)) = reader.read(&mut rest) {
        let Ok(Some(message)) = Message::decode(&frame) else { continue };
        let again = Message::decode(&message.encode(frame.channel));
        assert_eq!(again, Ok(Some(message)), "writing changes a message");
    }
    stream(bytes);
}

/// A machine with a feed of three blocks is given any bytes behind a good beginning.
fn stream(bytes: &[u8]) {
    let Ok(signer) = SigningKey::new(Suite::Ed25519, &[7; 32]) else { return };
    let key = discovery_key(&hypercore_key(&signer.public_key()));
    let mut feed = Feed::open(Files::<Memory>::default(), &signer.public_key(), Mode::Writable)
        .expect("empty files open");
    let blocks: [&[u8]; 3] = [b"a", b"bc", b"def"];
    feed.append(&blocks, |message| signer.sign(message)).expect("three small blocks");
    let mut feeds = BTreeMap::from([(key, feed)]);
    let mut machine = Machine::new(0);
    machine.open(key, Transfer::default(), 0);
    let open = Message::Open { discovery_key: key.to_vec(), capability: None };
    machine.receive(&open.encode(1).encode(), 0, &mut feeds).expect("an Open is taken");
    let _ = machine.receive(bytes, 1, &mut feeds);
    assert!(machine.in_flight(&key) <= MAX_REQUESTS, "too many requests");
    for (index, block) in (0..).zip(blocks) {
        assert_eq!(
            feeds.get(&key).and_then(|feed| feed.get(index).ok()).as_deref(),
            Some(block),
            "a block changed"
        );
    }
}

/// Bits that were decoded are encoded so that they are decoded again, in bounded memory.
pub fn echo_bitfield(bytes: &[u8]) {
    let Ok(mut bits) = decode_bitfield(bytes) else { return };
    assert!(bits.len() as u64 <= MAX_BITFIELD, "too many bits");
    let again = decode_bitfield(&encode_bitfield(&bits)).expect("what was encoded decodes");
    bits.truncate(again.len());
    assert_eq!(again, bits, "writing changes bits");
}
