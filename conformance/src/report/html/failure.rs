//! What did not pass: one section for each case.

use std::collections::{HashMap, HashSet};

use dxos_spec::Book;
use maud::{Markup, html};

use super::{aside, bytes, class, drawing, prose};
use crate::event::{CaseEvent, Exchange};
use crate::report::annotation::Annotator;
use crate::report::baseline;
use crate::report::failure::quote;
use crate::report::lookup::{Found, Lookup};
use crate::summary::Summary;
use crate::verdict::Verdict;

/// Requests and answers are cut at so many characters; `dxspec replay` shows all.
const FRAME: usize = 600;

/// Of so many cases input and frames are shown, the first of each requirement before the second of any: the page of a
/// testee that fails everything must still open.
const INPUTS: usize = 200;

/// The cases that did not pass, those that decide first.
pub(super) fn shown<'a>(summary: &Summary<'a>) -> Vec<&'a CaseEvent> {
    let mut shown: Vec<&CaseEvent> = summary
        .cases
        .iter()
        .copied()
        .filter(|case| !matches!(case.verdict, Verdict::Pass | Verdict::NotApplicable))
        .collect();
    shown.sort_by_key(|case| (case.verdict == Verdict::ExpectedFailure, !aside(case).is_empty()));
    shown
}

/// The list of them, by requirement.
pub(super) fn contents(shown: &[&CaseEvent], book: &Book) -> Markup {
    let mut by_req: Vec<(&[String], Vec<&CaseEvent>)> = Vec::new();
    for case in shown {
        match by_req.iter_mut().find(|(req, _)| *req == case.req) {
            Some((_, cases)) => cases.push(case),
            None => by_req.push((&case.req, vec![case])),
        }
    }
    html! {
        section {
            h2 #failures { "What did not pass" }
            @if shown.is_empty() { p { "Nothing." } } @else { ul.contents {
                @for (req, cases) in by_req {
                    li {
                        strong { (req.join(", ")) } " "
                        span.faint { (cases.len()) @if cases.len() == 1 { " case" } @else { " cases" } } br;
                        @for req in req {
                            @if let Some(requirement) = book.requirement(req) { span { (prose(&requirement.text)) } " " }
                        }
                        ul.cases {
                            @for case in cases {
                                li {
                                    span.(class(case.verdict)) { (case.verdict.sign()) } " "
                                    a href={ "#" (case.id) } { (case.id) } ": " (case.verdict)
                                    @let note = aside(case);
                                    @if !note.is_empty() { " " span.faint { "(" (note) ")" } }
                                }
                            }
                        }
                    }
                }
            } }
        }
    }
}

/// A section for each.
pub(super) fn sections(
    shown: &[&CaseEvent],
    summary: &Summary<'_>,
    book: &Book,
    lookup: &Lookup<'_>,
    annotator: &dyn Annotator,
) -> Markup {
    let testee = summary.run.map_or("TESTEE", |run| run.testee.as_str());
    let with_input = with_input(shown);
    let drawn =
        drawing::drawn(shown.iter().copied().filter(|case| with_input.contains(case.id.as_str())), lookup);
    let reported: HashSet<&str> = summary.cases.iter().map(|case| case.id.as_str()).collect();
    html! {
        @if !shown.is_empty() {
            section {
                h2 #details { "Each of them" }
                @for case in shown {
                    article #(case.id) {
                        (head(case, book))
                        dl.facts {
                            (fact("want", &case.want))
                            (fact("got", &case.got))
                            (fact("because", &case.why))
                            (fact("expected", &case.expected.as_ref().map(baseline::reason).unwrap_or_default()))
                            (sibling(case, &reported))
                            (origin(case, lookup))
                            dt { "replay" } dd { code.command { "dxspec replay " (case.id) " " (quote(testee)) } }
                        }
                        @if with_input.contains(case.id.as_str()) {
                            (input(case, drawn.contains(case.id.as_str()), lookup, annotator))
                            (frames(&case.frames))
                            @if !case.log.is_empty() {
                                details { summary { "log of the testee" } pre { (case.log) } }
                            }
                        } @else {
                            p {
                                "Many cases did not pass, so that the input of this one is left out, with its frames; "
                                code { "dxspec inspect " (case.id) } " shows the one, the replay the others."
                            }
                        }
                        (back(case))
                    }
                }
            }
        }
    }
}

/// The cases of which the input is shown.
fn with_input<'a>(shown: &[&'a CaseEvent]) -> HashSet<&'a str> {
    let mut seen: HashMap<&[String], usize> = HashMap::new();
    let ranks = shown.iter().map(|case| {
        let rank = seen.entry(&case.req).or_default();
        *rank += 1;
        (*rank, case.id.as_str())
    });
    let mut ranked: Vec<(usize, &str)> = ranks.collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(INPUTS).map(|(_, id)| id).collect()
}

fn head(case: &CaseEvent, book: &Book) -> Markup {
    let note = aside(case);
    html! {
        h3 {
            span.badge.(class(case.verdict)) { (case.verdict.sign()) " " (case.verdict) } " "
            (case.id)
            @if !note.is_empty() { " " span.faint { "(" (note) ")" } }
        }
        @for req in &case.req { (sentence(req, case, book)) }
    }
}

fn back(case: &CaseEvent) -> Markup {
    let requirement = case.req.first().map_or("requirements", String::as_str);
    html! {
        p.back {
            a href="#failures" { "all that did not pass" } " · " a href={ "#" (requirement) } { "the requirement" }
        }
    }
}

fn sentence(req: &str, case: &CaseEvent, book: &Book) -> Markup {
    html! {
        @match book.requirement(req) {
            Some(requirement) => blockquote {
                p { strong { (req) } " " (prose(&requirement.text)) }
                p.faint { (requirement.level) ", " (requirement.chapter) ":" (requirement.line) }
                @if let (true, Some(deployed)) = (case.beyond.iter().any(|beyond| beyond == req), &requirement.deployed) {
                    p.deployed { "Deployed: " (prose(deployed)) }
                }
            },
            None => blockquote { p { strong { (req) } " is not in the book at hand." } },
        }
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { @if !value.is_empty() { dt { (name) } dd { code { (value) } } } }
}

fn sibling(case: &CaseEvent, reported: &HashSet<&str>) -> Markup {
    html! {
        @if let Some(sibling) = &case.sibling {
            dt { "sibling" }
            dd {
                @if reported.contains(sibling.id.as_str()) { a href={ "#" (sibling.id) } { (sibling.id) } }
                @else { (sibling.id) }
                " "
                @match sibling.verdict {
                    Some(Verdict::Pass) => { "passes" }
                    Some(verdict) => { "does not pass either (" (verdict) ")" }
                    None => { "was not run" }
                }
                "; this one differs in" br; code { (sibling.differs) }
            }
        }
    }
}

/// Why the case exists.
fn origin(case: &CaseEvent, lookup: &Lookup<'_>) -> Markup {
    let Found::Same(file, vector) = lookup.find(case) else { return html! {} };
    html! {
        dt { "about" } dd { (vector.about.as_deref().unwrap_or(&file.about)) }
        @for flag in &vector.flags {
            dt { "reveals" } dd { (file.flags.get(flag).map_or(flag.as_str(), |flag| flag.about.as_str())) }
        }
        @if let Some(why) = &vector.underived { dt { "no sibling" } dd { (why) } }
        dt { "origin" }
        dd {
            (vector.origin) " by " (file.source.generator) "; the wanted answer was seen from " (vector.witness.join(", "))
            @for dissent in &vector.dissent { "; " (dissent.witness) " answers otherwise: " (dissent.got) }
        }
    }
}

fn input(case: &CaseEvent, drawn: bool, lookup: &Lookup<'_>, annotator: &dyn Annotator) -> Markup {
    match lookup.find(case) {
        Found::Same(file, vector) => {
            let sibling = vector.derive.as_ref().and_then(|derive| lookup.case(&derive.from));
            let is_space = drawing::shows(file, vector);
            let choice = if is_space { bytes::Members::Differing } else { bytes::Members::All };
            html! {
                @if drawn {
                    (drawing::drawings(case, file, vector, annotator))
                } @else if is_space {
                    p { "There are many spaces, so that this one is not drawn; " code { "dxspec show " (case.id) } " draws it." }
                }
                (bytes::inputs(file, vector, sibling.map(|(_, sibling)| sibling), choice, annotator))
            }
        }
        Found::Changed => html! {
            p.doubtful { "The vectors at hand have another case of this id, so that its input is not shown." }
        },
        Found::Missing => html! {
            p.doubtful { "The vectors at hand do not have this case, so that its input is not shown." }
        },
    }
}

fn frames(frames: &[Exchange]) -> Markup {
    html! {
        @if !frames.is_empty() {
            details {
                summary { "frames: " (frames.len()) @if frames.len() == 1 { " request" } @else { " requests" } " and what came back" }
                @for frame in frames {
                    pre.frame {
                        "→ " (frame.by) "  " (cut(&frame.request)) "\n← "
                        @match &frame.answer { Some(answer) => { (cut(answer)) } None => { "(no answer)" } }
                    }
                }
            }
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(FRAME) {
        Some((end, _)) => {
            let head = text.get(..end).unwrap_or_default();
            format!("{head}… ({} more bytes; replay shows all)", text.len() - head.len())
        }
        None => text.to_owned(),
    }
}
