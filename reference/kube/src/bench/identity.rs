//! Keys and topics that no other run has, and choices that need not be unforeseeable.

use anyhow::{Result, anyhow};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The key of a peer, of the length of a P-256 point.
pub(super) type Key = [u8; 65];
/// The topic of a swarm.
pub(super) type Topic = [u8; 32];

pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| anyhow!("the system gives no random bytes"))?;
    Ok(bytes)
}

/// A fresh key.
pub(super) fn key() -> Result<Key> {
    let mut key: Key = random()?;
    key[0] = 4;
    Ok(key)
}

/// Choices, fast and of no secret (xorshift64*).
#[derive(Clone, Debug)]
pub(super) struct Choices(u64);

impl Choices {
    pub(super) fn new() -> Result<Self> {
        Ok(Self(u64::from_le_bytes(random()?) | 1))
    }

    /// A number below `bound`, 0 if that is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32).checked_rem(bound).unwrap_or_default()
    }

    /// An index below `length`.
    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }
}
