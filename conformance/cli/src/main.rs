//! `dxspec`: tests an implementation of the DXOS protocols against the specification.
//!
//! This is the only place where the judge and the reference meet: here the reference is registered as one
//! more testee.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use dxos_conformance::fuzz::panel::PanelError;
use dxos_conformance::testee::Trouble;
use dxos_spec::ProfileError;
use dxos_vectors::LoadError;

use crate::args::{Cli, ReportArgs, Verb};
use crate::diff::ReportVerb;

mod against;
mod args;
mod baseline;
mod bench;
mod browse;
mod compare;
mod corpus;
mod diff;
mod drawing;
mod fuzz;
mod generate;
mod inspect;
mod kills;
mod kinds;
#[cfg(feature = "mutants")]
mod laboratory;
mod measure;
#[cfg(feature = "mutants")]
mod mutants;
mod new_adapter;
mod ops;
mod output;
mod reference;
mod replay;
mod report;
mod run;
mod shrink;
mod smoke;
mod testees;
mod trace;
mod traceability;
mod vectors_cmd;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Fine,
    /// Something that was tested did not pass.
    Failed,
    /// The command line is wrong.
    Usage,
    /// The testee cannot be tested.
    Trouble,
    /// The suite itself is inconsistent.
    Inconsistent,
    /// Nothing was run.
    Nothing,
    /// As a run decided.
    Decided(u8),
}

impl Exit {
    const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Trouble => 3,
            Self::Inconsistent => 4,
            Self::Nothing => 5,
            Self::Decided(code) => code,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(&cli) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            eprintln!("dxspec: {error:#}");
            ExitCode::from(blame(&error).code())
        }
    }
}

/// What an error means: vectors or profiles that cannot be read are the suite's fault, files that cannot be
/// written trouble, and all else was named wrongly on the command line.
fn blame(error: &anyhow::Error) -> Exit {
    let panel = error.chain().find_map(|cause| cause.downcast_ref::<PanelError>());
    if let Some(error) = panel {
        match error {
            PanelError::Trouble(Trouble::Interrupted) => Exit::Decided(130),
            _ => Exit::Trouble,
        }
    } else if error.chain().any(|cause| cause.is::<LoadError>() || cause.is::<ProfileError>()) {
        Exit::Inconsistent
    } else if error.chain().any(|cause| cause.is::<std::io::Error>()) {
        Exit::Trouble
    } else {
        Exit::Usage
    }
}

fn dispatch(cli: &Cli) -> anyhow::Result<Exit> {
    let dir = cli.vectors.as_deref();
    match &cli.verb {
        Verb::Run(args) => run::verb_run(args, dir, output::look(cli.color, args.verbose, args.quiet)),
        Verb::List(args) => browse::list(args, dir),
        Verb::Show(args) => browse::show(args, dir),
        Verb::Explain(args) => browse::explain(args, dir),
        Verb::Replay(args) => replay::replay(args, dir),
        Verb::Report(ReportArgs { verb: Some(ReportVerb::Diff(args)), .. }) => {
            diff::diff(args, output::look(cli.color, args.verbose, false))
        }
        Verb::Report(args) => {
            report::verb_report(args, dir, output::look(cli.color, args.verbose, args.quiet))
        }
        Verb::Baseline(verb) => baseline::baseline(verb, dir),
        Verb::Compare(args) => compare::compare(args),
        Verb::Inspect(args) => inspect::inspect(args, dir),
        Verb::Vectors(verb) => vectors_cmd::vectors(verb),
        Verb::Serve(args) => testees::verb_serve(args).map(|()| Exit::Fine),
        Verb::Bench(args) => bench::bench(args, dir),
        Verb::Trace(args) => trace::trace(args, dir),
        #[cfg(feature = "mutants")]
        Verb::Mutants(args) => mutants::mutants(args, dir),
        Verb::NewAdapter(args) => new_adapter::new_adapter(args),
        Verb::Smoke(args) => smoke::smoke(args, dir, output::look(cli.color, false, false)),
        Verb::Ops(args) => ops::ops(args, dir),
        Verb::Fuzz(args) => fuzz::fuzz(args, dir, output::look(cli.color, false, false)),
        Verb::Shrink(args) => shrink::shrink(args, dir),
    }
}
