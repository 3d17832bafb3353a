//! Spaces, drawn.

use std::collections::HashSet;

use dxos_vectors::{Case, Step, VectorFile};
use maud::{Markup, html};

use crate::event::CaseEvent;
use crate::report::annotation::Annotator;
use crate::report::lookup::{Found, Lookup};
use crate::scene::{Scene, Signs, recorded};

/// So many entries are drawn in one page.
const ENTRIES: usize = 4_000;

/// The cases that are drawn, in the order in which they are shown, as long as there is room.
pub(super) fn drawn<'a>(cases: impl Iterator<Item = &'a CaseEvent>, lookup: &Lookup<'_>) -> HashSet<&'a str> {
    let mut room = ENTRIES;
    let mut drawn = HashSet::new();
    for case in cases {
        let Found::Same(file, vector) = lookup.find(case) else { continue };
        if !shows(file, vector) {
            continue;
        }
        let entries =
            |step: &Step| step.input.get("entries").and_then(|list| list.as_array()).map_or(1, Vec::len);
        let count = vector.as_steps(&file.op).iter().map(entries).sum();
        if let Some(left) = room.checked_sub(count) {
            room = left;
            drawn.insert(case.id.as_str());
        }
    }
    drawn
}

/// Whether there are drawings of a case.
pub(super) fn shows(file: &VectorFile, case: &Case) -> bool {
    case.as_steps(&file.op).iter().any(Scene::shows)
}

/// A drawing for each space of a case, with what was answered where that differs.
pub(super) fn drawings(
    event: &CaseEvent,
    file: &VectorFile,
    case: &Case,
    annotator: &dyn Annotator,
) -> Markup {
    let steps = case.as_steps(&file.op);
    // One request for each step, as far as it went.
    let answers = steps.iter().enumerate().map(|(index, _)| event.frames.get(index)?.answer.as_deref());
    html! {
        @for (step, answer) in steps.iter().zip(answers).filter(|(step, _)| Scene::shows(step)) {
            (drawing(step, answer, annotator))
        }
    }
}

fn drawing(step: &Step, answer: Option<&str>, annotator: &dyn Annotator) -> Markup {
    let said = answer.map(recorded);
    let scene = Scene::of(step, said.as_ref().and_then(Option::as_ref), &|credential| {
        annotator.credential_id(credential)
    });
    html! {
        h4 { "the space" }
        @match scene {
            Ok(scene) => {
                @if said == Some(None) {
                    p.doubtful { "The recorded answer is cut, so that it does not stand beside what is wanted." }
                }
                div.drawing tabindex="0" { (scene.svg()) }
                details { summary { "the same as text" } pre { (scene.text(Signs::Unicode)) } }
            }
            Err(why) => p.doubtful { "There is no drawing: " (why) "." },
        }
    }
}
