//! Does the suite notice?  The cases are put to an implementation that was made wrong on purpose, once for each
//! of many mutants, and what they find is tabled.
//!
//! A mutant that no case notices is a hole in the suite, unless it cannot be noticed.  The procedure has
//! controls of its own, as one that finds everything guilty would look just as good: the unchanged
//! implementation must pass, a mutant that changes nothing must survive, and an implementation without any
//! check must be noticed.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::attempt::attempt;
use crate::implementation::Implementation;
use crate::plan::{Item, Plan};
use crate::testee::{Limits, Testee, Trouble};
use crate::verdict::Verdict;

/// One way in which the implementation can be made wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// Its name; begins with the requirement.
    pub id: String,
    /// The requirement that it breaks.
    pub req: String,
}

/// How the implementation is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Unchanged.
    Right,
    /// With a mutant that is nowhere in the code: by the same way as a mutant, and right all the same.
    Idle,
    /// Without any check.
    Unchecked,
    /// With the mutant at this index.
    Mutant(usize),
}

/// An implementation that can be mutated.
pub trait Laboratory: Sync {
    /// All mutants.
    fn mutants(&self) -> &[Mutant];

    /// Starts the implementation.
    fn start(&self, condition: Condition) -> Box<dyn Subject>;

    /// Makes the judge of randomised outputs, which is never mutated.
    fn judge(&self) -> Box<dyn Implementation>;
}

/// An implementation that was started.
pub trait Subject {
    /// What is asked.
    fn testee(&mut self) -> &mut dyn Testee;

    /// Indices of the mutants whose place in the code was reached since this was last called.
    fn reached(&mut self) -> BTreeSet<usize>;
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A case noticed it.
    Killed {
        /// The case: the first that cites the requirement, or else the first.
        case: String,
        /// How that case ended.
        verdict: Verdict,
        /// Whether that case cites the mutant's requirement.
        cites: bool,
        /// Whether that case counts in a verdict, or is provisional.
        scored: bool,
    },
    /// Cases reached its place and did not notice.
    Silent {
        /// How many.
        cases: usize,
    },
    /// No case reached its place, so that nothing is known of it.
    Unreached,
}

/// Why there is no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MutationError {
    /// There is nothing to do.
    #[error("there is no mutant to try; a suite that was tried with none is not tried")]
    NoMutants,
    /// There are no cases.
    #[error("there is no case to try the mutants with")]
    NoCases,
    /// The unchanged implementation does not pass.
    #[error(
        "the unchanged implementation does not pass {case} ({verdict}: {why}), so that its mutants show nothing"
    )]
    NotRight {
        /// The first such case.
        case: String,
        /// How it ended.
        verdict: Verdict,
        /// Why.
        why: String,
    },
    /// A mutant that changes nothing was noticed.
    #[error("the control failed: {case} notices a mutant that changes nothing, so that it would notice all")]
    IdleDied {
        /// The first such case.
        case: String,
    },
    /// An implementation without checks was not noticed.
    #[error("the control failed: no case notices an implementation without any check")]
    UncheckedSurvived,
    /// Interrupted by the user.
    #[error("interrupted")]
    Interrupted,
}

/// Tries every mutant with every case that reaches it, in so many threads.  `progress` is told how many are done.
///
/// # Errors
///
/// [`MutationError`]: nothing to try, or a control that failed.
pub fn table(
    laboratory: &dyn Laboratory,
    plan: &Plan,
    limits: &Limits,
    jobs: usize,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Fate>, MutationError> {
    let count = laboratory.mutants().len();
    if count == 0 {
        return Err(MutationError::NoMutants);
    }
    if plan.items().is_empty() {
        return Err(MutationError::NoCases);
    }
    let trial = Trial { laboratory, plan, limits, reach: Vec::new() };
    let reach = trial.right()?;
    let trial = Trial { reach, ..trial };
    trial.controls()?;

    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let fates: Mutex<Vec<Option<Fate>>> = Mutex::new(vec![None; count]);
    let (sender, finished) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (trial, next, done, fates, sender) = (&trial, &next, &done, &fates, sender.clone());
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count || limits.interrupted() {
                        return;
                    }
                    let Ok(fate) = trial.fate(index) else { return };
                    if let Some(slot) = fates.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index) {
                        *slot = Some(fate);
                    }
                    let _ = sender.send(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
        drop(sender);
        finished.into_iter().for_each(&mut *progress);
    });
    let fates = fates.into_inner().unwrap_or_else(PoisonError::into_inner);
    fates.into_iter().collect::<Option<Vec<_>>>().ok_or(MutationError::Interrupted)
}

/// The first case that did not pass, and how it ended.
struct Noticed<'a> {
    item: &'a Item,
    verdict: Verdict,
    why: String,
}

struct Trial<'a> {
    laboratory: &'a dyn Laboratory,
    plan: &'a Plan,
    limits: &'a Limits,
    /// For each case the mutants whose places it reaches.
    reach: Vec<BTreeSet<usize>>,
}

impl<'a> Trial<'a> {
    /// Runs everything with the unchanged implementation; which mutants each case reaches.
    fn right(&self) -> Result<Vec<BTreeSet<usize>>, MutationError> {
        let mut reach = Vec::new();
        let all = self.plan.items().iter();
        match self.first_noticed(Condition::Right, all, &mut |reached| reach.push(reached))? {
            None => Ok(reach),
            Some(Noticed { item, verdict, why }) => {
                Err(MutationError::NotRight { case: item.case.id.clone(), verdict, why })
            }
        }
    }

    fn controls(&self) -> Result<(), MutationError> {
        let all = || self.plan.items().iter();
        if let Some(noticed) = self.first_noticed(Condition::Idle, all(), &mut |_| {})? {
            return Err(MutationError::IdleDied { case: noticed.item.case.id.clone() });
        }
        match self.first_noticed(Condition::Unchecked, all(), &mut |_| {})? {
            Some(_) => Ok(()),
            None => Err(MutationError::UncheckedSurvived),
        }
    }

    fn fate(&self, index: usize) -> Result<Fate, MutationError> {
        let Some(mutant) = self.laboratory.mutants().get(index) else { return Ok(Fate::Unreached) };
        let reaching: Vec<&Item> = self
            .plan
            .items()
            .iter()
            .zip(&self.reach)
            .filter(|(_, reached)| reached.contains(&index))
            .map(|(item, _)| item)
            .collect();
        if reaching.is_empty() {
            return Ok(Fate::Unreached);
        }
        // First the cases that cite the requirement, with the siblings that they derive from, in their order.
        let cites = |item: &&Item| item.case.req.contains(&mutant.req);
        let siblings: BTreeSet<&str> = reaching
            .iter()
            .filter(|item| cites(item))
            .filter_map(|item| Some(item.case.derive.as_ref()?.from.as_str()))
            .collect();
        let near = |item: &&Item| cites(item) || siblings.contains(item.case.id.as_str());
        let condition = Condition::Mutant(index);
        let mut others = None;
        let mut candidates = reaching.iter().copied().filter(near);
        loop {
            match self.first_noticed(condition, candidates.by_ref(), &mut |_| {})? {
                Some(noticed) if cites(&noticed.item) => return Ok(killed(&noticed, true)),
                Some(noticed) => others = others.or(Some(noticed)),
                None => break,
            }
        }
        let rest = reaching.iter().copied().filter(|item| !near(item));
        let noticed = match others {
            Some(noticed) => Some(noticed),
            None => self.first_noticed(condition, rest, &mut |_| {})?,
        };
        Ok(noticed.map_or(Fate::Silent { cases: reaching.len() }, |noticed| killed(&noticed, false)))
    }

    /// Runs cases until one does not pass.  A crash ends the implementation; it is started anew for the next call.
    fn first_noticed<'i>(
        &self,
        condition: Condition,
        cases: impl Iterator<Item = &'i Item>,
        reached: &mut dyn FnMut(BTreeSet<usize>),
    ) -> Result<Option<Noticed<'i>>, MutationError> {
        let mut subject = self.laboratory.start(condition);
        let mut judge = self.laboratory.judge();
        for item in cases {
            let tried = attempt(item, subject.testee(), Some(judge.as_mut()), 1, self.limits);
            let attempt = match tried {
                Ok(attempt) => attempt,
                Err(Trouble::Interrupted) => return Err(MutationError::Interrupted),
                Err(trouble) => {
                    return Ok(Some(Noticed { item, verdict: Verdict::Crash, why: trouble.to_string() }));
                }
            };
            reached(subject.reached());
            if attempt.judgement.verdict != Verdict::Pass {
                let (verdict, why) = (attempt.judgement.verdict, attempt.judgement.why);
                return Ok(Some(Noticed { item, verdict, why }));
            }
        }
        Ok(None)
    }
}

fn killed(noticed: &Noticed<'_>, cites: bool) -> Fate {
    Fate::Killed {
        case: noticed.item.case.id.clone(),
        verdict: noticed.verdict,
        cites,
        scored: noticed.item.case.scored(),
    }
}
