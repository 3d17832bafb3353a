//! What appending, opening and keeping a feed costs, with the bare signature beside it.

#![allow(clippy::unwrap_used)] // A bench may panic.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;
use dxos_reference::echo::Feed;
use dxos_reference::echo::feed::Mode;
use dxos_reference::echo::storage::{Files, Memory};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

/// Bytes of a block.
const BLOCK: usize = 1024;
/// Blocks of the feed that is opened.
const LENGTH: usize = 100_000;

fn main() {
    let (_, feed) = written(LENGTH);
    let (pages, bytes) = feed.bits().memory();
    println!("{LENGTH} blocks: {pages} pages of bits, {bytes} bytes in memory");
    divan::main();
}

/// Signs with a random nonce, as a writer does.
struct Signer {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Self { key, random }
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(&self.random, message).unwrap().as_ref().try_into().unwrap()
    }

    fn feed(&self) -> Feed<Memory> {
        Feed::open(Files::default(), self.key.public_key().as_ref(), Mode::Writable).unwrap()
    }
}

/// A feed of empty blocks, appended at once.
fn written(length: usize) -> (Signer, Feed<Memory>) {
    let signer = Signer::new();
    let mut feed = signer.feed();
    feed.append(&vec![&b""[..]; length], |message| signer.sign(message)).unwrap();
    (signer, feed)
}

#[divan::bench]
fn sign_alone(bencher: Bencher) {
    let signer = Signer::new();
    bencher.counter(ItemsCount::new(1_u32)).bench(|| signer.sign(black_box(&[7; 40])));
}

#[divan::bench(args = [1, 100])]
fn append(bencher: Bencher, batch: usize) {
    let signer = Signer::new();
    let block = vec![7; BLOCK];
    let blocks = vec![block.as_slice(); batch];
    let mut feed = signer.feed();
    bencher.counter(ItemsCount::new(batch)).bench_local(|| {
        // Memory that grows for ever is measured by nobody.
        if feed.length() >= LENGTH as u64 {
            feed = signer.feed();
        }
        feed.append(black_box(&blocks), |message| signer.sign(message)).unwrap()
    });
}

#[divan::bench]
fn open(bencher: Bencher) {
    let (signer, feed) = written(LENGTH);
    let files = feed.into_files();
    bencher.with_inputs(|| files.clone()).bench_values(|files| {
        Feed::open(files, signer.key.public_key().as_ref(), Mode::Writable).unwrap().length()
    });
}

#[divan::bench]
fn open_without_bitfield(bencher: Bencher) {
    let (signer, feed) = written(LENGTH);
    let files = Files { bitfield: Memory::default(), ..feed.into_files() };
    bencher.with_inputs(|| files.clone()).bench_values(|files| {
        Feed::open(files, signer.key.public_key().as_ref(), Mode::Writable).unwrap().length()
    });
}

#[divan::bench]
fn get(bencher: Bencher) {
    let signer = Signer::new();
    let mut feed = signer.feed();
    let block = vec![7; BLOCK];
    for _ in 0..10 {
        feed.append(&vec![block.as_slice(); 1000], |message| signer.sign(message)).unwrap();
    }
    let mut index = 0;
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        index = (index + 7919) % 10_000;
        feed.get(black_box(index)).unwrap()
    });
}
