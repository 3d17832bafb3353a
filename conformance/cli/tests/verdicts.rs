//! The verdicts on what we know: the reference, the deployed implementation, and testees that do nothing.

#![allow(clippy::unwrap_used, clippy::panic)] // A test may panic.

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{deployed, run, serve};

const PROFILES: [&str; 4] = ["halo-core", "echo-core", "echo-storage", "deployed-0.8"];

/// Two histories; a feed whose last signature is gone and that is appended to all the same; a bitfield that is gone; a
/// block that is too large.
const DANGEROUS: [&str; 4] = [
    "echo/feed/verify/history-p256/fork",
    "echo/feed/storage/signatures-p256/five-lost",
    "echo/feed/storage/bitfield-p256/five-gone",
    "echo/feed/append-limit-p256/refused-then-appended",
];

/// The packages take seconds of a busy machine to load, some of them within the first request that needs them.
const PATIENT: &[&str] = &["--timeout", "30", "--start-timeout", "120"];

fn report(arguments: &[&str]) -> (Option<i32>, Value) {
    let ran = run(&[&["run", "--json"], arguments].concat());
    let report =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}\n{}", ran.stdout, ran.stderr));
    (ran.code, report)
}

#[test]
fn the_reference_is_conformant_in_process_and_as_a_process() {
    let served = serve("reference");
    for carrier in ["direct:reference", served.as_str()] {
        for profile in PROFILES {
            let (code, report) = report(&[carrier, "--profile", profile]);
            assert_eq!(code, Some(0), "{carrier} {profile}: {report:#}");
        }
    }
}

#[test]
fn the_deployed_implementation_conforms_to_its_profile_and_deviates_as_the_book_says() {
    let Some(carrier) = deployed("the conformance of @dxos 0.8.3") else { return };
    let ran = run(&[&["run", &carrier, "--profile", "deployed-0.8", "--jobs", "2"], PATIENT].concat());
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    insta::with_settings!({ filters => vec![(r"time +[\d.]+ s", "time     T s")] }, {
        insta::assert_snapshot!("deployed", ran.stdout);
    });
    for profile in ["halo-core", "echo-core", "echo-storage"] {
        let (code, _) = report(&[&[&carrier, "--profile", profile, "--jobs", "2"], PATIENT].concat());
        assert_eq!(
            code,
            Some(1),
            "{profile}: the safe rules are more than the deployed implementation follows"
        );
    }
}

/// Where the deployed implementation loses or forges history: each of these was seen to fail on it, and passes here.
#[test]
fn the_dangerous_deviations_of_deployed_feeds_are_cases() {
    let files = dxos_vectors::embedded().unwrap();
    let cases = |prefix: &str| {
        let all = files.iter().flat_map(|file| &file.cases);
        all.filter(|case| case.id.starts_with(prefix) && !case.dissent.is_empty()).count()
    };
    for prefix in DANGEROUS {
        assert!(cases(prefix) > 0, "no case {prefix} on which a deployed peer was seen to dissent");
        let ran = run(&["run", "direct:reference", "-k", prefix, "--profile", "echo-storage"]);
        assert_eq!(ran.code, Some(0), "{prefix}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn the_recorded_witness_is_true() {
    let Some(carrier) = deployed("the check of the recorded witness") else { return };
    let copy = tempfile::tempdir().unwrap();
    let ran = run(&["vectors", "witness", &carrier, copy.path().to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let name = "witness/dxos-0.8.3.json";
    let read = |folder: &std::path::Path| {
        dxos_vectors::witness::load(folder).unwrap().into_iter().next().unwrap_or_else(|| panic!("no {name}"))
    };
    let (asked, recorded) = (read(copy.path()), read(&support::root().join("vectors")));
    let differ: BTreeMap<_, _> =
        asked.answers.iter().filter(|(id, testimony)| recorded.answers.get(*id) != Some(testimony)).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    assert_eq!(asked.answers.len(), recorded.answers.len());
}

#[test]
fn testees_that_do_nothing_get_no_result() {
    for name in ["accept-all", "reject-all", "constant", "echo", "empty", "random", "crash", "hang"] {
        for profile in PROFILES {
            let carrier = serve(&format!("null-{name}"));
            let ran = run(&["run", &carrier, "--profile", profile, "--timeout", "1"]);
            assert!(matches!(ran.code, Some(1 | 3)), "{name}: {:?}", ran.code);
            assert!(ran.stdout.contains("To do: "), "{name} is told what to do:\n{}", ran.stdout);
        }
    }
}

#[test]
fn testees_that_do_nothing_score_nothing_even_without_probes() {
    for name in ["accept-all", "reject-all", "constant", "echo", "empty", "random", "crash", "hang"] {
        for profile in PROFILES {
            let carrier = serve(&format!("null-{name}"));
            // The limit is short, as null-hang meets it twenty times.
            let arguments = [&carrier, "--profile", profile, "--no-probes", "--timeout", "0.5"];
            let (code, report) = report(&arguments.map(|argument| argument as &str));
            assert!(matches!(code, Some(1 | 3)), "{name}: {code:?}");
            let passed = report.pointer("/must/passed").and_then(Value::as_u64).unwrap();
            let of = report.pointer("/must/profile").and_then(Value::as_u64).unwrap();
            assert!(of > 500, "{name} {profile}: {of}");
            if name == "random" {
                assert!(passed * 100 < of, "{name} {profile}: {passed} of {of}");
            } else {
                assert_eq!(passed, 0, "{name} {profile}");
            }
        }
    }
}

#[test]
fn a_replay_says_what_a_run_would() {
    let rejection = "halo/credential/verify/signature/p256-flipped-first";
    let ran = run(&["replay", rejection, &serve("null-reject-all")]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("In a run the rejection is unproven"), "{}", ran.stdout);

    let one = concat!(
        r#"exec:sh -c 'read -r line; echo "TP1 {\"id\":0,\"ok\":{\"tp\":1,\"implementation\":{\"name\":\"sh\",\"version\":\"1\","#,
        r#"\"language\":\"sh\"},\"ops\":[\"halo.key.space_id\"],\"features\":[\"suite.p256\"]}}"; read -r line'"#
    );
    let ran = run(&["replay", rejection, one]);
    assert_eq!(ran.code, Some(5), "{}{}", ran.stdout, ran.stderr);
    let why = "not applicable: the operation halo.credential.verify is not claimed in hello";
    assert!(ran.stdout.contains(why), "{}", ran.stdout);
}
