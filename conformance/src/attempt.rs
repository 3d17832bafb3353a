//! One case, carried out and judged.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use dxos_vectors::format::Actor;
use dxos_vectors::{Step, Want};
use serde_json::{Map, Value};

use crate::event::Exchange;
use crate::hello::Hello;
use crate::implementation::Implementation;
use crate::line::Log;
use crate::matching::{describe, judge};
use crate::plan::Item;
use crate::printable::printable_json;
use crate::protocol::{Answer, Request};
use crate::testee::{Limits, Testee, Trouble};
use crate::verdict::{Judgement, Verdict};

/// The most bytes of a request or an answer that are recorded.
pub const RECORDED: usize = 8 << 10;

/// What a pass rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The testee produced something that had to be right.
    Output,
    /// It said no; a testee that always says no would have passed too.
    Rejection,
    /// It said yes and nothing else; a testee that always says yes would have passed too.
    Nothing,
}

/// A request that was sent, and its answer.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Who was asked.
    pub by: Actor,
    /// The request.
    pub request: Request,
    /// The answer, if there was one.
    pub answer: Option<Answer>,
}

impl Sent {
    /// For the record: without the id, each part cut at `limit` bytes with a note of what is missing.
    pub fn record(&self, limit: usize) -> Exchange {
        let request = Map::from_iter([
            ("op".to_owned(), Value::String(self.request.op.clone())),
            ("in".to_owned(), Value::Object(self.request.input.clone())),
        ]);
        Exchange {
            by: match self.by {
                Actor::Testee => "testee".to_owned(),
                Actor::Judge => "judge".to_owned(),
            },
            request: frame(request, limit),
            answer: self.answer.as_ref().map(|answer| frame(answer.to_json(), limit)),
        }
    }
}

fn frame(members: Map<String, Value>, limit: usize) -> String {
    cut(&printable_json(&Value::Object(members).to_string()), limit)
}

fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = (0..=limit).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    format!("{}… ({} more bytes; replay shows all)", text.get(..end).unwrap_or_default(), text.len() - end)
}

/// How a case went.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The verdict as far as this case alone tells.
    pub judgement: Judgement,
    /// What a pass rests on.
    pub evidence: Evidence,
    /// Whether the testee answered any step with a rejection.
    pub rejected: bool,
    /// All requests and answers.
    pub sent: Vec<Sent>,
    /// What the testee logged.
    pub log: Log,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Whether the testee is of no more use.
    pub lost: bool,
}

/// Carries out a case.  `first_id` is the id of the first request; the ones after it count on.
///
/// # Errors
///
/// [`Trouble::Interrupted`], and no other trouble: that becomes a verdict.
pub fn attempt(
    item: &Item,
    testee: &mut dyn Testee,
    judge: Option<&mut (dyn Implementation + 'static)>,
    first_id: u64,
    limits: &Limits,
) -> Result<Attempt, Trouble> {
    let hello = testee.hello().clone();
    let start = Instant::now();
    let mut run = Steps {
        testee,
        judge,
        hello,
        limits,
        id: first_id,
        sent: Vec::new(),
        open: Vec::new(),
        said: BTreeSet::new(),
        shown: BTreeSet::new(),
        refused: BTreeSet::new(),
        coarse: false,
        behavior: None,
        lost: false,
    };
    let ended = run.all(&item.steps);
    let elapsed = start.elapsed();
    let mut judgement = match ended {
        Ok(()) => Judgement::of(Verdict::Pass, ""),
        Err(Ended::Interrupted) => return Err(Trouble::Interrupted),
        Err(Ended::Judged(judgement)) => *judgement,
    };
    if judgement.verdict == Verdict::Pass {
        judgement.coarse = run.coarse;
        judgement.behavior = run.behavior.take();
    }
    if !run.lost {
        run.close_sessions();
    }
    let (evidence, rejected) = (run.evidence(), !run.refused.is_empty());
    let Steps { testee, sent, lost, .. } = run;
    Ok(Attempt { judgement, evidence, rejected, sent, log: testee.take_log(), elapsed, lost })
}

/// Why the steps ended before the last one.
enum Ended {
    Interrupted,
    Judged(Box<Judgement>),
}

impl From<Judgement> for Ended {
    fn from(judgement: Judgement) -> Self {
        Self::Judged(Box::new(judgement))
    }
}

struct Steps<'a> {
    testee: &'a mut dyn Testee,
    judge: Option<&'a mut (dyn Implementation + 'static)>,
    hello: Hello,
    limits: &'a Limits,
    id: u64,
    sent: Vec<Sent>,
    open: Vec<Value>,
    /// Operations of the testee that were accepted.
    said: BTreeSet<String>,
    /// Operations of the testee whose result held something that had to be right.
    shown: BTreeSet<String>,
    /// Operations of the testee that were rejected.
    refused: BTreeSet<String>,
    coarse: bool,
    behavior: Option<String>,
    lost: bool,
}

impl Steps<'_> {
    fn all(&mut self, steps: &[Step]) -> Result<(), Ended> {
        for (number, step) in steps.iter().enumerate() {
            self.one(step, number).map_err(|ended| match ended {
                // Which of several steps it was is the first thing to know.
                Ended::Judged(mut judgement) if steps.len() > 1 => {
                    judgement.why = format!("step {number} ({}): {}", step.op, judgement.why);
                    Ended::Judged(judgement)
                }
                other => other,
            })?;
        }
        Ok(())
    }

    fn one(&mut self, step: &Step, number: usize) -> Result<(), Ended> {
        let input = self.resolve(&step.input, number)?;
        let want = match &step.want {
            Want::Ok(members) => Want::Ok(self.resolve(members, number)?),
            other => other.clone(),
        };
        let request = Request::new(self.id, &step.op, input);
        self.id += 1;
        if step.by == Actor::Judge {
            return self.by_judge(&want, request);
        }
        let asked = self.testee.request(&request, self.limits.request);
        self.sent.push(Sent { by: step.by, request, answer: asked.as_ref().ok().cloned() });
        let answer = asked.map_err(|trouble| self.trouble(trouble, &want))?;
        self.track_session(step, &answer);
        let judgement = judge(&want, &answer, &self.hello);
        if judgement.verdict != Verdict::Pass {
            return Err(judgement.into());
        }
        self.coarse |= judgement.coarse;
        self.behavior = self.behavior.take().or(judgement.behavior);
        match answer {
            Answer::Reject { .. } => self.refused.insert(step.op.clone()),
            _ if judgement.compared => self.shown.insert(step.op.clone()),
            _ => self.said.insert(step.op.clone()),
        };
        Ok(())
    }

    /// What all steps together show.  That one operation works says nothing about the rejections of another.
    fn evidence(&self) -> Evidence {
        match (self.refused.is_subset(&self.shown), self.shown.is_empty()) {
            (false, _) => Evidence::Rejection,
            (true, false) => Evidence::Output,
            (true, true) => Evidence::Nothing,
        }
    }

    /// Has a testee's output checked.  What the judge says against it is a failure of the testee; that the
    /// judge cannot tell is not, but neither is it a pass.
    fn by_judge(&mut self, want: &Want, request: Request) -> Result<(), Ended> {
        let Some(implementation) = self.judge.as_deref_mut() else {
            return Err(Judgement::of(Verdict::Unproven, "there is no judge to check the result").into());
        };
        let answer = catch_unwind(AssertUnwindSafe(|| implementation.call(&request.op, &request.input)))
            .unwrap_or_else(|_| Answer::Bug { message: "the judge panicked".to_owned() });
        self.sent.push(Sent { by: Actor::Judge, request, answer: Some(answer.clone()) });
        if matches!(answer, Answer::Unsupported | Answer::Bug { .. }) {
            let why = format!("the judge could not check the result: {answer}");
            return Err(Judgement::of(Verdict::Unproven, why).into());
        }
        // The judge tells all classes apart, so no prefix applies.
        let exact = Hello { coarse: Vec::new(), ..self.hello.clone() };
        let mut judgement = judge(want, &answer, &exact);
        if judgement.verdict == Verdict::Pass {
            // The judge read what the testee made: that is an output that had to be right.
            self.shown.append(&mut self.said);
            return Ok(());
        }
        judgement.verdict = Verdict::Fail;
        judgement.why = match &answer {
            Answer::Ok(_) => format!("the judge reads it otherwise: {}", judgement.why),
            _ => "the judge does not accept it".to_owned(),
        };
        judgement.got = format!("judge: {}", judgement.got);
        Err(judgement.into())
    }

    fn trouble(&mut self, trouble: Trouble, want: &Want) -> Ended {
        let verdict = match trouble {
            Trouble::Interrupted => return Ended::Interrupted,
            Trouble::Timeout { .. } => Verdict::Timeout,
            Trouble::Crash { .. } | Trouble::CannotStart(_) => Verdict::Crash,
            Trouble::Protocol { .. } => Verdict::Protocol,
        };
        self.lost = true;
        let mut judgement = Judgement::of(verdict, trouble.to_string());
        judgement.want = describe(want);
        judgement.into()
    }

    fn track_session(&mut self, step: &Step, answer: &Answer) {
        match (step.op.as_str(), answer) {
            ("session.open" | "wire.open", Answer::Ok(result)) => {
                self.open.extend(result.get("session").cloned())
            }
            ("session.close", Answer::Ok(_)) => {
                let closed = self.sent.last().and_then(|sent| sent.request.input.get("session")).cloned();
                self.open.retain(|session| Some(session) != closed.as_ref());
            }
            _ => {}
        }
    }

    /// Closes what a failed case left open, so that the next case finds the testee as this one did.
    fn close_sessions(&mut self) {
        for session in std::mem::take(&mut self.open) {
            let input = Map::from_iter([("session".to_owned(), session)]);
            let request = Request::new(self.id, "session.close", input);
            self.id += 1;
            if self.testee.request(&request, self.limits.request).is_err() {
                self.lost = true;
                return;
            }
        }
    }

    /// Replaces each `{"$step": n, "get": name}` by what step `n` answered.
    fn resolve(&self, members: &Map<String, Value>, number: usize) -> Result<Map<String, Value>, Ended> {
        members.iter().map(|(name, value)| Ok((name.clone(), self.resolve_value(value, number)?))).collect()
    }

    fn resolve_value(&self, value: &Value, number: usize) -> Result<Value, Ended> {
        match value {
            Value::Object(members) => {
                match (members.get("$step").and_then(Value::as_u64), members.get("get")) {
                    (Some(step), Some(Value::String(name))) => {
                        let answer = usize::try_from(step)
                            .ok()
                            .filter(|step| *step < number)
                            .and_then(|step| self.sent.get(step))
                            .and_then(|sent| sent.answer.as_ref());
                        match answer {
                            Some(Answer::Ok(result)) if result.contains_key(name) => {
                                Ok(result.get(name).cloned().unwrap_or_default())
                            }
                            _ => {
                                let why = format!("the answer of step {step} has no member `{name}`");
                                Err(Judgement::of(Verdict::Fail, why).into())
                            }
                        }
                    }
                    _ => self.resolve(members, number).map(Value::Object),
                }
            }
            Value::Array(items) => items
                .iter()
                .map(|item| self.resolve_value(item, number))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            other => Ok(other.clone()),
        }
    }
}
