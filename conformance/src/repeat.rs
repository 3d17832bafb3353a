//! The same run several times: what does not end alike each time is flaky, and is never hidden.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::{CaseEvent, EndEvent, Event, Stop};
use crate::runner::{Observer, Orders, run};
use crate::summary::Summary;
use crate::testee::Trouble;
use crate::verdict::Verdict;

/// What repeating a run has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepeatEvent {
    /// How many times it was run to its end.
    pub runs: usize,
    /// The cases that did not end alike.
    pub flaky: Vec<Flaky>,
    /// What else differed, for example that a later run broke off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<String>,
}

/// A case that did not end alike each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaky {
    /// Its id.
    pub case: String,
    /// The first run that differs from run 1.
    pub first: usize,
    /// The members of its record that differ, for example `verdict`.
    pub differs: Vec<String>,
    /// How it ended, and how often.
    pub ended: Vec<Times>,
}

/// One way in which a flaky case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// The verdict.
    pub verdict: Verdict,
    /// What was answered, in a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// In how many runs.
    pub runs: usize,
}

/// Runs `times` times.  The observer gets the record of the first run, and before its end what the others have
/// shown.
///
/// # Errors
///
/// [`Trouble`] if the testee cannot be started for the first run.
pub fn repeat(orders: &Orders<'_>, times: usize, observer: &mut dyn Observer) -> Result<(), Trouble> {
    let mut first = First { events: Vec::new(), end: None, times, inner: observer };
    let started = run(orders, &mut first);
    let First { events, end, .. } = first;
    let Some(mut end) = end else { return started };
    if started.is_err() {
        observer.event(&Event::End(end));
        return started;
    }
    let mut tally = Tally::new(&events);
    let mut other = Vec::new();
    let mut runs = 1;
    while end.complete && runs < times {
        let mut later = Later { events: Vec::new(), run: runs, times, inner: observer };
        // That a testee does not start any more stands in the record, too.
        let _ = run(orders, &mut later);
        let Later { events: later, .. } = later;
        runs += 1;
        match later.last() {
            Some(Event::End(EndEvent { stopped: Some(Stop::Interrupted), .. })) => {
                runs -= 1;
                end = EndEvent { complete: false, stopped: Some(Stop::Interrupted), ms: end.ms };
            }
            Some(Event::End(EndEvent { stopped: None, .. })) => other.extend(tally.add(runs, &later)),
            // Whatever else broke off one run would break off the next, and takes its time.
            _ => {
                let outcome = Summary::of(&later).decision.sentence(&orders.run.profile);
                other.push(format!("run {runs} broke off: {outcome}"));
                break;
            }
        }
    }
    if runs > 1 {
        observer.event(&Event::Repeat(RepeatEvent { runs, flaky: tally.flaky(), other }));
    }
    observer.event(&Event::End(end));
    Ok(())
}

/// Hands on all but the end, and keeps a copy.
struct First<'a> {
    events: Vec<Event>,
    end: Option<EndEvent>,
    times: usize,
    inner: &'a mut dyn Observer,
}

impl Observer for First<'_> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::End(end) => self.end = Some(end.clone()),
            other => {
                self.events.push(other.clone());
                self.inner.event(other);
            }
        }
    }

    fn progress(&mut self, done: usize, of: usize) {
        self.inner.progress(done, of * self.times);
    }
}

/// Keeps a later run to itself.
struct Later<'a> {
    events: Vec<Event>,
    run: usize,
    times: usize,
    inner: &'a mut dyn Observer,
}

impl Observer for Later<'_> {
    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    fn progress(&mut self, done: usize, of: usize) {
        self.inner.progress(of * self.run + done, of * self.times);
    }
}

/// Without what may differ between two runs of the same testee: times, and what it logs.
fn lasting(case: &CaseEvent) -> CaseEvent {
    CaseEvent { ms: 0.0, log: String::new(), ..case.clone() }
}

/// The first run, and how the cases ended in all runs up to now.
struct Tally<'a> {
    cases: BTreeMap<&'a str, Seen>,
    rest: Vec<&'a Event>,
}

struct Seen {
    event: CaseEvent,
    first: Option<usize>,
    differs: Vec<String>,
    ended: Vec<Times>,
}

impl<'a> Tally<'a> {
    fn new(events: &'a [Event]) -> Self {
        let mut cases = BTreeMap::new();
        let mut rest = Vec::new();
        for event in events {
            match event {
                Event::Case(case) => {
                    let event = lasting(case);
                    let ended = vec![times(&event)];
                    let seen = Seen { event, first: None, differs: Vec::new(), ended };
                    cases.insert(case.id.as_str(), seen);
                }
                other => rest.push(other),
            }
        }
        Self { cases, rest }
    }

    /// Takes in one more run.  What differs beside the cases is said.
    fn add(&mut self, run: usize, events: &[Event]) -> Option<String> {
        let mut rest = Vec::new();
        for event in events {
            match event {
                Event::Case(case) => {
                    if let Some(seen) = self.cases.get_mut(case.id.as_str()) {
                        seen.add(run, case);
                    }
                }
                Event::End(_) => {}
                other => rest.push(other),
            }
        }
        let differs = rest != self.rest;
        differs.then(|| format!("run {run} has other probes, claims or replaced processes than run 1"))
    }

    fn flaky(self) -> Vec<Flaky> {
        let flaky = self.cases.into_iter().filter_map(|(id, seen)| {
            let (first, differs, ended) = (seen.first?, seen.differs, seen.ended);
            Some(Flaky { case: id.to_owned(), first, differs, ended })
        });
        flaky.collect()
    }
}

impl Seen {
    fn add(&mut self, run: usize, case: &CaseEvent) {
        let now = lasting(case);
        let ended = times(&now);
        match self.ended.iter_mut().find(|known| known.verdict == ended.verdict && known.got == ended.got) {
            Some(known) => known.runs += 1,
            None => self.ended.push(ended),
        }
        if now != self.event {
            self.first.get_or_insert(run);
            for member in differing(&self.event, &now) {
                if !self.differs.contains(&member) {
                    self.differs.push(member);
                }
            }
        }
    }
}

fn times(case: &CaseEvent) -> Times {
    Times { verdict: case.verdict, got: case.answered().map(str::to_owned), runs: 1 }
}

/// The members in which two records of a case differ.
fn differing(a: &CaseEvent, b: &CaseEvent) -> Vec<String> {
    let members = |case: &CaseEvent| match serde_json::to_value(case) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (a, b) = (members(a), members(b));
    let mut names: Vec<String> =
        a.keys().chain(b.keys()).filter(|name| a.get(*name) != b.get(*name)).cloned().collect();
    names.sort();
    names.dedup();
    names
}
