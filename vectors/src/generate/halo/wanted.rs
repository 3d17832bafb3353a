//! Cases for which the generator says itself what is wanted, so that a wrong reference is found out.

use serde_json::{Map, Value};

use super::super::topic::Topic;
use crate::format::{Case, Want};

/// An accepted case whose whole answer is `expected`.
pub(super) fn accept_as<'t>(
    topic: &'t mut Topic,
    slug: &str,
    req: &[&str],
    about: &str,
    input: Value,
    expected: &Map<String, Value>,
) -> Option<&'t mut Case> {
    let got = match &topic.accept(slug, req, about, input).want {
        Some(Want::Ok(got)) => got.clone(),
        _ => Map::new(),
    };
    for (name, value) in expected {
        if got.get(name) != Some(value) {
            let got = got.get(name).map_or_else(|| "nothing".to_owned(), Value::to_string);
            topic.problem(slug, &format!("{name} should be {value}, and the reference says {got}"));
        }
    }
    for (name, value) in got.iter().filter(|(name, _)| !expected.contains_key(*name)) {
        topic.problem(slug, &format!("{name} should be absent, and the reference says {value}"));
    }
    topic.last()
}
