//! A KUBE at an address as a testee.

use std::collections::BTreeMap;
use std::sync::Arc;

use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::kube_address::Address;
use dxos_conformance::protocol::Answer;
use dxos_reference::operations::Failure;
use dxos_reference::operations::kube::Operator;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

use crate::clients::{self, Clients};
use crate::dial::{DialError, Dialler};

/// What one can ask of a KUBE from outside.
const OPERATIONS: &[&str] = &[
    "kube.begin",
    "kube.open",
    "kube.send",
    "kube.receive",
    "kube.close",
    "kube.http",
    "kube.challenge",
    "kube.authenticate",
    "kube.call",
];

/// What of it has no form in gRPC.
const SOCKETS_ALONE: &[&str] = &["kube.http"];

/// The feature of who can act as the operator.
const OPERATOR: &str = "kube.operator";

/// A KUBE at an address; each session has clients of its own.
pub struct AtAddress {
    sessions: BTreeMap<String, Operator<Clients>>,
    dialler: Arc<Dialler>,
    runtime: Arc<Runtime>,
}

impl AtAddress {
    /// Sees whether there is a KUBE at the address.
    ///
    /// # Errors
    /// [`DialError`], which says what to do.
    pub fn connect(address: &Address) -> Result<Self, DialError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| DialError::Unreachable(address.authority(), error.to_string()))?;
        let dialler = Dialler::new(address)?;
        runtime.block_on(clients::look(&dialler))?;
        Ok(Self { sessions: BTreeMap::new(), dialler: Arc::new(dialler), runtime: Arc::new(runtime) })
    }

    fn operations(&self) -> Vec<&'static str> {
        let grpc = clients::is_grpc(&self.dialler);
        OPERATIONS.iter().copied().filter(|op| !(grpc && SOCKETS_ALONE.contains(op))).collect()
    }

    fn clients(&self) -> Operator<Clients> {
        Operator::new(Clients::new(&self.dialler, &self.runtime))
    }
}

/// What the operation layer of the reference says, as an answer of a testee.
pub fn answered(answer: Result<Map<String, Value>, Failure>) -> Answer {
    match answer {
        Ok(result) => Answer::Ok(result),
        Err(Failure::Reject(reject)) => {
            Answer::Reject { class: reject.class.name().to_owned(), message: reject.to_string() }
        }
        Err(Failure::Unsupported) => Answer::Unsupported,
        Err(failure @ Failure::Request { .. }) => Answer::Bug { message: failure.to_string() },
    }
}

impl Implementation for AtAddress {
    fn hello(&self) -> Hello {
        let address = self.dialler.address();
        let features: &[&str] = if address.operator.is_some() { &[OPERATOR] } else { &[] };
        Hello::new("KUBE", &format!("at {}", address.url()), "by address", &self.operations(), features)
    }

    fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        if !self.operations().contains(&op) {
            return Answer::Unsupported;
        }
        let answer = match input.get("session").and_then(Value::as_str) {
            None => self.clients().call(op, input),
            Some(session) => {
                if !self.sessions.contains_key(session) {
                    self.sessions.insert(session.to_owned(), self.clients());
                }
                match self.sessions.get_mut(session) {
                    Some(clients) => clients.call(op, input),
                    None => Err(Failure::Unsupported),
                }
            }
        };
        answered(answer)
    }

    fn close(&mut self, session: &str) {
        self.sessions.remove(session);
    }
}
