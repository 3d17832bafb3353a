//! The reference as something that can be made wrong.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::in_process::InProcess;
use dxos_conformance::mutation::{Condition, Laboratory, Mutant, Subject};
use dxos_conformance::protocol::Answer;
use dxos_conformance::testee::Testee;
use dxos_reference::mutant::{self, Mode, Switch};
use serde_json::{Map, Value};

use crate::reference::Reference;

/// Deep inputs need more stack where the check of the depth is off.
const STACK: usize = 512 << 20;

/// A place: requirement and description.
type Place = (&'static str, &'static str);

/// The reference and its mutants.
pub(crate) struct ReferenceLaboratory {
    switches: Vec<mutant::Mutant>,
    mutants: Vec<Mutant>,
}

impl ReferenceLaboratory {
    /// With the mutants that `chosen` takes by their ids.
    pub(crate) fn new(chosen: impl Fn(&str, &str) -> bool) -> Self {
        let switches: Vec<mutant::Mutant> = mutant::Mutant::all()
            .into_iter()
            .filter(|mutant| chosen(&mutant.to_string(), mutant.requirement))
            .collect();
        let mutants = switches
            .iter()
            .map(|mutant| Mutant { id: mutant.to_string(), req: mutant.requirement.to_owned() })
            .collect();
        Self { switches, mutants }
    }
}

impl Laboratory for ReferenceLaboratory {
    fn mutants(&self) -> &[Mutant] {
        &self.mutants
    }

    fn start(&self, condition: Condition) -> Box<dyn Subject> {
        let idle = mutant::Mutant { requirement: "NONE", about: "changes nothing", mode: Mode::Inverted };
        let switch = match condition {
            Condition::Right => Switch::Right,
            Condition::Idle => Switch::Mutant(idle),
            Condition::Unchecked => Switch::AllOff,
            Condition::Mutant(index) => {
                self.switches.get(index).map_or(Switch::Right, |mutant| Switch::Mutant(*mutant))
            }
        };
        let reached = Arc::<Mutex<BTreeSet<Place>>>::default();
        let reference = Reference::default();
        let switched = Switched { reference, switch, set: false, reached: Arc::clone(&reached) };
        let testee = InProcess::with_stack(Box::new(switched), STACK);
        let places = self.switches.iter().map(|mutant| (mutant.requirement, mutant.about)).collect();
        Box::new(Specimen { testee, reached, places })
    }

    fn judge(&self) -> Box<dyn Implementation> {
        Box::<Reference>::default()
    }
}

/// The reference with a switch in the position wanted.
struct Switched {
    reference: Reference,
    switch: Switch,
    set: bool,
    reached: Arc<Mutex<BTreeSet<Place>>>,
}

impl Implementation for Switched {
    fn hello(&self) -> Hello {
        self.reference.hello()
    }

    fn call(&mut self, op: &str, input: &Map<String, Value>) -> Answer {
        // Switches belong to a thread, and this is the first moment in the thread that answers.
        if !self.set {
            mutant::set(self.switch);
            self.set = true;
        }
        let answer = self.reference.call(op, input);
        self.reached.lock().unwrap_or_else(PoisonError::into_inner).append(&mut mutant::reached());
        answer
    }

    fn close(&mut self, session: &str) {
        self.reference.close(session);
    }
}

struct Specimen {
    testee: InProcess,
    reached: Arc<Mutex<BTreeSet<Place>>>,
    places: Vec<Place>,
}

impl Subject for Specimen {
    fn testee(&mut self) -> &mut dyn Testee {
        &mut self.testee
    }

    fn reached(&mut self) -> BTreeSet<usize> {
        let reached = std::mem::take(&mut *self.reached.lock().unwrap_or_else(PoisonError::into_inner));
        let here = |(_, place): &(usize, &Place)| reached.contains(*place);
        self.places.iter().enumerate().filter(here).map(|(index, _)| index).collect()
    }
}
