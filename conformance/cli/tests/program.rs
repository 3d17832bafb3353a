//! The program as it is used: what it prints, what it writes, and how it ends.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

use std::path::Path;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dxspec");
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
/// The cases that the reference passes.
const RIGHT: [&str; 2] = ["-k", "!**/wrong-on-purpose"];

fn dxspec(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.env("COLUMNS", "100").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.args(["--vectors", VECTORS]).args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Without the line that tells the time.
fn timeless(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("  time ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn help_teaches() {
    insta::assert_snapshot!("help", out(&dxspec(&["--help"])));
    insta::assert_snapshot!("help_run", out(&dxspec(&["run", "--help"])));
    insta::assert_snapshot!("help_serve", out(&dxspec(&["serve", "--help"])));
    insta::assert_snapshot!("help_bench", out(&dxspec(&["bench", "--help"])));
    insta::assert_snapshot!("help_new_adapter", out(&dxspec(&["new-adapter", "--help"])));
    insta::assert_snapshot!("help_smoke", out(&dxspec(&["smoke", "--help"])));
    insta::assert_snapshot!("help_ops", out(&dxspec(&["ops", "--help"])));
}

#[test]
fn the_outcome_is_the_exit_code() {
    let run = |arguments: &[&str]| code(&dxspec(&[&["run"], arguments].concat()));
    assert_eq!(run(&RIGHT), 0);
    assert_eq!(run(&[]), 1);
    assert_eq!(run(&["http:here:1"]), 2);
    assert_eq!(run(&["tcp:here"]), 2);
    assert_eq!(run(&["--profile", "no-such"]), 2);
    assert_eq!(run(&["--jobs", "many"]), 2);
    assert_eq!(run(&["no-such-program-here"]), 3);
    assert_eq!(run(&["direct:nobody"]), 3);
    assert_eq!(run(&["--events", "/no/such/folder/run.jsonl"]), 3);
    assert_eq!(run(&["-k", "no/such"]), 5);
}

#[test]
fn vectors_that_cannot_be_read_are_the_fault_of_the_suite() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("broken.json"), "{").unwrap();
    let output =
        Command::new(PROGRAM).args(["list", "--vectors", folder.path().to_str().unwrap()]).output().unwrap();
    assert_eq!(code(&output), 4);
    assert!(err(&output).contains("broken.json"), "{}", err(&output));
}

#[test]
fn mistakes_are_explained() {
    let said = |arguments: &[&str]| err(&dxspec(arguments));
    let texts = [
        said(&["run", "no-such-program-here"]),
        said(&["run", "-k", "halo/kex/toy/shrt"]),
        said(&["show", "halo/key/toy/shor"]),
        said(&["run", "http:9000"]),
        said(&["run", "ws:here"]),
        said(&["serve", "nobody"]),
        said(&["explain", "HALO-KEYS-011"]).lines().next().unwrap().chars().take(60).collect(),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_failure_can_be_replayed() {
    let output = dxspec(&["run"]);
    let text = out(&output);
    let command = text.lines().find_map(|line| line.trim().strip_prefix("replay   dxspec ")).unwrap();
    let arguments: Vec<&str> = command.split(' ').collect();
    let replay = dxspec(&arguments);
    assert_eq!(code(&replay), 1);
    insta::assert_snapshot!(out(&replay));
}

#[test]
fn cases_can_be_listed_and_shown() {
    assert_eq!(out(&dxspec(&["list", "-k", "**/short"])), "halo/key/toy/short  HALO-KEY-011\n");
    let shown = out(&dxspec(&["show", "halo/key/toy/no-hex"]));
    assert!(shown.contains("sibling   halo/key/toy/short\n"), "{shown}");
    let json: serde_json::Value =
        serde_json::from_slice(&dxspec(&["show", "halo/key/toy/no-hex", "--json"]).stdout).unwrap();
    assert_eq!(json["want"]["reject"], "canon.form");
    assert!(out(&dxspec(&["explain", "HALO-KEY-011"])).contains("case halo/key/toy/no-hex"));
}

#[test]
fn a_record_gives_the_same_reports_later() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (events, first, second) = (file("run.jsonl"), file("first.xml"), file("second.xml"));
    let run = dxspec(&["run", "--events", &events, "--junit", &first]);
    let report = dxspec(&["report", &events, "--junit", &second]);
    assert_eq!((code(&run), code(&report)), (1, 1));
    assert_eq!(out(&run), out(&report));
    assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
    let json: serde_json::Value =
        serde_json::from_slice(&dxspec(&["report", &events, "--json"]).stdout).unwrap();
    assert_eq!(json["exit"], 1);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "nothing temporary is left");
}

#[test]
fn both_carriers_say_the_same() {
    let direct = out(&dxspec(&["run", "direct:reference", "--jobs", "1", "-q"]));
    let exec = out(&dxspec(&["run", &format!("{PROGRAM} serve reference"), "--jobs", "2", "-q"]));
    assert_eq!(timeless(&direct), timeless(&exec));
}

#[test]
fn null_testees_get_nothing() {
    for name in ["accept-all", "reject-all", "constant", "echo", "empty", "crash", "hang"] {
        let testee = format!("{PROGRAM} serve null-{name}");
        let probed = dxspec(&["run", &testee, "--timeout", "0.2"]);
        assert_eq!(code(&probed), 3, "{name}: {}", out(&probed));
        let unprobed = dxspec(&["run", &testee, "--timeout", "0.2", "--no-probes"]);
        assert_ne!(code(&unprobed), 0, "{name}");
        let text = out(&unprobed);
        assert!(text.lines().any(|line| line.starts_with("0 passed, ")), "{name}: {text}");
    }
}

#[test]
fn a_bench_without_cases_measures_nothing() {
    let output = dxspec(&["bench", "-k", "halo.credential.", "--seconds", "0.01"]);
    assert_eq!(code(&output), 5);
    assert!(out(&output).contains("payload: there is no case to take the input from"), "{}", out(&output));
    assert_eq!(code(&dxspec(&["bench", "direct:null-echo"])), 2, "null testees do not claim `bench`");
}

#[cfg(unix)]
#[test]
fn an_interruption_keeps_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("run.jsonl");
    // The testee itself presses Ctrl-C, so the moment is always the same: in the middle of a request.
    let script = concat!(
        "read -r line; echo 'TP1 {\"id\":0,\"ok\":{\"tp\":1,\"implementation\":{\"name\":\"sh\",\"version\":\"1\",",
        "\"language\":\"sh\"},\"ops\":[\"halo.*\"],\"features\":[\"suite.p256\"]}}'; ",
        "read -r line; kill -INT $PPID; read -r line"
    );
    let testee = format!("sh -c {}", shell_quote(script));
    let output = dxspec(&[
        "run",
        &testee,
        "--jobs",
        "1",
        "--no-probes",
        "--timeout",
        "600",
        "--events",
        events.to_str().unwrap(),
    ]);
    assert_eq!(code(&output), 130, "{}", err(&output));
    assert!(last_line(&events).contains(r#""stopped":{"because":"interrupted"}"#), "{}", last_line(&events));
}

fn shell_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn last_line(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap().lines().last().unwrap().to_owned()
}
