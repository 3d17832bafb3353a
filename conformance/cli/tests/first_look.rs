//! `dxspec smoke` and `dxspec ops`: what a newcomer asks first.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod support;

use std::collections::BTreeSet;

use serde_json::Value;
use support::{run, serve};

#[test]
fn the_reference_looks_well() {
    let served = serve("reference");
    for testee in ["direct:reference", served.as_str()] {
        let ran = run(&["smoke", testee, "--json"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let cases = report["cases"].as_array().unwrap();
        assert!(cases.len() >= 12 && cases.iter().all(|case| case["verdict"] == "pass"), "{cases:?}");
        assert!(report["next"].as_str().unwrap().starts_with("dxspec run "), "{}", report["next"]);
        let checks = report["frames"].as_array().unwrap();
        assert_eq!(checks.len(), if testee == served { 4 } else { 3 });
    }
}

#[test]
fn testees_that_do_nothing_are_seen_through_and_told_what_to_do() {
    for name in ["accept-all", "reject-all", "constant", "echo", "empty", "random", "crash", "hang"] {
        let ran = run(&["smoke", &serve(&format!("null-{name}")), "--timeout", "1"]);
        assert_eq!(ran.code, Some(3), "{name}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("To do: ") && ran.stdout.contains("\nNext: "), "{name}: {}", ran.stdout);
    }
}

#[test]
fn an_adapter_that_outlives_its_input_is_told() {
    let testee = format!("sh -c '{} serve reference; exec sleep 1000'", env!("CARGO_BIN_EXE_dxspec"));
    let ran = run(&["smoke", &testee, "--timeout", "2"]);
    assert_eq!(ran.code, Some(3), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("frames   large id ok · other scripts ok · long line ok · end of input FAILED")
    );
    assert!(ran.stdout.contains("the adapter still runs 2 s after the end of its input"), "{}", ran.stdout);
}

#[test]
fn a_testee_that_cannot_be_started_is_trouble() {
    for (testee, why) in [("no-such-program-here", "no program of that name"), ("true", "exited with code 0")]
    {
        let ran = run(&["smoke", testee]);
        assert_eq!(ran.code, Some(3), "{}", ran.stderr);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
    assert_eq!(run(&["smoke", "tcp"]).code, Some(3));
    assert_eq!(run(&["smoke", ""]).code, Some(2));
}

#[test]
fn every_operation_of_the_vectors_is_listed() {
    let ran = run(&["ops", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let list: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    let listed: BTreeSet<&str> = list.iter().map(|op| op["op"].as_str().unwrap()).collect();
    for file in dxos_vectors::embedded().unwrap() {
        assert!(listed.contains(file.op.as_str()), "{}", file.op);
    }
    assert!(list.iter().all(|op| op["in"] != "" && op["ok"] != ""));
    assert!(run(&["ops"]).stdout.contains("halo.key.space_id.parse"));
}

#[test]
fn an_operation_is_shown_with_its_notes() {
    let ran = run(&["ops", "halo.key.space_id.parse"]);
    assert!(ran.stdout.contains("refuse with `canon.form` only"), "{}", ran.stdout);
    let ran = run(&["ops", "halo.kex"]);
    assert_eq!(ran.code, Some(5));
    assert!(ran.stderr.contains("halo.key.parse"), "{}", ran.stderr);
}
