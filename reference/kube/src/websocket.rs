//! WebSockets: the handshake, frames, what waits to be written, and the task of one connection.

pub mod frame;
pub mod handshake;
pub mod outbox;
pub mod session;
