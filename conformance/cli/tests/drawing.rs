//! `dxspec show` and `dxspec inspect`: spaces drawn.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod support;

use serde_json::{Value, json};
use support::{Ran, dxspec, ended};

const ID: &str = "halo/space/drawn/linear";

/// A folder with one case, made of credentials that the deployed packages issued.
fn vectors(change: impl FnOnce(&mut Value)) -> tempfile::TempDir {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/scene/linear.json");
    let step: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut file = json!({
        "$schema": "../../../schema/vectors-1.schema.json", "format": 1, "group": "halo/space/drawn",
        "op": step["op"], "about": "A space.", "source": { "generator": "hand", "seed": "halo/space/drawn" },
        "cases": [{ "id": ID, "req": ["HALO-KEY-001"], "level": "must", "in": step["in"], "want": step["want"],
                    "origin": "hand", "witness": ["other 1"] }]
    });
    change(&mut file["cases"][0]);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("halo/space");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("drawn.json"), file.to_string()).unwrap();
    folder
}

fn say(folder: &tempfile::TempDir, locale: &str, arguments: &[&str]) -> Ran {
    let mut command = dxspec(&["--vectors", folder.path().to_str().unwrap()]);
    ended(command.args(arguments).env("LC_ALL", locale).output().unwrap())
}

#[test]
fn a_case_is_shown_with_its_drawing() {
    let folder = vectors(|_| {});
    let shown = say(&folder, "en_US.UTF-8", &["show", ID]);
    let drawing = shown.stdout.split_once("\n\n").unwrap().1;
    insta::assert_snapshot!(drawing);
    assert!(
        shown.stdout.contains("\n  in        entries: 7 in all (--json prints them)\n"),
        "{}",
        shown.stdout
    );
    let inspected = say(&folder, "", &["inspect", ID]);
    assert!(inspected.stdout.contains(drawing), "{}{}", inspected.stdout, inspected.stderr);
    assert!(inspected.stdout.contains("entries/6/credential: dxos.halo.credentials.Credential"));
    let plain = say(&folder, "C", &["show", ID]);
    assert!(
        plain.stdout.split_once("\n\n").unwrap().1.is_ascii()
            && plain.stdout.contains("  *    #0 001903 S genesis\n"),
        "{}",
        plain.stdout
    );
}

#[test]
fn a_drawing_is_a_file_of_its_own() {
    let svg = say(&vectors(|_| {}), "C", &["show", ID, "--svg"]);
    assert_eq!(svg.code, Some(0), "{}", svg.stderr);
    assert!(svg.stdout.starts_with("<svg ") && svg.stdout.ends_with("</svg>\n"), "{}", svg.stdout);
    assert!(svg.stdout.contains("<title>#2 a&gt;b EDITOR; in force; +1000 ms; names #1; id 60def5…</title>"));
}

/// Under the convergent rule the reference says what the ids are.
#[test]
fn ids_are_computed() {
    let folder = vectors(|case| {
        case["in"]["rule"] = "convergent".into();
        // The member that others name now carries another id.
        let credential = case["in"]["entries"][1]["credential"].as_str().unwrap().to_owned();
        assert!(credential.starts_with("0a220a20684194"));
        case["in"]["entries"][1]["credential"] = credential.replacen("684194", "ffffff", 1).into();
    });
    let shown = say(&folder, "C", &["show", ID]);
    assert!(
        shown.stdout.contains("#1 684194 S>a ADMIN") && !shown.stdout.contains("not here"),
        "{}",
        shown.stdout
    );
}

#[test]
fn what_is_not_drawn_is_said() {
    let many = |case: &mut Value| {
        let entry = case["in"]["entries"][0].clone();
        case["in"]["entries"] = vec![entry; 257].into();
    };
    let folder = vectors(many);
    let shown = say(&folder, "C", &["show", ID]);
    let why = "257 entries are too many, the most are 256";
    assert!(shown.code == Some(0) && shown.stdout.ends_with(&format!("There is no drawing: {why}.\n")));
    let file = say(&folder, "C", &["show", ID, "--svg"]);
    assert!(file.code == Some(2) && file.stderr.contains(why), "{:?} {}", file.code, file.stderr);
    let other = ended(dxspec(&["show", "halo/key/parse/hex/prefix-only", "--svg"]).output().unwrap());
    assert!(other.code == Some(2) && other.stderr.contains("is about no space"), "{}", other.stderr);
}
