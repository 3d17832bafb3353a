//! From an attempt to the line of the record: the last word on a verdict is said here.

use std::collections::HashMap;
use std::time::Duration;

use dxos_vectors::format::Actor;
use dxos_vectors::lock;

use crate::attempt::{Attempt, Evidence, RECORDED, Sent};
use crate::event::{CaseEvent, Scope, Sibling};
use crate::matching::{describe, shorten};
use crate::plan::{Item, Missing, describe_derive};
use crate::verdict::{Judgement, Verdict};

/// How the cases of a group ended, each by itself, by id; and whether the case wants an acceptance.
pub type Alone<'a> = HashMap<&'a str, (Verdict, bool)>;

/// The record of a case that was run.
pub fn record(item: &Item, scope: Scope, attempt: Attempt, alone: &Alone<'_>) -> CaseEvent {
    let Attempt { mut judgement, evidence, sent, log, elapsed, .. } = attempt;
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
        event.hash = lock::hash(&item.op, &item.case);
        event.frames = sent.iter().map(|sent| sent.record(RECORDED)).collect();
        event.sibling = item.case.derive.as_ref().map(|derive| Sibling {
            id: derive.from.clone(),
            verdict: alone.get(derive.from.as_str()).map(|(verdict, _)| *verdict),
            differs: describe_derive(derive),
        });
        if event.want.is_empty()
            && let Some(step) = item.steps.get(sent.len().saturating_sub(1))
        {
            event.want = describe(&step.want);
        }
        if event.got.is_empty() {
            event.got = last_answer(&sent);
        }
        event.log = match log.dropped {
            0 => log.text,
            dropped => format!("({dropped} bytes before this are dropped)\n{}", log.text),
        };
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
        hash: String::new(),
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
