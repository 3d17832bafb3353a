//! Records that no testee made, so that everything about them can be chosen.
#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, reason = "in tests a panic is the report")]

use dxos_conformance::baseline::Baseline;
use dxos_conformance::baseline::applied::Applied;
use dxos_conformance::event::Event;
use dxos_conformance::runner::Observer;
use proptest::prelude::*;
use serde_json::{Value, json};

/// How a case ends: verdict, and what was answered in a word.
pub(crate) type End = (&'static str, &'static str);

pub(crate) const PASS: End = ("pass", "");
pub(crate) const SKIPPED: End = ("not_applicable", "");

/// The ways in which a case can end.
pub(crate) const ENDS: [End; 8] = [
    PASS,
    SKIPPED,
    ("fail", "ok"),
    ("fail", "unsupported"),
    ("wrong_reason", "reject auth.key (no)"),
    ("wrong_reason", "reject auth.role (no)"),
    ("unproven", "reject auth.key (no)"),
    ("crash", ""),
];

/// A case by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) end: End,
    pub(crate) decides: bool,
}

/// Four groups with four cases each.
pub(crate) fn ids() -> Vec<String> {
    (0..16).map(|number| format!("toy/{}/c{}", ["a", "b", "c", "d"][number / 4], number % 4)).collect()
}

pub(crate) fn case(id: &str, made: Made) -> Event {
    let (verdict, got) = made.end;
    let mut event = json!({
        "type": "case", "id": id, "group": id.rsplit_once('/').unwrap().0, "verdict": verdict,
        "scope": "profile", "level": if made.decides { "must" } else { "should" }, "scored": true,
        "provisional": false, "req": ["TOY-NUM-001"], "op": "toy.parse", "got": got, "ms": 0.0,
        "why": if verdict == "pass" { "" } else { "because" },
    });
    if made.end == SKIPPED {
        event["missing"] = json!({ "op": "toy.parse" });
    }
    serde_json::from_value(event).unwrap()
}

/// The record of a run of these cases.
pub(crate) fn record(cases: &[(String, Made)], selection: &[&str]) -> Vec<Event> {
    let deciding = cases.iter().filter(|(_, made)| made.decides).count();
    let event = |value: Value| serde_json::from_value::<Event>(value).unwrap();
    let mut events = vec![
        event(
            json!({ "type": "run", "suite": "s", "testee": "exec:./toy", "profile": "toy-core", "features_any": [],
            "selection": selection, "level": "may", "partial": true, "probes": false, "cases": cases.len(),
            "deciding": deciding }),
        ),
        event(
            json!({ "type": "testee", "implementation": { "name": "toy", "version": "1", "language": "rust" },
            "ops": [], "features": [], "coarse": [], "processes": 1, "served": [], "unserved": [] }),
        ),
    ];
    events.extend(cases.iter().map(|(id, made)| case(id, *made)));
    events.push(event(json!({ "type": "end", "complete": true, "ms": 0.0 })));
    events
}

/// Some of the cases, each with some end.
pub(crate) fn cases() -> impl Strategy<Value = Vec<(String, Made)>> {
    let one = prop_oneof![
        1 => Just(None),
        4 => (prop::sample::select(&ENDS[..]), prop::bool::weighted(0.8))
            .prop_map(|(end, decides)| Some(Made { end, decides })),
    ];
    prop::collection::vec(one, 16)
        .prop_map(|made| ids().into_iter().zip(made).filter_map(|(id, made)| Some((id, made?))).collect())
}

/// The record as it is with a baseline.
pub(crate) fn with(baseline: &Baseline, events: &[Event], strict_until: bool) -> Vec<Event> {
    let ids = ids();
    let about = baseline.resolve(ids.iter().map(String::as_str)).unwrap();
    let mut out = Vec::new();
    let mut sink = |event: &Event| out.push(event.clone());
    let mut applied = Applied::new(baseline, about, "2027-01-01", strict_until, &mut sink);
    events.iter().for_each(|event| applied.event(event));
    out
}
