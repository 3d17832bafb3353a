//! From an attempt to the line of the record: the last word on a verdict is said here.

use std::collections::HashMap;
use std::time::Duration;

use dxos_vectors::format::Actor;

use crate::attempt::{Attempt, Evidence, RECORDED, Sent};
use crate::event::{CaseEvent, Exchange, Scope, Sibling};
use crate::line::Log;
use crate::matching::describe;
use crate::plan::{Item, Missing, describe_derive};
use crate::printable::shorten;
use crate::verdict::{Judgement, Verdict};

/// How the cases of a group ended, each by itself, by id; and whether the case wants an acceptance.
pub type Alone<'a> = HashMap<&'a str, (Verdict, bool)>;

/// What is kept of an attempt until its group has ended.  Its size is bounded, whatever the answers were.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The verdict as far as this case alone tells.
    pub judgement: Judgement,
    /// Whether the testee is of no more use.
    pub lost: bool,
    evidence: Evidence,
    frames: Vec<Exchange>,
    last_answer: String,
    log: String,
    elapsed: Duration,
}

impl From<Attempt> for Kept {
    fn from(attempt: Attempt) -> Self {
        let Attempt { judgement, evidence, sent, log, elapsed, lost } = attempt;
        Self {
            judgement,
            lost,
            evidence,
            frames: sent.iter().map(|sent| sent.record(RECORDED)).collect(),
            last_answer: last_answer(&sent),
            log: end_of(log),
            elapsed,
        }
    }
}

/// The record of a case that was run.
pub fn record(item: &Item, scope: Scope, kept: Kept, alone: &Alone<'_>) -> CaseEvent {
    let Kept { mut judgement, evidence, frames, last_answer, log, elapsed, .. } = kept;
    if judgement.verdict == Verdict::Pass
        && let Some(why) = unproven(item, evidence, alone)
    {
        judgement.verdict = Verdict::Unproven;
        judgement.why = why;
        judgement.coarse = false;
    }
    let mut event = blank(item, scope, judgement);
    event.ms = milliseconds(elapsed);
    if event.verdict == Verdict::Pass {
        event.want.clear();
        event.got.clear();
    } else {
        event.sibling = item.case.derive.as_ref().map(|derive| Sibling {
            id: derive.from.clone(),
            verdict: alone.get(derive.from.as_str()).map(|(verdict, _)| *verdict),
            differs: describe_derive(derive),
        });
        if event.want.is_empty()
            && let Some(step) = item.steps.get(frames.len().saturating_sub(1))
        {
            event.want = describe(&step.want);
        }
        if event.got.is_empty() {
            event.got = last_answer;
        }
        event.frames = frames;
        event.log = log;
    }
    event
}

/// The record of a case that was not run, as the testee does not claim what it needs.
pub fn not_applicable(item: &Item, scope: Scope, missing: &Missing) -> CaseEvent {
    let why = match missing {
        Missing::Feature(feature) => format!("the feature {feature} is not claimed"),
        Missing::Op(op) => format!("the operation {op} is not claimed"),
    };
    let mut event = blank(item, scope, Judgement::of(Verdict::NotApplicable, why));
    event.missing = Some(missing.clone());
    event
}

fn blank(item: &Item, scope: Scope, judgement: Judgement) -> CaseEvent {
    let confirmed = item.case.scored();
    CaseEvent {
        id: item.case.id.clone(),
        group: item.group.clone(),
        verdict: judgement.verdict,
        scope,
        level: item.case.level,
        scored: confirmed && scope == Scope::Profile,
        provisional: !confirmed,
        req: item.case.req.clone(),
        beyond: item.beyond.clone(),
        op: item.op.clone(),
        missing: None,
        coarse: judgement.coarse,
        behavior: judgement.behavior,
        why: judgement.why,
        want: judgement.want,
        got: judgement.got,
        sibling: None,
        frames: Vec::new(),
        log: String::new(),
        ms: 0.0,
    }
}

/// Why a pass is no evidence, or nothing if it is.
fn unproven(item: &Item, evidence: Evidence, alone: &Alone<'_>) -> Option<String> {
    let passed = |accepts: bool| alone.values().any(|ended| *ended == (Verdict::Pass, accepts));
    match (evidence, &item.case.derive) {
        (Evidence::Rejection, Some(derive)) | (Evidence::Output, Some(derive)) if !item.accepts() => {
            match alone.get(derive.from.as_str()) {
                Some((Verdict::Pass, _)) => None,
                Some((verdict, _)) => {
                    Some(format!("the valid sibling did not pass ({verdict}), so this proves nothing"))
                }
                None => Some("the valid sibling was not run, so this proves nothing".to_owned()),
            }
        }
        (Evidence::Rejection, _) if !passed(true) => {
            Some("no case of this group was accepted, so a rejection proves nothing".to_owned())
        }
        (Evidence::Nothing, _) if !passed(false) => {
            Some("the answer holds nothing to compare, and no case of this group was rejected".to_owned())
        }
        _ => None,
    }
}

/// The last [`RECORDED`] bytes of a log, and a note of what is missing.
fn end_of(log: Log) -> String {
    let start = (log.text.len().saturating_sub(RECORDED)..log.text.len())
        .find(|&start| log.text.is_char_boundary(start))
        .unwrap_or(0);
    match (log.dropped + start as u64, log.text.get(start..)) {
        (0, _) => log.text,
        (missing, text) => {
            format!("({missing} bytes before this are left out)\n{}", text.unwrap_or_default())
        }
    }
}

fn last_answer(sent: &[Sent]) -> String {
    match sent.last() {
        Some(Sent { by: Actor::Testee, answer: Some(answer), .. }) => shorten(&answer.to_string()),
        _ => String::new(),
    }
}

/// Milliseconds with three digits behind the point.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}
