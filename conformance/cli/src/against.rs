//! What a run is held against: a baseline, an earlier run, itself.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use dxos_conformance::baseline::Baseline;
use dxos_conformance::baseline::applied::Applied;
use dxos_conformance::diff::Against;
use dxos_conformance::event::{self, Event};
use dxos_conformance::repeat::repeat;
use dxos_conformance::runner::{Observer, Orders};
use dxos_conformance::summary::Summary;
use dxos_conformance::testee::Trouble;
use dxos_vectors::VectorFile;

#[derive(Debug, Args)]
pub(crate) struct AgainstArgs {
    /// A file of expected failures. Each must fail as it says: a pass, or another failure, fails the run too.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// An entry of the baseline whose day has passed fails the run, too.
    #[arg(long, requires = "baseline")]
    strict_until: bool,

    /// The record of an earlier run: a case that passed then and fails now, or is not run any more, fails the run.
    #[arg(long, value_name = "EVENTS")]
    against_report: Option<PathBuf>,

    /// Run so many times; a case that does not end alike each time fails the run.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
}

/// The same, read.
pub(crate) struct Held<'a> {
    baseline: Option<(Baseline, HashMap<&'a str, usize>)>,
    strict_until: bool,
    today: String,
    earlier: Option<(String, Vec<Event>)>,
    times: usize,
}

impl<'a> Held<'a> {
    /// Reads everything, so that a mistake is found before the run.
    pub(crate) fn load(args: &AgainstArgs, files: &'a [VectorFile]) -> anyhow::Result<Self> {
        let read = |path: &PathBuf| {
            let baseline = Baseline::parse(&path.display().to_string(), &read_baseline(path)?)?;
            let about = baseline.resolve(ids(files))?;
            anyhow::Ok((baseline, about))
        };
        let earlier = |path: &PathBuf| {
            let events = read_record(path)?;
            if !Summary::of(&events).is_complete() {
                bail!(
                    "{} is the record of an incomplete run, with which nothing can be compared",
                    path.display()
                );
            }
            Ok((path.display().to_string(), events))
        };
        Ok(Self {
            baseline: args.baseline.as_ref().map(read).transpose()?,
            strict_until: args.strict_until,
            today: chrono::Utc::now().date_naive().to_string(),
            earlier: args.against_report.as_ref().map(earlier).transpose()?,
            times: usize::from(args.repeat),
        })
    }

    /// Runs, and adds to the record what comes of all this.
    pub(crate) fn run(&self, orders: &Orders<'_>, observer: &mut dyn Observer) -> Result<(), Trouble> {
        let mut against;
        let observer: &mut dyn Observer = match &self.earlier {
            Some((name, events)) => {
                against = Against::new(name, events, observer);
                &mut against
            }
            None => observer,
        };
        let mut applied;
        let observer: &mut dyn Observer = match &self.baseline {
            Some((baseline, about)) => {
                applied = Applied::new(baseline, about.clone(), &self.today, self.strict_until, observer);
                &mut applied
            }
            None => observer,
        };
        repeat(orders, self.times, observer)
    }
}

/// The ids of all cases.
pub(crate) fn ids(files: &[VectorFile]) -> impl Iterator<Item = &str> {
    files.iter().flat_map(|file| &file.cases).map(|case| case.id.as_str())
}

/// The text of a baseline.  That it cannot be read is a mistake in the command line, not trouble with a testee.
pub(crate) fn read_baseline(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        anyhow!(
            "cannot read the baseline {}: {error}; `dxspec baseline update EVENTS --baseline {0}` makes one",
            path.display()
        )
    })
}

/// The record of an earlier run.
pub(crate) fn read_record(path: &Path) -> anyhow::Result<Vec<Event>> {
    let file = File::open(path).map_err(|error| {
        anyhow!("cannot open {}: {error}; `dxspec run --events FILE` writes such a record", path.display())
    })?;
    let events = event::read(BufReader::new(file))
        .map_err(|error| anyhow!("{}: {:#}", path.display(), anyhow::Error::from(error)))?;
    events.first().with_context(|| format!("{} is empty", path.display()))?;
    Ok(events)
}
