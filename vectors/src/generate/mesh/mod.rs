//! MESH.

mod messenger;
mod rpc;
mod swarm;

use self::messenger::{first, id};
use super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    let mut topics = Vec::new();
    topics.extend(rpc::topics());
    topics.extend(messenger::topics());
    topics.extend(swarm::topics());
    topics
}
