//! The input of a case, with what differs from its sibling.

use std::fmt::Write as _;
use std::path::Path;

use dxos_conformance::matching::describe;
use dxos_conformance::report::difference::{Marks, difference};
use dxos_conformance::report::lookup::{Member, members};
use dxos_vectors::format::Actor;
use serde_json::{Value, json};

use super::answers::{self, Answer};
use super::{Subject, listing};
use crate::{Exit, corpus, drawing, kinds, output};

/// Shows all members of the input.
pub(super) fn inspect(id: &str, dir: Option<&Path>, as_json: bool) -> anyhow::Result<Exit> {
    let files = corpus::vectors(dir)?;
    let (file, case) = corpus::case(&files, id)?;
    let steps = case.as_steps(&file.op);
    let sibling =
        case.derive.as_ref().and_then(|derive| file.cases.iter().find(|other| other.id == derive.from));
    let sibling_steps = sibling.map(|sibling| sibling.as_steps(&file.op)).unwrap_or_default();
    let counterparts = members(&sibling_steps);
    let here = members(&steps);

    // Later steps take members from the answers of earlier ones: there is nothing to ask beforehand.
    let answers: Vec<Answer> = match steps.as_slice() {
        [step] if step.by == Actor::Testee => vec![answers::ask(&step.op, &step.input)],
        _ => Vec::new(),
    };
    let rejections: Vec<(usize, String)> = answers.iter().filter_map(Answer::place).collect();
    let mut text = format!("{id}\n  {}\n", case.about.as_deref().unwrap_or(&file.about));
    if let Some(sibling) = sibling {
        let _ = writeln!(text, "  made from {}; what differs is in [brackets]", sibling.id);
    }
    let wants: Vec<String> =
        steps.iter().map(|step| format!("{}: {}", step.op, describe(&step.want))).collect();
    let _ = writeln!(text, "  wanted: {}", wants.join("; "));
    text.push_str(&drawing::text(file, case));
    let mut documents = Vec::new();
    let mut broken = false;
    for member in &here {
        let other = counterparts.iter().find(|other| other.path == member.path);
        let differs = sibling.is_some() && other.is_none_or(|other| other.value != member.value);
        if let Some(subject) = subject(member)? {
            let marks = match other.and_then(Member::bytes) {
                Some(other) => difference(&other, &subject.bytes).1,
                None if differs => Marks::all(subject.bytes.len()),
                None => Marks::default(),
            };
            broken |= subject.is_broken();
            let _ = writeln!(text, "\n{}: {}, {} bytes\n", member.path, subject.form, subject.bytes.len());
            text.push_str(&listing::text(&subject.bytes, &subject.parts, &marks, &rejections));
            documents.push(json!({ "member": member.path, "content": subject.to_json(&marks) }));
        } else {
            let instead = other.filter(|_| differs).map(|other| format!(" instead of {}", other.value));
            let (open, close) = if differs { ("[", "]") } else { ("", "") };
            let _ = writeln!(
                text,
                "\n{}: {open}{}{close}{}",
                member.path,
                member.value,
                instead.unwrap_or_default()
            );
            documents.push(json!({ "member": member.path, "value": member.value, "differs": differs }));
        }
    }
    for gone in counterparts.iter().filter(|other| !here.iter().any(|member| member.path == other.path)) {
        let _ = writeln!(text, "\n{}: absent, the sibling has {}", gone.path, gone.value);
        documents.push(json!({ "member": gone.path, "value": Value::Null, "differs": true }));
    }
    text.push_str(&answers::text(&answers));
    if as_json {
        let document = json!({
            "case": id,
            "sibling": sibling.map(|sibling| &sibling.id),
            "members": documents,
            "reference": answers.iter().map(Answer::to_json).collect::<Vec<_>>(),
        });
        output::print(&format!("{document:#}\n"))?;
    } else {
        output::print(&text)?;
    }
    let wrong = broken || answers.iter().any(Answer::is_rejection);
    Ok(if wrong { Exit::Failed } else { Exit::Fine })
}

/// The bytes of a member of a known kind.
fn subject(member: &Member<'_>) -> anyhow::Result<Option<Subject>> {
    match (kinds::of_member(&member.op, &member.name), member.bytes()) {
        (Some(kind), Some(bytes)) => Subject::new(kind.name, bytes).map(Some),
        _ => Ok(None),
    }
}
