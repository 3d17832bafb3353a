//! Each requirement with all of its cases.

use dxos_spec::Book;
use maud::{Markup, html};

use super::{aside, class, prose, slug};
use crate::event::CaseEvent;
use crate::report::standing::{Standing, standings};
use crate::summary::Summary;
use crate::verdict::Verdict;

/// A row for each requirement that a case cites.
pub(super) fn table(summary: &Summary<'_>, book: &Book) -> Markup {
    let standings = standings(&summary.cases, book);
    let (inside, outside): (Vec<_>, Vec<_>) = standings.into_iter().partition(|standing| standing.inside);
    html! {
        section {
            h2 #requirements { "Requirements" }
            (legend())
            (rows(&inside))
            @if !outside.is_empty() {
                h3 #outside { "Outside of the profile" }
                p { "What is found here decides nothing." }
                (rows(&outside))
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        p.legend {
            @for verdict in Verdict::ALL {
                span { span.(class(verdict)) { (verdict.sign()) } " " (verdict) } " "
            }
            span { span.dots { span.pass.aside { (Verdict::Pass.sign()) } } " underlined: decides nothing (provisional, SHOULD, or outside)" }
        }
    }
}

fn rows(standings: &[Standing<'_>]) -> Markup {
    html! {
        table.requirements {
            thead { tr { th scope="col" { "requirement" } th scope="col" { "passed" } th scope="col" { "sentence and cases" } } }
            tbody { @for standing in standings { (row(standing)) } }
        }
    }
}

fn row(standing: &Standing<'_>) -> Markup {
    let (passed, applicable) = standing.score();
    let (tone, word) = match (passed, applicable) {
        (_, 0) => ("none", "nothing that counts"),
        (passed, all) if passed == all => ("pass", "all"),
        _ => ("fail", "not all"),
    };
    html! {
        tr {
            th scope="row" #(standing.req) { (standing.req) br; span.level { (standing.level()) } }
            td.number { span.(tone) { (passed) " / " (applicable) } br; span.faint { (word) } }
            td {
                @if let Some(requirement) = standing.requirement {
                    p { (prose(&requirement.text)) }
                    @if let (false, Some(deployed)) = (standing.inside, &requirement.deployed) {
                        p.deployed { "Deployed: " (prose(deployed)) }
                    }
                } @else { p.faint { "The book at hand does not have it." } }
                p.dots { @for case in &standing.cases { (dot(case)) } }
            }
        }
    }
}

fn dot(case: &CaseEvent) -> Markup {
    let note = aside(case);
    let aside = if note.is_empty() { "" } else { " aside" };
    let title = match note {
        "" => format!("{}: {}", slug(case), case.verdict),
        note => format!("{}: {} ({note})", slug(case), case.verdict),
    };
    html! { a class={ (class(case.verdict)) (aside) } href={ "#" (case.id) } title=(title) { (case.verdict.sign()) } }
}
