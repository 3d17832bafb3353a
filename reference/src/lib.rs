//! The DXOS protocols, sans-IO: no clock, randomness, socket or file of its own.
//!
//! ```text
//!  bytes ──► wire ──► halo::Credential ──► canonical payload ──► keys::verify
//!            (tree)   (view of the tree)   (the text signed)     (either suite)
//! ```
//!
//! Every rejection is a [`Reject`]: a class of a closed list, and the requirement of the book that it
//! enforces.  Nothing here panics on input from outside, and every length is checked before it is used.
#![forbid(unsafe_code)]
// Without the switches an alteration is its right side alone, which may be nothing, or what it was before.
#![cfg_attr(not(feature = "mutants"), allow(clippy::no_effect, clippy::redundant_locals))]

#[macro_use]
mod reject;
pub mod canonical;
pub mod echo;
pub mod halo;
pub mod keys;
pub mod kube;
pub mod mesh;
pub mod mutant;
pub mod operations;
pub mod requirement;
pub mod schema;
pub mod wire;

pub use reject::{Class, Reject};
pub use requirement::Requirement;
