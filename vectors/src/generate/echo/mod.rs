//! ECHO: feeds, their storage and replication, messages and their order.

mod feed;
mod message;
mod replication;
mod storage;

use super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    [feed::topics(), storage::topics(), replication::topics(), message::topics()]
        .into_iter()
        .flatten()
        .collect()
}
