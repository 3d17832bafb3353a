//! Whole runs: what is a pass, what is none, what decides.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod toy;

use std::collections::BTreeMap;
use std::time::Duration;

use dxos_conformance::event::{Event, Stop};
use dxos_conformance::null::Null;
use dxos_conformance::summary::{Decision, Summary};
use dxos_conformance::testee::Limits;
use dxos_conformance::verdict::Verdict;
use toy::{Faults, Settings, Toy, events, plan, toy};

fn verdicts(events: &[Event]) -> BTreeMap<&str, Verdict> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Case(case) => Some((case.id.rsplit('/').next().unwrap(), case.verdict)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_right_implementation_conforms() {
    let events = toy(Faults::default());
    let summary = Summary::of(&events);
    assert_eq!(summary.decision, Decision::Conformant);
    assert_eq!(summary.counts.failed, 0);
    assert_eq!(verdicts(&events)["featured"], Verdict::NotApplicable);
    // Leading zeros are accepted by the toy too: outside of the profile that decides nothing.
    assert_eq!(verdicts(&events)["strict-zeros"], Verdict::Fail);
    assert_eq!(summary.deviations.iter().map(|one| one.req.as_str()).collect::<Vec<_>>(), ["TOY-NUM-009"]);
}

#[test]
fn each_fault_has_its_verdict() {
    let one = |faults: Faults, id: &str| verdicts(&toy(faults))[id];
    assert_eq!(one(Faults { ignores_range: true, ..Faults::default() }, "too-big"), Verdict::Fail);
    assert_eq!(one(Faults { wrong_class: true, ..Faults::default() }, "too-big"), Verdict::WrongReason);
    assert_eq!(one(Faults { drops_zeros: true, ..Faults::default() }, "plain"), Verdict::Fail);
    assert_eq!(one(Faults { makes_nonsense: true, ..Faults::default() }, "judged"), Verdict::Fail);
    assert_eq!(one(Faults { unsupported_make: true, ..Faults::default() }, "judged"), Verdict::Fail);
    assert_eq!(one(Faults { no_make: true, ..Faults::default() }, "judged"), Verdict::NotApplicable);
    assert_eq!(one(Faults { panics_on_sign: true, ..Faults::default() }, "negative"), Verdict::Crash);
}

#[test]
fn a_rejection_is_unproven_if_the_sibling_did_not_pass() {
    // It cannot even read "7", so that it rejects "300" says nothing.
    let faults = Faults { drops_zeros: true, ..Faults::default() };
    assert_eq!(verdicts(&toy(faults))["too-big"], Verdict::Unproven);
}

#[test]
fn a_coarse_class_passes_and_is_counted_apart() {
    let events = toy(Faults { stage_only: true, ..Faults::default() });
    let summary = Summary::of(&events);
    assert_eq!((summary.decision.exit_code(), summary.coarse), (0, 2));
}

#[test]
fn an_unclaimed_operation_is_not_conformant_unless_a_part_is_asked_for() {
    let faults = Faults { no_make: true, ..Faults::default() };
    let run = |partial| events(&move || Box::new(Toy(faults)), &Settings { partial, ..Settings::default() });
    let (whole, part) = (run(false), run(true));
    assert_eq!(Summary::of(&whole).decision.exit_code(), 1);
    assert_eq!(
        Summary::of(&part).decision.sentence("toy-core"),
        "conforms to toy-core in what it claims; 1 operation of the profile is not claimed"
    );
}

#[test]
fn null_testees_fail_a_probe_or_score_nothing() {
    let hasty = Limits { request: Duration::from_millis(20), ..Limits::default() };
    for null in Null::ALL {
        // They claim halo.* and the like; here is only the toy.
        struct Claims(Null);
        impl dxos_conformance::implementation::Implementation for Claims {
            fn hello(&self) -> dxos_conformance::hello::Hello {
                let mut hello = self.0.hello();
                hello.ops = vec!["*".into()];
                hello
            }
            fn call(
                &mut self,
                op: &str,
                input: &serde_json::Map<String, serde_json::Value>,
            ) -> dxos_conformance::protocol::Answer {
                self.0.call(op, input)
            }
        }
        let run = |probes| {
            let settings = Settings { probes, limits: hasty.clone(), ..Settings::default() };
            events(&move || Box::new(Claims(null)), &settings)
        };
        let probed = run(true);
        assert_eq!(Summary::of(&probed).decision.exit_code(), 3, "{}", null.name());
        if null != Null::Random {
            let unprobed = run(false);
            assert_eq!(Summary::of(&unprobed).counts.passed, 0, "{}", null.name());
            assert_ne!(Summary::of(&unprobed).decision.exit_code(), 0, "{}", null.name());
        }
    }
}

#[test]
fn two_runs_are_equal_whatever_the_number_of_processes() {
    let faults = Faults { wrong_class: true, panics_on_sign: true, ..Faults::default() };
    let run = |jobs| events(&move || Box::new(Toy(faults)), &Settings { jobs, ..Settings::default() });
    let first = run(1);
    for jobs in [1, 2, 8] {
        assert_eq!(run(jobs), first);
    }
}

#[test]
fn a_choice_runs_the_siblings_and_reports_only_what_was_chosen() {
    let settings = Settings { patterns: &["**/too-big"], ..Settings::default() };
    let events = events(&|| Box::new(Toy::default()), &settings);
    assert_eq!(verdicts(&events), BTreeMap::from([("too-big", Verdict::Pass)]));
    assert_eq!(plan(settings.patterns).items().len(), 2);
    assert_eq!(Summary::of(&events).decision, Decision::Chosen);
}

#[test]
fn an_interrupted_run_is_incomplete() {
    let settings = Settings { probes: false, ..Settings::default() };
    settings.limits.interrupt.store(true, std::sync::atomic::Ordering::Relaxed);
    let events = events(&|| Box::new(Toy::default()), &settings);
    let Some(Event::End(end)) = events.last() else { panic!() };
    assert_eq!((end.complete, &end.stopped), (false, &Some(Stop::Interrupted)));
    assert_eq!(Summary::of(&events).decision.exit_code(), 130);
}

#[test]
fn a_record_without_its_end_decides_nothing() {
    let mut events = toy(Faults::default());
    events.pop();
    assert_eq!(Summary::of(&events).decision.exit_code(), 3);
}

#[test]
fn nothing_applicable_is_nothing_run() {
    struct Nobody;
    impl dxos_conformance::implementation::Implementation for Nobody {
        fn hello(&self) -> dxos_conformance::hello::Hello {
            dxos_conformance::hello::Hello::new("nobody", "1", "none", &[], &[])
        }
        fn call(
            &mut self,
            _: &str,
            _: &serde_json::Map<String, serde_json::Value>,
        ) -> dxos_conformance::protocol::Answer {
            dxos_conformance::protocol::Answer::Unsupported
        }
    }
    let events = events(&|| Box::new(Nobody), &Settings::default());
    assert_eq!(Summary::of(&events).decision.exit_code(), 5);
}
