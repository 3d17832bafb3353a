//! Frames, messages and the behaviour of replication.

mod asking;
mod bitfield;
mod fault;
mod frame;
mod message;
mod opening;
mod scene;
mod serving;
mod telling;
mod time;

use dxos_reference::keys::Suite;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    let mut topics = vec![
        frame::frames(),
        message::decode(),
        message::faults(),
        message::every_cut(),
        message::encode(),
        bitfield::decode(),
        bitfield::encode(),
        opening::channels(),
        opening::limits(),
        time::time(),
    ];
    for suite in [Suite::P256, Suite::Ed25519] {
        topics.extend([
            asking::asking(suite),
            serving::serving(suite),
            telling::telling(suite),
            fault::stream(suite),
            fault::proof(suite),
        ]);
    }
    topics
}
