//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::Outputs;

/// Tests an implementation of the DXOS protocols against the specification.
#[derive(Debug, Parser)]
#[command(
    name = "dxspec",
    version,
    max_term_width = 100,
    after_help = "\
An implementation is driven by a small adapter program that reads one JSON request a line and prints one answer a line; chapter \"The testee protocol\" of the book has the whole contract.

Examples:
  dxspec new-adapter --lang py               an adapter to begin with
  dxspec run                                 the reference, to see what a report looks like
  dxspec run exec:./adapter                  your implementation
  dxspec run 'node adapter.js' -k halo/key   a part of it
  dxspec explain HALO-CRED-001               what a requirement says, and what tests it

Exit codes: 0 conformant, 1 not, 2 wrong usage, 3 trouble with the testee, 4 the suite is inconsistent, 5 nothing was run, 130 interrupted (what was found is kept)."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,

    /// When to use colours; NO_COLOR is honoured by `auto`.
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN", display_order = 100)]
    pub(crate) color: When,

    /// A folder of vectors to use instead of those that are built in.
    #[arg(long, global = true, value_name = "DIR", display_order = 100)]
    pub(crate) vectors: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// If standard output is a terminal.
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the cases of a profile and say whether the testee conforms to it.
    Run(RunArgs),
    /// List cases by id.
    List(ListArgs),
    /// Show one case: its input, what is wanted, and where it comes from.
    Show(ShowArgs),
    /// Show a requirement: its sentence, how the deployed implementation differs, the cases that test it.
    Explain(ExplainArgs),
    /// Run one case and print every frame in full, then its valid sibling.
    Replay(ReplayArgs),
    /// Make a report from the record of an earlier run (`run --events`).
    Report(ReportArgs),
    /// Maintain a file of expected failures (`run --baseline`).
    #[command(subcommand)]
    Baseline(crate::baseline::BaselineVerb),
    /// Put the records of several testees side by side, requirement by requirement.
    Compare(crate::compare::CompareArgs),
    /// Show what given bytes mean, and what is wrong with them.
    Inspect(crate::inspect::InspectArgs),
    /// Check and maintain the vectors.
    #[command(subcommand)]
    Vectors(crate::vectors_cmd::VectorsVerb),
    /// Be a testee: serve a built-in implementation on standard input and output, or dial a runner.
    Serve(crate::testees::ServeArgs),
    /// Measure operations inside of a testee, or of two side by side.
    Bench(BenchArgs),
    /// Test the suite: from each requirement to its cases, its code and its mutants, and where that is broken.
    Trace(crate::trace::TraceArgs),
    /// Test the suite: is every check of the reference missed when it is switched off?
    #[cfg(feature = "mutants")]
    Mutants(crate::mutants::MutantsArgs),
    /// Write the beginnings of an adapter: one working operation, the kit, a CI file.
    NewAdapter(crate::new_adapter::NewAdapterArgs),
    /// A first look at an adapter: its frames and a few basic cases.
    Smoke(crate::smoke::SmokeArgs),
    /// List the operations that an adapter may serve, with their members.
    Ops(crate::ops::OpsArgs),
    /// Put requests that nobody wrote to the reference and to testees, and look for disagreements.
    Fuzz(crate::fuzz::FuzzArgs),
    /// Make the input of a find smaller, for as long as it shows the same.
    Shrink(crate::shrink::ShrinkArgs),
}

/// Which cases.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The profile: a frozen set of requirements; by default halo-core, and kube-core for a KUBE.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Only cases whose id begins with this or, with * ? [ ], fits it; ! takes away.  May be repeated.
    #[arg(short = 'k', value_name = "GLOB", allow_hyphen_values = true)]
    pub(crate) select: Vec<String>,

    /// The weakest level of cases.
    #[arg(long, value_enum, default_value_t = LevelArg::All)]
    pub(crate) level: LevelArg,

    /// Leave out the cases outside of the profile, which decide nothing.
    #[arg(long)]
    pub(crate) only_profile: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelArg {
    Must,
    Should,
    All,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dxspec run exec:./adapter                          all cases of halo-core, and those outside of it
  dxspec run exec:'node adapter.js' --profile deployed-0.8
  dxspec run exec:./adapter -k 'halo/**' -k '!**/issue/*'
  dxspec run exec:./adapter --events run.jsonl --html report.html --junit junit.xml
  dxspec run exec:./adapter --baseline known.toml    with failures that are expected
  dxspec run ws:9000                                 waits for a browser or a phone to dial in
  dxspec run kube:ws://127.0.0.1:9000                a KUBE, by its address
  dxspec run 'kube:wss://kube.example?operator=env:SEED'   one that lets you administer it

A testee is exec:COMMAND (`exec:` may be left out; the command is split into words, no shell is involved), direct:NAME for one that is built in (direct:reference, direct:null-accept-all, …), or tcp:PORT, ws:PORT, tcp:HOST:PORT, ws:HOST:PORT for one that dials in; port 0 is any that is free, and what to dial is printed.

A KUBE needs no adapter: kube:ws://HOST:PORT asks it by what it serves, with topics and keys of its own for each case, so that it may be in use. wss is for TLS. Behind a question mark, with & between them: operator=SEED (32 bytes in hex, or env:NAME) makes the key of an identity that the KUBE lets in, without which its administration is not tested; ca=FILE trusts the certificates in a file, insecure any; quiet=MILLISECONDS is how long it is watched whether something comes that should not (150).")]
pub(crate) struct RunArgs {
    /// The implementation to test.
    #[arg(default_value = "direct:reference", value_name = "TESTEE")]
    pub(crate) testee: String,

    #[command(flatten)]
    pub(crate) which: Which,

    /// Number of testee processes; by default one for each core, four at most.  With tcp: and ws: the number of
    /// implementations that must dial in; by default one.  With kube: the number of cases at a time; by default
    /// eight.
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(crate) jobs: Option<usize>,

    /// Seconds to wait for one answer.
    #[arg(long, default_value_t = 10.0, value_name = "SECS", value_parser = seconds)]
    pub(crate) timeout: f64,

    /// Seconds to wait for a testee to start; by default 15, and 60 for one that has to dial in.
    #[arg(long, value_name = "SECS", value_parser = seconds)]
    pub(crate) start_timeout: Option<f64>,

    /// Write the record of the run here, one event a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) outputs: Outputs,

    /// Go on without the probes, which tell an implementation from something that only answers.
    #[arg(long)]
    pub(crate) no_probes: bool,

    /// Accept a testee that claims a part of the profile only.
    #[arg(long)]
    pub(crate) partial: bool,

    #[command(flatten)]
    pub(crate) against: crate::against::AgainstArgs,

    /// Show all failures in full.
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Show the counts and the outcome only.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) which: Which,

    /// Print a JSON array.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Id of the case.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Print the case as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// Print the drawing of a case about a space as SVG.
    #[arg(long, conflicts_with = "json")]
    pub(crate) svg: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Id of the requirement.
    #[arg(value_name = "REQ")]
    pub(crate) req: String,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Id of the case.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// The implementation to test.
    #[arg(default_value = "direct:reference", value_name = "TESTEE")]
    pub(crate) testee: String,

    /// Seconds to wait for one answer.
    #[arg(long, default_value_t = 10.0, value_name = "SECS", value_parser = seconds)]
    pub(crate) timeout: f64,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  dxspec report run.jsonl                                what `run` printed
  dxspec report run.jsonl --html report.html             to read, with the bytes of each failure explained
  dxspec report run.jsonl --junit junit.xml --md comment.md --badge badge.json
  dxspec report diff old.jsonl run.jsonl                 what became better or worse

The exit code is that of the run."
)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<crate::diff::ReportVerb>,

    /// The record.
    #[arg(value_name = "EVENTS", required = true)]
    pub(crate) events: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) outputs: Outputs,

    /// Show all failures in full.
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Show the counts and the outcome only.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The testee itself repeats the operation and takes the time (feature `bench`), so that no pipe is measured. With --against the two are measured in turns, round by round, so that both see the same machine.

Example:
  dxspec bench direct:reference --against 'node adapter.js'")]
pub(crate) struct BenchArgs {
    /// The implementation to measure.
    #[arg(default_value = "direct:reference", value_name = "TESTEE")]
    pub(crate) testee: String,

    /// A second one.
    #[arg(long, value_name = "TESTEE")]
    pub(crate) against: Option<String>,

    /// Only what has this text in its label or operation; may be repeated.
    #[arg(short = 'k', long, value_name = "PART")]
    pub(crate) only: Vec<String>,

    /// Seconds for each operation and testee, shared out among nine rounds.
    #[arg(long, default_value_t = 0.9, value_name = "SECS", value_parser = seconds)]
    pub(crate) seconds: f64,

    /// Print one JSON document; times in nanoseconds.
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 86_400.0 => Ok(value),
        _ => Err("give a number of seconds above 0, at most 86400".to_owned()),
    }
}

/// A number of processes or threads.
pub(crate) fn jobs(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(value @ 1..=64) => Ok(value),
        _ => Err("give a number from 1 to 64".to_owned()),
    }
}
