//! Feed messages: what a block of a control feed holds, and of a data feed of the older data plane.

use super::object::Batch;
use super::timeframe::Timeframe;
use crate::halo::Credential;
use crate::schema::SCHEMA;
use crate::wire::{self, Message, Writer};
use crate::{Class, Reject, requirement as req};

/// Field numbers.
mod field {
    pub(super) const TIMEFRAME: u32 = 1;
    pub(super) const PAYLOAD: u32 = 2;
    pub(super) const CREDENTIAL: u32 = 10;
    pub(super) const DATA: u32 = 11;
}

/// A message that was read.
#[derive(Clone, Copy, Debug)]
pub struct FeedMessage<'m> {
    message: &'m Message<'m>,
}

/// What a message says.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'m> {
    /// Nothing that this book knows.
    None,
    /// A credential, of which nothing is verified yet.
    Credential(Credential<'m>),
    /// Mutations of objects.
    Data(Batch<'m>),
}

/// What a message to be written says: encoded messages, as they are.
#[derive(Clone, Copy, Debug)]
pub enum NewPayload<'a> {
    /// Nothing.
    None,
    /// A `dxos.halo.credentials.Credential`.
    Credential(&'a [u8]),
    /// A `dxos.echo.object.EchoObjectBatch`.
    Batch(&'a [u8]),
}

impl<'m> FeedMessage<'m> {
    /// Reads the tree of a message.
    ///
    /// # Errors
    /// As [`wire::read`] (ECHO-MSG-010, ECHO-MSG-011).
    pub fn read(bytes: &[u8]) -> Result<Message<'_>, Reject> {
        let ty = known("dxos.echo.feed.FeedMessage")?;
        let read = wire::read(ty, bytes);
        let read = alter!(ECHO_MSG_010, read,
            "a message that cannot be read is an empty one" => read.or_else(|_| wire::read(ty, &[])));
        alter!(ECHO_MSG_011, read,
            "a message of fields of other types is an empty one" => super::object::lax(ty, read))
    }

    /// A message in its tree.
    pub const fn new(message: &'m Message<'m>) -> Self {
        Self { message }
    }

    /// What its writer had processed; empty where it is absent (ECHO-MSG-006).
    ///
    /// # Errors
    /// None; a mistake may give one.
    pub fn timeframe(&self) -> Result<Timeframe, Reject> {
        match self.message.message(field::TIMEFRAME) {
            Some(vector) => Ok(read_timeframe(vector)),
            None => alter!(ECHO_MSG_006, Ok(Timeframe::default()),
                "a message without a timeframe is rejected" =>
                    Err(Reject::new(req::ECHO_MSG_006, Class::DecodeMissing, "no timeframe"))),
        }
    }

    /// What it says.
    ///
    /// # Errors
    /// `schema.constraint` for a credential beside data (ECHO-MSG-012), `decode.missing` for a payload of a
    /// credential that holds none (ECHO-MSG-013).
    pub fn payload(&self) -> Result<Payload<'m>, Reject> {
        let Some(payload) = self.message.message(field::PAYLOAD) else {
            return alter!(ECHO_MSG_006, Ok(Payload::None),
                "a message without a payload is rejected" =>
                    Err(Reject::new(req::ECHO_MSG_006, Class::DecodeMissing, "no payload")));
        };
        let (credential, data) = (payload.message(field::CREDENTIAL), payload.message(field::DATA));
        alter!(ECHO_MSG_014, (),
        "a payload of an unknown kind is rejected" => if credential.is_none() && data.is_none() {
            return Err(Reject::new(req::ECHO_MSG_014, Class::SchemaType, "an unknown kind of payload"));
        });
        require!(
            ECHO_MSG_012,
            credential.is_none() || data.is_none(),
            SchemaConstraint,
            "a payload is a credential and data at once"
        )?;
        if let Some(credential) = credential {
            let held = credential.message(1);
            require!(ECHO_MSG_013, held.is_some(), DecodeMissing, "a payload of a credential holds none")?;
            return Ok(held.map_or(Payload::None, |held| Payload::Credential(Credential::new(held))));
        }
        Ok(data.map_or(Payload::None, |data| Payload::Data(Batch::of(data.message(2)))))
    }
}

/// The type of a name that the schema has.
pub(super) fn known(name: &'static str) -> Result<crate::schema::TypeId, Reject> {
    SCHEMA.find(name).ok_or_else(|| {
        Reject::new(req::ECHO_MSG_010, Class::SchemaType, "a message type is missing from the schema")
    })
}

/// The timeframe in a `TimeframeVector`: frames without a feed or a number are left out (ECHO-MSG-007), and of
/// several frames of a feed the last counts, in the place of the first (ECHO-MSG-008).
pub fn read_timeframe(vector: &Message<'_>) -> Timeframe {
    let mut timeframe = Timeframe::default();
    for frame in vector.messages(1) {
        let (feed, seq) = (frame.bytes(1), frame.int(3));
        let seq = alter!(ECHO_MSG_007, seq, "a frame without a number has the number 0" => seq.or(Some(0)));
        let feed =
            alter!(ECHO_MSG_007, feed, "a frame without a feed has the empty key" => feed.or(Some(&[])));
        let (Some(feed), Some(seq)) = (feed, seq) else { continue };
        // The reader gives numbers of 32 bits.
        let seq = i32::try_from(seq).unwrap_or(i32::MAX);
        let seq = alter!(ECHO_MSG_009, seq,
            "the number of a frame has no sign" => if seq < 0 { i32::MAX } else { seq },
            "a negative number is 0" => seq.max(0));
        let known = timeframe.get(feed);
        let seq = alter!(ECHO_MSG_008, seq,
            "of several frames of a feed the highest counts" => known.map_or(seq, |known| known.max(seq)),
            "of several frames of a feed the first counts" => known.unwrap_or(seq));
        let _ = known;
        timeframe.set(feed, seq);
    }
    timeframe
}

/// Writes a message: both fields, even where they are empty (ECHO-MSG-001).
pub fn write(timeframe: &Timeframe, payload: NewPayload<'_>) -> Vec<u8> {
    let mut writer = Writer::default();
    let has_timeframe =
        alter!(ECHO_MSG_001, true, "an empty timeframe is not written" => !timeframe.is_empty());
    if has_timeframe {
        writer.message(field::TIMEFRAME, |vector| write_timeframe(vector, timeframe));
    }
    let said = |writer: &mut Writer| match payload {
        NewPayload::None => {}
        NewPayload::Credential(credential) => {
            writer.message(field::CREDENTIAL, |inner| {
                inner.bytes(1, credential);
            });
        }
        NewPayload::Batch(batch) => {
            writer.message(field::DATA, |inner| {
                inner.bytes(2, batch);
            });
        }
    };
    let has_payload =
        alter!(ECHO_MSG_001, true, "an empty payload is not written" => !matches!(payload, NewPayload::None));
    if has_payload {
        writer.message(field::PAYLOAD, said);
    }
    writer.finish()
}

/// Writes the frames of a timeframe, in its order (ECHO-MSG-005), each number even where it is 0 (ECHO-MSG-002).
fn write_timeframe(writer: &mut Writer, timeframe: &Timeframe) {
    let frames: Vec<_> = timeframe.frames().collect();
    let frames = alter!(ECHO_MSG_005, frames,
    "frames are written in the order of their keys" => {
        let mut frames = frames;
        frames.sort_unstable();
        frames
    });
    for (feed, seq) in frames {
        writer.message(1, |frame| {
            alter!(ECHO_MSG_004, { frame.bytes(1, feed); },
                "the key of a feed is wrapped in a message" => { frame.key(1, feed); },
                "the key of a feed is not written" => ());
            let bits = alter!(ECHO_MSG_003, i64::from(seq),
                "a negative number is cut to 32 bits" => i64::from(seq) & 0xffff_ffff,
                "a number is written in zigzag form" => i64::from(seq) << 1 ^ i64::from(seq) >> 63);
            alter!(ECHO_MSG_002, { frame.int(3, bits); },
                "the number 0 is not written" => if bits != 0 { frame.int(3, bits); });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(frames: &[(u8, i32)]) -> String {
        let mut timeframe = Timeframe::default();
        for (feed, seq) in frames {
            timeframe.set(&[*feed; 32], *seq);
        }
        hex::encode(write(&timeframe, NewPayload::None))
    }

    fn read(bytes: &[u8]) -> Result<Vec<(Vec<u8>, i32)>, Reject> {
        let tree = FeedMessage::read(bytes)?;
        let timeframe = FeedMessage::new(&tree).timeframe()?;
        Ok(timeframe.frames().map(|(feed, seq)| (feed.to_vec(), seq)).collect())
    }

    #[test]
    fn fields_are_written_even_where_they_are_zero_or_empty() {
        let key = |byte: &str| byte.repeat(32);
        assert_eq!(made(&[]), "0a001200");
        assert_eq!(made(&[(0x11, 0)]), format!("0a260a240a20{}18001200", key("11")));
        assert_eq!(
            made(&[(0x11, 1), (0x22, 300)]),
            format!("0a4d0a240a20{}18010a250a20{}18ac021200", key("11"), key("22"))
        );
        assert_eq!(made(&[(0x11, -1)]), format!("0a2f0a2d0a20{}18ffffffffffffffffff011200", key("11")));
    }

    #[test]
    fn no_bytes_are_a_message() {
        let tree = FeedMessage::read(&[]).unwrap();
        assert!(FeedMessage::new(&tree).timeframe().unwrap().is_empty());
        assert!(matches!(FeedMessage::new(&tree).payload(), Ok(Payload::None)));
    }

    #[test]
    fn frames_without_a_number_vanish_and_the_last_of_several_counts() {
        assert_eq!(read(&hex::decode("0a050a030a0107").unwrap()).unwrap(), []);
        assert_eq!(
            read(&hex::decode("0a150a050a010718050a050a010818000a050a01071803").unwrap()).unwrap(),
            [(vec![7], 3), (vec![8], 0)]
        );
    }

    #[test]
    fn a_payload_is_one_thing() {
        let payload = |hex: &str| {
            let bytes = hex::decode(hex).unwrap();
            let tree = FeedMessage::read(&bytes).unwrap();
            FeedMessage::new(&tree).payload().map(|_| ()).map_err(|reject| reject.class)
        };
        assert_eq!(payload("120452005a00"), Err(Class::SchemaConstraint));
        assert_eq!(payload("12025200"), Err(Class::DecodeMissing));
        assert_eq!(payload("12025a00"), Ok(()));
    }
}
