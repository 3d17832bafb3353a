//! JUnit reports are what CI servers read: checked against a schema, by a validator that is not ours.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

mod toy;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use dxos_conformance::event::Event;
use dxos_conformance::report::junit;
use dxos_conformance::summary::Summary;
use toy::{Faults, book, toy};

/// What the validator says about a report; `None` without one, which is said loudly, and is a failure under CI.
fn validated(xml: &str) -> Option<Result<(), String>> {
    if Command::new("xmllint").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "xmllint (package libxml2-utils) is needed");
        // Not by a macro: those are captured.
        let note = "\n  NOT RUN, as xmllint is not installed: JUnit reports against their schema\n\n";
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return None;
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(xml.as_bytes()).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema/junit.xsd");
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(schema)
        .arg(file.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(if output.status.success() { Ok(()) } else { Err(said) })
}

fn xml(events: &[Event]) -> String {
    junit::render(&Summary::of(events), &book()).unwrap()
}

#[test]
fn reports_fit_the_schema() {
    let failing = Faults { wrong_class: true, panics_on_sign: true, no_make: true, ..Faults::default() };
    for faults in [Faults::default(), failing] {
        let events = toy(faults);
        for length in [0, 3, events.len() - 1, events.len()] {
            let Some(result) = validated(&xml(&events[..length])) else { return };
            assert_eq!(result, Ok(()));
        }
    }
}

#[test]
fn the_validator_finds_what_is_wrong() {
    let good = xml(&toy(Faults::default()));
    for (from, to) in [
        ("<testcase name=", "<testcase nome="),
        ("<testsuite name=\"toy/number/parse\"", "<testsuite name=\"conformance\""),
        ("</testsuites>", "<testcase name=\"x\" classname=\"y\"/></testsuites>"),
        ("</testsuites>", "\u{1}</testsuites>"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        let Some(result) = validated(&bad) else { return };
        assert!(result.is_err(), "{to}");
    }
}

/// Characters that XML 1.0 does not have, however they are written, and markup.
const HOSTILE: &str =
    "]]> </failure> <b> & \" \0 \u{1} \u{8} \u{b} \u{1b}[31m \u{7f} \u{fffe} \u{ffff} \r\n\t end";

#[test]
fn what_a_testee_says_cannot_break_the_xml() {
    let mut events = toy(Faults { wrong_class: true, panics_on_sign: true, ..Faults::default() });
    for event in &mut events {
        match event {
            Event::Run(run) => run.testee = HOSTILE.to_owned(),
            Event::Testee(testee) => testee.implementation.name = HOSTILE.to_owned(),
            Event::Case(case) => {
                for text in [&mut case.why, &mut case.got, &mut case.want, &mut case.log] {
                    *text = HOSTILE.to_owned();
                }
                if let Some(sibling) = &mut case.sibling {
                    sibling.differs = HOSTILE.to_owned();
                }
            }
            _ => {}
        }
    }
    let xml = xml(&events);
    let illegal =
        |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
    assert_eq!(xml.chars().find(|c| illegal(*c)), None);
    assert!(!xml.contains("</failure> <b>") && xml.contains("␛[31m ␡"), "{xml}");
    let Some(result) = validated(&xml) else { return };
    assert_eq!(result, Ok(()));
}
