//! This peer and the deployed implementation, live, over TCP on the loopback interface.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use dxos_peer::{DiscoveryKey, Event, FileStore, Peer, StreamError};
use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::replication::{ReplicationError, Transfer};
use serde_json::json;
use support::{Deployed, Key, append, digest, has_deployed, numbered_digest, open, peer, soon};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

type Stream = JoinHandle<Result<(), StreamError>>;

/// Who dials.
#[derive(Clone, Copy)]
enum Dials {
    Here,
    There,
}

async fn connect(
    peer: &Peer<FileStore>,
    feed: &DiscoveryKey,
    deployed: &mut Deployed,
    dials: Dials,
) -> Stream {
    match dials {
        Dials::Here => {
            let address = deployed.listen().await;
            peer.dial(address, &[*feed], Transfer::default()).await.unwrap()
        }
        Dials::There => {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            deployed.ask("dial", json!({ "port": port })).await;
            peer.accept(&listener, &[*feed], Transfer::default()).await.unwrap()
        }
    }
}

async fn holds(peer: &Peer<FileStore>, feed: &DiscoveryKey, length: u64) {
    assert!(soon("blocks", peer.holds(feed, length)).await);
}

fn digest_here(peer: &Peer<FileStore>, feed: &DiscoveryKey, from: u64, to: u64) -> String {
    peer.with(feed, |feed| digest(feed, from, to)).unwrap()
}

/// A writer here, a reader there: empty to full, then one by one, in batches, and blocks that are empty.
async fn written_here(dials: Dials) {
    let (here, there, key) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Key::new());
    let (writer, feed) = peer(here.path(), &key, Mode::Writable);
    append(&writer, &feed, &key, 20, 7, "before");
    let mut reader = Deployed::start(there.path(), &key, false).await;
    let stream = connect(&writer, &feed, &mut reader, dials).await;
    reader.wait(20).await;
    append(&writer, &feed, &key, 5, 1, "live");
    reader.wait(25).await;
    append(&writer, &feed, &key, 300, 100, "batch");
    reader.wait(325).await;
    assert_eq!(writer.append(&feed, &[b"", b"not empty", b""], &key.signer).unwrap(), 325);
    reader.wait(328).await;
    assert_eq!(reader.digest(0, 328).await, digest_here(&writer, &feed, 0, 328));
    assert_eq!(reader.digest(20, 25).await, numbered_digest(20, 25, "live"));
    assert_eq!(reader.ask("audit", json!({})).await, json!({ "valid": 328, "invalid": 0 }));
    reader.ask("hang_up", json!({})).await;
    soon("the end of the stream", stream).await.unwrap().unwrap();
    reader.stop().await;
}

/// A writer there, a reader here.
async fn written_there(dials: Dials) {
    let (here, there, key) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Key::new());
    let mut writer = Deployed::start(there.path(), &key, true).await;
    writer.append(20, 7, "before").await;
    let (reader, feed) = peer(here.path(), &key, Mode::ReadOnly);
    let mut events = reader.events();
    let stream = connect(&reader, &feed, &mut writer, dials).await;
    holds(&reader, &feed, 20).await;
    writer.append(5, 1, "live").await;
    holds(&reader, &feed, 25).await;
    writer.append(300, 100, "batch").await;
    holds(&reader, &feed, 325).await;
    assert_eq!(digest_here(&reader, &feed, 0, 325), writer.digest(0, 325).await);
    assert_eq!(digest_here(&reader, &feed, 25, 325), numbered_digest(25, 325, "batch"));
    let audit = reader.with(&feed, |feed| feed.audit().unwrap()).unwrap();
    assert_eq!((audit.valid, audit.invalid), (325, vec![]));
    writer.stop().await;
    // A process that ends may leave bytes unread, which the system tells as a reset.
    let _ = soon("the end of the stream", stream).await.unwrap();
    let mut synced = None;
    while let Ok(event) = events.try_recv() {
        if let Event::Synced { length, .. } = event {
            synced = Some(length);
        }
    }
    assert_eq!(synced, Some(325), "the last event of its kind tells the whole length");
}

#[tokio::test]
async fn the_deployed_reader_dials_and_follows() {
    if has_deployed("replication to a live peer") {
        written_here(Dials::There).await;
    }
}

#[tokio::test]
async fn the_deployed_reader_is_dialled_and_follows() {
    if has_deployed("replication to a live peer") {
        written_here(Dials::Here).await;
    }
}

#[tokio::test]
async fn the_deployed_writer_dials_and_is_followed() {
    if has_deployed("replication from a live peer") {
        written_there(Dials::There).await;
    }
}

#[tokio::test]
async fn the_deployed_writer_is_dialled_and_is_followed() {
    if has_deployed("replication from a live peer") {
        written_there(Dials::Here).await;
    }
}

/// More requests than are in flight at once, both ways.
#[tokio::test]
async fn five_thousand_blocks_each_way() {
    if !has_deployed("replication of 5,000 blocks with a live peer") {
        return;
    }
    let (here, there, key) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Key::new());
    let (writer, feed) = peer(here.path(), &key, Mode::Writable);
    append(&writer, &feed, &key, 5000, 100, "many");
    let mut reader = Deployed::start(there.path(), &key, false).await;
    let stream = connect(&writer, &feed, &mut reader, Dials::Here).await;
    reader.wait(5000).await;
    assert_eq!(reader.digest(0, 5000).await, numbered_digest(0, 5000, "many"));
    reader.ask("hang_up", json!({})).await;
    soon("the end of the stream", stream).await.unwrap().unwrap();
    // And from there to an empty reader here.
    let empty = tempfile::tempdir().unwrap();
    let (second, feed) = peer(empty.path(), &key, Mode::ReadOnly);
    let stream = connect(&second, &feed, &mut reader, Dials::Here).await;
    holds(&second, &feed, 5000).await;
    assert_eq!(digest_here(&second, &feed, 0, 5000), numbered_digest(0, 5000, "many"));
    stream.abort();
    reader.stop().await;
}

/// The reader's process is killed in the middle, starts again in its directory, and goes on.
#[tokio::test]
async fn the_deployed_reader_is_killed_and_goes_on() {
    if !has_deployed("restart of a live reader") {
        return;
    }
    let (here, there, key) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Key::new());
    let (writer, feed) = peer(here.path(), &key, Mode::Writable);
    append(&writer, &feed, &key, 1000, 50, "restart");
    let mut reader = Deployed::start(there.path(), &key, false).await;
    let stream = connect(&writer, &feed, &mut reader, Dials::Here).await;
    reader.wait(1).await;
    reader.kill().await;
    let _ = soon("the end of the stream", stream).await.unwrap();
    append(&writer, &feed, &key, 500, 50, "restart");
    let mut reader = Deployed::start(there.path(), &key, false).await;
    let _stream = connect(&writer, &feed, &mut reader, Dials::Here).await;
    reader.wait(1500).await;
    assert_eq!(reader.digest(0, 1500).await, numbered_digest(0, 1500, "restart"));
    reader.stop().await;
}

/// The reader here loses its stream in the middle, closes its feed, opens the directory again, and goes on; the writer's
/// process is killed meanwhile and started again, too.
#[tokio::test]
async fn a_reader_here_stops_and_goes_on() {
    if !has_deployed("restart beside a live writer") {
        return;
    }
    let (here, there, key) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Key::new());
    let mut writer = Deployed::start(there.path(), &key, true).await;
    writer.append(1000, 50, "restart").await;
    let (reader, feed) = peer(here.path(), &key, Mode::ReadOnly);
    let mut events = reader.events();
    let stream = connect(&reader, &feed, &mut writer, Dials::Here).await;
    while !matches!(soon("a block", events.recv()).await, Ok(Event::Received { .. })) {}
    stream.abort();
    assert!(stream.await.unwrap_err().is_cancelled());
    let held = reader.remove(&feed).unwrap().held();
    assert!(held > 0);
    writer.kill().await;
    let mut writer = Deployed::start(there.path(), &key, true).await;
    writer.append(500, 50, "restart").await;
    let (reader, feed) = peer(here.path(), &key, Mode::ReadOnly);
    assert_eq!(reader.with(&feed, |feed| feed.held()), Some(held));
    let _stream = connect(&reader, &feed, &mut writer, Dials::Here).await;
    holds(&reader, &feed, 1500).await;
    assert_eq!(digest_here(&reader, &feed, 0, 1500), numbered_digest(0, 1500, "restart"));
    writer.stop().await;
}

/// A directory that one has written is opened and continued by the other, back and forth.
#[tokio::test]
async fn directories_change_hands() {
    if !has_deployed("directories of the deployed implementation") {
        return;
    }
    let (root, key) = (tempfile::tempdir().unwrap(), Key::new());
    let mut deployed = Deployed::start(root.path(), &key, true).await;
    deployed.append(30, 4, "hands").await;
    deployed.stop().await;

    let (here, feed) = peer(root.path(), &key, Mode::Writable);
    assert_eq!(digest_here(&here, &feed, 0, 30), numbered_digest(0, 30, "hands"));
    append(&here, &feed, &key, 70, 9, "hands");
    drop(here);

    let mut deployed = Deployed::start(root.path(), &key, true).await;
    assert_eq!(deployed.ask("state", json!({})).await["held"], 100);
    assert_eq!(deployed.digest(0, 100).await, numbered_digest(0, 100, "hands"));
    deployed.append(100, 11, "hands").await;
    assert_eq!(deployed.ask("audit", json!({})).await, json!({ "valid": 200, "invalid": 0 }));
    deployed.stop().await;

    let mut feed = open(root.path(), &key, Mode::Writable);
    assert_eq!((feed.length(), feed.held(), feed.is_signed()), (200, 200, true));
    assert_eq!(digest(&feed, 0, 200), numbered_digest(0, 200, "hands"));
    let audit = feed.audit().unwrap();
    assert_eq!((audit.valid, audit.invalid), (200, vec![]));
}

/// Lengths of a second history: with the first of them its first new node contradicts what is held; the proofs of most
/// blocks of the others name no node that is held.
const LONGER: [u64; 3] = [4, 8, 40];

/// Two histories, of three blocks and of more, signed with one key.
struct Fork {
    key: Key,
    honest: Deployed,
    other: Deployed,
    // Removed when the test ends.
    _folders: [tempfile::TempDir; 2],
}

impl Fork {
    async fn new(blocks: u64) -> Self {
        let (key, folders) = (Key::new(), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
        let mut honest = Deployed::start(folders[0].path(), &key, true).await;
        honest.append(3, 1, "honest").await;
        let mut other = Deployed::start(folders[1].path(), &key, true).await;
        other.append(blocks, 1, "other").await;
        Self { key, honest, other, _folders: folders }
    }
}

/// Meets the other history with a reader that holds three blocks of the honest one: why the stream ended, and whether a
/// fork was reported.  The reader must hold what it held, and still follow the honest writer.
async fn meet(mut fork: Fork) -> (StreamError, Vec<Event>) {
    let here = tempfile::tempdir().unwrap();
    let (reader, feed) = peer(here.path(), &fork.key, Mode::ReadOnly);
    let honest = connect(&reader, &feed, &mut fork.honest, Dials::Here).await;
    holds(&reader, &feed, 3).await;

    let mut events = reader.events();
    let stream = connect(&reader, &feed, &mut fork.other, Dials::There).await;
    let error = soon("the end of the stream", stream).await.unwrap().unwrap_err();
    fork.other.end().await;
    let mut seen = Vec::new();
    while let Ok(event) = events.try_recv() {
        seen.push(event);
    }
    assert_eq!(reader.with(&feed, |feed| (feed.length(), feed.held())), Some((3, 3)));

    fork.honest.append(2, 2, "honest").await;
    holds(&reader, &feed, 5).await;
    assert_eq!(digest_here(&reader, &feed, 0, 5), numbered_digest(0, 5, "honest"));
    let audit = reader.with(&feed, |feed| feed.audit().unwrap()).unwrap();
    assert_eq!((audit.valid, audit.invalid), (5, vec![]));
    honest.abort();
    fork.honest.stop().await;
    fork.other.stop().await;
    (error, seen)
}

#[tokio::test]
async fn another_history_with_whole_proofs_is_refused_and_reported() {
    if !has_deployed("refusal of a fork from a live peer") {
        return;
    }
    for blocks in LONGER {
        let mut fork = Fork::new(blocks).await;
        fork.other.ask("prove_all", json!({})).await;
        let (error, events) = meet(fork).await;
        let StreamError::Replication(ReplicationError::Fork(reject)) = &error else { panic!("{error}") };
        assert_eq!(reject.class.name(), "state.conflict");
        assert!(events.iter().any(|event| matches!(event, Event::Fork { index: 3, .. })), "{events:?}");
        let failed = |event: &Event| matches!(event, Event::Failed(ReplicationError::Fork(_)));
        assert!(events.iter().any(failed), "{events:?}");
        assert!(!events.iter().any(|event| matches!(event, Event::Received { .. })), "{events:?}");
    }
}

/// A proof from where the reader says it stands shows no second history: its signature does not verify.
#[tokio::test]
async fn another_history_with_short_proofs_is_refused() {
    if !has_deployed("refusal of a fork from a live peer") {
        return;
    }
    for blocks in LONGER {
        let (error, events) = meet(Fork::new(blocks).await).await;
        let StreamError::Replication(error) = &error else { panic!("{error}") };
        assert!(error.reject().is_some(), "{error}");
        assert!(!events.iter().any(|event| matches!(event, Event::Received { .. })), "{events:?}");
    }
}
