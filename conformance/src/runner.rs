//! A run: testees started, cases shared out among them, results recorded in the order of the plan.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::attempt::attempt;
use crate::event::{EndEvent, Event, ProbeEvent, ProbeOutcome, RespawnEvent, RunEvent, Stop, TesteeEvent};
use crate::hello::Hello;
use crate::implementation::Implementation;
use crate::plan::{Missing, Plan, Role};
use crate::probe::probe;
use crate::record::{Alone, Ended, Kept, not_applicable, record};
use crate::testee::{Limits, Testee, Trouble};

/// The most processes that are replaced in a run.
pub const RESPAWN_LIMIT: usize = 20;

/// Ids of requests: each case has a range of its own, so that an id does not depend on which process is asked.
const IDS_PER_CASE: u64 = 1000;

/// What a run needs.
pub struct Orders<'a> {
    /// What to run.
    pub plan: &'a Plan,
    /// What to write at the beginning of the record.
    pub run: RunEvent,
    /// Starts one more testee.
    pub start: &'a (dyn Fn() -> Result<Box<dyn Testee>, Trouble> + Sync),
    /// Makes the judge of randomised outputs, one for each process.
    pub judge: Option<&'a (dyn Fn() -> Box<dyn Implementation> + Sync)>,
    /// How long things may take.
    pub limits: Limits,
    /// Number of processes; at least one.
    pub jobs: usize,
}

/// Who is told what happens.
pub trait Observer {
    /// One line of the record.
    fn event(&mut self, event: &Event);

    /// A case ended (not yet recorded): how many did, of how many.
    fn progress(&mut self, _done: usize, _of: usize) {}
}

/// A function that takes events is an observer.
impl<F: FnMut(&Event)> Observer for F {
    fn event(&mut self, event: &Event) {
        self(event);
    }
}

/// Runs.  Whatever happens, the record that the observer was given is proper and ends with an `end`.
///
/// # Errors
///
/// [`Trouble`] if the first testee cannot be started; then nothing was run.
pub fn run(orders: &Orders<'_>, observer: &mut dyn Observer) -> Result<(), Trouble> {
    let start = Instant::now();
    let end = |observer: &mut dyn Observer, stopped: Option<Stop>, complete: bool| {
        let ms = crate::record::milliseconds(start.elapsed());
        observer.event(&Event::End(EndEvent { complete, stopped, ms }));
    };
    observer.event(&Event::Run(orders.run.clone()));
    let mut first = match (orders.start)() {
        Ok(testee) => testee,
        Err(Trouble::Interrupted) => {
            end(observer, Some(Stop::Interrupted), false);
            return Ok(());
        }
        Err(trouble) => {
            end(observer, Some(Stop::Testee(trouble.to_string())), false);
            return Err(trouble);
        }
    };
    let hello = first.hello().clone();
    let missing: Vec<Option<Missing>> = orders.plan.items().iter().map(|item| item.missing(&hello)).collect();
    let applicable: Vec<usize> =
        missing.iter().enumerate().filter(|(_, missing)| missing.is_none()).map(|(index, _)| index).collect();
    let jobs = orders.jobs.clamp(1, applicable.len().max(1));
    observer.event(&Event::Testee(introduce(&hello, orders.plan, jobs)));

    if orders.run.probes {
        match probe(first.as_mut(), orders.plan, &orders.limits) {
            Ok(events) => {
                let failed = events.iter().find(|event| event.outcome == ProbeOutcome::Failed).cloned();
                events.into_iter().for_each(|event| observer.event(&Event::Probe(event)));
                if let Some(ProbeEvent { probe, .. }) = failed {
                    end(observer, Some(Stop::Probe(probe)), false);
                    return Ok(());
                }
            }
            Err(_) => {
                end(observer, Some(Stop::Interrupted), false);
                return Ok(());
            }
        }
    }

    let shared = Shared {
        orders,
        hello: &hello,
        applicable: &applicable,
        next: AtomicUsize::new(0),
        respawns: AtomicUsize::new(0),
        halt: AtomicBool::new(false),
        stop: Mutex::new(None),
    };
    let mut emitter = Emitter::new(orders.plan, missing);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        let mut first = Some(first);
        for _ in 0..jobs {
            let (shared, sender, testee) = (&shared, sender.clone(), first.take());
            scope.spawn(move || shared.work(testee, &sender));
        }
        drop(sender);
        for (done, (index, attempt)) in results.into_iter().enumerate() {
            observer.progress(done + 1, applicable.len());
            emitter.take(index, attempt);
            emitter.emit_complete(observer);
        }
    });
    emitter.emit_rest(observer);
    let stopped = shared.stop.into_inner().unwrap_or_else(PoisonError::into_inner);
    let complete = stopped.is_none();
    end(observer, stopped, complete);
    Ok(())
}

fn introduce(hello: &Hello, plan: &Plan, processes: usize) -> TesteeEvent {
    let (served, unserved) = plan.ops().into_iter().map(str::to_owned).partition(|op| hello.serves(op));
    TesteeEvent {
        implementation: hello.implementation.clone(),
        ops: hello.ops.clone(),
        features: hello.features.clone(),
        coarse: hello.coarse.clone(),
        processes,
        served,
        unserved,
    }
}

/// The most bytes of logs that are recorded in a run.
const LOGS: usize = 8 << 20;

/// What the workers have in common.
struct Shared<'a> {
    orders: &'a Orders<'a>,
    hello: &'a Hello,
    applicable: &'a [usize],
    next: AtomicUsize,
    respawns: AtomicUsize,
    halt: AtomicBool,
    stop: Mutex<Option<Stop>>,
}

impl Shared<'_> {
    /// Takes cases until there are none, with one testee at a time.
    fn work(&self, mut testee: Option<Box<dyn Testee>>, results: &Sender<(usize, Kept)>) {
        let mut judge = self.orders.judge.map(|make| make());
        while !self.halt.load(Ordering::Relaxed) {
            if self.orders.limits.interrupted() {
                return self.halt(Stop::Interrupted);
            }
            let Some(&index) = self.applicable.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return };
            let Some(item) = self.orders.plan.items().get(index) else { return };
            let mut current = match testee.take().map_or_else(|| self.another(), Ok) {
                Ok(testee) => testee,
                Err(stop) => return self.halt(stop),
            };
            let first_id = (index as u64 + 1) * IDS_PER_CASE;
            let tried = attempt(item, current.as_mut(), judge.as_deref_mut(), first_id, &self.orders.limits);
            match tried {
                Ok(attempt) => {
                    let lost = attempt.lost;
                    if !lost {
                        testee = Some(current);
                    }
                    if results.send((index, attempt.into())).is_err() {
                        return;
                    }
                    if lost {
                        let count = self.respawns.fetch_add(1, Ordering::Relaxed) + 1;
                        if count > RESPAWN_LIMIT {
                            return self.halt(Stop::Respawns(RESPAWN_LIMIT));
                        }
                    }
                }
                Err(_) => return self.halt(Stop::Interrupted),
            }
        }
    }

    fn another(&self) -> Result<Box<dyn Testee>, Stop> {
        let testee = (self.orders.start)().map_err(|trouble| match trouble {
            Trouble::Interrupted => Stop::Interrupted,
            other => Stop::Testee(other.to_string()),
        })?;
        if testee.hello() == self.hello {
            return Ok(testee);
        }
        Err(Stop::Testee("a further process claims something else in hello than the first".to_owned()))
    }

    fn halt(&self, stop: Stop) {
        self.halt.store(true, Ordering::Relaxed);
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(stop);
    }
}

/// In the place of a log for which there is no room.
fn left_out(log: &str) -> String {
    match log.len() {
        0 => String::new(),
        length => {
            format!("({length} bytes are left out, as {LOGS} bytes of logs are recorded; replay shows them)")
        }
    }
}

/// Puts results back into the order of the plan.  A group is recorded as a whole, once all of its cases have
/// ended, as a rejection counts only beside the acceptance of another case of its group.
struct Emitter<'a> {
    plan: &'a Plan,
    missing: Vec<Option<Missing>>,
    attempts: Vec<Option<Kept>>,
    groups: Vec<Group>,
    /// For each case the index of its group.
    group_of: Vec<usize>,
    recorded_groups: usize,
    recorded: usize,
    /// Bytes of logs that were recorded.
    logged: usize,
    respawns: usize,
}

/// The cases of one group, which stand together in the plan.
struct Group {
    /// The index behind its last case.
    end: usize,
    /// How many of its cases have not ended.
    open: usize,
}

impl<'a> Emitter<'a> {
    fn new(plan: &'a Plan, missing: Vec<Option<Missing>>) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        let mut group_of = Vec::new();
        let mut name = None;
        for (index, (item, missing)) in plan.items().iter().zip(&missing).enumerate() {
            if name != Some(&item.group) {
                name = Some(&item.group);
                groups.push(Group { end: index, open: 0 });
            }
            if let Some(group) = groups.last_mut() {
                group.end = index + 1;
                group.open += usize::from(missing.is_none());
            }
            group_of.push(groups.len() - 1);
        }
        let attempts = plan.items().iter().map(|_| None).collect();
        Self {
            plan,
            missing,
            attempts,
            groups,
            group_of,
            recorded_groups: 0,
            recorded: 0,
            logged: 0,
            respawns: 0,
        }
    }

    fn take(&mut self, index: usize, attempt: Kept) {
        if let Some(slot) = self.attempts.get_mut(index) {
            *slot = Some(attempt);
        }
        if let Some(group) = self.group_of.get(index).and_then(|&group| self.groups.get_mut(group)) {
            group.open = group.open.saturating_sub(1);
        }
    }

    fn emit_complete(&mut self, observer: &mut dyn Observer) {
        while let Some(&Group { end, open: 0 }) = self.groups.get(self.recorded_groups) {
            self.emit(end, observer);
        }
    }

    fn emit_rest(&mut self, observer: &mut dyn Observer) {
        while let Some(&Group { end, .. }) = self.groups.get(self.recorded_groups) {
            self.emit(end, observer);
        }
    }

    fn emit(&mut self, end: usize, observer: &mut dyn Observer) {
        let range = self.recorded..end;
        self.recorded = end;
        self.recorded_groups += 1;
        let items = self.plan.items().get(range.clone()).unwrap_or_default();
        let attempts = self.attempts.get_mut(range.clone()).unwrap_or_default();
        let missing = self.missing.get(range).unwrap_or_default();
        let alone: Alone<'_> = items
            .iter()
            .zip(attempts.iter())
            .filter_map(|(item, attempt)| Some((item.case.id.as_str(), Ended::new(item, attempt.as_ref()?))))
            .collect();
        for ((item, attempt), missing) in items.iter().zip(attempts.iter_mut()).zip(missing) {
            let attempt = attempt.take();
            let lost = attempt.as_ref().is_some_and(|attempt| attempt.lost);
            if let Role::Reported(scope) = item.role {
                let event = match (attempt, missing) {
                    (Some(attempt), _) => Some(record(item, scope, attempt, &alone)),
                    (None, Some(missing)) => Some(not_applicable(item, scope, missing)),
                    (None, None) => None,
                };
                if let Some(mut event) = event {
                    self.logged += event.log.len();
                    if self.logged > LOGS {
                        self.logged -= event.log.len();
                        event.log = left_out(&event.log);
                    }
                    observer.event(&Event::Case(Box::new(event)));
                }
            }
            if lost {
                self.respawns += 1;
                let after = item.case.id.clone();
                observer.event(&Event::Respawn(RespawnEvent { after, count: self.respawns }));
            }
        }
    }
}
