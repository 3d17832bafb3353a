//! Expected failures: what becomes of them, what does not hold, and how a baseline is brought up to date.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod made;
mod toy;

use dxos_conformance::baseline::Baseline;
use dxos_conformance::baseline::applied::How;
use dxos_conformance::baseline::update::{Did, Update, UpdateError, update};
use dxos_conformance::event::{self, Event};
use dxos_conformance::report::paint::{Detail, Look};
use dxos_conformance::report::{json, junit, terminal};
use dxos_conformance::summary::{Decision, Summary};
use dxos_conformance::verdict::Verdict;
use made::{ENDS, Made, PASS, SKIPPED, cases, ids, record, with};
use proptest::prelude::*;

const WRONG: made::End = ("wrong_reason", "reject auth.key (no)");

fn baseline(text: &str) -> Baseline {
    Baseline::parse("known.toml", text).unwrap()
}

fn entry(case: &str, result: &str, more: &str) -> String {
    format!("[[expect]]\ncase = \"{case}\"\nresult = \"{result}\"\nwhy = \"known\"\n{more}")
}

fn made(list: &[(&str, made::End)]) -> Vec<(String, Made)> {
    list.iter().map(|(id, end)| ((*id).to_owned(), Made { end: *end, decides: true })).collect()
}

/// What does not hold of an entry about `toy/a/c0`, if it ends like this.
fn hows(text: &str, cases: &[(String, Made)], selection: &[&str]) -> (Vec<How>, u8) {
    let events = with(&baseline(text), &record(cases, selection), false);
    let summary = Summary::of(&events);
    let broken = summary.baseline.unwrap().broken.iter().map(|broken| broken.how).collect();
    (broken, summary.decision.exit_code())
}

#[test]
fn an_expected_failure_is_a_failure_in_all_counts() {
    let events = record(&made(&[("toy/a/c0", WRONG), ("toy/a/c1", PASS)]), &[]);
    let text = entry("toy/a/c0", "wrong-reason", "got = \"auth.key\"\nissue = \"https://example.org/1\"\n");
    let after = with(&baseline(&text), &events, false);
    let (before, summary) = (Summary::of(&events), Summary::of(&after));
    assert_eq!((before.must, before.counts), (summary.must, summary.counts));
    assert_eq!((summary.must, summary.counts.failed), ((1, 2, 2), 1));
    assert_eq!((before.decision.exit_code(), summary.decision.exit_code()), (1, 0));
    assert_ne!(summary.decision, Decision::Conformant);
    let sentence = summary.decision.sentence("toy-core");
    assert_eq!(
        sentence,
        "conformant given the baseline: 1 case that counts fails as it says; without it not conformant to toy-core"
    );
    assert_eq!(json::render(&summary, &toy::book())["conformant"], false);
    // The record holds it, and a report made from its file says the same.
    let mut bytes = Vec::new();
    after.iter().for_each(|event| event::write(event, &mut bytes).unwrap());
    assert_eq!(event::read(&bytes[..]).unwrap(), after);
    let junit = junit::render(&summary, &toy::book()).unwrap();
    assert!(junit.contains("failures=\"0\" errors=\"0\""), "{junit}");
    assert!(
        junit.contains(
            "expected failure: wrong reason: known (line 2 of the baseline; https://example.org/1)"
        )
    );
}

#[test]
fn an_empty_baseline_changes_no_word() {
    let events = record(&made(&[("toy/a/c1", PASS)]), &[]);
    assert_eq!(Summary::of(&with(&baseline(""), &events, false)).decision, Summary::of(&events).decision);
}

#[test]
fn a_baseline_is_strict_both_ways() {
    let wrong = entry("toy/a/c0", "wrong-reason", "");
    let other = ("toy/a/c1", PASS);
    let run = |text: &str, end: made::End| hows(text, &made(&[("toy/a/c0", end), other]), &[]);
    assert_eq!(run(&wrong, WRONG), (vec![], 0));
    assert_eq!(run(&wrong, PASS), (vec![How::Passes], 1));
    assert_eq!(run(&wrong, SKIPPED), (vec![How::NotApplicable], 1));
    assert_eq!(run(&wrong, ("fail", "ok")), (vec![How::FailsOtherwise], 1));
    let with_got = entry("toy/a/c0", "wrong-reason", "got = \"auth.key\"\n");
    assert_eq!(run(&with_got, WRONG), (vec![], 0));
    assert_eq!(run(&with_got, ("wrong_reason", "reject auth.role (no)")), (vec![How::FailsOtherwise], 1));
    assert_eq!(run(&entry("toy/z", "fail", ""), PASS), (vec![How::FitsNothing], 1));
    // One pass among those that a pattern fits.
    let all = entry("toy/a/*", "wrong-reason", "");
    assert_eq!(run(&all, WRONG), (vec![How::Passes], 1));
    // A failure that nobody expects.
    assert_eq!(hows(&wrong, &made(&[("toy/a/c0", WRONG), ("toy/a/c1", WRONG)]), &[]), (vec![], 1));
}

#[test]
fn what_decides_nothing_needs_no_entry() {
    let mut list = made(&[("toy/a/c0", WRONG), ("toy/a/c1", PASS)]);
    list[0].1.decides = false;
    assert_eq!(hows(&entry("toy/a/c0", "wrong-reason", ""), &list, &[]), (vec![How::DecidesNothing], 1));
    // Beside one that does, it is passed over, and keeps its own verdict.
    list.push(("toy/a/c2".to_owned(), Made { end: WRONG, decides: true }));
    let text = entry("toy/a/c[02]", "wrong-reason", "");
    assert_eq!(hows(&text, &list, &[]), (vec![], 0));
    let events = with(&baseline(&text), &record(&list, &[]), false);
    let verdicts: Vec<Verdict> = Summary::of(&events).cases.iter().map(|case| case.verdict).collect();
    assert_eq!(verdicts, [Verdict::WrongReason, Verdict::Pass, Verdict::ExpectedFailure]);
}

#[test]
fn a_choice_leaves_the_other_entries_alone() {
    let text = entry("toy/a/c0", "fail", "") + &entry("toy/b/c0", "fail", "");
    let list = made(&[("toy/a/c0", ("fail", "ok")), ("toy/a/c1", PASS)]);
    assert_eq!(hows(&text, &list, &["toy/a"]), (vec![], 0));
    assert_eq!(hows(&text, &list, &[]), (vec![How::DecidesNothing], 1), "a whole run has all that decide");
}

#[test]
fn a_day_that_has_passed_warns_or_fails() {
    let text = entry("toy/a/c0", "fail", "until = \"2026-12-31\"\n");
    let events = record(&made(&[("toy/a/c0", ("fail", "ok"))]), &[]);
    let run = |strict| {
        let events = with(&baseline(&text), &events, strict);
        let summary = Summary::of(&events);
        let baseline = summary.baseline.unwrap();
        (baseline.broken.len(), baseline.expired.len(), summary.decision.exit_code())
    };
    assert_eq!((run(false), run(true)), ((0, 1, 0), (1, 0, 1)));
    let still = baseline(&text.replace("2026-12-31", "2027-01-01"));
    assert_eq!(Summary::of(&with(&still, &events, true)).decision.exit_code(), 0);
}

#[test]
fn what_does_not_hold_is_explained() {
    let text = [
        entry("toy/a/c0", "fail", "until = \"2026-12-31\"\nissue = \"https://example.org/1\"\n"),
        entry("toy/a/c1", "wrong-reason", "got = \"auth.role\"\n"),
        entry("toy/b/*", "crash", ""),
        entry("toy/z", "fail", ""),
    ]
    .join("\n");
    let list = made(&[
        ("toy/a/c0", ("fail", "ok")),
        ("toy/a/c1", WRONG),
        ("toy/b/c0", PASS),
        ("toy/b/c1", ("crash", "")),
        ("toy/b/c2", SKIPPED),
    ]);
    let events = with(&baseline(&text), &record(&list, &[]), false);
    let text =
        |detail| terminal::render(&Summary::of(&events), &toy::book(), Look { detail, ..Look::default() });
    insta::assert_snapshot!(text(Detail::Usual));
    assert!(text(Detail::Quiet).contains(" BASELINE  known.toml:20: toy/z fits no case of the suite\n"));
    assert!(text(Detail::Verbose).contains("expected known (line 15 of the baseline)"));
}

fn updated(text: &str, events: &[Event]) -> Update {
    let ids = ids();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    update("known.toml", text, events, &ids).unwrap()
}

#[test]
fn an_update_keeps_what_stays_as_it_stands() {
    let text = r#"# What is known about the toy.
# It was written by hand.

# Waits for a release.
[[expect]]
case   = "toy/a/c0"
result = "fail"          # for good
why    = 'the author''s wish'

# Passes now: to be taken out.
[[expect]]
case = "toy/a/c1"
result = "fail"
why = "known"

[[expect]]
case = "toy/a/c2"
result = "fail" # will be another
got = "ok"      # this too
why = "known"

# A whole group.
[[expect]]
case = "toy/b/*"
result = "crash"
why = "known"
issue = "https://example.org/2"
"#
    .replace("''", "\u{2019}");
    let list = made(&[
        ("toy/a/c0", ("fail", "ok")),
        ("toy/a/c1", PASS),
        ("toy/a/c2", WRONG),
        ("toy/a/c3", ("fail", "unsupported")),
        ("toy/b/c0", ("crash", "")),
        ("toy/b/c1", PASS),
        ("toy/b/c2", ("fail", "ok")),
    ]);
    let Update { text: new, changes } = updated(&text, &record(&list, &[]));
    let did: Vec<String> =
        changes.iter().map(|change| format!("{:?} {}: {}", change.did, change.case, change.why)).collect();
    insta::assert_snapshot!(format!("{}\n---\n{new}", did.join("\n")));
}

#[test]
fn remarks_about_the_file_outlive_its_entries() {
    let text = "# About the file.\n\n# About the entry.\n[[expect]]\ncase = \"toy/a/c0\"\nresult = \"fail\"\nwhy = \"known\"\n";
    let passes = updated(text, &record(&made(&[("toy/a/c0", PASS)]), &[]));
    assert_eq!(passes.text, "# About the file.\n");
    let another = updated(text, &record(&made(&[("toy/a/c0", PASS), ("toy/a/c1", ("crash", ""))]), &[]));
    assert_eq!(
        another.text,
        "# About the file.\n\n[[expect]]\ncase = \"toy/a/c1\"\nresult = \"crash\"\nwhy = \"because\"\n"
    );
}

#[test]
fn an_update_wants_a_whole_record() {
    let mut events = record(&made(&[("toy/a/c0", PASS)]), &[]);
    events.pop();
    let ids = ["toy/a/c0"];
    assert!(matches!(update("known.toml", "", &events, &ids), Err(UpdateError::Incomplete)));
    let inline = "expect = [{ case = \"toy/a/c0\", result = \"fail\", why = \"known\" }]\n";
    let events = record(&made(&[("toy/a/c0", PASS)]), &[]);
    assert!(matches!(update("known.toml", inline, &events, &ids), Err(UpdateError::Form(_))));
}

#[test]
fn an_update_leaves_what_the_record_does_not_cover() {
    let text = entry("toy/a/c0", "fail", "") + &entry("toy/b/c0", "fail", "");
    let events = record(&made(&[("toy/a/c0", PASS)]), &["toy/a"]);
    let Update { text: new, changes } = updated(&text, &events);
    assert_eq!(changes.iter().map(|change| change.did).collect::<Vec<_>>(), [Did::Removed]);
    assert_eq!(new, entry("toy/b/c0", "fail", ""));
}

/// Some baseline without overlaps: for each group nothing, a pattern, or some of the ids.
fn baselines() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&["fail", "wrong-reason", "unproven", "crash"][..]);
    let got = prop::sample::select(&["", "got = \"ok\"\n", "got = \"auth.key\"\n"][..]);
    let group = (0..3u8, prop::collection::vec((any::<bool>(), word, got), 4), any::<bool>());
    prop::collection::vec(group, 4).prop_map(|groups| {
        let mut text = String::new();
        for ((kind, cases, remark), name) in groups.iter().zip(["a", "b", "c", "d"]) {
            if *remark {
                text.push_str(&format!("# About {name}.\n\n"));
            }
            match kind {
                0 => {}
                1 => text.push_str(&entry(&format!("toy/{name}/*"), cases[0].1, cases[0].2)),
                _ => {
                    for (number, (there, word, got)) in cases.iter().enumerate() {
                        if *there {
                            text.push_str(&entry(&format!("toy/{name}/c{number}"), word, got));
                        }
                    }
                }
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_an_update_the_baseline_holds(text in baselines(), cases in cases(), chosen in any::<bool>()) {
        let events = record(&cases, if chosen { &["toy"] } else { &[] });
        let Update { text: new, .. } = updated(&text, &events);
        let after = with(&baseline(&new), &events, false);
        let summary = Summary::of(&after);
        prop_assert_eq!(&summary.baseline.unwrap().broken, &vec![], "{}", new);
        prop_assert!(matches!(summary.decision.exit_code(), 0 | 5), "{:?}\n{}", summary.decision, new);
        // Nothing is left to do, neither by the plain record nor by that with the baseline in it.
        prop_assert_eq!(updated(&new, &events), Update { text: new.clone(), changes: vec![] });
        prop_assert_eq!(updated(&new, &after), Update { text: new, changes: vec![] });
    }

    #[test]
    fn no_baseline_changes_a_fraction(text in baselines(), cases in cases()) {
        let events = record(&cases, &[]);
        let after = with(&baseline(&text), &events, false);
        let (before, after) = (Summary::of(&events), Summary::of(&after));
        prop_assert_eq!((before.must, before.counts), (after.must, after.counts));
        let failing = cases.iter().any(|(_, made)| made.decides && made.end != PASS && made.end != SKIPPED);
        prop_assert!(!failing || after.decision != Decision::Conformant);
    }

    #[test]
    fn what_an_update_keeps_it_keeps_to_the_letter(cases in cases(), missing in any::<prop::sample::Index>()) {
        // A file in which every entry holds, however it is written, and all or all but one of the failures stand.
        let failing: Vec<&(String, Made)> =
            cases.iter().filter(|(_, made)| made.decides && made.end != PASS && made.end != SKIPPED).collect();
        let written = |without: Option<usize>| -> String {
            let kept = failing.iter().enumerate().filter(|(index, _)| Some(*index) != without);
            kept.map(|(_, (id, made))| {
                let result = made.end.0.replace('_', "-");
                format!("#  {id}\n[[expect]] # x\nresult   = '{result}'\nwhy=\"w\"\n\n  case = \"{id}\"\n\n")
            })
            .chain(["# The end.\n".to_owned()])
            .collect()
        };
        let events = record(&cases, &[]);
        prop_assert_eq!(updated(&written(None), &events), Update { text: written(None), changes: vec![] });
        prop_assume!(!failing.is_empty());
        let left_out = missing.index(failing.len());
        let text = written(Some(left_out));
        let Update { text: new, changes } = updated(&text, &events);
        prop_assert_eq!(changes.len(), 1);
        for line in text.lines() {
            prop_assert!(new.lines().any(|other| other == line), "{} is gone:\n{}", line, new);
        }
        let entries = text.strip_suffix("# The end.\n").unwrap_or_default().trim_end();
        prop_assert!(new.starts_with(entries), "{}", new);
    }
}

#[test]
fn every_way_of_failing_can_be_expected() {
    for end in ENDS.into_iter().filter(|end| *end != PASS && *end != SKIPPED) {
        let events = record(&made(&[("toy/a/c0", end)]), &[]);
        let text = updated("", &events).text;
        assert_eq!(Summary::of(&with(&baseline(&text), &events, false)).decision.exit_code(), 0, "{text}");
    }
}
