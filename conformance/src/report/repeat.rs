//! What repeating a run has shown.

use std::fmt::Write as _;

use crate::report::paint::{Ink, Look};
use crate::summary::Summary;

pub(crate) fn render(summary: &Summary<'_>, look: Look, text: &mut String) {
    let Some(repeat) = summary.repeat else { return };
    if repeat.flaky.is_empty() && repeat.other.is_empty() {
        let _ = writeln!(text, "  {} runs, identical but for times\n", repeat.runs);
        return;
    }
    for flaky in &repeat.flaky {
        let ways: Vec<String> = flaky
            .ended
            .iter()
            .map(|times| {
                let got = times.got.as_ref().map(|got| format!(" with {got}")).unwrap_or_default();
                format!("{}{got} in {} of {}", times.verdict, times.runs, repeat.runs)
            })
            .collect();
        let _ =
            writeln!(text, " {}  {}", look.paint(Ink::Bad, "FLAKY"), look.paint(Ink::Strong, &flaky.case));
        let _ = writeln!(text, "       ended    {}", ways.join(", "));
        let _ = writeln!(text, "       differs  {}; first in run {}", flaky.differs.join(", "), flaky.first);
    }
    for other in &repeat.other {
        let _ = writeln!(text, " {}  {other}", look.paint(Ink::Bad, "FLAKY"));
    }
    text.push('\n');
}
