//! `dxspec mutants`: whether the cases notice a reference that was made wrong on purpose.

use std::path::PathBuf;

use clap::Args;
use dxos_conformance::kill_table::{ExcuseKind, Excuses, Figures, KillTable};
use dxos_conformance::mutation::{self, Fate, Laboratory as _, MutationError};
use dxos_conformance::report::progress::Progress;
use dxos_conformance::selection::Selection;
use dxos_conformance::testee::{Carrier, Limits};
use dxos_spec::Book;
use serde_json::{Value, json};

use crate::laboratory::ReferenceLaboratory;
use crate::{Exit, corpus, kills, output, run};

#[derive(Debug, Args)]
#[command(after_help = "\
Each check of the reference is switched off and inverted, and each registered mistake switched on, one at a time; the cases that reach the place are then put to it. Nothing is compiled anew.

  killed       a case notices
  silent       cases reach the place, and none notices: a hole, unless equivalents.toml gives a reason
  unreached    no case reaches the place: likewise
  equivalent, unobservable   silent or unreached, with the reason

Controls: the unchanged reference must pass every case, a mutant that changes nothing must survive, a reference without any check must be noticed.

Examples:
  dxspec mutants                      all of them, in short
  dxspec mutants --req HALO-CRED-002  those of one requirement, one a line
  dxspec mutants --ci                 fail on a hole, and where the committed table is out of date
  dxspec mutants --write              write the committed table anew

The figure is the sensitivity to these mutants, no probability of finding a bug. Exit codes: 0 no hole, 4 a hole or a failed control.")]
pub(crate) struct MutantsArgs {
    /// Only the mutants of this requirement; may be repeated.
    #[arg(long, value_name = "REQ")]
    req: Vec<String>,

    /// Only mutants whose id begins with this or, with * ? [ ], fits it; ! takes away.  May be repeated.
    #[arg(short = 'k', value_name = "GLOB", allow_hyphen_values = true)]
    select: Vec<String>,

    /// Also compare with the committed table.
    #[arg(long, conflicts_with_all = ["req", "select", "write"])]
    ci: bool,

    /// Write the table of all mutants.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "conformance/mutants/kills.txt", conflicts_with_all = ["req", "select"])]
    write: Option<PathBuf>,

    /// One line for each mutant.
    #[arg(short, long)]
    verbose: bool,

    /// Print one JSON document.
    #[arg(long)]
    json: bool,

    /// Number of threads; by default one for each core, four at most.
    #[arg(long, value_name = "N", value_parser = crate::args::jobs)]
    jobs: Option<usize>,
}

/// Tries the mutants.
pub(crate) fn mutants(args: &MutantsArgs, dir: Option<&std::path::Path>) -> anyhow::Result<Exit> {
    let book = Book::embedded();
    let selection = Selection::new(args.select.iter().cloned());
    let all = args.req.is_empty() && args.select.is_empty();
    if let Some(unknown) = args.req.iter().find(|req| book.requirement(req).is_none()) {
        anyhow::bail!("there is no requirement {unknown}; `dxspec trace` lists all");
    }
    let laboratory = ReferenceLaboratory::new(|id, req| {
        selection.contains(id) && (args.req.is_empty() || args.req.iter().any(|wanted| wanted == req))
    });
    let files = corpus::vectors(dir)?;
    let limits = Limits { interrupt: run::interrupt()?, ..Limits::default() };
    let jobs = args.jobs.unwrap_or_else(|| Carrier::Direct("reference".to_owned()).jobs());
    let progress = Progress::counting("mutants", output::watched());
    let count = laboratory.mutants().len();
    let (_, plan) = corpus::everything(&files);
    let fates = mutation::table(&laboratory, &plan, &limits, jobs, &mut |done| progress.set(done, count));
    progress.clear();
    let fates = match fates {
        Ok(fates) => fates,
        Err(MutationError::Interrupted) => return Ok(Exit::Decided(130)),
        Err(error @ MutationError::NoMutants) if !all => {
            eprintln!("dxspec: {error}: nothing fits what was asked for");
            return Ok(Exit::Nothing);
        }
        Err(error) => {
            eprintln!("dxspec: {error}");
            return Ok(Exit::Inconsistent);
        }
    };
    let table = KillTable::new(laboratory.mutants(), &fates);
    let excuses = kills::excuses()?;
    if let Some(path) = &args.write {
        output::write(path, &table.to_string())?;
    }
    let mut holes = if all { table.holes(excuses, book) } else { Vec::new() };
    if args.ci {
        let changed = table.differences(kills::table()?);
        holes.extend(
            changed.into_iter().map(|change| format!("{change}; `dxspec mutants --write` updates it")),
        );
    }
    let figures = table.figures(excuses);
    if args.json {
        output::print(&format!("{:#}\n", document(&table, excuses, &figures, &holes)))?;
    } else {
        output::print(&text(&table, excuses, &figures, args.verbose || !all))?;
        holes.iter().for_each(|hole| eprintln!("hole: {hole}"));
    }
    Ok(if holes.is_empty() { Exit::Fine } else { Exit::Inconsistent })
}

fn text(table: &KillTable, excuses: &Excuses, figures: &Figures, each: bool) -> String {
    let mut text = String::new();
    for (id, fate) in table.rows() {
        match (fate, excuses.of(id)) {
            (Fate::Killed { .. }, _) if each => text.push_str(&format!("{id}\n    {fate}\n")),
            (Fate::Killed { .. }, _) => {}
            (_, Some(excuse)) => {
                text.push_str(&format!("{id}\n    {fate}, {}: {}\n", word(excuse.kind), excuse.why));
            }
            (_, None) => text.push_str(&format!("{id}\n    {fate}\n")),
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&format!("{}\n", kills::sentence(figures)));
    text
}

fn document(table: &KillTable, excuses: &Excuses, figures: &Figures, holes: &[String]) -> Value {
    let mutants: Vec<Value> = table.rows().iter().map(|(id, fate)| describe(id, fate, excuses)).collect();
    json!({ "figures": figures, "mutants": mutants, "holes": holes })
}

/// The word for a kind of reason.
const fn word(kind: ExcuseKind) -> &'static str {
    match kind {
        ExcuseKind::Equivalent => "equivalent",
        ExcuseKind::Unobservable => "unobservable",
    }
}

/// A mutant for programs.
fn describe(id: &str, fate: &Fate, excuses: &Excuses) -> Value {
    match (fate, excuses.of(id)) {
        (Fate::Killed { case, verdict, cites, scored }, _) => json!({
            "mutant": id, "fate": "killed", "case": case, "verdict": verdict, "cites": cites, "scored": scored,
        }),
        (fate, excuse) => json!({
            "mutant": id, "fate": fate.to_string(), "excuse": excuse,
        }),
    }
}
