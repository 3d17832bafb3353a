//! Several testees side by side, requirement by requirement.

mod text;

use std::path::Path;

use dxos_spec::{Book, Requirement};
use serde_json::{Value, json};

use super::standing::{Standing, standings};
use crate::event::{CaseEvent, Event};
use crate::summary::Summary;
use crate::verdict::Verdict;
pub(crate) use text::letter;
pub use text::{WIDTH, render};

/// A record, and the file that it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// The record.
    pub events: &'a [Event],
}

/// Why records cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// A record without its first line.
    #[error("{file} does not say what was run; is it a record of `dxspec run --events`?")]
    NoRun {
        /// The file.
        file: String,
    },
    /// Two profiles.
    #[error(
        "{first} was run against the profile {wanted} and {file} against {found}: what counts is not the same; run both with --profile {wanted}"
    )]
    Profiles {
        /// The first file.
        first: String,
        /// Its profile.
        wanted: String,
        /// The other file.
        file: String,
        /// Its profile.
        found: String,
    },
}

/// A testee.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    /// Name and version, and the file where they are not enough.
    pub name: String,
    /// The file of the record.
    pub file: &'a str,
    /// What the record adds up to.
    pub summary: Summary<'a>,
}

/// How one testee stands with one requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// No case of the record cites it.
    NotRun,
    /// None of its cases that were run counts: they are provisional, or outside of the profile.
    Unscored,
    /// The testee claims nothing that a confirmed case of it needs.
    NotApplicable,
    /// Confirmed cases: passed, and applicable.
    Ran {
        /// Passed.
        passed: usize,
        /// Applicable; never 0.
        applicable: usize,
    },
}

impl Cell {
    fn of(standing: Option<&Standing<'_>>) -> Self {
        let Some(standing) = standing else { return Self::NotRun };
        match standing.score() {
            (_, 0) if standing.cases.iter().any(|case| case.verdict != Verdict::NotApplicable) => {
                Self::Unscored
            }
            (_, 0) => Self::NotApplicable,
            (passed, applicable) => Self::Ran { passed, applicable },
        }
    }

    /// A sign, so that colour is never the only one.
    pub const fn sign(self) -> char {
        match self {
            Self::Ran { passed, applicable } if passed == applicable => '●',
            Self::Ran { .. } => '✕',
            Self::NotApplicable => '○',
            Self::Unscored | Self::NotRun => '·',
        }
    }

    /// What the sign means.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ran { passed, applicable } if passed == applicable => "all passed",
            Self::Ran { .. } => "not all passed",
            Self::NotApplicable => "not claimed",
            Self::Unscored => "not scored",
            Self::NotRun => "not run",
        }
    }

    /// Passed of applicable, or why there is no such figure.
    pub fn figure(self) -> String {
        match self {
            Self::Ran { passed, applicable } => format!("{passed}/{applicable}"),
            Self::NotApplicable => "n/a".to_owned(),
            Self::Unscored => "unscored".to_owned(),
            Self::NotRun => "not run".to_owned(),
        }
    }
}

/// A requirement.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Its id.
    pub req: &'a str,
    /// The requirement, if the book has it.
    pub requirement: Option<&'a Requirement>,
    /// The word for its level.
    pub level: &'static str,
    /// Whether the profile has it.
    pub inside: bool,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// The matrix.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    /// The profile of all records.
    pub profile: &'a str,
    /// The testees.
    pub columns: Vec<Column<'a>>,
    /// The requirements that any record cites, in the order of the book.
    pub rows: Vec<Row<'a>>,
    /// Why the figures of two columns may not mean the same.
    pub warnings: Vec<String>,
}

impl<'a> Comparison<'a> {
    /// Puts records side by side.
    ///
    /// # Errors
    ///
    /// [`CompareError`] if a record does not begin with its run, or if their profiles differ.
    pub fn new(sources: &[Source<'a>], book: &'a Book) -> Result<Self, CompareError> {
        let mut columns: Vec<Column<'a>> = Vec::new();
        let mut profile = "";
        for source in sources {
            let summary = Summary::of(source.events);
            let run = summary.run.ok_or_else(|| CompareError::NoRun { file: source.file.to_owned() })?;
            match columns.first() {
                Some(first) if run.profile != profile => {
                    return Err(CompareError::Profiles {
                        first: first.file.to_owned(),
                        wanted: profile.to_owned(),
                        file: source.file.to_owned(),
                        found: run.profile.clone(),
                    });
                }
                Some(_) => {}
                None => profile = &run.profile,
            }
            columns.push(Column { name: super::outcome::name(&summary), file: source.file, summary });
        }
        distinguish(&mut columns);
        let warnings = warnings(&columns);
        let rows = rows(&columns, book);
        Ok(Self { profile, columns, rows, warnings })
    }

    /// One JSON document.
    pub fn to_json(&self) -> Value {
        let columns = self.columns.iter().map(|column| {
            let (passed, claimed, all) = column.summary.must;
            json!({
                "name": column.name,
                "file": column.file,
                "testee": column.summary.testee.map(|testee| &testee.implementation),
                "suite": column.summary.run.map(|run| &run.suite),
                "outcome": column.summary.decision.sentence(self.profile),
                "exit": column.summary.decision.exit_code(),
                "must": { "passed": passed, "claimed": claimed, "profile": all },
            })
        });
        let rows = self.rows.iter().map(|row| {
            let cells = row.cells.iter().map(|cell| match cell {
                Cell::Ran { passed, applicable } => {
                    json!({ "is": cell.word(), "passed": passed, "applicable": applicable })
                }
                _ => json!({ "is": cell.word() }),
            });
            json!({
                "req": row.req,
                "level": row.level,
                "in_profile": row.inside,
                "text": row.requirement.map(|requirement| &requirement.text),
                "cells": cells.collect::<Vec<_>>(),
            })
        });
        json!({
            "profile": self.profile,
            "warnings": self.warnings,
            "testees": columns.collect::<Vec<_>>(),
            "requirements": rows.collect::<Vec<_>>(),
        })
    }
}

/// The name of a file without its folders.
pub(crate) fn base(file: &str) -> String {
    Path::new(file).file_name().map_or_else(|| file.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Adds the file to names that occur twice, and the whole path if that does not help.
fn distinguish(columns: &mut [Column<'_>]) {
    let twice = |columns: &[Column<'_>]| -> Vec<bool> {
        let same = |name: &str| columns.iter().filter(|other| other.name == name).count() > 1;
        columns.iter().map(|column| same(&column.name)).collect()
    };
    let plain: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    for whole in [false, true] {
        let again = twice(columns);
        for ((column, plain), _) in columns.iter_mut().zip(&plain).zip(again).filter(|(_, again)| *again) {
            let file = if whole { column.file.to_owned() } else { base(column.file) };
            column.name = format!("{plain} ({file})");
        }
    }
}

fn warnings(columns: &[Column<'_>]) -> Vec<String> {
    let mut warnings = Vec::new();
    let Some((first, others)) = columns.split_first() else { return warnings };
    for column in others {
        let (Some(one), Some(two)) = (first.summary.run, column.summary.run) else { continue };
        let mut differ = |what: &str, one: &str, two: &str| {
            if one != two {
                warnings.push(format!(
                    "{} and {} differ in {what}: {one} and {two}",
                    base(first.file),
                    base(column.file)
                ));
            }
        };
        let words = |patterns: &[String]| match patterns {
            [] => "all cases".to_owned(),
            patterns => format!("-k {}", patterns.join(" ")),
        };
        differ("the suite", &one.suite, &two.suite);
        differ("the choice of cases", &words(&one.selection), &words(&two.selection));
        differ("the number of cases that decide", &one.deciding.to_string(), &two.deciding.to_string());
    }
    for column in columns.iter().filter(|column| !column.summary.end.is_some_and(|end| end.complete)) {
        warnings.push(format!(
            "{} is not complete: what was not run does not count as passed",
            base(column.file)
        ));
    }
    for column in columns.iter().filter(|column| column.summary.run.is_some_and(|run| !run.probes)) {
        warnings.push(format!("{} was run without probes", base(column.file)));
    }
    warnings
}

fn rows<'a>(columns: &[Column<'a>], book: &'a Book) -> Vec<Row<'a>> {
    let all: Vec<&'a CaseEvent> =
        columns.iter().flat_map(|column| column.summary.cases.iter().copied()).collect();
    let each: Vec<Vec<Standing<'a>>> =
        columns.iter().map(|column| standings(&column.summary.cases, book)).collect();
    standings(&all, book)
        .into_iter()
        .map(|standing| Row {
            req: standing.req,
            requirement: standing.requirement,
            level: standing.level(),
            inside: standing.inside,
            cells: each.iter().map(|own| Cell::of(own.iter().find(|own| own.req == standing.req))).collect(),
        })
        .collect()
}
