//! Everybody who votes, kept alive.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::source::{Craft, Trial};
use super::vote::{Opinion, Outcome, Outcomes, count};
use crate::hello::Hello;
use crate::protocol::Request;
use crate::testee::{Limits, Testee, Trouble};

/// Starts one more of a testee.
pub type Start<'a> = dyn Fn() -> Result<Box<dyn Testee>, Trouble> + Sync + 'a;

/// Why there is no vote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PanelError {
    /// A testee does not start.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// Testees were lost too often.
    #[error("testees had to be started anew more than {0} times")]
    Respawns(usize),
}

/// The reference and the testees.  Who is lost is started anew, for as long as there is some budget left.
pub struct Panel<'a> {
    seats: Vec<Seat<'a>>,
    hellos: Vec<Hello>,
    limits: &'a Limits,
    budget: &'a Budget,
}

struct Seat<'a> {
    start: &'a Start<'a>,
    /// `None` after it was lost: the vote that cost it is counted before anything else can go wrong.
    testee: Option<Box<dyn Testee>>,
}

/// How often testees may be lost, all panels together.
#[derive(Debug)]
pub struct Budget {
    most: usize,
    used: AtomicUsize,
}

impl Budget {
    /// So many times.
    pub const fn new(most: usize) -> Self {
        Self { most, used: AtomicUsize::new(0) }
    }

    /// How often it was.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn take(&self) -> Result<(), PanelError> {
        let before = self.used.fetch_add(1, Ordering::Relaxed);
        if before < self.most { Ok(()) } else { Err(PanelError::Respawns(self.most)) }
    }
}

impl<'a> Panel<'a> {
    /// Starts everybody, the reference first.
    ///
    /// # Errors
    /// [`PanelError::Trouble`] of the first that does not start.
    pub fn new(starts: &[&'a Start<'a>], limits: &'a Limits, budget: &'a Budget) -> Result<Self, PanelError> {
        let (mut seats, mut hellos) = (Vec::new(), Vec::new());
        for &start in starts {
            let testee = start()?;
            hellos.push(testee.hello().clone());
            seats.push(Seat { start, testee: Some(testee) });
        }
        Ok(Self { seats, hellos, limits, budget })
    }

    /// What everybody claims, the reference first.
    pub fn hellos(&self) -> &[Hello] {
        &self.hellos
    }

    /// Puts a trial to everybody who claims what it takes.
    ///
    /// # Errors
    /// [`PanelError`]: interrupted, or somebody could not be started anew.
    pub fn ask(&mut self, trial: &Trial, craft: &dyn Craft) -> Result<(Outcomes, Opinion), PanelError> {
        let request = Request::new(trial.number + 1, &trial.op, trial.made.input.clone());
        let mut outcomes = Vec::with_capacity(self.seats.len());
        for (seat, hello) in self.seats.iter_mut().zip(&self.hellos) {
            let able =
                hello.serves(&trial.op) && trial.made.features.iter().all(|feature| hello.has(feature));
            if !able {
                outcomes.push(None);
                continue;
            }
            let testee = match &mut seat.testee {
                Some(testee) => testee,
                lost => {
                    self.budget.take()?;
                    lost.insert((seat.start)()?)
                }
            };
            let answer = testee.request(&request, self.limits.request);
            drop(testee.take_log());
            match &answer {
                Err(trouble @ (Trouble::Interrupted | Trouble::CannotStart(_))) => {
                    return Err(trouble.clone().into());
                }
                Err(_) => seat.testee = None,
                Ok(_) => {}
            }
            outcomes.push(Outcome::of(answer, &trial.op, craft));
        }
        let opinion = count(trial, &outcomes, &self.hellos, craft);
        Ok((outcomes, opinion))
    }
}
