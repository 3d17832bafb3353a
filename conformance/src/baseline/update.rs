//! A baseline brought up to date with a record: what holds stays as it stands in the file, with its comments.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::baseline::{Baseline, BaselineError, Entry, result_word};
use crate::event::{CaseEvent, Event, RunEvent};
use crate::verdict::Verdict;

/// What an update did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The new text of the file.
    pub text: String,
    /// What is new in it; empty if nothing is.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What was done.
    pub did: Did,
    /// The entry's `case`.
    pub case: String,
    /// Why.
    pub why: String,
}

/// What was done to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// An entry was written.
    Added,
    /// It expects another result now.
    Changed,
    /// It was taken out.
    Removed,
}

/// Why a baseline cannot be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// It cannot be read.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The record does not cover the run.
    #[error(
        "the record is incomplete, so what it lacks cannot be told from what does not fail any more; run again"
    )]
    Incomplete,
    /// The entries are written otherwise.
    #[error("{0}: write the entries as [[expect]] tables")]
    Form(String),
}

/// Brings the baseline `text` up to date with a record.  `ids` are the cases of the suite.
///
/// # Errors
///
/// [`UpdateError`]: the baseline cannot be read, the record is incomplete.
pub fn update(file: &str, text: &str, events: &[Event], ids: &[&str]) -> Result<Update, UpdateError> {
    let baseline = Baseline::parse(file, text)?;
    baseline.resolve(ids.iter().copied())?;
    let record = Record::of(events).ok_or(UpdateError::Incomplete)?;
    let form = || UpdateError::Form(file.to_owned());
    let mut document: DocumentMut = text.parse().map_err(|_| form())?;
    let mut changes = Vec::new();
    let old = match document.remove("expect") {
        None => ArrayOfTables::new(),
        Some(Item::ArrayOfTables(tables)) => tables,
        Some(_) => return Err(form()),
    };
    let mut covered: Vec<String> = Vec::new();
    let mut new = ArrayOfTables::new();
    // Remarks that stand apart from an entry are about the file and outlive it.
    let mut remarks = String::new();
    for (entry, table) in baseline.entries.iter().zip(old) {
        let kept = match record.fate(entry, ids) {
            Fate::Keep => vec![table],
            Fate::Change(case) => {
                changes.push(Change { did: Did::Changed, case: entry.case.clone(), why: ended(case) });
                vec![changed(table, entry, case)]
            }
            Fate::Replace(cases, why) => {
                changes.push(Change { did: Did::Removed, case: entry.case.clone(), why });
                remarks.push_str(detached(&table));
                cases
                    .iter()
                    .map(|case| {
                        changes.push(Change { did: Did::Added, case: case.id.clone(), why: ended(case) });
                        narrowed(&table, entry, case)
                    })
                    .collect()
            }
        };
        for mut table in kept {
            let id = table.get("case").and_then(Item::as_str).unwrap_or_default().to_owned();
            covered.push(id);
            let remark = std::mem::take(&mut remarks);
            prefix(&mut table, |old| format!("{remark}{old}"));
            new.push(table);
        }
    }
    let fits = |id: &str| {
        covered.iter().any(|case| {
            case == id || baseline.entries.iter().any(|entry| entry.case == *case && entry.fits(id))
        })
    };
    for case in record.failing.values().filter(|case| !fits(&case.id)) {
        changes.push(Change { did: Did::Added, case: case.id.clone(), why: ended(case) });
        let mut table = written(case, &case.why);
        let remark = std::mem::take(&mut remarks);
        let first = new.is_empty() && remark.is_empty();
        prefix(&mut table, |_| if first { String::new() } else { format!("{remark}\n") });
        new.push(table);
    }
    if !new.is_empty() {
        document.insert("expect", Item::ArrayOfTables(new));
    }
    let text = if changes.is_empty() { text.to_owned() } else { format!("{document}{remarks}") };
    Ok(Update { text, changes })
}

/// What a record says about cases that decide.
struct Record<'a> {
    run: &'a RunEvent,
    seen: BTreeSet<&'a str>,
    deciding: BTreeMap<&'a str, &'a CaseEvent>,
    failing: BTreeMap<&'a str, &'a CaseEvent>,
}

enum Fate<'a> {
    Keep,
    /// The one case fails in another way.
    Change(&'a CaseEvent),
    /// Entries for these cases take its place.
    Replace(Vec<&'a CaseEvent>, String),
}

impl<'a> Record<'a> {
    fn of(events: &'a [Event]) -> Option<Self> {
        let run = events.iter().find_map(|event| match event {
            Event::Run(run) => Some(run),
            _ => None,
        })?;
        let complete = events.iter().any(|event| matches!(event, Event::End(end) if end.complete));
        let cases: Vec<&CaseEvent> = events
            .iter()
            .filter_map(|event| match event {
                Event::Case(case) => Some(case.as_ref()),
                _ => None,
            })
            .collect();
        if !complete || cases.len() != run.cases {
            return None;
        }
        let by_id = |keep: fn(&CaseEvent) -> bool| {
            let kept = cases.iter().filter(|case| case.decides() && keep(case));
            kept.map(|case| (case.id.as_str(), *case)).collect::<BTreeMap<_, _>>()
        };
        let seen = cases.iter().map(|case| case.id.as_str()).collect();
        Some(Self {
            run,
            seen,
            deciding: by_id(|_| true),
            failing: by_id(|case| case.own_verdict().is_failure()),
        })
    }

    fn fate(&self, entry: &Entry, ids: &[&str]) -> Fate<'a> {
        let fits: Vec<&str> = ids.iter().copied().filter(|id| entry.fits(id)).collect();
        let deciding: Vec<&CaseEvent> = fits.iter().filter_map(|id| self.deciding.get(id).copied()).collect();
        match deciding.as_slice() {
            [] if fits.is_empty() => Fate::Replace(Vec::new(), "fits no case of the suite".to_owned()),
            // Those that were not chosen may decide.
            [] if !self.run.selection.is_empty() && !fits.iter().all(|id| self.seen.contains(id)) => {
                Fate::Keep
            }
            [] => Fate::Replace(Vec::new(), "decides nothing".to_owned()),
            all if all.iter().all(|case| entry.expects(case)) => Fate::Keep,
            [one] if fits.len() == 1 && one.own_verdict().is_failure() => Fate::Change(one),
            [one] if fits.len() == 1 => Fate::Replace(Vec::new(), ended(one)),
            all => {
                let failing = all.iter().copied().filter(|case| case.own_verdict().is_failure()).collect();
                Fate::Replace(failing, "not all of its cases fail as it says".to_owned())
            }
        }
    }
}

/// How a case ended, in short.
fn ended(case: &CaseEvent) -> String {
    match (case.own_verdict(), case.answered()) {
        (Verdict::Pass, _) => "passes".to_owned(),
        (verdict @ Verdict::NotApplicable, _) | (verdict, None) => verdict.to_string(),
        (verdict, Some(got)) => format!("{verdict} with {got}"),
    }
}

/// The entry with the result that the case has now.
fn changed(mut table: Table, entry: &Entry, case: &CaseEvent) -> Table {
    set(&mut table, "result", result_word(case.own_verdict()));
    match (case.answered(), &entry.got) {
        (Some(got), Some(_)) => set(&mut table, "got", got),
        (None, Some(_)) => drop(table.remove("got")),
        (_, None) => {}
    }
    table
}

/// An entry for one case out of those of a wider entry, with its reasons.
fn narrowed(wide: &Table, entry: &Entry, case: &CaseEvent) -> Table {
    let mut table = wide.clone();
    set(&mut table, "case", &case.id);
    prefix(&mut table, |old| old.get(detached_end(old)..).unwrap_or_default().to_owned());
    changed(table, entry, case)
}

fn written(case: &CaseEvent, why: &str) -> Table {
    let mut table = Table::new();
    table.insert("case", value(case.id.as_str()));
    table.insert("result", value(result_word(case.own_verdict())));
    if let Some(got) = case.answered() {
        table.insert("got", value(got));
    }
    table.insert("why", value(why));
    table
}

/// Replaces a text and keeps what stands around it.
fn set(table: &mut Table, key: &str, text: &str) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) if old.as_str() == Some(text) => {}
        Some(old) => {
            let decor = old.decor().clone();
            *old = text.into();
            *old.decor_mut() = decor;
        }
        None => drop(table.insert(key, value(text))),
    }
}

fn prefix(table: &mut Table, change: impl FnOnce(&str) -> String) {
    let decor = table.decor_mut();
    let old = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
    decor.set_prefix(change(&old));
}

/// The remarks before a table that a blank line parts from it.
fn detached(table: &Table) -> &str {
    let all = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    let remarks = all.get(..detached_end(all)).unwrap_or_default();
    if remarks.trim().is_empty() { "" } else { remarks }
}

fn detached_end(prefix: &str) -> usize {
    prefix.rfind("\n\n").map_or(0, |at| at + 1)
}
