//! Replication of feeds: the frames and messages on a stream of bytes, and a state machine for one such stream.
//!
//! A stream carries channels, one a feed.  Both sides open a channel with the feed's discovery key, say which blocks
//! they have, ask for those that they lack, and send blocks with proofs.

mod channel;
mod field;
mod frame;
mod machine;
mod message;
#[cfg(feature = "mutants")]
mod mistakes;
mod ranges;
mod replicated;
mod rle;

pub use channel::Transfer;
pub use frame::{Frame, FrameReader, MAX_BODY};
pub use machine::{
    Event, KEEP_ALIVE, MAX_CHANNELS, MAX_PENDING, MAX_RANGES, MAX_REQUESTS, MAX_UNSENT, MAX_WANTS, Machine,
    TIMEOUT,
};
pub use message::{MAX_EXTENSIONS, Message};
pub use replicated::{Feeds, Replicated, ReplicationError};
pub use rle::{MAX_BITFIELD, decode as decode_bitfield, encode as encode_bitfield};
