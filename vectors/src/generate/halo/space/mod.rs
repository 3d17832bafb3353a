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
mod observed;
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
        members::heads(),
        forks::pairs(),
        feeds::feeds(),
        feeds::several(),
        epochs::epochs(),
        epochs::issuers(),
        profiles::ties(),
        delegation::open(),
        delegation::expiry(),
    ];
    topics.extend(ids::ids());
    topics.extend(members::permission());
    topics.extend(members::graph());
    topics.extend(forks::decisions());
    topics.extend(forks::merges());
    topics.extend(losses::losses());
    topics.extend(losses::mutual());
    topics.extend(profiles::profiles());
    topics.extend(delegation::closed());
    topics.extend(limits::topics());
    topics.extend(worked::topics());
    topics.extend(order::topics());
    topics.extend(roles::topics());
    topics.extend(process::topics());
    topics.extend(deployed::topics());
    topics
}
