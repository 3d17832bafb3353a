//! What plausible mistakes in a swarm need.

/// A key as bytes with a sign.
pub(super) fn signed(key: &[u8]) -> Vec<i8> {
    key.iter().map(|byte| byte.cast_signed()).collect()
}
