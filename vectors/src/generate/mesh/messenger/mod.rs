//! Reliable messages.

mod receiving;
mod scene;
mod sending;

pub(super) use self::scene::{first, id};
use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![receiving::handled(), receiving::ignored(), sending::schedule(), sending::acknowledged()]
}
