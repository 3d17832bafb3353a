//! Base 62: bytes as one number, big-endian, and a `0` for each zero byte at the beginning (HALO-INV-001).

/// The digits by value.
const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Writes bytes.  The time grows with the square of their number: the caller bounds it.
pub(super) fn encode(bytes: &[u8]) -> String {
    let digits = alter!(HALO_INV_001, DIGITS,
        "the digits after 9 are the upper-case letters" =>
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    // Base 62, the least significant digit first.
    let mut number: Vec<u8> = Vec::with_capacity(bytes.len() * 7 / 5 + 1);
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut number {
            carry += u32::from(*digit) << 8;
            *digit = low(carry % 62);
            carry /= 62;
        }
        while carry > 0 {
            number.push(low(carry % 62));
            carry /= 62;
        }
    }
    let digit = |value: u8| char::from(digits.get(usize::from(value)).copied().unwrap_or(b'0'));
    std::iter::repeat_n('0', zeros).chain(number.into_iter().rev().map(digit)).collect()
}

/// Reads digits; `None` where a character is not one.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let zeros = text.bytes().take_while(|character| *character == b'0').count();
    // Base 256, the least significant byte first.
    let mut number: Vec<u8> = Vec::with_capacity(text.len());
    for character in text.bytes() {
        let mut carry = value(character)?;
        for byte in &mut number {
            carry += u32::from(*byte) * 62;
            *byte = low(carry & 0xff);
            carry >>= 8;
        }
        while carry > 0 {
            number.push(low(carry & 0xff));
            carry >>= 8;
        }
    }
    let zeros = alter!(HALO_INV_001, zeros, "zeros at the beginning are lost" => 0);
    Some(std::iter::repeat_n(0, zeros).chain(number.into_iter().rev()).collect())
}

fn value(character: u8) -> Option<u32> {
    match character {
        b'0'..=b'9' => Some(u32::from(character - b'0')),
        b'a'..=b'z' => Some(u32::from(character - b'a') + 10),
        b'A'..=b'Z' => Some(u32::from(character - b'A') + 36),
        _ => None,
    }
}

/// A digit of either base is below 256.
fn low(value: u32) -> u8 {
    u8::try_from(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_code() {
        let bytes = [0x0a, 1, 0x61, 0x10, 0, 0x18, 0, 0x20, 0, 0x2a, 3, 0x0a, 1, 1, 0x30, 0];
        assert_eq!(encode(&bytes), "iSyjOSFr0Q5IZVS2axEcw");
        assert_eq!(decode("iSyjOSFr0Q5IZVS2axEcw"), Some(bytes.to_vec()));
    }

    #[test]
    fn zeros_at_the_beginning_are_kept() {
        for bytes in [&[][..], &[0], &[0, 0, 1], &[255; 40]] {
            assert_eq!(decode(&encode(bytes)).as_deref(), Some(bytes));
        }
        assert_eq!(encode(&[0, 0, 61]), "00Z");
        assert_eq!(decode("a-b"), None);
        assert_eq!(decode("ä"), None);
    }
}
