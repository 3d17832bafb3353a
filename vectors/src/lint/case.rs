//! What a case says about itself: its id, its requirements, its witnesses.

use std::collections::BTreeSet;

use dxos_spec::Book;

use super::{FEATURES, ORIGINS, Report, is_slug, operation};
use crate::class::Class;
use crate::format::{Case, Level, VectorFile, Want};

pub(super) fn lint(file: &VectorFile, case: &Case, book: &Book, report: &mut Report<'_>) {
    let slug = case.id.strip_prefix(&file.group).and_then(|rest| rest.strip_prefix('/'));
    if !slug.is_some_and(is_slug) {
        let next = format!("call it \"{}/<slug>\", the slug of a-z 0-9 . -", file.group);
        report.case("its id is not that of its group", next);
    }
    requirements(case, book, report);
    for name in &case.features {
        if !FEATURES.contains(&name.as_str()) {
            report.case(format!("feature \"{name}\" is unknown"), format!("use {}", FEATURES.join(", ")));
        }
    }
    for name in &case.flags {
        if !file.flags.contains_key(name) {
            report.case(format!("flag {name} is not explained"), "explain it in `flags` of the file");
        }
    }
    for (key, list) in
        [("req", &case.req), ("features", &case.features), ("flags", &case.flags), ("witness", &case.witness)]
    {
        if list.iter().collect::<BTreeSet<_>>().len() < list.len() {
            report.case(format!("`{key}` names something twice"), "remove the repetition");
        }
        if list.iter().any(|item| item.trim().is_empty()) {
            report.case(format!("`{key}` has an empty item"), "remove it");
        }
    }
    for (key, text) in [("about", &case.about), ("underived", &case.underived)] {
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            report.case(format!("`{key}` is empty"), "remove it, or fill it in");
        }
    }
    if !ORIGINS.contains(&case.origin.as_str()) {
        report.case(format!("origin \"{}\" is unknown", case.origin), format!("use {}", ORIGINS.join(", ")));
    }
    for step in &case.steps {
        operation(&step.op, book, report);
    }
    witnesses(case, book, report);
}

/// Requirements are in the book, and the level is that of the strongest.
fn requirements(case: &Case, book: &Book, report: &mut Report<'_>) {
    if case.req.is_empty() {
        report.case("it tests no requirement", "list at least one in `req`");
        return;
    }
    let mut strongest: Option<Level> = None;
    let mut complete = true;
    for id in &case.req {
        match book.requirement(id) {
            Some(requirement) => {
                let level = level(requirement.level);
                strongest = Some(strongest.map_or(level, |before| before.min(level)));
            }
            None => {
                complete = false;
                report.case(
                    format!("requirement {id} is not in the book"),
                    "correct the id, or write the requirement",
                );
            }
        }
    }
    // With one unknown, the strongest is unknown too.
    if let Some(strongest) = strongest
        && complete
        && strongest != case.level
    {
        let message =
            format!("its level is {:?}, but its strongest requirement says {strongest:?}", case.level);
        report.case(message.to_lowercase(), "make the level that of the strongest requirement");
    }
}

fn level(level: dxos_spec::Level) -> Level {
    match level {
        dxos_spec::Level::Must => Level::Must,
        dxos_spec::Level::Should => Level::Should,
        dxos_spec::Level::May => Level::May,
    }
}

/// Somebody has seen the answer, and who answers otherwise is explained in the book.
fn witnesses(case: &Case, book: &Book, report: &mut Report<'_>) {
    if case.witness.is_empty() {
        report.case("it has no witness", "name the implementations that were seen to give the answer");
    }
    for dissent in &case.dissent {
        if case.witness.contains(&dissent.witness) {
            report.case(
                format!("{} is a witness and dissents", dissent.witness),
                "remove it from one of the two",
            );
        }
        if dissent.witness.trim().is_empty() || !is_answer(&dissent.got) {
            let message = format!("dissent \"{}: {}\" is not in form", dissent.witness, dissent.got);
            report.case(message, "name the implementation, and ok, reject <class>, bug, timeout or crash");
        }
    }
    let cited = case.req.iter().chain(alternatives(case));
    let remarked =
        |id: &String| book.requirement(id).is_some_and(|requirement| requirement.deployed.is_some());
    if !case.dissent.is_empty() && !cited.into_iter().any(remarked) {
        let next = "say in the book, under `> Deployed:` of a requirement of the case, how it differs";
        report.case("an implementation dissents, and the book does not say so", next);
    }
}

/// The requirements of the alternatives of a case.
fn alternatives(case: &Case) -> impl Iterator<Item = &String> {
    let wants = case.want.iter().chain(case.steps.iter().map(|step| &step.want));
    wants.flat_map(|want| match want {
        Want::OneOf(alternatives) => alternatives.iter().map(|alternative| &alternative.req).collect(),
        Want::Ok(_) | Want::Reject(_) => Vec::new(),
    })
}

/// Whether a text is an answer in short.  A coarse testee may know the stage only.
fn is_answer(got: &str) -> bool {
    match got.strip_prefix("reject ") {
        None => ["ok", "bug", "timeout", "crash"].contains(&got),
        Some(name) => Class::ALL
            .iter()
            .any(|class| class.name() == name || class.name().split('.').next() == Some(name)),
    }
}
