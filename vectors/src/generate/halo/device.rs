//! Devices and profiles.

mod deployed;
mod identity;
mod ids;
mod order;
mod process;
mod replay;
mod scene;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![
        replay::authorized(),
        replay::profiles(),
        replay::default_space(),
        order::order(),
        process::authorized(),
        process::profiles(),
        process::default_space(),
        deployed::devices(),
        deployed::refused(),
        identity::replay(),
        identity::process(),
        deployed::names(),
    ]
}
