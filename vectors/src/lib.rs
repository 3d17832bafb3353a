//! The vector format, its lint and lock, and the vectors themselves.
//!
//! A vector file is read by people who only want data and is sent, request by request, to live
//! implementations by the runner.  This crate knows the *format*; it has no protocol code.  Only the
//! optional feature `generate` links the reference, to make the data.
//!
//! ```
//! for file in dxos_vectors::embedded()? {
//!     for case in &file.cases {
//!         println!("{} asks {}", case.id, file.op);
//!     }
//! }
//! # Ok::<(), dxos_vectors::LoadError>(())
//! ```
#![forbid(unsafe_code)]

pub mod class;
mod embedded;
mod finding;
pub mod format;
#[cfg(feature = "generate")]
pub mod generate;
pub mod lint;
mod load;
pub mod lock;
pub mod patch;
pub mod schema;
pub mod text;
pub mod witness;

pub use class::Class;
pub use embedded::{embedded, embedded_lock, embedded_texts};
pub use finding::Finding;
pub use format::{
    Alternative, Case, Derive, Dissent, Edit, Expect, Flag, Level, Source, Step, VectorFile, Want,
};
pub use load::{LoadError, load, parse, walk};
