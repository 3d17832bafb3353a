//! Streams of the deployed implementation: every frame is read and written again as it was, and what a writer sent
//! restores the feed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

mod capture;

use std::collections::BTreeMap;

use capture::lines;
use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::replication::{FrameReader, Machine, Message, Transfer};
use dxos_reference::echo::storage::{Files, Memory};
use dxos_reference::echo::{Feed, discovery_key, hypercore_key};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

fn chunks(stream: &[Value], direction: &str) -> Vec<Vec<u8>> {
    let of_direction = stream.iter().filter(|line| line["dir"] == direction);
    of_direction.map(|line| hex::decode(line["hex"].as_str().unwrap()).unwrap()).collect()
}

#[test]
fn streams() {
    let lines = lines("replication.jsonl.gz");
    let (manifests, rest): (Vec<Value>, Vec<Value>) =
        lines.into_iter().partition(|line| line["kind"] == "manifest");
    assert_eq!(manifests.len(), 3);
    for manifest in manifests {
        let name = manifest["name"].as_str().unwrap();
        let stream: Vec<Value> = rest.iter().filter(|line| line["stream"] == name).cloned().collect();
        for direction in ["writer>reader", "reader>writer"] {
            assert!(written_again(&chunks(&stream, direction)) > 10, "{name} {direction}");
        }
        restored(&manifest, &chunks(&stream, "writer>reader"));
    }
}

/// Reads and writes every frame; gives their number.
fn written_again(chunks: &[Vec<u8>]) -> usize {
    let mut reader = FrameReader::default();
    let (mut again, mut count) = (Vec::new(), 0);
    for chunk in chunks {
        let mut rest = chunk.as_slice();
        while let Some(frame) = reader.read(&mut rest).unwrap() {
            let message = Message::decode(&frame).unwrap().unwrap();
            again.extend(message.encode(frame.channel).encode());
            count += 1;
        }
    }
    assert_eq!(hex::encode(again), hex::encode(chunks.concat()));
    count
}

/// What the writer sent, given to a reader of ours.  Of blocks appended together it asks for the first one first
/// (ECHO-REPL-056), so that the recorded answer to the others comes too early; it is given again when it is asked for.
fn restored(manifest: &Value, chunks: &[Vec<u8>]) {
    let public_key = hex::decode(manifest["feed_key"].as_str().unwrap()).unwrap();
    let key = discovery_key(&hypercore_key(&public_key));
    assert_eq!(manifest["discovery_key"], hex::encode(key).as_str());
    let feed = Feed::open(Files::<Memory>::default(), &public_key, Mode::ReadOnly).unwrap();
    let mut feeds = BTreeMap::from([(key, feed)]);
    let mut machine = Machine::new(0);
    machine.open(key, Transfer::default(), 0);
    for chunk in chunks {
        machine.receive(chunk, 0, &mut feeds).unwrap();
    }
    let answers = answers(chunks);
    loop {
        let missing: Vec<u64> =
            requests(&mut machine).into_iter().filter(|index| !feeds[&key].has(*index)).collect();
        if missing.is_empty() {
            break;
        }
        for index in missing {
            machine.receive(&answers[&index], 0, &mut feeds).unwrap();
        }
    }
    let blocks = manifest["blocks"].as_array().unwrap();
    let feed = &feeds[&key];
    assert_eq!(feed.length(), blocks.len() as u64);
    for (index, block) in (0..).zip(blocks) {
        let bytes = feed.get(index).unwrap();
        assert_eq!(block[0].as_u64(), Some(bytes.len() as u64), "block {index}");
        assert_eq!(block[1], hex::encode(Sha256::digest(&bytes)).as_str(), "block {index}");
    }
}

fn messages(bytes: &[u8]) -> Vec<(u64, Message)> {
    let (mut reader, mut rest, mut all) = (FrameReader::default(), bytes, Vec::new());
    while let Some(frame) = reader.read(&mut rest).unwrap() {
        all.push((frame.channel, Message::decode(&frame).unwrap().unwrap()));
    }
    all
}

/// The recorded answers, by block.
fn answers(chunks: &[Vec<u8>]) -> BTreeMap<u64, Vec<u8>> {
    let answers = messages(&chunks.concat()).into_iter().filter_map(|(channel, message)| match &message {
        Message::Data(data) => Some((data.index, message.encode(channel).encode())),
        _ => None,
    });
    answers.collect()
}

/// The blocks that a machine asks for.
fn requests(machine: &mut Machine) -> Vec<u64> {
    let mut bytes = Vec::new();
    while let Some(output) = machine.next_output() {
        bytes.extend(output);
    }
    let requests = messages(&bytes).into_iter().filter_map(|(_, message)| match message {
        Message::Request { index, .. } => Some(index),
        _ => None,
    });
    requests.collect()
}
