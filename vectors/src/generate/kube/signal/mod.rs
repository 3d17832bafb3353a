//! Signalling, by its socket.

mod limits;
mod messages;
mod proof;
mod refusals;
mod swarms;

use super::super::topic::Topic;

/// The feature of cases that change how a server is configured, or its time.
const CLOCK: &str = "kube.clock";

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![
        swarms::swarms(),
        swarms::presence(),
        messages::messages(),
        refusals::refusals(),
        limits::limits(),
        limits::room(),
        limits::plenty(),
        limits::silence(),
        proof::proof(),
    ]
}
