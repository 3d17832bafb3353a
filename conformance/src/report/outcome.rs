//! The outcome in words and signs, as all written reports have it.

use crate::decision::count;
use crate::summary::{Decision, Summary, Tally};

/// The tone (a class of the style sheet), a sign and a word or two.
pub(crate) const fn look(decision: &Decision) -> (&'static str, char, &'static str) {
    match decision {
        Decision::Conformant => ("good", '●', "Conformant"),
        Decision::InPart(_) => ("doubtful", '◐', "Conformant in part"),
        Decision::Chosen => ("doubtful", '◐', "No conformance result"),
        Decision::GivenBaseline { .. } => ("doubtful", '◐', "Conformant given the baseline"),
        Decision::Overruled { .. } => ("bad", '✕', "The run fails"),
        Decision::Not(_) => ("bad", '✕', "Not conformant"),
        Decision::Nothing(_) | Decision::Trouble(_) | Decision::Incomplete { .. } => {
            ("bad", '!', "No conformance result")
        }
    }
}

/// Name and version of the testee.
pub(crate) fn name(summary: &Summary<'_>) -> String {
    match (summary.testee, summary.run) {
        (Some(testee), _) => format!("{} {}", testee.implementation.name, testee.implementation.version),
        (None, Some(run)) => run.testee.clone(),
        (None, None) => "unknown testee".to_owned(),
    }
}

/// Name of the profile.
pub(crate) fn profile<'a>(summary: &Summary<'a>) -> &'a str {
    summary.run.map_or("the profile", |run| run.profile.as_str())
}

/// What the second fraction is of.
pub(crate) fn whole(summary: &Summary<'_>) -> &'static str {
    if summary.run.is_some_and(|run| !run.selection.is_empty()) {
        "what was chosen"
    } else {
        "the whole profile"
    }
}

/// What is said beside the outcome.
pub(crate) fn notes(summary: &Summary<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut tally = |what: &str, tally: Tally| {
        let Tally { passed, failed, skipped } = tally;
        if tally.all() > 0 {
            let cases = count(tally.all(), "case", "cases");
            notes
                .push(format!("{cases} {what}: {passed} passed, {failed} did not, {skipped} not applicable"));
        }
    };
    tally("provisional, not scored", summary.provisional);
    tally("outside of the profile", summary.outside);
    if summary.coarse > 0 {
        notes.push(format!("{} passed by a coarse class", summary.coarse));
    }
    if !summary.weaker.is_empty() {
        notes.push(count(summary.weaker.len(), "deviation from SHOULD", "deviations from SHOULD"));
    }
    if summary.respawns > 0 {
        notes.push(count(summary.respawns, "process replaced", "processes replaced"));
    }
    notes
}
