//! Lint: what must hold of the vectors beyond being readable.
//!
//! It looks at a folder that has `data/`, `ids.lock` and `schema/`, and reports everything it finds.  It has no
//! protocol code: whether an answer is right is for the reference and the witnesses to say.

mod answer;
mod case;
mod scalar;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dxos_spec::Book;

use crate::finding::Finding;
use crate::format::{FORMAT, VectorFile};
use crate::load::{LoadError, parse, walk};
use crate::lock::{self, Lock};
use crate::schema::{self, schema_text};
use crate::text::canonical;

/// Largest vector file, in bytes: what a person can still open and a review can still show.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most cases in a file.
pub const MAX_CASES: usize = 200;
/// Features that a case may ask for.
pub const FEATURES: &[&str] = &[
    "suite.p256",
    "suite.ed25519",
    "kube.clock",
    "kube.federation",
    "kube.library",
    "kube.operator",
    "mesh.invitation",
];
/// Where a case may come from.
pub const ORIGINS: &[&str] = &["generated", "hand", "capture", "fuzz", "bug"];
/// The chapter that names all operations.
const OPERATIONS: &str = "testee/operations.md";

/// The folder of the vectors below that of this crate.
const DATA: &str = "data";

/// Looks at the vectors in a folder, with the requirements of the book that is compiled in.
pub fn lint(root: &Path) -> Vec<Finding> {
    match Book::try_embedded() {
        Ok(book) => lint_with(root, book),
        Err(error) => vec![Finding::new("spec/src", error.to_string(), "correct the book first")],
    }
}

/// The same with the requirements of another book.
pub fn lint_with(root: &Path, book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut files: Vec<Read> = Vec::new();
    let mut unread: Vec<String> = Vec::new();
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in texts(root, &mut findings) {
        match parse(&path, &text) {
            Err(error) => {
                findings.push(unreadable(&path, &error));
                unread.push(format!("{}/", group_of(&path)));
            }
            Ok(file) => {
                lint_file(&path, &text, &file, book, &mut findings);
                for case in &file.cases {
                    if let Some(first) = ids.insert(case.id.clone(), path.clone()) {
                        let message = format!("its id is already used in {first}");
                        findings
                            .push(Finding::new(&path, message, "give the case another id").about(&case.id));
                    }
                }
                files.push(Read { path, text, file });
            }
        }
    }
    // That the cases of an unreadable file are missing is no news.
    let known = |finding: &Finding| {
        let id = finding.case.as_deref().unwrap_or_default();
        finding.file == lock::PATH && unread.iter().any(|group| id.starts_with(group))
    };
    findings.extend(lint_lock(root, &files).into_iter().filter(|finding| !known(finding)));
    lint_schema(root, &mut findings);
    findings
}

/// A vector file that could be read.
struct Read {
    path: String,
    text: String,
    file: VectorFile,
}

/// The group that a file has by its path.
fn group_of(path: &str) -> &str {
    path.strip_prefix("data/").and_then(|path| path.strip_suffix(".json")).unwrap_or(path)
}

/// The texts of the vector files by path; whatever else lies between them is a finding.
fn texts(root: &Path, findings: &mut Vec<Finding>) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let paths = walk(&root.join(DATA)).unwrap_or_else(|error| {
        findings.push(Finding::new(DATA, error.to_string(), "run lint on the folder that has `data/`"));
        Vec::new()
    });
    for path in paths {
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if path.extension().is_none_or(|extension| extension != "json") {
            findings.push(Finding::new(name, "not a vector file", "remove it, or move it out of `data/`"));
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(text) => texts.push((name, text)),
            Err(error) => {
                findings.push(Finding::new(name, error.to_string(), "restore the file from the history"))
            }
        }
    }
    texts
}

fn unreadable(path: &str, error: &LoadError) -> Finding {
    match error {
        LoadError::Json { line, column, message, .. } => {
            let next = "restore the file, or make it anew with `dxspec vectors generate`";
            let mut finding = Finding::new(path, message, next).at(*line);
            finding.column = Some(*column);
            finding
        }
        LoadError::Format { found, .. } => {
            Finding::new(path, format!("its format is {found}"), format!("write format {FORMAT}"))
        }
        LoadError::Io { source, .. } => {
            Finding::new(path, source.to_string(), "restore the file from the history")
        }
    }
}

fn lint_file(path: &str, text: &str, file: &VectorFile, book: &Book, findings: &mut Vec<Finding>) {
    let mut report = Report { path, text, case: None, findings };
    let group = group_of(path);
    if file.group != group {
        let message = format!("its group is \"{}\", but its path says \"{group}\"", file.group);
        report.add("\"group\"", message, "make the two equal");
    }
    if !file.group.split('/').all(is_slug) {
        report.add("\"group\"", "a part of the group is not of a-z 0-9 . -", "rename it");
    }
    if file.schema != schema::path_from(group) {
        let next = format!("write \"{}\"", schema::path_from(group));
        report.add("\"$schema\"", format!("`$schema` is \"{}\"", file.schema), next);
    }
    if text.len() > MAX_BYTES {
        report.add("", format!("{} bytes are more than {MAX_BYTES}", text.len()), "split the file by topic");
    }
    if file.cases.is_empty() || file.cases.len() > MAX_CASES {
        let message = format!("{} cases; a file has 1 to {MAX_CASES}", file.cases.len());
        report.add("\"cases\"", message, "split the file by topic, or remove it");
    }
    for (name, value) in
        [("about", &file.about), ("generator", &file.source.generator), ("seed", &file.source.seed)]
    {
        if value.trim().is_empty() {
            report.add(&format!("\"{name}\""), format!("`{name}` is empty"), "fill it in");
        }
    }
    operation(&file.op, book, &mut report);
    flags(file, &mut report);
    form(text, file, &mut report);
    for (index, case) in file.cases.iter().enumerate() {
        report.case = Some(&case.id);
        case::lint(file, case, book, &mut report);
        answer::lint(file, index, case, book, &mut report);
        scalar::lint(&file.op, case, &mut report);
    }
}

/// Whether the book says what to do with an operation.
fn operation(op: &str, book: &Book, report: &mut Report<'_>) {
    let chapter = book.chapters().iter().find(|chapter| chapter.path == OPERATIONS);
    if chapter.is_some_and(|chapter| !chapter.text.contains(&format!("`{op}`"))) {
        let next = format!("correct it, or describe the operation in spec/src/{OPERATIONS}");
        report.add("\"op\"", format!("\"{op}\" is not an operation"), next);
    }
}

fn flags(file: &VectorFile, report: &mut Report<'_>) {
    for (name, flag) in &file.flags {
        if flag.about.trim().is_empty() {
            report.add(
                "\"flags\"",
                format!("flag {name} is not explained"),
                "say which mistake it stands for",
            );
        }
        if !file.cases.iter().any(|case| case.flags.contains(name)) {
            report.add("\"flags\"", format!("no case has the flag {name}"), "remove the flag, or use it");
        }
    }
}

/// Compares the text with the canonical one.
fn form(text: &str, file: &VectorFile, report: &mut Report<'_>) {
    let next = "write it with `dxspec vectors generate`";
    match canonical(file) {
        Ok(canonical) if canonical == text => {}
        Ok(canonical) => {
            let line = first_difference(text, &canonical);
            report.findings.push(Finding::new(report.path, "not in canonical form", next).at(line));
        }
        Err(error) => report.add("", error.to_string(), next),
    }
}

fn lint_lock(root: &Path, files: &[Read]) -> Vec<Finding> {
    let text = match fs::read_to_string(root.join(lock::PATH)) {
        Ok(text) => text,
        Err(_) if files.is_empty() => return Vec::new(),
        Err(error) => {
            return vec![Finding::new(lock::PATH, error.to_string(), "restore the file from the history")];
        }
    };
    let mut findings = match Lock::parse(&text) {
        Ok(lock) => lock.check(files.iter().map(|read| (read.path.as_str(), &read.file))),
        Err(error) => vec![error.finding()],
    };
    for finding in &mut findings {
        if let (None, Some(id), Some(read)) =
            (finding.line, &finding.case, files.iter().find(|read| read.path == finding.file))
        {
            finding.line = line_of(&read.text, &id_key(id));
        }
    }
    findings
}

fn lint_schema(root: &Path, findings: &mut Vec<Finding>) {
    let next = "write it with `dxspec vectors schema`";
    match fs::read_to_string(root.join(schema::PATH)) {
        Ok(text) => {
            let wanted = schema_text();
            if text != wanted {
                let line = first_difference(&text, &wanted);
                findings.push(Finding::new(schema::PATH, "not the schema of the types", next).at(line));
            }
        }
        Err(error) => findings.push(Finding::new(schema::PATH, error.to_string(), next)),
    }
}

/// Line of the first difference, counted from 1.
fn first_difference(found: &str, wanted: &str) -> usize {
    found.split('\n').zip(wanted.split('\n')).take_while(|(found, wanted)| found == wanted).count() + 1
}

/// The line in which a key stands first, counted from 1.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let (before, _) = (!key.is_empty()).then(|| text.split_once(key))??;
    Some(before.matches('\n').count() + 1)
}

/// How the id of a case stands in its file.
fn id_key(id: &str) -> String {
    format!("\"id\": \"{id}\"")
}

/// A part of a group or of an id.
fn is_slug(text: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    !text.is_empty() && text.bytes().all(allowed)
}

/// Collects findings about one file.
struct Report<'a> {
    path: &'a str,
    text: &'a str,
    case: Option<&'a str>,
    findings: &'a mut Vec<Finding>,
}

impl Report<'_> {
    /// Adds a finding; its line is where the key stands, or the case's id within a case.
    fn add(&mut self, key: &str, message: impl Into<String>, next: impl Into<String>) {
        let mut finding = Finding::new(self.path, message, next);
        finding.line = match self.case {
            Some(id) => line_of(self.text, &id_key(id)),
            None => line_of(self.text, key),
        };
        finding.case = self.case.map(str::to_owned);
        self.findings.push(finding);
    }

    /// Adds a finding about the case at hand.
    fn case(&mut self, message: impl Into<String>, next: impl Into<String>) {
        self.add("", message, next);
    }
}
