//! Two records of the same testee, an old and a new one, and what became better or worse between them.
//!
//! A case that was run and is not applicable any more is a regression: otherwise claiming less would be the
//! simplest way to get rid of a failure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::{CaseEvent, Event, RunEvent, TesteeEvent};
use crate::fractions::Fractions;
use crate::plan::Missing;
use crate::runner::Observer;
use crate::summary::Summary;
use crate::verdict::Verdict;

/// What differs between two records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// What the old record adds up to.
    pub old: Side,
    /// What the new record adds up to.
    pub new: Side,
    /// In what the two runs are not comparable: another suite, profile or choice of cases.
    pub changed: Vec<Changed>,
    /// Operations that are not claimed any more.
    pub ops_lost: Vec<String>,
    /// Features that are not claimed any more.
    pub features_lost: Vec<String>,
    /// Failed, and passes now.
    pub fixed: Vec<Moved>,
    /// Passed, and fails now.
    pub failing: Vec<Moved>,
    /// Failed, and fails now in another way.
    pub otherwise: Vec<Moved>,
    /// Was run, and is not applicable now.
    pub dropped: Vec<Moved>,
    /// Was not applicable, and is run now.
    pub taken_up: Vec<Moved>,
    /// Is in the new record only.
    pub added: Vec<Moved>,
    /// Is in the old record only.
    pub removed: Vec<Moved>,
    /// Cases that ended alike.
    pub same: usize,
}

/// What one of the records adds up to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Name and version of the implementation.
    pub testee: String,
    /// The outcome in a sentence.
    pub outcome: String,
    /// The deciding cases in numbers.
    pub must: Fractions,
}

/// Something about the runs that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// What: `suite`, `profile`, `selection`, `level` or `testee`.
    pub what: String,
    /// In the old record.
    pub old: String,
    /// In the new record.
    pub new: String,
}

/// A case that did not end alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Its id.
    pub case: String,
    /// Whether it decides, in at least one of the records.
    pub decides: bool,
    /// How it ended in the old record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Ended>,
    /// How it ended in the new record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Ended>,
    /// What is not claimed any more, if it was dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The verdict, whatever a baseline says.
    pub verdict: Verdict,
    /// What was answered, in a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// Whether a baseline expects it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expected: bool,
}

/// The outcome of holding a run against an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgainstEvent {
    /// The file with the record of the earlier run, as it was named.
    pub report: String,
    /// What differs.
    pub diff: Diff,
}

/// Why two records cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiffError {
    /// A record lacks cases.
    #[error(
        "the {0} record is incomplete ({1}), so cases that it lacks cannot be told from cases that are gone; compare the records of whole runs"
    )]
    Incomplete(&'static str, String),
}

impl Diff {
    /// Compares two records.
    ///
    /// # Errors
    ///
    /// [`DiffError`] if one is incomplete.
    pub fn of(old: &[Event], new: &[Event]) -> Result<Self, DiffError> {
        let (old, new) = (Record::of("old", old)?, Record::of("new", new)?);
        let mut diff = Self {
            changed: changed(&old, &new),
            ops_lost: lost(&old, &new, |testee| &testee.served),
            features_lost: lost(&old, &new, |testee| &testee.features),
            old: old.side,
            new: new.side,
            fixed: Vec::new(),
            failing: Vec::new(),
            otherwise: Vec::new(),
            dropped: Vec::new(),
            taken_up: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
            same: 0,
        };
        let ids: BTreeSet<&str> = old.cases.keys().chain(new.cases.keys()).copied().collect();
        for id in ids {
            diff.sort(id, old.cases.get(id).copied(), new.cases.get(id).copied());
        }
        Ok(diff)
    }

    fn sort(&mut self, id: &str, old: Option<&CaseEvent>, new: Option<&CaseEvent>) {
        let decides = [old, new].into_iter().flatten().any(CaseEvent::decides);
        let mut moved =
            Moved { case: id.to_owned(), decides, old: old.map(ended), new: new.map(ended), missing: None };
        let place = match (old.map(CaseEvent::own_verdict), new.map(CaseEvent::own_verdict)) {
            (None, _) => &mut self.added,
            (_, None) => &mut self.removed,
            (Some(Verdict::NotApplicable), Some(Verdict::NotApplicable))
            | (Some(Verdict::Pass), Some(Verdict::Pass)) => {
                self.same += 1;
                return;
            }
            (_, Some(Verdict::NotApplicable)) => {
                moved.missing = new.and_then(|case| case.missing.clone());
                &mut self.dropped
            }
            (Some(Verdict::NotApplicable), _) => &mut self.taken_up,
            (Some(Verdict::Pass), _) => &mut self.failing,
            (_, Some(Verdict::Pass)) => &mut self.fixed,
            (a, b) if a == b && old.map(CaseEvent::answered) == new.map(CaseEvent::answered) => {
                self.same += 1;
                return;
            }
            _ => &mut self.otherwise,
        };
        place.push(moved);
    }

    /// The cases because of which the new run is worse: deciding ones that fail now, and all that are not run any
    /// more, as a claim was taken back, whatever it decided.
    pub fn regressions(&self) -> impl Iterator<Item = &Moved> {
        self.failing.iter().filter(|moved| moved.decides).chain(&self.dropped)
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        let lists = [
            &self.fixed,
            &self.failing,
            &self.otherwise,
            &self.dropped,
            &self.taken_up,
            &self.added,
            &self.removed,
        ];
        self.changed.is_empty() && lists.iter().all(|list| list.is_empty())
    }
}

/// A whole record.
struct Record<'a> {
    run: &'a RunEvent,
    testee: Option<&'a TesteeEvent>,
    cases: BTreeMap<&'a str, &'a CaseEvent>,
    side: Side,
}

impl<'a> Record<'a> {
    fn of(name: &'static str, events: &'a [Event]) -> Result<Self, DiffError> {
        let summary = Summary::of(events);
        let (Some(run), true) = (summary.run, summary.is_complete()) else {
            let profile = summary.run.map_or("the profile", |run| run.profile.as_str());
            return Err(DiffError::Incomplete(name, summary.decision.sentence(profile)));
        };
        let side = Side {
            testee: summary.testee.map(|testee| testee.implementation.to_string()).unwrap_or_default(),
            outcome: summary.decision.sentence(&run.profile),
            must: summary.fractions(),
        };
        let cases = summary.cases.iter().map(|case| (case.id.as_str(), *case)).collect();
        Ok(Self { run, testee: summary.testee, cases, side })
    }
}

fn changed(old: &Record<'_>, new: &Record<'_>) -> Vec<Changed> {
    let testee = |record: &Record<'_>| record.testee.map(|testee| testee.implementation.name.clone());
    let level = |record: &Record<'_>| format!("{:?}", record.run.level).to_lowercase();
    let all = |patterns: String| if patterns.is_empty() { "all cases".to_owned() } else { patterns };
    let selection = |record: &Record<'_>| all(record.run.selection.join(" "));
    [
        ("suite", old.run.suite.clone(), new.run.suite.clone()),
        ("profile", old.run.profile.clone(), new.run.profile.clone()),
        ("selection", selection(old), selection(new)),
        ("level", level(old), level(new)),
        ("testee", testee(old).unwrap_or_default(), testee(new).unwrap_or_default()),
    ]
    .into_iter()
    .filter(|(_, old, new)| old != new)
    .map(|(what, old, new)| Changed { what: what.to_owned(), old, new })
    .collect()
}

fn lost(old: &Record<'_>, new: &Record<'_>, claims: fn(&TesteeEvent) -> &Vec<String>) -> Vec<String> {
    let claimed = |record: &Record<'_>| record.testee.map(claims).cloned().unwrap_or_default();
    let kept = claimed(new);
    claimed(old).into_iter().filter(|claim| !kept.contains(claim)).collect()
}

fn ended(case: &CaseEvent) -> Ended {
    Ended {
        verdict: case.own_verdict(),
        got: case.answered().map(str::to_owned),
        expected: case.expected.is_some(),
    }
}

/// An observer that holds a run against an earlier one before it hands on the end.
pub struct Against<'a> {
    report: &'a str,
    old: &'a [Event],
    new: Vec<Event>,
    inner: &'a mut dyn Observer,
}

impl<'a> Against<'a> {
    /// Compares what follows with the record `old`, which was read from the file `report`.
    pub fn new(report: &'a str, old: &'a [Event], inner: &'a mut dyn Observer) -> Self {
        Self { report, old, new: Vec::new(), inner }
    }
}

impl Observer for Against<'_> {
    fn event(&mut self, event: &Event) {
        self.new.push(event.clone());
        // An incomplete run has no result to compare.
        if matches!(event, Event::End(_))
            && let Ok(diff) = Diff::of(self.old, &self.new)
        {
            let report = self.report.to_owned();
            self.inner.event(&Event::Against(Box::new(AgainstEvent { report, diff })));
        }
        self.inner.event(event);
    }

    fn progress(&mut self, done: usize, of: usize) {
        self.inner.progress(done, of);
    }
}
