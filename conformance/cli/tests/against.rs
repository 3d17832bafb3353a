//! A run held against a baseline, an earlier run and itself, as it is done on the command line.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod support;

use std::path::Path;

use serde_json::Value;
use support::{Ran, dxspec, ended};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
/// The case that the reference fails.
const WRONG: &str = "halo/key/toy/wrong-on-purpose";

fn run(arguments: &[&str]) -> Ran {
    ended(dxspec(&["--vectors", VECTORS]).args(arguments).output().unwrap())
}

/// A folder, and the paths of files in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}\n{}", ran.stdout, ran.stderr))
}

fn last_line(ran: &Ran) -> &str {
    ran.stdout.lines().last().unwrap_or_default()
}

#[test]
fn a_baseline_is_made_shown_and_held() {
    let folder = Folder::new();
    let (events, baseline) = (folder.path("run.jsonl"), folder.path("known.toml"));
    assert_eq!(run(&["run", "--events", &events]).code, Some(1));
    // There is none yet.
    let missing = run(&["run", "--baseline", &baseline]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("dxspec baseline update EVENTS --baseline"), "{}", missing.stderr);
    assert_eq!(run(&["baseline", "update", &events, "--baseline", &baseline, "--check"]).code, Some(1));
    assert!(!Path::new(&baseline).exists());

    let update = run(&["baseline", "update", &events, "--baseline", &baseline]);
    assert_eq!(update.code, Some(0), "{}", update.stderr);
    assert!(
        update.stdout.starts_with(&format!("+ {WRONG}: wrong reason with canon.form\n")),
        "{}",
        update.stdout
    );
    assert_eq!(run(&["baseline", "update", &events, "--baseline", &baseline, "--check"]).code, Some(0));
    let shown = run(&["baseline", "show", &baseline]);
    assert!(shown.stdout.starts_with(WRONG) && shown.stdout.contains("1 entry in"), "{}", shown.stdout);
    assert_eq!(json(&run(&["baseline", "show", &baseline, "--json"]))["entries"][0]["cases"], 1);

    let held = run(&["run", "--baseline", &baseline, "--events", &events]);
    assert_eq!(held.code, Some(0), "{}\n{}", held.stdout, held.stderr);
    assert_eq!(
        last_line(&held),
        "conformant given the baseline: 1 case that counts fails as it says; without it not conformant to halo-core (exit 0)"
    );
    assert!(held.stdout.contains("\n2 passed, 1 failed, 0 skipped\n"), "{}", held.stdout);
    // The record alone says the same.
    let report = run(&["report", &events]);
    assert_eq!((report.code, report.stdout), (held.code, held.stdout));
    let document = json(&run(&["run", "--baseline", &baseline, "--json"]));
    assert_eq!((&document["conformant"], &document["exit"]), (&Value::Bool(false), &Value::from(0)));
    assert_eq!(document["expected"][0], WRONG);
    assert_eq!(
        document["cases"].as_array().unwrap().iter().filter(|case| case["expected"].is_object()).count(),
        1
    );
}

#[test]
fn what_does_not_hold_any_more_can_be_repaired() {
    let folder = Folder::new();
    let text = format!(
        "# Mine.\n\n[[expect]]\ncase = \"{WRONG}\"\nresult = \"crash\"\nwhy = \"known\" # so\n\n\
         [[expect]]\ncase = \"halo/key/toy/short\"\nresult = \"fail\"\nwhy = \"known\"\n"
    );
    let baseline = folder.write("known.toml", &text);
    let events = folder.path("run.jsonl");
    let ran = run(&["run", "--baseline", &baseline, "--events", &events]);
    assert_eq!(ran.code, Some(1));
    for said in [
        ":4: halo/key/toy/wrong-on-purpose ended as wrong reason, not as crash",
        ":9: halo/key/toy/short passes now",
        "to fix   dxspec run",
    ] {
        assert!(ran.stdout.contains(said), "{said}\n{}", ran.stdout);
    }
    let update = run(&["baseline", "update", &events, "--baseline", &baseline, "--json"]);
    assert_eq!(json(&update)["changes"].as_array().unwrap().len(), 2);
    assert_eq!(
        folder.read("known.toml"),
        format!(
            "# Mine.\n\n[[expect]]\ncase = \"{WRONG}\"\nresult = \"wrong-reason\"\nwhy = \"known\" # so\n"
        )
    );
    assert_eq!(run(&["run", "--baseline", &baseline]).code, Some(0));
}

#[test]
fn a_baseline_that_cannot_be_used_is_a_mistake_in_usage() {
    let folder = Folder::new();
    let texts = [
        "[[expect]]\ncase = \"x\"\nresult = \"fail\"\nwhy = \"w\"\nmore = 1\n".to_owned(),
        "[[flaky]]\ncase = \"x\"\n".to_owned(),
        format!(
            "[[expect]]\ncase = \"{WRONG}\"\nresult = \"fail\"\nwhy = \"w\"\n[[expect]]\ncase = \"halo/key/toy/*\"\nresult = \"fail\"\nwhy = \"w\"\n"
        ),
    ];
    let mut said = String::new();
    for text in &texts {
        let file = folder.write("known.toml", text);
        let ran = run(&["run", "--baseline", &file]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "nothing is run: {text}");
        said.push_str(&ran.stderr.replace(&file, "known.toml"));
    }
    insta::assert_snapshot!(said);
    let old = folder.write(
        "known.toml",
        &format!(
            "[[expect]]\ncase = \"{WRONG}\"\nresult = \"wrong-reason\"\nwhy = \"w\"\nuntil = \"2001-01-01\"\n"
        ),
    );
    let warned = run(&["run", "--baseline", &old]);
    assert!(
        warned.code == Some(0) && warned.stdout.contains("has expired on 2001-01-01"),
        "{}",
        warned.stdout
    );
    assert_eq!(run(&["run", "--baseline", &old, "--strict-until"]).code, Some(1));
    assert_eq!(run(&["run", "--strict-until"]).code, Some(2));
}

#[test]
fn two_records_are_compared() {
    let folder = Folder::new();
    let (good, bad) = (folder.path("good.jsonl"), folder.path("bad.jsonl"));
    assert_eq!(run(&["run", "-k", "!**/wrong-on-purpose", "--events", &good]).code, Some(0));
    assert_eq!(run(&["run", "direct:null-echo", "--no-probes", "--events", &bad]).code, Some(1));
    assert_eq!(run(&["report", "diff", &good, &good]).code, Some(0));
    assert_eq!(run(&["report", "diff", &bad, &good]).code, Some(0));
    let worse = run(&["report", "diff", &good, &bad]);
    assert_eq!(worse.code, Some(1));
    insta::assert_snapshot!(worse.stdout.replace(&good, "good.jsonl"));
    let document = json(&run(&["report", "diff", &good, &bad, "--json"]));
    assert_eq!(document["regressions"], 2);
    assert_eq!(document["diff"]["added"][0]["case"], WRONG);
    // The plain report is still there, and wants its record.
    assert_eq!(run(&["report", &good]).code, Some(0));
    assert_eq!(run(&["report"]).code, Some(2));
    // What cannot be compared.
    let cut =
        folder.write("cut.jsonl", folder.read("good.jsonl").rsplit_once("{\"type\":\"end\"").unwrap().0);
    for arguments in
        [[&good, &cut], [&cut, &good], [&good, &folder.path("no-such")], [&good, &folder.write("x", "")]]
    {
        let ran = run(&["report", "diff", arguments[0], arguments[1]]);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stdout);
        assert!(!ran.stderr.is_empty());
    }
    assert_eq!(run(&["run", "--against-report", &cut]).code, Some(2));
}

#[test]
fn a_run_is_held_against_an_earlier_one() {
    let folder = Folder::new();
    let (old, new) = (folder.path("old.jsonl"), folder.path("new.jsonl"));
    let right = ["-k", "!**/wrong-on-purpose"];
    run(&[&["run", "--events", &old], &right[..]].concat());
    let same = run(&[&["run", "--against-report", &old], &right[..]].concat());
    assert_eq!(same.code, Some(0), "{}", same.stdout);
    assert!(same.stdout.contains("\n no regression\n"), "{}", same.stdout);
    let worse = run(&["run", "direct:null-echo", "--no-probes", "--against-report", &old, "--events", &new]);
    assert_eq!(worse.code, Some(1));
    assert!(last_line(&worse).contains("2 regressions against "), "{}", worse.stdout);
    let report = run(&["report", &new]);
    assert_eq!((report.code, report.stdout), (worse.code, worse.stdout));
}

#[test]
fn a_run_is_held_against_itself() {
    let steady = run(&["run", "--repeat", "20", "-k", "!**/wrong-on-purpose"]);
    assert_eq!(steady.code, Some(0), "{}", steady.stdout);
    assert!(steady.stdout.contains("\n  20 runs, identical but for times\n"), "{}", steady.stdout);
    // Rejects everything when it is started for the first time.
    let folder = Folder::new();
    let program = env!("CARGO_BIN_EXE_dxspec");
    let flag = folder.path("started");
    let script = format!(
        "if [ -e '{flag}' ]; then exec '{program}' serve reference; else : >'{flag}'; exec '{program}' serve null-reject-all; fi"
    );
    let testee = format!("exec:sh -c \"{script}\"");
    let arguments =
        ["run", &testee, "--repeat", "3", "--no-probes", "--jobs", "1", "-k", "halo/key/toy/short"];
    let ran = run(&arguments);
    assert_eq!(ran.code, Some(1), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(" FLAKY  halo/key/toy/short\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("fail with auth.signature in 1 of 3, pass in 2 of 3"), "{}", ran.stdout);
    assert_eq!(run(&["run", "--repeat", "0"]).code, Some(2));
}

#[test]
fn the_reference_is_steady_over_all_cases() {
    let ran = ended(dxspec(&["run", "--repeat", "5", "--jobs", "2"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n  5 runs, identical but for times\n"), "{}", ran.stdout);
}

#[test]
fn all_of_it_together() {
    let folder = Folder::new();
    let (old, new, baseline) =
        (folder.path("old.jsonl"), folder.path("new.jsonl"), folder.path("known.toml"));
    run(&["run", "--events", &old]);
    run(&["baseline", "update", &old, "--baseline", &baseline]);
    let arguments =
        ["run", "--repeat", "3", "--baseline", &baseline, "--against-report", &old, "--events", &new];
    let ran = run(&arguments);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    let document = json(&run(&["report", &new, "--json"]));
    assert_eq!(document["repeat"]["runs"], 3);
    assert_eq!(document["against"]["diff"]["same"], 3, "expected or not, it fails as it did");
    assert_eq!(document["baseline"]["broken"], Value::Array(Vec::new()));
    let kinds: Vec<String> = folder
        .read("new.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds[kinds.len() - 4..], ["repeat", "baseline", "against", "end"]);
}

#[test]
fn help_teaches() {
    let help = |arguments: &[&str]| ended(dxspec(arguments).env("COLUMNS", "100").output().unwrap()).stdout;
    assert!(help(&["report", "--help"]).contains("\n       dxspec report <COMMAND>\n"));
    insta::assert_snapshot!("help_report_diff", help(&["report", "diff", "--help"]));
    insta::assert_snapshot!("help_baseline_update", help(&["baseline", "update", "--help"]));
}

#[test]
fn every_written_report_names_the_entry_that_does_not_hold() {
    let folder = Folder::new();
    let baseline = folder.write(
        "known.toml",
        "[[expect]]\ncase = \"halo/key/toy/short\"\nresult = \"fail\"\nwhy = \"it does not\"\n",
    );
    let (html, md) = (folder.path("run.html"), folder.path("run.md"));
    let ran = run(&["run", "--baseline", &baseline, "--html", &html, "--md", &md]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for report in [ran.stdout, folder.read("run.html"), folder.read("run.md")] {
        assert!(report.contains("known.toml:2: halo/key/toy/short"), "{report}");
    }
}
