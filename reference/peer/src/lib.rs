//! A live peer: sockets, files and a clock around the protocols of `dxos-reference`.
//!
//! ```text
//!  Signer ──► Peer::append ──►┐                       ┌──► Peer::replicate ◄──► any stream
//!                             │  Peer: feeds, events  │
//!  feed_files ──► Peer::add ──►┘                       └──► Peer::dial, Peer::accept ◄──► TCP
//! ```
//!
//! All that is decided about bytes is decided there; here they are moved.
#![forbid(unsafe_code)]

mod files;
mod peer;
mod signer;
mod stream;
mod tcp;

pub use files::{Durability, FileError, FileStore, feed_directory, feed_files};
pub use peer::{AppendError, DiscoveryKey, Event, Peer};
pub use signer::{Signer, SignerError};
pub use stream::StreamError;
