//! The report as Markdown, for a comment on a pull request.

use std::collections::HashMap;
use std::fmt::Write as _;

use dxos_spec::Book;

use super::failure;
use super::outcome::{self, name, profile};
use super::paint::Look;
use super::standing::by_requirements;
use super::visible::visible;
use crate::event::CaseEvent;
use crate::fractions::percent;
use crate::report::terminal;
use crate::summary::Summary;
use crate::verdict::Verdict;

/// GitHub takes 65,536 characters; this many bytes leave room for what others add.
pub const MAX_BYTES: usize = 60_000;

/// Kept free for the note of what is cut and for what stands after the failures.
const RESERVE: usize = 500;

/// Bytes for what an earlier run, a baseline and repetition say.
const HELD: usize = 12_000;

/// The text, at most [`MAX_BYTES`] long.
pub fn render(summary: &Summary<'_>, book: &Book) -> String {
    let mut text = head(summary);
    text.push_str(&areas(summary));
    let after = format!("{}{}", held_against(summary, book), deviations(summary));
    failures(summary, book, MAX_BYTES.saturating_sub(RESERVE + after.len()), &mut text);
    text.push_str(&after);
    text
}

fn head(summary: &Summary<'_>) -> String {
    let (_, sign, word) = outcome::look(&summary.decision);
    let (passed, applicable, all) = summary.must;
    let mut text = format!("## {sign} {word}: {}\n\n", escape(&name(summary)));
    let _ = writeln!(text, "{}\n", escape(&summary.decision.sentence(profile(summary))));
    if all > 0 && !summary.cases.is_empty() {
        let _ = writeln!(
            text,
            "**{}** of what is claimed ({passed} of {applicable}) · **{}** of {} ({passed} of {all})\n",
            percent(passed, applicable),
            percent(passed, all),
            outcome::whole(summary),
        );
    }
    if summary.run.is_some_and(|run| !run.probes) {
        text.push_str("Probes were left out: a testee that implements nothing would not be noticed.\n\n");
    }
    for note in outcome::notes(summary) {
        let _ = writeln!(text, "- {note}");
    }
    text.push('\n');
    text
}

fn areas(summary: &Summary<'_>) -> String {
    if summary.areas.is_empty() {
        return String::new();
    }
    let mut text = "| area | passed | others |\n|---|---|---|\n".to_owned();
    for area in &summary.areas {
        let others = area.verdicts.iter().filter(|(verdict, _)| **verdict != Verdict::Pass);
        let others: Vec<String> = others.map(|(verdict, count)| format!("{count} {verdict}")).collect();
        let verdict = match (area.passed(), area.applicable()) {
            (_, 0) => Verdict::NotApplicable,
            (passed, applicable) if passed == applicable => Verdict::Pass,
            _ => Verdict::Fail,
        };
        let sign = verdict.sign();
        let _ = writeln!(
            text,
            "| {sign} {} | {} of {} | {} |",
            escape(&area.name),
            area.passed(),
            area.applicable(),
            others.join(", ")
        );
    }
    text.push('\n');
    text
}

/// As many failures as there is room for, the first of each requirement before the second of any.
fn failures(summary: &Summary<'_>, book: &Book, room: usize, text: &mut String) {
    if summary.failures.is_empty() {
        return;
    }
    let _ = writeln!(text, "### {} cases that count did not pass\n", summary.failures.len());
    let mut seen: HashMap<&[String], usize> = HashMap::new();
    let mut ordered: Vec<(usize, &CaseEvent)> = summary
        .failures
        .iter()
        .map(|case| {
            let count = seen.entry(&case.req).or_default();
            *count += 1;
            (*count, *case)
        })
        .collect();
    ordered.sort_by_key(|(count, _)| *count);
    let testee = summary.run.map_or("TESTEE", |run| run.testee.as_str());
    let mut cut = 0;
    for (_, case) in ordered {
        let one = details(case, testee, book);
        if text.len() + one.len() <= room {
            text.push_str(&one);
        } else {
            cut += 1;
        }
    }
    if cut > 0 {
        let _ = writeln!(text, "{cut} of them are cut from this comment; the HTML report has all.\n");
    }
}

/// What an earlier run, a baseline and repetition say of this one.
fn held_against(summary: &Summary<'_>, book: &Book) -> String {
    let mut text = String::new();
    terminal::held_against(summary, book, Look::default(), &mut text);
    let mut kept = String::new();
    for line in text.trim_end().lines() {
        if kept.len() + line.len() > HELD {
            kept.push_str("… the rest is cut from this comment; the HTML report has all.\n");
            break;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    if kept.is_empty() { kept } else { format!("{}\n\n", fenced(&kept)) }
}

/// A text as it is.  A fence ends at a line of as many backquotes, so that there must be more than anywhere inside.
fn fenced(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}{fence}")
}

fn details(case: &CaseEvent, testee: &str, book: &Book) -> String {
    let paragraph = fenced(&failure::render(case, testee, book, Look::default()));
    format!(
        "<details><summary>{} <code>{}</code> {}: {}</summary>\n\n{paragraph}\n\n</details>\n\n",
        case.verdict.sign(),
        escape(&case.id),
        escape(&case.req.join(", ")),
        case.verdict,
    )
}

fn deviations(summary: &Summary<'_>) -> String {
    let mut text = String::new();
    let mut list = |title: &str, entries: Vec<(String, usize)>| {
        if !entries.is_empty() {
            let words = entries.into_iter().map(|(req, count)| format!("{} ({count})", escape(&req)));
            let _ = writeln!(text, "{title}: {}\n", words.collect::<Vec<_>>().join(", "));
        }
    };
    list("Deviations from SHOULD, with the number of cases", by_requirements(&summary.weaker));
    let outside = summary.deviations.iter().map(|found| (found.req.clone(), found.cases.len()));
    list("Deviations outside of the profile", outside.collect());
    text
}

/// Text in which nothing is markup: no Markdown, no HTML, nobody's name to notify.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in visible(text).replace('\n', "␊").chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | ':' | ';' | '/' | '-' | '%') {
            let _ = write!(escaped, "&#{};", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_markup_gets_through() {
        assert_eq!(escape("a|b<i>*@x\n#1`"), "a&#124;b&#60;i&#62;&#42;&#64;x␊&#35;1&#96;");
    }
}
