//! The ways to misbehave, by name.

use nix::unistd::setsid;

use crate::stage::{Stage, hang};
use crate::{answers, limits, starts};

/// One way to misbehave.
#[derive(Clone)]
pub(crate) struct Behaviour {
    pub(crate) name: &'static str,
    /// How the run must end.
    pub(crate) code: i32,
    /// Whether the report is wanted as JSON.
    pub(crate) json: bool,
    cases: &'static str,
    jobs: &'static str,
    timeout: &'static str,
    start_timeout: &'static str,
    probes: bool,
    act: fn(Stage),
}

/// Of one case all is said.
const ONE: &str = "halo/key/parse/hex/p256";
/// More than there are respawns.
pub(crate) const MANY: &str = "halo/key";

impl Behaviour {
    pub(crate) const fn new(name: &'static str, code: i32, act: fn(Stage)) -> Self {
        let (timeout, start_timeout) = ("100", "100");
        Self { name, code, json: false, cases: ONE, jobs: "1", timeout, start_timeout, probes: false, act }
    }

    /// Hangs, so the limit is met.
    pub(crate) const fn hasty(self) -> Self {
        Self { timeout: "0.4", ..self }
    }

    /// Hangs at `hello`.
    pub(crate) const fn hasty_start(self) -> Self {
        Self { start_timeout: "0.4", ..self }
    }

    /// Hangs, but only after it has said something that is shown.
    pub(crate) const fn less_hasty(self) -> Self {
        Self { timeout: "2", start_timeout: "2", ..self }
    }

    pub(crate) const fn on(self, cases: &'static str) -> Self {
        Self { cases, ..self }
    }

    pub(crate) const fn by_four(self) -> Self {
        Self { jobs: "4", ..self }
    }

    pub(crate) const fn reported_as_json(self) -> Self {
        Self { json: true, ..self }
    }

    pub(crate) const fn probed(self) -> Self {
        Self { probes: true, ..self }
    }

    pub(crate) fn arguments(&self) -> Vec<&'static str> {
        let mut arguments = vec!["-k", self.cases, "--jobs", self.jobs, "--timeout", self.timeout];
        arguments.extend(["--start-timeout", self.start_timeout]);
        arguments.extend((!self.probes).then_some("--no-probes"));
        arguments.extend(self.json.then_some("--json"));
        arguments
    }
}

/// Misbehaves.
pub(crate) fn act(name: &str) {
    match behaviours().into_iter().find(|behaviour| behaviour.name == name) {
        Some(behaviour) => (behaviour.act)(Stage::new()),
        None if name == "idle child" => hang(),
        None if name == "child in a session of its own" => {
            let _ = setsid();
            // It leaves when the runner closes the input.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        }
        None => panic!("no behaviour {name}"),
    }
}

/// All of them.
pub(crate) fn behaviours() -> Vec<Behaviour> {
    [starts::behaviours(), limits::behaviours(), answers::behaviours()].concat()
}
