//! From a requirement to everything that stands for it, and back: its cases, the places in the reference that
//! carry it out, the mutants of those places and what kills them.

use std::collections::{BTreeMap, BTreeSet};

use dxos_spec::{Book, Profile};
use dxos_vectors::VectorFile;
use dxos_vectors::lock::Lock;
use serde::Serialize;

use crate::kill_table::{Excuses, KillTable};
use crate::mutation::Fate;

/// A place in the sources of the reference that names a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// The requirement.
    pub req: String,
    /// `file:line`, from the reference's folder.
    pub place: String,
    /// What is checked there, or what can be done wrong there.
    pub about: String,
    /// Ids of its mutants.
    pub mutants: Vec<String>,
}

/// All that is traced.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The book.
    pub book: &'a Book,
    /// The profiles.
    pub profiles: &'a [Profile],
    /// The vectors.
    pub files: &'a [VectorFile],
    /// The ids that vectors ever had.
    pub lock: &'a Lock,
    /// The places in the reference.
    pub sites: &'a [Site],
    /// The operations that the reference serves.
    pub ops: &'a [&'a str],
    /// What became of the mutants.
    pub kills: &'a KillTable,
    /// Why some of them live.
    pub excuses: &'a Excuses,
}

/// A case of a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseRef {
    /// Its id.
    pub id: String,
    /// Its vector file, from the folder of the vectors.
    pub vector: String,
    /// Whether it wants a rejection.
    pub rejects: bool,
    /// Whether it counts, or is provisional.
    pub scored: bool,
}

/// A mutant of a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MutantRef {
    /// Its id.
    pub id: String,
    /// What became of it, as in the table.
    pub fate: String,
    /// Why it lives, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Everything that stands for one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The requirement.
    pub req: String,
    /// Its level.
    pub level: String,
    /// `chapter:line`, from the book's folder.
    pub place: String,
    /// Why no case tests it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
    /// The profiles that have it.
    pub profiles: Vec<String>,
    /// Its cases.
    pub cases: Vec<CaseRef>,
    /// Where the reference carries it out.
    pub sites: Vec<Site>,
    /// Its mutants.
    pub mutants: Vec<MutantRef>,
}

impl Row {
    /// How many of its mutants a case kills that cites it, and how many there are.
    pub fn killed(&self) -> (usize, usize) {
        let own =
            |mutant: &&MutantRef| mutant.fate.starts_with("killed") && !mutant.fate.contains("  elsewhere");
        (self.mutants.iter().filter(own).count(), self.mutants.len())
    }
}

/// The requirement's row.
pub fn row(req: &str, sources: &Sources<'_>) -> Option<Row> {
    let requirement = sources.book.requirement(req)?;
    let cases = sources.files.iter().flat_map(|file| {
        let cites = file.cases.iter().filter(|case| case.req.iter().any(|cited| cited == req));
        cites.map(|case| CaseRef {
            id: case.id.clone(),
            vector: format!("data/{}.json", file.group),
            rejects: case.rejects(),
            scored: case.scored(),
        })
    });
    let mutants = sources.kills.of(req).map(|(id, fate)| MutantRef {
        id: id.to_owned(),
        fate: fate.to_string(),
        why: sources.excuses.of(id).map(|excuse| excuse.why.clone()),
    });
    let profiles = sources.profiles.iter().filter(|profile| profile.requirements.contains(req));
    Some(Row {
        req: req.to_owned(),
        level: requirement.level.to_string(),
        place: format!("{}:{}", requirement.chapter, requirement.line),
        excluded: requirement.excluded.clone(),
        profiles: profiles.map(|profile| profile.name.clone()).collect(),
        cases: cases.collect(),
        sites: sources.sites.iter().filter(|site| site.req == req).cloned().collect(),
        mutants: mutants.collect(),
    })
}

/// Every requirement's row, in the order of the book.
pub fn rows(sources: &Sources<'_>) -> Vec<Row> {
    sources.book.requirements().iter().filter_map(|requirement| row(&requirement.id, sources)).collect()
}

/// Where the chain from a requirement to a killed mutant, or back, is broken; each names what is at fault and
/// what to do.
pub fn holes(sources: &Sources<'_>) -> Vec<String> {
    let mut holes = Vec::new();
    without_cases(sources, &mut holes);
    unknown_requirements(sources, &mut holes);
    unused_vectors(sources, &mut holes);
    stale_mutants(sources, &mut holes);
    holes.extend(sources.kills.holes(sources.excuses, sources.book));
    holes
}

fn without_cases(sources: &Sources<'_>, holes: &mut Vec<String>) {
    let cited: BTreeSet<&str> =
        cases(sources).flat_map(|(_, case)| case.req.iter().map(String::as_str)).collect();
    for requirement in sources.book.requirements() {
        let tested = cited.contains(requirement.id.as_str());
        match (tested, &requirement.excluded) {
            (false, None) => holes.push(format!(
                "{} ({}:{}): no case; add one, or an `Excluded:` remark that says why there is none",
                requirement.id, requirement.chapter, requirement.line
            )),
            (true, Some(_)) => holes.push(format!(
                "{} ({}:{}): excluded, and yet there are cases; remove the remark",
                requirement.id, requirement.chapter, requirement.line
            )),
            _ => {}
        }
        let has = |profile: &Profile| profile.requirements.contains(&requirement.id);
        if !sources.profiles.iter().any(has) {
            holes.push(format!(
                "{} ({}:{}): in no profile, so that it never decides; add it to one",
                requirement.id, requirement.chapter, requirement.line
            ));
        }
    }
}

fn unknown_requirements(sources: &Sources<'_>, holes: &mut Vec<String>) {
    let unknown = |req: &str| sources.book.requirement(req).is_none();
    for (file, case) in cases(sources) {
        for req in case.req.iter().filter(|req| unknown(req)) {
            holes.push(format!(
                "{} (data/{}.json): cites {req}, which the book does not have; correct the id, or restore the requirement",
                case.id, file.group
            ));
        }
    }
    for site in sources.sites.iter().filter(|site| unknown(&site.req)) {
        holes.push(format!(
            "{}: names {}, which the book does not have; correct the id, or restore the requirement",
            site.place, site.req
        ));
    }
    for profile in sources.profiles {
        for req in profile.requirements.iter().filter(|req| unknown(req)) {
            holes.push(format!("profile {}: names {req}, which the book does not have", profile.name));
        }
    }
}

fn unused_vectors(sources: &Sources<'_>, holes: &mut Vec<String>) {
    let present: BTreeSet<&str> = cases(sources).map(|(_, case)| case.id.as_str()).collect();
    for file in sources.files {
        if file.cases.is_empty() {
            holes.push(format!("data/{}.json: holds no case; remove it", file.group));
        }
        if !sources.ops.contains(&file.op.as_str()) {
            holes.push(format!(
                "data/{}.json: asks {}, which the reference does not serve, so that nobody checks its answers",
                file.group, file.op
            ));
        }
    }
    for entry in
        sources.lock.entries.iter().filter(|entry| !entry.retired && !present.contains(entry.id.as_str()))
    {
        holes.push(format!(
            "{}: in ids.lock, and there is no such case any more; restore it, or retire its id",
            entry.id
        ));
    }
}

/// A table that is older than the code.
fn stale_mutants(sources: &Sources<'_>, holes: &mut Vec<String>) {
    let there: BTreeMap<&str, &Site> = sources
        .sites
        .iter()
        .flat_map(|site| site.mutants.iter().map(move |mutant| (mutant.as_str(), site)))
        .collect();
    let tabled = sources.kills.rows();
    for id in tabled.keys().filter(|id| !there.contains_key(id.as_str())) {
        holes.push(format!(
            "{id}: in the table of mutants, and the reference has no such place any more; restore its check, or `dxspec mutants --write`"
        ));
    }
    for (id, site) in there.iter().filter(|(id, _)| !tabled.contains_key(**id)) {
        holes.push(format!(
            "{id} ({}): not in the table of mutants; `dxspec mutants --write` adds it",
            site.place
        ));
    }
    let present: BTreeSet<&str> = cases(sources).map(|(_, case)| case.id.as_str()).collect();
    for (id, fate) in tabled {
        if let Fate::Killed { case, .. } = fate
            && !present.contains(case.as_str())
        {
            holes.push(format!(
                "{id}: killed by {case}, which is no case any more; restore it, or `dxspec mutants --write`"
            ));
        }
    }
}

fn cases<'a>(
    sources: &Sources<'a>,
) -> impl Iterator<Item = (&'a VectorFile, &'a dxos_vectors::Case)> + use<'a> {
    sources.files.iter().flat_map(|file| file.cases.iter().map(move |case| (file, case)))
}
