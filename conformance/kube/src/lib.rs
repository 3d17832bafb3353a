//! Puts the suite's requests to a KUBE at an address: the carrier `kube:`.
//!
//! ```text
//!  runner ──request──► AtAddress ──► Operator ──► Sockets ──WebSocket, HTTP──► the KUBE
//!                      (sessions)    (reference)  Calls ─────gRPC───────────►
//!                                                 (keys replaced)
//! ```
//!
//! The clients of a case are real sockets.  What they say is the reference's; what is here is how it travels.  Each
//! session has topics and keys of its own, so that runs can go side by side and be repeated, also on a server that
//! others use.
#![forbid(unsafe_code)]

mod at_address;
mod calls;
mod clients;
mod dial;
mod form;
mod http;
mod keys;
mod raw;
mod sockets;
mod tls;

pub use at_address::{AtAddress, answered};
pub use dial::DialError;
pub use form::restrict;
