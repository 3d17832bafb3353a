//! What a record adds up to: counts, fractions, and whether the testee conforms.

use std::collections::{BTreeMap, BTreeSet};

use dxos_vectors::Level;
use serde::Serialize;

use crate::event::{CaseEvent, EndEvent, Event, ProbeEvent, RunEvent, Scope, Stop, TesteeEvent};
use crate::plan::Missing;
use crate::verdict::Verdict;

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

/// The outcome of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Conforms to the profile.
    Conformant,
    /// Conforms in what it claims, which is less than the profile, and that was asked for.
    InPart(String),
    /// All chosen cases passed; that is no statement about the profile.
    Chosen,
    /// Does not conform; the reasons.
    Not(Vec<String>),
    /// Nothing that counts was run.
    Nothing(String),
    /// The run broke off because of the testee.
    Trouble(String),
    /// The run was interrupted, or the record is cut short.
    Incomplete {
        /// Whether by the user.
        interrupted: bool,
    },
}

impl Decision {
    /// The exit code of the program.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Conformant | Self::InPart(_) | Self::Chosen => 0,
            Self::Not(_) => 1,
            Self::Trouble(_) | Self::Incomplete { interrupted: false } => 3,
            Self::Nothing(_) => 5,
            Self::Incomplete { interrupted: true } => 130,
        }
    }

    /// The outcome in a line.
    pub fn sentence(&self, profile: &str) -> String {
        match self {
            Self::Conformant => format!("conformant to {profile}"),
            Self::InPart(left_out) => format!("conforms to {profile} in what it claims; {left_out}"),
            Self::Chosen => "the chosen cases pass; a choice of cases is no conformance result".to_owned(),
            Self::Not(reasons) => format!("not conformant to {profile}: {}", reasons.join("; ")),
            Self::Nothing(why) => format!("nothing was run: {why}"),
            Self::Trouble(why) => format!("no conformance result: {why}"),
            Self::Incomplete { interrupted: true } => {
                "no conformance result: the run was interrupted; what was found until then stands above"
                    .to_owned()
            }
            Self::Incomplete { interrupted: false } => {
                "no conformance result: the record is incomplete, it has no end".to_owned()
            }
        }
    }
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
    /// Operations that deciding cases need and the testee does not claim.
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
                Event::End(end) => sum.end = Some(end),
                Event::Case(case) => {
                    sum.cases.push(case);
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
            if let Some(Missing::Op(op)) = &case.missing {
                self.unclaimed.insert(op);
            }
        }
        match (case.verdict.is_failure(), case.level) {
            (true, Level::Must) => {
                self.counts.failed += 1;
                self.failures.push(case);
            }
            (true, _) => self.weaker.push(case),
            (false, _) => self.counts.add(case.verdict),
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

    fn decide(&self) -> Decision {
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
        let ran = self.cases.iter().any(|case| case.scored && case.verdict != Verdict::NotApplicable);
        if !ran {
            return Decision::Nothing(match self.cases.iter().any(|case| case.scored) {
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
        let claims = |feature: &String| self.testee.is_some_and(|testee| testee.features.contains(feature));
        if !run.features_any.is_empty() && !run.features_any.iter().any(claims) {
            reasons.push(format!("none of the features {} is claimed", run.features_any.join(", ")));
        }
        let left_out = count(
            self.unclaimed.len(),
            "operation of the profile is not claimed",
            "operations of the profile are not claimed",
        );
        if !self.unclaimed.is_empty() && !run.partial {
            reasons.push(left_out.clone());
        }
        match (reasons.is_empty(), self.unclaimed.is_empty()) {
            (false, _) => Decision::Not(reasons),
            (true, _) if !run.selection.is_empty() => Decision::Chosen,
            (true, false) => Decision::InPart(left_out),
            (true, true) => Decision::Conformant,
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

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A fraction with one digit behind the point, never rounded up to 100.
pub fn percent(part: usize, whole: usize) -> String {
    match (part * 1000).checked_div(whole) {
        Some(tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
        None => "nothing".to_owned(),
    }
}
