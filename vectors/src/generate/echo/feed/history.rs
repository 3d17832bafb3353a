//! Writers that sign two histories.

use dxos_reference::echo::Data;
use dxos_reference::keys::Suite;
use serde_json::json;

use super::super::super::steps::{ask, session};
use super::super::super::topic::Topic;
use super::first::flip_hash;
use super::writer::{READER, VERIFY, Writer, invented, suite_of, with};

const CONFLICT: &str = "ECHO-VER-015";
const REMEMBERED: &str = "ECHO-VER-016";

pub(super) fn history(suite: Suite) -> Topic {
    let (name, feature) = suite_of(suite);
    let about = "Writers that sign two histories, and peers that make it look so.";
    let mut topic = Topic::new(&format!("echo/feed/verify/history-{name}"), VERIFY, &[feature], about);
    topic.flag("Fork", "the writer signed two blocks for one number");
    topic.flag("Slander", "nobody signed what contradicts the stored nodes");
    let honest = Writer::new(&topic, suite, "feed", 8);
    let other = honest.with(&[b"X", b"YY", b"ZZZ", b"W"]);
    let three = honest.download(&[(3, 0), (3, 1), (3, 2)]);
    let story = Story { honest: &honest, before: three };
    let next = honest.data(4, 3, 0);
    story.accept(&mut topic, "extension", "the feed grows, and the whole proof is sent", &next);
    let fork = other.data(4, 3, 0);
    story.refuse(&mut topic, "fork", "extension", "other blocks from the beginning", &fork, "Fork");
    let told = with(&fork, |data| data.nodes.clear());
    let about = "the same, and the stored roots are not sent: nobody can be accused";
    story.refuse(&mut topic, "fork-without-roots", "extension", about, &told, "Fork");
    let unsigned = with(&fork, |data| data.signature = None);
    story.refuse(&mut topic, "fork-unsigned", "extension", "", &unsigned, "Slander");
    let forged = with(&fork, |data| data.signature.clone_from(&next.signature));
    story.refuse(&mut topic, "fork-with-honest-signature", "extension", "", &forged, "Slander");
    for (slug, about, blocks, index) in [
        ("last", "the last block is another", &[&b"a"[..], b"bc", b"X"][..], 2),
        ("last-first-asked", "the last block is another, and an equal one is sent", &[b"a", b"bc", b"X"], 0),
        ("last-longer", "the last block is another, and one follows", &[b"a", b"bc", b"X", b"Y"], 3),
        ("middle", "", &[b"a", b"X", b"def"], 1),
        ("first-block", "", &[b"X", b"bc", b"def"], 0),
        ("shorter", "another first block, and no other", &[b"X"], 0),
        ("two-of-three", "another second block, and no third", &[b"a", b"X"], 1),
    ] {
        let writer = honest.with(blocks);
        let fork = writer.data(blocks.len() as u64, index, 0);
        story.refuse(&mut topic, &format!("fork-{slug}"), "extension", about, &fork, "Fork");
    }
    slander(&mut topic, &honest);
    sparse(&mut topic, &honest);
    holes(&mut topic, &honest);
    topic
}

/// Blocks that nobody wrote, for holes in a copy, with signatures that the writer made.
fn holes(topic: &mut Topic, honest: &Writer) {
    topic.flag("Hole", "roots that are all stored are signed, whatever the block is");
    // Known from now on: 6, 4, 5, 1 and 3.
    let story = Story { honest, before: vec![honest.data(4, 3, 0)] };
    let second = honest.data(2, 1, 0);
    story.accept(topic, "hole", "the second block, from a peer that is behind", &second);
    let bare = with(&second, |data| data.nodes.clear());
    let forged = |data: &Data| with(data, |data| data.value = Some(b"forged".to_vec()));
    let about = "the root above the block is stored and signed, and no node leads from the block to it";
    story.refuse(topic, "hole-forged", "hole", about, &forged(&bare), "Hole");
    story.refuse(
        topic,
        "hole-right-value",
        "hole",
        "the same, with the block as it was written",
        &bare,
        "Hole",
    );
    let first = honest.data(4, 0, 0);
    story.accept(topic, "hole-first", "the first block", &first);
    let last = honest.tree(4).nodes().find(|node| node.index == 6).cloned();
    let far = |data: &Data, sibling: u64| {
        with(&forged(data), |data| {
            data.nodes = std::iter::once(invented(sibling, 1)).chain(last.clone()).collect();
            data.signature = Some(honest.sign(4));
        })
    };
    let about =
        "a sibling that nobody wrote, and a node far to the right that brings in the newest signature";
    story.refuse(topic, "hole-first-forged", "hole-first", about, &far(&first, 2), "Hole");
    story.refuse(topic, "hole-second-forged", "hole", about, &far(&second, 0), "Hole");
    let hash = with(&honest.hash(2, 1), |data| {
        data.nodes.truncate(1);
        data.nodes.iter_mut().for_each(flip_hash);
    });
    story.accept(topic, "hole-hash", "the hash of the second block", &honest.hash(2, 1));
    story.refuse(topic, "hole-hash-forged", "hole-hash", "a leaf that nobody wrote", &hash, "Hole");
}

/// Nodes that contradict the stored ones, and nobody signed.
fn slander(topic: &mut Topic, honest: &Writer) {
    let story = Story { honest, before: vec![honest.data(8, 0, 0)] };
    let good = with(&honest.data(8, 1, 0), |data| data.signature = None);
    story.accept(topic, "needless", "nodes that nobody needs", &good);
    for (slug, at) in [("sibling", 0), ("uncle", 1), ("last", 2)] {
        let data = with(&good, |data| data.nodes.get_mut(at).into_iter().for_each(flip_hash));
        let about = "a node that nobody needs is changed";
        story.refuse(topic, &format!("needless-{slug}-flipped"), "needless", about, &data, "Slander");
        let data = with(&good, |data| data.nodes.get_mut(at).into_iter().for_each(|node| node.size += 1));
        story.refuse(topic, &format!("needless-{slug}-size"), "needless", about, &data, "Slander");
    }
    let signed = honest.data(8, 1, 0);
    let data = with(&signed, |data| data.nodes.last_mut().into_iter().for_each(flip_hash));
    let about = "a node that nobody needs is changed, and the signature is that of the right nodes";
    story.refuse(topic, "needless-with-honest-signature", "needless", about, &data, "Slander");
    let shifted = with(&honest.hash(8, 0), |data| {
        if let [leaf, sibling, ..] = data.nodes.as_mut_slice() {
            leaf.size += 1;
            sibling.size -= 1;
        }
    });
    let about = "a reply without the block moves a byte between two stored leaves; the writer signed the sum";
    story.accept(topic, "hash", "a reply without the block", &honest.hash(8, 0));
    story.refuse(topic, "hash-shifted", "hash", about, &shifted, "Slander");
}

/// A shorter second history where the reader has holes.
fn sparse(topic: &mut Topic, honest: &Writer) {
    let blocks: Vec<&[u8]> = honest.blocks.iter().map(Vec::as_slice).collect();
    let mut forked = blocks.clone();
    forked.truncate(4);
    forked.extend([&b"X"[..], b"Y"]);
    let other = honest.with(&forked);
    let first = honest.data(8, 0, 0);
    let unseen = other.data(6, 4, 0);
    let story = Story { honest, before: vec![first.clone(), unseen] };
    let about = "a shorter second history among blocks that the reader has not: nothing tells it from an honest peer that is behind";
    story.accept(topic, "unseen", about, &honest.data(8, 1, 0));
    let joined = honest.data(8, 6, 0);
    story.refuse(
        topic,
        "unseen-joined",
        "unseen",
        "a block of the first history meets its nodes",
        &joined,
        "Fork",
    );
    let same = honest.data(8, 4, 0);
    story.refuse(topic, "unseen-same-number", "unseen", "the block of the first history", &same, "Fork");
    let behind = Story { honest, before: vec![first, honest.data(6, 4, 0)] };
    behind.accept(topic, "behind", "an honest peer that is behind", &joined);
    let fork = other.data(6, 5, 0);
    behind.refuse(topic, "behind-fork", "behind", "", &fork, "Fork");
}

/// What a reader gets, and then one thing more.
struct Story<'a> {
    honest: &'a Writer,
    before: Vec<Data>,
}

impl Story<'_> {
    fn all(&self, last: &Data) -> Vec<Data> {
        [&self.before[..], std::slice::from_ref(last)].concat()
    }

    fn accept(&self, topic: &mut Topic, slug: &str, about: &str, last: &Data) {
        let mut asks = self.honest.read(&self.all(last));
        asks.push(ask(READER, json!({ "session": session(0) })));
        topic.steps(slug, &[REMEMBERED, CONFLICT], about, asks);
    }

    /// The last is refused; a second case asks what the reader then holds, and knows of the writer.
    fn refuse(&self, topic: &mut Topic, slug: &str, from: &str, about: &str, last: &Data, flag: &str) {
        let all = self.all(last);
        self.honest.reject(topic, slug, from, &[], about, &all);
        if let Some(case) = topic.last() {
            case.flags = vec![flag.to_owned()];
        }
        let Some((class, requirement)) = self.honest.refusal(&all) else { return };
        let mut asks = self.honest.read(&all);
        let refused = asks.pop().map(|ask| ask.rejected(class));
        asks.extend(refused);
        asks.push(ask(READER, json!({ "session": session(0) })));
        let mut req = vec![REMEMBERED, "ECHO-VER-019"];
        if !req.contains(&requirement) {
            req.push(requirement);
        }
        let case = topic.steps(&format!("{slug}-then"), &req, about, asks);
        case.flags = vec![flag.to_owned()];
        case.underived = Some(format!("it asks what the reader holds after {slug}"));
    }
}
