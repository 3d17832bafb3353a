//! A find as a vector that somebody may want to keep: a patch of the nearest case that is accepted.

use std::collections::BTreeMap;

use dxos_spec::Book;
use dxos_vectors::format::{FORMAT, OWN_WITNESS};
use dxos_vectors::{Case, Class, Derive, Dissent, Edit, Level, Source, VectorFile, Want, patch, schema};
use serde_json::{Map, Value};

use super::campaign::Find;
use super::vote::Outcome;
use crate::hello::Hello;

/// A patch that says more than this many bytes of JSON for each byte of the input shows nobody what was changed.
const SHARE: usize = 2;

/// Where a candidate comes from.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// The program, for `source.generator`.
    pub program: &'a str,
    /// The seed of the campaign.
    pub seed: u64,
    /// What the voters claim, the reference first.
    pub hellos: &'a [Hello],
}

/// The candidate; `None` where the reference itself has no answer that a case could want.
pub fn candidate(find: &Find, files: &[VectorFile], origin: &Origin<'_>) -> Option<VectorFile> {
    let reference = find.outcomes.first()?.as_ref()?;
    let want = match reference {
        Outcome::Ok(members) => Want::Ok(members.clone()),
        Outcome::Reject(class) => Want::Reject(class.parse::<Class>().ok()?),
        _ => return None,
    };
    let input = &find.trial.made.input;
    let near = nearest(find, files);
    let (file, sibling, edits) = match near {
        Some((file, sibling, edits)) => (Some(file), Some(sibling), edits),
        None => (files.iter().find(|file| file.op == find.trial.op), None, Vec::new()),
    };
    let op_path = find.trial.op.replace(['.', '_'], "/");
    let group = file.map_or_else(|| format!("{op_path}/found"), |file| file.group.clone());
    let mut cases: Vec<Case> = sibling.into_iter().cloned().collect();
    let id = format!("{group}/{}", slug(find, origin.seed));
    let rejects = matches!(want, Want::Reject(_));
    let derive = sibling.map(|sibling| Derive { from: sibling.id.clone(), patch: edits });
    let underived = (rejects && derive.is_none()).then(|| {
        "made by the fuzzer; no accepted case is near enough for a patch that shows the fault".to_owned()
    });
    let req = requirements(find, sibling, file);
    let (witness, dissent) = testimony(find, reference, origin.hellos);
    let features = match sibling {
        // A derived case needs what its sibling needs.
        Some(sibling) => sibling.features.clone(),
        None => find.trial.made.features.clone(),
    };
    cases.push(Case {
        id,
        level: level(&req),
        req,
        about: Some(format!("Found by the fuzzer: {}.", find.signature)),
        features,
        flags: Vec::new(),
        derive,
        underived,
        input: Some(input.clone()),
        want: Some(want),
        steps: Vec::new(),
        origin: "fuzz".to_owned(),
        witness,
        dissent,
    });
    Some(VectorFile {
        schema: schema::path_from(&group),
        format: FORMAT,
        group,
        op: find.trial.op.clone(),
        about: "A candidate: one case made by the fuzzer, after the accepted case that it derives from."
            .to_owned(),
        source: Source {
            generator: origin.program.to_owned(),
            seed: format!("{}/{}", origin.seed, find.trial.number),
        },
        flags: BTreeMap::new(),
        cases,
    })
}

/// A name for the find: what the reference says, then where it comes from.
pub fn slug(find: &Find, seed: u64) -> String {
    let said = match &find.signature.requirement {
        Some(requirement) => requirement.to_ascii_lowercase(),
        None => find.outcomes.first().and_then(Option::as_ref).map_or_else(String::new, Outcome::in_short),
    };
    let said: String = said.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("fuzz-{said}-{seed}-{}", find.trial.number)
}

/// The accepted case of the operation from which the shortest patch leads to the input, if one is short enough.
fn nearest<'a>(find: &Find, files: &'a [VectorFile]) -> Option<(&'a VectorFile, &'a Case, Vec<Edit>)> {
    let input = &find.trial.made.input;
    let distance = |edits: &[Edit]| serde_json::to_string(edits).map_or(usize::MAX, |text| text.len());
    let accepted = files.iter().filter(|file| file.op == find.trial.op).flat_map(|file| {
        let plain = |case: &&Case| matches!(case.want, Some(Want::Ok(_)));
        file.cases.iter().filter(plain).map(move |case| (file, case))
    });
    accepted
        .filter_map(|(file, case)| {
            let edits = patch::between(case.input.as_ref()?, input);
            let distance = distance(&edits);
            (!edits.is_empty()).then_some((distance, file, case, edits))
        })
        .min_by_key(|(distance, ..)| *distance)
        .filter(|(distance, ..)| *distance <= SHARE * length(input).max(64))
        .map(|(_, file, case, edits)| (file, case, edits))
}

/// The length of what an input holds, in bytes of what is bytes.
fn length(input: &Map<String, Value>) -> usize {
    Value::Object(input.clone()).to_string().len() / 2
}

/// That which the reference names, or those of the case next to it.
fn requirements(find: &Find, sibling: Option<&Case>, file: Option<&VectorFile>) -> Vec<String> {
    let named = find.signature.requirement.iter().chain(&find.explained).cloned();
    let mut req: Vec<String> = named.collect();
    req.dedup();
    if req.is_empty() {
        let near = sibling.or_else(|| file.and_then(|file| file.cases.first()));
        req = near.map(|case| case.req.clone()).unwrap_or_default();
    }
    req
}

fn level(req: &[String]) -> Level {
    let levels =
        req.iter().filter_map(|id| Book::embedded().requirement(id)).map(|requirement| requirement.level);
    match levels.min() {
        Some(dxos_spec::Level::Should) => Level::Should,
        Some(dxos_spec::Level::May) => Level::May,
        Some(dxos_spec::Level::Must) | None => Level::Must,
    }
}

/// Who says what the reference says, and who says something else.
fn testimony(find: &Find, reference: &Outcome, hellos: &[Hello]) -> (Vec<String>, Vec<Dissent>) {
    let (mut witness, mut dissent) = (vec![OWN_WITNESS.to_owned()], Vec::new());
    for (outcome, hello) in find.outcomes.iter().zip(hellos).skip(1) {
        let Some(outcome) = outcome else { continue };
        let name = format!("{} {}", hello.implementation.name, hello.implementation.version);
        let coarse = |want: &str, got: &str| hello.cannot_tell_apart(want, got);
        let same = match (reference, outcome) {
            (Outcome::Reject(want), Outcome::Reject(got)) => want == got || coarse(want, got),
            (Outcome::Ok(want), Outcome::Ok(got)) => {
                want.iter().all(|(name, value)| got.get(name) == Some(value))
            }
            _ => false,
        };
        if same {
            witness.push(name);
        } else {
            dissent.push(Dissent { witness: name, got: outcome.in_short() });
        }
    }
    (witness, dissent)
}
