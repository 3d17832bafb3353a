//! The server by what its clients, and whoever runs it, see of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails panics"
)]

mod cli;
mod grpc;
mod http;
mod killed;
mod processes;
mod signalling;
mod support;
