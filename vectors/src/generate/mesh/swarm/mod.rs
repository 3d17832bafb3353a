//! Topics, and how the peers of a swarm agree on connections.

mod ending;
mod offering;
mod scene;
mod signals;
mod topic;
mod topology;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![
        topic::topic(),
        offering::offering(),
        offering::answering(),
        offering::collisions(),
        offering::answers(),
        signals::signals(),
        signals::batches(),
        ending::ending(),
        ending::backoff(),
        topology::topologies(),
        topology::invitation(),
    ]
}
