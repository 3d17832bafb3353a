//! Expected failures with their reasons, and where a baseline does not hold.

use std::fmt::Write as _;

use dxos_spec::Book;

use crate::baseline::applied::{BaselineEvent, Broken, Expected};
use crate::report::failure;
use crate::report::paint::{Detail, Ink, Look};
use crate::summary::Summary;

/// Why a failure is expected, in a line.
pub(crate) fn reason(expected: &Expected) -> String {
    let mut text = format!("{} (line {} of the baseline", expected.why, expected.line);
    if let Some(issue) = &expected.issue {
        let _ = write!(text, "; {issue}");
    }
    if let Some(until) = &expected.until {
        let _ = write!(text, "; until {until}");
    }
    text.push(')');
    text
}

pub(crate) fn render(summary: &Summary<'_>, book: &Book, look: Look, text: &mut String) {
    let Some(baseline) = summary.baseline else { return };
    if !summary.expected.is_empty() && look.detail != Detail::Quiet {
        let _ = writeln!(text, " {}", look.paint(Ink::Doubtful, "expected failures"));
        for case in &summary.expected {
            if look.detail == Detail::Verbose {
                let testee = summary.run.map_or("TESTEE", |run| run.testee.as_str());
                let _ = writeln!(text, "{}", failure::render(case, testee, book, look));
            } else {
                let got = case.answered().map(|got| format!(" with {got}")).unwrap_or_default();
                let why = case.expected.as_ref().map(reason).unwrap_or_default();
                let _ = writeln!(text, "       {}  {}{got}: {why}", case.id, case.own_verdict());
            }
        }
        text.push('\n');
    }
    for broken in &baseline.broken {
        let _ = writeln!(text, " {}  {}", look.paint(Ink::Bad, "BASELINE"), line(baseline, broken));
    }
    for expired in &baseline.expired {
        let note = format!("warning: {}", line(baseline, expired));
        let _ = writeln!(text, " {}", look.paint(Ink::Doubtful, &note));
    }
    if baseline.not_looked_at > 0 {
        let of = format!("{} of the {} entries", baseline.not_looked_at, baseline.entries);
        let _ = writeln!(text, "       {of} in {} are about cases that were not chosen", baseline.file);
    }
    if !baseline.broken.is_empty() {
        let _ = writeln!(text, "       to fix   {}", fix(summary, baseline));
    }
    if !baseline.broken.is_empty() || !baseline.expired.is_empty() || baseline.not_looked_at > 0 {
        text.push('\n');
    }
}

fn line(baseline: &BaselineEvent, broken: &Broken) -> String {
    let case = match &broken.case {
        Some(case) if *case != broken.entry => format!("{} (by \"{}\")", case, broken.entry),
        _ => broken.entry.clone(),
    };
    format!("{}:{}: {case} {}", baseline.file, broken.line, broken.what)
}

/// The commands that bring the baseline up to date.
fn fix(summary: &Summary<'_>, baseline: &BaselineEvent) -> String {
    let mut run = String::from("dxspec run");
    if let Some(asked) = summary.run {
        let _ =
            write!(run, " {} --profile {}", failure::quote(&asked.testee), failure::quote(&asked.profile));
        run.push_str(if asked.probes { "" } else { " --no-probes" });
        run.push_str(if asked.partial { " --partial" } else { "" });
    }
    format!(
        "{run} --events run.jsonl; dxspec baseline update run.jsonl --baseline {}",
        failure::quote(&baseline.file)
    )
}
