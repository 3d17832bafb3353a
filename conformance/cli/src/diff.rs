//! `dxspec report diff`: what became better or worse between two runs.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dxos_conformance::diff::Diff;
use dxos_conformance::report::diff::render;
use dxos_conformance::report::paint::Look;
use serde_json::json;

use crate::against::read_record;
use crate::{Exit, output};

#[derive(Debug, Subcommand)]
pub(crate) enum ReportVerb {
    /// Compare the records of two runs, and say what became better or worse.
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
A regression is a case that decides, passed before and fails now; or any case that was run before and is not applicable now, as the testee no longer claims what it needs.

Example:
  dxspec run exec:./adapter --events new.jsonl; dxspec report diff old.jsonl new.jsonl

Exit codes: 0 no regression, 1 regression, 2 a record cannot be read or is incomplete.")]
pub(crate) struct DiffArgs {
    /// The record of the earlier run.
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The record of the later run.
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// Print one JSON document.
    #[arg(long)]
    json: bool,

    /// Show all cases of long lists.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

pub(crate) fn diff(args: &DiffArgs, look: Look) -> anyhow::Result<Exit> {
    let diff = Diff::of(&read_record(&args.old)?, &read_record(&args.new)?)?;
    let regressions = diff.regressions().count();
    if args.json {
        let document = json!({ "regressions": regressions, "diff": diff });
        output::print(&format!("{document:#}\n"))?;
    } else {
        output::print(&render(&diff, &args.old.display().to_string(), look))?;
    }
    Ok(if regressions == 0 { Exit::Fine } else { Exit::Failed })
}
