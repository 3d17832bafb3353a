//! `dxspec shrink`: the input of a find, made smaller for as long as it shows the same.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use dxos_conformance::fuzz::campaign::{Find, shrink_trial};
use dxos_conformance::fuzz::candidate::{Origin, candidate};
use dxos_conformance::fuzz::panel::{Budget, Panel, Start};
use dxos_conformance::fuzz::shrink::{Effort, size};
use dxos_conformance::fuzz::source::Source;
use dxos_conformance::fuzz::vote::{Opinion, Signature};
use dxos_conformance::hello::Hello;
use dxos_conformance::selection::Selection;
use dxos_vectors::{VectorFile, text};

use crate::args::seconds;
use crate::fuzz::craft::Halo;
use crate::fuzz::finds::{self, Finds};
use crate::fuzz::{reference, seeds};
use crate::{Exit, corpus, output, run as running, testees};

#[derive(Debug, Args)]
#[command(after_help = "\
FILE is a candidate that `dxspec fuzz` wrote, whose last case is taken, or one request {\"id\":1,\"op\":…,\"in\":{…}} in a line. The result is written beside it, with the same name and `small` in it.

Without a testee the input is made as small as it can be while the reference answers the same: the smallest input that is refused for that requirement.

Examples:
  dxspec shrink fuzz-finds/fuzz-ok-7-8123.json --against 'node adapter.js'
  dxspec shrink request.json

Exit codes: 0 shrunk, 1 cannot be made smaller, 3 trouble with a testee, 5 there is no disagreement to begin with.")]
pub(crate) struct ShrinkArgs {
    /// The find.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// An implementation that disagrees; two at most.
    #[arg(long, value_name = "TESTEE")]
    against: Vec<String>,

    /// The most inputs to try.
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    tries: usize,

    /// Seconds to wait for one answer.
    #[arg(long, default_value_t = 10.0, value_name = "SECS", value_parser = seconds)]
    timeout: f64,
}

/// The most times that testees are started anew.
const RESPAWNS: usize = 200;

/// When to be content.
const LONG: Duration = Duration::from_secs(600);

pub(crate) fn shrink(args: &ShrinkArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let carriers = corpus::against(&args.against)?;
    let trial = finds::read(&args.file)?;
    let files = corpus::vectors(dir)?;
    let craft = Halo::new();
    let source = Source::new(&craft, 0, seeds(&files, &Selection::new([trial.op.clone()]), &craft));
    let limits = running::limits(&carriers, args.timeout)?;
    let against: Vec<Box<Start<'_>>> = carriers
        .iter()
        .map(|carrier| Box::new(|| carrier.start(&testees::REGISTRY, &limits)) as Box<Start<'_>>)
        .collect();
    let mut starts: Vec<&Start<'_>> = vec![&reference];
    starts.extend(against.iter().map(|start| &**start));
    let budget = Budget::new(RESPAWNS);
    let mut panel = Panel::new(&starts, &limits, &budget)?;
    let hellos = panel.hellos().to_vec();
    let effort = Effort { tries: args.tries, until: Some(Instant::now() + LONG) };
    let shape = source.shape(&trial.op);
    let (outcomes, opinion) = panel.ask(&trial, &craft)?;
    let agree = matches!(opinion, Opinion::Accepted | Opinion::Refused);
    let alone = args.against.is_empty();
    if (agree || opinion == Opinion::Void) && !alone {
        eprintln!("dxspec: nobody disagrees about {}; there is nothing to keep", args.file.display());
        return Ok(Exit::Nothing);
    }
    let signature = Signature::of(&trial, &outcomes, &craft);
    let shrunk = shrink_trial(&trial, &signature, shape, effort, &mut panel, &craft);
    let (small, outcomes) = shrunk.context("the answers are not the same each time")?;
    let (before, after) = (size(&trial.made.input), size(&small.made.input));
    if after >= before {
        output::print(&format!("{signature}\n{before} bytes of JSON cannot be made less\n"))?;
        return Ok(Exit::Failed);
    }
    let find = Find {
        signature: signature.clone(),
        explained: None,
        reasons: matches!(opinion, Opinion::Reasons(_)),
        count: 1,
        trial: small,
        outcomes,
        shrunk_from: Some(before),
    };
    let path = write(args, &find, &files, &hellos)?;
    output::print(&format!("{signature}\n{before} bytes of JSON became {after}: {}\n", path.display()))?;
    Ok(Exit::Fine)
}

/// Writes the candidate, or the request where the reference has no answer, beside the file that it is from.
fn write(args: &ShrinkArgs, find: &Find, files: &[VectorFile], hellos: &[Hello]) -> anyhow::Result<PathBuf> {
    let folder = match args.file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = name.trim_end_matches(".json").trim_end_matches(".request");
    let finds = Finds::new(folder);
    let origin = Origin { program: concat!("dxspec shrink ", env!("CARGO_PKG_VERSION")), seed: 0, hellos };
    match candidate(find, files, &origin) {
        Some(file) => finds.keep(&format!("{name}.small"), "json", &text::canonical(&file)?),
        None => finds.keep_request(&format!("{name}.small"), &find.trial),
    }
}
