//! dxRPC: calls and streams between two peers over a transport that carries whole messages.
//!
//! [`Peer`] is one end, without its transport, clock and handlers:
//!
//! ```text
//! receive(message, now)   tick(now)   call  stream  cancel   answer  ready  item  end   close  abort
//!                                   ↓
//!                     poll() → Send(message) | Event(…)         deadline()
//! ```

mod error;
mod limits;
mod message;
#[cfg(feature = "mutants")]
mod mistakes;
mod peer;
mod service;
mod write;

pub use error::{Code, RpcError};
pub use limits::{Limits, Settings, TIMEOUT};
pub use message::{Any, Content, Message, Request};
pub use peer::{BYE_TIMEOUT, Event, FIRST_GAP, Output, Peer};
pub use service::{Service, Services};
pub use write::encode_item;

/// What a request asks with, or an answer or an item of a stream holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// Full name of the message type, without a dot before it; the writer puts the dot (MESH-RPC-007).
    pub type_name: String,
    /// The encoded message.
    pub value: Vec<u8>,
}

impl Payload {
    /// A payload of a type.
    pub fn new(type_name: &str, value: Vec<u8>) -> Self {
        Self { type_name: type_name.to_owned(), value }
    }

    /// What a call without a result answers: a `google.protobuf.Empty` (MESH-RPC-024).
    pub fn empty() -> Self {
        Self::new("google.protobuf.Empty", Vec::new())
    }
}
