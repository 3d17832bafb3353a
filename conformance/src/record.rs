//! From an attempt to the line of the record: the last word on a verdict is said here.

use std::collections::HashMap;
use std::time::Duration;

use dxos_vectors::format::Actor;
use dxos_vectors::lock;

use crate::attempt::{Attempt, Evidence, RECORDED, Sent};
use crate::event::{CaseEvent, Exchange, Scope, Sibling};
use crate::line::Log;
use crate::matching::describe;
use crate::plan::{Item, Missing, describe_derive};
use crate::printable::shorten;
use crate::protocol::Answer;
use crate::verdict::{Judgement, Verdict};

/// How the cases of a group ended, each by itself, by id.
pub type Alone<'a> = HashMap<&'a str, Ended<'a>>;

/// How a case ended by itself, which is what others are held against.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    item: &'a Item,
    verdict: Verdict,
    rejected: bool,
}

impl<'a> Ended<'a> {
    /// The end of an attempt.
    pub const fn new(item: &'a Item, kept: &Kept) -> Self {
        Self { item, verdict: kept.judgement.verdict, rejected: kept.rejected }
    }
}

/// What is kept of an attempt until its group has ended.  Its size is bounded, whatever the answers were.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The verdict as far as this case alone tells.
    pub judgement: Judgement,
    /// Whether the testee is of no more use.
    pub lost: bool,
    evidence: Evidence,
    rejected: bool,
    frames: Vec<Exchange>,
    last_answer: String,
    last_class: String,
    log: String,
    elapsed: Duration,
}

impl From<Attempt> for Kept {
    fn from(attempt: Attempt) -> Self {
        let Attempt { judgement, evidence, rejected, sent, log, elapsed, lost } = attempt;
        Self {
            judgement,
            lost,
            evidence,
            rejected,
            frames: sent.iter().map(|sent| sent.record(RECORDED)).collect(),
            last_answer: last_answer(&sent),
            last_class: last_class(&sent),
            log: end_of(log),
            elapsed,
        }
    }
}

/// The record of a case that was run.
pub fn record(item: &Item, scope: Scope, kept: Kept, alone: &Alone<'_>) -> CaseEvent {
    let Kept { mut judgement, evidence, rejected, frames, last_answer, last_class, log, elapsed, .. } = kept;
    if judgement.verdict == Verdict::Pass
        && let Some(why) = unproven(item, evidence, rejected, alone)
    {
        judgement.verdict = Verdict::Unproven;
        judgement.why = why;
        judgement.coarse = false;
    }
    let mut event = blank(item, scope, judgement);
    event.ms = milliseconds(elapsed);
    if event.verdict == Verdict::Pass {
        event.want.clear();
        // A testee that cannot tell classes apart can waver between them and pass each time.
        event.got = if event.coarse { last_class } else { String::new() };
    } else {
        event.hash = lock::hash(&item.op, &item.case);
        event.sibling = item.case.derive.as_ref().map(|derive| Sibling {
            id: derive.from.clone(),
            verdict: alone.get(derive.from.as_str()).map(|ended| ended.verdict),
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
        features: item.case.features.clone(),
        missing: None,
        coarse: judgement.coarse,
        behavior: judgement.behavior,
        why: judgement.why,
        want: judgement.want,
        got: judgement.got,
        expected: None,
        sibling: None,
        frames: Vec::new(),
        log: String::new(),
        hash: String::new(),
        ms: 0.0,
    }
}

/// Why a pass is no evidence, or nothing if it is.
fn unproven(item: &Item, evidence: Evidence, rejected: bool, alone: &Alone<'_>) -> Option<String> {
    if let Some(derive) = &item.case.derive
        && rejected
    {
        return not_accepted(&derive.from, alone);
    }
    // Only cases that ask for as much tell something: that a testee reads one kind of key says nothing about
    // its rejections of another.
    let alike = |ended: &&Ended<'_>| {
        ended.verdict == Verdict::Pass
            && item.case.features.iter().all(|feature| ended.item.case.features.contains(feature))
    };
    let any = |rejected: bool| alone.values().filter(alike).any(|ended| ended.rejected == rejected);
    match evidence {
        Evidence::Rejection if !any(false) => {
            Some("no case of this group was accepted, so a rejection proves nothing".to_owned())
        }
        Evidence::Nothing if !any(true) => {
            Some("the answer holds nothing to compare, and no case of this group was rejected".to_owned())
        }
        _ => None,
    }
}

/// Why the testee cannot be said to accept a sibling.  One that is itself rejected stands for the one that it
/// derives from.
fn not_accepted<'a>(mut id: &'a str, alone: &'a Alone<'_>) -> Option<String> {
    // Derivations in a ring would never end.
    for _ in 0..=alone.len() {
        let Some(ended) = alone.get(id) else {
            return Some("the valid sibling was not run, so this proves nothing".to_owned());
        };
        match (ended.verdict, ended.rejected, &ended.item.case.derive) {
            (Verdict::Pass, false, _) => return None,
            (Verdict::Pass, true, Some(derive)) => id = &derive.from,
            (Verdict::Pass, true, None) => break,
            (verdict, _, _) => {
                return Some(format!("the valid sibling did not pass ({verdict}), so this proves nothing"));
            }
        }
    }
    Some("the sibling is rejected too, so this proves nothing".to_owned())
}

/// The class alone: the message is free text.
fn last_class(sent: &[Sent]) -> String {
    let class = sent.iter().rev().find_map(|sent| match &sent.answer {
        Some(Answer::Reject { class, .. }) => Some(class),
        _ => None,
    });
    class.map(|class| format!("reject {class}")).unwrap_or_default()
}

fn last_answer(sent: &[Sent]) -> String {
    match sent.last() {
        Some(Sent { by: Actor::Testee, answer: Some(answer), .. }) => shorten(&answer.to_string()),
        _ => String::new(),
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

/// Milliseconds with three digits behind the point.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}
