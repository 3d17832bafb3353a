//! The vector format, its lint and lock, and the vectors themselves.
//!
//! A vector file is read by people who only want data and is sent, request by request, to live
//! implementations by the runner.  This crate knows the *format*; it has no protocol code.  Only the
//! optional feature `generate` links the reference, to make the data.
#![forbid(unsafe_code)]

pub mod class;
pub mod format;

pub use class::Class;
pub use format::{Alternative, Case, Derive, Dissent, Edit, Expect, Flag, Level, Source, Step, VectorFile, Want};
