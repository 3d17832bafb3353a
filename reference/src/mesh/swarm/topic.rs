//! The topic of a space: what its peers are found by.

use sha2::{Digest as _, Sha256};

/// The topic of a space (MESH-SWARM-001): 32 bytes from the key of the space, 65 bytes.  It tells whoever does not
/// have the key nothing of it.
pub fn topic(space_key: &[u8]) -> [u8; 32] {
    let digest: [u8; 32] = Sha256::digest(space_key).into();
    let key = digest.get(1..).unwrap_or_default();
    let key = alter!(MESH_SWARM_001, key,
        "the whole digest is the key" => &digest,
        "the last byte of the digest is left out" => digest.get(..31).unwrap_or_default());
    let message = alter!(MESH_SWARM_001, b"hypercore".as_slice(), "the message is empty" => b"");
    let hash = blake2b_simd::Params::new().hash_length(32).key(key).hash(message);
    let mut topic = [0; 32];
    topic.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    topic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_topic() {
        let key = [&[4][..], &[0x11; 32], &[0x22; 32]].concat();
        assert_eq!(
            hex::encode(topic(&key)),
            "626b484f1ecf46eb3971ee1c1b89a6c1e102c69342b7f05b7eafed58d09fe7d2"
        );
    }
}
