//! Run-length encoding of the bits of a Have.
//!
//! A sequence of records, each of which begins with a varint h:
//!
//! | h | means |
//! |---|---|
//! | even | h / 2 bytes follow as they are |
//! | 1 modulo 4 | h / 4 bytes 00 |
//! | 3 modulo 4 | h / 4 bytes ff |

use super::field::number;
use super::frame::varint;
use crate::Reject;

/// Most bytes that a bitfield decodes to: the bits of 8 Mi blocks; ECHO-WIRE-024.
pub const MAX_BITFIELD: u64 = 1 << 20;

/// The bytes of a bitfield.
///
/// # Errors
/// `decode.varint`, `decode.length`; `resource.size` before memory is taken.
pub fn decode(encoded: &[u8]) -> Result<Vec<u8>, Reject> {
    let mut size = 0u64;
    records(encoded, |record| {
        size = size.saturating_add(record.size());
        require!(ECHO_WIRE_024, size <= MAX_BITFIELD, ResourceSize, "a bitfield decodes to more than 1 MiB")
    })?;
    let mut bits = Vec::with_capacity(usize::try_from(size.min(MAX_BITFIELD)).unwrap_or_default());
    records(encoded, |record| {
        match record {
            Record::Literal(bytes) => bits.extend_from_slice(bytes),
            Record::Run(byte, length) => {
                let length =
                    alter!(ECHO_WIRE_021, length, "a run is taken to be twice as long" => length * 2);
                let end = (bits.len() as u64).saturating_add(length).min(MAX_BITFIELD);
                bits.resize(usize::try_from(end).unwrap_or_default(), byte);
            }
        }
        Ok(())
    })?;
    Ok(bits)
}

#[derive(Clone, Copy)]
enum Record<'a> {
    Literal(&'a [u8]),
    Run(u8, u64),
}

impl Record<'_> {
    const fn size(&self) -> u64 {
        match self {
            Self::Literal(bytes) => bytes.len() as u64,
            Self::Run(_, length) => *length,
        }
    }
}

fn records<'a>(
    mut rest: &'a [u8],
    mut each: impl FnMut(Record<'a>) -> Result<(), Reject>,
) -> Result<(), Reject> {
    while !rest.is_empty() {
        let (head, behind, ended) = number(rest);
        require!(
            ECHO_WIRE_023,
            ended,
            DecodeVarint,
            "a varint of a bitfield is cut short or longer than ten bytes"
        )?;
        rest = behind;
        let record = if head & 1 == 1 {
            let ones =
                alter!(ECHO_WIRE_021, head & 2 != 0, "runs of ones and zeros are confused" => head & 2 == 0);
            Record::Run(if ones { 0xff } else { 0 }, head >> 2)
        } else {
            let length = head >> 1;
            let left = rest.len() as u64;
            require!(ECHO_WIRE_022, length <= left, DecodeLength, "a bitfield ends inside a literal")?;
            let (bytes, behind) = rest.split_at(length.min(left) as usize);
            rest = behind;
            Record::Literal(bytes)
        };
        each(record)?;
    }
    Ok(())
}

/// Encodes bits, without the zero bytes at their end: at most six bytes more than they have (ECHO-WIRE-025).
/// A run is written only where that is shorter (ECHO-WIRE-026).
pub fn encode(bits: &[u8]) -> Vec<u8> {
    alter!(ECHO_WIRE_025, (), "bits are sent as they are" => return bits.to_vec());
    let end = bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let bits = bits.get(..end).unwrap_or_default();
    let mut encoder = Encoder { bits, done: 0, to: Vec::new() };
    let mut run = (0u8, 0usize);
    for (at, &byte) in bits.iter().enumerate() {
        if byte == run.0 {
            run.1 += 1;
            continue;
        }
        encoder.run(at, run);
        run = if matches!(byte, 0 | 0xff) { (byte, 1) } else { (run.0, 0) };
    }
    encoder.run(end, run);
    encoder.literal(end);
    encoder.to
}

struct Encoder<'a> {
    bits: &'a [u8],
    done: usize,
    to: Vec<u8>,
}

impl Encoder<'_> {
    /// Writes the run of `length` bytes that ends at `end`, and what is before it, if that is shorter.
    fn run(&mut self, end: usize, (byte, length): (u8, usize)) {
        if length == 0 {
            return;
        }
        let size = |number: usize| 1 + (usize::BITS - 1).saturating_sub(number.leading_zeros()) as usize / 7;
        let before = end - length - self.done;
        let head = length * 4 + if byte == 0 { 1 } else { 3 };
        let head = alter!(ECHO_WIRE_025, head, "the length of a run is off by a factor of two" => length * 2 + if byte == 0 { 1 } else { 3 });
        let cost = if before == 0 { 0 } else { size(before * 2) + before } + size(head);
        let literal = size((end - self.done) * 2) + end - self.done;
        let shorter = alter!(ECHO_WIRE_026, cost < literal, "a run is always written" => true);
        if shorter {
            self.literal(end - length);
            varint(&mut self.to, head as u64);
            self.done = end;
        }
    }

    fn literal(&mut self, end: usize) {
        if let Some(bytes) = self.bits.get(self.done..end).filter(|bytes| !bytes.is_empty()) {
            varint(&mut self.to, bytes.len() as u64 * 2);
            self.to.extend_from_slice(bytes);
            self.done = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;

    #[test]
    fn known_pairs() {
        let run = |text: &str, times: usize| text.repeat(times);
        let pairs = [
            ("e0".to_owned(), "02e0"),
            ("ff".to_owned(), "07"),
            ("ffff".to_owned(), "0b"),
            ("fffffff0".to_owned(), "0f02f0"),
            ("00000080".to_owned(), "0d0280"),
            (run("00", 1024), ""),
            (run("ff", 128) + "80", "83040280"),
            ("e0".to_owned() + &run("00", 8) + "01", "02e0210201"),
            (run("ff", 1000), "a31f"),
        ];
        for (bits, encoded) in pairs {
            let bits = hex::decode(bits).unwrap();
            assert_eq!(hex::encode(encode(&bits)), encoded);
            let mut decoded = decode(&hex::decode(encoded).unwrap()).unwrap();
            decoded.resize(bits.len(), 0);
            assert_eq!(decoded, bits);
        }
    }

    #[test]
    fn a_bitfield_of_bounded_size() {
        let run = |bytes: u64| {
            let mut encoded = Vec::new();
            varint(&mut encoded, bytes * 4 + 3);
            encoded
        };
        assert_eq!(decode(&run(MAX_BITFIELD)).unwrap().len() as u64, MAX_BITFIELD);
        let class = |encoded: &[u8]| decode(encoded).map_err(|reject| reject.class);
        assert_eq!(class(&run(MAX_BITFIELD + 1)), Err(Class::ResourceSize));
        assert_eq!(class(&[0xff; 9]), Err(Class::DecodeVarint));
        assert_eq!(class(&[4, 1]), Err(Class::DecodeLength));
    }
}
