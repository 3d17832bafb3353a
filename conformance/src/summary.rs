//! What a record adds up to: counts, fractions, and whether the testee conforms.

use std::collections::{BTreeMap, BTreeSet};

use dxos_vectors::Level;
use serde::Serialize;

use crate::baseline::applied::BaselineEvent;
use crate::decision::count;
use crate::diff::AgainstEvent;
use crate::event::{CaseEvent, EndEvent, Event, ProbeEvent, RunEvent, Scope, Stop, TesteeEvent};
use crate::fractions::Fractions;
use crate::plan::Missing;
use crate::repeat::RepeatEvent;
use crate::verdict::Verdict;

pub use crate::decision::Decision;

/// The confirmed cases of the profile in one part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Area {
    /// The first two parts of the ids, for example `halo/credential`.
    pub name: String,
    /// How many cases ended in which way.
    pub verdicts: BTreeMap<Verdict, usize>,
}

impl Area {
    /// Cases that passed.
    pub fn passed(&self) -> usize {
        self.verdicts.get(&Verdict::Pass).copied().unwrap_or(0)
    }

    /// Cases that were applicable.
    pub fn applicable(&self) -> usize {
        self.verdicts.iter().filter(|(verdict, _)| **verdict != Verdict::NotApplicable).map(|(_, n)| n).sum()
    }
}

/// How the cases that decide nothing ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Passed.
    pub passed: usize,
    /// Ended otherwise.
    pub failed: usize,
    /// Were not applicable.
    pub skipped: usize,
}

impl Tally {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Pass => self.passed += 1,
            Verdict::NotApplicable => self.skipped += 1,
            _ => self.failed += 1,
        }
    }

    /// All of them.
    pub const fn all(&self) -> usize {
        self.passed + self.failed + self.skipped
    }
}

/// A requirement outside of the profile that the testee does not fulfil.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// Its id.
    pub req: String,
    /// The strongest level of the cases.
    pub level: Level,
    /// The cases that did not pass.
    pub cases: Vec<String>,
}

/// What a record adds up to.
#[derive(Clone, Debug)]
pub struct Summary<'a> {
    /// What was asked for.
    pub run: Option<&'a RunEvent>,
    /// Who answered.
    pub testee: Option<&'a TesteeEvent>,
    /// The probes.
    pub probes: Vec<&'a ProbeEvent>,
    /// All cases.
    pub cases: Vec<&'a CaseEvent>,
    /// The end, if the record has one.
    pub end: Option<&'a EndEvent>,
    /// Number of processes that were replaced.
    pub respawns: usize,
    /// The confirmed cases of the profile, by area.
    pub areas: Vec<Area>,
    /// Of the confirmed cases of the profile: passes of every level, failures that decide, not applicable.
    pub counts: Tally,
    /// The cases because of which the testee does not conform.
    pub failures: Vec<&'a CaseEvent>,
    /// Deciding cases that fail as a baseline expects.
    pub expected: Vec<&'a CaseEvent>,
    /// What became of the baseline, if there is one.
    pub baseline: Option<&'a BaselineEvent>,
    /// What differs from an earlier run, if it was held against one.
    pub against: Option<&'a AgainstEvent>,
    /// What repeating the run has shown, if it was repeated.
    pub repeat: Option<&'a RepeatEvent>,
    /// Cases of a weaker level that did not pass.
    pub weaker: Vec<&'a CaseEvent>,
    /// Passes with a class that the testee cannot tell apart.
    pub coarse: usize,
    /// Cases without a second witness, in the profile or not.
    pub provisional: Tally,
    /// Confirmed cases outside of the profile.
    pub outside: Tally,
    /// The requirements outside of the profile that are not fulfilled.
    pub deviations: Vec<Deviation>,
    /// Operations that cases of the profile need, of level MUST, and the testee does not claim.
    pub unclaimed: BTreeSet<&'a str>,
    /// Deciding cases: passed, applicable, all.
    pub must: (usize, usize, usize),
    /// The outcome.
    pub decision: Decision,
}

impl<'a> Summary<'a> {
    /// Adds up a record.
    pub fn of(events: &'a [Event]) -> Self {
        let mut sum = Self {
            run: None,
            testee: None,
            probes: Vec::new(),
            cases: Vec::new(),
            end: None,
            respawns: 0,
            areas: Vec::new(),
            counts: Tally::default(),
            failures: Vec::new(),
            expected: Vec::new(),
            baseline: None,
            against: None,
            repeat: None,
            weaker: Vec::new(),
            coarse: 0,
            provisional: Tally::default(),
            outside: Tally::default(),
            deviations: Vec::new(),
            unclaimed: BTreeSet::new(),
            must: (0, 0, 0),
            decision: Decision::Incomplete { interrupted: false },
        };
        let mut deviations: BTreeMap<&str, Deviation> = BTreeMap::new();
        for event in events {
            match event {
                Event::Run(run) => {
                    sum.run = Some(run);
                    // Whatever is not run does not pass.
                    sum.must = (0, run.deciding, run.deciding);
                }
                Event::Testee(testee) => sum.testee = Some(testee),
                Event::Probe(probe) => sum.probes.push(probe),
                Event::Respawn(_) => sum.respawns += 1,
                Event::Repeat(repeat) => sum.repeat = Some(repeat),
                Event::Baseline(baseline) => sum.baseline = Some(baseline),
                Event::Against(against) => sum.against = Some(against),
                Event::End(end) => sum.end = Some(end),
                Event::Case(case) => {
                    sum.cases.push(case);
                    sum.claims(case);
                    match (case.provisional, case.scope) {
                        (true, _) => sum.provisional.add(case.verdict),
                        (false, Scope::Outside) => sum.beyond(case, &mut deviations),
                        (false, Scope::Profile) => sum.inside(case),
                    }
                }
            }
        }
        sum.deviations = deviations.into_values().collect();
        sum.decision = sum.decide();
        sum
    }

    fn inside(&mut self, case: &'a CaseEvent) {
        let name = area(&case.group);
        let index = self.areas.iter().position(|area| area.name == name).unwrap_or_else(|| {
            self.areas.push(Area { name: name.to_owned(), ..Area::default() });
            self.areas.len() - 1
        });
        if let Some(area) = self.areas.get_mut(index) {
            *area.verdicts.entry(case.verdict).or_default() += 1;
        }
        self.coarse += usize::from(case.coarse);
        if case.level == Level::Must {
            let (passed, applicable, _) = &mut self.must;
            *applicable = applicable.saturating_sub(usize::from(case.verdict == Verdict::NotApplicable));
            *passed += usize::from(case.verdict == Verdict::Pass);
        }
        match (case.verdict.is_failure(), case.level) {
            (true, Level::Must) => {
                self.counts.failed += 1;
                self.failures.push(case);
            }
            (true, _) => self.weaker.push(case),
            (false, _) if case.verdict == Verdict::ExpectedFailure => {
                self.counts.failed += 1;
                self.expected.push(case);
            }
            (false, _) => self.counts.add(case.verdict),
        }
    }

    /// An operation that the profile needs is needed whether or not its cases are confirmed.
    fn claims(&mut self, case: &'a CaseEvent) {
        if case.scope == Scope::Profile
            && case.level == Level::Must
            && let Some(Missing::Op(op)) = &case.missing
        {
            self.unclaimed.insert(op);
        }
    }

    fn beyond(&mut self, case: &'a CaseEvent, deviations: &mut BTreeMap<&'a str, Deviation>) {
        self.outside.add(case.verdict);
        if !case.verdict.is_failure() {
            return;
        }
        for req in &case.beyond {
            let deviation = deviations.entry(req).or_insert_with(|| Deviation {
                req: req.clone(),
                level: case.level,
                cases: Vec::new(),
            });
            deviation.level = deviation.level.min(case.level);
            deviation.cases.push(case.id.clone());
        }
    }

    /// The deciding cases in numbers.
    pub const fn fractions(&self) -> Fractions {
        let (passed, claimed, profile) = self.must;
        Fractions { passed, claimed, profile }
    }

    /// Whether the record has an end and all cases of the run.
    pub fn is_complete(&self) -> bool {
        let whole = self.run.is_some_and(|run| run.cases == self.cases.len());
        whole && self.end.is_some_and(|end| end.complete)
    }

    fn decide(&self) -> Decision {
        let (outcome, by) = (self.by_cases(), self.beside_the_cases());
        match outcome {
            outcome if by.is_empty() => outcome,
            Decision::Not(mut reasons) => {
                reasons.extend(by);
                Decision::Not(reasons)
            }
            outcome if outcome.exit_code() == 0 => Decision::Overruled { outcome: Box::new(outcome), by },
            outcome => outcome,
        }
    }

    /// Why none of the features is there of which the profile wants one.  Where all cases that need a claimed
    /// feature are provisional, nothing has decided about it; then it is not there if one of them fails, or to
    /// claim it would be the way around everything that is confirmed.
    fn without_feature(&self, any: &[String]) -> Option<String> {
        let claims = |feature: &&String| self.testee.is_some_and(|testee| testee.features.contains(feature));
        let claimed: Vec<&String> = any.iter().filter(claims).collect();
        if any.is_empty() {
            return None;
        }
        if claimed.is_empty() {
            return Some(format!("none of the features {} is claimed", any.join(", ")));
        }
        let mut failing = 0;
        for feature in claimed {
            let mut needing = self.cases.iter().filter(|case| case.features.contains(feature));
            let failed = |case: &&&CaseEvent| {
                case.scope == Scope::Profile && case.level == Level::Must && case.verdict.is_failure()
            };
            match needing.clone().filter(failed).count() {
                _ if needing.any(|case| case.decides()) => return None,
                0 => return None,
                count => failing += count,
            }
        }
        let noun = count(failing, "provisional case that needs it", "provisional cases that need it");
        Some(format!("of the features {} none is confirmed, and {noun} did not pass", any.join(", ")))
    }

    /// Whether the cases alone explain the outcome.
    pub(crate) fn says_nothing_more(&self) -> bool {
        self.beside_the_cases().is_empty()
    }

    /// Why the run fails, whatever the cases say.
    fn beside_the_cases(&self) -> Vec<String> {
        let mut by = Vec::new();
        if let Some(baseline) = self.baseline.filter(|baseline| !baseline.broken.is_empty()) {
            let lines: BTreeSet<usize> = baseline.broken.iter().map(|broken| broken.line).collect();
            let noun = count(lines.len(), "entry does not hold", "entries do not hold");
            by.push(format!("of the baseline {} {noun}", baseline.file));
        }
        if let Some(against) = self.against {
            let regressions = against.diff.regressions().count();
            if regressions > 0 {
                let noun = count(regressions, "regression", "regressions");
                by.push(format!("{noun} against {}", against.report));
            }
        }
        if let Some(repeat) = self.repeat {
            if !repeat.flaky.is_empty() {
                let noun = count(repeat.flaky.len(), "case is flaky", "cases are flaky");
                by.push(format!("{noun} in {} runs", repeat.runs));
            }
            by.extend(repeat.other.iter().cloned());
        }
        by
    }

    fn by_cases(&self) -> Decision {
        let (Some(run), Some(end)) = (self.run, self.end) else {
            return Decision::Incomplete { interrupted: false };
        };
        match &end.stopped {
            Some(Stop::Interrupted) => return Decision::Incomplete { interrupted: true },
            Some(Stop::Probe(probe)) => return Decision::Trouble(format!("the probe \"{probe}\" failed")),
            Some(Stop::Respawns(limit)) => {
                return Decision::Trouble(format!(
                    "the run was given up, as the testee had to be replaced more than {limit} times"
                ));
            }
            Some(Stop::Testee(why)) => return Decision::Trouble(why.clone()),
            None => {}
        }
        // A record from which cases were taken away must not look better than the run was.
        if !self.is_complete() {
            return Decision::Incomplete { interrupted: false };
        }
        let mut deciding = self.cases.iter().filter(|case| case.decides()).peekable();
        let any = deciding.peek().is_some();
        if deciding.all(|case| case.verdict == Verdict::NotApplicable) {
            return Decision::Nothing(match any {
                true => "the testee claims none of the operations and features of the profile".to_owned(),
                false => "no confirmed case of the profile is among the chosen ones".to_owned(),
            });
        }
        let mut reasons = Vec::new();
        if !self.failures.is_empty() {
            reasons.push(count(
                self.failures.len(),
                "case that counts did not pass",
                "cases that count did not pass",
            ));
        }
        reasons.extend(self.without_feature(&run.features_any));
        let left_out = count(
            self.unclaimed.len(),
            "operation of the profile is not claimed",
            "operations of the profile are not claimed",
        );
        if !self.unclaimed.is_empty() && !run.partial {
            reasons.push(left_out.clone());
        }
        let outcome = match (reasons.is_empty(), self.unclaimed.is_empty()) {
            (false, _) => return Decision::Not(reasons),
            (true, _) if !run.selection.is_empty() => Decision::Chosen,
            (true, false) => Decision::InPart(left_out),
            (true, true) => Decision::Conformant,
        };
        match self.expected.len() {
            0 => outcome,
            expected => Decision::GivenBaseline { outcome: Box::new(outcome), expected },
        }
    }
}

/// The first two parts of a group.
fn area(group: &str) -> &str {
    match group.match_indices('/').nth(1) {
        Some((end, _)) => group.get(..end).unwrap_or(group),
        None => group,
    }
}
