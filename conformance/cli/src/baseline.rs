//! `dxspec baseline`: the file of expected failures.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use dxos_conformance::baseline::update::{Did, Update, update};
use dxos_conformance::baseline::{Baseline, result_word};
use serde_json::{Value, json};

use crate::against::{ids, read_baseline, read_record};
use crate::{Exit, corpus, output};

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineVerb {
    /// Bring a baseline up to date with the record of a run (`run --events`); begins one if there is none.
    Update(UpdateArgs),
    /// List the entries of a baseline.
    Show(ShowArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
What holds stays as it stands in the file, with its comments. Entries that do not hold are corrected or taken out, failures without one are added; put the reason into `why`.

Example:
  dxspec run exec:./adapter --events run.jsonl
  dxspec baseline update run.jsonl --baseline known.toml
  dxspec run exec:./adapter --baseline known.toml")]
pub(crate) struct UpdateArgs {
    /// The record.
    #[arg(value_name = "EVENTS")]
    events: PathBuf,

    /// The baseline.
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,

    /// Write nothing; exit with 1 if the file is not up to date.
    #[arg(long)]
    check: bool,

    /// Print the changes as one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The baseline.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn baseline(verb: &BaselineVerb, dir: Option<&Path>) -> anyhow::Result<Exit> {
    match verb {
        BaselineVerb::Update(args) => bring_up_to_date(args, dir),
        BaselineVerb::Show(args) => show(args, dir),
    }
}

fn bring_up_to_date(args: &UpdateArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let files = corpus::vectors(dir)?;
    let ids: Vec<&str> = ids(&files).collect();
    let events = read_record(&args.events)?;
    let present = if args.baseline.exists() { read_baseline(&args.baseline)? } else { String::new() };
    let file = args.baseline.display().to_string();
    let Update { text, changes } = update(&file, &present, &events, &ids)?;
    if !changes.is_empty() && !args.check {
        output::write(&args.baseline, &text)?;
    }
    if args.json {
        let document =
            json!({ "baseline": file, "written": !args.check && !changes.is_empty(), "changes": changes });
        output::print(&format!("{document:#}\n"))?;
    } else {
        let mut lines = String::new();
        for change in &changes {
            let sign = match change.did {
                Did::Added => '+',
                Did::Changed => '~',
                Did::Removed => '-',
            };
            let _ = writeln!(lines, "{sign} {}: {}", change.case, change.why);
        }
        let outcome = match (changes.len(), args.check) {
            (0, _) => "is up to date".to_owned(),
            (count, true) => {
                format!(
                    "is not up to date ({}); leave out --check to write it",
                    counted(count, "change", "changes")
                )
            }
            (count, false) => format!("written ({})", counted(count, "change", "changes")),
        };
        output::print(&format!("{lines}{file} {outcome}\n"))?;
    }
    Ok(if args.check && !changes.is_empty() { Exit::Failed } else { Exit::Fine })
}

fn show(args: &ShowArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let files = corpus::vectors(dir)?;
    let baseline = Baseline::parse(&args.file.display().to_string(), &read_baseline(&args.file)?)?;
    baseline.resolve(ids(&files))?;
    let fits = |entry: &dxos_conformance::baseline::Entry| ids(&files).filter(|id| entry.fits(id)).count();
    if args.json {
        let entries: Vec<Value> =
            baseline.entries.iter().map(|entry| json!({ "entry": entry, "cases": fits(entry) })).collect();
        output::print(&format!("{:#}\n", json!({ "baseline": baseline.file, "entries": entries })))?;
        return Ok(Exit::Fine);
    }
    let width = baseline.entries.iter().map(|entry| entry.case.len()).max().unwrap_or(0);
    let mut text = String::new();
    for entry in &baseline.entries {
        let got = entry.got.as_ref().map(|got| format!(" with {got}")).unwrap_or_default();
        let until = entry.until.as_ref().map(|until| format!(", until {until}")).unwrap_or_default();
        let issue = entry.issue.as_ref().map(|issue| format!("  {issue}")).unwrap_or_default();
        let cases = match fits(entry) {
            0 => "  (there is no such case)".to_owned(),
            1 => String::new(),
            count => format!("  ({count} cases)"),
        };
        let result = result_word(entry.result);
        let _ = writeln!(text, "{:<width$}  {result}{got}{until}: {}{issue}{cases}", entry.case, entry.why);
    }
    let count = counted(baseline.entries.len(), "entry", "entries");
    let _ = writeln!(text, "{count} in {}", baseline.file);
    output::print(&text)?;
    Ok(Exit::Fine)
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
