//! `dxspec report`, and the outputs that it shares with `dxspec run`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use dxos_conformance::event::Event;
use dxos_conformance::report::html::Sources;
use dxos_conformance::report::paint::Look;
use dxos_conformance::report::{badge, html, json, junit, markdown, terminal};
use dxos_conformance::summary::Summary;
use dxos_spec::Book;
use dxos_vectors::VectorFile;

use crate::against::read_record;
use crate::args::ReportArgs;
use crate::kinds::ByKind;
use crate::{Exit, corpus, output};

/// Where reports go; files are written beside what is printed.
#[derive(Debug, Args)]
pub(crate) struct Outputs {
    /// Print the report as one JSON document.
    #[arg(long)]
    json: bool,

    /// Write a JUnit report here.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Write a report to read here: one HTML file without scripts.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Write a report here that fits into a comment on a pull request: Markdown, at most 60 KB.
    #[arg(long, value_name = "FILE")]
    md: Option<PathBuf>,

    /// Write a badge here: JSON for an endpoint badge of shields.io.
    #[arg(long, value_name = "FILE")]
    badge: Option<PathBuf>,
}

/// Reports on an earlier run.
pub(crate) fn verb_report(args: &ReportArgs, dir: Option<&Path>, look: Look) -> anyhow::Result<Exit> {
    let events = read_record(args.events.as_deref().context("the record is missing")?)?;
    // Only a page shows inputs.
    let files = if args.outputs.html.is_some() { corpus::vectors(dir)? } else { Vec::new() };
    report(&events, &files, &args.outputs, look)
}

/// Makes all reports that are wanted.
pub(crate) fn report(
    events: &[Event],
    vectors: &[VectorFile],
    outputs: &Outputs,
    look: Look,
) -> anyhow::Result<Exit> {
    let book = Book::embedded();
    let summary = Summary::of(events);
    if let Some(path) = &outputs.junit {
        output::write(path, &junit::render(&summary, book).context("cannot make the JUnit report")?)?;
    }
    if let Some(path) = &outputs.html {
        let sources = Sources { summary: &summary, book, vectors, annotator: &ByKind };
        output::write(path, &html::render(&sources))?;
    }
    if let Some(path) = &outputs.md {
        output::write(path, &markdown::render(&summary, book))?;
    }
    if let Some(path) = &outputs.badge {
        output::write(path, &format!("{:#}\n", badge::render(&summary)))?;
    }
    if outputs.json {
        output::print(&format!("{:#}\n", json::render(&summary, book)))?;
    } else {
        output::print(&terminal::render(&summary, book, look))?;
    }
    Ok(Exit::Decided(summary.decision.exit_code()))
}
