//! As much of the wire format of Protobuf as a drawing needs: fields by number, of bytes that stay where they are.

/// The most bytes of a varint.
const MAX_VARINT: usize = 10;

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 2.
    Bytes(&'a [u8]),
    /// Wire types 1 and 5, which nothing here uses.
    Fixed,
}

/// A message of which all fields can be told apart.
#[derive(Clone, Debug)]
pub(super) struct Message<'a> {
    fields: Vec<(u64, Content<'a>)>,
}

impl<'a> Message<'a> {
    /// Reads the fields of a message; those inside of groups are left out.  None if the bytes are no fields.
    pub(super) fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let mut fields = Vec::new();
        let mut groups = 0_usize;
        while !bytes.is_empty() {
            let key = varint(&mut bytes)?;
            let content = match key & 7 {
                0 => Content::Varint(varint(&mut bytes)?),
                1 => take(&mut bytes, 8).map(|_| Content::Fixed)?,
                2 => {
                    let length = usize::try_from(varint(&mut bytes)?).ok()?;
                    Content::Bytes(take(&mut bytes, length)?)
                }
                3 => {
                    groups += 1;
                    continue;
                }
                4 => {
                    groups = groups.checked_sub(1)?;
                    continue;
                }
                5 => take(&mut bytes, 4).map(|_| Content::Fixed)?,
                _ => return None,
            };
            if groups == 0 {
                fields.push((key >> 3, content));
            }
        }
        (groups == 0).then_some(Self { fields })
    }

    /// Bytes or text; of several the last one.
    pub(super) fn bytes(&self, number: u64) -> Option<&'a [u8]> {
        self.all(number).last()
    }

    /// All values of a repeated field.
    pub(super) fn all(&self, number: u64) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(found, _)| *found == number).filter_map(|(_, content)| match content
        {
            Content::Bytes(bytes) => Some(*bytes),
            Content::Varint(_) | Content::Fixed => None,
        })
    }

    /// A message inside, if it can be read.
    pub(super) fn message(&self, number: u64) -> Option<Self> {
        Self::read(self.bytes(number)?)
    }

    /// An integer of any size and sign; 0 if it is absent.
    pub(super) fn integer(&self, number: u64) -> i64 {
        let found = self.fields.iter().rev().find_map(|(found, content)| match content {
            Content::Varint(value) if *found == number => Some(*value),
            _ => None,
        });
        found.unwrap_or_default().cast_signed()
    }

    /// The bytes of a key or id, which stand in a message of their own.
    pub(super) fn key(&self, number: u64) -> Option<&'a [u8]> {
        self.message(number)?.bytes(1)
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let length = bytes.iter().take(MAX_VARINT).position(|byte| *byte < 0x80)? + 1;
    let digits = take(bytes, length)?;
    let digit = |value: u64, byte: &u8| value << 7 | u64::from(byte & 0x7f);
    Some(digits.iter().rev().fold(0, digit))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_told_apart() {
        // 1: 300, 2: "ab", a group 3 with a 1 in it, 4: four bytes, 5: {1: "k"}, 2 again.
        let bytes = b"\x08\xac\x02\x12\x02ab\x1b\x08\x01\x1c\x25\0\0\0\0\x2a\x03\x0a\x01k\x12\x01c";
        let message = Message::read(bytes).unwrap();
        assert_eq!((message.integer(1), message.integer(4)), (300, 0));
        assert_eq!(message.bytes(2), Some(&b"c"[..]));
        assert_eq!(message.all(2).collect::<Vec<_>>(), [&b"ab"[..], b"c"]);
        assert_eq!(message.key(5), Some(&b"k"[..]));
        assert_eq!(message.message(2).map(|inner| inner.fields.len()), None);
    }

    #[test]
    fn what_is_cut_short_is_no_message() {
        for bytes in [&b"\x08"[..], b"\x08\x80", b"\x12\x02a", b"\x1b", b"\x1c", b"\x07", &[0x80; 12]] {
            assert!(Message::read(bytes).is_none(), "{bytes:?}");
        }
        let huge = b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert!(Message::read(huge).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(message) = Message::read(&bytes) {
                prop_assert!(message.fields.len() <= bytes.len() / 2);
            }
        }
    }
}
