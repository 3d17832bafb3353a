//! One case that did not pass, in full: what the book says, what was wanted and got, what passes beside it,
//! and how to see it again.

use dxos_spec::Book;

use crate::event::CaseEvent;
use crate::printable::shorten;
use crate::report::baseline;
use crate::report::paint::{Ink, Look};
use crate::verdict::Verdict;

/// The paragraph about one case.
pub fn render(case: &CaseEvent, testee: &str, book: &Book, look: Look) -> String {
    let label = match case.verdict {
        Verdict::Fail => "FAIL",
        Verdict::WrongReason => "WRONG REASON",
        Verdict::Unproven => "UNPROVEN",
        Verdict::Timeout => "TIMEOUT",
        Verdict::Crash => "CRASH",
        Verdict::Protocol => "PROTOCOL",
        Verdict::Pass => "PASS",
        Verdict::NotApplicable => "NOT APPLICABLE",
        Verdict::ExpectedFailure => "EXPECTED",
    };
    let ink = if case.scored { Ink::Bad } else { Ink::Doubtful };
    let mut text = format!(" {}  {}\n", look.paint(ink, label), look.paint(Ink::Strong, &case.id));
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("       {name:<8} {value}\n"));
        }
    };
    for req in &case.req {
        match book.requirement(req) {
            Some(requirement) => {
                line(
                    "requires",
                    &format!("{req} {}  ({}:{})", requirement.level, requirement.chapter, requirement.line),
                );
                line("", &format!("\"{}\"", requirement.text));
            }
            None => line("requires", req),
        }
    }
    line("want", &case.want);
    line("got", &case.got);
    line("because", &case.why);
    if let Some(expected) = &case.expected {
        line("expected", &baseline::reason(expected));
    }
    if let Some(sibling) = &case.sibling {
        let ended = match sibling.verdict {
            Some(Verdict::Pass) => "passes".to_owned(),
            Some(verdict) => format!("does not pass either ({verdict})"),
            None => "was not run".to_owned(),
        };
        line("sibling", &format!("{} {ended}; this one differs in", sibling.id));
        line("", &sibling.differs);
    }
    if let Some(last) = case.log.lines().rev().find(|line| !line.trim().is_empty()) {
        line("log", &shorten(last));
    }
    line("replay", &format!("dxspec replay {} {}", case.id, quote(testee)));
    text
}

/// As one word of a command line.
pub(crate) fn quote(text: &str) -> String {
    shell_words::quote(text).into_owned()
}
