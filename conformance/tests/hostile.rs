//! Programs that misbehave: each is noticed, named and survived, in bounded time and memory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

use std::sync::atomic::Ordering;
use std::time::Duration;

use dxos_conformance::process::Process;
use dxos_conformance::protocol::{Answer, Request};
use dxos_conformance::testee::{Limits, Testee, Trouble};
use serde_json::Map;

/// Answers `hello`, then goes on with what a test appends.  `$hello` is printed as it stands.
const HELLO: &str = r#"read -r line; echo 'TP1 {"id":0,"ok":{"tp":1,"implementation":{"name":"sh","version":"1","language":"sh"},"ops":["*"]}}'; "#;

fn limits(request: Duration) -> Limits {
    Limits { request, ..Limits::default() }
}

fn command(script: &str) -> String {
    shell_words::join(["sh", "-c", script])
}

/// Long enough never to be reached by a program that is merely slow.
const PATIENCE: Duration = Duration::from_secs(60);
/// For programs that are meant to reach it.
const HASTE: Duration = Duration::from_millis(50);

fn start(script: &str, limit: Duration) -> Process {
    Process::start(&command(&format!("{HELLO}{script}")), &limits(limit)).unwrap()
}

fn ask(process: &mut Process, id: u64, limit: Duration) -> Result<Answer, Trouble> {
    process.request(&Request::new(id, "x", Map::new()), limit)
}

/// What is said about a program that gets one request.
fn said(script: &str, limit: Duration) -> String {
    ask(&mut start(script, limit), 7, limit).unwrap_err().to_string()
}

#[test]
fn a_hang_is_a_timeout() {
    assert_eq!(said("read -r line; sleep 1000", HASTE), "no answer within 0.05 s");
    // SIGTERM is not enough for this one.
    assert_eq!(said("trap '' TERM INT HUP; read -r line; sleep 1000", HASTE), "no answer within 0.05 s");
    // Stopped, not dead.
    assert_eq!(said("read -r line; kill -STOP $$", HASTE), "no answer within 0.05 s");
}

#[test]
fn a_program_that_does_not_read_cannot_block_the_runner() {
    let mut process = start("sleep 1000", HASTE);
    let big = Map::from_iter([("x".to_owned(), "x".repeat(1 << 20).into())]);
    let trouble = process.request(&Request::new(7, "x", big), HASTE).unwrap_err();
    assert_eq!(trouble.to_string(), "no answer within 0.05 s; the testee does not read its requests");
}

#[test]
fn the_way_of_ending_is_told() {
    insta::assert_snapshot!(said("read -r line; exit 0", PATIENCE), @"the testee exited with code 0 without an answer");
    insta::assert_snapshot!(said("read -r line; echo 'cannot go on' >&2; exit 3", PATIENCE), @"the testee exited with code 3 without an answer; standard error ends with: cannot go on");
    insta::assert_snapshot!(said("read -r line; kill -SEGV $$", PATIENCE), @"the testee was ended by signal 11 (SIGSEGV) without an answer");
    insta::assert_snapshot!(said("read -r line; printf 'TP1 {\"id\":7,\"ok\"'; exit 0", PATIENCE), @"the testee exited with code 0 in the middle of an answer");
    // Ends before it is asked.
    insta::assert_snapshot!(said("exit 0", PATIENCE), @"the testee exited with code 0 without an answer");
}

#[test]
fn a_child_that_is_left_behind_does_not_hide_the_end() {
    insta::assert_snapshot!(said("read -r line; sleep 1000 & exit 4", PATIENCE), @"the testee exited with code 4 without an answer");
}

#[test]
fn closed_output_is_told_from_an_end() {
    insta::assert_snapshot!(said("read -r line; exec >&-; sleep 1000", PATIENCE), @"the testee closed its standard output without an answer, and kept running");
}

#[test]
fn garbage_in_an_answer_is_a_breach() {
    let after = |printed: &str| said(&format!("read -r line; {printed}; sleep 1000"), PATIENCE);
    let texts = [
        "echo 'TP1 hello'",
        "echo 'TP1 '",
        "echo 'TP1 {}'",
        "echo 'TP1 {\"id\":8,\"ok\":{}}'",
        "echo 'TP1 {\"id\":7,\"ok\":{},\"reject\":{\"class\":\"auth.key\"}}'",
        "echo 'TP1 {\"id\":7,\"reject\":{\"class\":\"bad\"}}'",
        r"printf 'TP1 {\377}\n'",
        "echo 'TP1 {\"id\":7,\"yes\":{}}'",
    ]
    .map(after);
    insta::assert_snapshot!(texts.join("\n"), @r#"
    the answer is not JSON: expected value at line 1 column 1
    the answer is not JSON: EOF while parsing a value at line 1 column 0
    the answer has no "id" that is a non-negative integer
    the answer carries id 8, but the request in flight has id 7
    the answer has "ok" and "reject", but must have exactly one of them
    "bad" is not a rejection class; use one of the closed list, or announce a prefix of classes in "coarse"
    the answer is not UTF-8 (byte 1)
    the answer has none of "ok", "reject", "unsupported" and "bug"
    "#);
}

#[test]
fn a_second_answer_is_a_breach_of_the_next_request() {
    let twice = r#"while read -r line; do id=${line#*:}; id=${id%%,*}; echo "TP1 {\"id\":$id,\"ok\":{}}"; echo "TP1 {\"id\":$id,\"ok\":{}}"; done"#;
    let mut process = start(twice, PATIENCE);
    assert_eq!(ask(&mut process, 7, PATIENCE), Ok(Answer::Ok(Map::new())));
    let trouble = ask(&mut process, 8, PATIENCE).unwrap_err();
    assert_eq!(trouble.to_string(), "request 7 was answered a second time");
}

#[test]
fn an_endless_line_is_cut() {
    assert_eq!(
        said("read -r line; head -c 1073741824 /dev/zero | tr '\\0' a", PATIENCE),
        "a line is longer than 4 MiB"
    );
    assert_eq!(
        said("read -r line; printf 'TP1 '; head -c 1073741824 /dev/zero | tr '\\0' 1", PATIENCE),
        "a line is longer than 4 MiB"
    );
}

#[test]
fn a_flood_of_lines_is_stopped() {
    assert_eq!(
        said("read -r line; yes \"$(printf %01000d 0)\"", PATIENCE),
        "more than 64 MiB of output without an answer"
    );
}

#[test]
fn a_flood_of_errors_is_drained_and_its_end_kept() {
    let script =
        "read -r line; head -c 8388608 /dev/zero | tr '\\0' e >&2; echo >&2; echo 'the end' >&2; exit 1";
    let trouble = ask(&mut start(script, PATIENCE), 7, PATIENCE).unwrap_err();
    let Trouble::Crash { stderr, .. } = trouble else { panic!("{trouble}") };
    assert!(stderr.len() <= 64 << 10 && stderr.ends_with("the end\n"));
}

#[test]
fn other_lines_are_the_log() {
    let script =
        r#"read -r line; echo 'a note'; echo ' TP1 indented'; echo 'TP1 {"id":7,"ok":{}}'; sleep 1000"#;
    let mut process = start(script, PATIENCE);
    assert_eq!(ask(&mut process, 7, PATIENCE), Ok(Answer::Ok(Map::new())));
    assert_eq!(process.take_log().text, "a note\n TP1 indented\n");
    assert_eq!(process.take_log().text, "");
}

#[test]
fn errors_alone_are_no_verdict() {
    let script = r#"read -r line; echo 'a warning' >&2; printf 'TP1 {"id":7,"ok":{}}\r\n'; sleep 1000"#;
    assert_eq!(ask(&mut start(script, PATIENCE), 7, PATIENCE), Ok(Answer::Ok(Map::new())));
}

#[test]
fn what_does_not_start_is_explained() {
    let error = |command: &str| match Process::start(command, &limits(PATIENCE)) {
        Ok(_) => "started".to_owned(),
        Err(trouble) => trouble.to_string(),
    };
    let folder = std::env::temp_dir();
    assert!(
        error(&folder.display().to_string()).ends_with("it is not executable (chmod +x), or not a program")
    );
    let texts = [
        "no-such-program-here --flag".to_owned(),
        "./no/such/file".to_owned(),
        "sh -c 'unclosed".to_owned(),
        " ".to_owned(),
        command("exit 9"),
        command("echo 'TP1 {\"id\":0,\"unsupported\":{}}'; sleep 1000"),
        command("echo 'TP1 {\"id\":0,\"ok\":{\"tp\":1}}'; sleep 1000"),
    ]
    .map(|command| error(&command));
    insta::assert_snapshot!(texts.join("\n"), @r#"
    cannot start "no-such-program-here": no program of that name is on the PATH; a program in this folder is ./no-such-program-here
    cannot start "./no/such/file": there is no such file (the path is taken from the current folder)
    cannot split the command into words, a quote is not closed: sh -c 'unclosed
    the command is empty
    the testee exited with code 9 without an answer
    hello must be answered with ok, not with unsupported
    the answer to hello is not of the form {tp, implementation {name, version, language}, ops, features?, coarse?}: missing field `implementation`
    "#);
}

#[test]
fn silence_after_hello_is_explained() {
    let hasty = Limits { start: HASTE, ..Limits::default() };
    let said = |script: &str| Process::start(&command(script), &hasty).map(|_| ()).unwrap_err().to_string();
    let nothing = said("sleep 1000");
    assert!(nothing.starts_with("hello: no answer within "), "{nothing}");
    assert!(nothing.ends_with("; it printed nothing on standard output; does it flush after each line?"));
}

#[test]
fn an_answer_to_hello_without_the_prefix_is_explained() {
    let hasty = Limits { start: Duration::from_secs(2), ..Limits::default() };
    let started = Process::start(&command("echo '{\"id\":0,\"ok\":{}}'; sleep 1000"), &hasty);
    let said = started.map(|_| ()).unwrap_err().to_string();
    let want = "what it printed does not begin with \"TP1 \", as an answer must: {\"id\":0,\"ok\":{}}";
    assert!(said.ends_with(want), "{said}");
}

#[test]
fn an_interruption_ends_a_wait() {
    let limits = limits(PATIENCE);
    let mut process = Process::start(&command(&format!("{HELLO}sleep 1000")), &limits).unwrap();
    limits.interrupt.store(true, Ordering::Relaxed);
    assert_eq!(ask(&mut process, 7, PATIENCE), Err(Trouble::Interrupted));
}

#[test]
fn nothing_of_the_group_outlives_its_testee() {
    // The child holds a pipe open of which only it has the writing end: the pipe ends with the child.
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let name = shell_words::quote(pipe.to_str().unwrap()).into_owned();
    let script = format!(
        "mkfifo {name}; read -r line; (trap '' TERM HUP; sleep 1000) 2>&- <&- >{name} & \
         echo 'TP1 {{\"id\":7,\"ok\":{{}}}}'; wait"
    );
    let mut process = start(&script, PATIENCE);
    assert_eq!(ask(&mut process, 7, PATIENCE), Ok(Answer::Ok(Map::new())));
    let mut reader = std::fs::File::open(&pipe).unwrap();
    drop(process);
    assert_eq!(std::io::Read::read(&mut reader, &mut [0]).unwrap(), 0);
}
