//! The reference as a testee.

use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::protocol::Answer;
use serde_json::{Map, Value};

/// The operation layer of the reference.
#[derive(Debug, Default)]
pub(crate) struct Reference;

impl Implementation for Reference {
    fn hello(&self) -> Hello {
        Hello::new("dxos-reference", env!("CARGO_PKG_VERSION"), "rust", &[], &[])
    }

    fn call(&mut self, _op: &str, _input: &Map<String, Value>) -> Answer {
        Answer::Unsupported
    }
}
