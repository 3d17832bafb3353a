//! Puts the implementation @NAME@ to the test: one function for each operation of dxspec.

mod dxspec_testee;

use dxspec_testee::{Answer, Json, Testee};

fn main() {
    let mut testee = Testee::<()>::new("@NAME@", "0.1.0", &["suite.p256"], &[]);
    testee.op("halo.key.space_id", space_id);

    // Here goes the next operation.  One that also refuses, for example, is halo.key.space_id.parse, with `Refusal`:
    //
    //     testee.op("halo.key.space_id.parse", |given| {
    //         let hash = my_implementation::parse_space_id(given.text("space_id")?)
    //             .map_err(|error| Refusal::reject("canon.form", error))?;
    //         Ok(Json::object([("hash", hex(&hash).into())]))
    //     });

    testee.serve();
}

/// HALO-KEY-017.  Written out here so that something works from the start; call your implementation instead.
fn space_id(given: &Json) -> Answer {
    let key = bytes(given.text("key")?)?;
    let hash = sha256(&key);
    Ok(Json::object([("space_id", format!("B{}", base32(&hash[..20])).into())]))
}

/// The bytes of hex; anything else in the input of an operation is an accident, and so a `bug`.
fn bytes(hex: &str) -> Result<Vec<u8>, String> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).map_err(|error| error.to_string()));
    pairs.map(|pair| u8::from_str_radix(pair?, 16).map_err(|error| error.to_string())).collect()
}

/// Upper-case base32 of RFC 4648, for a multiple of five bytes.
fn base32(bytes: &[u8]) -> String {
    let digit = |value: u64| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(value & 31) as usize]);
    let group = |five: &[u8]| five.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
    bytes.chunks(5).flat_map(|five| (0..8).rev().map(move |at| digit(group(five) >> (5 * at)))).collect()
}

/// SHA-256, as the standard library has none; take the one that your implementation uses.
fn sha256(message: &[u8]) -> [u8; 32] {
    let primes: Vec<u64> = (2..312).filter(|n| (2..*n).all(|divisor| n % divisor != 0)).collect();
    // The first 32 bits behind the point of the root of a prime: of the square root here, of the cube root below.
    let root = |prime: u64, power: u32| {
        let (mut low, mut high) = (0u128, 1 << 40);
        while low + 1 < high {
            let middle = (low + high) / 2;
            let (value, whole) = (middle.pow(power), u128::from(prime) << (32 * power));
            if value <= whole { low = middle } else { high = middle }
        }
        low as u32
    };
    let mut state: Vec<u32> = primes[..8].iter().map(|prime| root(*prime, 2)).collect();
    let constants: Vec<u32> = primes.iter().map(|prime| root(*prime, 3)).collect();
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((message.len() + 9).div_ceil(64) * 64 - 8, 0);
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let mut words: Vec<u32> =
            block.chunks(4).map(|word| word.iter().fold(0, |all, byte| all << 8 | u32::from(*byte))).collect();
        for at in 16..64 {
            let (a, b) = (words[at - 15], words[at - 2]);
            let first = a.rotate_right(7) ^ a.rotate_right(18) ^ a >> 3;
            let second = b.rotate_right(17) ^ b.rotate_right(19) ^ b >> 10;
            words.push(words[at - 16].wrapping_add(first).wrapping_add(words[at - 7]).wrapping_add(second));
        }
        let mut s = state.clone();
        for (word, constant) in words.iter().zip(&constants) {
            let sum = s[4].rotate_right(6) ^ s[4].rotate_right(11) ^ s[4].rotate_right(25);
            let choice = s[4] & s[5] ^ !s[4] & s[6];
            let first = [sum, choice, *word, *constant].iter().fold(s[7], |all, part| all.wrapping_add(*part));
            let sum = s[0].rotate_right(2) ^ s[0].rotate_right(13) ^ s[0].rotate_right(22);
            let majority = s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2];
            s.rotate_right(1);
            s[4] = s[4].wrapping_add(first);
            s[0] = first.wrapping_add(sum).wrapping_add(majority);
        }
        state.iter_mut().zip(s).for_each(|(word, more)| *word = word.wrapping_add(more));
    }
    let mut hash = [0; 32];
    hash.chunks_mut(4).zip(state).for_each(|(four, word)| four.copy_from_slice(&word.to_be_bytes()));
    hash
}
