//! HALO: spaces, devices, invitations, authentication.

mod auth;
mod device;
mod invitation;
mod space;
mod wanted;

use super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    let mut topics = Vec::new();
    topics.extend(space::topics());
    topics.extend(device::topics());
    topics.extend(invitation::topics());
    topics.extend(auth::topics());
    topics
}
