//! Signalling for real clients: WebSockets and gRPC on one board.

pub mod client;
pub mod grpc;
pub mod socket;
