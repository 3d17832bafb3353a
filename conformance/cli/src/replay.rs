//! `dxspec replay`: one case with every frame in full, and its valid sibling beside it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use dxos_conformance::attempt::{Attempt, attempt};
use dxos_conformance::plan::{Choice, Item, Missing, Plan};
use dxos_conformance::printable::printable;
use dxos_conformance::selection::Selection;
use dxos_conformance::testee::{Carrier, Limits, Testee};
use dxos_conformance::verdict::Verdict;
use dxos_spec::Profile;
use dxos_vectors::Level;

use crate::args::ReplayArgs;
use crate::{Exit, corpus, output, testees};

/// Runs one case.
pub(crate) fn replay(args: &ReplayArgs, dir: Option<&Path>) -> anyhow::Result<Exit> {
    let carrier: Carrier = args.testee.parse()?;
    let files = corpus::vectors(dir)?;
    let (file, case) = corpus::case(&files, &args.id)?;
    // No profile stands between a person and one case: this one has just what the case needs.
    let profile = Profile {
        name: "replay".to_owned(),
        about: String::new(),
        features_any: Vec::new(),
        requirements: file.cases.iter().flat_map(|case| case.req.iter().cloned()).collect::<BTreeSet<_>>(),
    };
    let wanted = std::iter::once(&case.id).chain(case.derive.as_ref().map(|derive| &derive.from));
    let mut plan = Plan::new(
        &files,
        &Choice {
            profile: &profile,
            selection: Selection::new(wanted.cloned()),
            weakest: Level::May,
            only_profile: true,
        },
    );
    testees::restrict(&mut plan, &carrier);
    let limits = Limits {
        start: carrier.start_limit(),
        request: Duration::from_secs_f64(args.timeout),
        ..Limits::default()
    };
    let sibling = case.derive.as_ref().and_then(|derive| plan.item(&derive.from));
    let mut verdicts = Vec::new();
    let mut kept: Option<Box<dyn Testee>> = None;
    for item in plan.item(&case.id).into_iter().chain(sibling) {
        let mut testee = match kept.take().map_or_else(|| carrier.start(&testees::REGISTRY, &limits), Ok) {
            Ok(testee) => testee,
            Err(trouble) => {
                eprintln!("dxspec: the testee {carrier} cannot be tested: {trouble}");
                return Ok(Exit::Trouble);
            }
        };
        if let Some(missing) = item.missing(testee.hello()) {
            let what = match missing {
                Missing::Feature(feature) => format!("the feature {feature}"),
                Missing::Op(op) => format!("the operation {op}"),
            };
            output::print(&format!("{}\n  not applicable: {what} is not claimed in hello\n", item.case.id))?;
            return Ok(Exit::Nothing);
        }
        let mut judge = testees::judge();
        let Ok(attempt) = attempt(item, testee.as_mut(), Some(judge.as_mut()), 1, &limits) else {
            return Ok(Exit::Trouble);
        };
        verdicts.push(attempt.judgement.verdict);
        output::print(&printable(&text(item, &attempt)))?;
        kept = (!attempt.lost).then_some(testee);
    }
    if let [Verdict::Pass, sibling] = verdicts.as_slice()
        && case.rejects()
        && *sibling != Verdict::Pass
    {
        output::print(
            "In a run the rejection is unproven: the same testee does not accept the valid sibling.\n",
        )?;
    }
    Ok(if verdicts.iter().all(|verdict| *verdict == Verdict::Pass) { Exit::Fine } else { Exit::Failed })
}

fn text(item: &Item, attempt: &Attempt) -> String {
    let mut text = format!("{}\n", item.case.id);
    for sent in &attempt.sent {
        let frame = sent.record(usize::MAX);
        text.push_str(&format!("  → {}  {}\n", frame.by, frame.request));
        text.push_str(&format!("  ← {}\n", frame.answer.as_deref().unwrap_or("(no answer)")));
    }
    for line in attempt.log.text.lines() {
        text.push_str(&format!("  log {line}\n"));
    }
    let judgement = &attempt.judgement;
    if !judgement.want.is_empty() && judgement.verdict != Verdict::Pass {
        text.push_str(&format!("  want {}\n", judgement.want));
    }
    let coarse = if judgement.coarse { " (by a coarse class)" } else { "" };
    let why = if judgement.why.is_empty() { String::new() } else { format!(": {}", judgement.why) };
    text.push_str(&format!("  {}{coarse}{why}\n\n", judgement.verdict));
    text
}
