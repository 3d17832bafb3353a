//! Fuzzing as it is used: outcomes, files, replaying and shrinking.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Ran, deployed, run, serve};

fn fuzz(out: &Path, arguments: &[&str]) -> Ran {
    run(&[&["fuzz", "--out", out.to_str().unwrap()], arguments].concat())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn help_teaches() {
    for verb in ["fuzz", "shrink"] {
        let ran = support::ended(support::dxspec(&[verb, "--help"]).env("COLUMNS", "100").output().unwrap());
        insta::assert_snapshot!(format!("help_{verb}"), ran.stdout);
    }
}

#[test]
fn the_reference_agrees_with_itself_in_every_operation() {
    let folder = tempfile::tempdir().unwrap();
    let served = serve("reference");
    let halo = ["--against", &served, "--op", "halo.*", "--cases", "900", "--seed", "3", "--json"];
    let ran = fuzz(folder.path(), &halo);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["trials"], 900);
    let operations = report["operations"].as_object().unwrap();
    // The judge's own questions are asked of nobody else, and steps of a conversation not by themselves.
    let not_asked = [
        "halo.credential.form",
        "halo.invitation.admission",
        "halo.invitation.connect",
        "halo.invitation.disconnect",
        "halo.invitation.cancel",
        "halo.invitation.enter_code",
    ];
    let asked = dxos_reference::operations::OPERATIONS
        .iter()
        .filter(|op| op.starts_with("halo.") && !not_asked.contains(op))
        .count();
    assert_eq!(operations.len(), asked);
    // Requests reach deep: each operation accepts some of them and refuses some, where it refuses anything.
    // Those that are only changed, and not made and signed for the purpose, mostly refuse, or are no requests any more.
    let only_changed = ["halo.auth.", "halo.device.", "halo.profile.", "halo.invitation."];
    for (op, tally) in operations {
        assert_eq!(tally["news"], 0, "{op}: {tally}");
        if only_changed.iter().any(|area| op.starts_with(area)) {
            continue;
        }
        assert!(tally["accepted"].as_u64().unwrap() > 2, "{op}: {tally}");
        // What cannot be used is part of the answer about all of them.
        let refuses = !op.ends_with(".replay")
            && !["halo.key.space_id", "halo.key.identity_did"].contains(&op.as_str());
        assert!(!refuses || tally["refused"].as_u64().unwrap() > 3, "{op}: {tally}");
        assert_eq!(tally["void"].as_u64().unwrap() + tally["news"].as_u64().unwrap(), 0, "{op}: {tally}");
    }
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_find_is_written_replayed_and_shrunk() {
    let folder = tempfile::tempdir().unwrap();
    let echo = serve("null-echo");
    let arguments = ["--against", &echo, "--op", "halo.key.space_id", "--op", "!*.parse", "--seed", "5"];
    let ran = fuzz(folder.path(), &[&arguments[..], &["--cases", "40", "--jobs", "1"]].concat());
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("APART halo.key.space_id: ok | ok at space_id (absent)"), "{}", ran.stdout);
    let written = files(folder.path());
    let candidate = written.first().unwrap();
    let file = dxos_vectors::parse("candidate", &std::fs::read_to_string(candidate).unwrap()).unwrap();
    let case = file.cases.last().unwrap();
    assert_eq!((case.origin.as_str(), case.dissent[0].witness.as_str()), ("fuzz", "null-echo 1"));

    // The command of the report makes the request again, of which the shrunk one is only a part.
    let replay = ran.stdout.lines().find_map(|line| line.trim().strip_prefix("replay")).unwrap();
    let number = replay.rsplit(' ').next().unwrap();
    let replayed = fuzz(folder.path(), &[&arguments[..], &["--case", number]].concat());
    assert_eq!(replayed.code, Some(1), "{}{}", replayed.stdout, replayed.stderr);
    assert!(replayed.stdout.contains("apart: halo.key.space_id: ok | ok at space_id"), "{}", replayed.stdout);

    let request = folder.path().join("request.json");
    let line = r#"{"id":1,"op":"halo.key.space_id","in":{"key":"0102030405060708","more":"x"}}"#;
    std::fs::write(&request, line).unwrap();
    let shrunk = run(&["shrink", request.to_str().unwrap(), "--against", &echo]);
    assert_eq!(shrunk.code, Some(0), "{}{}", shrunk.stdout, shrunk.stderr);
    let small = std::fs::read_to_string(folder.path().join("request.small.json")).unwrap();
    let small = dxos_vectors::parse("small", &small).unwrap();
    assert_eq!(Value::Object(small.cases.last().unwrap().input.clone().unwrap())["key"], "");

    // Nothing is overwritten.
    let again = run(&["shrink", request.to_str().unwrap(), "--against", &echo, "--tries", "2"]);
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    assert!(folder.path().join("request.small-2.json").exists());
}

#[test]
fn a_testee_that_is_lost_is_a_find_with_its_request_kept() {
    let folder = tempfile::tempdir().unwrap();
    let crash = serve("null-crash");
    let arguments = ["--against", &crash, "--op", "halo.key.space_id", "--cases", "5", "--jobs", "1"];
    let ran = fuzz(folder.path(), &[&arguments[..], &["--profile", "deployed-0.8"]].concat());
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("a testee was lost"), "{}", ran.stderr);
    let requests = files(folder.path());
    let request = requests.iter().find(|path| path.to_str().unwrap().ends_with(".request.json")).unwrap();
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(request).unwrap()).unwrap();
    assert!(kept["op"].as_str().unwrap().starts_with("halo.key.space_id"));
}

#[test]
fn without_a_testee_the_smallest_input_with_that_answer_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let request = folder.path().join("a.request.json");
    let line = r#"{"id":1,"op":"halo.key.parse","in":{"form":"hex","text":"0102030405zz06"}}"#;
    std::fs::write(&request, line).unwrap();
    let ran = run(&["shrink", request.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let small = std::fs::read_to_string(folder.path().join("a.small.json")).unwrap();
    let file = dxos_vectors::parse("small", &small).unwrap();
    assert_eq!(file.cases.last().unwrap().input.as_ref().unwrap()["text"].as_str().unwrap().len(), 2);
}

#[test]
fn mistakes_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let code = |arguments: &[&str]| fuzz(folder.path(), arguments).code;
    let three = ["--against", "direct:reference"].repeat(3);
    assert_eq!(code(&three), Some(2));
    assert_eq!(code(&["--against", "direct:reference", "--profile", "no-such"]), Some(2));
    assert_eq!(code(&["--against", "direct:reference", "--time", "soon"]), Some(2));
    assert_eq!(code(&["--against", "no-such-program-here", "--cases", "1"]), Some(3));
    assert_eq!(code(&["--against", "direct:reference", "--op", "no.such", "--cases", "1"]), Some(5));
    let nothing = folder.path().join("absent.json");
    assert_eq!(run(&["shrink", nothing.to_str().unwrap()]).code, Some(2));
    let agreed = folder.path().join("agreed.json");
    std::fs::write(&agreed, r#"{"id":1,"op":"halo.key.space_id","in":{"key":"00"}}"#).unwrap();
    let ran = run(&["shrink", agreed.to_str().unwrap(), "--against", "direct:reference"]);
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
}

#[test]
fn nothing_is_lost_between_the_reference_and_the_deployed_implementation() {
    let Some(carrier) = deployed("fuzzing of @dxos 0.8.3") else { return };
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--against",
        &carrier,
        "--op",
        "halo.*",
        // What deployed guests and verifiers take is remarked requirement by requirement, and a request with several
        // faults does not tell which of them it was.
        "--op",
        "!halo.invitation.",
        "--op",
        "!halo.auth.",
        "--profile",
        "deployed-0.8",
        "--cases",
        "400",
        "--seed",
        "1",
        "--json",
    ];
    let ran = fuzz(folder.path(), &arguments);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let unexplained: Vec<&Value> =
        report["finds"].as_array().unwrap().iter().filter(|find| find["state"] == "news").collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(report["finds"].as_array().unwrap().iter().any(|find| find["state"] == "explained"));
}
