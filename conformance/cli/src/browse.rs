//! `dxspec list`, `show` and `explain`: reading the cases and the book.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::bail;
use dxos_conformance::event::Scope;
use dxos_conformance::matching::describe;
use dxos_conformance::plan::{Role, describe_derive};
use dxos_conformance::scene::Scene;
use dxos_conformance::selection::Selection;
use dxos_spec::Book;
use dxos_vectors::format::Actor;
use serde_json::json;

use crate::args::{ExplainArgs, ListArgs, ShowArgs};
use crate::{Exit, corpus, drawing, output, trace};

/// Lists cases.
pub(crate) fn list(args: &ListArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let files = corpus::vectors(dir)?;
    let chosen = corpus::choose(&files, &args.which, "halo-core")?;
    if chosen.plan.reported().next().is_none() {
        eprintln!("dxspec: nothing to list: {}", corpus::why_nothing(&files, &chosen));
        return Ok(Exit::Nothing);
    }
    if args.json {
        let cases: Vec<_> = chosen
            .plan
            .reported()
            .map(|item| {
                json!({
                    "id": item.case.id,
                    "op": item.op,
                    "level": item.case.level,
                    "req": item.case.req,
                    "features": item.case.features,
                    "in_profile": item.role == Role::Reported(Scope::Profile),
                    "provisional": !item.case.scored(),
                })
            })
            .collect();
        output::print(&format!("{:#}\n", json!(cases)))?;
        return Ok(Exit::Fine);
    }
    let mut text = String::new();
    for item in chosen.plan.reported() {
        let mut notes = item.case.req.join(" ");
        if item.role == Role::Reported(Scope::Outside) {
            notes.push_str("  outside");
        }
        if !item.case.scored() {
            notes.push_str("  provisional");
        }
        let _ = writeln!(text, "{}  {notes}", item.case.id);
    }
    output::print(&text)?;
    Ok(Exit::Fine)
}

/// Shows one case.
pub(crate) fn show(args: &ShowArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let files = corpus::vectors(dir)?;
    let (file, case) = corpus::case(&files, &args.id)?;
    if args.svg {
        output::print(&drawing::svg(file, case)?)?;
        return Ok(Exit::Fine);
    }
    if args.json {
        let mut value = serde_json::to_value(case)?;
        if let Some(members) = value.as_object_mut() {
            members.insert("op".to_owned(), file.op.clone().into());
        }
        output::print(&format!("{value:#}\n"))?;
        return Ok(Exit::Fine);
    }
    let book = Book::embedded();
    let mut text = format!("{}\n", case.id);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<9} {value}");
        }
    };
    line("about", case.about.as_deref().unwrap_or(&file.about));
    for req in &case.req {
        match book.requirement(req) {
            Some(requirement) => {
                line("requires", &format!("{req} {}: {}", requirement.level, requirement.text))
            }
            None => line("requires", req),
        }
    }
    for flag in &case.flags {
        let about = file.flags.get(flag).map_or("", |flag| flag.about.as_str());
        line("flag", &format!("{flag}: {about}"));
    }
    line("features", &case.features.join(", "));
    let steps = case.as_steps(&file.op);
    for (number, step) in steps.iter().enumerate() {
        if steps.len() > 1 {
            let by = if step.by == Actor::Judge { ", by the judge" } else { "" };
            line("step", &format!("{number}{by}"));
        }
        line("op", &step.op);
        for (name, value) in &step.input {
            match value.as_array().filter(|_| Scene::shows(step) && name == "entries") {
                Some(list) => {
                    line("in", &format!("{name}: {} in all (--json prints them)", list.len()));
                }
                None => line("in", &format!("{name}: {value}")),
            }
        }
        line("want", &describe(&step.want));
    }
    if let Some(derive) = &case.derive {
        line("sibling", &derive.from);
        line("differs", &describe_derive(derive));
    }
    line("underived", case.underived.as_deref().unwrap_or_default());
    line("origin", &case.origin);
    line("witness", &case.witness.join(", "));
    for dissent in &case.dissent {
        line("dissent", &format!("{}: {}", dissent.witness, dissent.got));
    }
    if !case.scored() {
        line("note", "provisional: no implementation but our own confirms it, so it is not scored");
    }
    text.push_str(&drawing::text(file, case));
    output::print(&text)?;
    Ok(Exit::Fine)
}

/// Shows one requirement.
pub(crate) fn explain(args: &ExplainArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let book = Book::embedded();
    let Some(requirement) = book.requirement(&args.req) else {
        let ids = book.requirements().iter().map(|requirement| requirement.id.as_str());
        let near = Selection::new([args.req.to_lowercase(), args.req.clone()]).nearest(ids, 5);
        match near.as_slice() {
            [] => bail!("the book has no requirement {}", args.req),
            near => bail!("the book has no requirement {}; near to it are {}", args.req, near.join(", ")),
        }
    };
    let row = trace::explained(&args.req, dir)?;
    let cases: Vec<&str> = row.cases.iter().map(|case| case.id.as_str()).collect();
    if args.json {
        let value = json!({
            "id": requirement.id,
            "level": requirement.level.to_string(),
            "text": requirement.text,
            "deployed": requirement.deployed,
            "excluded": requirement.excluded,
            "chapter": requirement.chapter,
            "line": requirement.line,
            "cases": cases,
            "profiles": row.profiles,
            "places": row.sites,
            "mutants": row.mutants,
        });
        output::print(&format!("{value:#}\n"))?;
        return Ok(Exit::Fine);
    }
    let mut text = format!(
        "{} {}  ({}:{})\n  {}\n",
        requirement.id, requirement.level, requirement.chapter, requirement.line, requirement.text
    );
    if let Some(deployed) = &requirement.deployed {
        let _ = writeln!(text, "  Deployed: {deployed}");
    }
    match (&requirement.excluded, cases.as_slice()) {
        (Some(excluded), _) => {
            let _ = writeln!(text, "  Excluded: {excluded}");
        }
        (None, []) => text.push_str("  No case tests it.\n"),
        (None, _) => {}
    }
    if !row.profiles.is_empty() {
        let _ = writeln!(text, "  In the profiles {}", row.profiles.join(", "));
    }
    for case in cases {
        let _ = writeln!(text, "  case {case}");
    }
    for site in &row.sites {
        let _ = writeln!(text, "  place reference/{}: {}", site.place, site.about);
    }
    for mutant in &row.mutants {
        let _ = writeln!(text, "  mutant {}\n    {}", mutant.id, mutant.fate);
        if let Some(why) = &mutant.why {
            let _ = writeln!(text, "    {why}");
        }
    }
    output::print(&text)?;
    Ok(Exit::Fine)
}
