//! What feeds cost beside their hashes and signatures: each bench runs next to the bare hash or signature over the same
//! bytes, so that the ratio can be read off one run.
#![forbid(unsafe_code)]
// A bench that cannot be set up is to stop.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use blake2b_simd::Params;
use blake2b_simd::many::{HashManyJob, hash_many};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use dxos_reference::echo::{Data, Node, Reader, RemoteTree, Replica, Tree, hash, prove, verify};
use dxos_reference::keys::{self, SigningKey, Suite};

fn main() {
    divan::main();
}

/// Blocks of one batch.
const BLOCKS: usize = 64;

/// Bytes of a block: a small message, and a large one.
const SIZES: [usize; 3] = [100, 1_000, 64_000];

fn blocks(size: usize) -> Vec<Vec<u8>> {
    (0..BLOCKS).map(|index| vec![u8::try_from(index).unwrap(); size]).collect()
}

fn key() -> SigningKey {
    SigningKey::new(Suite::P256, &[7; 32]).unwrap()
}

#[divan::bench(args = SIZES)]
fn leaves_one_by_one(bencher: Bencher<'_, '_>, size: usize) {
    let blocks = blocks(size);
    bencher
        .counter(BytesCount::new(size * BLOCKS))
        .bench(|| blocks.iter().map(|block| hash::leaf(block)).collect::<Vec<_>>());
}

#[divan::bench(args = SIZES)]
fn leaves(bencher: Bencher<'_, '_>, size: usize) {
    let blocks = blocks(size);
    let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    bencher.counter(BytesCount::new(size * BLOCKS)).bench(|| hash::leaves(&blocks));
}

#[divan::bench(args = SIZES)]
fn leaves_bare_many(bencher: Bencher<'_, '_>, size: usize) {
    let inputs = blocks(size + 9);
    let params = Params::new().hash_length(32).clone();
    bencher.counter(BytesCount::new(size * BLOCKS)).bench(|| {
        let mut jobs: Vec<HashManyJob<'_>> =
            inputs.iter().map(|input| HashManyJob::new(&params, input)).collect();
        hash_many(&mut jobs);
        jobs.iter().map(HashManyJob::to_hash).collect::<Vec<_>>()
    });
}

fn level() -> Vec<Node> {
    let node = |index: usize| {
        let index = 2 * index as u64;
        Node { index, hash: hash::leaf(&index.to_be_bytes()), size: 8 }
    };
    (0..2 * BLOCKS).map(node).collect()
}

#[divan::bench]
fn parents_one_by_one(bencher: Bencher<'_, '_>) {
    let level = level();
    bencher.counter(ItemsCount::new(BLOCKS)).bench(|| {
        level.chunks(2).map(|pair| hash::parent(pair[0].index + 1, &pair[0], &pair[1])).collect::<Vec<_>>()
    });
}

#[divan::bench]
fn parents(bencher: Bencher<'_, '_>) {
    let level = level();
    bencher.counter(ItemsCount::new(BLOCKS)).bench(|| hash::parents(&level));
}

#[divan::bench]
fn parents_bare_many(bencher: Bencher<'_, '_>) {
    let inputs = blocks(73);
    let params = Params::new().hash_length(32).clone();
    bencher.counter(ItemsCount::new(BLOCKS)).bench(|| {
        let mut jobs: Vec<HashManyJob<'_>> =
            inputs.iter().map(|input| HashManyJob::new(&params, input)).collect();
        hash_many(&mut jobs);
        jobs.iter().map(HashManyJob::to_hash).collect::<Vec<_>>()
    });
}

/// A feed of 1024 blocks of 1000 bytes with its signature.
struct Feed {
    key: SigningKey,
    blocks: Vec<Vec<u8>>,
    tree: Tree,
    signature: Vec<u8>,
}

const LENGTH: u64 = 1024;

fn feed() -> Feed {
    let key = key();
    let blocks: Vec<Vec<u8>> = (0..LENGTH).map(|index| index.to_be_bytes().repeat(125)).collect();
    let tree = Tree::over(&blocks);
    let signature = key.sign(&tree.signable(LENGTH).unwrap()).to_vec();
    Feed { key, blocks, tree, signature }
}

impl Feed {
    fn data(&self, index: u64) -> Data {
        let proof = prove(&self.tree, index, 0, false, &mut RemoteTree::default()).unwrap();
        let value = Some(self.blocks[usize::try_from(index).unwrap()].clone());
        Data { index, value, nodes: proof.nodes, signature: Some(self.signature.clone()) }
    }
}

#[divan::bench]
fn first_block_with_its_signature(bencher: Bencher<'_, '_>) {
    let feed = feed();
    let (public_key, data) = (feed.key.public_key(), feed.data(500));
    let tree = Tree::default();
    bencher.bench(|| verify(&Reader { public_key: &public_key, tree: &tree, length: 0 }, &data).unwrap());
}

#[divan::bench]
fn first_block_bare_signature(bencher: Bencher<'_, '_>) {
    let feed = feed();
    let (public_key, message) = (feed.key.public_key(), feed.tree.signable(LENGTH).unwrap());
    bencher.bench(|| keys::verify(&public_key, &message, &feed.signature).unwrap());
}

#[divan::bench]
fn later_block_under_a_verified_head(bencher: Bencher<'_, '_>) {
    let feed = feed();
    let public_key = feed.key.public_key();
    let mut replica = Replica::new(&public_key);
    replica.receive(&feed.data(0)).unwrap();
    let data = feed.data(500);
    bencher.counter(BytesCount::new(1000_usize)).bench(|| {
        verify(&Reader { public_key: &public_key, tree: replica.tree(), length: LENGTH }, &data).unwrap()
    });
}

#[divan::bench]
fn later_block_bare_hash(bencher: Bencher<'_, '_>) {
    let feed = feed();
    bencher.counter(BytesCount::new(1000_usize)).bench(|| hash::leaf(&feed.blocks[500]));
}

#[divan::bench]
fn whole_feed_of_1_mb(bencher: Bencher<'_, '_>) {
    let feed = feed();
    let public_key = feed.key.public_key();
    bencher.counter(BytesCount::new(1000 * LENGTH)).bench(|| {
        let message = Tree::over(&feed.blocks).signable(LENGTH).unwrap();
        keys::verify(&public_key, &message, &feed.signature).unwrap();
    });
}
