//! What people read after a first look at an adapter: who it is, what works, and in full what does not.

use std::fmt::Write as _;

use dxos_spec::Book;

use crate::event::{ProbeEvent, ProbeOutcome};
use crate::hello::Hello;
use crate::report::failure;
use crate::report::paint::{Ink, Look};
use crate::summary::Summary;
use crate::verdict::Verdict;

/// The report, without the next step.
pub fn render(
    hello: &Hello,
    summary: &Summary<'_>,
    frames: &[ProbeEvent],
    book: &Book,
    look: Look,
) -> String {
    let mut text = format!("  testee   {}   tp {}\n", hello.implementation, hello.tp);
    let _ = writeln!(text, "  claims   {}", none_or(&hello.ops));
    let _ = writeln!(text, "  features {}", none_or(&hello.features));
    let probes = summary.probes.iter().copied();
    for (name, checks) in [("probes", probes.collect::<Vec<_>>()), ("frames", frames.iter().collect())] {
        let words: Vec<String> = checks
            .iter()
            .map(|check| match check.outcome {
                ProbeOutcome::Ok => format!("{} ok", check.probe),
                ProbeOutcome::Failed => look.paint(Ink::Bad, &format!("{} FAILED", check.probe)),
                ProbeOutcome::Skipped => format!("{} skipped", check.probe),
            })
            .collect();
        if !words.is_empty() {
            let _ = writeln!(text, "  {name}   {}", words.join(" · "));
        }
    }
    let passed = summary.cases.iter().filter(|case| case.verdict == Verdict::Pass).count();
    let _ = writeln!(text, "  cases    {passed} of {} pass\n", summary.cases.len());
    for check in summary.probes.iter().copied().chain(frames) {
        if check.outcome == ProbeOutcome::Failed {
            let _ = writeln!(text, " {}  \"{}\"", look.paint(Ink::Bad, "FAIL"), check.probe);
            for line in check.detail.lines() {
                let _ = writeln!(text, "       {line}");
            }
            text.push('\n');
        }
    }
    let testee = summary.run.map_or("TESTEE", |run| run.testee.as_str());
    for case in summary.cases.iter().filter(|case| case.verdict.is_failure()) {
        let _ = writeln!(text, "{}", failure::render(case, testee, book, look));
    }
    text
}

fn none_or(list: &[String]) -> String {
    if list.is_empty() { "none".to_owned() } else { list.join(", ") }
}
