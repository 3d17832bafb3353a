//! The baseline: a TOML file of failures that are expected, each with its reason.  It is strict both ways: an
//! entry that does not hold any more fails the run just as a failure does that no entry expects.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use glob_match::glob_match;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::value::Datetime;

use crate::event::CaseEvent;
use crate::verdict::Verdict;

pub mod applied;
pub mod update;

/// The most cases that one entry may fit: a wider pattern would also expect failures that nobody has looked at.
pub const MATCH_LIMIT: usize = 20;

/// The verdicts that can be expected, by the words for them.
const RESULTS: [(&str, Verdict); 6] = [
    ("fail", Verdict::Fail),
    ("wrong-reason", Verdict::WrongReason),
    ("unproven", Verdict::Unproven),
    ("timeout", Verdict::Timeout),
    ("crash", Verdict::Crash),
    ("protocol", Verdict::Protocol),
];

/// The word for a verdict in a baseline; empty for one that cannot be expected.
pub fn result_word(verdict: Verdict) -> &'static str {
    RESULTS.iter().find(|(_, known)| *known == verdict).map_or("", |(word, _)| word)
}

/// Failures that are expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The file, as it was named.
    pub file: String,
    /// In the order of the file.
    pub entries: Vec<Entry>,
}

/// One entry: cases, and how they fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The line of `case`, counted from 1.
    pub line: usize,
    /// An id, or a glob over ids.
    pub case: String,
    /// How the cases fail.
    pub result: Verdict,
    /// What is answered: `ok`, `unsupported`, `bug` or a class.  If absent, anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<String>,
    /// Why they fail.
    pub why: String,
    /// Where that is followed up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The day, as `2027-03-01`, until which this should be settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Entry {
    /// Whether the entry is about the case.
    pub fn fits(&self, id: &str) -> bool {
        if self.is_glob() { glob_match(&self.case, id) } else { self.case == id }
    }

    fn is_glob(&self) -> bool {
        self.case.contains(['*', '?', '[', '{'])
    }

    /// Whether the case failed as is stated here, whatever an earlier baseline made of it.
    pub fn expects(&self, case: &CaseEvent) -> bool {
        let got = self.got.as_deref();
        self.result == case.own_verdict() && got.is_none_or(|got| case.answered() == Some(got))
    }
}

/// Why a baseline cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct BaselineError {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    expect: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    case: Spanned<String>,
    result: Spanned<String>,
    got: Option<Spanned<String>>,
    why: Spanned<String>,
    issue: Option<String>,
    until: Option<Spanned<toml::Value>>,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// [`BaselineError`]: not TOML, a key that is not known, a value of the wrong form, `[[flaky]]`, the same
    /// case in two entries.
    pub fn parse(file: &str, text: &str) -> Result<Self, BaselineError> {
        let error = |span: Range<usize>, what: String| BaselineError {
            file: file.to_owned(),
            line: line_of(text, span.start),
            what,
        };
        let form = |bad: toml::de::Error| error(bad.span().unwrap_or_default(), bad.message().to_owned());
        let keys: BTreeMap<Spanned<String>, toml::Value> = toml::from_str(text).map_err(form)?;
        if let Some(flaky) = keys.keys().find(|key| key.get_ref() == "flaky") {
            let what = "there is no [[flaky]]: the suite is deterministic, so a case that ends in different ways is a \
                        fault; `dxspec run --repeat N` finds such cases";
            return Err(error(flaky.span(), what.to_owned()));
        }
        let raw: RawFile = toml::from_str(text).map_err(form)?;
        let mut entries: Vec<Entry> = Vec::new();
        for raw in raw.expect {
            let span = raw.case.span();
            let entry = entry(raw, line_of(text, span.start)).map_err(|(span, what)| error(span, what))?;
            if let Some(first) = entries.iter().find(|first| first.case == entry.case) {
                let what = format!(
                    "{} is already expected in line {}; remove one of the two",
                    entry.case, first.line
                );
                return Err(error(span, what));
            }
            entries.push(entry);
        }
        Ok(Self { file: file.to_owned(), entries })
    }

    /// Which entry is about each of the suite's cases, as an index into the entries.
    ///
    /// # Errors
    ///
    /// [`BaselineError`]: an entry fits more than [`MATCH_LIMIT`] cases, two entries fit the same case.
    pub fn resolve<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<HashMap<&'a str, usize>, BaselineError> {
        let error = |line: usize, what: String| BaselineError { file: self.file.clone(), line, what };
        let mut counts = vec![0usize; self.entries.len()];
        let mut found: HashMap<&str, usize> = HashMap::new();
        for id in ids {
            for (index, (entry, count)) in self.entries.iter().zip(&mut counts).enumerate() {
                if !entry.fits(id) {
                    continue;
                }
                *count += 1;
                if *count > MATCH_LIMIT {
                    let what = format!(
                        "\"{}\" fits more than {MATCH_LIMIT} cases; write narrower patterns, or the ids",
                        entry.case
                    );
                    return Err(error(entry.line, what));
                }
                if let Some(first) = found.insert(id, index).and_then(|first| self.entries.get(first)) {
                    let what =
                        format!("{id} is already expected in line {}; let only one entry fit it", first.line);
                    return Err(error(entry.line, what));
                }
            }
        }
        Ok(found)
    }
}

fn entry(raw: RawEntry, line: usize) -> Result<Entry, (Range<usize>, String)> {
    let known = RESULTS.iter().find(|(word, _)| word == raw.result.get_ref());
    let Some((_, result)) = known else {
        let words: Vec<&str> = RESULTS.iter().map(|(word, _)| *word).collect();
        let what = format!(
            "\"{}\" is no result that can be expected; use {}",
            raw.result.get_ref(),
            words.join(", ")
        );
        return Err((raw.result.span(), what));
    };
    for (name, text) in [("case", Some(&raw.case)), ("why", Some(&raw.why)), ("got", raw.got.as_ref())] {
        if let Some(text) = text.filter(|text| text.get_ref().trim().is_empty()) {
            return Err((text.span(), format!("`{name}` is empty; fill it in")));
        }
    }
    let until = raw.until.map(|until| {
        let span = until.span();
        day(&until.into_inner())
            .ok_or_else(|| (span, "`until` is no day; write it as \"2027-03-01\"".to_owned()))
    });
    Ok(Entry {
        line,
        case: raw.case.into_inner(),
        result: *result,
        got: raw.got.map(Spanned::into_inner),
        why: raw.why.into_inner(),
        issue: raw.issue,
        until: until.transpose()?,
    })
}

/// A day, written as a text or as a TOML date.
fn day(value: &toml::Value) -> Option<String> {
    let date = match value {
        toml::Value::String(text) => text.parse::<Datetime>().ok()?,
        toml::Value::Datetime(date) => *date,
        _ => return None,
    };
    match date {
        Datetime { date: Some(date), time: None, offset: None } => Some(date.to_string()),
        _ => None,
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"# What is known.
[[expect]]
case = "a/b/one"
result = "wrong-reason"
got = "decode.length"
why = "length checked before type"
issue = "https://example.org/12"
until = "2027-03-01"

[[expect]]
case = "a/c/*"
result = "crash"
why = "no memory"
until = 2027-03-02
"#;

    fn error(text: &str) -> String {
        Baseline::parse("b.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn a_baseline_is_read() {
        let baseline = Baseline::parse("b.toml", GOOD).unwrap();
        let lines: Vec<usize> = baseline.entries.iter().map(|entry| entry.line).collect();
        assert_eq!(lines, [3, 11]);
        assert_eq!(baseline.entries[1].until.as_deref(), Some("2027-03-02"));
        let ids = ["a/b/one", "a/b/one-more", "a/c/x", "a/c/y"];
        let found = baseline.resolve(ids).unwrap();
        assert_eq!(found, HashMap::from([("a/b/one", 0), ("a/c/x", 1), ("a/c/y", 1)]));
        assert_eq!(Baseline::parse("b.toml", "").unwrap().entries, []);
    }

    #[test]
    fn mistakes_name_the_line() {
        let with = |lines: &str| {
            error(&format!("\n[[expect]]\ncase = \"a/b/one\"\nresult = \"fail\"\nwhy = \"w\"\n{lines}"))
        };
        let texts = [
            error("expect = 1"),
            error("[[expect]\n"),
            error("[[expect]]\ncase = \"x\"\nresult = \"fail\"\n"),
            error("[[expect]]\ncase = \"x\"\nresult = \"pass\"\nwhy = \"w\"\n"),
            error("[[expect]]\ncase = \"x\"\nresult = \"fail\"\nwhy = \" \"\n"),
            with("reason = \"twice\"\n"),
            with("until = \"soon\"\n"),
            with("until = 2027-03-01T00:00:00Z\n"),
            with("got = \"\"\n"),
            with("[[flaky]]\ncase = \"y\"\n"),
            with("[[expect]]\ncase = \"a/b/one\"\nresult = \"crash\"\nwhy = \"w\"\n"),
            with("[expected]\n"),
        ];
        insta::assert_snapshot!(texts.join("\n"));
    }

    #[test]
    fn an_entry_fits_few_cases_and_a_case_one_entry() {
        let baseline = Baseline::parse("b.toml", GOOD).unwrap();
        let many: Vec<String> = (0..=MATCH_LIMIT).map(|number| format!("a/c/{number}")).collect();
        let error = baseline.resolve(many.iter().map(String::as_str)).unwrap_err();
        insta::assert_snapshot!(error, @r#"b.toml:11: "a/c/*" fits more than 20 cases; write narrower patterns, or the ids"#);
        assert!(baseline.resolve(many.iter().skip(1).map(String::as_str)).is_ok());
        let twice = Baseline::parse("b.toml", &GOOD.replace("a/c/*", "a/b/*")).unwrap();
        insta::assert_snapshot!(twice.resolve(["a/b/one"]).unwrap_err(), @"b.toml:11: a/b/one is already expected in line 3; let only one entry fit it");
    }
}
