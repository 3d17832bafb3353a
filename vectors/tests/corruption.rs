//! One wrong digit anywhere is found, and the finding names the place.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by a panic.

mod fixture;

use std::fs;
use std::path::Path;

use dxos_vectors::lock::Lock;
use dxos_vectors::{Finding, embedded_lock, embedded_texts, lint, parse, schema, text};
use fixture::{FILE, book, file, folder};

/// Changes the hex digit at an offset.
fn flip(text: &str, offset: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[offset] = if bytes[offset] == b'0' { b'1' } else { b'0' };
    String::from_utf8(bytes).unwrap()
}

/// Offsets of the first digit of each long hex string.
fn digits(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut offset = 0;
    for part in text.split('"') {
        if part.len() >= 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            found.push(offset);
        }
        offset += part.len() + 1;
    }
    found
}

fn names(findings: &[Finding], file: &str, case: Option<&str>) -> bool {
    findings
        .iter()
        .any(|finding| finding.file == file && case.is_none_or(|case| finding.case.as_deref() == Some(case)))
}

#[test]
fn every_digit_of_the_fixture() {
    let folder = folder(&file());
    let path = folder.path().join(FILE);
    let clean = fs::read_to_string(&path).unwrap();
    let offsets = digits(&clean);
    assert_eq!(offsets.len(), 2);
    for offset in offsets {
        fs::write(&path, flip(&clean, offset)).unwrap();
        let findings = lint::lint_with(folder.path(), &book());
        assert!(findings.iter().any(|finding| finding.file == FILE && finding.case.is_some()), "{offset}");
    }
}

#[test]
fn every_byte_of_the_schema() {
    let folder = folder(&file());
    let path = folder.path().join(schema::PATH);
    let clean = schema::schema_text();
    for offset in (0..clean.len()).step_by(97).filter(|offset| clean.as_bytes()[*offset].is_ascii()) {
        fs::write(&path, flip(&clean, offset)).unwrap();
        assert!(names(&lint::lint_with(folder.path(), &book()), schema::PATH, None), "{offset}");
    }
}

#[test]
fn every_byte_of_the_lock() {
    let folder = folder(&file());
    let path = folder.path().join("ids.lock");
    let clean = fs::read_to_string(&path).unwrap();
    for offset in 0..clean.len() {
        fs::write(&path, flip(&clean, offset)).unwrap();
        assert!(!lint::lint_with(folder.path(), &book()).is_empty(), "{offset}");
    }
    fs::remove_file(&path).unwrap();
    assert!(names(&lint::lint_with(folder.path(), &book()), "ids.lock", None));
}

/// The first hex digit of an input in each of the vector files.
#[test]
fn each_vector_file() {
    for (path, clean) in embedded_texts() {
        let name = format!("data/{path}");
        let folder = tempfile::tempdir().unwrap();
        text::write_text(&folder.path().join("ids.lock"), embedded_lock()).unwrap();
        let about_it = |text: &str| {
            text::write_text(&folder.path().join(&name), text).unwrap();
            let findings = lint::lint(folder.path());
            findings.into_iter().filter(|finding| finding.file == name).collect::<Vec<_>>()
        };
        assert_eq!(about_it(clean), []);
        let offsets = digits(clean);
        // Where there is no hex, the name of a member, or a number of an input.
        let offset = offsets.get(offsets.len() / 2).copied();
        let offset = offset.or_else(|| clean.find("\"ok\": { \"").map(|at| at + 9));
        let offset = offset.or_else(|| {
            let input = clean.find("\"in\": ")?;
            clean.get(input..)?.find(|c: char| c.is_ascii_digit()).map(|digit| input + digit)
        });
        let offset = offset.unwrap_or_else(|| panic!("{name} has no digit to flip"));
        let findings = about_it(&flip(clean, offset));
        assert!(findings.iter().any(|finding| finding.case.is_some()), "{name} byte {offset}: {findings:?}");
    }
}

/// One digit of each line of the lock, all at once: each of the cases is named.
#[test]
fn each_line_of_the_lock() {
    let lines: Vec<String> = embedded_lock()
        .lines()
        .map(|line| flip(line, line.find(' ').unwrap() + 1 + line.len() % 64))
        .map(|line| format!("{line}\n"))
        .collect();
    let lock = Lock::parse(&lines.concat()).unwrap();
    let files: Vec<_> =
        embedded_texts().iter().map(|(path, text)| (*path, parse(path, text).unwrap())).collect();
    let findings = lock.check(files.iter().map(|(path, file)| (*path, file)));
    for (path, file) in &files {
        for case in &file.cases {
            assert!(names(&findings, path, Some(&case.id)), "{}", case.id);
        }
    }
}

/// The folder of this crate.
fn own() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_vectors_are_clean() {
    let findings: Vec<String> = lint::lint(own()).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
fn the_embedded_vectors_are_those_of_the_folder() {
    let embedded = dxos_vectors::embedded().unwrap();
    let loaded = dxos_vectors::load(&own().join("data")).unwrap();
    assert_eq!(embedded, loaded.into_iter().map(|(_, file)| file).collect::<Vec<_>>());
}
