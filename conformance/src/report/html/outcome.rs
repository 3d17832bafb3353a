//! The outcome, before all else.

use dxos_spec::Book;
use maud::{Markup, html};

use super::class;
use crate::event::{ProbeOutcome, TesteeEvent};
use crate::fractions::percent;
use crate::report::outcome::{self, name, profile};
use crate::report::paint::Look;
use crate::report::terminal;
use crate::summary::Summary;
use crate::verdict::Verdict;

/// Who was tested, how it ended, and what that is worth.
pub(super) fn header(summary: &Summary<'_>) -> Markup {
    let (tone, sign, word) = outcome::look(&summary.decision);
    html! {
        header {
            p.kind { "Conformance report" }
            h1 { (name(summary)) }
            div.outcome.(tone) {
                p.verdict { span.sign aria-hidden="true" { (sign) } " " (word) }
                p { (summary.decision.sentence(profile(summary))) }
            }
            (fractions(summary))
            (facts(summary))
        }
    }
}

fn fractions(summary: &Summary<'_>) -> Markup {
    let (passed, applicable, all) = summary.must;
    if all == 0 || summary.cases.is_empty() {
        return html! {};
    }
    let figure = |whole: usize, of: &str| {
        html! {
            p.figure { strong { (percent(passed, whole)) } " of " (of) br; span.faint { (passed) " of " (whole) " cases" } }
        }
    };
    html! {
        div.figures {
            (figure(applicable, "what is claimed"))
            (figure(all, outcome::whole(summary)))
        }
        p.faint { "Counted are confirmed cases of the profile of level MUST." }
    }
}

/// What an earlier run, a baseline and repetition say of this one.
pub(super) fn held_against(summary: &Summary<'_>, book: &Book) -> Markup {
    let mut text = String::new();
    terminal::held_against(summary, book, Look::default(), &mut text);
    html! {
        @if !text.trim().is_empty() {
            section { h2 { "Held against" } pre.held { (text.trim_end()) } }
        }
    }
}

fn facts(summary: &Summary<'_>) -> Markup {
    html! {
        dl.facts {
            @if let Some(testee) = summary.testee {
                dt { "testee" }
                dd { (testee.implementation) @if let Some(run) = summary.run { br; code { (run.testee) } } }
            }
            @if let Some(run) = summary.run {
                dt { "profile" } dd { (run.profile) }
                dt { "suite" } dd { (run.suite) ", " (summary.cases.len()) " of " (run.cases) " cases recorded" }
                @if !run.selection.is_empty() {
                    dt { "only" } dd { code { (run.selection.join(" ")) } }
                }
            }
            dt { "probes" } dd { (probes(summary)) }
            @if let Some(testee) = summary.testee { (claims(testee)) }
            @let notes = outcome::notes(summary);
            @if !notes.is_empty() {
                dt { "also" }
                dd { @for (index, note) in notes.iter().enumerate() { @if index > 0 { br; } (note) } }
            }
        }
    }
}

fn probes(summary: &Summary<'_>) -> Markup {
    html! {
        @if summary.run.is_some_and(|run| !run.probes) {
            strong.doubtful { "left out: a testee that implements nothing would not be noticed" }
        } @else if summary.probes.is_empty() { "none were made" }
        @for (index, probe) in summary.probes.iter().enumerate() {
            @if index > 0 { ", " }
            @match probe.outcome {
                ProbeOutcome::Ok => { (probe.probe) " ok" }
                ProbeOutcome::Skipped => { (probe.probe) " skipped" }
                ProbeOutcome::Failed => { strong.bad { (probe.probe) " failed" } pre { (probe.detail) } }
            }
        }
    }
}

fn claims(testee: &TesteeEvent) -> Markup {
    let list = |items: &[String]| {
        html! {
            @for (index, item) in items.iter().enumerate() { @if index > 0 { ", " } code { (item) } }
            @if items.is_empty() { "none" }
        }
    };
    html! {
        dt { "claims" }
        dd { (testee.served.len()) " of " (testee.served.len() + testee.unserved.len()) " operations; features: " (list(&testee.features)) }
        dt { "not claimed" } dd { (list(&testee.unserved)) }
        @if !testee.coarse.is_empty() {
            dt { "coarse" } dd { "cannot tell reasons apart in " (list(&testee.coarse)) }
        }
    }
}

/// The confirmed cases of the profile by area.
pub(super) fn areas(summary: &Summary<'_>) -> Markup {
    if summary.areas.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 #areas { "Areas" }
            table.areas {
                thead { tr { th scope="col" { "area" } th scope="col" { "passed" } th scope="col" { "share" } th scope="col" { "others" } } }
                tbody {
                    @for area in &summary.areas {
                        tr {
                            th scope="row" { (area.name) }
                            td.number { (area.passed()) " / " (area.applicable()) }
                            td { meter min="0" max=(area.applicable()) value=(area.passed()) { (percent(area.passed(), area.applicable())) } }
                            td {
                                @for (verdict, count) in area.verdicts.iter().filter(|(verdict, _)| **verdict != Verdict::Pass) {
                                    span.tally.(class(*verdict)) { (verdict.sign()) " " (count) " " (verdict) } " "
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
