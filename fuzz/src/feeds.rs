//! Laws of feeds.

use std::sync::OnceLock;

use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::replication::{Frame, Message};
use dxos_reference::echo::storage::{FileName, Files, Memory};
use dxos_reference::echo::{Data, Feed, Node, Nodes as _, RemoteTree, Replica, Tree, digest, prove};
use dxos_reference::keys::{SigningKey, Suite};

/// Blocks of the feed that proofs are made from.
const LENGTH: u64 = 21;
/// Type of the message that holds a block.
const DATA: u8 = 9;

/// A feed with all its nodes, and a signature for each length.
struct Honest {
    key: Vec<u8>,
    blocks: Vec<Vec<u8>>,
    trees: Vec<Tree>,
    signatures: Vec<[u8; 64]>,
}

fn honest() -> &'static Honest {
    static HONEST: OnceLock<Honest> = OnceLock::new();
    HONEST.get_or_init(|| {
        let key = SigningKey::new(Suite::P256, &[7; 32]).expect("a key");
        let mut honest = Honest {
            key: key.public_key(),
            blocks: vec![],
            trees: vec![Tree::default()],
            signatures: vec![],
        };
        let mut tree = Tree::default();
        for index in 0..LENGTH {
            // Some are empty.
            let block = vec![b'a'; usize::try_from(index % 5).expect("small")];
            tree.append(&block);
            honest.signatures.push(key.sign(&tree.signable(index + 1).expect("a whole tree")));
            honest.trees.push(tree.clone());
            honest.blocks.push(block);
        }
        honest
    })
}

impl Honest {
    /// What answers a request, from a feed of some length.
    fn data(&self, length: usize, index: u64, digest: u64, remote: &mut RemoteTree) -> Option<Data> {
        let proof = prove(self.trees.get(length)?, index, digest, false, remote).ok()?;
        let slot = usize::try_from(proof.verified_by / 2).ok()?.checked_sub(1);
        let signature = slot.and_then(|slot| self.signatures.get(slot)).map(|signature| signature.to_vec());
        let value = self.blocks.get(usize::try_from(index).ok()?).cloned();
        Some(Data { index, value, nodes: proof.nodes, signature })
    }
}

/// A reader is given blocks as the first bytes say, each proven from what it says that it knows, and the rest as a
/// message that anybody may have made.  Whatever comes: what is honest is accepted, and what is accepted is honest.
pub fn echo_proof(bytes: &[u8]) {
    let honest = honest();
    let mut reader = Replica::new(&honest.key);
    let mut remote = RemoteTree::default();
    let mut rest = bytes;
    while let Some(([step, length], after)) = rest.split_first_chunk() {
        rest = after;
        if *step == 0xff {
            break;
        }
        // A writer does not become shorter.
        let length = usize::from(*length) % (honest.blocks.len() + 1);
        let length = length.max(usize::try_from(reader.length()).unwrap_or_default());
        if length == 0 {
            continue;
        }
        let index = u64::from(*step) % (length as u64);
        let bits = 2 * LENGTH.next_multiple_of(8);
        let known = if *step & 0x80 == 0 { digest(reader.tree(), bits, index) } else { 0 };
        // Each request on a channel of its own, so that nothing is taken for known that was never said.
        let data =
            honest.data(length, index, known, &mut RemoteTree::default()).expect("a block that is here");
        let accepted = reader.receive(&data);
        assert!(accepted.is_ok(), "an honest block is refused: {accepted:?}");
        // On one channel answers may leave out what was sent before, but making them never panics.
        let _ = honest.data(length, index, known, &mut remote);
        holds(&reader, honest);
    }
    let frame = Frame { channel: 1, kind: DATA, body: rest.to_vec() };
    if let Ok(Some(Message::Data(data))) = Message::decode(&frame) {
        let before = reader.length();
        if reader.receive(&data).is_err() {
            assert_eq!(reader.length(), before, "a refusal changes the length");
        }
        holds(&reader, honest);
    }
}

/// Nothing but what the writer has signed is stored.
fn holds(reader: &Replica, honest: &Honest) {
    let whole = honest.trees.last().expect("at least one");
    for node in reader.tree().nodes() {
        let right: Option<Node> = whole.node(node.index).expect("in memory");
        assert_eq!(Some(node), right.as_ref(), "a node that the writer has not made");
    }
    for (index, block) in reader.blocks() {
        let right = usize::try_from(index).ok().and_then(|index| honest.blocks.get(index));
        assert_eq!(Some(block), right.map(Vec::as_slice), "a block that the writer has not made");
    }
}

/// Files with any bytes are opened or refused; what opens can be asked everything, answers alike when it is opened
/// again, and takes a block unless it says why not.
pub fn echo_storage(bytes: &[u8]) {
    let honest = honest();
    let Some(files) = files(bytes) else { return };
    let Ok(mut feed) = Feed::open(files, &honest.key, Mode::Writable) else { return };
    let length = feed.length();
    let asked: Vec<u64> = (0..length.min(40)).chain(length.checked_sub(1)).collect();
    for index in &asked {
        let block = feed.get(*index);
        assert!(block.is_err() || feed.has(*index), "a block that is not here is read");
        let _ = feed.data(*index, 0, false, &mut RemoteTree::default());
        let _ = feed.digest(*index);
    }
    let held: Vec<bool> = asked.iter().map(|index| feed.has(*index)).collect();
    let again = Feed::open(feed.files().clone(), &honest.key, Mode::Writable);
    if let Ok(again) = again {
        assert_eq!(again.length(), length, "opening changes the length");
        let held_again: Vec<bool> = asked.iter().map(|index| again.has(*index)).collect();
        assert_eq!(held_again, held, "opening changes which blocks are here");
    }
    let key = SigningKey::new(Suite::P256, &[7; 32]).expect("a key");
    if let Ok(first) = feed.append(&[b"block"], |signable| key.sign(signable)) {
        assert_eq!((first, feed.length()), (length, length + 1), "an append goes elsewhere than to the end");
        assert_eq!(feed.get(first).expect("what was just written"), b"block");
    }
}

/// Six files from bytes: each with a length of two bytes before it.
fn files(bytes: &[u8]) -> Option<Files<Memory>> {
    let mut rest = bytes;
    Files::with(|_: FileName| {
        let (length, after) = rest.split_first_chunk().ok_or(())?;
        let length = usize::from(u16::from_be_bytes(*length)).min(after.len());
        let (file, after) = after.split_at(length);
        rest = after;
        Ok::<_, ()>(Memory::new(file.to_vec()))
    })
    .ok()
}

/// A seed of [`echo_proof`] from the body of a Data message.
pub fn proof_seed(body: &[u8]) -> Vec<u8> {
    [&[0xff, 0], body].concat()
}

/// A seed of [`echo_storage`]: a feed of so many blocks, as it is stored.
pub fn storage_seed(length: usize) -> Vec<u8> {
    let honest = honest();
    let key = SigningKey::new(Suite::P256, &[7; 32]).expect("a key");
    let files: Files<Memory> = Files::default();
    let mut feed = Feed::open(files, &honest.key, Mode::Writable).expect("an empty feed");
    for block in honest.blocks.iter().take(length) {
        feed.append(&[block.as_slice()], |signable| key.sign(signable)).expect("a small block");
    }
    let mut seed = Vec::new();
    for name in FileName::ALL {
        let bytes = feed.files().get(name).bytes();
        seed.extend(u16::try_from(bytes.len()).expect("a small file").to_be_bytes());
        seed.extend_from_slice(bytes);
    }
    seed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn all_blocks_in_some_order_and_a_message_that_is_none() {
        let mut bytes: Vec<u8> =
            (0..u8::try_from(LENGTH).expect("small")).rev().flat_map(|step| [step, 21]).collect();
        bytes.extend([0x83, 5, 0xff, 0, 8, 3]);
        echo_proof(&bytes);
        echo_proof(&[0, 1, 1, 2, 0x82, 9, 5, 21]);
    }

    #[test]
    fn files_of_a_feed_and_each_of_them_cut_short() {
        let seed = storage_seed(5);
        echo_storage(&seed);
        for end in (0..seed.len()).step_by(97) {
            echo_storage(&seed[..end]);
        }
        let mut at = 2;
        while at < seed.len() {
            let mut changed = seed.clone();
            changed[at] ^= 0x40;
            echo_storage(&changed);
            at += 61;
        }
    }

    #[test]
    fn files_that_are_empty_and_files_that_are_too_short() {
        echo_storage(&[0; 12]);
        echo_storage(&[0, 1, 9, 0, 0, 0, 2, 5, 2, 0, 0, 0, 3, 5, 2, 0x57, 0, 0]);
    }
}
