//! A toy protocol, so that the suite can be tested without any real one: `toy.parse` turns a decimal text of at
//! most 255 into a byte, `toy.make` makes a byte that only the judge can check.
#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

use dxos_conformance::event::{Event, RunEvent};
use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::in_process::InProcess;
use dxos_conformance::plan::{Choice, Plan};
use dxos_conformance::protocol::Answer;
use dxos_conformance::repeat::repeat;
use dxos_conformance::runner::Orders;
use dxos_conformance::selection::Selection;
use dxos_conformance::testee::{Limits, Testee, Trouble};
use dxos_spec::{Book, Profile};
use dxos_vectors::{Class, Level, VectorFile};
use serde_json::{Map, Value, json};

/// What is wrong with a toy implementation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    pub(crate) ignores_range: bool,
    pub(crate) wrong_class: bool,
    pub(crate) drops_zeros: bool,
    pub(crate) stage_only: bool,
    pub(crate) makes_nonsense: bool,
    pub(crate) panics_on_sign: bool,
    pub(crate) no_make: bool,
    pub(crate) unsupported_make: bool,
    /// Not a fault, but what TOY-NUM-009 asks.
    pub(crate) rejects_leading_zeros: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Toy(pub(crate) Faults);

impl Implementation for Toy {
    fn hello(&self) -> Hello {
        let ops: &[&str] = if self.0.no_make { &["toy.parse"] } else { &["toy.*"] };
        let mut hello = Hello::new("toy", "1", "rust", ops, &["suite.p256"]);
        if self.0.stage_only {
            hello.coarse = vec!["schema".into(), "decode".into()];
        }
        hello
    }

    fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        let faults = self.0;
        let text = text_of(input);
        match op {
            "toy.parse" if faults.panics_on_sign && text.starts_with('-') => panic!("no signs please"),
            "toy.parse" if faults.rejects_leading_zeros && text.starts_with('0') => {
                Answer::reject(Class::CanonForm, "a zero in front")
            }
            "toy.parse" => match text.parse::<i64>() {
                Err(_) if faults.stage_only => {
                    Answer::Reject { class: "decode".into(), message: String::new() }
                }
                Err(_) => Answer::reject(Class::DecodeVarint, "not a number"),
                Ok(number) if (0..256).contains(&number) || faults.ignores_range => {
                    let value = if faults.drops_zeros {
                        format!("{number:x}")
                    } else {
                        format!("{:02x}", number & 255)
                    };
                    ok(json!({ "value": value }))
                }
                Ok(_) if faults.wrong_class => Answer::reject(Class::DecodeVarint, "too big"),
                Ok(_) => Answer::reject(Class::SchemaRange, "not a byte"),
            },
            "toy.make" if faults.no_make || faults.unsupported_make => Answer::Unsupported,
            "toy.make" => ok(json!({ "text": if faults.makes_nonsense { "zz" } else { "07" } })),
            _ => Answer::Unsupported,
        }
    }
}

pub(crate) fn ok(value: Value) -> Answer {
    Answer::Ok(value.as_object().unwrap().clone())
}

pub(crate) fn text_of(input: &Map<String, Value>) -> &str {
    input.get("text").and_then(Value::as_str).unwrap_or_default()
}

/// The cases: a group with siblings and a strict one outside of the profile, and a group with a judge.
pub(crate) fn files() -> Vec<VectorFile> {
    let parse = "toy/number/parse";
    let witness = json!(["dxos-reference", "other 1"]);
    let derived = |id: &str, req: &str, set: &str, class: &str| {
        json!({ "id": format!("{parse}/{id}"), "req": [req], "level": "must",
            "derive": { "from": format!("{parse}/plain"), "patch": [{ "field": "text", "set": set }] },
            "in": { "text": set }, "want": { "reject": class }, "origin": "hand", "witness": witness })
    };
    let mut should = derived("leading-plus", "TOY-NUM-003", "+7x", "decode.varint");
    should["level"] = json!("should");
    let mut provisional = derived("huge", "TOY-NUM-002", "70000", "schema.range");
    provisional["witness"] = json!(["dxos-reference"]);
    let mut featured = derived("featured", "TOY-NUM-002", "400", "schema.range");
    featured["features"] = json!(["suite.ed25519"]);
    let first = json!({
        "$schema": "s", "format": 1, "group": parse, "op": "toy.parse", "about": "Numbers.",
        "source": { "generator": "hand", "seed": parse },
        "cases": [
            { "id": format!("{parse}/plain"), "req": ["TOY-NUM-001"], "level": "must", "in": { "text": "7" },
              "want": { "ok": { "value": "07" } }, "origin": "hand", "witness": witness },
            { "id": format!("{parse}/two-digits"), "req": ["TOY-NUM-001"], "level": "must", "in": { "text": "200" },
              "want": { "ok": { "value": "c8" } }, "origin": "hand", "witness": witness },
            derived("too-big", "TOY-NUM-002", "300", "schema.range"),
            derived("negative", "TOY-NUM-002", "-1", "schema.range"),
            derived("letters", "TOY-NUM-002", "seven", "decode.varint"),
            should,
            provisional,
            featured,
            { "id": format!("{parse}/strict-zeros"), "req": ["TOY-NUM-001", "TOY-NUM-009"], "level": "must",
              "derive": { "from": format!("{parse}/plain"), "patch": [{ "field": "text", "set": "007" }] },
              "in": { "text": "007" }, "want": { "reject": "canon.form" }, "origin": "hand", "witness": witness },
        ]
    });
    let make = "toy/number/make";
    let second = json!({
        "$schema": "s", "format": 1, "group": make, "op": "toy.make", "about": "Made numbers.",
        "source": { "generator": "hand", "seed": make },
        "cases": [
            { "id": format!("{make}/judged"), "req": ["TOY-NUM-004"], "level": "must", "origin": "hand", "witness": witness,
              "steps": [
                { "op": "toy.make", "in": {}, "want": { "ok": {} } },
                { "op": "toy.parse", "by": "judge", "in": { "text": { "$step": 0, "get": "text" } }, "want": { "ok": { "value": { "$any": "hex" } } } },
              ] },
        ]
    });
    [first, second].into_iter().map(|file| serde_json::from_value(file).unwrap()).collect()
}

pub(crate) fn book() -> Book {
    let text = "# Numbers\n\n\
        **[TOY-NUM-001]** A reader MUST turn a decimal text into a byte.\n\n\
        **[TOY-NUM-002]** A reader MUST reject a text that is not a number from 0 to 255.\n\n\
        **[TOY-NUM-003]** A reader SHOULD reject a sign.\n\n\
        **[TOY-NUM-004]** A maker MUST make a number that a reader accepts.\n\n\
        **[TOY-NUM-009]** A reader MUST reject leading zeros.\n\n\
        > Deployed: leading zeros are accepted, since 0.1.\n";
    Book::parse([("toy/numbers.md", text)]).unwrap()
}

pub(crate) fn profile() -> Profile {
    Profile {
        name: "toy-core".into(),
        about: "Bytes.".into(),
        features_any: vec!["suite.p256".into(), "suite.ed25519".into()],
        requirements: (1..=4).map(|number| format!("TOY-NUM-00{number}")).collect(),
    }
}

pub(crate) fn plan(patterns: &[&str]) -> Plan {
    plan_of(&files(), patterns)
}

fn plan_of(files: &[VectorFile], patterns: &[&str]) -> Plan {
    let profile = profile();
    Plan::new(
        files,
        &Choice {
            profile: &profile,
            selection: Selection::new(patterns.iter().map(|pattern| (*pattern).to_owned())),
            weakest: Level::May,
            only_profile: false,
        },
    )
}

/// What to change in a run.
pub(crate) struct Settings {
    pub(crate) patterns: &'static [&'static str],
    pub(crate) jobs: usize,
    pub(crate) probes: bool,
    pub(crate) partial: bool,
    pub(crate) limits: Limits,
    pub(crate) files: Vec<VectorFile>,
    pub(crate) times: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let limits = Limits::default();
        Self { patterns: &[], jobs: 1, probes: true, partial: false, limits, files: files(), times: 1 }
    }
}

/// Runs the toy cases with testees made by `make`; times are set to 0.
pub(crate) fn events(make: &(dyn Fn() -> Box<dyn Implementation> + Sync), settings: &Settings) -> Vec<Event> {
    let start = || Ok(Box::new(InProcess::start(make())) as Box<dyn Testee>);
    let (ended, events) = run_with(&start, settings);
    ended.unwrap();
    events
}

/// The same with testees that need not start.
pub(crate) fn run_with(
    start: &(dyn Fn() -> Result<Box<dyn Testee>, Trouble> + Sync),
    settings: &Settings,
) -> (Result<(), Trouble>, Vec<Event>) {
    let plan = plan_of(&settings.files, settings.patterns);
    let judge = || Box::new(Toy::default()) as Box<dyn Implementation>;
    let orders = Orders {
        run: RunEvent {
            suite: "dxspec test".into(),
            testee: "exec:./toy".into(),
            profile: "toy-core".into(),
            features_any: profile().features_any,
            selection: settings.patterns.iter().map(|pattern| (*pattern).to_owned()).collect(),
            level: Level::May,
            partial: settings.partial,
            probes: settings.probes,
            cases: plan.reported().count(),
            deciding: plan.deciding(),
        },
        plan: &plan,
        start,
        judge: Some(&judge),
        limits: settings.limits.clone(),
        jobs: settings.jobs,
    };
    let mut events = Vec::new();
    let ended = repeat(&orders, settings.times, &mut |event: &Event| events.push(event.clone()));
    for event in &mut events {
        match event {
            Event::Case(case) => case.ms = 0.0,
            Event::End(end) => end.ms = 0.0,
            Event::Testee(testee) => testee.processes = 1,
            _ => {}
        }
    }
    (ended, events)
}

pub(crate) fn toy(faults: Faults) -> Vec<Event> {
    events(&|| Box::new(Toy(faults)), &Settings::default())
}
