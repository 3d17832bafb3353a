//! What a right answer must lean on to be a pass.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod liar;
mod toy;

use dxos_conformance::event::Event;
use dxos_conformance::protocol::Answer;
use dxos_conformance::summary::{Decision, Summary};
use dxos_conformance::verdict::Verdict;
use dxos_vectors::VectorFile;
use liar::{case, claims, honest, reject, score, verdict, with};
use serde_json::{Value, json};
use toy::{Settings, ok};

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
    let wrong = run(&["toy.*"], |op, _| (op == "toy.make").then_some(Answer::Unsupported));
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
