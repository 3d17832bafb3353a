//! The comparison as a page.

use maud::{Markup, html};

use super::{page, prose};
use crate::fractions::percent;
use crate::report::compare::{Cell, Comparison, Row, base, letter};
use crate::report::outcome;

/// The page.  The same records give the same bytes.
pub fn render(comparison: &Comparison<'_>) -> String {
    let (inside, outside): (Vec<_>, Vec<_>) = comparison.rows.iter().partition(|row| row.inside);
    let body = html! {
        header {
            p.kind { "Comparison" }
            h1 { (comparison.columns.len()) " testees, " (comparison.profile) }
            @for warning in &comparison.warnings { p.doubtful { "⚠ " (warning) } }
        }
        main {
            section { h2 #testees { "Testees" } (testees(comparison)) }
            section {
                h2 #requirements { "Requirements" }
                p.legend {
                    @for cell in [
                        Cell::Ran { passed: 1, applicable: 1 },
                        Cell::Ran { passed: 0, applicable: 1 },
                        Cell::NotApplicable,
                        Cell::NotRun,
                    ] {
                        span { span.(class(cell)) { (cell.sign()) } " " (cell.word()) } " "
                    }
                    span { "figures: confirmed cases passed, of those that are applicable" }
                }
                (matrix(&inside, comparison))
                @if !outside.is_empty() {
                    h3 #outside { "Outside of the profile" }
                    p { "What is found here decides nothing." }
                    (matrix(&outside, comparison))
                }
            }
        }
    };
    page(&format!("Comparison · {}", comparison.profile), &body)
}

fn testees(comparison: &Comparison<'_>) -> Markup {
    html! {
        table {
            thead { tr { th scope="col" { "testee" } th scope="col" { "of what is claimed" } th scope="col" { "of the whole profile" } th scope="col" { "outcome" } } }
            tbody {
                @for (index, column) in comparison.columns.iter().enumerate() {
                    @let (passed, claimed, all) = column.summary.must;
                    @let (tone, sign, word) = outcome::look(&column.summary.decision);
                    tr {
                        th scope="row" { (letter(index)) " · " (column.name) br; span.faint { (base(column.file)) } }
                        td.number { (percent(passed, claimed)) " " span.faint { "(" (passed) "/" (claimed) " claimed)" } }
                        td.number { (percent(passed, all)) " " span.faint { "(" (passed) "/" (all) " of " (outcome::whole(&column.summary)) ")" } }
                        td { strong.(tone) { (sign) " " (word) } br; (column.summary.decision.sentence(comparison.profile)) }
                    }
                }
            }
        }
    }
}

fn matrix(rows: &[&Row<'_>], comparison: &Comparison<'_>) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table.matrix {
                thead {
                    tr {
                        th scope="col" { "requirement" }
                        @for (index, column) in comparison.columns.iter().enumerate() {
                            th scope="col" { strong { (letter(index)) } span.name { (column.name) } }
                        }
                    }
                }
                tbody { @for row in rows { (self::row(row)) } }
            }
        }
    }
}

fn row(row: &Row<'_>) -> Markup {
    html! {
        tr {
            th scope="row" #(row.req) {
                (row.req) " " span.level { (row.level) }
                @if let Some(requirement) = row.requirement { p.sentence { (prose(&requirement.text)) } }
            }
            @for cell in &row.cells {
                td.number title=(cell.word()) { span.(class(*cell)) { (cell.sign()) " " (cell.figure()) } }
            }
        }
    }
}

const fn class(cell: Cell) -> &'static str {
    match cell {
        Cell::Ran { passed, applicable } if passed == applicable => "pass",
        Cell::Ran { .. } => "fail",
        _ => "none",
    }
}
