//! The normative text of the DXOS protocols, indexed by requirement.
//!
//! The text is an mdBook (`book.toml`, `src/**/*.md`) and is compiled into this crate.  A requirement is a
//! paragraph that begins with its id:
//!
//! ```text
//! **[HALO-CRED-014]** A verifier MUST reject a credential whose `proof.type` is not `ED25519Signature`.
//!
//! > Deployed: how the deployed implementation differs, and since when.
//!
//! > Excluded: why no case can test it.
//! ```
//!
//! ```
//! let book = dxos_spec::Book::embedded();
//! for requirement in book.requirements() {
//!     println!("{} ({}): {}", requirement.id, requirement.level, requirement.text);
//! }
//! ```
#![forbid(unsafe_code)]

mod book;
mod chapter;
mod embedded;
mod operation;
mod plain;
mod profile;
mod requirement;

pub use book::{Book, BookError, Chapter};
pub use operation::Operation;
pub use profile::{Profile, ProfileError, profile, profiles};
pub use requirement::{Level, Requirement, is_id};
