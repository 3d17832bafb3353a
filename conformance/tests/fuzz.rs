//! A campaign against an implementation that is wrong on purpose: it is found out, made small and written down.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use dxos_conformance::fuzz::campaign::{Find, Orders, Results, Watch, run};
use dxos_conformance::fuzz::candidate::{Origin, candidate};
use dxos_conformance::fuzz::panel::Start;
use dxos_conformance::fuzz::report::{self, Setting};
use dxos_conformance::fuzz::shrink::size;
use dxos_conformance::fuzz::source::{Made, Seed, Source, Trial, Unskilled};
use dxos_conformance::fuzz::vote::{Outcome, Signature};
use dxos_conformance::fuzz::wire::{Content, Message};
use dxos_conformance::hello::Hello;
use dxos_conformance::implementation::Implementation;
use dxos_conformance::in_process::InProcess;
use dxos_conformance::protocol::Answer;
use dxos_conformance::report::paint::Look;
use dxos_conformance::testee::{Limits, Testee, Trouble};
use dxos_vectors::lock::{self, Lock};
use dxos_vectors::{Class, VectorFile, lint, schema, text};
use serde_json::{Map, Value, json};

const OP: &str = "halo.credential.decode";
const GROUP: &str = "halo/credential/decode/toy";

/// What is wrong with a reader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Nothing,
    /// Of two issuers the first counts.
    First,
    /// Ends at a field with the number 9.
    Dies,
}

/// Reads the bytes of the last field 2, and refuses what is no message.
struct Reader(Fault);

impl Implementation for Reader {
    fn hello(&self) -> Hello {
        Hello::new(if self.0 == Fault::Nothing { "right" } else { "wrong" }, "1", "rust", &[OP], &[])
    }

    fn call(&mut self, _: &str, input: &Map<String, Value>) -> Answer {
        let Some(text) = input.get("credential").and_then(Value::as_str) else {
            return Answer::Bug { message: "no credential".to_owned() };
        };
        let bytes = hex::decode(text).unwrap();
        let message = Message::read(&bytes);
        if !message.rest.is_empty() {
            return Answer::reject(Class::DecodeLength, "");
        }
        assert!(self.0 != Fault::Dies || message.fields.iter().all(|field| field.number() != 9), "nine");
        let mut issuers = message.fields.iter().filter(|field| field.number() == 2);
        let issuer = if self.0 == Fault::First { issuers.next() } else { issuers.next_back() };
        let bytes = match issuer.map(|field| &field.content) {
            Some(Content::Delimited(_, body)) => body.to_bytes(),
            _ => Vec::new(),
        };
        Answer::Ok(json!({ "issuer": hex::encode(bytes) }).as_object().unwrap().clone())
    }
}

fn files() -> Vec<VectorFile> {
    let file = json!({
        "$schema": schema::path_from(GROUP), "format": 1, "group": GROUP, "op": OP, "about": "A toy.",
        "source": { "generator": "hand", "seed": GROUP },
        "cases": [{ "id": format!("{GROUP}/plain"), "req": ["HALO-ENC-023"], "level": "must",
            "in": { "credential": "0a0301020312020a001a0208015a0101" }, "want": { "ok": { "issuer": "0a00" } },
            "origin": "hand", "witness": ["dxos-reference"] }]
    });
    vec![serde_json::from_value(file).unwrap()]
}

#[derive(Default)]
struct Watched {
    lost: Vec<Trial>,
    shrunk: usize,
}

impl Watch for Watched {
    fn progress(&mut self, _: u64, _: usize) {}

    fn lost(&mut self, trial: &Trial, _: &Signature) {
        self.lost.push(trial.clone());
    }

    fn shrinking(&mut self, _: usize, _: usize) {
        self.shrunk += 1;
    }
}

fn campaign(fault: Fault, jobs: usize, explain: bool) -> (Results, Watched) {
    let seeds = files()
        .into_iter()
        .flat_map(|file| file.cases)
        .map(|case| Seed { id: case.id, made: Made { input: case.input.unwrap(), features: Vec::new() } });
    let source = Source::new(&Unskilled, 11, BTreeMap::from([(OP.to_owned(), seeds.collect())]));
    let limits = Limits::default();
    let right = || Ok(Box::new(InProcess::start(Box::new(Reader(Fault::Nothing)))) as Box<dyn Testee>);
    let wrong = move || -> Result<Box<dyn Testee>, Trouble> {
        Ok(Box::new(InProcess::start(Box::new(Reader(fault)))))
    };
    let orders = Orders {
        source: &source,
        craft: &Unskilled,
        starts: vec![&right as &Start<'_>, &wrong],
        limits: &limits,
        jobs,
        until: None,
        trials: Some(3000),
        explain: &|_| explain.then(|| "HALO-ENC-007".to_owned()),
    };
    let mut watched = Watched::default();
    let mut results = run(&orders, &mut watched).unwrap();
    results.elapsed = Duration::from_secs(1);
    (results, watched)
}

fn report(results: &Results) -> String {
    let setting = Setting {
        seed: 11,
        profile: "halo-core",
        files: &|_| vec!["finds/one.json".to_owned()],
        replay: &|find: &Find| format!("dxspec fuzz --case {}", find.trial.number),
    };
    report::text(results, &setting, Look::default())
}

#[test]
fn a_right_implementation_agrees() {
    let (results, _) = campaign(Fault::Nothing, 2, false);
    assert!(results.finds.is_empty(), "{}", report(&results));
    let tally = results.tallies[OP];
    assert!(tally.accepted > 300 && tally.refused > 300, "{tally:?}");
    assert_eq!(results.trials(), 3000);
}

#[test]
fn a_wrong_one_is_found_out_made_small_and_written_down() {
    let (results, watched) = campaign(Fault::First, 1, false);
    insta::assert_snapshot!("campaign", report(&results));
    let [find] = results.finds.as_slice() else { panic!("{}", report(&results)) };
    // Two fields, one of them with a byte: {"credential":"1200120108"}
    assert_eq!(size(&find.trial.made.input), 27, "{:?}", find.trial.made.input);
    assert_eq!(watched.shrunk, 1);

    let origin = Origin { program: "test", seed: 11, hellos: &results.hellos };
    let file = candidate(find, &files(), &origin).unwrap();
    let case = file.cases.last().unwrap();
    assert_eq!(case.origin, "fuzz");
    assert_eq!(case.derive.as_ref().unwrap().from, format!("{GROUP}/plain"));
    assert_eq!((case.dissent[0].witness.as_str(), case.dissent[0].got.as_str()), ("wrong 1", "ok"));
    assert_clean(&file);
}

/// Lint is content with a folder that holds the file.
fn assert_clean(file: &VectorFile) {
    let root = tempfile::tempdir().unwrap();
    text::write(&root.path().join(format!("data/{}.json", file.group)), file).unwrap();
    text::write_text(&root.path().join(schema::PATH), &schema::schema_text()).unwrap();
    let mut ids = Lock::default();
    ids.update([file]).unwrap();
    text::write_text(&root.path().join(lock::PATH), &ids.to_string()).unwrap();
    let findings = lint::lint(root.path());
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn the_number_of_panels_makes_no_difference() {
    let seen = |jobs| {
        let (results, _) = campaign(Fault::First, jobs, false);
        let finds: Vec<(Signature, u64, Trial)> =
            results.finds.into_iter().map(|find| (find.signature, find.count, find.trial)).collect();
        (results.tallies, results.combinations, finds)
    };
    assert_eq!(seen(1), seen(3));
}

#[test]
fn a_loss_is_kept_at_once_and_never_explained() {
    let (results, watched) = campaign(Fault::Dies, 1, true);
    let [find] = results.finds.as_slice() else { panic!("{}", report(&results)) };
    assert!(find.is_news() && results.lost > 0);
    assert_eq!(watched.lost.len(), 1);
    assert!(matches!(&find.outcomes[1], Some(Outcome::Crash(text)) if text.contains("nine")));
    // The smallest field with the number 9: an integer.
    assert_eq!(find.trial.made.input["credential"].as_str().unwrap().len(), 4);
    let origin = Origin { program: "test", seed: 11, hellos: &results.hellos };
    assert_clean(&candidate(find, &files(), &origin).unwrap());
}

#[test]
fn what_the_book_explains_is_counted_and_no_news() {
    let (results, _) = campaign(Fault::First, 1, true);
    assert_eq!(results.news().count(), 0);
    assert!(results.tallies[OP].explained > 0 && results.tallies[OP].news == 0);
    assert!(report(&results).contains("HALO-ENC-007"), "{}", report(&results));
}
