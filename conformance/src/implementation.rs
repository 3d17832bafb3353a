//! The other side of the protocol as a Rust trait, and the service around it.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::Instant;

use dxos_vectors::Class;
use serde_json::{Map, Value, json};

use crate::hello::Hello;
use crate::protocol::{Answer, VERSION};

/// An implementation of some operations.  What `direct:` runs, what `serve` serves, and what judges the
/// randomised outputs of others.
pub trait Implementation: Send {
    /// What is claimed; the same at each call.
    fn hello(&self) -> Hello;

    /// Carries out one operation.  One that is not known is answered with [`Answer::Unsupported`].
    /// `session` names a session that is open.
    fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer;

    /// A session has ended: what was kept for it can go.
    fn close(&mut self, session: &str) {
        let _ = session;
    }
}

/// The most iterations of one `bench` request.
const BENCH_LIMIT: u64 = 100_000_000;

/// An implementation together with the operations that are the same for all: `hello`, sessions, `bench`.
pub struct Service {
    implementation: Box<dyn Implementation>,
    hello: Hello,
    opened: u64,
    open: BTreeSet<String>,
}

impl Service {
    /// Wraps an implementation.
    pub fn new(implementation: Box<dyn Implementation>) -> Self {
        let hello = implementation.hello();
        Self { implementation, hello, opened: 0, open: BTreeSet::new() }
    }

    /// What the implementation claims.
    pub const fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Answers one request.
    pub fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        match op {
            "hello" => self.greet(input),
            "session.open" => {
                let session = self.new_session();
                self.open.insert(session.clone());
                Answer::Ok(Map::from_iter([("session".to_owned(), session.into())]))
            }
            "session.close" => match input.get("session") {
                Some(Value::String(session)) if self.open.remove(session) => {
                    self.implementation.close(session);
                    Answer::Ok(Map::new())
                }
                _ => Answer::reject(Class::StateUnknownRef, "no such session is open"),
            },
            "wire.open" => self.open_wire(input),
            "bench" if self.hello.has("bench") => self.bench(input),
            _ => match input.get("session") {
                Some(Value::String(session)) if !self.open.contains(session) => {
                    Answer::reject(Class::StateUnknownRef, "no such session is open")
                }
                _ => self.implementation.call(op, input),
            },
        }
    }

    fn new_session(&mut self) -> String {
        self.opened += 1;
        format!("s{}", self.opened)
    }

    /// A connection is a session that begins with what is said first.
    fn open_wire(&mut self, input: &Map<String, Value>) -> Answer {
        let session = self.new_session();
        let mut input = input.clone();
        input.insert("session".to_owned(), session.clone().into());
        match self.implementation.call("wire.open", &input) {
            Answer::Ok(mut result) => {
                self.open.insert(session.clone());
                result.insert("session".to_owned(), session.into());
                Answer::Ok(result)
            }
            other => {
                self.implementation.close(&session);
                other
            }
        }
    }

    fn greet(&self, input: &Map<String, Value>) -> Answer {
        match input.get("tp").and_then(Value::as_u64) {
            Some(VERSION) => Answer::Ok(self.hello.to_result()),
            _ => Answer::reject(Class::SchemaRange, "only version 1 of the testee protocol is spoken here"),
        }
    }

    /// Repeats an operation and answers the time of all iterations together.  An operation that is not
    /// served, or fails unexpectedly, is answered once with just that: its time would mean nothing.
    fn bench(&mut self, input: &Map<String, Value>) -> Answer {
        let (Some(Value::String(op)), Some(Value::Object(arguments)), Some(iterations)) =
            (input.get("op"), input.get("in"), input.get("iterations").and_then(Value::as_u64))
        else {
            return Answer::reject(Class::SchemaType, "bench wants op, in and iterations");
        };
        if iterations == 0 || iterations > BENCH_LIMIT {
            return Answer::reject(Class::SchemaRange, format!("iterations must be 1 to {BENCH_LIMIT}"));
        }
        let first = self.implementation.call(op, arguments);
        if matches!(first, Answer::Unsupported | Answer::Bug { .. }) {
            return first;
        }
        let start = Instant::now();
        for _ in 0..iterations {
            black_box(self.implementation.call(black_box(op), black_box(arguments)));
        }
        let nanoseconds = start.elapsed().as_nanos().to_string();
        match json!({ "nanoseconds": nanoseconds }) {
            Value::Object(result) => Answer::Ok(result),
            _ => Answer::Unsupported,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Adder;

    impl Implementation for Adder {
        fn hello(&self) -> Hello {
            Hello::new("adder", "1", "rust", &["add"], &["bench"])
        }

        fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
            match op {
                "add" => Answer::Ok(input.clone()),
                "wire.open" if input.contains_key("stack") => Answer::Ok(Map::new()),
                "wire.open" => Answer::reject(Class::SchemaType, "no stack"),
                _ => Answer::Unsupported,
            }
        }
    }

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn sessions_are_opened_and_closed_once() {
        let mut service = Service::new(Box::new(Adder));
        let Answer::Ok(session) = service.call("session.open", &Map::new()) else { panic!() };
        assert_eq!(service.call("session.close", &session), Answer::Ok(Map::new()));
        assert!(matches!(service.call("session.close", &session), Answer::Reject { .. }));
    }

    #[test]
    fn a_connection_is_a_session_if_it_comes_about() {
        let mut service = Service::new(Box::new(Adder));
        assert!(matches!(service.call("wire.open", &Map::new()), Answer::Reject { .. }));
        let Answer::Ok(opened) = service.call("wire.open", &object(json!({"stack": "x"}))) else { panic!() };
        assert_eq!(service.call("add", &opened), Answer::Ok(opened.clone()));
        assert_eq!(service.call("session.close", &opened), Answer::Ok(Map::new()));
        assert!(matches!(service.call("add", &opened), Answer::Reject { .. }));
    }

    #[test]
    fn bench_measures_only_what_is_served() {
        let mut service = Service::new(Box::new(Adder));
        let bench = |op: &str, iterations: u64| object(json!({"op": op, "in": {}, "iterations": iterations}));
        let Answer::Ok(result) = service.call("bench", &bench("add", 10)) else { panic!() };
        assert!(result["nanoseconds"].as_str().unwrap().parse::<u64>().is_ok());
        assert_eq!(service.call("bench", &bench("other", 10)), Answer::Unsupported);
        assert!(matches!(service.call("bench", &bench("add", 0)), Answer::Reject { .. }));
    }

    #[test]
    fn hello_wants_the_version() {
        let mut service = Service::new(Box::new(Adder));
        assert!(matches!(service.call("hello", &object(json!({"tp": 1}))), Answer::Ok(_)));
        assert!(matches!(service.call("hello", &object(json!({"tp": 2}))), Answer::Reject { .. }));
    }
}
