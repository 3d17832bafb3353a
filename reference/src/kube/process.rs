//! The life of a program that a KUBE runs, as a state machine: when it is started, stopped, killed and started again.
//!
//! ```text
//!            start            spawned                exited
//!  Stopped ────────► Starting ────────► Running ───────────────► Waiting ──(delay)──► Starting
//!     ▲                                   │ stop, restart, unhealthy
//!     └────────── exited ─── Stopping ◄───┘
//! ```
//!
//! It says what to do by [`Process::poll`]; whoever does it says what came of it.

use std::collections::VecDeque;

use dxos_proto::dxos::service::supervisor::service::Status;

/// The delay before the first restart, in milliseconds; each further one is twice as long.
pub const FIRST_DELAY: u64 = 100;
/// The longest delay, in milliseconds.
pub const LONGEST_DELAY: u64 = 30_000;
/// Whoever has run for so many milliseconds begins with the first delay again.
pub const STEADY: u64 = 10_000;
/// Milliseconds from asking a program to end until it is killed.
pub const GRACE: u64 = 5_000;
/// So many failed checks in a row, and it is started again.
pub const FAILED_CHECKS: u32 = 3;

/// What is to be done to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Start it, and say [`Process::spawned`] or, if that fails, [`Process::exited`].
    Spawn,
    /// Ask it to end (SIGTERM).
    Terminate,
    /// End it (SIGKILL).
    Kill,
}

impl Command {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spawn => "spawn",
            Self::Terminate => "terminate",
            Self::Kill => "kill",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Stopped,
    Starting,
    Running {
        since: u64,
    },
    /// Asked to end; `kill` is when it is killed, `spawned` whether it is known to run.
    Stopping {
        kill: Option<u64>,
        spawned: bool,
    },
    Waiting {
        until: u64,
    },
}

/// What comes after it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Rest,
    Start,
    Wait,
}

/// One program.
#[derive(Clone, Debug)]
pub struct Process {
    state: State,
    next: Next,
    failed: bool,
    failed_checks: u32,
    delay: u64,
    restarts: u64,
    commands: VecDeque<Command>,
}

impl Default for Process {
    fn default() -> Self {
        Self::new()
    }
}

impl Process {
    /// A program that was never started.
    pub const fn new() -> Self {
        Self {
            state: State::Stopped,
            next: Next::Rest,
            failed: false,
            failed_checks: 0,
            delay: FIRST_DELAY,
            restarts: 0,
            commands: VecDeque::new(),
        }
    }

    /// The operator starts it.
    pub fn start(&mut self) {
        match self.state {
            State::Stopped | State::Waiting { .. } => {
                self.delay = FIRST_DELAY;
                self.spawn();
            }
            State::Stopping { .. } => self.next = Next::Start,
            State::Starting | State::Running { .. } => {}
        }
    }

    /// The operator stops it, at a time in milliseconds.
    pub fn stop(&mut self, now: u64) {
        alter!(KUBE_SUP_026, (), "a program that waits to be started again cannot be stopped" =>
            if matches!(self.state, State::Waiting { .. }) { return });
        match self.state {
            State::Stopped => {}
            State::Waiting { .. } => {
                self.state = State::Stopped;
                self.failed = false;
            }
            State::Starting | State::Running { .. } => self.end(Next::Rest, now),
            State::Stopping { .. } => self.next = Next::Rest,
        }
    }

    /// The operator starts it again, at a time in milliseconds.
    pub fn restart(&mut self, now: u64) {
        match self.state {
            State::Starting | State::Running { .. } => {
                self.delay = FIRST_DELAY;
                self.end(Next::Start, now);
                alter!(KUBE_SUP_027, (), "the new one starts before the old one has ended" =>
                    self.commands.push_back(Command::Spawn));
            }
            _ => self.start(),
        }
    }

    /// It runs, since a time in milliseconds.
    pub fn spawned(&mut self, now: u64) {
        match &mut self.state {
            State::Starting => {
                self.state = State::Running { since: now };
                self.failed = false;
                self.failed_checks = 0;
            }
            // It was stopped before there was anything to stop.
            State::Stopping { spawned, .. } if !*spawned => {
                *spawned = true;
                self.commands.push_back(Command::Terminate);
            }
            _ => {}
        }
    }

    /// It has ended, with whatever code, or could not be started.
    pub fn exited(&mut self, now: u64) {
        match self.state {
            State::Starting => self.fail(now),
            State::Running { since } => {
                let steady = alter!(KUBE_SUP_024, now.saturating_sub(since) >= STEADY,
                    "the delay only grows" => false,
                    "the delay begins again at each restart" => true);
                if steady {
                    self.delay = FIRST_DELAY;
                }
                self.fail(now);
            }
            State::Stopping { .. } => match self.next {
                Next::Rest => {
                    self.state = State::Stopped;
                    self.failed = alter!(KUBE_SUP_029, false, "who was stopped has failed" => true);
                    alter!(KUBE_SUP_025, (), "who was stopped is started again" => self.fail(now));
                }
                Next::Start => self.spawn(),
                Next::Wait => self.fail(now),
            },
            State::Stopped | State::Waiting { .. } => {}
        }
    }

    /// It has answered a check of its health, or has not.
    pub fn checked(&mut self, healthy: bool, now: u64) {
        if !matches!(self.state, State::Running { .. }) {
            return;
        }
        if healthy {
            self.failed_checks = 0;
            self.failed = false;
            return;
        }
        self.failed_checks += 1;
        self.failed = alter!(KUBE_SUP_028, true, "a failed check does not show" => false);
        let enough = alter!(KUBE_SUP_028, self.failed_checks >= FAILED_CHECKS,
            "one failed check is enough for a restart" => true,
            "failed checks do not lead to a restart" => false);
        if enough {
            self.end(Next::Wait, now);
        }
    }

    /// Time has passed: it is now so many milliseconds.
    pub fn tick(&mut self, now: u64) {
        match &mut self.state {
            State::Waiting { until } if *until <= now => {
                self.restarts += 1;
                self.spawn();
            }
            State::Stopping { kill, .. } if kill.is_some_and(|at| at <= now) => {
                *kill = None;
                alter!(KUBE_SUP_025, self.commands.push_back(Command::Kill),
                    "who does not end when asked is left running" => ());
            }
            _ => {}
        }
    }

    /// When it wants to hear of the time next.
    pub const fn deadline(&self) -> Option<u64> {
        match self.state {
            State::Waiting { until } => Some(until),
            State::Stopping { kill, .. } => kill,
            _ => None,
        }
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// What `Status` says of it.
    pub fn status(&self) -> Status {
        let runs = matches!(self.state, State::Running { .. } | State::Stopping { spawned: true, .. });
        let status = match () {
            () if self.failed => Status::Failed,
            () if runs => Status::Started,
            () => Status::Stopped,
        };
        let status = alter!(KUBE_SUP_021, status,
            "a program that has ended is shown as started while it waits" =>
                if matches!(self.state, State::Waiting { .. }) { Status::Started } else { status },
            "a program that has ended by itself is shown as stopped" =>
                if matches!(self.state, State::Waiting { .. }) { Status::Stopped } else { status });
        let status = alter!(KUBE_SUP_020, status,
            "a program is shown as started before it runs" =>
                if matches!(self.state, State::Starting) { Status::Started } else { status });
        alter!(KUBE_SUP_022, status, "a program that was never started has failed" =>
            if matches!(self.state, State::Stopped) { Status::Failed } else { status })
    }

    /// How often it was started again by itself.
    pub const fn restarts(&self) -> u64 {
        self.restarts
    }

    fn spawn(&mut self) {
        self.state = State::Starting;
        self.commands.push_back(Command::Spawn);
    }

    fn end(&mut self, next: Next, now: u64) {
        let spawned = matches!(self.state, State::Running { .. });
        self.next = next;
        self.state = State::Stopping { kill: Some(now.saturating_add(GRACE)), spawned };
        if spawned {
            self.commands.push_back(Command::Terminate);
        }
    }

    fn fail(&mut self, now: u64) {
        self.failed = true;
        self.state = State::Waiting { until: now.saturating_add(self.delay) };
        let longest = alter!(KUBE_SUP_023, LONGEST_DELAY, "the delay has no limit" => u64::MAX);
        self.delay = alter!(KUBE_SUP_023, self.delay.saturating_mul(2).min(longest),
            "the delay does not grow" => FIRST_DELAY,
            "the delay grows by a fixed step" => (self.delay + FIRST_DELAY).min(longest));
    }
}
