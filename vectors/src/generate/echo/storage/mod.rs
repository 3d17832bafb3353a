//! Appending, and the layout of storage.

mod append;
mod bitfield;
mod files;
mod image;
mod interrupted;
mod opening;
mod reading;
mod signatures;
mod tree;

use dxos_reference::keys::Suite;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    let of_suites = [
        append::batches,
        append::limits,
        append::refusals,
        files::written,
        opening::states,
        opening::pages,
        bitfield::lost,
        interrupted::states,
        signatures::damaged,
        tree::damaged,
        reading::damaged,
        reading::cleared,
    ];
    let mut topics = vec![files::directory()];
    for suite in [Suite::P256, Suite::Ed25519] {
        topics.extend(of_suites.iter().map(|topic| topic(suite)));
    }
    topics
}
