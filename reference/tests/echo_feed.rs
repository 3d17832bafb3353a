//! Laws of feeds that hold for every input: each block of each feed can be proven to each reader, nothing that was
//! changed is accepted, and nothing panics.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // A test may panic.

use std::sync::LazyLock;

use dxos_reference::echo::{Data, Node, RemoteTree, Replica, Tree, digest, flat, hash, places, prove};
use dxos_reference::keys::{SigningKey, Suite};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::new(Suite::Ed25519, &[7; 32]).unwrap());

fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases * cases / 256, failure_persistence: None, ..default }
}

/// What a peer sends that holds the first blocks.
fn reply(blocks: &[Vec<u8>], length: u64, index: u64, told: u64, remote: &mut RemoteTree) -> Data {
    let tree = Tree::over(blocks.iter().zip(0..length).map(|(block, _)| block));
    let proof = prove(&tree, index, told, false, remote).unwrap();
    let signature =
        (proof.verified_by > 0).then(|| KEY.sign(&tree.signable(proof.verified_by / 2).unwrap()).to_vec());
    Data {
        index,
        value: Some(blocks[usize::try_from(index).unwrap()].clone()),
        nodes: proof.nodes,
        signature,
    }
}

fn bits(tree: &Tree) -> u64 {
    tree.nodes().last().map_or(0, |last| (last.index + 1).next_multiple_of(8))
}

fn feed() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(any::<u8>(), 0..20), 1..40)
}

/// A length that a peer has, and a block below it.
fn requests() -> impl Strategy<Value = Vec<(prop::sample::Index, prop::sample::Index)>> {
    vec(any::<(prop::sample::Index, prop::sample::Index)>(), 1..20)
}

fn node() -> impl Strategy<Value = Node> {
    let index = prop_oneof![0..64_u64, any::<u64>()];
    let size = prop_oneof![0..64_u64, any::<u64>()];
    (index, any::<[u8; 32]>(), size).prop_map(|(index, hash, size)| Node { index, hash, size })
}

fn data() -> impl Strategy<Value = Data> {
    let index = prop_oneof![0..64_u64, any::<u64>()];
    let (value, nodes) = (option::of(vec(any::<u8>(), 0..9)), vec(node(), 0..140));
    (index, value, nodes, option::of(vec(any::<u8>(), 0..70)))
        .prop_map(|(index, value, nodes, signature)| Data { index, value, nodes, signature })
}

proptest! {
    #![proptest_config(config(128))]

    /// Readers get blocks in any order, from peers of any length, with the digest of what they have or with 0, on a
    /// channel that remembers or not.
    #[test]
    fn every_block_can_be_proven(blocks in feed(), requests in requests(), honest in any::<bool>(), fresh in any::<bool>()) {
        let public = KEY.public_key();
        let mut replica = Replica::new(&public);
        let mut remote = RemoteTree::default();
        let mut longest = 0;
        for (length, index) in requests {
            let length = length.index(blocks.len()) as u64 + 1;
            let index = index.index(usize::try_from(length).unwrap()) as u64;
            let told = if honest { digest(replica.tree(), bits(replica.tree()), index) } else { 0 };
            if fresh {
                remote = RemoteTree::default();
            }
            let data = reply(&blocks, length, index, told, &mut remote);
            let signed = data.signature.is_some();
            let verified = replica.receive(&data).unwrap();
            let before: usize = blocks.iter().zip(0..index).map(|(block, _)| block.len()).sum();
            prop_assert_eq!(verified.offset, Some(before as u64));
            prop_assert!(signed || verified.signature.is_none());
            longest = longest.max(if verified.signature.is_some() { length } else { 0 });
            prop_assert_eq!(replica.length(), longest);
        }
        prop_assert!(!replica.equivocation());
        for (index, block) in replica.blocks() {
            prop_assert_eq!(block, &blocks[usize::try_from(index).unwrap()][..]);
        }
        let whole = Tree::over(&blocks);
        for node in replica.tree().nodes() {
            prop_assert!(whole.nodes().any(|one| one == node));
        }
    }

    /// One bit of the first reply that a reader gets.
    #[test]
    fn a_changed_bit_is_refused(blocks in feed(), which in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let length = blocks.len() as u64;
        let index = which.index(blocks.len()) as u64;
        let mut data = reply(&blocks, length, index, 0, &mut RemoteTree::default());
        let value = data.value.as_ref().map_or(0, Vec::len);
        let places = value + 64 + 8 + 48 * data.nodes.len();
        let at = place.index(places);
        let flip = |byte: &mut u8| *byte ^= 1 << bit;
        let node = at.checked_sub(value + 72).map(|at| (at / 48, at % 48));
        match (at, node) {
            (at, _) if at < value => flip(&mut data.value.as_mut().unwrap()[at]),
            (at, _) if at < value + 64 => flip(&mut data.signature.as_mut().unwrap()[at - value]),
            (at, None) => data.index ^= 1 << (8 * (at - value - 64) as u32 + bit),
            (_, Some((node, at @ ..32))) => flip(&mut data.nodes[node].hash[at]),
            (_, Some((node, at @ 32..40))) => data.nodes[node].index ^= 1 << (8 * (at - 32) as u32 + bit),
            (_, Some((node, at))) => data.nodes[node].size ^= 1 << (8 * (at - 40) as u32 + bit),
        }
        let mut replica = Replica::new(&KEY.public_key());
        prop_assert!(replica.receive(&data).is_err());
        prop_assert!(replica.tree().nodes().next().is_none());
        prop_assert_eq!(replica.length(), 0);
    }

    /// Whatever comes, before and after good blocks.
    #[test]
    fn nothing_panics(blocks in feed(), hostile in vec(data(), 1..8), told in any::<u64>(), index in any::<u64>()) {
        let mut replica = Replica::new(&KEY.public_key());
        for data in &hostile {
            let _ = replica.receive(data);
        }
        let last = blocks.len() as u64 - 1;
        replica.receive(&reply(&blocks, last + 1, last, 0, &mut RemoteTree::default())).unwrap();
        for data in &hostile {
            let _ = replica.receive(data);
        }
        prop_assert!(!replica.equivocation());
        let mut remote = RemoteTree::default();
        let _ = places(replica.tree(), index, told, true, &mut remote);
        let _ = places(replica.tree(), last, told, false, &mut remote);
        let _ = digest(replica.tree(), told, index);
        prop_assert!(remote.nodes().count() <= 4 * blocks.len());
    }

    /// Two histories that meet in a node: the second is refused, and the writer is found out.
    #[test]
    fn a_second_history_is_found(blocks in feed(), at in any::<prop::sample::Index>(), asked in any::<prop::sample::Index>()) {
        let length = blocks.len() as u64;
        let mut other = blocks.clone();
        other[at.index(blocks.len())].push(0);
        let mut replica = Replica::new(&KEY.public_key());
        for index in 0..length {
            replica.receive(&reply(&blocks, length, index, 0, &mut RemoteTree::default())).unwrap();
        }
        let held = replica.tree().clone();
        let fork = reply(&other, length, asked.index(blocks.len()) as u64, 0, &mut RemoteTree::default());
        prop_assert!(replica.receive(&fork).is_err());
        prop_assert!(replica.equivocation());
        prop_assert_eq!(replica.tree(), &held);
    }

    #[test]
    fn numbering_is_a_tree(depth in 0..52_u32, offset in any::<u64>()) {
        let offset = offset >> (12 + depth);
        let node = flat::node(depth, offset);
        prop_assert_eq!((flat::depth(node), flat::offset(node)), (depth, offset));
        let (left, right) = flat::children(flat::parent(node)).unwrap();
        prop_assert!(node == left && flat::sibling(node) == right || node == right && flat::sibling(node) == left);
        prop_assert_eq!(flat::parent(flat::sibling(node)), flat::parent(node));
        prop_assert!(flat::left_span(node) <= node && node <= flat::right_span(node));
    }

    #[test]
    fn roots_cover_a_length(length in 0..=flat::MAX_LENGTH) {
        let mut covered = 0;
        for root in flat::full_roots(length) {
            prop_assert_eq!(flat::left_span(root), 2 * covered);
            covered = flat::right_span(root) / 2 + 1;
        }
        prop_assert_eq!(covered, length);
    }

    #[test]
    fn many_hashes_are_as_one_by_one(blocks in vec(vec(any::<u8>(), 0..300), 0..50)) {
        let slices: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
        let leaves = hash::leaves(&slices);
        prop_assert_eq!(&leaves, &blocks.iter().map(|block| hash::leaf(block)).collect::<Vec<_>>());
    }
}
