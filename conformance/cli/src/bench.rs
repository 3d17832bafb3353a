//! `dxspec bench`: how fast operations are, measured inside of the testee, so that no pipe is in the way.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use dxos_conformance::printable::shorten;
use dxos_conformance::protocol::{Answer, Request};
use dxos_conformance::selection::Selection;
use dxos_conformance::testee::{Carrier, Limits, Testee};
use dxos_vectors::{VectorFile, Want};
use serde_json::{Map, Value, json};

use crate::args::BenchArgs;
use crate::fuzz::space::Scene;
use crate::{Exit, corpus, output, testees};

/// What is measured.
struct Subject {
    label: &'static str,
    op: &'static str,
    input: Input,
}

/// Where the members of a request are from.
enum Input {
    /// The first case of this place that is accepted.
    Case(&'static str),
    /// The text of the members.
    Members(&'static str),
    /// A space with so many credentials, by the rule of deployed peers.
    Space(fn(usize) -> Scene, usize),
}

const fn case(label: &'static str, op: &'static str, place: &'static str) -> Subject {
    Subject { label, op, input: Input::Case(place) }
}

const fn work(label: &'static str, members: &'static str) -> Subject {
    Subject { label, op: "echo.measure", input: Input::Members(members) }
}

const fn space(label: &'static str, grown: fn(usize) -> Scene, count: usize) -> Subject {
    Subject { label, op: "halo.space.replay", input: Input::Space(grown, count) }
}

const SUBJECTS: [Subject; 15] = [
    case("payload", "halo.credential.payload", "halo/credential/payload/types"),
    case("id", "halo.credential.id", "halo/credential/id"),
    case("verify, direct", "halo.credential.verify", "halo/credential/verify/types-p256"),
    case("verify, chain of 1", "halo.credential.verify", "halo/credential/verify/chain-p256/depth-1"),
    case("verify, chain of 2", "halo.credential.verify", "halo/credential/verify/chain-p256/depth-2"),
    case("issue", "halo.credential.issue", "halo/credential/issue/types/p256-"),
    space("replay 1,000 members, one after another", Scene::line, 1_000),
    space("replay 200 members, beside each other", Scene::heads, 200),
    space("replay 100 members, in forks and merges", Scene::diamonds, 100),
    work("append 1 block of 1 KiB", r#"{"what":"append","batch":1,"size":1024}"#),
    work("append a batch of 100 blocks of 1 KiB", r#"{"what":"append","batch":100,"size":1024}"#),
    work(
        "download 5,000 blocks of 1 KiB, written one by one",
        r#"{"what":"replicate","blocks":5000,"batch":1,"size":1024}"#,
    ),
    work(
        "download 5,000 blocks of 1 KiB, written in batches of 100",
        r#"{"what":"replicate","blocks":5000,"batch":100,"size":1024}"#,
    ),
    work("open a feed of 100,000 blocks", r#"{"what":"open","blocks":100000}"#),
    work("deliver 1,000 messages of each of 10 feeds", r#"{"what":"deliver","feeds":10,"blocks":1000}"#),
];

/// Rounds; odd, so that the median is a measurement.
const ROUNDS: usize = 9;

/// The longest wait for one round: the implementation may be far slower than its calibration suggests.
const ROUND_LIMIT: Duration = Duration::from_secs(120);

/// Measures one testee, or two in turns.
pub(crate) fn bench(args: &BenchArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let files = corpus::vectors(dir)?;
    let mut benched = Vec::new();
    for name in std::iter::once(&args.testee).chain(&args.against) {
        let carrier: Carrier = name.parse()?;
        let limits = Limits { start: carrier.start_limit(), request: ROUND_LIMIT, ..Limits::default() };
        match carrier.start(&testees::REGISTRY, &limits) {
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
    let results: Vec<Measured> = SUBJECTS
        .iter()
        .filter(|subject| chosen(args, subject))
        .map(|&Subject { label, op, ref input }| {
            let found = match *input {
                Input::Case(place) => from_case(&files, op, place),
                Input::Space(grown, count) => Some((format!("{count} credentials"), grown(count).replay())),
                Input::Members(text) => {
                    serde_json::from_str(text).ok().map(|members| (text.to_owned(), members))
                }
            };
            let outcomes = match &found {
                Some((_, input)) => measure(&mut benched, op, input, round),
                None => Vec::new(),
            };
            Measured { label, op, input: found.map(|(name, _)| name), outcomes }
        })
        .collect();
    if args.json {
        output::print(&format!("{:#}\n", as_json(&names, &results)))?;
    } else {
        output::print(&as_text(&names, &results, round))?;
    }
    let measured = results.iter().flat_map(|one| &one.outcomes).any(Result::is_ok);
    Ok(if measured { Exit::Fine } else { Exit::Nothing })
}

/// One operation.
struct Measured {
    label: &'static str,
    op: &'static str,
    /// The case that the members are from, or the members; absent if there is no such case.
    input: Option<String>,
    /// For each testee the seconds of one iteration, a value for each round.
    outcomes: Vec<anyhow::Result<Vec<f64>>>,
}

impl Measured {
    /// How many times the rate of the second testee the first has, a value for each round: the two were
    /// measured one after the other, so that what the machine did meanwhile met both.
    fn ratios(&self) -> Option<Vec<f64>> {
        match self.outcomes.as_slice() {
            [Ok(first), Ok(second)] => {
                Some(first.iter().zip(second).map(|(first, second)| second / first.max(1e-12)).collect())
            }
            _ => None,
        }
    }
}

fn as_text(names: &[String], results: &[Measured], round: f64) -> String {
    let mut text = format!(
        "median of {ROUNDS} rounds of {:.0} ms, in turns; in brackets the least and the most of all rounds\n\n",
        round * 1000.0
    );
    for one in results {
        let Some(input) = &one.input else {
            let _ = writeln!(text, "{}: there is no case to take the input from\n", one.label);
            continue;
        };
        let _ = writeln!(text, "{}  ({}, {input})", one.label, one.op);
        for (name, outcome) in names.iter().zip(&one.outcomes) {
            let _ = match outcome {
                Ok(times) => writeln!(text, "  {name:<28} {}", describe(times)),
                Err(why) => writeln!(text, "  {name:<28} not measured: {why:#}"),
            };
        }
        if let Some(ratios) = one.ratios() {
            let (least, middle, most) = spread(&ratios);
            let first = "the first has";
            let _ = writeln!(
                text,
                "  {first:<28} {middle:>10.2} ×   [{least:.2} .. {most:.2}]  the rate of the second"
            );
        }
        text.push('\n');
    }
    text
}

fn as_json(names: &[String], results: &[Measured]) -> Value {
    let numbers = |values: &[f64], scale: f64| {
        let (least, median, most) = spread(values);
        json!({ "least": least * scale, "median": median * scale, "most": most * scale })
    };
    let operations: Vec<Value> = results
        .iter()
        .map(|one| {
            let testees: Vec<Value> = names
                .iter()
                .zip(&one.outcomes)
                .map(|(name, outcome)| match outcome {
                    Ok(times) => json!({ "testee": name, "nanoseconds": numbers(times, 1e9) }),
                    Err(why) => json!({ "testee": name, "error": format!("{why:#}") }),
                })
                .collect();
            json!({
                "label": one.label,
                "op": one.op,
                "input": one.input,
                "testees": testees,
                "ratio": one.ratios().map(|ratios| numbers(&ratios, 1.0)),
            })
        })
        .collect();
    json!({ "rounds": ROUNDS, "operations": operations })
}

/// Whether it is measured; all are where none are named.
fn chosen(args: &BenchArgs, subject: &Subject) -> bool {
    args.only.is_empty()
        || args.only.iter().any(|part| subject.label.contains(part) || subject.op.contains(part))
}

/// The input of the first accepted case that fits.
fn from_case(files: &[VectorFile], op: &str, place: &str) -> Option<(String, Map<String, Value>)> {
    let selection = Selection::new([place.to_owned()]);
    files.iter().filter(|file| file.op == op).flat_map(|file| &file.cases).find_map(|case| {
        let first = case.as_steps(op).into_iter().next()?;
        let fits = matches!(first.want, Want::Ok(_)) && selection.contains(&case.id);
        fits.then(|| (case.id.clone(), first.input))
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
            other => bail!("bench was answered with {}", shorten(&other.to_string())),
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

/// The least, the median and the most.
fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    (at(0), at(sorted.len() / 2), at(sorted.len().saturating_sub(1)))
}

fn describe(times: &[f64]) -> String {
    let (fastest, middle, slowest) = spread(times);
    format!(
        "{:>10.2} µs  [{:.2} .. {:.2}]  {:>12.0} a second",
        middle * 1e6,
        fastest * 1e6,
        slowest * 1e6,
        1.0 / middle.max(1e-12)
    )
}
