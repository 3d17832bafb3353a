//! `dxspec bench`: how fast operations are, measured inside of the testee, so that no pipe is in the way.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use dxos_conformance::protocol::{Answer, Request};
use dxos_conformance::selection::Selection;
use dxos_conformance::testee::{Carrier, Limits, Testee};
use dxos_vectors::{VectorFile, Want};
use serde_json::{Map, Value, json};

use crate::args::BenchArgs;
use crate::{Exit, corpus, output, testees};

/// What is measured: a label, the operation, and where its cases are; the first that is accepted is taken.
const SUBJECTS: [(&str, &str, &str); 5] = [
    ("payload", "halo.credential.payload", "halo/credential/payload/types"),
    ("id", "halo.credential.id", "halo/credential/id"),
    ("verify, direct", "halo.credential.verify", "halo/credential/verify/types-p256"),
    ("verify, chain of 1", "halo.credential.verify", "halo/credential/verify/chain-p256/depth-1"),
    ("verify, chain of 2", "halo.credential.verify", "halo/credential/verify/chain-p256/depth-2"),
];

/// Rounds; odd, so that the median is a measurement.
const ROUNDS: usize = 9;

/// The longest wait for one round: the implementation may be far slower than its calibration suggests.
const ROUND_LIMIT: Duration = Duration::from_secs(120);

/// Measures one testee, or two in turns.
pub(crate) fn bench(args: &BenchArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let files = corpus::vectors(dir)?;
    let limits = Limits { request: ROUND_LIMIT, ..Limits::default() };
    let mut benched = Vec::new();
    for name in std::iter::once(&args.testee).chain(&args.against) {
        let carrier: Carrier = name.parse()?;
        match carrier.start(&testees::built_in, &limits) {
            Ok(testee) if testee.hello().has("bench") => benched.push(Benched { testee, id: 0 }),
            Ok(testee) => bail!("{} does not claim the feature `bench`", testee.hello().implementation),
            Err(trouble) => {
                eprintln!("dxspec: the testee {carrier} cannot be measured: {trouble}");
                return Ok(Exit::Trouble);
            }
        }
    }
    let names: Vec<String> = benched
        .iter()
        .map(|one| {
            let about = &one.testee.hello().implementation;
            format!("{} {}", about.name, about.version)
        })
        .collect();
    let round = args.seconds / ROUNDS as f64;
    let mut text = format!(
        "median of {ROUNDS} rounds of {:.0} ms, in turns; in brackets the fastest and the slowest round\n\n",
        round * 1000.0
    );
    let mut measured = 0;
    for (label, op, place) in SUBJECTS {
        let Some((id, input)) = subject(&files, op, place) else {
            let _ = writeln!(text, "{label}: there is no case to take the input from\n");
            continue;
        };
        let _ = writeln!(text, "{label}  ({op}, {id})");
        let mut rates = Vec::new();
        for (name, outcome) in names.iter().zip(measure(&mut benched, op, &input, round)) {
            match outcome {
                Ok(times) => {
                    measured += 1;
                    let _ = writeln!(text, "  {name:<28} {}", describe(&times));
                    rates.push(median(&times));
                }
                Err(why) => {
                    let _ = writeln!(text, "  {name:<28} not measured: {why:#}");
                }
            }
        }
        if let [ours, theirs] = rates.as_slice()
            && *ours > 0.0
        {
            let _ = writeln!(text, "  {:<28} {:.2} × the rate of the second", "the first has", theirs / ours);
        }
        text.push('\n');
    }
    output::print(&text)?;
    Ok(if measured == 0 { Exit::Nothing } else { Exit::Fine })
}

/// The input of the first accepted case that fits.
fn subject(files: &[VectorFile], op: &str, place: &str) -> Option<(String, Map<String, Value>)> {
    let selection = Selection::new([place.to_owned()]);
    files.iter().filter(|file| file.op == op).flat_map(|file| &file.cases).find_map(|case| {
        match (&case.want, &case.input) {
            (Some(Want::Ok(_)), Some(input)) if selection.contains(&case.id) => {
                Some((case.id.clone(), input.clone()))
            }
            _ => None,
        }
    })
}

struct Benched {
    testee: Box<dyn Testee>,
    id: u64,
}

impl Benched {
    /// Seconds for so many iterations.
    fn round(&mut self, op: &str, input: &Map<String, Value>, iterations: u64) -> anyhow::Result<f64> {
        self.id += 1;
        let arguments = match json!({ "op": op, "in": input, "iterations": iterations }) {
            Value::Object(arguments) => arguments,
            _ => Map::new(),
        };
        match self.testee.request(&Request::new(self.id, "bench", arguments), ROUND_LIMIT)? {
            Answer::Ok(result) => {
                let nanoseconds = result.get("nanoseconds").and_then(Value::as_str);
                let nanoseconds: f64 = nanoseconds
                    .and_then(|text| text.parse::<u64>().ok())
                    .map(|count| count as f64)
                    .context("the answer to bench has no \"nanoseconds\" that is a decimal string")?;
                Ok(nanoseconds / 1e9)
            }
            other => bail!("bench was answered with {other}"),
        }
    }

    /// How many iterations fill a round.  Doubles until the time is well above the clock's grain, which also
    /// warms up what compiles itself at run time.
    fn calibrate(&mut self, op: &str, input: &Map<String, Value>, seconds: f64) -> anyhow::Result<u64> {
        let mut iterations: u64 = 1;
        loop {
            let took = self.round(op, input, iterations)?;
            if took >= seconds / 4.0 || iterations >= 50_000_000 {
                let scaled = iterations as f64 * seconds / took.max(1e-9);
                return Ok((scaled as u64).clamp(1, 100_000_000));
            }
            iterations *= 2;
        }
    }
}

/// Seconds for one iteration, a value for each round, for each testee.  The testees take turns within a round,
/// and who begins changes, so that a change of the machine's speed meets all alike.
fn measure(
    benched: &mut [Benched],
    op: &str,
    input: &Map<String, Value>,
    seconds: f64,
) -> Vec<anyhow::Result<Vec<f64>>> {
    let plans: Vec<anyhow::Result<u64>> =
        benched.iter_mut().map(|one| one.calibrate(op, input, seconds)).collect();
    let mut results: Vec<anyhow::Result<(u64, Vec<f64>)>> =
        plans.into_iter().map(|plan| plan.map(|iterations| (iterations, Vec::new()))).collect();
    for round in 0..ROUNDS {
        let mut order: Vec<usize> = (0..benched.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let (Some(one), Some(result)) = (benched.get_mut(index), results.get_mut(index)) else {
                continue;
            };
            let Ok((iterations, times)) = result else { continue };
            match one.round(op, input, *iterations) {
                Ok(took) => times.push(took / *iterations as f64),
                Err(error) => *result = Err(error),
            }
        }
    }
    results.into_iter().map(|result| result.map(|(_, times)| times)).collect()
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn describe(times: &[f64]) -> String {
    let middle = median(times);
    let fastest = times.iter().copied().fold(f64::INFINITY, f64::min);
    let slowest = times.iter().copied().fold(0.0, f64::max);
    format!(
        "{:>10.2} µs  [{:.2} .. {:.2}]  {:>12.0} a second",
        middle * 1e6,
        fastest * 1e6,
        slowest * 1e6,
        1.0 / middle.max(1e-12)
    )
}
