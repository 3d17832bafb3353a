//! Testees that want to look better than they are, each with the verdict that it gets.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod toy;

use std::sync::atomic::{AtomicUsize, Ordering};

use dxos_conformance::event::{CaseEvent, Event};
use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::protocol::Answer;
use dxos_conformance::summary::{Decision, Summary};
use dxos_conformance::verdict::Verdict;
use dxos_vectors::{Class, VectorFile};
use serde_json::{Map, Value, json};
use toy::{Settings, Toy, events, ok, text_of};

const STAGES: [&str; 7] = ["frame", "decode", "canon", "schema", "auth", "state", "resource"];

/// A testee that claims what it likes and says what it likes; `None` is what the honest toy says.
struct Liar {
    hello: Hello,
    answer: fn(&str, &str) -> Option<Answer>,
}

impl Implementation for Liar {
    fn hello(&self) -> Hello {
        self.hello.clone()
    }

    fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        (self.answer)(op, text_of(input)).unwrap_or_else(|| Toy::default().call(op, input))
    }
}

fn claims(ops: &[&str], features: &[&str], coarse: &[&str]) -> Hello {
    let mut hello = Hello::new("liar", "1", "rust", ops, features);
    hello.coarse = coarse.iter().map(|prefix| (*prefix).to_owned()).collect();
    hello
}

fn honest() -> Hello {
    claims(&["toy.*"], &["suite.p256"], &[])
}

fn reject(class: &str) -> Option<Answer> {
    Some(Answer::Reject { class: class.into(), message: String::new() })
}

/// A run without probes, which many of these would not survive.
fn judged(hello: &Hello, answer: fn(&str, &str) -> Option<Answer>) -> Vec<Event> {
    with(hello, answer, Settings { probes: false, ..Settings::default() })
}

fn with(hello: &Hello, answer: fn(&str, &str) -> Option<Answer>, settings: Settings) -> Vec<Event> {
    events(&|| Box::new(Liar { hello: hello.clone(), answer }), &settings)
}

fn case<'a>(events: &'a [Event], slug: &str) -> &'a CaseEvent {
    let found = events.iter().find_map(|event| match event {
        Event::Case(case) if case.id.ends_with(&format!("/{slug}")) => Some(case.as_ref()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{slug} is not in the record"))
}

fn verdict(events: &[Event], slug: &str) -> Verdict {
    case(events, slug).verdict
}

/// Passed, applicable and all of the cases that decide, and the exit code.
fn score(events: &[Event]) -> ((usize, usize, usize), u8) {
    let summary = Summary::of(events);
    (summary.must, summary.decision.exit_code())
}

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

/// One file of vectors about `toy.parse` or `toy.make`.
fn file(op: &str, cases: Value) -> Settings {
    let mut cases = cases;
    for case in cases.as_array_mut().unwrap() {
        let members = case.as_object_mut().unwrap();
        members.insert("id".into(), format!("toy/x/y/{}", members["id"].as_str().unwrap()).into());
        members.insert("origin".into(), "hand".into());
        members.insert("witness".into(), json!(["other 1"]));
        members.entry("level").or_insert(json!("must"));
        members.entry("req").or_insert(json!(["TOY-NUM-002"]));
    }
    let file = json!({ "$schema": "s", "format": 1, "group": "toy/x/y", "op": op, "about": "More.",
        "source": { "generator": "hand", "seed": "toy/x/y" }, "cases": cases });
    let files: Vec<VectorFile> = vec![serde_json::from_value(file).unwrap()];
    Settings { probes: false, files, ..Settings::default() }
}

fn derived(id: &str, from: &str, text: &str, want: Value) -> Value {
    json!({ "id": id, "in": { "text": text }, "want": want,
        "derive": { "from": format!("toy/x/y/{from}"), "patch": [{ "field": "text", "set": text }] } })
}

#[test]
fn a_sibling_that_may_be_rejected_and_is_proves_nothing() {
    let either = json!({ "one_of": [
        { "behavior": "lenient", "req": "TOY-NUM-001", "ok": { "value": "07" } },
        { "behavior": "strict", "req": "TOY-NUM-001", "reject": "canon.form" },
    ] });
    let settings = || {
        file(
            "toy.parse",
            json!([
                { "id": "seven", "in": { "text": "7" }, "want": { "ok": { "value": "07" } } },
                { "id": "zeros", "in": { "text": "007" }, "want": either },
                derived("big", "zeros", "0300", json!({ "reject": "schema.range" })),
            ]),
        )
    };
    let strict = |_: &str, text: &str| if text.len() > 2 { reject("canon.form") } else { None };
    let lenient = with(&honest(), |_, _| None, settings());
    assert_eq!((verdict(&lenient, "zeros"), verdict(&lenient, "big")), (Verdict::Pass, Verdict::Pass));
    let events = with(
        &honest(),
        |_, text| match text {
            "007" => reject("canon.form"),
            _ => None,
        },
        settings(),
    );
    assert_eq!(verdict(&events, "zeros"), Verdict::Pass, "which the accepted 7 proves");
    assert_eq!(verdict(&events, "big"), Verdict::Unproven);
    assert_eq!(case(&events, "big").why, "the sibling is rejected too, so this proves nothing");
    // Who rejects all of a group may not even lean on what it is allowed to reject.
    let events = with(&honest(), |_, _| reject("canon.form"), settings());
    assert_eq!(verdict(&events, "zeros"), Verdict::Unproven);
    assert_eq!(verdict(&with(&honest(), strict, settings()), "big"), Verdict::WrongReason);
}

#[test]
fn a_chain_of_siblings_leads_to_one_that_is_accepted() {
    let settings = |patterns| {
        let cases = json!([
            { "id": "seven", "in": { "text": "7" }, "want": { "ok": { "value": "07" } } },
            derived("big", "seven", "300", json!({ "reject": "schema.range" })),
            derived("bigger", "big", "3000", json!({ "reject": "schema.range" })),
        ]);
        Settings { patterns, ..file("toy.parse", cases) }
    };
    let run = |answer| verdict(&with(&honest(), answer, settings(&[])), "bigger");
    assert_eq!(run(|_, _| None), Verdict::Pass);
    assert_eq!(run(|_, text| if text == "7" { reject("schema.range") } else { None }), Verdict::Unproven);
    assert_eq!(run(|_, text| (text == "300").then_some(Answer::Unsupported)), Verdict::Unproven);
    // A choice runs the whole chain, and shows the one case.
    let chosen = with(&honest(), |_, _| None, settings(&["**/bigger"]));
    assert_eq!(verdict(&chosen, "bigger"), Verdict::Pass);
    assert_eq!(chosen.iter().filter(|event| matches!(event, Event::Case(_))).count(), 1);
}

#[test]
fn derivations_in_a_ring_end() {
    let cases = json!([
        derived("a", "b", "300", json!({ "reject": "schema.range" })),
        derived("b", "a", "301", json!({ "reject": "schema.range" })),
    ]);
    assert_eq!(verdict(&with(&honest(), |_, _| None, file("toy.parse", cases)), "a"), Verdict::Unproven);
}

#[test]
fn a_sibling_that_is_not_applicable_takes_what_derives_from_it_along() {
    let settings = || {
        let mut seven = json!({ "id": "seven", "in": { "text": "7" }, "want": { "ok": { "value": "07" } } });
        seven["features"] = json!(["suite.ed25519"]);
        let big = derived("big", "seven", "300", json!({ "reject": "schema.range" }));
        file("toy.parse", json!([seven, big]))
    };
    let events = with(&honest(), |_, _| None, settings());
    assert_eq!(verdict(&events, "big"), Verdict::NotApplicable);
    assert_eq!(score(&events), ((0, 0, 2), 5));
}

#[test]
fn any_hex_at_all_proves_nothing() {
    let make = json!([{ "id": "made", "in": {}, "want": { "ok": { "text": { "$any": "hex" } } } }]);
    let events = with(&honest(), |_, _| Some(ok(json!({ "text": "00" }))), file("toy.make", make));
    assert_eq!(verdict(&events, "made"), Verdict::Unproven);
}

#[test]
fn an_acceptance_without_a_value_needs_a_rejection_beside_it() {
    let settings = |patterns| {
        let cases = json!([
            { "id": "fine", "in": { "text": "7" }, "want": { "ok": {} } },
            derived("big", "fine", "300", json!({ "reject": "schema.range" })),
        ]);
        Settings { patterns, ..file("toy.parse", cases) }
    };
    // By itself too, if it is chosen: the rejected one is run beside it.
    assert_eq!(verdict(&with(&honest(), |_, _| None, settings(&["**/fine"])), "fine"), Verdict::Pass);
    let yes = with(&honest(), |_, _| Some(ok(json!({ "junk": 1 }))), settings(&[]));
    assert_eq!(verdict(&yes, "fine"), Verdict::Unproven);
}

#[test]
fn one_operation_that_works_says_nothing_about_the_rejections_of_another() {
    let steps = json!([{ "id": "steps", "steps": [
        { "op": "toy.parse", "in": { "text": "7" }, "want": { "ok": { "value": "07" } } },
        { "op": "toy.make", "in": { "text": "x" }, "want": { "reject": "decode.varint" } },
    ] }]);
    let rejects = |op: &str, _: &str| if op == "toy.make" { reject("decode.varint") } else { None };
    let events = with(&honest(), rejects, file("toy.make", steps));
    assert_eq!(verdict(&events, "steps"), Verdict::Unproven);
}

#[test]
fn an_acceptance_of_one_suite_says_nothing_about_another() {
    let settings = || {
        file(
            "toy.parse",
            json!([
                { "id": "seven", "in": { "text": "7" }, "want": { "ok": { "value": "07" } } },
                { "id": "big", "in": { "text": "300" }, "want": { "reject": "schema.range" }, "underived": "-",
                  "features": ["suite.ed25519"] },
                { "id": "plain-big", "in": { "text": "301" }, "want": { "reject": "schema.range" }, "underived": "-" },
            ]),
        )
    };
    let both = claims(&["toy.*"], &["suite.p256", "suite.ed25519"], &[]);
    let events = with(&both, |_, _| None, settings());
    assert_eq!((verdict(&events, "big"), verdict(&events, "plain-big")), (Verdict::Unproven, Verdict::Pass));
}

#[test]
fn weaker_levels_have_the_same_verdicts_and_decide_nothing() {
    let settings = |level: &str| {
        let mut big = derived("big", "seven", "300", json!({ "reject": "schema.range" }));
        big["level"] = json!(level);
        file(
            "toy.parse",
            json!([{ "id": "seven", "in": { "text": "7" }, "want": { "ok": { "value": "07" } } }, big]),
        )
    };
    for level in ["should", "may"] {
        let accepts =
            with(&honest(), |_, text| (text == "300").then(|| ok(json!({ "value": "2c" }))), settings(level));
        assert_eq!((verdict(&accepts, "big"), score(&accepts)), (Verdict::Fail, ((1, 1, 1), 0)), "{level}");
        let rejects = with(&honest(), |_, _| reject("schema.range"), settings(level));
        assert_eq!((verdict(&rejects, "big"), score(&rejects).1), (Verdict::Unproven, 1), "{level}");
    }
    // Where only they were run, nothing was decided.
    let only = Settings { patterns: &["**/big"], ..settings("should") };
    assert_eq!(score(&with(&honest(), |_, _| None, only)).1, 5);
}

/// A profile's operation whose only applicable cases are provisional: of one suite, and not confirmed.
fn one_suite_unconfirmed() -> Settings {
    let mut settings = file(
        "toy.parse",
        json!([
            { "id": "seven", "in": { "text": "7" }, "want": { "ok": { "value": "07" } } },
            { "id": "p256", "in": { "text": "8" }, "want": { "ok": { "value": "08" } }, "features": ["suite.p256"] },
            { "id": "made", "steps": [{ "op": "toy.make", "in": {}, "want": { "ok": { "text": "07" } } }],
              "features": ["suite.ed25519"] },
        ]),
    );
    for file in &mut settings.files {
        for case in file.cases.iter_mut().filter(|case| case.id.ends_with("/made")) {
            case.witness = vec!["dxos-reference".into()];
        }
    }
    settings
}

#[test]
fn a_suite_that_nobody_has_confirmed_is_no_way_around_the_profile() {
    let run =
        |ops: &[&str], answer| with(&claims(ops, &["suite.ed25519"], &[]), answer, one_suite_unconfirmed());
    let right = run(&["toy.*"], |_, _| None);
    assert_eq!(score(&right), ((1, 1, 2), 0));
    // It is claimed, and not there.
    let wrong = run(&["toy.*"], |op, _| (op == "toy.make").then(|| Answer::Unsupported));
    let Decision::Not(reasons) = Summary::of(&wrong).decision else { panic!() };
    assert_eq!(
        reasons,
        [
            "of the features suite.p256, suite.ed25519 none is confirmed, and 1 provisional case that needs it did not pass"
        ]
    );
    // An operation that only such cases need is left out.
    let less = run(&["toy.parse"], |_, _| None);
    let Decision::Not(reasons) = Summary::of(&less).decision else { panic!() };
    assert_eq!(reasons, ["1 operation of the profile is not claimed"]);
}
