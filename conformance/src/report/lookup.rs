//! The vector behind a case of a record: its input, and why it exists.

use std::collections::HashMap;

use dxos_vectors::{Case, Step, VectorFile, lock};
use serde_json::{Map, Value};

use crate::event::CaseEvent;

/// Vectors by the ids of their cases.
#[derive(Clone, Debug, Default)]
pub struct Lookup<'a> {
    cases: HashMap<&'a str, (&'a VectorFile, &'a Case)>,
}

/// What is found for a case of a record.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// The case that was run.
    Same(&'a VectorFile, &'a Case),
    /// Another one of this id: what is recorded was not said about it.
    Changed,
    /// None of this id.
    Missing,
}

impl<'a> Lookup<'a> {
    /// From all vectors.
    pub fn new(files: &'a [VectorFile]) -> Self {
        let cases = files.iter().flat_map(|file| file.cases.iter().map(move |case| (file, case)));
        Self { cases: cases.map(|(file, case)| (case.id.as_str(), (file, case))).collect() }
    }

    /// The case with an id.
    pub fn case(&self, id: &str) -> Option<(&'a VectorFile, &'a Case)> {
        self.cases.get(id).copied()
    }

    /// The case of a record, if it still is the one that was run.
    pub fn find(&self, event: &CaseEvent) -> Found<'a> {
        match self.case(&event.id) {
            None => Found::Missing,
            Some((file, case)) if event.hash == lock::hash(&file.op, case) => Found::Same(file, case),
            Some(_) => Found::Changed,
        }
    }
}

/// A part of an input that is not made of other parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// Its path with `/`; of a case with several steps it begins with the number of the step.
    pub path: String,
    /// The operation.
    pub op: String,
    /// Its path inside of the input.
    pub name: String,
    /// The value.
    pub value: &'a Value,
}

impl Member<'_> {
    /// The bytes, if it is lower-case hex.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let text = self.value.as_str().filter(|text| !text.is_empty())?;
        let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
        let byte = |pair: &[u8]| match pair {
            [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
            _ => None,
        };
        text.as_bytes().chunks(2).map(byte).collect()
    }
}

/// The members of all inputs of a case.
pub fn members<'a>(steps: &'a [Step]) -> Vec<Member<'a>> {
    let mut found = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let prefix = if steps.len() > 1 { format!("{number}/") } else { String::new() };
        collect(&step.input, "", &mut |name, value| {
            found.push(Member { path: format!("{prefix}{name}"), op: step.op.clone(), name, value });
        });
    }
    found
}

fn collect<'a>(object: &'a Map<String, Value>, prefix: &str, found: &mut impl FnMut(String, &'a Value)) {
    for (name, value) in object {
        one(format!("{prefix}{name}"), value, found);
    }
}

fn one<'a>(path: String, value: &'a Value, found: &mut impl FnMut(String, &'a Value)) {
    match value {
        Value::Object(object) if !object.is_empty() => collect(object, &format!("{path}/"), found),
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                one(format!("{path}/{index}"), item, found);
            }
        }
        _ => found(path, value),
    }
}
