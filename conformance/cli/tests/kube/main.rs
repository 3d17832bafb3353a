//! A KUBE judged by its address: ours, a small one in Node, and servers that are wrong.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

mod address;
mod mutants;
mod node;
mod server;
#[path = "../support/mod.rs"]
mod support;
