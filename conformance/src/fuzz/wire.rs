//! The wire format of Protobuf without any schema: any bytes are read, and written again as they were.
//!
//! What holds other fields is guessed: bytes that read as fields to their end.  A wrong guess does no harm, as
//! nothing is lost by it.

/// How deep fields are looked for inside of fields; what is deeper stays bytes.
const MAX_DEPTH: usize = 64;

/// The most bytes of a varint.
const MAX_VARINT: usize = 10;

/// A number as it stands on the wire, which need not be its shortest form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Varint(Vec<u8>);

impl Varint {
    /// The shortest form.
    pub fn new(value: u64) -> Self {
        Self::wide(value, 1)
    }

    /// A form of at least `width` bytes, at most 12: past ten it is no varint any more.
    pub fn wide(mut value: u64, width: usize) -> Self {
        let mut bytes = Vec::new();
        loop {
            let low = (value & 0x7f) as u8;
            value >>= 7;
            if value == 0 && bytes.len() + 1 >= width.min(12) {
                bytes.push(low);
                return Self(bytes);
            }
            bytes.push(low | 0x80);
        }
    }

    /// The number; bits beyond 64 are lost.
    pub fn value(&self) -> u64 {
        let bits = |(index, byte): (usize, &u8)| {
            u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or(0)
        };
        self.0.iter().enumerate().map(bits).fold(0, |all, part| all | part)
    }

    /// Number of bytes.
    pub const fn width(&self) -> usize {
        self.0.len()
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let length = bytes.iter().take(MAX_VARINT).position(|byte| *byte < 0x80)? + 1;
        take(bytes, length).map(|found| Self(found.to_vec()))
    }
}

/// A field: its key and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Number and wire type.
    pub key: Varint,
    /// What follows the key.
    pub content: Content,
}

/// What follows a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Wire type 0.
    Varint(Varint),
    /// Wire types 1 and 5: eight or four bytes.
    Fixed(Vec<u8>),
    /// Wire type 2.
    Delimited(Length, Body),
    /// Wire types 3 and 4, the beginning and the end of a group: nothing follows.
    Mark,
}

/// How a length is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Length {
    /// That of the body, whatever it becomes, in so many bytes or more.
    Fits(usize),
    /// This, whatever the body is.
    Stated(Varint),
}

/// What a delimited field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Bytes.
    Bytes(Vec<u8>),
    /// Fields.
    Message(Message),
}

/// Fields, and what could not be read as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The fields in their order.
    pub fields: Vec<Field>,
    /// The bytes from the first on that begin no field.
    pub rest: Vec<u8>,
}

impl Field {
    /// A delimited field.
    pub fn delimited(number: u32, body: Body) -> Self {
        Self { key: key(number, 2), content: Content::Delimited(Length::Fits(1), body) }
    }

    /// An integer.
    pub fn integer(number: u32, value: u64) -> Self {
        Self { key: key(number, 0), content: Content::Varint(Varint::new(value)) }
    }

    /// The field number, as far as it fits.
    pub fn number(&self) -> u32 {
        u32::try_from(self.key.value() >> 3).unwrap_or(u32::MAX)
    }

    /// The fields in it, if it holds any.
    pub const fn message(&self) -> Option<&Message> {
        match &self.content {
            Content::Delimited(_, Body::Message(message)) => Some(message),
            _ => None,
        }
    }

    /// The fields in it, to be changed.
    pub const fn message_mut(&mut self) -> Option<&mut Message> {
        match &mut self.content {
            Content::Delimited(_, Body::Message(message)) => Some(message),
            _ => None,
        }
    }

    fn read(bytes: &mut &[u8], depth: usize) -> Option<Self> {
        let mut ahead = *bytes;
        let key = Varint::read(&mut ahead)?;
        let content = match key.value() & 7 {
            0 => Content::Varint(Varint::read(&mut ahead)?),
            1 => Content::Fixed(take(&mut ahead, 8)?.to_vec()),
            2 => {
                let length = Varint::read(&mut ahead)?;
                let body = take(&mut ahead, usize::try_from(length.value()).ok()?)?;
                let width = length.width();
                let same = Varint::wide(length.value(), width) == length;
                let written = if same { Length::Fits(width) } else { Length::Stated(length) };
                Content::Delimited(written, Body::guess(body, depth))
            }
            3 | 4 => Content::Mark,
            5 => Content::Fixed(take(&mut ahead, 4)?.to_vec()),
            _ => return None,
        };
        *bytes = ahead;
        Some(Self { key, content })
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(&self.key.0);
        match &self.content {
            Content::Varint(value) => out.extend(&value.0),
            Content::Fixed(bytes) => out.extend(bytes),
            Content::Delimited(length, body) => {
                let body = body.to_bytes();
                match length {
                    Length::Fits(width) => out.extend(Varint::wide(body.len() as u64, *width).0),
                    Length::Stated(length) => out.extend(&length.0),
                }
                out.extend(body);
            }
            Content::Mark => {}
        }
    }
}

impl Body {
    /// Fields, if the bytes read as fields to their end and do not look like text.
    pub fn guess(bytes: &[u8], depth: usize) -> Self {
        let text = bytes.len() > 3 && bytes.iter().all(|byte| (0x20..0x7f).contains(byte));
        if !bytes.is_empty() && !text && depth < MAX_DEPTH {
            let message = Message::read_at(bytes, depth + 1);
            let fields = |field: &Field| field.number() > 0 && field.content != Content::Mark;
            if message.rest.is_empty() && message.fields.iter().all(fields) {
                return Self::Message(message);
            }
        }
        Self::Bytes(bytes.to_vec())
    }

    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Message(message) => message.to_bytes(),
        }
    }
}

impl Message {
    /// Reads any bytes.
    pub fn read(bytes: &[u8]) -> Self {
        Self::read_at(bytes, 0)
    }

    fn read_at(mut bytes: &[u8], depth: usize) -> Self {
        let mut fields = Vec::new();
        while let Some(field) = Field::read(&mut bytes, depth) {
            fields.push(field);
        }
        Self { fields, rest: bytes.to_vec() }
    }

    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.fields.iter().for_each(|field| field.write(&mut out));
        out.extend(&self.rest);
        out
    }

    /// The number of messages in here, this one included.
    pub fn count(&self) -> usize {
        1 + self.fields.iter().filter_map(Field::message).map(Self::count).sum::<usize>()
    }

    /// One of them, counted from 0 as they stand on the wire; the first is this one.
    pub fn nth_mut(&mut self, number: usize) -> Option<&mut Self> {
        let Some(mut left) = number.checked_sub(1) else { return Some(self) };
        for field in &mut self.fields {
            if let Some(message) = field.message_mut() {
                let count = message.count();
                if left < count {
                    return message.nth_mut(left);
                }
                left -= count;
            }
        }
        None
    }

    /// The last field with a number: the one that counts.
    pub fn last_mut(&mut self, number: u32) -> Option<&mut Field> {
        self.fields.iter_mut().rev().find(|field| field.number() == number)
    }
}

/// A key.
pub fn key(number: u32, wire_type: u8) -> Varint {
    Varint::new(u64::from(number) << 3 | u64::from(wire_type & 7))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (found, after) = bytes.split_at_checked(length)?;
    *bytes = after;
    Some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field() -> impl Strategy<Value = Field> {
        let leaf = prop_oneof![
            any::<u64>().prop_map(|value| Content::Varint(Varint::new(value))),
            any::<[u8; 8]>().prop_map(|bytes| Content::Fixed(bytes.to_vec())),
            any::<Vec<u8>>().prop_map(|bytes| Content::Delimited(Length::Fits(1), Body::guess(&bytes, 0))),
        ];
        (1u32..100, leaf).prop_map(|(number, content)| {
            let wire_type = match content {
                Content::Varint(_) => 0,
                Content::Fixed(_) => 1,
                _ => 2,
            };
            Field { key: key(number, wire_type), content }
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_written_as_they_were_read(bytes: Vec<u8>) {
            prop_assert_eq!(Message::read(&bytes).to_bytes(), bytes);
        }

        #[test]
        fn fields_in_fields_are_written_as_they_were_read(
            inner in proptest::collection::vec(field(), 1..5),
            width in 1usize..6,
            tail: Vec<u8>,
        ) {
            let inner = Message { fields: inner, rest: Vec::new() };
            let mut outer = Field::delimited(7, Body::Message(inner));
            if let Content::Delimited(length, _) = &mut outer.content {
                *length = Length::Fits(width);
            }
            let bytes = Message { fields: vec![outer], rest: tail }.to_bytes();
            let read = Message::read(&bytes);
            prop_assert!(read.fields.first().and_then(Field::message).is_some());
            prop_assert_eq!(read.to_bytes(), bytes);
        }

        #[test]
        fn a_wide_number_is_the_same_number(value: u64, width in 1usize..=10) {
            let wide = Varint::wide(value, width);
            prop_assert_eq!(wide.value(), value);
            prop_assert_eq!(wide.width().max(width), wide.width());
        }
    }

    #[test]
    fn messages_are_counted_as_they_stand() {
        // 1: { 1: { 2: 7 } }, 3: { 4: 9 }
        let bytes = [0x0a, 0x04, 0x0a, 0x02, 0x10, 0x07, 0x1a, 0x02, 0x20, 0x09];
        let mut message = Message::read(&bytes);
        assert_eq!(message.count(), 4);
        let numbers: Vec<u32> =
            (0..4).filter_map(|n| message.nth_mut(n).map(|m| m.fields[0].number())).collect();
        assert_eq!(numbers, [1, 1, 2, 4]);
        assert_eq!(message.nth_mut(4), None);
    }

    #[test]
    fn deep_nesting_ends() {
        let mut bytes = vec![0x08, 0x01];
        for _ in 0..2000 {
            bytes = Field::delimited(1, Body::Bytes(bytes)).content_bytes();
        }
        assert_eq!(Message::read(&bytes).to_bytes(), bytes);
    }

    impl Field {
        fn content_bytes(&self) -> Vec<u8> {
            let mut out = Vec::new();
            self.write(&mut out);
            out
        }
    }
}
