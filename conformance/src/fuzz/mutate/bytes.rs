//! Changes of bytes that mean nothing to us.

use crate::fuzz::chance::Chance;

/// Bytes at which something often begins or ends.
const EDGES: [u8; 10] = [0x00, 0x01, 0x02, 0x03, 0x04, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

/// Changes bytes once, perhaps with a part of others.
pub(super) fn change(bytes: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    let range = chance.range(bytes.len());
    let found = bytes.get(range.clone()).unwrap_or_default().to_vec();
    match chance.below(10) {
        0 | 1 => {
            if let Some(byte) = bytes.get_mut(range.start) {
                *byte ^= 1 << chance.below(8);
            }
        }
        2 => {
            let edge = chance.pick(&EDGES).copied().unwrap_or_default();
            if let Some(byte) = bytes.get_mut(range.start) {
                *byte = edge;
            }
        }
        3 => drop(bytes.drain(range)),
        4 => drop(bytes.splice(range.end..range.end, found)),
        5 => bytes.truncate(range.start),
        6 => {
            let length = chance.below(9) + 1;
            let new = chance.bytes(length);
            drop(bytes.splice(range.start..range.start, new));
        }
        7 => {
            let given = chance.range(other.len());
            drop(bytes.splice(range, other.get(given).unwrap_or_default().iter().copied()));
        }
        8 => {
            if let Some(byte) = bytes.get_mut(range.start) {
                *byte = if chance.once_in(2) { byte.wrapping_add(1) } else { byte.wrapping_sub(1) };
            }
        }
        _ => {
            let edge = chance.pick(&EDGES).copied().unwrap_or_default();
            if let Some(part) = bytes.get_mut(range) {
                part.fill(edge);
            }
        }
    }
}
