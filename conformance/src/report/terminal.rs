//! The report that people read: short if all is well, failures last.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use dxos_spec::Book;

use crate::event::{CaseEvent, ProbeOutcome, TesteeEvent};
use crate::report::paint::{Detail, Ink, Look};
use crate::report::{baseline, diff, failure, repeat};
use crate::summary::{Area, Decision, Summary};
use crate::verdict::Verdict;

/// From so many failures on only the first of each requirement is shown in full.
const SHOWN: usize = 20;

/// Width of a bar.
const BAR: usize = 20;

/// The report.  Its last line but one is `N passed, N failed, N skipped` and nothing else; the last is the
/// outcome.
pub fn render(summary: &Summary<'_>, book: &Book, look: Look) -> String {
    let mut text = String::new();
    let profile = summary.run.map_or("the profile", |run| run.profile.as_str());
    if look.detail != Detail::Quiet {
        head(summary, look, &mut text);
        areas(&summary.areas, look, &mut text);
        failures(summary, book, look, &mut text);
        weaker(summary, book, look, &mut text);
        deviations(summary, book, look, &mut text);
    }
    held_against(summary, book, look, &mut text);
    totals(summary, look, &mut text);
    let counts = summary.counts;
    let _ = writeln!(text, "{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped);
    let ink = match summary.decision {
        Decision::Conformant => Ink::Good,
        Decision::InPart(_) | Decision::Chosen | Decision::GivenBaseline { .. } => Ink::Doubtful,
        _ => Ink::Bad,
    };
    let code = summary.decision.exit_code();
    let _ = writeln!(text, "{} (exit {code})", look.paint(ink, &summary.decision.sentence(profile)));
    text
}

/// What an earlier run, a baseline and repetition say of this run.  Not even a short report hides where a baseline
/// does not hold, and what is flaky.
pub(crate) fn held_against(summary: &Summary<'_>, book: &Book, look: Look, text: &mut String) {
    if let Some(against) = summary.against.filter(|_| look.detail != Detail::Quiet) {
        text.push_str(&diff::render(&against.diff, &against.report, look));
    }
    baseline::render(summary, book, look, text);
    repeat::render(summary, look, text);
}

fn head(summary: &Summary<'_>, look: Look, text: &mut String) {
    if let Some(testee) = summary.testee {
        let processes = if testee.processes == 1 {
            "1 process".to_owned()
        } else {
            format!("{} processes", testee.processes)
        };
        let _ = writeln!(text, "  testee   {}   tp 1   {processes}", testee.implementation);
        let _ = writeln!(text, "  claims   {}", claims(testee));
        let coarse = match testee.coarse.as_slice() {
            [] => String::new(),
            coarse => format!("   cannot tell reasons apart in {}", coarse.join(", ")),
        };
        let _ = writeln!(text, "  features {}{coarse}", none_or(&testee.features));
    }
    if summary.run.is_some_and(|run| !run.probes) {
        let warning = "left out: a testee that implements nothing would not be noticed";
        let _ = writeln!(text, "  probes   {}", look.paint(Ink::Doubtful, warning));
    }
    if !summary.probes.is_empty() {
        let words: Vec<String> = summary
            .probes
            .iter()
            .map(|probe| match probe.outcome {
                ProbeOutcome::Ok => format!("{} ok", probe.probe),
                ProbeOutcome::Failed => look.paint(Ink::Bad, &format!("{} FAILED", probe.probe)),
                ProbeOutcome::Skipped => format!("{} skipped", probe.probe),
            })
            .collect();
        let _ = writeln!(text, "  probes   {}", words.join(" · "));
        for probe in summary.probes.iter().filter(|probe| probe.outcome == ProbeOutcome::Failed) {
            let _ = writeln!(text, "\n {}  probe \"{}\"", look.paint(Ink::Bad, "FAIL"), probe.probe);
            for line in probe.detail.lines() {
                let _ = writeln!(text, "       {line}");
            }
        }
    }
    text.push('\n');
}

fn none_or(list: &[String]) -> String {
    if list.is_empty() { "none".to_owned() } else { list.join(", ") }
}

fn claims(testee: &TesteeEvent) -> String {
    let all = testee.served.len() + testee.unserved.len();
    let mut line = format!("{} of {all} operations", testee.served.len());
    if !testee.unserved.is_empty() {
        // By object, so that a testee that lacks a whole part of the protocol does not fill the screen.
        let served = |object: &str| testee.served.iter().any(|op| op.starts_with(&format!("{object}.")));
        let mut objects: Vec<(&str, usize)> = Vec::new();
        for op in &testee.unserved {
            let object = op.rsplit_once('.').map(|(object, _)| object).filter(|object| !served(object));
            let object = object.unwrap_or(op);
            match objects.iter_mut().find(|(known, _)| *known == object) {
                Some((_, count)) => *count += 1,
                None => objects.push((object, 1)),
            }
        }
        let words: Vec<String> = objects
            .iter()
            .map(|(object, count)| match testee.unserved.iter().any(|op| op == object) {
                true => (*object).to_owned(),
                false => format!("{object}.* ({count})"),
            })
            .collect();
        let _ = write!(line, "   not claimed: {}", words.join(", "));
    }
    line
}

fn areas(areas: &[Area], look: Look, text: &mut String) {
    let width = areas.iter().map(|area| area.name.len()).max().unwrap_or(0);
    for area in areas {
        let (passed, applicable) = (area.passed(), area.applicable());
        // Full only if all passed: a single failure among thousands must be visible.
        let full = (passed * BAR).checked_div(applicable).unwrap_or(0);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR - full));
        let ink = if passed == applicable { Ink::Good } else { Ink::Bad };
        let others: Vec<String> = area
            .verdicts
            .iter()
            .filter(|(verdict, _)| **verdict != Verdict::Pass)
            .map(|(verdict, count)| format!("{count} {verdict}"))
            .collect();
        let line = format!(
            "  {:<width$}  {}  {:>9}   {}",
            area.name,
            look.paint(ink, &bar),
            format!("{passed}/{applicable}"),
            others.join("  ")
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if !areas.is_empty() {
        text.push('\n');
    }
}

fn failures(summary: &Summary<'_>, book: &Book, look: Look, text: &mut String) {
    let shown = choose(&summary.failures, look);
    for case in &shown {
        let _ = writeln!(text, "{}", failure::render(case, testee(summary), book, look));
    }
    let hidden = summary.failures.len() - shown.len();
    if hidden > 0 {
        let note = format!(" … and {hidden} more of the same requirements; -v shows all\n");
        let _ = writeln!(text, "{}", look.paint(Ink::Faint, &note));
    }
}

/// All, or if they are many the first of each set of requirements.
fn choose<'a>(cases: &[&'a CaseEvent], look: Look) -> Vec<&'a CaseEvent> {
    if cases.len() <= SHOWN || look.detail == Detail::Verbose {
        return cases.to_vec();
    }
    let mut seen = BTreeSet::new();
    cases.iter().copied().filter(|case| seen.insert(&case.req)).collect()
}

fn testee<'a>(summary: &Summary<'a>) -> &'a str {
    summary.run.map_or("TESTEE", |run| run.testee.as_str())
}

fn weaker(summary: &Summary<'_>, book: &Book, look: Look, text: &mut String) {
    if summary.weaker.is_empty() {
        return;
    }
    let _ = writeln!(text, " {}", look.paint(Ink::Doubtful, "deviations from SHOULD"));
    for case in &summary.weaker {
        if look.detail == Detail::Verbose {
            let _ = writeln!(text, "{}", failure::render(case, testee(summary), book, look));
        } else {
            let _ =
                writeln!(text, "       {}  {}  {}: {}", case.req.join(", "), case.id, case.verdict, case.why);
        }
    }
    text.push('\n');
}

fn deviations(summary: &Summary<'_>, book: &Book, look: Look, text: &mut String) {
    if summary.deviations.is_empty() {
        return;
    }
    let _ = writeln!(text, " Deviations outside the profile, by requirement:");
    let width = summary.deviations.iter().map(|deviation| deviation.req.len()).max().unwrap_or(0);
    for deviation in &summary.deviations {
        let requirement = book.requirement(&deviation.req);
        let level = requirement.map_or_else(
            || format!("{:?}", deviation.level).to_uppercase(),
            |requirement| requirement.level.to_string(),
        );
        let count = deviation.cases.len();
        let cases = if count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
        let _ = writeln!(text, "   {:<width$}  {level:<6}  {cases}", deviation.req);
        if let Some(deployed) = requirement.and_then(|requirement| requirement.deployed.as_ref()) {
            let _ = writeln!(text, "   {:<width$}  Deployed: {deployed}", "");
        }
        if look.detail == Detail::Verbose {
            for case in &deviation.cases {
                let _ = writeln!(text, "   {:<width$}  {case}", "");
            }
        }
    }
    text.push('\n');
}

fn totals(summary: &Summary<'_>, look: Look, text: &mut String) {
    let mut notes = Vec::new();
    let tally = |name: &str, tally: crate::summary::Tally| {
        format!(
            "{} {name} ({} passed, {} not, {} skipped)",
            tally.all(),
            tally.passed,
            tally.failed,
            tally.skipped
        )
    };
    if !summary.expected.is_empty() {
        let noun = if summary.expected.len() == 1 { "failure" } else { "failures" };
        notes.push(format!("{} expected {noun}, counted as failed", summary.expected.len()));
    }
    if summary.coarse > 0 {
        notes.push(format!("{} passed by a coarse class", summary.coarse));
    }
    if !summary.weaker.is_empty() {
        let noun = if summary.weaker.len() == 1 { "deviation" } else { "deviations" };
        notes.push(format!("{} {noun} from SHOULD", summary.weaker.len()));
    }
    if summary.provisional.all() > 0 {
        notes.push(tally("provisional, not scored", summary.provisional));
    }
    if summary.outside.all() > 0 {
        notes.push(tally("outside the profile", summary.outside));
    }
    if summary.respawns > 0 {
        let noun = if summary.respawns == 1 { "process" } else { "processes" };
        notes.push(format!("{} {noun} replaced", summary.respawns));
    }
    for note in notes {
        let _ = writeln!(text, "  also     {note}");
    }
    // Without any case there is no result, not one of 0 %.
    if summary.must.2 > 0 && !summary.cases.is_empty() {
        let _ = writeln!(text, "  MUST     {}", summary.fractions());
    }
    if let Some(end) = summary.end {
        let _ = writeln!(text, "  time     {}", look.paint(Ink::Faint, &format!("{:.1} s", end.ms / 1000.0)));
    }
}
