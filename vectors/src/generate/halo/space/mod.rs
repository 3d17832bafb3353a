//! Spaces.

mod delegation;
mod deployed;
mod epochs;
mod feeds;
mod forks;
mod genesis;
mod ids;
mod limits;
mod losses;
mod members;
mod order;
mod play;
mod process;
mod profiles;
mod roles;
mod scene;
mod wanted;
mod worked;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    let mut topics = vec![
        genesis::genesis(),
        ids::ids(),
        members::permission(),
        members::graph(),
        members::heads(),
        forks::roles(),
        forks::merges(),
        losses::losses(),
        losses::mutual(),
        feeds::feeds(),
        epochs::epochs(),
        epochs::issuers(),
        profiles::profiles(),
        delegation::open(),
        delegation::closed(),
        limits::limits(),
    ];
    topics.extend(worked::topics());
    topics.extend(order::topics());
    topics.extend(roles::topics());
    topics.extend(process::topics());
    topics.extend(deployed::topics());
    topics
}
