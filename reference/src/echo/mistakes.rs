//! What plausible mistakes with feeds need.

/// A head and what follows, with its size turned around.
pub(super) fn little_endian<const N: usize>(mut input: [u8; N]) -> [u8; N] {
    if let Some(size) = input.get_mut(1..9) {
        size.reverse();
    }
    input
}

/// Another type byte.
pub(super) fn of_type<const N: usize>(kind: u8, mut input: [u8; N]) -> [u8; N] {
    if let Some(first) = input.first_mut() {
        *first = kind;
    }
    input
}

/// The type byte and the hashes alone.
pub(super) fn without_size(input: &[u8; 73]) -> Vec<u8> {
    input.iter().take(1).chain(input.iter().skip(9)).copied().collect()
}

/// Turns around what begins at a place.
pub(super) fn reversed(indices: &mut [u64], start: usize) {
    if let Some(nodes) = indices.get_mut(start..) {
        nodes.reverse();
    }
}

/// Whether s of a P-256 signature is below 2^255, as all of the lower half are.
pub(super) fn is_low(signature: &[u8]) -> bool {
    signature.get(32).is_some_and(|first| *first < 0x80)
}
