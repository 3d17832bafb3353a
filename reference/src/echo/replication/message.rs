//! The messages: what a frame's body holds, by the frame's type.

use super::field::{Fields, Writer, number, required, set};
use super::frame::{Frame, varint};
use crate::Reject;
use crate::echo::{Data, Node};

/// Most names of extensions in one Options; ECHO-WIRE-027.
pub const MAX_EXTENSIONS: usize = 256;

/// A message.  Optional members keep whether they were present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Type 0: the sender opens a feed on this channel.
    Open {
        /// 32 bytes, for a feed that exists.
        discovery_key: Vec<u8>,
        /// Not used, and not looked at.
        capability: Option<Vec<u8>>,
    },
    /// Type 1.
    Options {
        /// Names of extensions, in order; their places are the ids.
        extensions: Vec<String>,
        /// Whether received blocks are to be acknowledged.
        ack: Option<bool>,
    },
    /// Type 2: what the sender does; absent is false.
    Status {
        /// Whether it answers.
        uploading: Option<bool>,
        /// Whether it asks.
        downloading: Option<bool>,
    },
    /// Type 3: blocks that the sender has.
    Have {
        /// First block.
        start: u64,
        /// Number of blocks; absent is 1.
        length: Option<u64>,
        /// Which of them, as [`rle`](super::encode_bitfield) of bits, the first block in the highest bit; absent: all.
        bitfield: Option<Vec<u8>>,
        /// Whether it acknowledges blocks that it was sent.
        ack: Option<bool>,
    },
    /// Type 4: blocks that the sender no longer has.
    Unhave {
        /// First block.
        start: u64,
        /// Number of blocks; absent is 1.
        length: Option<u64>,
    },
    /// Type 5: the sender wants to know which blocks the receiver has.
    Want {
        /// First block, a multiple of 8192.
        start: u64,
        /// Number of blocks, a multiple of 8192; absent: to the end.
        length: Option<u64>,
    },
    /// Type 6: takes a Want back.
    Unwant {
        /// First block.
        start: u64,
        /// Number of blocks.
        length: Option<u64>,
    },
    /// Type 7: asks for a block.
    Request {
        /// The block.
        index: u64,
        /// Asks for the block that holds this byte instead.
        bytes: Option<u64>,
        /// Asks for the hash and not for the block.
        hash: Option<bool>,
        /// Which nodes the sender knows, see [`digest`](crate::echo::digest()).
        nodes: Option<u64>,
    },
    /// Type 8: takes a Request back.
    Cancel {
        /// The block.
        index: u64,
        /// As in the Request.
        bytes: Option<u64>,
        /// As in the Request.
        hash: Option<bool>,
    },
    /// Type 9: a block, or its hash, with a proof.
    Data(Data),
    /// Type 10: the sender closes this channel.
    Close {
        /// Only for a feed that the sender has not opened.
        discovery_key: Option<Vec<u8>>,
    },
    /// Type 15: a message of an extension.
    Extension {
        /// Place of its name in the Options.
        id: u64,
        /// Its message.
        payload: Vec<u8>,
    },
}

impl Message {
    /// Reads the body of a frame.  None: the type is one of those that do not exist (ECHO-WIRE-009).
    ///
    /// # Errors
    /// The classes `decode.*`, and `resource.count`.
    pub fn decode(frame: &Frame) -> Result<Option<Self>, Reject> {
        let body = frame.body.as_slice();
        Ok(Some(match frame.kind {
            0 => open(body)?,
            1 => options(body)?,
            2 => {
                let [uploading, downloading] = flags(body)?;
                Self::Status { uploading, downloading }
            }
            3 => have(body)?,
            4..=6 => {
                let (start, length) = range(body)?;
                match frame.kind {
                    4 => Self::Unhave { start, length },
                    5 => Self::Want { start, length },
                    _ => Self::Unwant { start, length },
                }
            }
            7 | 8 => request(body, frame.kind == 8)?,
            9 => Self::Data(data(body)?),
            10 => close(body)?,
            15 => {
                let (id, payload, ended) = number(body);
                require!(
                    ECHO_WIRE_015,
                    ended,
                    DecodeVarint,
                    "a varint is cut short or longer than ten bytes"
                )?;
                Self::Extension { id, payload: payload.to_vec() }
            }
            _ => {
                alter!(ECHO_WIRE_009, (), "a frame of an unknown type is rejected" => {
                    return Err(super::mistakes::unknown_type());
                });
                return Ok(None);
            }
        }))
    }

    /// The frame that carries the message on a channel.
    pub fn encode(&self, channel: u64) -> Frame {
        let mut to = Writer::default();
        let kind = match self {
            Self::Open { discovery_key, capability } => {
                to.bytes(1, Some(discovery_key));
                to.bytes(2, capability.as_deref());
                0
            }
            Self::Options { extensions, ack } => {
                extensions.iter().for_each(|name| to.bytes(1, Some(name.as_bytes())));
                to.flag(2, *ack);
                1
            }
            Self::Status { uploading, downloading } => {
                to.flag(1, *uploading);
                to.flag(2, *downloading);
                2
            }
            Self::Have { start, length, bitfield, ack } => {
                to.number(1, *start);
                to.optional(2, *length);
                to.bytes(3, bitfield.as_deref());
                to.flag(4, *ack);
                3
            }
            Self::Unhave { start, length }
            | Self::Want { start, length }
            | Self::Unwant { start, length } => {
                to.number(1, *start);
                to.optional(2, *length);
                match self {
                    Self::Unhave { .. } => 4,
                    Self::Want { .. } => 5,
                    _ => 6,
                }
            }
            Self::Request { index, bytes, hash, nodes } => {
                to.number(1, *index);
                to.optional(2, *bytes);
                to.flag(3, *hash);
                to.optional(4, *nodes);
                7
            }
            Self::Cancel { index, bytes, hash } => {
                to.number(1, *index);
                to.optional(2, *bytes);
                to.flag(3, *hash);
                8
            }
            Self::Data(data) => {
                to.number(1, data.index);
                to.bytes(2, data.value.as_deref());
                for node in &data.nodes {
                    let mut inner = Writer::default();
                    inner.number(1, node.index);
                    inner.bytes(2, Some(&node.hash));
                    inner.number(3, node.size);
                    to.bytes(3, Some(&inner.finish()));
                }
                to.bytes(4, data.signature.as_deref());
                9
            }
            Self::Close { discovery_key } => {
                to.bytes(1, discovery_key.as_deref());
                10
            }
            Self::Extension { id, payload } => {
                let mut body = Vec::with_capacity(payload.len() + 10);
                varint(&mut body, *id);
                body.extend_from_slice(payload);
                return Frame { channel, kind: 15, body };
            }
        };
        Frame { channel, kind, body: to.finish() }
    }
}

/// What becomes of a field that the schema does not have.
#[cfg_attr(not(feature = "mutants"), allow(clippy::unnecessary_wraps))]
fn unknown() -> Result<(), Reject> {
    alter!(ECHO_WIRE_011, Ok(()), "an unknown field is rejected" => Err(super::mistakes::unexpected()))
}

fn open(body: &[u8]) -> Result<Message, Reject> {
    let (mut discovery_key, mut capability) = (None, None);
    let mut fields = Fields::new(body);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => set(&mut discovery_key, value.bytes()?.to_vec()),
            2 => set(&mut capability, value.bytes()?.to_vec()),
            _ => unknown()?,
        }
    }
    Ok(Message::Open { discovery_key: required(discovery_key)?, capability })
}

fn options(body: &[u8]) -> Result<Message, Reject> {
    let (mut extensions, mut ack) = (Vec::new(), None);
    let mut fields = Fields::new(body);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => {
                let many = extensions.len() >= MAX_EXTENSIONS;
                require!(ECHO_WIRE_027, !many, ResourceCount, "more than 256 names of extensions")?;
                let name = value.bytes()?;
                // Nothing depends on it, and deployed readers take anything.
                extensions.push(String::from_utf8_lossy(name).into_owned());
            }
            2 => set(&mut ack, value.flag()?),
            _ => unknown()?,
        }
    }
    Ok(Message::Options { extensions, ack })
}

fn flags(body: &[u8]) -> Result<[Option<bool>; 2], Reject> {
    let (mut first, mut second) = (None, None);
    let mut fields = Fields::new(body);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => set(&mut first, value.flag()?),
            2 => set(&mut second, value.flag()?),
            _ => unknown()?,
        }
    }
    Ok([first, second])
}

fn have(body: &[u8]) -> Result<Message, Reject> {
    let (mut start, mut length, mut bitfield, mut ack) = (None, None, None, None);
    let mut fields = Fields::new(body);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => set(&mut start, value.number()?),
            2 => set(&mut length, value.number()?),
            3 => set(&mut bitfield, value.bytes()?.to_vec()),
            4 => set(&mut ack, value.flag()?),
            _ => unknown()?,
        }
    }
    Ok(Message::Have { start: required(start)?, length, bitfield, ack })
}

fn range(body: &[u8]) -> Result<(u64, Option<u64>), Reject> {
    let (mut start, mut length) = (None, None);
    let mut fields = Fields::new(body);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => set(&mut start, value.number()?),
            2 => set(&mut length, value.number()?),
            _ => unknown()?,
        }
    }
    Ok((required(start)?, length))
}

fn request(body: &[u8], cancel: bool) -> Result<Message, Reject> {
    let (mut index, mut bytes, mut hash, mut nodes) = (None, None, None, None);
    let mut fields = Fields::new(body);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => set(&mut index, value.number()?),
            2 => set(&mut bytes, value.number()?),
            3 => set(&mut hash, value.flag()?),
            4 if !cancel => set(&mut nodes, value.number()?),
            _ => unknown()?,
        }
    }
    let index = required(index)?;
    alter!(ECHO_WIRE_013, (), "of a Request all fields must be there" => {
        if !cancel {
            required(bytes)?;
            required(hash)?;
            required(nodes)?;
        }
    });
    Ok(if cancel {
        Message::Cancel { index, bytes, hash }
    } else {
        Message::Request { index, bytes, hash, nodes }
    })
}

fn data(body: &[u8]) -> Result<Data, Reject> {
    let (mut index, mut value, mut nodes, mut signature) = (None, None, Vec::new(), None);
    let mut fields = Fields::new(body);
    while let Some((field, content)) = fields.next()? {
        match field {
            1 => set(&mut index, content.number()?),
            2 => set(&mut value, content.bytes()?.to_vec()),
            3 => nodes.push(node(content.bytes()?)?),
            4 => set(&mut signature, content.bytes()?.to_vec()),
            _ => unknown()?,
        }
    }
    Ok(Data { index: required(index)?, value, nodes, signature })
}

fn node(body: &[u8]) -> Result<Node, Reject> {
    let (mut index, mut hash, mut size) = (None, None, None);
    let mut fields = Fields::new(body);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => set(&mut index, value.number()?),
            2 => set(&mut hash, value.bytes()?),
            3 => set(&mut size, value.number()?),
            _ => unknown()?,
        }
    }
    let (index, hash, size) = (required(index)?, required(hash)?, required(size)?);
    let hash = <[u8; 32]>::try_from(hash).ok();
    require!(ECHO_WIRE_018, hash.is_some(), DecodeLength, "the hash of a node is not of 32 bytes")?;
    Ok(Node { index, hash: hash.unwrap_or_default(), size })
}

fn close(body: &[u8]) -> Result<Message, Reject> {
    let mut discovery_key = None;
    let mut fields = Fields::new(body);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => set(&mut discovery_key, value.bytes()?.to_vec()),
            _ => unknown()?,
        }
    }
    Ok(Message::Close { discovery_key })
}

#[cfg(test)]
mod tests {
    use super::super::FrameReader;
    use super::*;

    /// Each is read and written again as it was.
    #[test]
    fn frames_of_each_type() {
        let dd = "dd".repeat(32);
        let frames = [
            format!("23100a20{dd}"),
            format!("45100a20{dd}1220{}", "cc".repeat(32)),
            "11110a056578742d610a056578742d621001".to_owned(),
            "051208011000".to_owned(),
            "03130805".to_owned(),
            "051308051003".to_owned(),
            "0b130800108080401a0202e0".to_owned(),
            "07130807100120 01".replace(' ', ""),
            "051408011004".to_owned(),
            "0715080010808040".to_owned(),
            "0716080010808040".to_owned(),
            "09170803100018002006".to_owned(),
            "03180803".to_owned(),
            "06190800120161".to_owned(),
            "011a".to_owned(),
            "04c7020803".to_owned(),
            "051308e0a712".to_owned(),
            "041f02aabb".to_owned(),
        ];
        for text in frames {
            let bytes = hex::decode(&text).unwrap();
            let frame = FrameReader::default().read(&mut bytes.as_slice()).unwrap().unwrap();
            let message = Message::decode(&frame).unwrap().unwrap();
            assert_eq!(hex::encode(message.encode(frame.channel).encode()), text, "{message:?}");
        }
    }
}
