//! Cutting a stream of bytes into frames, and joining frames to a stream.
//!
//! | part | form | meaning |
//! |---|---|---|
//! | length | varint | bytes that follow, header included; 0: a keep-alive, nothing follows |
//! | header | varint | channel · 16 + type |
//! | body | bytes | a message of that type |

#[cfg(feature = "mutants")]
use super::mistakes;
use crate::Reject;

/// Largest body, in bytes; ECHO-WIRE-006.
pub const MAX_BODY: u64 = 8 << 20;

/// Most bytes of a varint of a frame; ECHO-WIRE-008.
const MAX_VARINT: u32 = 8;

/// What a keep-alive is: a frame of length 0.
pub(super) const KEEP_ALIVE: u8 = 0;

/// A frame that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The sender's number for the feed; below 2^52.
    pub channel: u64,
    /// Type of the message, 0 to 15.
    pub kind: u8,
    /// The message, at most [`MAX_BODY`] bytes.
    pub body: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Length,
    Header,
    Body,
}

/// Reads frames from chunks of any size.  It keeps no more than the bytes that it was given of one frame.
#[derive(Debug, Default)]
pub struct FrameReader {
    stage: Stage,
    value: u64,
    digits: u32,
    left: u64,
    header: u64,
    body: Vec<u8>,
}

impl FrameReader {
    /// The next frame in `bytes`, which afterwards begin behind it.  None: all bytes were taken, and the frame that
    /// they begin is not whole yet.  Keep-alives are passed over (ECHO-WIRE-004).
    ///
    /// # Errors
    /// `frame.oversize` and `decode.varint`; what follows cannot be read.
    pub fn read(&mut self, bytes: &mut &[u8]) -> Result<Option<Frame>, Reject> {
        loop {
            match self.stage {
                Stage::Length => {
                    let Some((length, _)) = self.varint(bytes)? else { return Ok(None) };
                    if length > 0 {
                        self.left = length;
                        self.stage = Stage::Header;
                    } else {
                        alter!(ECHO_WIRE_004, (),
                            "a keep-alive is taken for the end of the stream" => return Err(mistakes::ended()),
                            "a keep-alive is taken for the length of an empty frame" => self.stage = Stage::Header);
                    }
                }
                Stage::Header => {
                    let Some((header, size)) = self.varint(bytes)? else { return Ok(None) };
                    let size = alter!(ECHO_WIRE_002, size,
                        "the length of a frame that is read does not count its header" => 0);
                    require!(
                        ECHO_WIRE_007,
                        size <= self.left,
                        FrameOversize,
                        "a frame is shorter than its header"
                    )?;
                    let length = self.left.saturating_sub(size);
                    require!(
                        ECHO_WIRE_006,
                        length <= MAX_BODY,
                        FrameOversize,
                        "a body is longer than 8 MiB"
                    )?;
                    self.header = header;
                    self.left = length;
                    self.stage = Stage::Body;
                }
                Stage::Body => {
                    let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                    let (taken, rest) = bytes.split_at(here);
                    self.body.extend_from_slice(taken);
                    self.left -= here as u64;
                    *bytes = rest;
                    if self.left > 0 {
                        alter!(ECHO_WIRE_005, (), "a frame is dropped that a chunk does not end" => {
                            *self = Self::default();
                        });
                        return Ok(None);
                    }
                    self.stage = Stage::Length;
                    let body = std::mem::take(&mut self.body);
                    let frame = split(self.header, body);
                    alter!(ECHO_WIRE_005, (), "of each chunk one frame is read" => *bytes = &[]);
                    return Ok(Some(frame));
                }
            }
        }
    }

    /// A varint and its size, once it is whole.
    fn varint(&mut self, bytes: &mut &[u8]) -> Result<Option<(u64, u64)>, Reject> {
        while let Some((byte, rest)) = bytes.split_first() {
            *bytes = rest;
            self.value |= u64::from(byte & 0x7f).checked_shl(7 * self.digits).unwrap_or_default();
            self.digits += 1;
            if *byte < 0x80 {
                let whole = (self.value, u64::from(self.digits));
                (self.value, self.digits) = (0, 0);
                return Ok(Some(whole));
            }
            require!(
                ECHO_WIRE_008,
                self.digits < MAX_VARINT,
                DecodeVarint,
                "a varint of a frame does not end"
            )?;
        }
        alter!(ECHO_WIRE_005, (), "a varint is dropped that a chunk does not end" => (self.value, self.digits) = (0, 0));
        Ok(None)
    }
}

/// What a header says of a body.
fn split(header: u64, body: Vec<u8>) -> Frame {
    let low = |number: u64| (number & 15) as u8;
    let (channel, kind) = alter!(ECHO_WIRE_003, (header >> 4, low(header)),
        "of a header that is read the low four bits are the channel" => (header & 15, low(header >> 4)),
        "of a header that is read one byte is looked at" => (header >> 4 & 7, low(header)));
    Frame { channel, kind, body }
}

impl Frame {
    /// The bytes of the frame: at most 16 more than its body.
    pub fn encode(&self) -> Vec<u8> {
        let header = alter!(ECHO_WIRE_003, self.channel << 4 | u64::from(self.kind),
            "of a header that is written the low four bits are the channel" =>
                u64::from(self.kind) << 4 | self.channel & 15);
        let mut start = Vec::with_capacity(16);
        alter!(ECHO_WIRE_003, varint(&mut start, header),
            "a header is written as one byte" => start.push(mistakes::low_byte(header)));
        let length = alter!(ECHO_WIRE_002, start.len() + self.body.len(),
            "the length of a frame that is written does not count its header" => self.body.len());
        let mut bytes = Vec::with_capacity(self.body.len() + 16);
        varint(&mut bytes, length as u64);
        bytes.extend_from_slice(&start);
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Appends a number, seven bits a byte, low bits first: 1 to 10 bytes.
pub(super) fn varint(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;

    fn read(bytes: &str) -> Result<Vec<Frame>, Reject> {
        let bytes = hex::decode(bytes).unwrap();
        let mut reader = FrameReader::default();
        let (mut rest, mut frames) = (bytes.as_slice(), Vec::new());
        while let Some(frame) = reader.read(&mut rest)? {
            frames.push(frame);
        }
        assert!(rest.is_empty());
        Ok(frames)
    }

    #[test]
    fn a_header_of_two_bytes() {
        let request = Frame { channel: 20, kind: 7, body: vec![8, 3] };
        assert_eq!(read("0004c7020803").unwrap(), std::slice::from_ref(&request));
        assert_eq!(hex::encode(request.encode()), "04c7020803");
    }

    #[test]
    fn limits() {
        let class = |bytes| read(bytes).map_err(|reject| reject.class);
        assert_eq!(class("82808004c702"), Ok(vec![]), "8 MiB and two bytes of header");
        assert_eq!(class("83808004c702"), Err(Class::FrameOversize));
        assert_eq!(class("8180800413"), Ok(vec![]), "8 MiB and one byte of header");
        assert_eq!(class("8280800413"), Err(Class::FrameOversize));
        assert_eq!(class("01c702"), Err(Class::FrameOversize));
        assert_eq!(class("8080808080808080"), Err(Class::DecodeVarint));
        assert_eq!(class("80808080808080"), Ok(vec![]));
    }
}
