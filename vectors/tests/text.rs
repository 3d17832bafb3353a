//! The canonical text.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by a panic.

mod fixture;

use std::fs;

use dxos_vectors::{LoadError, VectorFile, load, parse, text};
use fixture::{FILE, file};
use proptest::prelude::*;

fn parsed() -> VectorFile {
    serde_json::from_value(file()).unwrap()
}

#[test]
fn canonical_text() {
    let text = text::canonical(&parsed()).unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn a_line_is_as_wide_as_allowed_and_no_wider() {
    let mut file = parsed();
    for length in 0..120 {
        file.cases[0].req = vec!["x".repeat(length)];
        let text = text::canonical(&file).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("\"req\": [")).collect();
        let inline = lines.first().is_some_and(|line| line.ends_with("],"));
        assert_eq!(inline, length + r#"      "req": [""],"#.len() <= text::WIDTH, "{length}");
    }
}

#[test]
fn writing_is_whole_and_leaves_nothing_beside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    text::write(&path, &parsed()).unwrap();
    text::write(&path, &parsed()).unwrap();
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    let loaded = load(folder.path()).unwrap();
    assert_eq!(loaded, [(path, parsed())]);
    // A folder stands where the file should go.
    assert!(text::write_text(&folder.path().join("data"), "x").is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn faults_name_the_place() {
    let faults = [
        "{",
        r#"{"format": 2, "cases": 7}"#,
        "{\"format\": 1,\n  \"formats\": 1}",
        "{\"format\": 1,\n  \"format\": 1}",
        r#"{"$schema": 7}"#,
    ];
    let lines: Vec<String> =
        faults.iter().map(|text| parse("a.json", text).unwrap_err().to_string()).collect();
    let text = lines.join("\n");
    insta::assert_snapshot!(text);
    assert!(matches!(load(std::path::Path::new("no such folder")), Err(LoadError::Io { .. })));
}

proptest! {
    #[test]
    fn the_text_reads_back_and_is_stable(
        about in any::<String>(),
        members in proptest::collection::btree_map(any::<String>(), "[a-z\"\\\\é]{0,90}", 0..4),
    ) {
        let mut file = parsed();
        file.about = about;
        let input = members.into_iter().map(|(key, value)| (key, value.into())).collect();
        file.cases[0].input = Some(input);
        let text = text::canonical(&file).unwrap();
        let tidy = text.ends_with("}\n") && !text.lines().any(|line| line.ends_with(' '));
        prop_assert!(tidy, "{}", text);
        let again = parse("a.json", &text).unwrap();
        prop_assert_eq!(&again, &file);
        prop_assert_eq!(text::canonical(&again).unwrap(), text);
    }
}
