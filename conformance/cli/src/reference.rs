//! The reference as a testee, and as the judge of randomised outputs.

use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::protocol::Answer;
use dxos_conformance_kube::answered;
use dxos_reference::operations::{OPERATIONS, Operations};
use dxos_vectors::lint::FEATURES;
use serde_json::{Map, Value};

use crate::measure::Measure;

/// The operation layer of the reference, with the instrument of `dxspec bench`.
#[derive(Debug, Default)]
pub(crate) struct Reference {
    operations: Operations,
    measure: Measure,
}

const MEASURE: &str = "echo.measure";

impl Implementation for Reference {
    fn hello(&self) -> Hello {
        let features = [FEATURES, &["bench"]].concat();
        let ops = [OPERATIONS, &[MEASURE]].concat();
        Hello::new("dxos-reference", env!("CARGO_PKG_VERSION"), "rust", &ops, &features)
    }

    fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        if op == MEASURE {
            return match self.measure.call(input) {
                Ok(result) => Answer::Ok(result),
                Err(error) => Answer::Bug { message: format!("{error:#}") },
            };
        }
        answered(self.operations.call(op, input))
    }

    fn close(&mut self, session: &str) {
        self.operations.close(session);
    }
}
