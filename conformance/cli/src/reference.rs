//! The reference as a testee, and as the judge of randomised outputs.

use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::protocol::Answer;
use dxos_reference::operations::{Failure, OPERATIONS, Operations};
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
        let features = [
            "suite.p256",
            "suite.ed25519",
            "kube.clock",
            "kube.federation",
            "kube.library",
            "kube.operator",
            "mesh.invitation",
            "bench",
        ];
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
        match self.operations.call(op, input) {
            Ok(result) => Answer::Ok(result),
            Err(Failure::Reject(reject)) => {
                Answer::Reject { class: reject.class.name().to_owned(), message: reject.to_string() }
            }
            Err(Failure::Unsupported) => Answer::Unsupported,
            Err(failure @ Failure::Request { .. }) => Answer::Bug { message: failure.to_string() },
        }
    }

    fn close(&mut self, session: &str) {
        self.operations.close(session);
    }
}
