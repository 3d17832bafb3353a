//! HALO: credentials, chains of authority and presentations.

mod chain;
mod credential;
mod issue;
#[cfg(feature = "mutants")]
pub(crate) mod mistakes;
mod numbers;
mod payload;
mod presentation;

pub use chain::verify;
pub(crate) use chain::{is_authorized_device, verified_link};
pub use credential::{Assertion, Credential, Proof};
pub use issue::{Issue, issue, present};
pub use presentation::{Presentation, Verified};

/// The only signature type, whatever the suite.
pub const SIGNATURE_TYPE: &str = "ED25519Signature";
