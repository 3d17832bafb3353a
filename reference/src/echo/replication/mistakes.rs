//! What plausible mistakes in replication need.

use std::collections::BTreeMap;

use super::channel::Channel;
use crate::{Class, Reject, requirement as req};

/// What is said of a keep-alive that is taken for the end.
pub(super) const fn ended() -> Reject {
    Reject::new(req::ECHO_WIRE_004, Class::FrameTruncated, "the stream ends")
}

/// What is said of a type that is not known.
pub(super) const fn unknown_type() -> Reject {
    Reject::new(req::ECHO_WIRE_009, Class::FrameUnknownType, "an unknown type")
}

/// What is said of a field that is not known.
pub(super) const fn unexpected() -> Reject {
    Reject::new(req::ECHO_WIRE_011, Class::SchemaType, "an unexpected field")
}

/// The lowest eight bits.
pub(super) const fn low_byte(number: u64) -> u8 {
    (number & 0xff) as u8
}

/// Sets a field that is not set yet.
pub(super) fn keep<T>(field: &mut Option<T>, value: T) {
    field.get_or_insert(value);
}

/// The next block, announced or not.
pub(super) fn next(end: u64, cursor: u64) -> Option<u64> {
    (cursor < end).then_some(cursor)
}

/// Refuses an Open without a capability.
pub(super) fn capable(capability: &Option<Vec<u8>>) -> Result<(), Reject> {
    match capability {
        Some(_) => Ok(()),
        None => Err(Reject::new(req::ECHO_REPL_005, Class::AuthKey, "no capability")),
    }
}

/// The remote's number of the feed that has this number with us.
pub(super) fn ours(
    channels: &BTreeMap<[u8; 32], Channel>,
    remote: &BTreeMap<u64, [u8; 32]>,
    number: u64,
) -> u64 {
    let feed = channels.iter().find(|(_, channel)| channel.local == number).map(|(key, _)| key);
    let theirs = remote.iter().find(|(_, key)| Some(*key) == feed).map(|(number, _)| *number);
    theirs.unwrap_or(u64::MAX)
}

/// What is said of a message that has no effect.
pub(super) const fn not_served() -> Reject {
    Reject::new(req::ECHO_REPL_041, Class::SchemaType, "a message that is not served")
}

/// What is said of a feed that is not offered.
pub(super) const fn unknown_feed() -> Reject {
    Reject::new(req::ECHO_REPL_004, Class::StateUnknownRef, "a feed that is not offered")
}

/// What is said of a block that is not held.
pub(super) const fn not_held() -> Reject {
    Reject::new(req::ECHO_REPL_025, Class::StateUnknownRef, "a block that is not held")
}
