//! The KUBE: a server around the sans-IO protocols of `dxos_reference::kube`.
#![forbid(unsafe_code)]

pub mod bench;
pub mod cli;
pub mod config;
pub mod connection;
pub mod control;
pub mod daemon;
pub mod federation;
pub mod grpc;
pub mod http;
pub mod kube;
pub mod logs;
pub mod metrics;
#[cfg(feature = "otel")]
pub mod otel;
pub mod serve;
pub mod signalling;
pub mod store;
pub mod supervising;
pub mod tls;
pub mod websocket;

pub use daemon::{Daemon, Options, Running};

/// Fresh random bytes of the system.
///
/// # Panics
/// If the system has none to give: nothing here could be kept secret then.
#[allow(clippy::expect_used, reason = "there is no going on without randomness")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    use ring::rand::SecureRandom;
    let mut bytes = [0; N];
    ring::rand::SystemRandom::new().fill(&mut bytes).expect("random bytes of the system");
    bytes
}
