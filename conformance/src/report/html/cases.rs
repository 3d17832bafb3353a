//! All cases, by group.

use maud::{Markup, html};

use super::{aside, class, slug};
use crate::event::CaseEvent;
use crate::summary::Summary;
use crate::verdict::Verdict;

/// A list for each group.  A case that failed has a section of its own, which holds its anchor.
pub(super) fn by_group(summary: &Summary<'_>) -> Markup {
    html! {
        section {
            h2 #cases { "All cases" }
            @for group in summary.cases.chunk_by(|a, b| a.group == b.group) { (self::group(group)) }
        }
    }
}

fn group(cases: &[&CaseEvent]) -> Markup {
    let name = cases.first().map_or("", |case| case.group.as_str());
    let ended = |verdict: Verdict| cases.iter().filter(|case| case.verdict == verdict).count();
    let applicable = cases.len() - ended(Verdict::NotApplicable);
    html! {
        h3.group { (name) " " span.faint { (ended(Verdict::Pass)) " of " (applicable) " passed" @if applicable < cases.len() { ", " (cases.len() - applicable) " not applicable" } } }
        ul.cases { @for case in cases { (item(case)) } }
    }
}

fn item(case: &CaseEvent) -> Markup {
    let sign = html! { span.(class(case.verdict)) title=(case.verdict) { (case.verdict.sign()) } " " };
    let note = aside(case);
    let remark = html! {
        @if !note.is_empty() { " " span.faint { "(" (note) ")" } }
        @if case.coarse { " " span.faint { "(coarse class)" } }
        @if let Some(behavior) = &case.behavior { " " span.faint { "(" (behavior) ")" } }
    };
    html! {
        @if matches!(case.verdict, Verdict::Pass | Verdict::NotApplicable) {
            li #(case.id) { (sign) (slug(case)) (remark) }
        } @else {
            li { (sign) a href={ "#" (case.id) } { (slug(case)) } ": " (case.verdict) (remark) }
        }
    }
}
