//! Two records: what became better or worse.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod made;
mod toy;

use dxos_conformance::diff::{Against, Diff, DiffError, Moved};
use dxos_conformance::event::Event;
use dxos_conformance::report::diff::render;
use dxos_conformance::report::paint::Look;
use dxos_conformance::runner::Observer;
use dxos_conformance::summary::{Decision, Summary};
use made::{Made, PASS, SKIPPED, cases, record};
use proptest::prelude::*;
use toy::{Faults, Settings, Toy, events, toy};

fn ids(list: &[Moved]) -> Vec<&str> {
    list.iter().map(|moved| moved.case.as_str()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_record_does_not_differ_from_itself(cases in cases()) {
        let events = record(&cases, &[]);
        let diff = Diff::of(&events, &events).unwrap();
        prop_assert!(diff.is_empty());
        prop_assert_eq!((diff.same, diff.regressions().count()), (cases.len(), 0));
    }

    #[test]
    fn the_way_back_is_the_opposite(old in cases(), new in cases()) {
        let (old, new) = (record(&old, &[]), record(&new, &[]));
        let (there, back) = (Diff::of(&old, &new).unwrap(), Diff::of(&new, &old).unwrap());
        for (a, b) in [
            (&there.fixed, &back.failing),
            (&there.failing, &back.fixed),
            (&there.otherwise, &back.otherwise),
            (&there.dropped, &back.taken_up),
            (&there.taken_up, &back.dropped),
            (&there.added, &back.removed),
            (&there.removed, &back.added),
        ] {
            prop_assert_eq!(ids(a), ids(b));
        }
        prop_assert_eq!(there.same, back.same);
    }

    #[test]
    fn each_case_stands_in_one_place(old in cases(), new in cases()) {
        let mut all: Vec<&str> = old.iter().chain(&new).map(|(id, _)| id.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        let diff = Diff::of(&record(&old, &[]), &record(&new, &[])).unwrap();
        let lists = [
            &diff.fixed, &diff.failing, &diff.otherwise, &diff.dropped, &diff.taken_up, &diff.added, &diff.removed,
        ];
        prop_assert_eq!(lists.map(Vec::len).iter().sum::<usize>() + diff.same, all.len());
    }

    #[test]
    fn no_loss_is_missed(old in cases(), new in cases()) {
        let diff = Diff::of(&record(&old, &[]), &record(&new, &[])).unwrap();
        let regressions: Vec<&str> = diff.regressions().map(|moved| moved.case.as_str()).collect();
        for (id, before) in &old {
            let Some((_, now)) = new.iter().find(|(other, _)| other == id) else { continue };
            let lost = before.end == PASS && now.end != PASS && (before.decides || now.decides);
            let dropped = before.end != SKIPPED && now.end == SKIPPED;
            prop_assert_eq!(regressions.contains(&id.as_str()), lost || dropped, "{}", id);
        }
    }
}

fn one(end: made::End, decides: bool) -> Vec<Event> {
    record(&[("toy/a/c0".to_owned(), Made { end, decides })], &[])
}

#[test]
fn what_is_a_regression() {
    let regressions =
        |old, new, decides| Diff::of(&one(old, decides), &one(new, decides)).unwrap().regressions().count();
    let (fail, crash) = (("fail", "ok"), ("crash", ""));
    assert_eq!(regressions(PASS, fail, true), 1);
    assert_eq!(regressions(PASS, fail, false), 0, "it decides nothing");
    assert_eq!(regressions(fail, PASS, true), 0);
    assert_eq!(regressions(fail, crash, true), 0, "it failed before");
    assert_eq!(regressions(SKIPPED, fail, true), 0, "more is claimed, and nothing got worse");
    // To claim less is worse, whatever the case decides, and even if it failed.
    for decides in [true, false] {
        assert_eq!(regressions(PASS, SKIPPED, decides), 1);
        assert_eq!(regressions(fail, SKIPPED, decides), 1);
    }
}

#[test]
fn an_incomplete_record_is_not_compared() {
    let whole = one(PASS, true);
    let cut = &whole[..whole.len() - 1];
    assert!(matches!(Diff::of(cut, &whole), Err(DiffError::Incomplete("old", _))));
    let error = Diff::of(&whole, cut).unwrap_err().to_string();
    assert!(error.starts_with("the new record is incomplete (no conformance result"), "{error}");
}

#[test]
fn the_text_names_what_was_done() {
    let mut old = toy(Faults { drops_zeros: true, ..Faults::default() });
    let new = toy(Faults { no_make: true, wrong_class: true, ..Faults::default() });
    if let Some(Event::Run(run)) = old.first_mut() {
        run.suite = "dxspec 0.0".into();
    }
    let text = render(&Diff::of(&old, &new).unwrap(), "old.jsonl", Look::default());
    insta::assert_snapshot!(text);
    insta::assert_snapshot!("back", render(&Diff::of(&new, &old).unwrap(), "new.jsonl", Look::default()));
}

#[test]
fn a_run_with_a_regression_fails_whatever_else_it_says() {
    let old = toy(Faults::default());
    let less = Settings { partial: true, ..Settings::default() };
    let new = events(&|| Box::new(Toy(Faults { no_make: true, ..Faults::default() })), &less);
    assert_eq!(Summary::of(&new).decision.exit_code(), 0);
    let against = |old: &[Event], new: &[Event]| {
        let mut out = Vec::new();
        let mut sink = |event: &Event| out.push(event.clone());
        let mut against = Against::new("old.jsonl", old, &mut sink);
        new.iter().for_each(|event| against.event(event));
        out
    };
    let held = against(&old, &new);
    let decision = Summary::of(&held).decision;
    assert_eq!(decision.exit_code(), 1);
    insta::assert_snapshot!(
        decision.sentence("toy-core"),
        @"the run fails: 1 regression against old.jsonl; otherwise conforms to toy-core in what it claims; 1 operation of the profile is not claimed"
    );
    assert_eq!(Summary::of(&against(&old, &old)).decision, Decision::Conformant);
    // Without a whole new record there is nothing to compare.
    let cut = against(&old, &new[..new.len() - 1]);
    assert!(!cut.iter().any(|event| matches!(event, Event::Against(_))));
}
