//! Every captured credential, payload and presentation gives the deployed verdict and text, but for the
//! deviations that the book names by requirement.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod capture;

use std::collections::BTreeMap;

use capture::lines;
use dxos_reference::Reject;
use dxos_reference::halo::{Credential, Presentation, verify};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Requirements that are stricter than the deployed implementation.  Each has a `Deployed:` line.
const STRICTER: &[&str] = &["HALO-ENC-010", "HALO-KEY-001"];

fn bytes(line: &Value) -> Vec<u8> {
    hex::decode(line["bytes"].as_str().unwrap()).unwrap()
}

/// Compares a verdict: the deployed implementation passes, fails or throws; the last two are refusals.
#[derive(Default)]
struct Tally {
    agree: usize,
    deviations: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn verdict<T>(&mut self, line: &Value, ours: &Result<T, Reject>) {
        let deployed = line["verdict"]["kind"] == "pass";
        self.compare(line, "verdict", deployed == ours.is_ok(), ours.as_ref().err());
    }

    fn compare(&mut self, line: &Value, what: &str, equal: bool, reject: Option<&Reject>) {
        match reject {
            _ if equal => self.agree += 1,
            Some(reject) if STRICTER.contains(&reject.requirement.id()) => {
                *self.deviations.entry(reject.requirement.id().to_owned()).or_default() += 1;
            }
            _ => self.wrong.push(format!(
                "{} {} {}: {what}: {}",
                line["id"].as_str().unwrap_or_default(),
                line["mutation"].as_str().or_else(|| line["tag"].as_str()).unwrap_or_default(),
                line["verdict"],
                reject.map_or_else(|| "accepted or other text".to_owned(), ToString::to_string)
            )),
        }
    }

    fn finish(self, name: &str, lines: usize) {
        let deviating: usize = self.deviations.values().sum();
        println!(
            "{name}: {lines} lines, {} comparisons agree, {deviating} deviate: {:?}",
            self.agree, self.deviations
        );
        assert!(self.wrong.is_empty(), "{} unexplained:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

#[test]
fn credentials() {
    let (mut tally, mut count) = (Tally::default(), 0);
    for line in lines("credentials.jsonl.gz") {
        count += 1;
        let bytes = bytes(&line);
        let verified = Credential::read(&bytes).and_then(|tree| verify(&Credential::new(&tree), None));
        tally.verdict(&line, &verified);

        let payload = Credential::read(&bytes).and_then(|tree| Credential::new(&tree).payload());
        let hash = payload.as_ref().ok().map(|payload| hex::encode(Sha256::digest(payload)));
        let deployed = match line["payload"].as_str() {
            Some(text) => Some(hex::encode(Sha256::digest(text))),
            None => line["payload_sha256"].as_str().map(str::to_owned),
        };
        tally.compare(&line, "payload", hash == deployed, payload.as_ref().err());
    }
    tally.finish("credentials", count);
}

#[test]
fn payloads() {
    let (mut tally, mut count) = (Tally::default(), 0);
    for line in lines("payloads.jsonl.gz") {
        count += 1;
        let bytes = bytes(&line);
        let verified = Credential::read(&bytes).and_then(|tree| verify(&Credential::new(&tree), None));
        tally.verdict(&line, &verified);
        let payload = Credential::read(&bytes).and_then(|tree| Credential::new(&tree).payload());
        tally.compare(
            &line,
            "payload",
            payload.as_deref().ok() == line["payload"].as_str(),
            payload.as_ref().err(),
        );
    }
    tally.finish("payloads", count);
}

#[test]
fn presentations() {
    let (mut tally, mut count) = (Tally::default(), 0);
    for line in lines("presentations.jsonl.gz") {
        count += 1;
        let bytes = bytes(&line);
        let verified =
            Presentation::read(&bytes).and_then(|tree| Presentation::new(&tree).verify(None, None).map(drop));
        tally.verdict(&line, &verified);

        let hashes = line["payload_sha256"].as_array();
        let texts = line["payloads"].as_array();
        for (index, expected) in hashes.or(texts).into_iter().flatten().enumerate() {
            let payload = Presentation::read(&bytes).and_then(|tree| Presentation::new(&tree).payload(index));
            let ours = payload.as_ref().ok().map(|payload| {
                if hashes.is_some() { hex::encode(Sha256::digest(payload)) } else { payload.clone() }
            });
            tally.compare(&line, "payload", ours.as_deref() == expected.as_str(), payload.as_ref().err());
        }
    }
    tally.finish("presentations", count);
}
