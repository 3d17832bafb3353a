//! The DXOS schemas: the `.proto` files of this folder, compiled.
//!
//! The generated types are for building and reading messages in the ordinary way.  What is signed is
//! judged by the reference's own reader, which follows the book where Protobuf leaves room: see the
//! chapter on wire encoding.
#![forbid(unsafe_code)]

pub mod dissect;

#[allow(
    missing_docs,
    unused_qualifications,
    unreachable_pub,
    clippy::all,
    clippy::use_self,
    clippy::or_fun_call
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/dxos.rs"));
}

pub use generated::dxos;
pub use prost;
pub use prost_types;

/// The compiled schemas and their imports: an encoded `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The same with the comments of the files, for whoever shows what a field means.
pub const DOCUMENTED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/documented.bin"));
