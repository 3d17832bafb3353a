//! Several servers on one bus.

mod message;
mod presence;
mod refused;
mod scene;
mod server;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![presence::swarm(), presence::time(), server::server(), message::message(), refused::refused()]
}
