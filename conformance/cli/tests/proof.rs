//! The suite proves itself: the chain from requirement to killed mutant is whole, and wherever it is cut, the cut
//! is named.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod support;

use std::collections::BTreeSet;

use dxos_conformance::kill_table::{Excuses, KillTable};
use dxos_conformance::trace::{Site, Sources, holes};
use dxos_reference::mutant::{Mutant, SITES};
use dxos_reference::operations::OPERATIONS;
use dxos_spec::{Book, Profile, profiles};
use dxos_vectors::VectorFile;
use dxos_vectors::lock::Lock;
use support::{root, run};

/// Everything that is traced, to be cut.
#[derive(Clone)]
struct Tree {
    book: Book,
    profiles: Vec<Profile>,
    files: Vec<VectorFile>,
    lock: Lock,
    sites: Vec<Site>,
    kills: KillTable,
    excuses: Excuses,
}

impl Tree {
    fn whole() -> Self {
        let committed =
            |name: &str| std::fs::read_to_string(root().join("conformance/mutants").join(name)).unwrap();
        let mutants = Mutant::all();
        let sites = SITES.iter().map(|site| Site {
            req: site.requirement.to_owned(),
            place: format!("{}:{}", site.file, site.line),
            about: site.about.to_owned(),
            mutants: mutants
                .iter()
                .filter(|mutant| mutant.requirement == site.requirement && mutant.about == site.about)
                .map(Mutant::to_string)
                .collect(),
        });
        Self {
            book: Book::embedded().clone(),
            profiles: profiles().unwrap(),
            files: dxos_vectors::embedded().unwrap(),
            lock: Lock::parse(dxos_vectors::embedded_lock()).unwrap(),
            sites: sites.collect(),
            kills: KillTable::parse(&committed("kills.txt")).unwrap(),
            excuses: Excuses::parse(&committed("equivalents.toml")).unwrap(),
        }
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            book: &self.book,
            profiles: &self.profiles,
            files: &self.files,
            lock: &self.lock,
            sites: &self.sites,
            ops: OPERATIONS,
            kills: &self.kills,
            excuses: &self.excuses,
        }
    }

    /// Cuts, and expects that what was cut is named.
    fn cut(&self, name: &str, cut: impl FnOnce(&mut Self)) {
        let mut tree = self.clone();
        cut(&mut tree);
        named(name, &tree.sources());
    }
}

/// Expects that something is named among the holes.
fn named(name: &str, sources: &Sources<'_>) {
    let holes = holes(sources);
    assert!(holes.iter().any(|hole| hole.contains(name)), "{name} is not among the holes: {holes:#?}");
}

#[test]
fn the_chain_is_whole() {
    assert_eq!(holes(&Tree::whole().sources()), Vec::<String>::new());
}

/// Provisional cases included, which decide no verdict.  This is the test that `cargo mutants` runs.
#[test]
fn the_reference_passes_every_case() {
    let ran = run(&["trace", "--ci"]);
    let failed: Vec<&str> =
        ran.stderr.lines().filter(|hole| hole.contains("the reference itself does not pass")).collect();
    // One that hangs or breaks down says nothing about any case.
    assert_eq!((failed, ran.code), (Vec::<&str>::new(), Some(0)));
}

#[test]
fn a_requirement_that_is_taken_away_is_named() {
    let tree = Tree::whole();
    for id in tree.book.requirements().iter().map(|requirement| &requirement.id) {
        let chapters = tree.book.chapters().iter().map(|chapter| {
            // Under another id, as its remarks would belong to nothing otherwise.
            (chapter.path.clone(), chapter.text.replace(&format!("**[{id}]**"), "**[HALO-GONE-001]**"))
        });
        let book = Book::parse(chapters.collect::<Vec<_>>()).unwrap();
        named(id, &Sources { book: &book, ..tree.sources() });
    }
}

#[test]
fn a_check_that_is_taken_away_is_named() {
    let tree = Tree::whole();
    let names: BTreeSet<(String, String)> =
        tree.sites.iter().map(|site| (site.req.clone(), site.about.clone())).collect();
    assert!(names.len() > 150, "{}", names.len());
    for (req, about) in names {
        let gone = |site: &&Site| site.req == req && site.about == about;
        let mutant = tree.sites.iter().find(gone).unwrap().mutants[0].clone();
        let sites: Vec<Site> = tree.sites.iter().filter(|site| !gone(site)).cloned().collect();
        named(&mutant, &Sources { sites: &sites, ..tree.sources() });
    }
}

#[test]
fn a_case_that_is_taken_away_is_named() {
    let tree = Tree::whole();
    let ids: Vec<String> =
        tree.files.iter().flat_map(|file| &file.cases).map(|case| case.id.clone()).collect();
    // Each costs a copy of the vectors; a prime, so that all kinds of places in a file have their turn.
    for id in ids.iter().step_by(31) {
        tree.cut(id, |tree| {
            tree.files.iter_mut().for_each(|file| file.cases.retain(|case| case.id != *id));
        });
    }
}

#[test]
fn what_stands_for_nothing_is_named() {
    let tree = Tree::whole();
    tree.cut("HALO-CRED-002", |tree| {
        tree.files
            .iter_mut()
            .flat_map(|file| &mut file.cases)
            .for_each(|case| case.req.retain(|req| req != "HALO-CRED-002"));
    });
    tree.cut("HALO-NONE-001", |tree| tree.files[0].cases[0].req.push("HALO-NONE-001".to_owned()));
    tree.cut("HALO-NONE-002", |tree| tree.sites[0].req = "HALO-NONE-002".to_owned());
    tree.cut("HALO-NONE-003", |tree| {
        tree.profiles[0].requirements.insert("HALO-NONE-003".to_owned());
    });
    tree.cut("HALO-PAY-004", |tree| {
        tree.profiles.iter_mut().for_each(|profile| {
            profile.requirements.remove("HALO-PAY-004");
        });
    });
    tree.cut("halo.key.unheard", |tree| tree.files[0].op = "halo.key.unheard".to_owned());
    let group = tree.files[0].group.clone();
    tree.cut(&format!("data/{group}.json: holds no case"), |tree| tree.files[0].cases.clear());
    tree.cut("silent", |tree| tree.excuses = Excuses::default());
}

#[test]
fn the_readme_has_the_figures() {
    let tree = Tree::whole();
    let figures = tree.kills.figures(&tree.excuses);
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let rows = [
        ("killed by a case that cites the requirement", figures.killed),
        ("killed by other cases only", figures.killed_elsewhere),
        ("not noticed, with the reason why none can", figures.equivalent + figures.unobservable),
        ("not noticed, or not reached, without a reason", figures.silent + figures.unreached),
    ];
    for (what, count) in rows {
        assert!(readme.contains(&format!("| {what} | {count} |")), "README.md: {what}: {count}");
    }
}

#[test]
fn the_commands_say_so() {
    let ran = run(&["trace", "--ci"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    let ran = run(&["mutants", "--ci"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    insta::assert_snapshot!("mutants", ran.stdout);
    let ran = run(&["mutants", "--req", "HALO-CRED-002"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    insta::assert_snapshot!("mutants_of_one", ran.stdout);
    let ran = run(&["explain", "HALO-CHAIN-004"]);
    insta::with_settings!({ filters => vec![(r"\.rs:\d+", ".rs:LINE")] }, {
        insta::assert_snapshot!("explain", ran.stdout);
    });
    assert_eq!(run(&["mutants", "-k", "no-such-mutant"]).code, Some(5));
    assert_eq!(run(&["mutants", "--req", "HALO-NONE-001"]).code, Some(2));
}

#[test]
fn the_cases_of_a_folder_show_what_they_do_not_notice() {
    // The few cases for tests of the program reach little and notice less.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let ran = run(&["mutants", "--vectors", folder]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.stderr.contains("does not pass halo/key/toy/wrong-on-purpose"), "{}", ran.stderr);

    let copy = tempfile::tempdir().unwrap();
    let data = root().join("vectors/data/halo/key");
    let copied = std::process::Command::new("cp").arg("-r").arg(data).arg(copy.path()).status().unwrap();
    assert!(copied.success());
    let ran = run(&["mutants", "--vectors", copy.path().to_str().unwrap(), "--json"]);
    assert_eq!(ran.code, Some(4));
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let figure = |name: &str| report["figures"][name].as_u64().unwrap();
    assert!(figure("unreached") > 150 && figure("killed") > 20, "{}", report["figures"]);
    assert!(
        report["holes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|hole| hole.as_str().unwrap().starts_with("HALO-CRED-002:")),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_case_that_is_taken_out_of_a_folder_with_a_lock_is_named() {
    let copy = tempfile::tempdir().unwrap();
    let copied = std::process::Command::new("cp")
        .args(["-r", "data", "ids.lock"])
        .arg(copy.path())
        .current_dir(root().join("vectors"))
        .status();
    assert!(copied.unwrap().success());
    let path = copy.path().join("data/halo/key/space-id-parse.json");
    let mut file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let gone = file["cases"].as_array_mut().unwrap().pop().unwrap()["id"].as_str().unwrap().to_owned();
    std::fs::write(&path, file.to_string()).unwrap();
    let ran = run(&["trace", "--ci", "--vectors", copy.path().to_str().unwrap()]);
    assert_eq!(ran.code, Some(4), "{}", ran.stdout);
    assert!(ran.stderr.contains(&format!("{gone}: in ids.lock")), "{}", ran.stderr);
}
