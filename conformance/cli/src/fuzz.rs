//! `dxspec fuzz`: requests that nobody wrote, put to the reference and to testees.

pub(crate) mod craft;
pub(crate) mod finds;
mod known;
mod ring;
pub(crate) mod space;
mod statement;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use dxos_conformance::fuzz::campaign::{Find, Orders, Results, Watch, run};
use dxos_conformance::fuzz::candidate::{Origin, candidate, slug};
use dxos_conformance::fuzz::panel::{Budget, Panel, PanelError, Start};
use dxos_conformance::fuzz::report::{self, Setting};
use dxos_conformance::fuzz::source::{Made, Seed, Source, Trial};
use dxos_conformance::fuzz::vote::{Opinion, Signature};
use dxos_conformance::in_process::InProcess;
use dxos_conformance::protocol::Request;
use dxos_conformance::report::paint::Look;
use dxos_conformance::report::progress::Ticker;
use dxos_conformance::selection::Selection;
use dxos_conformance::testee::{Carrier, Limits, Testee, Trouble};
use dxos_vectors::format::Actor;
use dxos_vectors::{Step, VectorFile, text};

use crate::args::seconds;
use crate::fuzz::craft::Halo;
use crate::fuzz::finds::Finds;
use crate::{Exit, corpus, output, run as running, testees};

/// How long a campaign goes on if nothing is said.
const USUAL: Duration = Duration::from_secs(60);

const PROGRAM: &str = concat!("dxspec fuzz ", env!("CARGO_PKG_VERSION"));

#[derive(Debug, Args)]
#[command(after_help = "\
The reference and the testees answer the same requests: vectors that are changed, and requests that are made and signed for the purpose. Where they do not agree, the smallest request that shows it is written as a candidate for a vector. The chapter \"Fuzzing an implementation\" of the book says how the vote works and what to do with a find.

Examples:
  dxspec fuzz --against 'node adapter.js' --time 5m --seed 7
  dxspec fuzz --against ./a --against ./b --op 'halo.presentation.*' --cases 20000
  dxspec fuzz --against ./a --profile deployed-0.8    leave out what the book says deployed peers do otherwise
  dxspec fuzz --against ./a --seed 7 --case 8123      one request again, with all answers

Exit codes: 0 no disagreement that nothing explains, 1 some, 3 trouble with a testee, 5 nothing was run, 130 interrupted (what was found is kept).")]
pub(crate) struct FuzzArgs {
    /// An implementation to ask; with two, the one that is alone is named.
    #[arg(long, required = true, value_name = "TESTEE")]
    against: Vec<String>,

    /// Only operations that begin with this or, with * ?, fit it; ! takes away.  May be repeated.
    #[arg(long, value_name = "GLOB")]
    op: Vec<String>,

    /// How long to go on, as 90s or 10m; a minute, if there is no --cases.
    #[arg(long, value_name = "TIME", value_parser = time)]
    time: Option<Duration>,

    /// How many requests to make.
    #[arg(long, value_name = "N")]
    cases: Option<u64>,

    /// What all choices are made from: the same seed gives the same requests.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,

    /// Make one request again, by its number, and print what everybody answers.
    #[arg(long, value_name = "N", conflicts_with_all = ["time", "cases"])]
    case: Option<u64>,

    /// The profile: what the book remarks of deployed peers explains a disagreement only outside of it.
    #[arg(long, default_value = "halo-core", value_name = "NAME")]
    profile: String,

    /// Folder for what is found.  Nothing in it is overwritten.
    #[arg(long, default_value = "fuzz-finds", value_name = "DIR")]
    out: PathBuf,

    /// Processes of each testee; by default one for each core, four at most.
    #[arg(long, value_name = "N", value_parser = crate::args::jobs)]
    jobs: Option<usize>,

    /// Seconds to wait for one answer.
    #[arg(long, default_value_t = 10.0, value_name = "SECS", value_parser = seconds)]
    timeout: f64,

    /// Print the report as one JSON document.
    #[arg(long)]
    json: bool,
}

fn time(text: &str) -> Result<Duration, String> {
    let time = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => humantime::parse_duration(text).map_err(|error| format!("{error}; write 90s or 10m"))?,
    };
    if time.is_zero() || time > Duration::from_secs(30 * 86_400) {
        return Err("give a time above 0, at most 30 days".to_owned());
    }
    Ok(time)
}

/// The reference as the first voter.
pub(crate) fn reference() -> Result<Box<dyn Testee>, Trouble> {
    Ok(Box::new(InProcess::start(testees::judge())))
}

/// The requests of the vectors, by operation, with signers of our own.
pub(crate) fn seeds(files: &[VectorFile], ops: &Selection, craft: &Halo) -> BTreeMap<String, Vec<Seed>> {
    let mut seeds: BTreeMap<String, Vec<Seed>> = BTreeMap::new();
    for file in files {
        for case in &file.cases {
            let steps = case.as_steps(&file.op);
            let steps = steps.iter().filter(|step| ops.contains(&step.op) && stands_alone(step));
            for step in steps {
                let input = craft.adopt(&step.op, &step.input);
                let seed =
                    Seed { id: case.id.clone(), made: Made { input, features: case.features.clone() } };
                seeds.entry(step.op.clone()).or_default().push(seed);
            }
        }
    }
    seeds
}

/// Whether a request means the same without those before it.  What the judge is asked hangs on an earlier answer, and
/// a session on all that was said in it.
fn stands_alone(step: &Step) -> bool {
    let begins = step.op.starts_with("session.") || step.op.starts_with("wire.");
    step.by == Actor::Testee && !begins && !step.input.contains_key("session")
}

/// Tells what goes on, and keeps at once what cost a testee.
struct Watcher<'a> {
    ticker: Ticker,
    finds: &'a Finds,
    seed: u64,
}

impl Watch for Watcher<'_> {
    fn progress(&mut self, trials: u64, finds: usize) {
        if trials.is_multiple_of(64) {
            self.ticker.say(format!("{trials} requests, {finds} unexplained"));
        }
    }

    fn lost(&mut self, trial: &Trial, signature: &Signature) {
        let name = format!("fuzz-lost-{}-{}", self.seed, trial.number);
        match self.finds.keep_request(&name, trial) {
            Ok(path) => {
                eprintln!("dxspec: a testee was lost ({signature}); the request is in {}", path.display())
            }
            Err(error) => eprintln!("dxspec: a testee was lost ({signature}); {error:#}"),
        }
    }

    fn shrinking(&mut self, number: usize, of: usize) {
        self.ticker.say(format!("shrinking {number} of {of}"));
    }
}

/// Runs a campaign, or one trial of it.
pub(crate) fn fuzz(args: &FuzzArgs, dir: Option<&Path>, look: Look) -> anyhow::Result<Exit> {
    let carriers = corpus::against(&args.against)?;
    let profile = corpus::profile(&args.profile)?;
    let files = corpus::vectors(dir)?;
    let craft = Halo::new();
    let seeds = seeds(&files, &Selection::new(args.op.iter().cloned()), &craft);
    if seeds.is_empty() {
        eprintln!("dxspec: nothing to run: --op {} fits no operation that has vectors", args.op.join(" "));
        return Ok(Exit::Nothing);
    }
    let limits = running::limits(&carriers, args.timeout)?;
    let against: Vec<Box<Start<'_>>> = carriers
        .iter()
        .map(|carrier| {
            let start = || carrier.start(&testees::REGISTRY, &limits);
            Box::new(start) as Box<Start<'_>>
        })
        .collect();
    let starts: Vec<&Start<'_>> =
        std::iter::once(&reference as &Start<'_>).chain(against.iter().map(|start| &**start)).collect();
    let seeds = match claimed(seeds, &starts, &limits) {
        Ok(seeds) => seeds,
        Err(trouble) => return Ok(complain(&carriers, &trouble)),
    };
    if seeds.is_empty() {
        eprintln!("dxspec: nothing to run: no testee claims any of these operations");
        return Ok(Exit::Nothing);
    }
    let source = Source::new(&craft, args.seed, seeds);
    if let Some(number) = args.case {
        return one(&source, number, &starts, &limits, &craft);
    }
    let explain = |signature: &Signature| known::explain(signature, &profile);
    let jobs = || carriers.iter().map(Carrier::jobs).min().unwrap_or(1);
    let time = args.time.or_else(|| args.cases.is_none().then_some(USUAL));
    let orders = Orders {
        source: &source,
        craft: &craft,
        starts,
        limits: &limits,
        jobs: args.jobs.unwrap_or_else(jobs),
        until: time.map(|time| Instant::now() + time),
        trials: args.cases,
        explain: &explain,
    };
    let finds = Finds::new(&args.out);
    let mut watcher = Watcher { ticker: Ticker::new(output::watched()), finds: &finds, seed: args.seed };
    let results = match run(&orders, &mut watcher) {
        Ok(results) => results,
        Err(trouble) => return Ok(complain(&carriers, &trouble)),
    };
    watcher.ticker.clear();
    publish(args, &results, &files, &finds, look)
}

fn complain(carriers: &[Carrier], trouble: &Trouble) -> Exit {
    let names: Vec<String> = carriers.iter().map(Carrier::to_string).collect();
    eprintln!("dxspec: {} cannot be tested: {trouble}", names.join(" and "));
    if *trouble == Trouble::Interrupted { Exit::Decided(130) } else { Exit::Trouble }
}

/// The seeds of operations that at least one testee claims.
fn claimed(
    mut seeds: BTreeMap<String, Vec<Seed>>,
    starts: &[&Start<'_>],
    limits: &Limits,
) -> Result<BTreeMap<String, Vec<Seed>>, Trouble> {
    let budget = Budget::new(0);
    let panel = Panel::new(starts, limits, &budget).map_err(|error| match error {
        PanelError::Trouble(trouble) => trouble,
        PanelError::Respawns(_) => Trouble::protocol(error.to_string()),
    })?;
    let claims = |op: &str| panel.hellos().iter().skip(1).any(|hello| hello.serves(op));
    seeds.retain(|op, _| claims(op));
    Ok(seeds)
}

/// One trial, in full.
fn one(
    source: &Source<'_>,
    number: u64,
    starts: &[&Start<'_>],
    limits: &Limits,
    craft: &Halo,
) -> anyhow::Result<Exit> {
    let budget = Budget::new(0);
    let mut panel = Panel::new(starts, limits, &budget)?;
    let Some(trial) = source.trial(number) else { return Ok(Exit::Nothing) };
    let (outcomes, opinion) = panel.ask(&trial, craft)?;
    let request = Request::new(number + 1, &trial.op, trial.made.input.clone());
    let mut text = format!("{number} from {}\n  → {}\n", trial.from, request.to_line());
    for (hello, outcome) in panel.hellos().iter().zip(&outcomes) {
        let said = outcome.as_ref().map_or_else(|| "not asked".to_owned(), ToString::to_string);
        text.push_str(&format!("  ← {}  {said}\n", hello.implementation.name));
    }
    let (line, exit) = match &opinion {
        Opinion::Accepted => ("accepted by all".to_owned(), Exit::Fine),
        Opinion::Refused => ("refused by all".to_owned(), Exit::Fine),
        Opinion::Void => ("nothing to compare".to_owned(), Exit::Nothing),
        Opinion::Reasons(signature) => {
            (format!("refused by all, for different reasons: {signature}"), Exit::Fine)
        }
        Opinion::Apart(signature) => (format!("apart: {signature}"), Exit::Failed),
    };
    output::print(&format!("{text}  {line}\n"))?;
    Ok(exit)
}

/// Writes the candidates and prints the report.
fn publish(
    args: &FuzzArgs,
    results: &Results,
    files: &[VectorFile],
    finds: &Finds,
    look: Look,
) -> anyhow::Result<Exit> {
    let origin = Origin { program: PROGRAM, seed: args.seed, hellos: &results.hellos };
    let mut written: BTreeMap<Signature, Vec<String>> = BTreeMap::new();
    for find in results.news() {
        let name = slug(find, args.seed);
        let path = match candidate(find, files, &origin) {
            Some(file) => finds.keep(&name, "json", &text::canonical(&file)?)?,
            None => finds.keep_request(&name, &find.trial)?,
        };
        written.insert(find.signature.clone(), vec![path.display().to_string()]);
    }
    let quoted = |text: &String| shell_words::quote(text).into_owned();
    let names: Vec<String> = args.against.iter().map(|name| format!("--against {}", quoted(name))).collect();
    let ops: String = args.op.iter().map(|op| format!(" --op {}", quoted(op))).collect();
    let replay = |find: &Find| {
        format!("dxspec fuzz {}{ops} --seed {} --case {}", names.join(" "), args.seed, find.trial.number)
    };
    let setting = Setting {
        seed: args.seed,
        profile: &args.profile,
        files: &|find| written.get(&find.signature).cloned().unwrap_or_default(),
        replay: &replay,
    };
    if args.json {
        output::print(&format!("{:#}\n", report::json(results, &setting)))?;
    } else {
        output::print(&report::text(results, &setting, look))?;
        if let Some(file) = written.values().flatten().next() {
            output::print(&format!(
                "\n  next: decide who is right. Look at {file}, make the case from it in vectors/src/generate/found.rs with the origin `fuzz`, then run `dxspec vectors generate`, `lock`, `witness`, `generate`, `lint`\n"
            ))?;
        }
    }
    Ok(match &results.stopped {
        Some(PanelError::Trouble(Trouble::Interrupted)) => Exit::Decided(130),
        Some(_) => Exit::Trouble,
        None if results.trials() == 0 => Exit::Nothing,
        None if results.news().next().is_some() => Exit::Failed,
        None => Exit::Fine,
    })
}
