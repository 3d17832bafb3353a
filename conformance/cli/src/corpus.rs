//! The vectors to use, and the profile.

use std::path::Path;

use anyhow::{Context, bail};
use dxos_conformance::event::RunEvent;
use dxos_conformance::plan::{Choice, Plan};
use dxos_conformance::selection::Selection;
use dxos_conformance::testee::Carrier;
use dxos_spec::Profile;
use dxos_vectors::{Case, Level, VectorFile};

use crate::args::{LevelArg, Which};

/// All vectors: those in a folder (or in its folder `data`), or those that are built in.
pub(crate) fn vectors(dir: Option<&Path>) -> anyhow::Result<Vec<VectorFile>> {
    match dir {
        None => dxos_vectors::embedded().context("the vectors that are built in cannot be read"),
        Some(dir) => {
            let data = dir.join("data");
            let files = dxos_vectors::load(if data.is_dir() { &data } else { dir })
                .with_context(|| format!("cannot read the vectors in {}", dir.display()))?;
            Ok(files.into_iter().map(|(_, file)| file).collect())
        }
    }
}

/// The profile with a name.
pub(crate) fn profile(name: &str) -> anyhow::Result<Profile> {
    if let Some(profile) = dxos_spec::profile(name) {
        return Ok(profile);
    }
    let known: Vec<String> = dxos_spec::profiles()
        .context("the profiles that are built in cannot be read")?
        .into_iter()
        .map(|profile| profile.name)
        .collect();
    bail!("there is no profile \"{name}\"; there are {}", known.join(", "))
}

/// What was chosen on the command line.
pub(crate) struct Chosen {
    pub(crate) profile: Profile,
    pub(crate) selection: Selection,
    pub(crate) weakest: Level,
    pub(crate) plan: Plan,
}

/// Makes the plan; `default` is the profile where none is named.
pub(crate) fn choose(files: &[VectorFile], which: &Which, default: &str) -> anyhow::Result<Chosen> {
    let profile = profile(which.profile.as_deref().unwrap_or(default))?;
    let selection = Selection::new(which.select.iter().cloned());
    let weakest = match which.level {
        LevelArg::Must => Level::Must,
        LevelArg::Should => Level::Should,
        LevelArg::All => Level::May,
    };
    let choice =
        Choice { profile: &profile, selection: selection.clone(), weakest, only_profile: which.only_profile };
    let plan = Plan::new(files, &choice);
    Ok(Chosen { profile, selection, weakest, plan })
}

/// Why a choice has no case in it.
pub(crate) fn why_nothing(files: &[VectorFile], chosen: &Chosen) -> String {
    let all: Vec<&Case> = files.iter().flat_map(|file| &file.cases).collect();
    if all.is_empty() {
        return "there are no vectors".to_owned();
    }
    let profile = &chosen.profile.name;
    if chosen.selection.is_all() {
        return format!("no case tests only requirements of {profile} at this level");
    }
    let patterns = chosen.selection.patterns().join(" ");
    let beyond = all.iter().filter(|case| chosen.selection.contains(&case.id)).count();
    if beyond > 0 {
        return format!(
            "-k {patterns} fits {beyond} cases, all outside of {profile} or of a weaker level; choose another --profile or --level, or `dxspec replay` one of them"
        );
    }
    let near = chosen.selection.nearest(all.iter().map(|case| case.id.as_str()), 5);
    match near.as_slice() {
        [] => format!("-k {patterns} fits none of the {} cases; `dxspec list` shows their ids", all.len()),
        near => format!("-k {patterns} fits no case; near to it are\n  {}", near.join("\n  ")),
    }
}

/// The case with an id, and its file.
pub(crate) fn case<'a>(files: &'a [VectorFile], id: &str) -> anyhow::Result<(&'a VectorFile, &'a Case)> {
    let found = files.iter().find_map(|file| Some((file, file.cases.iter().find(|case| case.id == id)?)));
    if let Some(found) = found {
        return Ok(found);
    }
    let ids = files.iter().flat_map(|file| &file.cases).map(|case| case.id.as_str());
    match Selection::new([id.to_owned()]).nearest(ids, 5).as_slice() {
        [] => bail!("there is no case {id}; `dxspec list` shows all ids"),
        near => bail!("there is no case {id}; near to it are\n  {}", near.join("\n  ")),
    }
}

/// Every case there is, whatever its profile: in one that has all requirements.
pub(crate) fn everything(files: &[VectorFile]) -> (Profile, Plan) {
    let cited = files.iter().flat_map(|file| &file.cases).flat_map(|case| case.req.iter().cloned());
    let profile = Profile {
        name: "everything".to_owned(),
        about: String::new(),
        features_any: Vec::new(),
        requirements: cited.collect(),
    };
    let choice =
        Choice { profile: &profile, selection: Selection::new([]), weakest: Level::May, only_profile: false };
    let plan = Plan::new(files, &choice);
    (profile, plan)
}

/// What stands at the beginning of a record: all of a plan, for as much as the testee claims of it.
pub(crate) fn asked(carrier: &Carrier, profile: &Profile, plan: &Plan) -> RunEvent {
    RunEvent {
        suite: concat!("dxspec ", env!("CARGO_PKG_VERSION")).to_owned(),
        testee: carrier.to_string(),
        profile: profile.name.clone(),
        features_any: profile.features_any.clone(),
        selection: Vec::new(),
        level: Level::May,
        partial: true,
        probes: true,
        cases: plan.reported().count(),
        deciding: plan.deciding(),
    }
}

/// The testees that are put against each other: at most two.
pub(crate) fn against(names: &[String]) -> anyhow::Result<Vec<Carrier>> {
    if names.len() > 2 {
        bail!("--against is given {} times; two at most are put against each other", names.len());
    }
    Ok(names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?)
}
