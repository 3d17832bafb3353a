//! What a case asks and wants, and how a rejected input comes from an accepted one.

use std::collections::BTreeSet;

use dxos_spec::Book;
use serde_json::Value;

use super::Report;
use crate::format::{Alternative, Case, Derive, Step, VectorFile, Want};
use crate::patch::{PatchError, apply, apply_steps};

pub(super) fn lint(file: &VectorFile, index: usize, case: &Case, book: &Book, report: &mut Report<'_>) {
    match (&case.input, &case.want, case.steps.is_empty()) {
        (Some(_), Some(_), true) | (None, None, false) => {}
        _ => report
            .case("it has neither just `in` and `want` nor just `steps`", "give it the one or the other"),
    }
    let steps = case.as_steps(&file.op);
    for step in &steps {
        want(step, book, report);
    }
    let says = |step: &Step| !matches!(&step.want, Want::Ok(members) if members.is_empty());
    if !steps.is_empty() && !steps.iter().any(says) {
        let next = "name a member that a right answer has, or a null testee passes";
        report.case("it wants `ok` without a member", next);
    }
    for (number, step) in case.steps.iter().enumerate() {
        references(number, &Value::Object(step.input.clone()), report);
    }
    match (&case.derive, &case.underived) {
        (Some(_), Some(_)) => report.case("it has `derive` and `underived`", "remove one of the two"),
        (None, None) if case.rejects() => {
            let next = "derive it from an accepted case, or say in `underived` why that is impossible";
            report.case("it rejects, and nothing shows that the fault is the only one", next);
        }
        (None, Some(_)) if !case.rejects() => report.case("it rejects nothing", "remove `underived`"),
        _ => {}
    }
    if let Some(derive) = &case.derive {
        derivation(file, index, case, derive, report);
    }
}

fn want(step: &Step, book: &Book, report: &mut Report<'_>) {
    match &step.want {
        Want::Ok(_) | Want::Reject(_) => {}
        Want::OneOf(alternatives) => one_of(alternatives, book, report),
    }
}

fn one_of(alternatives: &[Alternative], book: &Book, report: &mut Report<'_>) {
    if alternatives.len() < 2 {
        report.case("`one_of` has fewer than two alternatives", "write `ok` or `reject`");
    }
    let mut names = BTreeSet::new();
    for Alternative { behavior, req, ok, reject } in alternatives {
        if behavior.trim().is_empty() || !names.insert(behavior) {
            report.case(
                format!("behavior \"{behavior}\" is empty or occurs twice"),
                "name each alternative apart",
            );
        }
        if book.requirement(req).is_none() {
            let message = format!("requirement {req} of behavior \"{behavior}\" is not in the book");
            report.case(message, "correct the id, or write the requirement");
        }
        match (ok, reject) {
            (Some(members), None) if members.is_empty() => report.case(
                format!("behavior \"{behavior}\" is `ok` without a member"),
                "name a member that such an answer has",
            ),
            (Some(_), None) | (None, Some(_)) => {}
            _ => report.case(
                format!("behavior \"{behavior}\" is not just one of `ok` and `reject`"),
                "give it the one or the other",
            ),
        }
    }
}

/// `{"$step": n}` takes from an earlier step only.
fn references(number: usize, value: &Value, report: &mut Report<'_>) {
    match value {
        Value::Object(members) => {
            if let Some(step) = members.get("$step") {
                let earlier =
                    step.as_u64().is_some_and(|step| usize::try_from(step).is_ok_and(|step| step < number));
                let formed = members.len() == 2 && members.get("get").is_some_and(Value::is_string);
                if !earlier || !formed {
                    let message = format!("step {number} takes from something else than an earlier step");
                    report.case(message, "write {\"$step\": <earlier>, \"get\": \"<member>\"}");
                }
            }
            members.values().for_each(|value| references(number, value, report));
        }
        Value::Array(items) => items.iter().for_each(|value| references(number, value, report)),
        _ => {}
    }
}

/// The sibling stands before the case and is accepted wherever the case is run; the patch makes the case's input.
fn derivation(file: &VectorFile, index: usize, case: &Case, derive: &Derive, report: &mut Report<'_>) {
    let Some(sibling) = file.cases.iter().take(index).find(|earlier| earlier.id == derive.from) else {
        let message = format!("it derives from {}, which is no earlier case of the file", derive.from);
        report.case(message, "derive it from an earlier accepted case of the file");
        return;
    };
    if !accepts(sibling) {
        let message = format!("it derives from {}, which does not want `ok`", sibling.id);
        report.case(message, "derive it from an accepted case");
    }
    if let Some(feature) = sibling.features.iter().find(|feature| !case.features.contains(feature)) {
        let message = format!("it derives from {}, which also needs {feature}", sibling.id);
        report.case(message, "give it the features of that case, or another sibling");
    }
    if derive.patch.is_empty() {
        report.case("its patch is empty", "write what makes its input from the accepted one");
    }
    match (&sibling.input, &case.input) {
        (Some(base), Some(input)) => {
            compare(apply(&derive.patch, base), base, input, report);
        }
        (None, None) => {
            // A case that is rejected ends there, and has no use for what its sibling goes on to do.
            let steps = |of: &Case| of.steps.iter().take(case.steps.len()).cloned().collect::<Vec<_>>();
            let inputs = |case: &Case| steps(case).into_iter().map(|step| step.input).collect::<Vec<_>>();
            compare(apply_steps(&derive.patch, &inputs(sibling)), &inputs(sibling), &inputs(case), report);
            let ops =
                |case: &Case| steps(case).into_iter().map(|step| (step.op, step.by)).collect::<Vec<_>>();
            if ops(sibling) != ops(case) {
                report.case(
                    "its steps are not those of the case that it derives from",
                    "use the same operations",
                );
            }
        }
        _ => {
            report.case("one has steps, and the case that it derives from has not", "derive it from its like")
        }
    }
}

fn compare<T: PartialEq>(made: Result<T, PatchError>, base: &T, input: &T, report: &mut Report<'_>) {
    match made {
        Ok(_) if input == base => {
            report.case("its input is that of the case that it derives from", "change it")
        }
        Ok(made) if made == *input => {}
        Ok(_) => report.case("its patch makes another input than its `in`", "make both anew"),
        Err(error) => report.case(format!("its patch does not apply: {error}"), "make it anew"),
    }
}

/// Whether each answer that a case wants is `ok`.
fn accepts(case: &Case) -> bool {
    let mut wants = case.want.iter().chain(case.steps.iter().map(|step| &step.want));
    wants.all(|want| matches!(want, Want::Ok(_)))
}
