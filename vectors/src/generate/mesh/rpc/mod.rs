//! dxRPC.

mod calls;
mod closing;
mod codec;
mod errors;
mod limits;
mod opening;
mod scene;
mod services;
mod streams;

use super::super::topic::Topic;

/// All topics.
pub(super) fn topics() -> Vec<Topic> {
    vec![
        codec::decode(),
        codec::every_cut(),
        codec::encode(),
        opening::opening(),
        opening::without_handshake(),
        calls::calling(),
        calls::serving(),
        streams::reading(),
        streams::producing(),
        errors::errors(),
        closing::closing(),
        limits::limits(),
        services::services(),
    ]
}
