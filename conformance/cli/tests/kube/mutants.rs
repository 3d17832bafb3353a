//! Our server made wrong on purpose, one mutant at a time, and judged by its address.

use std::collections::{BTreeMap, BTreeSet};

use dxos_conformance::implementation::Implementation;
use dxos_conformance::in_process::InProcess;
use dxos_conformance::kube_address::Address;
use dxos_conformance::mutation::{self, Condition, Fate, Laboratory, Mutant, Subject};
use dxos_conformance::null::Null;
use dxos_conformance::plan::{Choice, Plan};
use dxos_conformance::selection::Selection;
use dxos_conformance::testee::{Limits, Testee};
use dxos_conformance_kube::AtAddress;
use dxos_reference::mutant::{self, Mode, Switch};
use dxos_vectors::{Level, VectorFile};

use crate::server::{Kube, Place, SEED};
use crate::support::run;

/// Reached by what is asked over the network, and not to be seen from there.
const UNSEEN: &[(&str, &str)] = &[
    ("KUBE-END-002/every-path-is-that-of-signalling", ROUTER),
    ("KUBE-END-003/upper-and-lower-case-of-a-path-are-the-same", ROUTER),
    ("KUBE-END-003/what-only-begins-like-a-path-is-at-it", ROUTER),
];
const ROUTER: &str =
    "the server's router has taken the request to its endpoint by its path before it comes to this";

/// Our server and its mutants.
struct Servers {
    switches: Vec<mutant::Mutant>,
    mutants: Vec<Mutant>,
}

impl Servers {
    /// With the mutants of these ids.
    fn new(ids: &BTreeSet<String>) -> Self {
        let wanted = |mutant: &mutant::Mutant| ids.contains(&mutant.to_string());
        let switches: Vec<_> = mutant::Mutant::all().into_iter().filter(wanted).collect();
        let mutants = switches
            .iter()
            .map(|mutant| Mutant { id: mutant.to_string(), req: mutant.requirement.to_owned() })
            .collect();
        Self { switches, mutants }
    }
}

impl Laboratory for Servers {
    fn mutants(&self) -> &[Mutant] {
        &self.mutants
    }

    fn start(&self, condition: Condition) -> Box<dyn Subject> {
        let idle = mutant::Mutant { requirement: "NONE", about: "changes nothing", mode: Mode::Inverted };
        let kube = Kube::with(
            "version: 1",
            match condition {
                Condition::Right => Switch::Right,
                Condition::Idle => Switch::Mutant(idle),
                Condition::Unchecked => Switch::AllOff,
                Condition::Mutant(index) => Switch::Mutant(self.switches[index]),
            },
        );
        let clients = AtAddress::connect(&address(&kube));
        // One that does not even let the judge in is as good as dead.
        let clients = clients.map_or_else(
            |_| Box::new(Null::Crash) as Box<dyn Implementation>,
            |clients| Box::new(clients) as Box<dyn Implementation>,
        );
        let places = self.switches.iter().map(|mutant| (mutant.requirement, mutant.about)).collect();
        Box::new(Server { testee: InProcess::start(clients), kube, places })
    }

    fn judge(&self) -> Box<dyn Implementation> {
        Box::new(Null::Crash)
    }
}

/// A server that was started, and its clients.
struct Server {
    testee: InProcess,
    kube: Kube,
    places: Vec<Place>,
}

impl Subject for Server {
    fn testee(&mut self) -> &mut dyn Testee {
        &mut self.testee
    }

    fn reached(&mut self) -> BTreeSet<usize> {
        let reached = self.kube.reached();
        let here = |(_, place): &(usize, &Place)| reached.contains(*place);
        self.places.iter().enumerate().filter(here).map(|(index, _)| index).collect()
    }
}

fn address(kube: &Kube) -> Address {
    format!("ws://{}?operator={SEED}&quiet=40", kube.address).parse().unwrap()
}

/// The cases of `kube-core` that can be put to a server at an address.
fn cases() -> Vec<VectorFile> {
    let kube = Kube::start();
    let hello = AtAddress::connect(&address(&kube)).unwrap().hello();
    let profile = dxos_spec::profile("kube-core").unwrap();
    let mut files = dxos_vectors::embedded().unwrap();
    for file in &mut files {
        let op = file.op.clone();
        file.cases.retain(|case| {
            let mut steps = case.as_steps(&op).into_iter();
            case.req.iter().all(|req| profile.requirements.contains(req))
                && case.features.iter().all(|feature| hello.has(feature))
                && steps.all(|step| step.op.starts_with("session.") || hello.serves(&step.op))
        });
    }
    files.retain(|file| !file.cases.is_empty());
    files
}

/// The mutants that these cases notice in the process of the suite.
fn in_process(files: &[VectorFile]) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    for (index, file) in files.iter().enumerate() {
        let path = folder.path().join(format!("{index}.json"));
        std::fs::write(path, serde_json::to_vec(file).unwrap()).unwrap();
    }
    let ran = run(&["--vectors", folder.path().to_str().unwrap(), "mutants", "-k", "KUBE-", "--json"]);
    let table: serde_json::Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let mutants = table["mutants"].as_array().unwrap().iter();
    let killed = mutants.filter(|mutant| mutant["fate"] == "killed");
    killed.map(|mutant| mutant["mutant"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_noticed_in_process_is_noticed_in_a_server() {
    let files = cases();
    // What these cases notice at all: others need a clock that they set, or no server.
    let applicable = in_process(&files);
    assert!(applicable.len() > 100, "only {} mutants can be noticed by an address", applicable.len());
    let servers = Servers::new(&applicable);
    let profile = dxos_spec::profile("kube-core").unwrap();
    let selection = Selection::new([]);
    let choice = Choice { profile: &profile, selection, weakest: Level::Must, only_profile: true };
    let plan = Plan::new(&files, &choice);
    // Each server waits more than it works.
    let fates = mutation::table(&servers, &plan, &Limits::default(), 8, &mut |_| {}).unwrap();
    let silent = servers.mutants().iter().zip(fates).filter(|(_, fate)| !matches!(fate, Fate::Killed { .. }));
    let silent: BTreeSet<&str> = silent.map(|(mutant, _)| mutant.id.as_str()).collect();
    let unseen: BTreeMap<&str, &str> = UNSEEN.iter().copied().collect();
    let missed: Vec<_> = silent.iter().filter(|id| !unseen.contains_key(*id)).collect();
    assert!(missed.is_empty(), "{} of {} not noticed:\n{missed:#?}", silent.len(), applicable.len());
    let seen: Vec<_> = unseen.keys().filter(|id| !silent.contains(*id)).collect();
    assert!(seen.is_empty(), "noticed after all: {seen:?}");
}
