//! The record of a run: one JSON object a line.  Every report is made from it: the book adds its sentences, and
//! the vectors, where their hash is the recorded one, the inputs.
//!
//! Two runs of the same testee differ in `ms` only: cases are recorded in the order of the plan, whatever the
//! order in which they ended, and nothing in a record depends on which process answered.

use std::borrow::Cow;
use std::io::{self, BufRead, Write};

use dxos_vectors::Level;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::baseline::applied::{BaselineEvent, Expected};
use crate::diff::AgainstEvent;
use crate::hello::About;
use crate::plan::Missing;
use crate::printable::printable;
use crate::repeat::RepeatEvent;
use crate::verdict::Verdict;

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// First: what was asked for.
    Run(RunEvent),
    /// Who answered.
    Testee(TesteeEvent),
    /// A probe.
    Probe(ProbeEvent),
    /// A case.
    Case(Box<CaseEvent>),
    /// A process was replaced.
    Respawn(RespawnEvent),
    /// The run was repeated.
    Repeat(RepeatEvent),
    /// The run was held against a baseline.
    Baseline(BaselineEvent),
    /// The run was held against an earlier one.
    Against(Box<AgainstEvent>),
    /// Last; absent if the record was cut short.
    End(EndEvent),
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEvent {
    /// Name and version of the suite.
    pub suite: String,
    /// The testee as it was named, for example `exec:./adapter`.
    pub testee: String,
    /// Name of the profile.
    pub profile: String,
    /// Features of which the profile wants at least one.
    pub features_any: Vec<String>,
    /// The patterns that choose cases; all, if there are none.
    pub selection: Vec<String>,
    /// Cases weaker than this level are left out.
    pub level: Level,
    /// Whether it is fine to claim only a part of the profile.
    pub partial: bool,
    /// Whether probes were wanted.
    pub probes: bool,
    /// Number of cases that will be recorded.
    pub cases: usize,
    /// How many of them decide: scored, in the profile, of level MUST.  Known here, so that a run that is cut
    /// short is measured against the whole.
    pub deciding: usize,
}

/// Who answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TesteeEvent {
    /// Name, version and language.
    pub implementation: About,
    /// Operations claimed.
    pub ops: Vec<String>,
    /// Features claimed.
    pub features: Vec<String>,
    /// Prefixes inside which classes are not told apart.
    pub coarse: Vec<String>,
    /// Number of processes.
    pub processes: usize,
    /// Operations of the suite that are claimed.
    pub served: Vec<String>,
    /// Operations of the suite that are not.
    pub unserved: Vec<String>,
}

/// How a probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeOutcome {
    /// As it must.
    Ok,
    /// There is no conformance result.
    Failed,
    /// No case that the testee claims is fit for it.
    Skipped,
}

/// A probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeEvent {
    /// Its name.
    pub probe: String,
    /// How it ended.
    pub outcome: ProbeOutcome,
    /// What was sent and answered, and what to do; empty if all is well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of its requirements are in the profile.
    Profile,
    /// At least one is not: the case is shown and decides nothing.
    Outside,
}

/// One request and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// `testee` or `judge`.
    pub by: String,
    /// The request without its id, as JSON; cut at 8 KiB.
    pub request: String,
    /// The answer without its id, as JSON; cut at 8 KiB.  Absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// The accepted case from which a rejected one is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sibling {
    /// Its id.
    pub id: String,
    /// How it ended with the same testee; absent if it was not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What makes the difference, for example `credential: byte 412 xor 01`.
    pub differs: String,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseEvent {
    /// Its id.
    pub id: String,
    /// The group, that is the file, that it belongs to.
    pub group: String,
    /// How it ended.
    pub verdict: Verdict,
    /// Inside or outside of the profile.
    pub scope: Scope,
    /// Level of its requirements.
    pub level: Level,
    /// Whether it counts: inside of the profile, and confirmed by an implementation that is not our own.
    pub scored: bool,
    /// Not confirmed by an implementation that is not our own.
    pub provisional: bool,
    /// Its requirements.
    pub req: Vec<String>,
    /// Those of its requirements that the profile does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<String>,
    /// The operation under test.
    pub op: String,
    /// The features that it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// What is needed and not claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// A pass by a class that the testee cannot tell apart from the wanted one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub coarse: bool,
    /// Which of several allowed behaviours was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behavior: Option<String>,
    /// Why it is no pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What was wanted, in short.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub want: String,
    /// What was answered, in short; for a pass only the class that stood for the wanted one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub got: String,
    /// What a baseline says about this failure; only if it is an expected one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// The accepted sibling, where there is one; only if this is no pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sibling: Option<Sibling>,
    /// All requests and answers; only if this is no pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Exchange>,
    /// What the testee logged meanwhile; only if this is no pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub log: String,
    /// SHA-256 of the case in hex, as the vectors' lock has it: what is looked up for a report must be what was
    /// run.  Only if this is no pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
    /// Milliseconds from the first request to the last answer.
    pub ms: f64,
}

impl CaseEvent {
    /// Whether the case decides: confirmed, in the profile, of level MUST.
    pub fn decides(&self) -> bool {
        self.scored && self.level == Level::Must
    }

    /// The verdict, whatever a baseline says.
    pub fn own_verdict(&self) -> Verdict {
        self.expected.as_ref().map_or(self.verdict, |expected| expected.verdict)
    }

    /// What was answered, in a word: `ok`, `unsupported`, `bug`, or the class of a rejection.  Nothing for a pass
    /// (but one by a coarse class) and where there was no answer.
    pub fn answered(&self) -> Option<&str> {
        let got = self.got.strip_prefix("judge: ").unwrap_or(&self.got);
        let got = got.strip_prefix("reject ").unwrap_or(got);
        let end = got.find([' ', ':']).unwrap_or(got.len());
        got.get(..end).filter(|word| !word.is_empty())
    }
}

/// A process was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RespawnEvent {
    /// The case before.
    pub after: String,
    /// How many replacements there were up to here.
    pub count: usize,
}

/// The end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndEvent {
    /// Whether each planned case was run.
    pub complete: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stop>,
    /// Milliseconds of the whole run.
    pub ms: f64,
}

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", content = "detail", rename_all = "snake_case")]
pub enum Stop {
    /// By the user.
    Interrupted,
    /// A probe failed.
    Probe(String),
    /// Too many processes had to be replaced.
    Respawns(usize),
    /// A process could not be started any more.
    Testee(String),
}

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Reading failed.
    #[error("cannot read the record")]
    Read(#[from] io::Error),
    /// A line is no event.
    #[error("line {line} of the record is no event: {why}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// Writes one event as a line.
///
/// # Errors
///
/// Those of the writer.
pub fn write(event: &Event, output: &mut impl Write) -> io::Result<()> {
    let line = serde_json::to_string(event)?;
    writeln!(output, "{line}")
}

/// Reads a record.  A last line that is cut in its middle is left out, as the record of a run that was killed
/// must still be of use.
///
/// # Errors
///
/// [`RecordError`] for any other line that is no event.
pub fn read(input: impl BufRead) -> Result<Vec<Event>, RecordError> {
    let mut events = Vec::new();
    let mut broken: Option<(usize, String)> = None;
    for (index, line) in input.lines().enumerate() {
        let line = line?;
        if let Some((line, why)) = broken {
            return Err(RecordError::Line { line, why });
        }
        if line.trim().is_empty() {
            continue;
        }
        match read_line(&line) {
            Ok(event) => events.push(event),
            Err(error) => broken = Some((index + 1, error.to_string())),
        }
    }
    match broken {
        Some((line, why)) if events.is_empty() => Err(RecordError::Line { line, why }),
        _ => Ok(events),
    }
}

/// A record may come from anywhere, and its texts go to a terminal.
fn read_line(line: &str) -> serde_json::Result<Event> {
    let mut value = serde_json::from_str(line)?;
    make_printable(&mut value);
    serde_json::from_value(value)
}

fn make_printable(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(fit) = printable(text) {
                *text = fit;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_printable),
        Value::Object(members) => members.values_mut().for_each(make_printable),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_cut_short_is_read_as_far_as_it_goes() {
        let respawn = Event::Respawn(RespawnEvent { after: "a/b".into(), count: 1 });
        let mut bytes = Vec::new();
        write(&respawn, &mut bytes).unwrap();
        write(&respawn, &mut bytes).unwrap();
        assert_eq!(read(&bytes[..bytes.len() - 5]).unwrap(), [respawn]);
        assert!(matches!(read(&b"{}\n"[..]), Err(RecordError::Line { line: 1, .. })));
        let painted = String::from_utf8(bytes.clone()).unwrap().replace("a/b", r"\u001b[2J");
        let [Event::Respawn(replaced), _] = &read(painted.as_bytes()).unwrap()[..] else { panic!() };
        assert_eq!(replaced.after, r"\u{1b}[2J");
        bytes.splice(0..1, *b"x");
        assert!(matches!(read(&bytes[..]), Err(RecordError::Line { line: 1, .. })));
    }
}
