//! `dxspec smoke`: a first look at an adapter, and what to do next.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use dxos_conformance::event::{Event, ProbeEvent, ProbeOutcome, RunEvent};
use dxos_conformance::hello::Hello;
use dxos_conformance::plan::{Choice, Plan};
use dxos_conformance::report;
use dxos_conformance::report::paint::Look;
use dxos_conformance::runner::{Orders, run};
use dxos_conformance::selection::Selection;
use dxos_conformance::smoke::{basic, end_of_input, frames};
use dxos_conformance::summary::{Decision, Summary};
use dxos_conformance::testee::{Carrier, Limits, Trouble};
use dxos_spec::{Book, Profile};
use dxos_vectors::{Level, VectorFile};
use serde_json::json;

use crate::args::seconds;
use crate::{Exit, corpus, output, testees};

#[derive(Debug, Args)]
#[command(after_help = "\
Looks at hello, the probes, frames that a later runner may send, the end of input, and at two basic cases of each operation that is claimed: the first valid input, and the first invalid one that was made from it. Says what to do next.

Examples:
  dxspec smoke 'python3 adapter.py'
  dxspec smoke target/release/adapter --json

Exit codes as of `dxspec run`.")]
pub(crate) struct SmokeArgs {
    /// The adapter.
    #[arg(value_name = "TESTEE")]
    testee: String,

    /// The profile: a frozen set of requirements.
    #[arg(long, default_value = "halo-core", value_name = "NAME")]
    profile: String,

    /// Seconds to wait for one answer, that to hello included.
    #[arg(long, default_value_t = 15.0, value_name = "SECS", value_parser = seconds)]
    timeout: f64,

    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What was seen.
struct Seen {
    hello: Hello,
    frames: Vec<ProbeEvent>,
    events: Vec<Event>,
}

/// Looks and reports.
pub(crate) fn smoke(args: &SmokeArgs, dir: Option<&Path>, look: Look) -> anyhow::Result<Exit> {
    let carrier: Carrier = args.testee.parse()?;
    let files = corpus::vectors(dir)?;
    let profile = corpus::profile(&args.profile)?;
    let patience = Duration::from_secs_f64(args.timeout);
    let limits = Limits { start: patience, request: patience, ..Limits::default() };
    let seen = match see(&carrier, &files, &profile, &limits) {
        Ok(seen) => seen,
        Err(trouble) => {
            eprintln!("dxspec: the testee {carrier} cannot be tested: {trouble}");
            return Ok(Exit::Trouble);
        }
    };
    let summary = Summary::of(&seen.events);
    let failed_frame = seen.frames.iter().any(|event| event.outcome == ProbeOutcome::Failed);
    let exit = match (&summary.decision, failed_frame) {
        (decision, false) => Exit::Decided(decision.exit_code()),
        // As a failed probe: what the cases say afterwards would not be worth much.
        (_, true) => Exit::Trouble,
    };
    let next = next(args, &summary, &seen, failed_frame);
    if args.json {
        let probe = |event: &ProbeEvent| json!({ "name": event.probe, "outcome": event.outcome, "detail": event.detail });
        let case = |case: &&dxos_conformance::event::CaseEvent| json!({ "id": case.id, "verdict": case.verdict, "why": case.why });
        let value = json!({
            "testee": carrier.to_string(),
            "implementation": seen.hello.implementation,
            "ops": seen.hello.ops,
            "probes": summary.probes.iter().map(|event| probe(event)).collect::<Vec<_>>(),
            "frames": seen.frames.iter().map(probe).collect::<Vec<_>>(),
            "cases": summary.cases.iter().map(case).collect::<Vec<_>>(),
            "next": next.command,
            "exit": exit.code(),
        });
        output::print(&format!("{value:#}\n"))?;
    } else {
        let text = report::smoke::render(&seen.hello, &summary, &seen.frames, Book::embedded(), look);
        output::print(&format!("{text}{}\n  {}\n", next.advice, next.command))?;
    }
    Ok(exit)
}

fn see(carrier: &Carrier, files: &[VectorFile], profile: &Profile, limits: &Limits) -> Result<Seen, Trouble> {
    let start = || carrier.start(&testees::REGISTRY, limits);
    let mut testee = start()?;
    let hello = testee.hello().clone();
    let choice =
        Choice { profile, selection: Selection::default(), weakest: Level::Must, only_profile: true };
    let plan = Plan::new(&basic(files, profile, &hello), &choice);
    let mut frames = frames(testee.as_mut(), &plan, limits)?;
    drop(testee);
    if let Carrier::Exec(command) = carrier {
        frames.push(end_of_input(command, limits)?);
    }
    let orders = Orders {
        plan: &plan,
        run: RunEvent { level: Level::Must, ..corpus::asked(carrier, profile, &plan) },
        start: &start,
        judge: Some(&testees::judge),
        limits: limits.clone(),
        jobs: 1,
    };
    let mut events = Vec::new();
    run(&orders, &mut |event: &Event| events.push(event.clone()))?;
    Ok(Seen { hello, frames, events })
}

/// What to do next, and the command for it.
struct Next {
    advice: String,
    command: String,
}

fn next(args: &SmokeArgs, summary: &Summary<'_>, seen: &Seen, failed_frame: bool) -> Next {
    let testee = shell_words::quote(&args.testee).into_owned();
    let (advice, command) = match &summary.decision {
        Decision::Nothing(_) => (
            format!(
                "Next: claim an operation in `ops` of hello ({} are claimed), and a signature suite in `features`.  All there are:",
                seen.hello.ops.len()
            ),
            "dxspec ops".to_owned(),
        ),
        Decision::Trouble(_) | Decision::Incomplete { .. } => {
            ("Next: mend what failed, and look again:".to_owned(), format!("dxspec smoke {testee}"))
        }
        _ if failed_frame => {
            ("Next: mend the frames, and look again:".to_owned(), format!("dxspec smoke {testee}"))
        }
        Decision::Not(_) => match summary.failures.first() {
            Some(case) => (
                "Next: mend the first of these; all of its frames:".to_owned(),
                format!("dxspec replay {} {testee}", case.id),
            ),
            None => (
                format!(
                    "Next: claim a signature suite in `features` of hello: {}",
                    summary.decision.sentence(&args.profile)
                ),
                format!("dxspec smoke {testee}"),
            ),
        },
        _ => (
            "The adapter works.  Next: all cases of the operations that it claims.".to_owned(),
            format!(
                "dxspec run {testee} --partial{}",
                if args.profile == "halo-core" {
                    String::new()
                } else {
                    format!(" --profile {}", args.profile)
                }
            ),
        ),
    };
    Next { advice, command }
}
