//! Invitations: codes, what a guest accepts, hosting for somebody else, host and guest.

mod accept;
mod code;
mod guest;
mod guest_answers;
mod host;
mod host_admits;
mod host_ends;
mod rehost;
mod scene;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![
        code::encode(),
        code::decode(),
        accept::space(),
        accept::device(),
        rehost::rehost(),
        host::options(),
        host::introduce(),
        host::secret(),
        host::signature(),
        host_admits::space(),
        host_admits::device(),
        host_admits::several(),
        host_ends::ends(),
        host_ends::timeout(),
        guest::open(),
        guest::options(),
        guest::authenticate(),
        guest_answers::answers(),
        guest_answers::admitted(),
        guest_answers::ends(),
    ]
}
