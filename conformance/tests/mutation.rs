//! The trial of mutants, with a toy: what is killed, what is not, and what the controls say.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod toy;

use std::collections::BTreeSet;

use dxos_conformance::implementation::Implementation;
use dxos_conformance::in_process::InProcess;
use dxos_conformance::kill_table::{Excuses, KillTable};
use dxos_conformance::mutation::{Condition, Fate, Laboratory, Mutant, MutationError, Subject, table};
use dxos_conformance::testee::{Limits, Testee};
use dxos_conformance::verdict::Verdict;
use toy::{Faults, Toy, book, plan};

/// Name of a mutant, the toy's fault, and whether its place is ever reached.
type Bug = (&'static str, Faults, bool);

/// A laboratory for the toy, which may be broken itself.
struct ToyLaboratory {
    bugs: Vec<Bug>,
    mutants: Vec<Mutant>,
    right: Faults,
    idle: Faults,
    unchecked: Faults,
}

impl ToyLaboratory {
    fn new(bugs: &[Bug]) -> Self {
        let mutants = bugs
            .iter()
            .map(|(id, _, _)| Mutant { id: (*id).to_owned(), req: id.split('/').next().unwrap().to_owned() })
            .collect();
        Self {
            bugs: bugs.to_vec(),
            mutants,
            right: Faults::default(),
            idle: Faults::default(),
            unchecked: Faults { ignores_range: true, ..Faults::default() },
        }
    }

    fn fates(&self) -> Result<Vec<Fate>, MutationError> {
        table(self, &plan(&[]), &Limits::default(), 2, &mut |_| {})
    }
}

struct ToySubject {
    testee: InProcess,
    reached: BTreeSet<usize>,
}

impl Subject for ToySubject {
    fn testee(&mut self) -> &mut dyn Testee {
        &mut self.testee
    }

    fn reached(&mut self) -> BTreeSet<usize> {
        self.reached.clone()
    }
}

impl Laboratory for ToyLaboratory {
    fn mutants(&self) -> &[Mutant] {
        &self.mutants
    }

    fn start(&self, condition: Condition) -> Box<dyn Subject> {
        let faults = match condition {
            Condition::Right => self.right,
            Condition::Idle => self.idle,
            Condition::Unchecked => self.unchecked,
            Condition::Mutant(index) => self.bugs[index].1,
        };
        let reached = self.bugs.iter().enumerate().filter(|(_, bug)| bug.2).map(|(index, _)| index).collect();
        Box::new(ToySubject { testee: InProcess::start(Box::new(Toy(faults))), reached })
    }

    fn judge(&self) -> Box<dyn Implementation> {
        Box::new(Toy::default())
    }
}

fn right() -> Faults {
    Faults { rejects_leading_zeros: true, ..Faults::default() }
}

fn laboratory(bugs: &[Bug]) -> ToyLaboratory {
    let lax = ToyLaboratory::new(bugs);
    ToyLaboratory {
        right: right(),
        idle: right(),
        unchecked: Faults { ignores_range: true, ..right() },
        ..lax
    }
}

fn bug(id: &'static str, change: fn(&mut Faults), reached: bool) -> Bug {
    let mut faults = right();
    change(&mut faults);
    (id, faults, reached)
}

#[test]
fn each_mutant_has_its_fate() {
    let laboratory = laboratory(&[
        bug("TOY-NUM-002/the-range-is-not-checked", |faults| faults.ignores_range = true, true),
        bug("TOY-NUM-004/numbers-are-nonsense", |faults| faults.makes_nonsense = true, true),
        bug("TOY-NUM-004/zeros-are-dropped", |faults| faults.drops_zeros = true, true),
        bug("TOY-NUM-002/signs-kill", |faults| faults.panics_on_sign = true, true),
        bug("TOY-NUM-001/nothing-is-changed", |_| {}, true),
        bug("TOY-NUM-002/never-reached", |faults| faults.ignores_range = true, false),
    ]);
    let fates = laboratory.fates().unwrap();
    let table = KillTable::new(&laboratory.mutants, &fates);
    insta::assert_snapshot!(table.to_string());
    assert!(matches!(&fates[3], Fate::Killed { verdict: Verdict::Crash, .. }), "{:?}", fates[3]);
    assert_eq!(fates[4], Fate::Silent { cases: plan(&[]).items().len() });
    assert_eq!(KillTable::parse(&table.to_string()).unwrap().to_string(), table.to_string());
}

#[test]
fn the_controls_speak_up() {
    let bugs = [bug("TOY-NUM-002/the-range-is-not-checked", |faults| faults.ignores_range = true, true)];
    let wrong = ToyLaboratory { right: Faults { wrong_class: true, ..right() }, ..laboratory(&bugs) };
    let restless = ToyLaboratory { idle: Faults { wrong_class: true, ..right() }, ..laboratory(&bugs) };
    let deaf = ToyLaboratory { unchecked: right(), ..laboratory(&bugs) };
    let texts = [wrong, restless, deaf, laboratory(&[])]
        .map(|laboratory| laboratory.fates().unwrap_err().to_string());
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_hole_is_named_with_what_to_do() {
    let committed = "\
TOY-NUM-001/silent  silent
TOY-NUM-001/told  unreached
TOY-NUM-002/killed  killed  toy/number/parse/too-big  fail
TOY-NUM-003/gone  killed  toy/number/parse/leading-plus  fail
TOY-NUM-004/elsewhere  killed  toy/number/parse/plain  fail  elsewhere  provisional
";
    let table = KillTable::parse(committed).unwrap();
    let excuses = Excuses::parse(
        "[[excuse]]\nmutant = \"TOY-NUM-001/told\"\nkind = \"unobservable\"\nwhy = \"it is dark there\"\n\
         [[excuse]]\nmutant = \"TOY-NUM-002/killed\"\nkind = \"equivalent\"\nwhy = \"so it seemed\"\n\
         [[excuse]]\nmutant = \"TOY-NUM-002/none\"\nkind = \"equivalent\"\nwhy = \"a slip\"\n",
    )
    .unwrap();
    insta::assert_snapshot!(table.holes(&excuses, &book()).join("\n"));
    let figures = table.figures(&excuses);
    assert_eq!((figures.mutants, figures.killed, figures.killed_elsewhere), (5, 2, 1));
    assert_eq!((figures.silent, figures.unobservable, figures.unreached, figures.provisional), (1, 1, 0, 1));

    let now = KillTable::parse(
        &committed.replace("TOY-NUM-003/gone", "TOY-NUM-003/new").replace("told  unr", "told  silent\n#"),
    )
    .unwrap();
    insta::assert_snapshot!(now.differences(&table).join("\n"));
    assert!(table.differences(&table).is_empty());
    let broken = KillTable::parse("TOY-NUM-001/x  killed  case  loud\n").unwrap_err();
    insta::assert_snapshot!(broken.to_string());
    assert!(Excuses::parse("[[excuse]]\nmutant = \"x\"\nkind = \"lazy\"\nwhy = \"\"\n").is_err());
}
