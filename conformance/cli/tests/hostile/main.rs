//! Testees that misbehave, each put to the real program: what it prints, how it ends, how much memory it takes.
//!
//! This test is three programs.  Without arguments of its own it is the test; as `--testee NAME` it is a testee
//! that misbehaves in one way, so that no other language is needed; as `--measure PROGRAM …` it runs a program
//! and tells its greatest memory, which only a parent with a single child can.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "in tests a panic is the report"
)]

mod answers;
mod behaviours;
mod limits;
mod measure;
mod stage;
mod starts;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::behaviours::{Behaviour, behaviours};
use crate::measure::{Measured, measured};

/// The most memory of a run, in KiB: nearly half of it are the vectors.
const MEMORY_LIMIT: i64 = 320 << 10;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    match words.get(1).map(String::as_str) {
        Some("--testee") => return behaviours::act(&words[2]),
        Some("--measure") => return measure::measure(&words[2..]),
        _ => {}
    }
    let arguments = Arguments::from_args();
    let rows = Arc::<Mutex<BTreeMap<usize, (String, Measured)>>>::default();
    let trials = behaviours()
        .into_iter()
        .enumerate()
        .map(|(place, behaviour)| {
            let rows = Arc::clone(&rows);
            Trial::test(behaviour.name, move || {
                let ran = run(&behaviour);
                let checked = check(&behaviour, &ran).map_err(Failed::from);
                rows.lock().unwrap().insert(place, (row(&behaviour, &ran), ran));
                checked
            })
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let rows = rows.lock().unwrap();
    let mut table = String::from("greatest memory of the runner, and how long it took:\n");
    for (behaviour, (_, ran)) in behaviours().iter().zip(rows.values()) {
        let mebibytes = ran.memory as f64 / 1024.0;
        table += &format!("{mebibytes:>6.1} MiB {:>6.1} s  {}\n", ran.took.as_secs_f64(), behaviour.name);
    }
    let whole = rows.len() == behaviours().len();
    if whole {
        println!("{table}");
    }
    conclusion.exit_if_failed();
    if whole {
        let all: Vec<&str> = rows.values().map(|(row, _)| row.as_str()).collect();
        insta::assert_snapshot!("table", all.join("\n"));
    }
}

fn run(behaviour: &Behaviour) -> Measured {
    let folder = tempfile::tempdir().unwrap();
    let own = std::env::current_exe().unwrap();
    let testee = format!("exec:'{}' --testee '{}'", own.display(), behaviour.name);
    let mut arguments = vec!["run", testee.as_str()];
    arguments.extend(behaviour.arguments());
    measured(&arguments, folder.path())
}

/// What holds for each of them.
fn check(behaviour: &Behaviour, ran: &Measured) -> Result<(), String> {
    let Measured { code, stdout, stderr, memory, .. } = ran;
    if *code != Some(behaviour.code) {
        return Err(format!("exit {code:?}, not {}\n{stdout}\n{stderr}", behaviour.code));
    }
    if let Some(control) = stdout.chars().chain(stderr.chars()).find(|c| c.is_control() && *c != '\n') {
        return Err(format!("{control:?} would reach the terminal\n{stdout}\n{stderr}"));
    }
    if *memory > MEMORY_LIMIT {
        return Err(format!("{memory} KiB of memory"));
    }
    if behaviour.json {
        serde_json::from_str::<serde_json::Value>(stdout).map_err(|error| error.to_string())?;
        return Ok(());
    }
    let mut last = stdout.lines().rev();
    let outcome = last.next().unwrap_or_default();
    let counts = last.next().unwrap_or_default();
    let numbers: Vec<&str> = counts.split(", ").filter_map(|part| part.split(' ').next()).collect();
    if !outcome.ends_with(&format!("(exit {})", behaviour.code))
        || numbers.len() != 3
        || numbers.iter().any(|number| number.parse::<u32>().is_err())
    {
        return Err(format!("the last two lines are not the counts and the outcome:\n{stdout}"));
    }
    Ok(())
}

/// What a person is told: of the report only what the testee can influence.
fn row(behaviour: &Behaviour, ran: &Measured) -> String {
    let own = std::env::current_exe().unwrap().display().to_string();
    let mut text = format!("{}: exit {}\n", behaviour.name, ran.code.unwrap_or(-1));
    let mut lines: Vec<String> = ran.stderr.lines().map(str::to_owned).collect();
    if !behaviour.json {
        let shown = ["got", "because", "log"];
        let report = ran.stdout.lines().map(str::trim);
        lines.extend(
            report
                .filter(|line| shown.iter().any(|word| line.split(' ').next() == Some(word)))
                .take(4)
                .map(str::to_owned),
        );
        lines.extend(
            ran.stdout.lines().rev().take(2).map(str::to_owned).collect::<Vec<_>>().into_iter().rev(),
        );
    }
    for line in lines {
        text += &format!("    {}\n", line.replace(&own, "HOSTILE"));
    }
    text
}
