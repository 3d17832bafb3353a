//! `dxspec compare`: the records of several testees side by side.

use std::path::PathBuf;

use clap::Args;
use dxos_conformance::event::Event;
use dxos_conformance::report::compare::{Comparison, Source, render};
use dxos_conformance::report::html::comparison;
use dxos_spec::Book;

use crate::against::read_record;
use crate::{Exit, output};

#[derive(Debug, Args)]
#[command(after_help = "\
Each column is a testee, each row a requirement; a cell says how many of the confirmed cases passed, of those that are applicable. Records of different profiles are refused; other differences of the runs are said. The exit code is 0 if there is something to compare, whatever the outcomes.

Example:
  dxspec run --events reference.jsonl
  dxspec run 'node adapter.js' --events mine.jsonl
  dxspec compare reference.jsonl mine.jsonl --html compare.html")]
pub(crate) struct CompareArgs {
    /// The records, two or more, each from `dxspec run --events`.
    #[arg(value_name = "EVENTS", num_args = 2.., required = true)]
    events: Vec<PathBuf>,

    /// Print one JSON document.
    #[arg(long)]
    json: bool,

    /// Write the comparison as one HTML file here.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Compares.
pub(crate) fn compare(args: &CompareArgs) -> anyhow::Result<Exit> {
    let names: Vec<String> = args.events.iter().map(|path| path.display().to_string()).collect();
    let records: Vec<Vec<Event>> =
        args.events.iter().map(|path| read_record(path)).collect::<anyhow::Result<_>>()?;
    let sources: Vec<Source<'_>> =
        names.iter().zip(&records).map(|(file, events)| Source { file, events }).collect();
    let comparison = Comparison::new(&sources, Book::embedded())?;
    if let Some(path) = &args.html {
        output::write(path, &comparison::render(&comparison))?;
    }
    if args.json {
        for warning in &comparison.warnings {
            eprintln!("dxspec: warning: {warning}");
        }
        output::print(&format!("{:#}\n", comparison.to_json()))?;
    } else {
        output::print(&render(&comparison))?;
    }
    Ok(Exit::Fine)
}
