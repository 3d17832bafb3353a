//! Reports as files, of real runs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod support;

use std::path::Path;

use support::{deployed, dxspec, ended, run};

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

fn read(file: &str) -> String {
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn help_teaches() {
    let help = |verb: &str| {
        let mut command = dxspec(&[verb, "--help"]);
        ended(command.env("COLUMNS", "100").output().unwrap()).stdout
    };
    insta::assert_snapshot!("help_report", help("report"));
    insta::assert_snapshot!("help_compare", help("compare"));
}

#[test]
fn run_and_report_write_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| path(folder.path(), name);
    let outputs = |prefix: &str| -> Vec<String> {
        let kinds = ["html", "md", "junit", "badge"];
        kinds.iter().flat_map(|kind| [format!("--{kind}"), file(&format!("{prefix}.{kind}"))]).collect()
    };
    let call = |head: &[&str], outputs: &[String]| {
        run(&[head, &outputs.iter().map(String::as_str).collect::<Vec<_>>()].concat())
    };
    let events = file("run.jsonl");
    let select = ["run", "direct:null-accept-all", "--no-probes", "-k", "halo/key", "--events", &events];
    let (first, second) = (outputs("first"), outputs("second"));
    assert_eq!(call(&select, &first).code, Some(1));
    let again = call(&["report", &events], &second);
    assert_eq!(again.code, Some(1), "{}", again.stderr);
    for (first, second) in first.iter().zip(&second).skip(1).step_by(2) {
        assert_eq!(read(first), read(second), "{first}");
    }
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 9, "nothing temporary is left");
}

#[test]
fn the_page_of_the_deployed_implementation_shows_fields_and_stays_light() {
    let Some(carrier) = deployed("the HTML report of @dxos 0.8.3") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (html, markdown) = (path(folder.path(), "r.html"), path(folder.path(), "r.md"));
    let patient = ["--timeout", "30", "--start-timeout", "120"];
    let ran =
        run(&[&["run", &carrier, "--jobs", "2", "--html", &html, "--md", &markdown], &patient[..]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let page = read(&html);
    assert!(page.len() < 9_000_000, "{} bytes", page.len());
    assert!(read(&markdown).len() <= 60_000);
    // The annotation of the reference's schemas.
    assert!(page.contains("issuance_date: Timestamp = 2024-01-02T03:04:05.678Z"));
    assert!(!page.contains("vectors at hand"));
}

#[test]
fn a_testee_that_fails_everything_has_a_page_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let html = path(folder.path(), "r.html");
    let ran = run(&["run", "direct:null-accept-all", "--no-probes", "--html", &html]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let page = read(&html);
    assert!(page.len() < 22_000_000, "{} bytes", page.len());
    assert!(page.contains("so that the input of this one is left out"));
}

#[test]
fn testees_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| path(folder.path(), name);
    let record = |testee: &str, profile: &str, name: &str| {
        let events = file(name);
        let ran = run(&[
            "run",
            testee,
            "--no-probes",
            "-k",
            "halo/key/space-id",
            "--profile",
            profile,
            "--events",
            &events,
        ]);
        assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.stderr);
        events
    };
    let good = record("direct:reference", "halo-core", "good.jsonl");
    let null = record("direct:null-echo", "halo-core", "null.jsonl");
    let other = record("direct:reference", "deployed-0.8", "other.jsonl");
    let html = file("compare.html");
    let ran = run(&["compare", &good, &null, "--html", &html]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
    assert!(read(&html).contains("null-echo"));
    let json: serde_json::Value =
        serde_json::from_str(&run(&["compare", &good, &null, "--json"]).stdout).unwrap();
    assert_eq!(json["testees"][0]["name"], "dxos-reference 0.1.0");

    let refused = run(&["compare", &good, &other]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--profile halo-core"), "{}", refused.stderr);
    assert_eq!(run(&["compare", &good]).code, Some(2), "one record is nothing to compare");
    assert_eq!(run(&["compare", &good, "/no/such/file"]).code, Some(2));
}

#[test]
fn a_broken_record_names_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "broken.jsonl");
    std::fs::write(&file, "{}\n{}\n").unwrap();
    let ran = run(&["report", &file]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("broken.jsonl") && ran.stderr.contains("line 1 of the record"),
        "{}",
        ran.stderr
    );
}
