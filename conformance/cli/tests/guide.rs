//! The chapter "Your first adapter in ten minutes" is true: its files are written, its commands run in their
//! order, and what they print is held against what the chapter shows.  With `UPDATE_GUIDE=1` the chapter is
//! written anew where it is not true.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{has, root};

const CHAPTER: &str = "spec/src/testee/first-adapter.md";

/// Stands for anything, within a line or as a line of its own for any number of lines.
const LEFT_OUT: &str = "…";

/// A command of the chapter and what it shows of its output.
struct Step {
    command: String,
    shown: Vec<String>,
}

/// A piece of the chapter.
enum Piece {
    /// Lines that are taken as they are.
    Text(String),
    /// A file: the lines of a fenced block whose info has a name behind the language.
    File { name: String, text: String },
    /// A block of commands and their output.
    Console(Vec<Step>),
}

fn pieces(chapter: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut lines = chapter.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            pieces.push(Piece::Text(format!("{line}\n")));
            continue;
        };
        let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let text: String = inside.iter().map(|line| format!("{line}\n")).collect();
        if info == "console" {
            let mut steps: Vec<Step> = Vec::new();
            for line in inside {
                match line.strip_prefix("$ ") {
                    Some(command) => steps.push(Step { command: command.to_owned(), shown: Vec::new() }),
                    None => steps.last_mut().unwrap().shown.push(line.to_owned()),
                }
            }
            pieces.push(Piece::Console(steps));
        } else if let Some((_, name)) = info.split_once(' ') {
            pieces.push(Piece::File { name: name.to_owned(), text });
        } else {
            pieces.push(Piece::Text(format!("{line}\n{text}```\n")));
        }
    }
    pieces
}

/// Runs a command as a reader would, with the binary on the PATH.  What depends on the reader's settings is
/// taken away.
fn output(command: &str, folder: &Path) -> Vec<String> {
    let binary = Path::new(env!("CARGO_BIN_EXE_dxspec"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("{command} 2>&1")])
        .current_dir(folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .env_remove("PYTHONUNBUFFERED")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Whether what is shown is what was printed, times and the number of processes aside.
fn fits(shown: &[String], printed: &[String]) -> bool {
    match (shown.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == LEFT_OUT => {
            (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..]))
        }
        (Some((first, shown)), Some((line, printed))) => line_fits(first, line) && fits(shown, printed),
        _ => false,
    }
}

fn line_fits(shown: &str, printed: &str) -> bool {
    if shown.starts_with("  time ") && printed.starts_with("  time ") {
        return true;
    }
    let (shown, printed) = (processes_aside(shown), processes_aside(printed));
    let mut rest = printed.as_str();
    let parts: Vec<&str> = shown.split(LEFT_OUT).collect();
    parts.iter().enumerate().all(|(index, part)| {
        let at = match (index, index + 1 == parts.len()) {
            (0, last) => (rest.starts_with(part) && (!last || rest == *part)).then_some(0),
            (_, true) => rest.ends_with(part).then(|| rest.len() - part.len()),
            (_, false) => rest.find(part),
        };
        if let Some(at) = at {
            rest = &rest[at + part.len()..];
        }
        at.is_some()
    })
}

/// What was printed; where a line is shown with something left out, it stays so.
fn anew_lines(shown: &[String], printed: &[String]) -> Vec<String> {
    let kept = |line: &String| shown.iter().find(|shown| line_fits(shown, line)).unwrap_or(line).clone();
    printed.iter().map(kept).collect()
}

fn processes_aside(line: &str) -> String {
    match line.split_once("   tp 1   ") {
        Some((testee, _)) => testee.to_owned(),
        None => line.to_owned(),
    }
}

#[test]
fn what_is_left_out_fits_anything_and_nothing_else_does() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&lines("a\n…\nz"), &lines("a\nb\nc\nz")));
    assert!(!fits(&lines("a\n…\nz"), &lines("a\nb\nc")));
    assert!(!fits(&lines("a"), &lines("a\nb")));
    assert!(line_fits("1 passed, … skipped", "1 passed, 7 skipped"));
    assert!(!line_fits("1 passed, … skipped", "2 passed, 7 skipped"));
    assert!(!line_fits("1 passed", "1 passed, 7 skipped"));
}

#[test]
fn the_guide_is_true() {
    if !has("python3", "the chapter \"Your first adapter in ten minutes\"") {
        return;
    }
    let path = root().join(CHAPTER);
    let chapter = std::fs::read_to_string(&path).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let mut folder = PathBuf::from(empty.path());
    let (mut anew, mut commands) = (String::new(), 0);
    for piece in pieces(&chapter) {
        match piece {
            Piece::Text(text) => anew.push_str(&text),
            Piece::File { name, text } => {
                let language = if name.ends_with(".py") { "python" } else { "text" };
                let _ = write!(anew, "```{language} {name}\n{text}```\n");
                std::fs::write(folder.join(name), text).unwrap();
            }
            Piece::Console(steps) => {
                anew.push_str("```console\n");
                for Step { command, shown } in steps {
                    let _ = writeln!(anew, "$ {command}");
                    commands += 1;
                    let printed = match command.strip_prefix("cd ") {
                        Some(to) => {
                            folder.push(to);
                            Vec::new()
                        }
                        None => output(&command, &folder),
                    };
                    let right = if fits(&shown, &printed) { shown } else { anew_lines(&shown, &printed) };
                    anew.extend(right.iter().map(|line| format!("{line}\n")));
                }
                anew.push_str("```\n");
            }
        }
    }
    assert!(commands >= 12, "{commands}");
    if std::env::var_os("UPDATE_GUIDE").is_some() {
        std::fs::write(&path, anew).unwrap();
        return;
    }
    let differs = chapter.lines().zip(anew.lines()).position(|(shown, printed)| shown != printed);
    if let Some(line) = differs {
        panic!(
            "{CHAPTER}:{}: the chapter shows\n  {}\nand the command printed\n  {}\nLook at it, and write it anew with UPDATE_GUIDE=1.",
            line + 1,
            chapter.lines().nth(line).unwrap(),
            anew.lines().nth(line).unwrap(),
        );
    }
    assert_eq!(chapter, anew);
}
