//! A campaign: trials until time or number is up, disagreements collected by their signatures, then shrunk.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::panel::{Budget, Panel, PanelError, Start};
use super::shape::Shape;
use super::shrink::{self, Effort, size};
use super::source::{Craft, Source, Trial};
use super::vote::{Opinion, Outcome, Outcomes, Signature};
use crate::hello::Hello;
use crate::testee::{Limits, Trouble};

/// The most times that testees are started anew while trials are made.
pub const RESPAWNS: usize = 200;

/// The same while one find is shrunk: each step may cost a testee.
const SHRINK_RESPAWNS: usize = 60;

/// How much is tried to shrink one find.
const SHRINK: (usize, Duration) = (4000, Duration::from_secs(10));

/// The least time for shrinking all finds; otherwise it takes no longer than the trials did.  `dxspec shrink` goes on
/// where this ends.
const SHRINK_ALL: Duration = Duration::from_secs(60);

/// The most finds that are shrunk, and that are kept with their input at all.
const SHRUNK: usize = 60;
const KEPT: usize = 400;

/// Why a signature is no news: the requirement under which the book says so.
pub type Explain<'a> = dyn Fn(&Signature) -> Option<String> + Sync + 'a;

/// What a campaign needs.
pub struct Orders<'a> {
    /// Makes the trials.
    pub source: &'a Source<'a>,
    /// What knows the protocol.
    pub craft: &'a dyn Craft,
    /// Starts the voters, the reference first.
    pub starts: Vec<&'a Start<'a>>,
    /// How long things may take.
    pub limits: &'a Limits,
    /// Panels at work at the same time; at least one.
    pub jobs: usize,
    /// When to stop making trials.
    pub until: Option<Instant>,
    /// How many trials to make.
    pub trials: Option<u64>,
    /// Why a signature is no news.
    pub explain: &'a Explain<'a>,
}

/// Who is told what happens.
pub trait Watch: Send {
    /// So many trials were made, and so many signatures found that nothing explains.
    fn progress(&mut self, trials: u64, finds: usize);

    /// A testee was lost for the first time in this way.  What it was asked is worth keeping at once.
    fn lost(&mut self, trial: &Trial, signature: &Signature);

    /// A find is being shrunk: which, of how many.
    fn shrinking(&mut self, number: usize, of: usize);
}

/// A disagreement, and the smallest trial that shows it.
#[derive(Clone, Debug)]
pub struct Find {
    /// What tells it from others.
    pub signature: Signature,
    /// The requirement under which the book says so.
    pub explained: Option<String>,
    /// Whether all refuse, only for different reasons.
    pub reasons: bool,
    /// How often it was seen.
    pub count: u64,
    /// The smallest trial.
    pub trial: Trial,
    /// What each answered to it.
    pub outcomes: Outcomes,
    /// Its size before it was shrunk, in bytes of JSON; `None` if it was not.
    pub shrunk_from: Option<usize>,
}

impl Find {
    /// Whether nothing explains it: this is what a campaign is for.
    pub const fn is_news(&self) -> bool {
        self.explained.is_none() && !self.reasons
    }
}

/// What became of the trials of an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accepted by all, with one result.
    pub accepted: u64,
    /// Refused by all, for one reason.
    pub refused: u64,
    /// Refused by all, for different reasons.
    pub reasons: u64,
    /// Disagreements that the book explains.
    pub explained: u64,
    /// Disagreements that nothing explains.
    pub news: u64,
    /// Requests that could not be compared.
    pub void: u64,
}

impl Tally {
    /// All of them.
    pub const fn total(&self) -> u64 {
        self.accepted + self.refused + self.reasons + self.explained + self.news + self.void
    }
}

/// What a campaign found.
#[derive(Clone, Debug)]
pub struct Results {
    /// What the voters claim, the reference first.
    pub hellos: Vec<Hello>,
    /// Trials by operation.
    pub tallies: BTreeMap<String, Tally>,
    /// How often each combination of answers was seen, over all operations.
    pub combinations: BTreeMap<Vec<String>, u64>,
    /// Disagreements, those that nothing explains first, then by how often they were seen.
    pub finds: Vec<Find>,
    /// Signatures beyond those that were kept.
    pub dropped: u64,
    /// How long trials were made.
    pub elapsed: Duration,
    /// How often a testee was lost.
    pub lost: usize,
    /// Why it ended early; `None` if it did not.
    pub stopped: Option<PanelError>,
}

impl Results {
    /// Number of trials.
    pub fn trials(&self) -> u64 {
        self.tallies.values().map(Tally::total).sum()
    }

    /// The finds that nothing explains.
    pub fn news(&self) -> impl Iterator<Item = &Find> {
        self.finds.iter().filter(|find| find.is_news())
    }
}

/// What the panels share.
#[derive(Default)]
struct Shared {
    tallies: BTreeMap<String, Tally>,
    combinations: BTreeMap<Vec<String>, u64>,
    finds: BTreeMap<Signature, Find>,
    trials: u64,
    news: usize,
    dropped: u64,
    stopped: Option<PanelError>,
}

/// Runs a campaign.
///
/// # Errors
/// [`Trouble`] if somebody does not start at all.
pub fn run(orders: &Orders<'_>, watch: &mut dyn Watch) -> Result<Results, Trouble> {
    let budget = Budget::new(RESPAWNS);
    let as_trouble = |error| match error {
        PanelError::Trouble(trouble) => trouble,
        PanelError::Respawns(_) => Trouble::protocol(error.to_string()),
    };
    let first = Panel::new(&orders.starts, orders.limits, &budget).map_err(as_trouble)?;
    let hellos = first.hellos().to_vec();
    let common = Mutex::new((Shared::default(), watch));
    let (next, halt) = (AtomicU64::new(0), AtomicBool::new(false));
    let start = Instant::now();
    let (budget, shared, next, halt) = (&budget, &common, &next, &halt);
    thread::scope(|scope| {
        for _ in 1..orders.jobs {
            scope.spawn(move || match Panel::new(&orders.starts, orders.limits, budget) {
                Ok(panel) => work(orders, panel, next, halt, shared),
                Err(error) => stop(shared, halt, error),
            });
        }
        work(orders, first, next, halt, shared);
    });
    let elapsed = start.elapsed();
    let (shared, watch) = common.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut finds: Vec<Find> = shared.finds.into_values().collect();
    finds.sort_by_key(|find| (!find.is_news(), find.reasons, std::cmp::Reverse(find.count)));
    let of = finds.iter().filter(|find| find.is_news()).count().min(SHRUNK);
    let end = Instant::now() + elapsed.max(SHRINK_ALL);
    for (number, find) in finds.iter_mut().take(of).enumerate() {
        watch.shrinking(number + 1, of);
        if orders.limits.interrupted() || Instant::now() >= end {
            break;
        }
        shrink_find(orders, find);
    }
    Ok(Results {
        hellos,
        tallies: shared.tallies,
        combinations: shared.combinations,
        finds,
        dropped: shared.dropped,
        elapsed,
        lost: budget.used(),
        stopped: shared.stopped,
    })
}

type Common<'w> = Mutex<(Shared, &'w mut dyn Watch)>;

fn stop(shared: &Common<'_>, halt: &AtomicBool, error: PanelError) {
    halt.store(true, Ordering::Relaxed);
    let mut guard = shared.lock().unwrap_or_else(PoisonError::into_inner);
    guard.0.stopped.get_or_insert(error);
}

fn work(orders: &Orders<'_>, mut panel: Panel<'_>, next: &AtomicU64, halt: &AtomicBool, shared: &Common<'_>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let over = orders.trials.is_some_and(|trials| number >= trials)
            || orders.until.is_some_and(|until| Instant::now() >= until);
        if over || halt.load(Ordering::Relaxed) {
            return;
        }
        if orders.limits.interrupted() {
            return stop(shared, halt, Trouble::Interrupted.into());
        }
        let Some(trial) = orders.source.trial(number) else { return };
        match panel.ask(&trial, orders.craft) {
            Ok((outcomes, opinion)) => {
                let mut guard = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let (shared, watch) = &mut *guard;
                shared.enter(orders, trial, outcomes, opinion, *watch);
            }
            Err(error) => return stop(shared, halt, error),
        }
    }
}

impl Shared {
    fn enter(
        &mut self,
        orders: &Orders<'_>,
        trial: Trial,
        outcomes: Outcomes,
        opinion: Opinion,
        watch: &mut dyn Watch,
    ) {
        let in_short =
            |outcome: &Option<Outcome>| outcome.as_ref().map_or_else(|| "-".to_owned(), Outcome::in_short);
        *self.combinations.entry(outcomes.iter().map(in_short).collect()).or_default() += 1;
        self.trials += 1;
        let tally = self.tallies.entry(trial.op.clone()).or_default();
        let (signature, reasons) = match opinion {
            Opinion::Accepted => return tally.accepted += 1,
            Opinion::Refused => return tally.refused += 1,
            Opinion::Void => return tally.void += 1,
            Opinion::Reasons(signature) => (signature, true),
            Opinion::Apart(signature) => (signature, false),
        };
        // Losing the testee is never explained by what the answer would have been.
        let fatal = outcomes.iter().flatten().any(Outcome::is_fatal);
        let explained = if fatal { None } else { (orders.explain)(&signature) };
        match (&explained, reasons) {
            (Some(_), _) => tally.explained += 1,
            (None, true) => tally.reasons += 1,
            (None, false) => tally.news += 1,
        }
        if let Some(find) = self.finds.get_mut(&signature) {
            find.count += 1;
            let weight = |trial: &Trial| (size(&trial.made.input), trial.number);
            if weight(&trial) < weight(&find.trial) {
                (find.trial, find.outcomes) = (trial, outcomes);
            }
        } else if self.finds.len() >= KEPT {
            self.dropped += 1;
        } else {
            if fatal {
                watch.lost(&trial, &signature);
            }
            let find = Find {
                signature: signature.clone(),
                explained,
                reasons,
                count: 1,
                trial,
                outcomes,
                shrunk_from: None,
            };
            self.news += usize::from(find.is_news());
            self.finds.insert(signature, find);
        }
        watch.progress(self.trials, self.news);
    }
}

/// Shrinks the trial of a find, with voters of its own.  If they fail, it stays as it is.
fn shrink_find(orders: &Orders<'_>, find: &mut Find) {
    let budget = Budget::new(SHRINK_RESPAWNS);
    let Ok(mut panel) = Panel::new(&orders.starts, orders.limits, &budget) else { return };
    let shape = orders.source.shape(&find.trial.op);
    let effort = Effort { tries: SHRINK.0, until: Some(Instant::now() + SHRINK.1) };
    if let Some((trial, outcomes)) =
        shrink_trial(&find.trial, &find.signature, shape, effort, &mut panel, orders.craft)
    {
        find.shrunk_from = Some(size(&find.trial.made.input));
        (find.trial, find.outcomes) = (trial, outcomes);
    }
}

/// Shrinks a trial for as long as the vote on it keeps its signature; `None` if it does not have it to begin with.
pub fn shrink_trial(
    trial: &Trial,
    signature: &Signature,
    shape: &Shape,
    effort: Effort,
    panel: &mut Panel<'_>,
    craft: &dyn Craft,
) -> Option<(Trial, Outcomes)> {
    let with = |input: Map<String, Value>| {
        let mut other = trial.clone();
        other.made.features = craft.features(&trial.op, &input, &trial.made.features);
        other.made.input = input;
        other
    };
    let mut outcomes = None;
    let mut vote = |input: &Map<String, Value>| {
        let trial = with(input.clone());
        let (voted, _) = panel.ask(&trial, craft).ok()?;
        let same = Signature::of(&trial, &voted, craft) == *signature;
        if same {
            outcomes = Some(voted);
        }
        Some(same)
    };
    if vote(&trial.made.input) != Some(true) {
        return None;
    }
    let mend = |input: &Map<String, Value>| craft.mend(&trial.op, input);
    let small = shrink::shrink(&trial.made.input, shape, effort, &mend, &mut vote);
    Some((with(small), outcomes?))
}
