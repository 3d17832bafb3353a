//! `dxspec trace`: from a requirement to its cases, its places in the reference and their mutants, and back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::Context;
use clap::Args;
use dxos_conformance::attempt::attempt;
use dxos_conformance::in_process::InProcess;
use dxos_conformance::testee::Limits;
use dxos_conformance::trace::{self, Row, Site, Sources};
use dxos_conformance::verdict::Verdict;
use dxos_reference::mutant::{Mutant, SITES};
use dxos_reference::operations::OPERATIONS;
use dxos_spec::{Book, Profile, profiles};
use dxos_vectors::VectorFile;
use dxos_vectors::lock::Lock;
use serde_json::json;

use crate::reference::Reference;
use crate::{Exit, corpus, kills, output, testees, traceability};

#[derive(Debug, Args)]
#[command(after_help = "\
What is a hole, and fails --ci with exit code 4:
  a requirement without a case that says not why, or with both; one that is in no profile
  a case, a check of the reference or a profile that names a requirement which the book does not have
  a vector file without cases, or for an operation that the reference does not serve; an id of ids.lock without its case
  a MUST without a mutant, or none of whose mutants is killed by a case that cites it
  a mutant that nothing notices, without a reason; a table of mutants that is not that of the code
  a case that the reference does not pass; a chapter of the book that is not as it is generated

Examples:
  dxspec trace                 a line for each requirement
  dxspec trace --ci            only the holes
  dxspec trace --write spec    write the chapter \"Traceability\" and the links to it
  dxspec explain HALO-CRED-002 one requirement in full")]
pub(crate) struct TraceArgs {
    /// Print the holes only; exit with 4 if there is one.
    #[arg(long, conflicts_with = "write")]
    ci: bool,

    /// Write the generated chapter of the book, and each chapter's links to it, into this folder.
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,

    /// The folder of the book, whose generated parts --ci compares; left out if it is not there.
    #[arg(long, value_name = "DIR", default_value = "spec")]
    book: PathBuf,

    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What is traced, together.
pub(crate) struct Traced {
    files: Vec<VectorFile>,
    profiles: Vec<Profile>,
    lock: Lock,
    sites: Vec<Site>,
}

impl Traced {
    pub(crate) fn new(dir: Option<&Path>) -> anyhow::Result<Self> {
        let lock = match dir.map(|dir| dir.join(dxos_vectors::lock::PATH)) {
            None => Lock::parse(dxos_vectors::embedded_lock())?,
            Some(path) if path.is_file() => Lock::parse(
                &std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?,
            )?,
            // A few cases of somebody's own need no lock.
            Some(_) => Lock::default(),
        };
        Ok(Self { files: corpus::vectors(dir)?, profiles: profiles()?, lock, sites: SITES_BY_PLACE.clone() })
    }

    pub(crate) fn sources(&self) -> anyhow::Result<Sources<'_>> {
        Ok(Sources {
            book: Book::embedded(),
            profiles: &self.profiles,
            files: &self.files,
            lock: &self.lock,
            sites: &self.sites,
            ops: OPERATIONS,
            kills: kills::table()?,
            excuses: kills::excuses()?,
        })
    }
}

/// The places of the reference with their mutants.
static SITES_BY_PLACE: LazyLock<Vec<Site>> = LazyLock::new(|| {
    let mut mutants: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for mutant in Mutant::all() {
        mutants.entry((mutant.requirement, mutant.about)).or_default().push(mutant.to_string());
    }
    let site = |site: &dxos_reference::mutant::Site| Site {
        req: site.requirement.to_owned(),
        place: format!("{}:{}", site.file, site.line),
        about: site.about.to_owned(),
        mutants: mutants.get(&(site.requirement, site.about)).cloned().unwrap_or_default(),
    };
    SITES.iter().map(site).collect()
});

/// Traces.
pub(crate) fn trace(args: &TraceArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let traced = Traced::new(dir)?;
    let sources = traced.sources()?;
    let rows = trace::rows(&sources);
    if let Some(folder) = &args.write {
        let written = traceability::write(folder, &rows)?;
        output::print(&format!("{written} files written in {}\n", folder.display()))?;
        return Ok(Exit::Fine);
    }
    let mut holes = trace::holes(&sources);
    holes.extend(not_passed(&traced.files));
    if args.ci && dir.is_none() && args.book.join("src").is_dir() {
        holes.extend(traceability::differences(&args.book, &rows)?);
    }
    if args.json {
        output::print(&format!("{:#}\n", json!({ "requirements": rows, "holes": holes })))?;
    } else {
        if !args.ci {
            output::print(&table(&rows))?;
        }
        holes.iter().for_each(|hole| eprintln!("hole: {hole}"));
        output::print(&sentence(&rows, holes.len()))?;
    }
    Ok(if holes.is_empty() { Exit::Fine } else { Exit::Inconsistent })
}

/// The cases that the reference does not pass: its places and its mutants would show nothing.
fn not_passed(files: &[VectorFile]) -> Vec<String> {
    let (_, plan) = corpus::everything(files);
    let limits = Limits::default();
    let mut judge = testees::judge();
    let mut testee = InProcess::start(Box::<Reference>::default());
    let mut found = Vec::new();
    for item in plan.items() {
        let Ok(attempt) = attempt(item, &mut testee, Some(judge.as_mut()), 1, &limits) else { break };
        if attempt.lost {
            testee = InProcess::start(Box::<Reference>::default());
        }
        if attempt.judgement.verdict != Verdict::Pass {
            let (verdict, why) = (attempt.judgement.verdict, attempt.judgement.why);
            found.push(format!(
                "{}: the reference itself does not pass ({verdict}: {why}); `dxspec replay {}`",
                item.case.id, item.case.id
            ));
        }
    }
    found
}

fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.req.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:<width$}  {:<6}  {:>5}  {:>7}  {:>6}  {:>7}  place\n",
        "", "level", "cases", "rejects", "places", "mutants"
    );
    for row in rows {
        let (killed, mutants) = row.killed();
        let rejects = row.cases.iter().filter(|case| case.rejects).count();
        let excluded = if row.excluded.is_some() { "  excluded" } else { "" };
        text.push_str(&format!(
            "{:<width$}  {:<6}  {:>5}  {rejects:>7}  {:>6}  {:>7}  {}{excluded}\n",
            row.req,
            row.level,
            row.cases.len(),
            row.sites.len(),
            format!("{killed}/{mutants}"),
            row.place
        ));
    }
    text.push('\n');
    text
}

fn sentence(rows: &[Row], holes: usize) -> String {
    let sum = |count: &dyn Fn(&Row) -> usize| rows.iter().map(count).sum::<usize>();
    format!(
        "{} requirements, {} citations by cases, {} places in the reference, {} mutants: {} holes\n",
        rows.len(),
        sum(&|row| row.cases.len()),
        sum(&|row| row.sites.len()),
        sum(&|row| row.mutants.len()),
        holes
    )
}

/// What stands in the code and in the table for a requirement, as lines of `dxspec explain`.
pub(crate) fn explained(req: &str, dir: Option<&Path>) -> anyhow::Result<Row> {
    let traced = Traced::new(dir)?;
    trace::row(req, &traced.sources()?).with_context(|| format!("there is no requirement {req}"))
}
