//! The kit: one file for each language, which says the same in all of them, and the adapters that are
//! written with it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod support;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dxos_conformance::baseline::{Baseline, result_word};
use serde_json::{Value, json};
use support::{ended, has, root};
use tempfile::TempDir;

/// A language of the kit.
struct Language {
    lang: &'static str,
    kit: &'static str,
    toy: &'static str,
    /// Whether the kit has the operation `bench`, for a testee that claims it.
    bench: bool,
    /// The program that has to be there.
    program: &'static str,
    /// The command that starts what is built or written in a folder, by the name of the source without its end.
    start: fn(&str) -> String,
}

const LANGUAGES: [Language; 3] = [
    Language {
        lang: "py",
        kit: "dxspec_testee.py",
        toy: "toy.py",
        bench: true,
        program: "python3",
        start: |name| format!("python3 {name}.py"),
    },
    Language {
        lang: "ts",
        kit: "dxspec-testee.mjs",
        toy: "toy.mjs",
        bench: true,
        program: "node",
        start: |name| format!("node {name}.mjs"),
    },
    Language {
        lang: "rust",
        kit: "dxspec_testee.rs",
        toy: "toy.rs",
        bench: false,
        program: "rustc",
        start: |name| format!("target/release/{name}"),
    },
];

impl Language {
    fn is_there(&self, what: &str) -> bool {
        has(self.program, &format!("{what} in {}", self.lang))
    }

    /// What the README says by `cargo build --release`, without the time that it takes.
    fn build(&self, folder: &Path, name: &str, edition: &str) {
        if self.lang != "rust" {
            return;
        }
        std::fs::create_dir_all(folder.join("target/release")).unwrap();
        let (source, target) = (format!("{name}.rs"), format!("target/release/{name}"));
        let arguments = ["--edition", edition, "-D", "warnings", "-C", "debuginfo=0", "-o", &target, &source];
        let built = Command::new("rustc").args(arguments).current_dir(folder).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    }

    /// A folder with the toy and the kit beside it.
    fn toy(&self, edition: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let copy = |from: PathBuf| {
            std::fs::copy(&from, folder.path().join(from.file_name().unwrap())).unwrap();
        };
        copy(root().join("conformance/kit").join(self.kit));
        copy(root().join("conformance/cli/tests/kit").join(self.toy));
        self.build(folder.path(), "toy", edition);
        folder
    }
}

/// Gives a program its whole input and returns its standard output, when it has ended by itself.
fn converse(command: &str, folder: &Path, input: &str) -> String {
    let (program, arguments) = command.split_once(' ').unwrap_or((command, ""));
    // A path with a folder in it is taken from the current folder of the parent.
    let program = if program.contains('/') { folder.join(program) } else { program.into() };
    let mut child = Command::new(program)
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .env_remove("PYTHONUNBUFFERED")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{command}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// The answers by id, as JSON, with what differs between languages taken out.
fn answers(output: &str) -> BTreeMap<u64, Value> {
    let answers = output.lines().filter_map(|line| line.strip_prefix("TP1 "));
    answers
        .map(|json| {
            let mut answer: Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{json}"));
            let id = answer.as_object_mut().unwrap().remove("id").unwrap().as_u64().unwrap();
            if let Some(message) = answer.pointer_mut("/bug/message") {
                assert!(!message.as_str().unwrap().is_empty());
                *message = json!("");
            }
            for (pointer, instead) in [("/ok/nanoseconds", "N"), ("/ok/implementation/language", "L")] {
                if let Some(value) = answer.pointer_mut(pointer) {
                    assert!(value.is_string(), "{answer}");
                    *answer.pointer_mut(pointer).unwrap() = json!(instead);
                }
            }
            (id, answer)
        })
        .collect()
}

#[test]
fn the_kits_say_the_same_in_all_languages() {
    let conversation = include_str!("kit/conversation.jsonl");
    for language in &LANGUAGES {
        if !language.is_there("a conversation with the kit") {
            continue;
        }
        let folder = language.toy("2021");
        // The toy takes the features that it claims from the command line.
        let toy = (language.start)("toy") + " suite.p256";
        let output = converse(&toy, folder.path(), conversation);
        let said: String = answers(&output).iter().map(|(id, answer)| format!("{id} {answer}\n")).collect();
        insta::assert_snapshot!("kit", said);
        let log: Vec<&str> = output.lines().filter(|line| !line.starts_with("TP1 ")).collect();
        assert!(log.iter().filter(|line| line.starts_with("not a request: ")).count() == 4, "{log:?}");
        assert!(log.contains(&"a whole line") && log.contains(&"and a half"), "{log:?}");
    }
}

/// Where it is not claimed, `bench` is unsupported as any unknown operation is: the conversation above has it.
#[test]
fn the_kits_that_measure_do_it_alike() {
    for language in LANGUAGES.iter().filter(|language| language.bench) {
        if !language.is_there("measuring with the kit") {
            continue;
        }
        let folder = language.toy("2021");
        let toy = (language.start)("toy") + " bench";
        let output = converse(&toy, folder.path(), include_str!("kit/bench.jsonl"));
        let said: String = answers(&output).iter().map(|(id, answer)| format!("{id} {answer}\n")).collect();
        insta::assert_snapshot!("kit_bench", said);
    }
}

/// A kit is read before it is trusted: each is a file of one sitting.
#[test]
fn a_kit_is_short() {
    for Language { kit, .. } in &LANGUAGES {
        let text = std::fs::read_to_string(root().join("conformance/kit").join(kit)).unwrap();
        assert!(text.lines().count() <= 150, "{kit} has {} lines", text.lines().count());
        let long = text.lines().position(|line| line.chars().count() > 120);
        assert_eq!(long.map(|index| index + 1), None, "{kit}: a line is longer than 120 characters");
    }
}

#[test]
fn an_exception_is_told_with_its_trace() {
    for language in &LANGUAGES {
        if !language.is_there("traces of exceptions") {
            continue;
        }
        let folder = language.toy("2024");
        let output = converse(
            &(language.start)("toy"),
            folder.path(),
            "{\"id\":4,\"op\":\"toy.accident\",\"in\":{}}\n",
        );
        let answer: Value = serde_json::from_str(output.strip_prefix("TP1 ").unwrap()).unwrap();
        let message = answer["bug"]["message"].as_str().unwrap();
        let (first, trace) = message.split_once('\n').unwrap();
        let (what, place) = match language.lang {
            "py" => ("IndexError", "toy.py"),
            "ts" => ("TypeError", "toy.mjs"),
            _ => ("panicked at toy.rs", "index out of bounds"),
        };
        assert!(first.contains(what) && trace.contains(place), "{message}");
    }
}

/// What no runner sends, and a kit survives all the same.
#[test]
fn deep_and_long_requests_do_no_harm() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let long = "x".repeat(8 << 20);
    for language in &LANGUAGES {
        if !language.is_there("deep and long requests") {
            continue;
        }
        let folder = language.toy("2021");
        let input = format!(
            "{{\"id\":1,\"op\":\"toy.echo\",\"in\":{{\"deep\":{deep}}}}}\n{{\"id\":2,\"op\":\"toy.echo\",\"in\":{{\"text\":\"{long}\"}}}}\n"
        );
        let output = converse(&(language.start)("toy"), folder.path(), &input);
        let last = output.lines().last().unwrap().strip_prefix("TP1 ").unwrap();
        let answer: Value = serde_json::from_str(last).unwrap();
        assert_eq!(answer, json!({ "id": 2, "ok": { "text": long } }), "{}", language.lang);
    }
}

/// Each line of the scaffold's README and workflow that calls dxspec.
fn commands(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("- run: "));
    lines.filter(|line| line.starts_with("dxspec ")).map(str::to_owned).collect()
}

fn dxspec(folder: &Path, arguments: &[&str]) -> support::Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dxspec"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").env_remove("PYTHONUNBUFFERED");
    ended(command.output().unwrap())
}

#[test]
fn what_is_written_works_at_once() {
    let mut written = String::new();
    for language in &LANGUAGES {
        let empty = tempfile::tempdir().unwrap();
        let ran = dxspec(empty.path(), &["new-adapter", "--lang", language.lang, "--dir", "a/b c"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        written.push_str(&format!("--lang {}\n{}\n", language.lang, ran.stdout));
        let folder = empty.path().join("a/b c");
        assert_eq!(
            std::fs::read_dir(empty.path().join("a")).unwrap().count(),
            1,
            "nothing temporary is left"
        );
        if !language.is_there("what new-adapter writes") {
            continue;
        }
        language.build(&folder, "adapter", "2021");
        let read = |path: &str| std::fs::read_to_string(folder.join(path)).unwrap();
        let (readme, workflow) =
            (commands(&read("README.md")), commands(&read(".github/workflows/dxspec.yml")));
        assert_eq!((readme.len(), workflow.len()), (3, 2), "{readme:?} {workflow:?}");
        for command in readme.iter().chain(&workflow) {
            let words = shell_words::split(command).unwrap();
            let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
            let ran = dxspec(&folder, &arguments);
            assert_eq!(ran.code, Some(0), "{command}\n{}{}", ran.stdout, ran.stderr);
        }
        let testee = (language.start)("adapter");
        let ran = dxspec(&folder, &["run", &testee, "-k", "halo/key/space-id/"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stdout);
        assert!(ran.stdout.contains("6 passed, 0 failed, 0 skipped"), "{}", ran.stdout);
    }
    insta::assert_snapshot!("new_adapter", written);
}

#[test]
fn nothing_is_overwritten_and_nothing_half_written() {
    let empty = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| std::fs::write(empty.path().join(path), text).unwrap();
    write("README.md", "mine");
    write("adapter.py", "mine too");
    let ran = dxspec(empty.path(), &["new-adapter", "--lang", "python", "--dir", "."]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!("new_adapter_refuses", ran.stderr);
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 2);
    assert_eq!(std::fs::read_to_string(empty.path().join("README.md")).unwrap(), "mine");

    // A fault in the middle: where a folder has to be there is a file.
    std::fs::remove_file(empty.path().join("README.md")).unwrap();
    std::fs::remove_file(empty.path().join("adapter.py")).unwrap();
    write(".github", "no folder");
    let ran = dxspec(empty.path(), &["new-adapter", "--lang", "python", "--dir", "."]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 1, "what was moved is taken back");
}

#[test]
fn other_files_in_the_folder_are_left_alone() {
    let empty = tempfile::tempdir().unwrap();
    std::fs::write(empty.path().join("mine.txt"), "mine").unwrap();
    let ran =
        dxspec(empty.path(), &["new-adapter", "--lang", "js", "--dir", ".", "--json", "--name", "@x/y"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    for file in said["files"].as_array().unwrap() {
        assert!(empty.path().join(file.as_str().unwrap()).is_file(), "{file}");
    }
    assert_eq!(said["next"][0], "dxspec smoke 'node adapter.mjs'");
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 6);
    let adapter = std::fs::read_to_string(empty.path().join("adapter.mjs")).unwrap();
    assert!(adapter.contains("new Testee('@x/y', "), "{adapter}");
    let ran = dxspec(empty.path(), &["new-adapter", "--lang", "js", "--dir", "other", "--name", "it's"]);
    assert_eq!(ran.code, Some(2));
    assert!(!empty.path().join("other").exists());
}

#[test]
fn the_example_of_the_baseline_is_one() {
    let text = std::fs::read_to_string(root().join("conformance/kit/scaffold/dxspec-baseline.toml")).unwrap();
    assert!(text.parse::<toml::Table>().unwrap().is_empty(), "as it is written it expects nothing");
    let example: String = text
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with("[[") || line.contains(" = "))
        .map(|line| format!("{line}\n"))
        .collect();
    let keys = example.parse::<toml::Table>().unwrap()["expect"][0].as_table().unwrap().clone();
    let keys: Vec<&str> = keys.keys().map(String::as_str).collect();
    assert_eq!(keys, ["case", "got", "issue", "result", "until", "why"]);
    let [entry] = &Baseline::parse("dxspec-baseline.toml", &example).unwrap().entries[..] else {
        panic!("one entry: {example}");
    };
    // What the comments beside `result` and `until` offer is read as well, and nothing is left out.
    let line = |key: &str| example.lines().find(|line| line.starts_with(key)).unwrap();
    let offered: Vec<&str> =
        line("result").split_once('#').unwrap().1.split('"').skip(1).step_by(2).collect();
    let refusal = Baseline::parse("b", &example.replace(line("result"), "result = \"?\"")).unwrap_err().what;
    assert!(refusal.ends_with(&format!("use {}", offered.join(", "))), "{offered:?}: {refusal}");
    for word in offered {
        let other = example.replace(line("result"), &format!("result = \"{word}\""));
        assert_eq!(result_word(Baseline::parse("b", &other).unwrap().entries[0].result), word);
    }
    assert_eq!(entry.until.as_deref(), Some("2027-03-01"));
    let files = dxos_vectors::embedded().unwrap();
    assert!(files.iter().flat_map(|file| &file.cases).any(|case| case.id == entry.case), "{}", entry.case);
}

#[test]
fn an_adapter_outside_of_the_kit_passes() {
    if !has("perl", "the adapter in Perl") {
        return;
    }
    let ran = support::run(&[
        "run",
        "perl conformance/adapters/perl/adapter.pl",
        "-k",
        "halo/key/parse",
        "--partial",
    ]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let files = dxos_vectors::embedded().unwrap();
    let cases: usize =
        files.iter().filter(|file| file.op == "halo.key.parse").map(|file| file.cases.len()).sum();
    assert!(ran.stdout.contains(&format!("\n{cases} passed, 0 failed, 0 skipped\n")), "{}", ran.stdout);
    let source = std::fs::read_to_string(root().join("conformance/adapters/perl/adapter.pl")).unwrap();
    assert!(source.lines().count() <= 60);
}
