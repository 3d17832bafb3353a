//! Devices and profiles.

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    Vec::new()
}
