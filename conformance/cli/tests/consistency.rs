//! What must agree with each other: book, reference, vectors, judge.

mod support;

use std::collections::BTreeSet;

use dxos_spec::Book;
use dxos_vectors::{Case, Want};
use support::{dxspec, ended, root, run};

#[test]
fn the_reference_names_only_requirements_of_the_book() {
    for requirement in dxos_reference::requirement::ALL {
        assert!(Book::embedded().requirement(requirement.id()).is_some(), "{requirement}");
    }
}

#[test]
fn the_reference_rejects_only_with_classes_of_the_closed_list() {
    for class in dxos_reference::Class::ALL {
        assert!(class.name().parse::<dxos_vectors::Class>().is_ok(), "{}", class.name());
    }
}

#[test]
fn the_book_documents_every_operation_and_the_reference_serves_it() {
    let chapters = Book::embedded().chapters();
    let text = &chapters.iter().find(|chapter| chapter.path == "testee/operations.md").unwrap().text;
    for op in dxos_reference::operations::OPERATIONS {
        assert!(text.contains(&format!("| `{op}` |")), "{op}");
    }
    let served: BTreeSet<&str> = dxos_reference::operations::OPERATIONS.iter().copied().collect();
    for file in dxos_vectors::embedded().unwrap() {
        assert!(served.contains(file.op.as_str()), "{}", file.op);
    }
}

#[test]
fn at_least_half_of_the_cases_are_rejections_and_each_type_of_assertion_appears() {
    let files = dxos_vectors::embedded().unwrap();
    let cases: Vec<_> = files.iter().flat_map(|file| &file.cases).collect();
    // A peer of MESH, a KUBE, and host and guest of an invitation mostly pass over what is wrong, or answer it within a
    // conversation that goes on.
    let talks = |case: &Case| {
        ["halo/invitation/guest-", "halo/invitation/host-"].iter().any(|of| case.id.starts_with(of))
    };
    let judged = cases.iter().filter(|case| case.id.starts_with("halo/") || case.id.starts_with("echo/"));
    let judged = judged.filter(|case| !talks(case));
    // Of several credentials each has a word of its own.
    let refuses = |case: &Case| {
        let words = case.want.as_ref().and_then(|want| match want {
            Want::Ok(members) => members.get("results")?.as_array(),
            Want::Reject(_) | Want::OneOf(_) => None,
        });
        case.rejects() || words.is_some_and(|words| words.iter().any(|word| word != "accepted"))
    };
    let rejections = judged.clone().filter(|case| refuses(case)).count();
    let judged = judged.count();
    assert!(judged >= 600 && rejections * 2 >= judged, "{rejections} of {judged}");
    let abouts: BTreeSet<&str> = cases.iter().filter_map(|case| case.about.as_deref()).collect();
    let chapters = Book::embedded().chapters();
    let text = &chapters.iter().find(|chapter| chapter.path == "halo/credentials.md").unwrap().text;
    let table = text.split("## Assertions").nth(1).unwrap();
    let names: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    assert!(names.len() >= 17, "{names:?}");
    for name in names {
        assert!(abouts.iter().any(|about| about.ends_with(&format!(".{name}"))), "{name}");
    }
}

#[test]
fn generation_is_the_same_everywhere() {
    for (zone, locale) in [("UTC", "C"), ("Pacific/Kiritimati", "tr_TR.UTF-8")] {
        let mut command = dxspec(&["vectors", "generate", "--check"]);
        let ran = ended(command.env("TZ", zone).env("LC_ALL", locale).env("LANG", locale).output().unwrap());
        assert_eq!(ran.code, Some(0), "{zone} {locale}:\n{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn the_vectors_are_clean() {
    let ran = run(&["vectors", "lint"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = run(&["vectors", "schema", "--check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn the_book_names_the_deviations_from_the_captures() {
    let chapters = Book::embedded().chapters();
    let text = &chapters.iter().find(|chapter| chapter.path == "vectors.md").unwrap().text;
    let section = text.split("## Captures").nth(1).unwrap();
    let test = std::fs::read_to_string(root().join("reference/tests/captures.rs")).unwrap();
    let list = test.split("STRICTER: &[&str] = &[").nth(1).unwrap().split(']').next().unwrap();
    let listed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    let named: BTreeSet<&str> =
        section.lines().filter_map(|line| line.strip_prefix("- ")?.split(':').next()).collect();
    assert_eq!(listed, named);
    for id in listed {
        assert!(Book::embedded().requirement(id).unwrap().deployed.is_some(), "{id} has a Deployed: line");
    }
}

#[test]
fn a_word_that_no_rule_covers_is_found_too() {
    let copy = tempfile::tempdir().unwrap();
    let vectors = root().join("vectors");
    let options = ["--recursive", "data", "schema", "witness", "ids.lock"];
    let copied =
        std::process::Command::new("cp").args(options).arg(copy.path()).current_dir(vectors).status();
    assert!(copied.unwrap().success());
    let folder = copy.path().to_str().unwrap();
    assert_eq!(run(&["vectors", "lint", folder]).code, Some(0));

    let file = copy.path().join("data/halo/key/space-id.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("from its key", "from its kex", 1)).unwrap();
    let ran = run(&["vectors", "lint", folder]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.stderr.contains("data/halo/key/space-id.json:6: not as it is generated"), "{}", ran.stderr);
}

#[test]
fn every_requirement_has_a_case_or_says_why_not() {
    let files = dxos_vectors::embedded().unwrap();
    let cited: BTreeSet<&str> =
        files.iter().flat_map(|file| &file.cases).flat_map(|case| &case.req).map(String::as_str).collect();
    for requirement in Book::embedded().requirements() {
        let tested = cited.contains(requirement.id.as_str());
        assert!(tested != requirement.excluded.is_some(), "{}: {tested}", requirement.id);
    }
}
