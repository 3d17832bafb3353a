//! WebSocket frames, RFC 6455, as a server reads and writes them.
//!
//! A connection that waits owns no buffer: what was read goes through a buffer of the thread, and only the
//! bytes of a frame that has not wholly arrived are kept.

use std::ops::ControlFlow;

/// Opcode of a part of a message that is not its first.
const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
/// The last frame of a message.
const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
/// Longest payload of a control frame, in bytes.
const CONTROL_MAX: usize = 125;
/// Longest header that a server writes: it masks nothing.
const HEADER_MAX: usize = 10;

/// What arrived.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A binary message.
    Binary(&'a [u8]),
    /// A text message.
    Text(&'a str),
    /// To be answered with the same bytes.
    Ping(&'a [u8]),
    /// The client goes.
    Close,
}

/// Why a connection cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Not a frame that a client may send.
    #[error("not a frame of RFC 6455 that a client may send")]
    Protocol,
    /// A text that is not UTF-8.
    #[error("a text that is not UTF-8")]
    Text,
    /// A message over the limit.
    #[error("a message longer than the limit")]
    TooBig,
}

impl Violation {
    /// The status code of the close frame.
    pub const fn code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::Text => 1007,
            Self::TooBig => 1009,
        }
    }
}

struct Header {
    last: bool,
    opcode: u8,
    mask: [u8; 4],
    /// Bytes of the header itself.
    size: usize,
    payload: usize,
}

/// Cuts what a client sends into messages.
#[derive(Debug)]
pub struct Reader {
    /// Longest message, in bytes.
    limit: usize,
    /// The beginning of a frame.
    pending: Vec<u8>,
    /// The parts of a message, and whether it is text.
    parts: Option<(bool, Vec<u8>)>,
}

impl Reader {
    /// For messages of at most `limit` bytes.
    pub const fn new(limit: usize) -> Self {
        Self { limit, pending: Vec::new(), parts: None }
    }

    /// Takes bytes as they arrived; they are unmasked in place.  `take` may stop the reading.
    pub fn feed(
        &mut self,
        bytes: &mut [u8],
        take: &mut impl FnMut(Incoming<'_>) -> ControlFlow<()>,
    ) -> Result<(), Violation> {
        if self.pending.is_empty() {
            let used = self.frames(bytes, take)?;
            if let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
                self.pending = rest.to_vec();
            }
            return Ok(());
        }
        let mut whole = std::mem::take(&mut self.pending);
        whole.extend_from_slice(bytes);
        let used = self.frames(&mut whole, take)?;
        if used < whole.len() {
            whole.drain(..used);
            self.pending = whole;
        }
        Ok(())
    }

    /// The whole frames at the beginning of `bytes`; answers how many bytes they are.
    fn frames(
        &mut self,
        bytes: &mut [u8],
        take: &mut impl FnMut(Incoming<'_>) -> ControlFlow<()>,
    ) -> Result<usize, Violation> {
        let mut used = 0;
        loop {
            let Some(rest) = bytes.get_mut(used..) else { return Ok(used) };
            let Some(header) = self.header(rest)? else { return Ok(used) };
            let end = header.size + header.payload;
            let Some(payload) = rest.get_mut(header.size..end) else { return Ok(used) };
            unmask(payload, header.mask);
            used += end;
            if self.frame(&header, payload, take)?.is_break() {
                return Ok(bytes.len());
            }
        }
    }

    fn header(&self, bytes: &[u8]) -> Result<Option<Header>, Violation> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let (opcode, last) = (first & 0x0F, first & FINAL != 0);
        let control = opcode & 0x8 != 0;
        let length = usize::from(second & 0x7F);
        let known = matches!(opcode, CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG);
        // Reserved bits belong to extensions, of which none is agreed on; a client masks.
        if !known || first & 0x70 != 0 || second & MASKED == 0 || control && (!last || length > CONTROL_MAX) {
            return Err(Violation::Protocol);
        }
        let (payload, rest) = match length {
            126 => match rest.split_first_chunk::<2>() {
                Some((bytes, rest)) => (u64::from(u16::from_be_bytes(*bytes)), rest),
                None => return Ok(None),
            },
            127 => match rest.split_first_chunk::<8>() {
                Some((bytes, rest)) => (u64::from_be_bytes(*bytes), rest),
                None => return Ok(None),
            },
            short => (short as u64, rest),
        };
        let gathered = self.parts.as_ref().map_or(0, |(_, parts)| parts.len());
        let payload = usize::try_from(payload)
            .ok()
            .filter(|payload| control || payload.saturating_add(gathered) <= self.limit)
            .ok_or(Violation::TooBig)?;
        let Some((mask, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        Ok(Some(Header { last, opcode, mask: *mask, size: bytes.len() - rest.len(), payload }))
    }

    fn frame(
        &mut self,
        header: &Header,
        payload: &[u8],
        take: &mut impl FnMut(Incoming<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Violation> {
        match header.opcode {
            PING => return Ok(take(Incoming::Ping(payload))),
            PONG => return Ok(ControlFlow::Continue(())),
            CLOSE => {
                take(Incoming::Close).is_break();
                return Ok(ControlFlow::Break(()));
            }
            CONTINUATION => {
                let Some((text, mut parts)) = self.parts.take() else { return Err(Violation::Protocol) };
                parts.extend_from_slice(payload);
                if header.last {
                    return message(text, &parts, take);
                }
                self.parts = Some((text, parts));
            }
            first => {
                if self.parts.is_some() {
                    return Err(Violation::Protocol);
                }
                if header.last {
                    return message(first == TEXT, payload, take);
                }
                self.parts = Some((first == TEXT, payload.to_vec()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn message(
    text: bool,
    bytes: &[u8],
    take: &mut impl FnMut(Incoming<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Violation> {
    Ok(take(if text {
        Incoming::Text(std::str::from_utf8(bytes).map_err(|_| Violation::Text)?)
    } else {
        Incoming::Binary(bytes)
    }))
}

/// Eight bytes at a time, as the payload of a busy socket is most of what the server touches.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let word = u32::from_ne_bytes(mask);
    let wide = u64::from(word) << 32 | u64::from(word);
    let (chunks, rest) = payload.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// Appends a binary message in one frame.
pub fn write_binary(into: &mut Vec<u8>, payload: &[u8]) {
    write(into, BINARY, payload);
}

/// Appends the answer to a ping.
pub fn write_pong(into: &mut Vec<u8>, payload: &[u8]) {
    write(into, PONG, payload);
}

/// Appends a close frame with a status code, or with none.
pub fn write_close(into: &mut Vec<u8>, code: Option<u16>) {
    match code {
        Some(code) => write(into, CLOSE, &code.to_be_bytes()),
        None => write(into, CLOSE, &[]),
    }
}

fn write(into: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    into.reserve(HEADER_MAX + payload.len());
    into.push(FINAL | opcode);
    match payload.len() {
        short @ 0..=CONTROL_MAX => into.push(short as u8),
        medium @ ..=0xFFFF => {
            into.push(126);
            into.extend_from_slice(&(medium as u16).to_be_bytes());
        }
        long => {
            into.push(127);
            into.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    into.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As a client writes it.
    fn masked(opcode: u8, last: bool, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
        let mut plain = Vec::new();
        write(&mut plain, opcode, payload);
        if !last {
            plain[0] &= !FINAL;
        }
        plain[1] |= MASKED;
        let start = plain.len() - payload.len();
        let body: Vec<u8> =
            plain.split_off(start).iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        plain.extend_from_slice(&mask);
        plain.extend_from_slice(&body);
        plain
    }

    fn all(reader: &mut Reader, bytes: &[u8]) -> Result<Vec<String>, Violation> {
        let mut seen = Vec::new();
        reader.feed(&mut bytes.to_vec(), &mut |incoming| {
            seen.push(format!("{incoming:?}"));
            ControlFlow::Continue(())
        })?;
        Ok(seen)
    }

    #[test]
    fn a_message_may_come_in_parts_with_a_ping_between() {
        let mut reader = Reader::new(100);
        let mut bytes = masked(TEXT, false, b"__pi", [1, 2, 3, 4]);
        bytes.extend(masked(PING, true, b"x", [9, 8, 7, 6]));
        bytes.extend(masked(CONTINUATION, true, b"ng__", [0; 4]));
        assert_eq!(all(&mut reader, &bytes).unwrap(), ["Ping([120])", "Text(\"__ping__\")"]);
    }

    #[test]
    fn what_a_client_may_not_send_is_refused() {
        let mut unmasked = Vec::new();
        write_binary(&mut unmasked, b"x");
        let long = masked(BINARY, true, &[0; 101], [0; 4]);
        let mut reserved = masked(BINARY, true, b"x", [0; 4]);
        reserved[0] |= 0x40;
        let of = |bytes: &[u8]| all(&mut Reader::new(100), bytes).unwrap_err();
        assert_eq!(of(&unmasked), Violation::Protocol);
        assert_eq!(of(&reserved), Violation::Protocol);
        assert_eq!(of(&masked(0x3, true, b"", [0; 4])), Violation::Protocol);
        assert_eq!(of(&masked(PING, false, b"", [0; 4])), Violation::Protocol);
        assert_eq!(of(&masked(CONTINUATION, true, b"", [0; 4])), Violation::Protocol);
        assert_eq!(of(&masked(TEXT, true, b"\xff", [0; 4])), Violation::Text);
        assert_eq!(of(&long), Violation::TooBig);
        // Refused by its header alone: nothing is kept of it.
        assert_eq!(of(&long[..8]), Violation::TooBig);
        let mut parts = masked(BINARY, false, &[0; 60], [0; 4]);
        parts.extend(masked(CONTINUATION, true, &[0; 60], [0; 4]));
        assert_eq!(of(&parts), Violation::TooBig);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..6),
            mask: [u8; 4],
            size in 1usize..400,
        ) {
            let bytes: Vec<u8> = messages.iter().flat_map(|m| masked(BINARY, true, m, mask)).collect();
            let mut reader = Reader::new(300);
            let mut seen = Vec::new();
            for piece in bytes.chunks(size) {
                reader.feed(&mut piece.to_vec(), &mut |incoming| {
                    if let Incoming::Binary(message) = incoming { seen.push(message.to_vec()); }
                    ControlFlow::Continue(())
                }).unwrap();
            }
            prop_assert_eq!(seen, messages);
            prop_assert!(reader.pending.is_empty());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..600), size in 1usize..50) {
            let mut reader = Reader::new(200);
            for piece in bytes.chunks(size) {
                let read = reader.feed(&mut piece.to_vec(), &mut |_| ControlFlow::Continue(()));
                if read.is_err() {
                    break;
                }
                prop_assert!(reader.pending.len() <= 200 + 14 + size);
            }
        }
    }
}
