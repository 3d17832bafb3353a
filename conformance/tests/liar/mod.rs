//! A testee that says what it likes, and what a run says about it.
#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

use dxos_conformance::event::{CaseEvent, Event};
use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::protocol::Answer;
use dxos_conformance::summary::Summary;
use dxos_conformance::verdict::Verdict;
use serde_json::{Map, Value};

use crate::toy::{Settings, Toy, events, text_of};

/// A testee that claims what it likes and says what it likes; `None` is what the honest toy says.
pub(crate) struct Liar {
    pub(crate) hello: Hello,
    pub(crate) answer: fn(&str, &str) -> Option<Answer>,
}

impl Implementation for Liar {
    fn hello(&self) -> Hello {
        self.hello.clone()
    }

    fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        (self.answer)(op, text_of(input)).unwrap_or_else(|| Toy::default().call(op, input))
    }
}

pub(crate) fn claims(ops: &[&str], features: &[&str], coarse: &[&str]) -> Hello {
    let mut hello = Hello::new("liar", "1", "rust", ops, features);
    hello.coarse = coarse.iter().map(|prefix| (*prefix).to_owned()).collect();
    hello
}

pub(crate) fn honest() -> Hello {
    claims(&["toy.*"], &["suite.p256"], &[])
}

pub(crate) fn reject(class: &str) -> Option<Answer> {
    Some(Answer::Reject { class: class.into(), message: String::new() })
}

/// A run without probes, which many of these would not survive.
pub(crate) fn judged(hello: &Hello, answer: fn(&str, &str) -> Option<Answer>) -> Vec<Event> {
    with(hello, answer, Settings { probes: false, ..Settings::default() })
}

pub(crate) fn with(
    hello: &Hello,
    answer: fn(&str, &str) -> Option<Answer>,
    settings: Settings,
) -> Vec<Event> {
    events(&|| Box::new(Liar { hello: hello.clone(), answer }), &settings)
}

pub(crate) fn case<'a>(events: &'a [Event], slug: &str) -> &'a CaseEvent {
    let found = events.iter().find_map(|event| match event {
        Event::Case(case) if case.id.ends_with(&format!("/{slug}")) => Some(case.as_ref()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{slug} is not in the record"))
}

pub(crate) fn verdict(events: &[Event], slug: &str) -> Verdict {
    case(events, slug).verdict
}

/// Passed, applicable and all of the cases that decide, and the exit code.
pub(crate) fn score(events: &[Event]) -> ((usize, usize, usize), u8) {
    let summary = Summary::of(events);
    (summary.must, summary.decision.exit_code())
}
