//! What travels: one [`Message`] in each message of the transport, read without copying.

use dxos_proto::dxos::error;
use dxos_proto::prost::Message as _;

use super::RpcError;
use crate::Reject;

/// A message of the protocol; its texts and values are parts of the bytes that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub enum Message<'a> {
    /// A call, or the beginning of a stream.
    Request(Request<'a>),
    /// An answer, or something of a stream.
    Response {
        /// The number of the request.
        id: i32,
        /// What it says.
        content: Content<'a>,
    },
    /// "I am here."
    Open,
    /// "I have heard you."
    OpenAck,
    /// The caller of a stream is through with it.
    StreamClose {
        /// The number of the request.
        id: i32,
    },
    /// "I am leaving."
    Bye,
}

/// What is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// Its number, given by the caller.
    pub id: i32,
    /// Full name of the service, a dot, and the method.
    pub method: &'a str,
    /// What it is asked with.
    pub payload: Any<'a>,
    /// Whether a stream is expected in return.
    pub stream: bool,
}

/// A value with a type name, which nothing depends on (MESH-RPC-006).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Any<'a> {
    /// The name as it stands there.
    pub type_url: &'a [u8],
    /// The encoded message.
    pub value: &'a [u8],
}

/// What a response says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content<'a> {
    /// The result of a call, or an item of a stream.
    Payload(Any<'a>),
    /// The call or the stream has failed.
    Error(RpcError),
    /// The stream has ended.
    Close,
    /// The stream has begun.
    Ready,
    /// None of them.
    Nothing,
}

impl<'a> Message<'a> {
    /// Reads a message (MESH-RPC-001, MESH-RPC-002).
    ///
    /// # Errors
    /// `decode.*` for what is no Protobuf encoding of the schema, `decode.missing` where it says nothing.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Reject> {
        let mut said = None;
        let mut fields = Fields { rest: bytes };
        while let Some((number, field)) = fields.next()? {
            let member = match number {
                1 => Some(Self::Request(Request::decode(field.bytes()?)?)),
                2 => Some(response(field.bytes()?)?),
                3 => field.flag()?.then_some(Self::Open),
                4 => field.flag()?.then_some(Self::OpenAck),
                5 => Some(Self::StreamClose { id: only_id(field.bytes()?)? }),
                6 => {
                    let mut fields = Fields { rest: field.bytes()? };
                    while fields.next()?.is_some() {}
                    Some(Self::Bye)
                }
                _ => {
                    passed_over()?;
                    continue;
                }
            };
            said = alter!(MESH_RPC_001, member, "of several members the first counts" => said.or(member));
        }
        require!(MESH_RPC_002, said.is_some(), DecodeMissing, "the message says nothing")?;
        // Without the check above, what says nothing is a farewell.
        Ok(said.unwrap_or(Self::Bye))
    }
}

/// A field that is not in the schema.
fn passed_over() -> Result<(), Reject> {
    alter!(MESH_RPC_003, Ok(()), "a field that is not known is refused" => Err(super::mistakes::unknown_field()))
}

impl<'a> Request<'a> {
    fn decode(bytes: &'a [u8]) -> Result<Self, Reject> {
        let mut request = Self::default();
        let mut fields = Fields { rest: bytes };
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => request.id = field.id()?,
                2 => request.method = text(field.bytes()?)?,
                3 => request.payload = any(field.bytes()?)?,
                4 => request.stream = field.flag()?,
                _ => passed_over()?,
            }
        }
        Ok(request)
    }
}

fn response<'a>(bytes: &'a [u8]) -> Result<Message<'a>, Reject> {
    let (mut id, mut content) = (0, Content::Nothing);
    let mut fields = Fields { rest: bytes };
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => id = field.id()?,
            2 => content = Content::Payload(any(field.bytes()?)?),
            3 => content = Content::Error(failure(field.bytes()?)?),
            4 => content = if field.flag()? { Content::Close } else { Content::Nothing },
            5 => content = if field.flag()? { Content::Ready } else { Content::Nothing },
            _ => passed_over()?,
        }
    }
    Ok(Message::Response { id, content })
}

fn only_id(bytes: &[u8]) -> Result<i32, Reject> {
    let mut id = 0;
    let mut fields = Fields { rest: bytes };
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => id = field.id()?,
            _ => passed_over()?,
        }
    }
    Ok(id)
}

fn any(bytes: &[u8]) -> Result<Any<'_>, Reject> {
    let mut any = Any::default();
    let mut fields = Fields { rest: bytes };
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => any.type_url = field.bytes()?,
            2 => any.value = field.bytes()?,
            _ => passed_over()?,
        }
    }
    Ok(any)
}

/// Errors are rare, and their context is a tree of its own: the compiled schema reads them.
fn failure(bytes: &[u8]) -> Result<RpcError, Reject> {
    error::Error::decode(bytes).map(RpcError::from_proto).or_else(|_| {
        refuse!(MESH_RPC_002, DecodeLength, "an error cannot be read")?;
        Ok(RpcError::default())
    })
}

fn text(bytes: &[u8]) -> Result<&str, Reject> {
    std::str::from_utf8(bytes).or_else(|_| {
        refuse!(MESH_RPC_002, DecodeUtf8, "a method is not UTF-8")?;
        Ok("")
    })
}

/// One field after the other.
struct Fields<'a> {
    rest: &'a [u8],
}

/// What a field holds, by its wire type.
#[derive(Clone, Copy)]
enum Field<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes, which no field of the schema has.
    Fixed,
}

impl<'a> Field<'a> {
    fn bytes(self) -> Result<&'a [u8], Reject> {
        if let Self::Bytes(bytes) = self {
            return Ok(bytes);
        }
        refuse!(MESH_RPC_002, DecodeWireType, "a field of bytes is a number")?;
        Ok(&[])
    }

    fn number(self) -> Result<u64, Reject> {
        if let Self::Varint(number) = self {
            return Ok(number);
        }
        refuse!(MESH_RPC_002, DecodeWireType, "a field of a number is bytes")?;
        Ok(0)
    }

    fn flag(self) -> Result<bool, Reject> {
        Ok(self.number()? != 0)
    }

    /// The low 32 bits, as every reader of an `int32` takes them.
    #[allow(clippy::cast_possible_truncation)]
    fn id(self) -> Result<i32, Reject> {
        Ok(self.number()? as i32)
    }
}

impl<'a> Fields<'a> {
    fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, Reject> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?),
            1 => self.take(8).map(|_| Field::Fixed)?,
            2 => {
                let length = self.varint()?;
                Field::Bytes(self.take(usize::try_from(length).unwrap_or(usize::MAX))?)
            }
            5 => self.take(4).map(|_| Field::Fixed)?,
            _ => {
                refuse!(MESH_RPC_002, DecodeWireType, "a wire type does not exist")?;
                Field::Fixed
            }
        };
        Ok(Some((key >> 3, field)))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Reject> {
        let there = length <= self.rest.len();
        require!(MESH_RPC_002, there, DecodeLength, "a length points behind the end")?;
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, Reject> {
        let mut value = 0;
        let mut shift = 0;
        while let Some((byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
            if shift >= 64 {
                break;
            }
        }
        refuse!(MESH_RPC_002, DecodeVarint, "a number is cut short or too long")?;
        Ok(value)
    }
}
