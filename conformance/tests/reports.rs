//! The texts that people read.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod toy;

use dxos_conformance::event::{self, Event};
use dxos_conformance::null::Null;
use dxos_conformance::report::paint::{Detail, Look};
use dxos_conformance::report::{json, junit, terminal};
use dxos_conformance::summary::Summary;
use toy::{Faults, Settings, book, events, toy};

fn terminal(events: &[Event]) -> String {
    terminal::render(&Summary::of(events), &book(), Look::default())
}

#[test]
fn success_is_short() {
    insta::assert_snapshot!(terminal(&toy(Faults::default())));
}

#[test]
fn failures_are_explained() {
    let faults =
        Faults { wrong_class: true, panics_on_sign: true, makes_nonsense: true, ..Faults::default() };
    insta::assert_snapshot!(terminal(&toy(faults)));
}

#[test]
fn what_proves_nothing_is_said() {
    insta::assert_snapshot!(terminal(&toy(Faults { drops_zeros: true, no_make: true, ..Faults::default() })));
}

#[test]
fn a_failed_probe_says_what_to_do() {
    let answers = |null: Null| {
        let text = terminal(&events(&move || Box::new(null), &Settings::default()));
        // The name of the operation is new each time.
        let start = text.find("probe.").unwrap();
        text.replace(&text[start + 6..start + 22], "0123456789abcdef")
    };
    insta::assert_snapshot!(answers(Null::Constant));
}

#[test]
fn a_truncated_record_still_renders() {
    let mut bytes = Vec::new();
    for event in toy(Faults { wrong_class: true, ..Faults::default() }) {
        event::write(&event, &mut bytes).unwrap();
    }
    let read = event::read(&bytes[..bytes.len() / 2]).unwrap();
    let text = terminal(&read);
    assert!(text.ends_with("no conformance result: the record is incomplete (exit 3)\n"), "{text}");
}

#[test]
fn a_record_survives_its_file() {
    let events = toy(Faults { wrong_class: true, panics_on_sign: true, ..Faults::default() });
    let mut bytes = Vec::new();
    events.iter().for_each(|event| event::write(event, &mut bytes).unwrap());
    assert_eq!(event::read(&bytes[..]).unwrap(), events);
    insta::assert_snapshot!(String::from_utf8(bytes).unwrap());
}

#[test]
fn junit_fails_only_for_what_decides() {
    let events = toy(Faults { wrong_class: true, panics_on_sign: true, no_make: true, ..Faults::default() });
    insta::assert_snapshot!(junit::render(&Summary::of(&events), &book()).unwrap());
}

#[test]
fn json_is_one_document() {
    let events = toy(Faults { wrong_class: true, ..Faults::default() });
    let document = json::render(&Summary::of(&events), &book());
    assert_eq!(document["exit"], 1);
    assert_eq!(
        document["failures"],
        serde_json::json!(["toy/number/parse/too-big", "toy/number/parse/negative"])
    );
    assert_eq!(document["deviations"][0]["deployed"], "leading zeros are accepted, since 0.1.");
}

#[test]
fn colour_and_detail_are_only_paint() {
    let events = toy(Faults { wrong_class: true, ..Faults::default() });
    let (summary, book) = (Summary::of(&events), book());
    let render = |colour, detail| terminal::render(&summary, &book, Look { colour, detail });
    assert!(render(true, Detail::Usual).contains("\x1b["));
    assert!(!render(false, Detail::Verbose).contains('\x1b'));
    assert!(render(false, Detail::Quiet).lines().count() < 8);
    let mut last_lines = render(false, Detail::Quiet).lines().rev().map(str::to_owned).collect::<Vec<_>>();
    last_lines.truncate(2);
    assert_eq!(last_lines[1], "5 passed, 2 failed, 1 skipped");
}
