//! A run held against a baseline, while it goes on.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::baseline::{Baseline, Entry};
use crate::event::{CaseEvent, Event};
use crate::runner::Observer;
use crate::verdict::Verdict;

/// What a baseline says about a case that failed as is stated there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The verdict without the baseline.
    pub verdict: Verdict,
    /// The line of the entry.
    pub line: usize,
    /// Why the case fails.
    pub why: String,
    /// Where that is followed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The day until which it should be settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// What became of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineEvent {
    /// The file, as it was named.
    pub file: String,
    /// The number of entries.
    pub entries: usize,
    /// How many of them are about cases that were not chosen, so that nothing can be said about them.
    pub not_looked_at: usize,
    /// Because of these the run fails.
    pub broken: Vec<Broken>,
    /// Entries whose day has passed, if that is no reason to fail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expired: Vec<Broken>,
}

/// Where an entry does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The line of the entry.
    pub line: usize,
    /// The entry's `case`.
    pub entry: String,
    /// The case that shows it, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// What does not hold.
    pub how: How,
    /// The same in words.
    pub what: String,
}

/// In which way an entry does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The case passes.
    Passes,
    /// The case fails in another way.
    FailsOtherwise,
    /// The case was not run, as what it needs is not claimed.
    NotApplicable,
    /// There is no such case.
    FitsNothing,
    /// All cases that it fits decide nothing.
    DecidesNothing,
    /// Its day has passed.
    Expired,
}

/// An observer that turns expected failures into such on their way to another observer.
pub struct Applied<'a> {
    baseline: &'a Baseline,
    /// For each case of the suite the entry about it.
    about: HashMap<&'a str, usize>,
    /// The day of the run, as `2027-03-01`; with it, an entry that has expired fails the run.
    today: &'a str,
    strict_until: bool,
    inner: &'a mut dyn Observer,
    /// For each entry: cases seen, and how many of them decide.
    seen: Vec<(usize, usize)>,
    broken: Vec<Broken>,
    chosen: bool,
}

impl<'a> Applied<'a> {
    /// Holds what follows against a baseline; `about` is what [`Baseline::resolve`] found.
    pub fn new(
        baseline: &'a Baseline,
        about: HashMap<&'a str, usize>,
        today: &'a str,
        strict_until: bool,
        inner: &'a mut dyn Observer,
    ) -> Self {
        let seen = vec![(0, 0); baseline.entries.len()];
        Self { baseline, about, today, strict_until, inner, seen, broken: Vec::new(), chosen: false }
    }

    fn case(&mut self, case: &CaseEvent) -> CaseEvent {
        let mut case = case.clone();
        let Some(&index) = self.about.get(case.id.as_str()) else { return case };
        let (Some(entry), Some((seen, deciding))) =
            (self.baseline.entries.get(index), self.seen.get_mut(index))
        else {
            return case;
        };
        *seen += 1;
        // What decides nothing needs no excuse.
        if !case.decides() {
            return case;
        }
        *deciding += 1;
        if case.verdict.is_failure() && entry.expects(&case) {
            case.expected = Some(Expected {
                verdict: case.verdict,
                line: entry.line,
                why: entry.why.clone(),
                issue: entry.issue.clone(),
                until: entry.until.clone(),
            });
            case.verdict = Verdict::ExpectedFailure;
            return case;
        }
        let (how, what) = match case.verdict {
            Verdict::Pass => (How::Passes, "passes now".to_owned()),
            Verdict::NotApplicable => (How::NotApplicable, format!("was not run: {}", case.why)),
            verdict => (How::FailsOtherwise, otherwise(entry, verdict, case.answered())),
        };
        self.broken.push(broken(entry, Some(&case.id), how, what));
        case
    }

    fn end(&mut self, complete: bool) -> BaselineEvent {
        let mut not_looked_at = 0;
        let mut expired = Vec::new();
        for (index, (entry, &(seen, deciding))) in self.baseline.entries.iter().zip(&self.seen).enumerate() {
            let fits = self.about.values().filter(|about| **about == index).count();
            let lost = match deciding {
                _ if fits == 0 => Some((How::FitsNothing, "fits no case of the suite")),
                // Those that were not chosen may decide.
                0 if !complete || (self.chosen && seen < fits) => {
                    not_looked_at += 1;
                    None
                }
                0 => Some((
                    How::DecidesNothing,
                    "fits only cases that decide nothing (provisional, outside of the profile, or weaker than MUST)",
                )),
                _ => None,
            };
            if let Some((how, what)) = lost {
                self.broken.push(broken(entry, None, how, what.to_owned()));
            }
            if let Some(until) = entry.until.as_deref().filter(|until| *until < self.today) {
                let past = broken(entry, None, How::Expired, format!("has expired on {until}"));
                if self.strict_until { self.broken.push(past) } else { expired.push(past) }
            }
        }
        let mut broken = std::mem::take(&mut self.broken);
        broken.sort_by_key(|one| one.line);
        BaselineEvent {
            file: self.baseline.file.clone(),
            entries: self.baseline.entries.len(),
            not_looked_at,
            broken,
            expired,
        }
    }
}

fn broken(entry: &Entry, case: Option<&str>, how: How, what: String) -> Broken {
    Broken { line: entry.line, entry: entry.case.clone(), case: case.map(str::to_owned), how, what }
}

fn otherwise(entry: &Entry, verdict: Verdict, answered: Option<&str>) -> String {
    let words = |verdict: Verdict, got: Option<&str>| match got {
        Some(got) => format!("{verdict} with {got}"),
        None => verdict.to_string(),
    };
    let got = entry.got.as_deref();
    let answered = if got.is_some() || entry.result == verdict { answered } else { None };
    format!("ended as {}, not as {}", words(verdict, answered), words(entry.result, got))
}

impl Observer for Applied<'_> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Run(run) => {
                self.chosen = !run.selection.is_empty();
                self.inner.event(event);
            }
            Event::Case(case) => {
                let case = self.case(case);
                self.inner.event(&Event::Case(Box::new(case)));
            }
            Event::End(end) => {
                let outcome = self.end(end.complete);
                self.inner.event(&Event::Baseline(outcome));
                self.inner.event(event);
            }
            other => self.inner.event(other),
        }
    }

    fn progress(&mut self, done: usize, of: usize) {
        self.inner.progress(done, of);
    }
}
