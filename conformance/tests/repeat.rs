//! The same run several times: testees that do not answer alike are found.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod toy;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dxos_conformance::event::{self, Event, Stop};
use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::in_process::InProcess;
use dxos_conformance::protocol::Answer;
use dxos_conformance::repeat::RepeatEvent;
use dxos_conformance::report::paint::{Detail, Look};
use dxos_conformance::report::terminal;
use dxos_conformance::summary::{Decision, Summary};
use dxos_conformance::testee::{Limits, Testee, Trouble};
use serde_json::{Map, Value};
use toy::{Faults, Settings, Toy, book, events, text_of};

/// The toy, but for what it says when it is asked something for the n-th time, counted over all runs.
struct Moody {
    toy: Toy,
    asked: Arc<AtomicUsize>,
    text: &'static str,
    mood: fn(usize) -> Option<Answer>,
}

impl Implementation for Moody {
    fn hello(&self) -> Hello {
        self.toy.hello()
    }

    fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        let now = (op == "toy.parse" && text_of(input) == self.text)
            .then(|| (self.mood)(self.asked.fetch_add(1, Ordering::Relaxed)));
        now.flatten().unwrap_or_else(|| self.toy.call(op, input))
    }
}

fn moody(text: &'static str, faults: Faults, mood: fn(usize) -> Option<Answer>) -> Vec<Event> {
    let asked = Arc::new(AtomicUsize::new(0));
    let make = move || {
        let (toy, asked) = (Toy(faults), Arc::clone(&asked));
        Box::new(Moody { toy, asked, text, mood }) as Box<dyn Implementation>
    };
    events(&make, &Settings { times: 5, probes: false, ..Settings::default() })
}

fn repeated(events: &[Event]) -> &RepeatEvent {
    let found = events.iter().find_map(|event| match event {
        Event::Repeat(repeat) => Some(repeat),
        _ => None,
    });
    found.unwrap()
}

fn reject(class: &str, message: &str) -> Option<Answer> {
    Some(Answer::Reject { class: class.into(), message: message.into() })
}

#[test]
fn a_steady_testee_is_identical_but_for_times() {
    for jobs in [1, 4] {
        let faults = Faults { wrong_class: true, panics_on_sign: true, ..Faults::default() };
        let settings = Settings { times: 10, jobs, ..Settings::default() };
        let events = events(&move || Box::new(Toy(faults)), &settings);
        assert_eq!(repeated(&events), &RepeatEvent { runs: 10, flaky: vec![], other: vec![] });
        let text = terminal::render(&Summary::of(&events), &book(), Look::default());
        assert!(text.contains("\n  10 runs, identical but for times\n"), "{text}");
    }
}

#[test]
fn once_is_a_run_as_any_other() {
    let once = events(&|| Box::new(Toy::default()), &Settings::default());
    assert!(!once.iter().any(|event| matches!(event, Event::Repeat(_))));
    let twice = events(&|| Box::new(Toy::default()), &Settings { times: 2, ..Settings::default() });
    assert_eq!(twice.len(), once.len() + 1, "the record of the first run, and the outcome");
    assert_eq!(Summary::of(&twice).decision, Decision::Conformant);
}

#[test]
fn a_case_that_fails_once_is_found_and_fails_the_run() {
    // The first run is all right.
    let events =
        moody("300", Faults::default(), |asked| if asked == 3 { reject("auth.key", "") } else { None });
    let summary = Summary::of(&events);
    assert_eq!(summary.decision.exit_code(), 1);
    for detail in [Detail::Quiet, Detail::Usual] {
        let text = terminal::render(&summary, &book(), Look { detail, ..Look::default() });
        assert!(text.contains(" FLAKY  toy/number/parse/too-big\n"), "{text}");
    }
    let text = terminal::render(&summary, &book(), Look { detail: Detail::Quiet, ..Look::default() });
    insta::assert_snapshot!(text);
    let mut bytes = Vec::new();
    events.iter().for_each(|event| event::write(event, &mut bytes).unwrap());
    assert_eq!(event::read(&bytes[..]).unwrap(), events);
}

#[test]
fn another_answer_is_flaky_even_with_the_same_verdict() {
    let wrong = |asked| if asked % 2 == 0 { reject("auth.key", "") } else { reject("auth.role", "") };
    let events = moody("300", Faults::default(), wrong);
    let flaky = &repeated(&events).flaky;
    assert_eq!(flaky.len(), 1);
    assert_eq!((flaky[0].first, flaky[0].ended[0].runs, flaky[0].ended[1].runs), (2, 3, 2));
    assert_eq!(flaky[0].differs, ["frames", "got"]);
    // And so is the text of it, if only there.
    let words = |asked| match asked % 2 {
        0 => reject("auth.key", "one"),
        _ => reject("auth.key", "other"),
    };
    let events = moody("300", Faults::default(), words);
    assert_eq!(repeated(&events).flaky.len(), 1);
}

#[test]
fn a_coarse_testee_that_wavers_is_flaky_though_it_passes() {
    let faults = Faults { stage_only: true, ..Faults::default() };
    let wavers = |asked| if asked == 2 { reject("schema.type", "") } else { None };
    let events = moody("300", faults, wavers);
    let flaky = &repeated(&events).flaky;
    assert_eq!((flaky.len(), flaky[0].differs.join(" ")), (1, "coarse got".to_owned()));
}

#[test]
fn a_case_that_decides_nothing_is_flaky_too() {
    let events =
        moody("70000", Faults::default(), |asked| if asked == 1 { reject("auth.key", "") } else { None });
    assert_eq!(repeated(&events).flaky[0].case, "toy/number/parse/huge");
    assert_eq!(Summary::of(&events).decision.exit_code(), 1);
}

#[test]
fn a_sibling_that_wavers_shows_in_what_leans_on_it() {
    let events =
        moody("7", Faults::default(), |asked| if asked == 4 { reject("auth.key", "") } else { None });
    let flaky: Vec<&str> = repeated(&events).flaky.iter().map(|flaky| flaky.case.as_str()).collect();
    assert!(
        flaky.contains(&"toy/number/parse/plain") && flaky.contains(&"toy/number/parse/too-big"),
        "{flaky:?}"
    );
}

#[test]
fn a_testee_that_claims_something_else_later_is_found() {
    let starts = AtomicUsize::new(0);
    let make = || {
        let no_make = starts.fetch_add(1, Ordering::Relaxed) > 0;
        Box::new(Toy(Faults { no_make, ..Faults::default() })) as Box<dyn Implementation>
    };
    let events = events(&make, &Settings { times: 2, probes: false, ..Settings::default() });
    let repeat = repeated(&events);
    assert_eq!(
        repeat.flaky.iter().map(|flaky| flaky.case.as_str()).collect::<Vec<_>>(),
        ["toy/number/make/judged"]
    );
    assert_eq!(repeat.other, ["run 2 has other probes, claims or replaced processes than run 1"]);
    assert_eq!(Summary::of(&events).decision.exit_code(), 1);
}

#[test]
fn an_interruption_between_runs_is_one() {
    let limits = Limits::default();
    let interrupt = Arc::clone(&limits.interrupt);
    let starts = AtomicUsize::new(0);
    let make = move || {
        if starts.fetch_add(1, Ordering::Relaxed) == 2 {
            interrupt.store(true, Ordering::Relaxed);
        }
        Box::new(Toy::default()) as Box<dyn Implementation>
    };
    let events = events(&make, &Settings { times: 5, probes: false, limits, ..Settings::default() });
    assert_eq!(repeated(&events).runs, 2);
    let Some(Event::End(end)) = events.last() else { panic!() };
    assert_eq!(end.stopped, Some(Stop::Interrupted));
    assert_eq!(Summary::of(&events).decision.exit_code(), 130);
}

/// A testee that starts so many times, and then does not.
fn starts(count: usize) -> (Result<(), Trouble>, Vec<Event>) {
    let started = AtomicUsize::new(0);
    let start = || match started.fetch_add(1, Ordering::Relaxed) {
        number if number < count => {
            Ok(Box::new(InProcess::start(Box::new(Toy::default()))) as Box<dyn Testee>)
        }
        _ => Err(Trouble::CannotStart("the disk is gone".into())),
    };
    toy::run_with(&start, &Settings { times: 3, probes: false, ..Settings::default() })
}

#[test]
fn a_testee_that_does_not_start_is_trouble_the_first_time_and_flaky_later() {
    let (ended, events) = starts(0);
    assert!(ended.is_err());
    assert_eq!(Summary::of(&events).decision, Decision::Trouble("the disk is gone".into()));
    let (ended, events) = starts(1);
    assert!(ended.is_ok());
    assert_eq!(repeated(&events).other, ["run 2 broke off: no conformance result: the disk is gone"]);
    assert_eq!(Summary::of(&events).decision.exit_code(), 1);
}
