//! Lines of bounded length, and the bounded memory of what was logged.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use crate::printable::printable;

/// What reading a line gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A line, without its line feed.
    Line,
    /// The stream went on past the limit without a line feed; what the buffer holds is its beginning.
    TooLong,
    /// The stream ended; what the buffer holds is an unfinished line.
    End,
}

/// Reads one line into `buffer` (cleared first), never holding more than `limit` bytes.
///
/// # Errors
///
/// Those of the reader; an interrupted read is repeated.
pub fn read_line(reader: &mut impl BufRead, limit: usize, buffer: &mut Vec<u8>) -> io::Result<Cut> {
    buffer.clear();
    loop {
        let available = match reader.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(Cut::End);
        }
        let feed = available.iter().position(|&byte| byte == b'\n');
        let part = available.get(..feed.unwrap_or(available.len())).unwrap_or_default();
        if buffer.len() + part.len() > limit {
            return Ok(Cut::TooLong);
        }
        buffer.extend_from_slice(part);
        let used = part.len() + usize::from(feed.is_some());
        reader.consume(used);
        if feed.is_some() {
            return Ok(Cut::Line);
        }
    }
}

/// The last bytes of a log; what came before them is counted and dropped.
#[derive(Clone, Debug, Default)]
pub struct Ring {
    bytes: VecDeque<u8>,
    dropped: u64,
}

/// How much of a log is kept, in bytes.
pub const RING_SIZE: usize = 64 << 10;

impl Ring {
    /// Adds to the end.
    pub fn push(&mut self, bytes: &[u8]) {
        let kept = bytes.get(bytes.len().saturating_sub(RING_SIZE)..).unwrap_or_default();
        let over = (self.bytes.len() + kept.len()).saturating_sub(RING_SIZE);
        self.bytes.drain(..over);
        self.bytes.extend(kept);
        self.dropped += (over + bytes.len() - kept.len()) as u64;
    }

    /// Takes what is kept, and leaves nothing.
    pub fn take(&mut self) -> Log {
        let log = Log {
            text: printable(&String::from_utf8_lossy(self.bytes.make_contiguous())).into_owned(),
            dropped: self.dropped,
        };
        *self = Self::default();
        log
    }
}

/// What was logged during one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The last 64 KiB at most; invalid UTF-8 is replaced, and control characters are escaped.
    pub text: String,
    /// Number of bytes before them that were dropped.
    pub dropped: u64,
}

impl Log {
    /// Adds a later log behind this one.
    pub fn append(&mut self, later: &Self) {
        self.text.push_str(&later.text);
        self.dropped += later.dropped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_and_bounded() {
        let mut reader = &b"ab\n\nabcd\nabcde\nrest"[..];
        let mut buffer = Vec::new();
        let mut next = || {
            let cut = read_line(&mut reader, 4, &mut buffer).unwrap();
            (cut, String::from_utf8(buffer.clone()).unwrap())
        };
        assert_eq!(next(), (Cut::Line, "ab".into()));
        assert_eq!(next(), (Cut::Line, String::new()));
        assert_eq!(next(), (Cut::Line, "abcd".into()));
        assert_eq!(next().0, Cut::TooLong);
        let mut reader = &b"rest"[..];
        assert_eq!(read_line(&mut reader, 4, &mut buffer).unwrap(), Cut::End);
        assert_eq!(buffer, b"rest");
    }

    #[test]
    fn a_ring_keeps_the_end() {
        let mut ring = Ring::default();
        ring.push(b"first");
        ring.push(&vec![b'x'; RING_SIZE - 2]);
        ring.push(b"yz");
        let log = ring.take();
        assert_eq!((log.text.len(), log.dropped), (RING_SIZE, 5));
        assert!(log.text.ends_with("xyz"));
        ring.push(&vec![b'x'; RING_SIZE * 2]);
        assert_eq!(ring.take().dropped, RING_SIZE as u64);
    }
}
