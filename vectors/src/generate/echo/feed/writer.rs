//! Writers of feeds, and what readers are given.

use dxos_reference::Reject;
use dxos_reference::echo::{Data, Node, RemoteTree, Replica, Tree, digest, hash, prove};
use dxos_reference::keys::{SigningKey, Suite, to_hex};
use serde_json::{Value, json};

use super::super::super::steps::{Ask, ask, open, session};
use super::super::super::topic::Topic;
use crate::class::Class;
use crate::format::Case;

pub(super) const VERIFY: &str = "echo.feed.verify";
pub(super) const READER: &str = "echo.feed.reader";

/// The key of a writer and its blocks.
#[derive(Clone)]
pub(super) struct Writer {
    pub(super) key: SigningKey,
    pub(super) blocks: Vec<Vec<u8>>,
}

/// Blocks of 1 to 5 letters: `a`, `bc`, `def`, and so on.
pub(super) fn letters(length: usize) -> Vec<Vec<u8>> {
    let mut alphabet = (b'a'..=b'z').cycle();
    (0..length).map(|index| alphabet.by_ref().take(index % 5 + 1).collect()).collect()
}

impl Writer {
    pub(super) fn new(topic: &Topic, suite: Suite, slug: &str, length: usize) -> Self {
        Self { key: topic.key(suite, slug, "writer"), blocks: letters(length) }
    }

    /// Another history of the same writer.
    pub(super) fn with(&self, blocks: &[&[u8]]) -> Self {
        Self { key: self.key.clone(), blocks: blocks.iter().map(|block| block.to_vec()).collect() }
    }

    pub(super) fn tree(&self, length: u64) -> Tree {
        Tree::over(self.blocks.iter().zip(0..length).map(|(block, _)| block))
    }

    pub(super) fn signable(&self, length: u64) -> [u8; 40] {
        self.tree(length).signable(length).unwrap_or([0; 40])
    }

    pub(super) fn sign(&self, length: u64) -> Vec<u8> {
        self.key.sign(&self.signable(length)).to_vec()
    }

    pub(super) fn block(&self, index: u64) -> Vec<u8> {
        usize::try_from(index).ok().and_then(|index| self.blocks.get(index)).cloned().unwrap_or_default()
    }

    /// What a peer sends that holds `length` blocks, to a reader whose digest is given.
    pub(super) fn data(&self, length: u64, index: u64, digest: u64) -> Data {
        self.reply(length, index, digest, false, &mut RemoteTree::default())
    }

    /// The same, for a request of the hash alone.
    pub(super) fn hash(&self, length: u64, index: u64) -> Data {
        Data { value: None, ..self.reply(length, index, 0, true, &mut RemoteTree::default()) }
    }

    fn reply(&self, length: u64, index: u64, digest: u64, hash: bool, remote: &mut RemoteTree) -> Data {
        let Ok(proof) = prove(&self.tree(length), index, digest, hash, remote) else {
            return Data::default();
        };
        let signature = (proof.verified_by > 0).then(|| self.sign(proof.verified_by / 2));
        Data { index, value: Some(self.block(index)), nodes: proof.nodes, signature }
    }

    /// What a reader gets that asks for blocks in turn with right digests, each from a peer that holds so many
    /// blocks.
    pub(super) fn download(&self, requests: &[(u64, u64)]) -> Vec<Data> {
        let mut replica = Replica::new(&self.key.public_key());
        let mut all = Vec::new();
        for &(length, index) in requests {
            let bits = replica.tree().nodes().last().map_or(0, |last| (last.index + 1).next_multiple_of(8));
            let data = self.data(length, index, digest(replica.tree(), bits, index));
            let _ = replica.receive(&data);
            all.push(data);
        }
        all
    }

    pub(super) fn public(&self) -> String {
        to_hex(&self.key.public_key())
    }

    /// A session in which a reader gets all this.
    pub(super) fn read(&self, all: &[Data]) -> Vec<Ask> {
        let mut asks = vec![open()];
        for (number, data) in all.iter().enumerate() {
            let mut input = json!({ "session": session(0), "data": described(data) });
            if let (0, Some(members)) = (number, input.as_object_mut()) {
                members.insert("key".to_owned(), self.public().into());
            }
            asks.push(ask(VERIFY, input));
        }
        asks
    }

    /// An accepted case: a reader gets all this.
    pub(super) fn accept<'t>(
        &self,
        topic: &'t mut Topic,
        slug: &str,
        req: &[&str],
        about: &str,
        all: &[Data],
    ) -> &'t mut Case {
        topic.steps(slug, req, about, self.read(all))
    }

    /// A case in which the last of these is rejected, with the requirement that the reference names and `also`.
    pub(super) fn reject(
        &self,
        topic: &mut Topic,
        slug: &str,
        from: &str,
        also: &[&str],
        about: &str,
        all: &[Data],
    ) {
        let Some((class, requirement)) = self.refusal(all) else {
            topic.problem(slug, "the last of it is not refused");
            return;
        };
        let mut asks = self.read(all);
        let last = asks.pop().map(|ask| ask.rejected(class));
        asks.extend(last);
        let mut req = vec![requirement];
        req.extend(also.iter().copied().filter(|also| *also != requirement));
        topic.steps_reject(slug, from, &req, about, asks);
    }

    /// How the last of these is refused.
    pub(super) fn refusal(&self, all: &[Data]) -> Option<(Class, &'static str)> {
        let mut replica = Replica::new(&self.key.public_key());
        let last = all.iter().map(|data| replica.receive(data)).last()?;
        let refused: Reject = last.err()?.reject()?.clone();
        let class = Class::ALL.iter().find(|class| class.name() == refused.class.name())?;
        Some((*class, refused.requirement.id()))
    }
}

/// A number, as a text where a double does not hold it.
pub(super) fn number(number: u64) -> Value {
    if number < 1 << 53 { number.into() } else { number.to_string().into() }
}

pub(super) fn described(data: &Data) -> Value {
    let nodes: Vec<Value> = data
        .nodes
        .iter()
        .map(|node| json!([number(node.index), to_hex(&node.hash), number(node.size)]))
        .collect();
    let mut described = json!({ "index": number(data.index), "nodes": nodes });
    if let Some(members) = described.as_object_mut() {
        members.extend(data.value.as_ref().map(|value| ("value".to_owned(), to_hex(value).into())));
        members.extend(
            data.signature.as_ref().map(|signature| ("signature".to_owned(), to_hex(signature).into())),
        );
    }
    described
}

/// The data, changed.
pub(super) fn with(data: &Data, change: impl FnOnce(&mut Data)) -> Data {
    let mut data = data.clone();
    change(&mut data);
    data
}

/// A node of a hash that nothing has.
pub(super) fn invented(index: u64, size: u64) -> Node {
    Node { index, hash: hash::leaf(&index.to_be_bytes()), size }
}

/// The name of a suite and the feature of its cases.
pub(super) use super::super::super::topic::suite_of;
