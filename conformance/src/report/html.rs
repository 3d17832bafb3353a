//! The report as one HTML file: readable without a script, without a network, on a phone and on paper.

mod bytes;
mod cases;
pub mod comparison;
mod drawing;
mod failure;
mod outcome;
mod requirements;

use dxos_spec::Book;
use dxos_vectors::VectorFile;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::annotation::Annotator;
use super::lookup::Lookup;
use super::outcome::{name, profile};
use super::visible::visible;
use crate::event::{CaseEvent, Scope};
use crate::scene;
use crate::summary::Summary;
use crate::verdict::Verdict;

const STYLE: &str = include_str!("html/style.css");

/// What a report is made from.
pub struct Sources<'a> {
    /// The record.
    pub summary: &'a Summary<'a>,
    /// The requirements.
    pub book: &'a Book,
    /// The vectors that were run; a case that is not among them is shown without its input.
    pub vectors: &'a [VectorFile],
    /// Tells what the bytes mean.
    pub annotator: &'a dyn Annotator,
}

/// The page.  The same record gives the same bytes.
pub fn render(sources: &Sources<'_>) -> String {
    let Sources { summary, book, vectors, annotator } = sources;
    let lookup = Lookup::new(vectors);
    let shown = failure::shown(summary);
    let title = format!("{} · {}", name(summary), profile(summary));
    let body = html! {
        (outcome::header(summary))
        (outcome::held_against(summary, sources.book))
        nav aria-label="contents" {
            @if !summary.areas.is_empty() { a href="#areas" { "Areas" } }
            a href="#failures" { "What did not pass (" (shown.len()) ")" }
            a href="#requirements" { "Requirements" }
            a href="#cases" { "All cases (" (summary.cases.len()) ")" }
        }
        main {
            (outcome::areas(summary))
            (failure::contents(&shown, book))
            (requirements::table(summary, book))
            (failure::sections(&shown, summary, book, &lookup, *annotator))
            (cases::by_group(summary))
        }
    };
    page(&title, &body)
}

/// A whole page, with what cannot be seen made visible.
fn page(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(scene::STYLE)) }
            }
            body { (body) }
        }
    };
    visible(&page.into_string())
}

/// The class of a verdict in the style sheet.
const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::NotApplicable => "none",
        Verdict::ExpectedFailure => "known",
        _ => "fail",
    }
}

/// Why a case decides nothing; empty if it does.
fn aside(case: &CaseEvent) -> &'static str {
    match (case.provisional, case.scope, case.level) {
        (true, ..) => "provisional",
        (_, Scope::Outside, _) => "outside of the profile",
        (_, _, dxos_vectors::Level::Must) => "",
        (_, _, dxos_vectors::Level::Should) => "SHOULD",
        (_, _, dxos_vectors::Level::May) => "MAY",
    }
}

/// The part of an id that its group does not say.
fn slug(case: &CaseEvent) -> &str {
    case.id.strip_prefix(case.group.as_str()).unwrap_or(&case.id).trim_start_matches('/')
}

/// A text with `code` spans as the book has them.
fn prose(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_are_the_only_markup() {
        assert_eq!(prose("a `b<` c").into_string(), "a <code>b&lt;</code> c");
    }
}
