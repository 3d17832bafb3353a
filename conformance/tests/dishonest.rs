//! Testees that want to look better than they are, each with the verdict that it gets.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod liar;
mod toy;

use std::sync::atomic::{AtomicUsize, Ordering};

use dxos_conformance::event::Event;
use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::protocol::Answer;
use dxos_conformance::summary::{Decision, Summary};
use dxos_conformance::verdict::Verdict;
use dxos_vectors::Class;
use liar::{Liar, case, claims, honest, judged, reject, score, verdict};
use serde_json::{Map, Value, json};
use toy::{Settings, Toy, events, ok, text_of};

const STAGES: [&str; 7] = ["frame", "decode", "canon", "schema", "auth", "state", "resource"];

#[test]
fn who_rejects_everything_scores_nothing_however_coarse() {
    for class in Class::ALL.iter().map(|class| class.name()).chain(STAGES) {
        // The class reaches the testee as its only input beside the request.
        struct Rejects(&'static str);
        impl Implementation for Rejects {
            fn hello(&self) -> Hello {
                claims(&["*"], &["suite.p256", "suite.ed25519"], &STAGES)
            }
            fn call(&mut self, _: &str, _: &Map<String, Value>) -> Answer {
                Answer::Reject { class: self.0.into(), message: String::new() }
            }
        }
        let settings = Settings { probes: false, ..Settings::default() };
        let events = events(&move || Box::new(Rejects(class)), &settings);
        assert_eq!(score(&events), ((0, 7, 7), 1), "{class}");
        assert_eq!(Summary::of(&events).coarse, 0, "{class}");
    }
    let events = judged(&claims(&["*"], &["suite.p256"], &STAGES), |_, _| reject("decode"));
    assert_eq!(verdict(&events, "plain"), Verdict::Fail);
    assert_eq!(verdict(&events, "letters"), Verdict::Unproven);
    assert_eq!(verdict(&events, "too-big"), Verdict::WrongReason);
}

#[test]
fn who_accepts_everything_scores_what_it_gets_right() {
    let events = judged(&honest(), |_, _| Some(ok(json!({ "value": "07", "text": "x" }))));
    assert_eq!(verdict(&events, "plain"), Verdict::Pass, "by luck");
    assert_eq!(verdict(&events, "two-digits"), Verdict::Fail);
    assert_eq!(verdict(&events, "too-big"), Verdict::Fail);
    assert_eq!(verdict(&events, "judged"), Verdict::Fail);
    assert_eq!(score(&events), ((1, 6, 7), 1));
}

#[test]
fn who_looks_at_the_length_only_fails_where_length_is_not_the_reason() {
    let events = judged(&honest(), |op, text| match (op, text.len()) {
        ("toy.parse", 1) => Some(ok(json!({ "value": "07" }))),
        ("toy.parse", _) => reject("schema.range"),
        _ => None,
    });
    assert_eq!(verdict(&events, "two-digits"), Verdict::Fail);
    assert_eq!(verdict(&events, "letters"), Verdict::WrongReason);
    assert_eq!(score(&events).1, 1);
}

#[test]
fn who_guesses_the_class_is_wrong_about_most() {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let events = judged(&claims(&["toy.*"], &["suite.p256"], &STAGES), |_, text| {
        let taken = text.parse::<u8>().is_ok() || text.is_empty();
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        if taken { None } else { reject(["frame", "canon.form", "state.order"][turn % 3]) }
    });
    for slug in ["too-big", "negative", "letters", "leading-plus"] {
        assert_eq!(verdict(&events, slug), Verdict::WrongReason, "{slug}");
    }
}

#[test]
fn coarse_does_not_reach_across_stages() {
    // It cannot tell any reasons apart, and names a stage that comes before that of the fault, or after.
    for (class, why) in [
        ("decode", "rejected in an earlier stage than that of the only fault"),
        ("state", "the fault was noticed too late, or not at all"),
        ("decode.length", "rejected in an earlier stage than that of the only fault"),
        ("auth.key", "the fault was noticed too late, or not at all"),
    ] {
        struct Names(&'static str);
        impl Implementation for Names {
            fn hello(&self) -> Hello {
                claims(&["toy.*"], &["suite.p256"], &STAGES)
            }
            fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
                match text_of(input) {
                    "300" => Answer::Reject { class: self.0.into(), message: String::new() },
                    _ => Toy::default().call(op, input),
                }
            }
        }
        let events = events(&move || Box::new(Names(class)), &Settings::default());
        assert_eq!(verdict(&events, "too-big"), Verdict::WrongReason, "{class}");
        assert_eq!(case(&events, "too-big").why, why, "{class}");
    }
}

#[test]
fn a_prefix_of_one_class_or_twice_adds_nothing() {
    let wrong = |_: &str, text: &str| if text == "300" { reject("schema.type") } else { None };
    let run = |coarse: &[&str]| judged(&claims(&["toy.*"], &["suite.p256"], coarse), wrong);
    assert_eq!(verdict(&run(&["schema.range", "schema.type"]), "too-big"), Verdict::WrongReason);
    assert_eq!(verdict(&run(&["decode", "decode"]), "too-big"), Verdict::WrongReason);
    let coarse = run(&["schema", "schema"]);
    assert_eq!((verdict(&coarse, "too-big"), Summary::of(&coarse).coarse), (Verdict::Pass, 1));
}

#[test]
fn a_stage_that_was_not_announced_is_no_class() {
    let events = judged(&honest(), |_, text| if text == "300" { reject("schema") } else { None });
    assert_eq!(verdict(&events, "too-big"), Verdict::WrongReason);
}

#[test]
fn who_claims_and_does_not_serve_fails() {
    // Where it would have to reject.
    let events = judged(&honest(), |op, text| {
        (op == "toy.parse" && text.parse::<u8>().is_err()).then_some(Answer::Unsupported)
    });
    for slug in ["too-big", "negative", "letters"] {
        assert_eq!(verdict(&events, slug), Verdict::Fail, "{slug}");
        assert_eq!(case(&events, slug).why, "claimed in hello, but answered with unsupported");
    }
    // Everywhere.
    let events = judged(&honest(), |_, _| Some(Answer::Unsupported));
    assert_eq!(score(&events), ((0, 6, 7), 1));
}

#[test]
fn who_dodges_the_sibling_proves_nothing() {
    let events = judged(&honest(), |_, text| (text == "7").then_some(Answer::Unsupported));
    assert_eq!(verdict(&events, "plain"), Verdict::Fail);
    for slug in ["too-big", "negative", "letters", "leading-plus", "huge"] {
        assert_eq!(verdict(&events, slug), Verdict::Unproven, "{slug}");
    }
    // By rejecting it, and by dying of it.
    let events = judged(&honest(), |_, text| if text == "7" { reject("auth.key") } else { None });
    assert_eq!(verdict(&events, "too-big"), Verdict::Unproven);
    let events = judged(&honest(), |_, text| if text == "7" { panic!("not that one") } else { None });
    assert_eq!((verdict(&events, "plain"), verdict(&events, "too-big")), (Verdict::Crash, Verdict::Unproven));
}

#[test]
fn who_claims_a_feature_must_have_it() {
    let hello = claims(&["toy.*"], &["suite.p256", "suite.ed25519"], &[]);
    let events = judged(&hello, |_, text| (text == "400").then_some(Answer::Unsupported));
    assert_eq!(verdict(&events, "featured"), Verdict::Fail);
    assert_eq!(score(&events), ((6, 7, 7), 1));
}

#[test]
fn what_is_not_claimed_is_missing_from_the_whole() {
    let whole = |ops: &[&str], features: &[&str]| judged(&claims(ops, features, &[]), |_, _| None);
    let without_feature = whole(&["toy.*"], &["suite.p256"]);
    assert_eq!(score(&without_feature), ((6, 6, 7), 0));
    // All that is claimed is right, and it is not much.
    let without_parse = whole(&["toy.make"], &["suite.p256"]);
    assert_eq!(score(&without_parse), ((1, 1, 7), 1));
    let no_suite = whole(&["toy.*"], &[]);
    let Decision::Not(reasons) = Summary::of(&no_suite).decision else { panic!() };
    assert_eq!(reasons, ["none of the features suite.p256, suite.ed25519 is claimed"]);
    let nothing = whole(&[], &["suite.p256"]);
    assert_eq!(score(&nothing), ((0, 0, 7), 5));
}

#[test]
fn an_answer_is_compared_in_what_is_wanted() {
    let plain = |answer| verdict(&judged(&honest(), answer), "plain");
    assert_eq!(plain(|_, _| Some(ok(json!({})))), Verdict::Fail);
    assert_eq!(plain(|_, _| Some(ok(json!({ "value": ["07"] })))), Verdict::Fail);
    assert_eq!(plain(|_, _| Some(ok(json!({ "value": { "$any": "hex" } })))), Verdict::Fail);
    assert_eq!(plain(|_, _| Some(ok(json!({ "value": "07", "note": "more" })))), Verdict::Pass);
}

#[test]
fn an_unexpected_error_is_no_rejection() {
    let bug = |_: &str, text: &str| {
        let rejected = text.parse::<u8>().is_err() && !text.is_empty();
        rejected.then(|| Answer::Bug { message: "RangeError".into() })
    };
    let events = judged(&honest(), bug);
    assert_eq!(verdict(&events, "too-big"), Verdict::Fail);
    assert_eq!(case(&events, "too-big").why, "an unexpected error inside of the testee");
    let events =
        judged(
            &honest(),
            |_, text| if text.parse::<u8>().is_err() && !text.is_empty() { panic!() } else { None },
        );
    assert_eq!(verdict(&events, "too-big"), Verdict::Crash);
}

#[test]
fn a_second_process_cannot_claim_less() {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let make = || {
        let first = STARTED.fetch_add(1, Ordering::Relaxed) == 0;
        let hello = if first { honest() } else { claims(&["toy.make"], &["suite.p256"], &[]) };
        // The first one dies at once, so that a second one is needed.
        let answer: fn(&str, &str) -> Option<Answer> =
            |_, text| if text == "7" { panic!("gone") } else { None };
        Box::new(Liar { hello, answer }) as Box<dyn Implementation>
    };
    let events = events(&make, &Settings { probes: false, ..Settings::default() });
    let Decision::Trouble(why) = Summary::of(&events).decision else { panic!() };
    assert_eq!(why, "a further process claims something else in hello than the first");
}

#[test]
fn a_record_that_lacks_cases_decides_nothing() {
    let whole = judged(&honest(), |_, _| None);
    assert_eq!(score(&whole).1, 0);
    let fails = |event: &Event| matches!(event, Event::Case(case) if case.id.ends_with("/letters"));
    let less: Vec<Event> = whole.into_iter().filter(|event| !fails(event)).collect();
    assert_eq!(Summary::of(&less).decision, Decision::Incomplete { interrupted: false });
}
