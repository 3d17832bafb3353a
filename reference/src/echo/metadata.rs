//! Metadata records: what a client keeps of its identity and its spaces, each record with its length and checksum.
//!
//! ```text
//!  0        4        8                 8 + length
//!  | length | CRC-32 | body (Protobuf) | ignored …
//! ```
//!
//! Both numbers are of 32 bits, little-endian and with a sign; the checksum is over the body.

use super::crc32::crc32;
use super::message::{known, read_timeframe};
use super::timeframe::Timeframe;
use crate::halo::Credential;
use crate::wire::{self, Message};
use crate::{Class, Reject, requirement as req};

/// The bytes before the body.
pub const HEADER: usize = 8;

/// The version of `EchoMetadata` that this book describes.
pub const VERSION: i64 = 2;

/// The number of `SPACE_ACTIVE`.
const ACTIVE: i64 = 6;

/// A record with a body (ECHO-META-001).
///
/// # Errors
/// `resource.size` for a body that a reader need not take.
pub fn record(body: &[u8]) -> Result<Vec<u8>, Reject> {
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= wire::MAX_BYTES);
    let Some(length) = length else {
        return Err(Reject::new(req::ECHO_META_001, Class::ResourceSize, "the body is larger than 4 MiB"));
    };
    let checksum = alter!(ECHO_META_001, crc32(body),
        "the checksum is over length and body" => {
            let mut all = length.to_le_bytes().to_vec();
            all.extend_from_slice(body);
            crc32(&all)
        },
        "the checksum is not inverted at the end" => !crc32(body));
    let (length, checksum) = alter!(ECHO_META_001, (length.to_le_bytes(), checksum.to_le_bytes()),
        "numbers are written big-endian" => (length.to_be_bytes(), checksum.to_be_bytes()),
        "the length includes the header" => ((length + 8).to_le_bytes(), checksum.to_le_bytes()),
        "the checksum comes first" => (checksum.to_le_bytes(), length.to_le_bytes()));
    Ok([length.as_slice(), &checksum, body].concat())
}

/// The body of the record in a file; none if the file is empty (ECHO-META-004).  What follows the body is what a
/// longer record left behind, and is ignored (ECHO-META-006).
///
/// # Errors
/// - `frame.truncated` if the file ends in the header (ECHO-META-005) or the body (ECHO-META-003);
/// - `frame.oversize` if the length is negative (ECHO-META-007);
/// - `schema.constraint` if the checksum is not that of the body (ECHO-META-002).
pub fn body(file: &[u8]) -> Result<Option<&[u8]>, Reject> {
    if file.is_empty() {
        return alter!(ECHO_META_004, Ok(None),
            "an empty file is taken for damage" =>
                Err(Reject::new(req::ECHO_META_004, Class::FrameTruncated, "an empty file")));
    }
    let number = |at: usize| {
        file.get(at..).and_then(|rest| rest.first_chunk()).map(|bytes| i32::from_le_bytes(*bytes))
    };
    let header = number(0).zip(number(4));
    require!(ECHO_META_005, header.is_some(), FrameTruncated, "the file ends in the header")?;
    let Some((length, checksum)) = header else { return Ok(None) };
    require!(ECHO_META_007, length >= 0, FrameOversize, "the length is negative")?;
    let length = usize::try_from(length).unwrap_or_default();
    let rest = file.get(HEADER..).unwrap_or_default();
    require!(ECHO_META_003, length <= rest.len(), FrameTruncated, "the file ends in the body")?;
    let body = rest.get(..length).unwrap_or(rest);
    let body = alter!(ECHO_META_006, body, "the body goes to the end of the file" => rest);
    #[allow(clippy::cast_possible_wrap)]
    let computed = crc32(body) as i32;
    require!(ECHO_META_002, computed == checksum, SchemaConstraint, "the checksum is not that of the body")?;
    Ok(Some(body))
}

/// Reads a body as a type: what cannot be read is damage (ECHO-META-008).
fn read<'a>(name: &'static str, body: &'a [u8]) -> Result<Message<'a>, Reject> {
    let ty = known(name)?;
    let read = wire::read(ty, body);
    alter!(ECHO_META_008, read, "a body that cannot be read is an empty one" => read.or_else(|_| wire::read(ty, &[])))
}

/// The record `EchoMetadata`.
#[derive(Clone, Copy, Debug)]
pub struct Metadata<'m> {
    message: &'m Message<'m>,
}

/// What is kept of a space.
#[derive(Clone, Copy, Debug)]
pub struct Space<'m> {
    message: &'m Message<'m>,
}

impl<'m> Metadata<'m> {
    /// Reads the tree of a body.
    ///
    /// # Errors
    /// As [`wire::read`].
    pub fn read(body: &[u8]) -> Result<Message<'_>, Reject> {
        read("dxos.echo.metadata.EchoMetadata", body)
    }

    /// Metadata in their tree.
    ///
    /// # Errors
    /// `schema.range` for another version than [`VERSION`] (ECHO-META-009).
    pub fn new(message: &'m Message<'m>) -> Result<Self, Reject> {
        require!(ECHO_META_009, message.int(1) == Some(VERSION), SchemaRange, "the version is not 2")?;
        Ok(Self { message })
    }

    /// When it was made first, in Unix milliseconds.
    pub fn created(&self) -> Option<i64> {
        self.message.message(2).and_then(crate::canonical::milliseconds)
    }

    /// When it was last written, in Unix milliseconds.
    pub fn updated(&self) -> Option<i64> {
        self.message.message(3).and_then(crate::canonical::milliseconds)
    }

    /// The identity's key, the device's key, and the space that holds their credentials.
    pub fn identity(&self) -> Option<(&'m [u8], &'m [u8], Option<Space<'m>>)> {
        let identity = self.message.message(10)?;
        let key = |number| key(identity, number).unwrap_or_default();
        let (own, device) = alter!(ECHO_META_010, (key(1), key(2)),
            "identity and device are exchanged" => (key(2), key(1)));
        Some((own, device, identity.message(3).map(|message| Space { message })))
    }

    /// The spaces.
    pub fn spaces(&self) -> impl Iterator<Item = Space<'m>> {
        self.message.messages(11).map(|message| Space { message })
    }
}

impl<'m> Space<'m> {
    /// Its key; empty if absent.
    pub fn key(&self) -> &'m [u8] {
        key(self.message, 1).unwrap_or_default()
    }

    /// The own feed for data.
    pub fn data_feed(&self) -> Option<&'m [u8]> {
        key(self.message, alter!(ECHO_META_010, 3, "the feeds of control and data are exchanged" => 4))
    }

    /// The own feed for control.
    pub fn control_feed(&self) -> Option<&'m [u8]> {
        key(self.message, alter!(ECHO_META_010, 4, "the feeds of control and data are exchanged" => 3))
    }

    /// The feed that the space began with.
    pub fn genesis_feed(&self) -> Option<&'m [u8]> {
        key(self.message, 6)
    }

    /// What of the data feeds was processed.
    pub fn data_timeframe(&self) -> Option<Timeframe> {
        self.message.message(5).map(read_timeframe)
    }

    /// What of the control feeds was processed.
    pub fn control_timeframe(&self) -> Option<Timeframe> {
        self.message.message(8).map(read_timeframe)
    }

    /// What the client does with it: a number of `SpaceState`.
    pub fn state(&self) -> Option<i64> {
        self.message.int(10)
    }

    /// What the client does with a space of the list: it is active if nothing else is said (ECHO-META-012).
    pub fn listed_state(&self) -> i64 {
        self.state()
            .unwrap_or_else(|| alter!(ECHO_META_012, ACTIVE, "a space without a state is in none" => 0))
    }
}

/// The key of a feed, and the credential that stands in it.
pub type Kept<'m> = (&'m [u8], Option<Credential<'m>>);

/// The record `space_<key>_large`.
#[derive(Clone, Copy, Debug)]
pub struct Large<'m> {
    message: &'m Message<'m>,
}

impl<'m> Large<'m> {
    /// Reads the tree of a body.
    ///
    /// # Errors
    /// As [`wire::read`].
    pub fn read(body: &[u8]) -> Result<Message<'_>, Reject> {
        read("dxos.echo.metadata.LargeSpaceMetadata", body)
    }

    /// What is in the tree.
    pub const fn new(message: &'m Message<'m>) -> Self {
        Self { message }
    }

    /// The cursor behind which reading goes on, and the credentials before it with the feed of each
    /// (ECHO-META-011).
    pub fn snapshot(&self) -> Option<(Timeframe, Vec<Kept<'m>>)> {
        let snapshot = self.message.message(1)?;
        let timeframe = snapshot.message(1).map(read_timeframe).unwrap_or_default();
        let held = |message: &'m Message<'m>| {
            (key(message, 1).unwrap_or_default(), message.message(2).map(Credential::new))
        };
        let messages: Vec<_> = snapshot.messages(2).map(held).collect();
        Some((
            timeframe,
            alter!(ECHO_META_011, messages,
            "credentials are put in the order of their feeds" => {
                let mut messages = messages;
                messages.sort_by_key(|(feed, _)| *feed);
                messages
            }),
        ))
    }
}

fn key<'m>(message: &'m Message<'m>, number: u32) -> Option<&'m [u8]> {
    message.message(number)?.bytes(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back_whatever_follows_it() {
        let mut file = record(&[8, 2]).unwrap();
        assert_eq!(file.get(..4), Some(&[2, 0, 0, 0][..]));
        assert_eq!(body(&file).unwrap(), Some(&[8, 2][..]));
        file.extend([1, 2, 3]);
        assert_eq!(body(&file).unwrap(), Some(&[8, 2][..]));
        assert_eq!(body(&[]).unwrap(), None);
    }

    #[test]
    fn damage_is_refused() {
        let file = record(&[8, 2, 16, 0]).unwrap();
        for length in 1..file.len() {
            assert_eq!(body(&file[..length]).unwrap_err().class, Class::FrameTruncated, "{length}");
        }
        for bit in 0..8 * file.len() {
            let mut file = file.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            assert!(body(&file).is_err(), "{bit}");
        }
        assert_eq!(body(&[0xff; 20]).unwrap_err().class, Class::FrameOversize);
        assert!(record(&vec![0; wire::MAX_BYTES + 1]).is_err());
    }
}
