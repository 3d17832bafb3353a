//! HALO: credentials, chains of authority and presentations; what spaces, devices and profiles derive from
//! credentials; invitations and the authentication of connections.

pub mod auth;
mod chain;
mod credential;
pub mod device;
pub mod invitation;
mod issue;
#[cfg(feature = "mutants")]
pub(crate) mod mistakes;
mod numbers;
mod payload;
mod presentation;
pub mod space;

pub use chain::verify;
pub(crate) use chain::{is_authorized_device, verified_link};
pub use credential::{Assertion, Credential, Proof};
pub use issue::{Issue, issue, present};
pub use presentation::{Presentation, Verified};

/// The only signature type, whatever the suite.
pub const SIGNATURE_TYPE: &str = "ED25519Signature";
