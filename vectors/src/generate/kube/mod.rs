//! KUBE.

mod access;
mod config;
mod endpoint;
mod federation;
mod play;
mod process;
mod signal;
mod supervisor;

use super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    let mut topics = access::topics();
    topics.extend(config::topics());
    topics.extend(federation::topics());
    topics.extend(process::topics());
    topics.extend(supervisor::topics());
    topics.extend(endpoint::topics());
    topics.extend(signal::topics());
    topics
}
