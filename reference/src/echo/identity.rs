//! The names of a feed on the wire and in storage.

use blake2b_simd::Params;
use sha2::{Digest as _, Sha256};

use super::hash::{Hash, bytes_of};
use crate::keys;

/// What is hashed for a discovery key.
const HYPERCORE: &[u8] = b"hypercore";

/// The key by which the feed layer knows a feed: SHA-256 of the lower-case hex text of its public key
/// (ECHO-FEED-002).
pub fn hypercore_key(public_key: &[u8]) -> Hash {
    let text = keys::to_hex(public_key);
    alter!(ECHO_FEED_002, Sha256::digest(text.as_bytes()),
        "the hypercore key is the hash of the key's bytes" => Sha256::digest(public_key),
        "the hypercore key is the hash of upper-case hex" => Sha256::digest(text.to_uppercase()),
        "the hypercore key leaves out the first byte of the public key" =>
            Sha256::digest(text.get(2..).unwrap_or_default()))
    .into()
}

/// The key by which peers find a feed without giving away its hypercore key (ECHO-FEED-003).
pub fn discovery_key(hypercore_key: &Hash) -> Hash {
    let keyed = |key: &[u8], message: &[u8]| bytes_of(&Params::new().hash_length(32).key(key).hash(message));
    alter!(ECHO_FEED_003, keyed(hypercore_key, HYPERCORE),
        "the discovery key is hashed without a key" => keyed(&[], HYPERCORE),
        "key and message of the discovery key are swapped" => keyed(HYPERCORE, hypercore_key),
        "the discovery key is the hypercore key" => *hypercore_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_of_the_deployed_implementation() {
        let key = concat!(
            "040e5753dc14b9c9147125426411417ac3fcdae3c17a8e76be9b641f0991df1f3a",
            "227e79f541eb1dfaadee2d5150f754a796925e2820bb0f32cbcc3dae81a7a446"
        );
        let key = hypercore_key(&hex::decode(key).unwrap());
        assert_eq!(hex::encode(key), "b6f031bf377ce9c8966b4e5e30ac665a25831783f31447838cc458acc1c10046");
        let discovery = "45289bb474c35150f747ce6bb5598ad7b745aea7a0d1929150e914e7b02d10fd";
        assert_eq!(hex::encode(discovery_key(&key)), discovery);
    }
}
