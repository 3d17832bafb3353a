//! What the members of an operation's requests hold, learnt from requests that are known to be well formed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The most values of a text that counts as a choice among just these.
const CHOICES: usize = 4;

/// How many requests there must be before a text counts as a choice.
const ENOUGH: usize = 8;

/// What a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes as lower-case hex.
    Hex,
    /// A decimal number in a text.
    Decimal,
    /// One of a few texts.
    OneOf(Vec<String>),
    /// Any text.
    Text,
    /// A JSON number.
    Number,
}

/// What the members of an operation's requests hold.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    kinds: BTreeMap<String, Kind>,
    optional: BTreeSet<String>,
}

impl Shape {
    /// Learns from requests.
    pub fn of<'a>(requests: impl Iterator<Item = &'a Map<String, Value>> + Clone) -> Self {
        let mut texts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let mut kinds = BTreeMap::new();
        for request in requests.clone() {
            for (name, value) in request {
                collect(name.clone(), value, &mut texts, &mut kinds);
            }
        }
        kinds.extend(texts.into_iter().map(|(path, values)| (path, kind(&values))));
        let names: BTreeSet<&String> = requests.clone().flat_map(Map::keys).collect();
        let optional = names
            .into_iter()
            .filter(|name| requests.clone().any(|request| !request.contains_key(*name)))
            .cloned()
            .collect();
        Self { kinds, optional }
    }

    /// What is at a path with `/`; what was never seen counts as text.
    pub fn kind(&self, path: &str) -> &Kind {
        self.kinds.get(&general(path)).unwrap_or(&Kind::Text)
    }

    /// Whether a member of the request may be absent.
    pub fn optional(&self, name: &str) -> bool {
        self.optional.contains(name)
    }
}

/// The path with `*` for each index.
fn general(path: &str) -> String {
    let part = |part: &str| {
        let index = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if index { "*".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn collect<'a>(
    path: String,
    value: &'a Value,
    texts: &mut BTreeMap<String, Vec<&'a str>>,
    kinds: &mut BTreeMap<String, Kind>,
) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                collect(format!("{path}/{name}"), value, texts, kinds);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(format!("{path}/*"), item, texts, kinds);
            }
        }
        Value::String(text) => texts.entry(path).or_default().push(text),
        Value::Number(_) => drop(kinds.insert(path, Kind::Number)),
        Value::Null | Value::Bool(_) => {}
    }
}

fn kind(values: &[&str]) -> Kind {
    let hex = |text: &&str| {
        text.len().is_multiple_of(2)
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    // A leading zero is a digit of a byte.
    let decimal =
        |text: &&str| text.parse::<i64>().is_ok_and(|number| number.to_string().len() == text.len());
    let distinct: BTreeSet<&str> = values.iter().copied().collect();
    if values.iter().all(decimal) {
        Kind::Decimal
    } else if values.iter().all(hex) {
        Kind::Hex
    } else if values.len() >= ENOUGH && distinct.len() <= CHOICES {
        Kind::OneOf(distinct.into_iter().map(str::to_owned).collect())
    } else {
        Kind::Text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_told_apart() {
        let requests: Vec<Value> = (0..10i32)
            .map(|index| {
                let form = if index % 2 == 0 { "a" } else { "b" };
                let date = (index - 5).to_string();
                let mut request = json!({ "form": form, "data": "0a", "proof": 1,
                    "list": [{ "key": "ff" }], "date": date, "text": format!("x{index}") });
                if index > 0 {
                    request["now"] = json!("17");
                }
                request
            })
            .collect();
        let shape = Shape::of(requests.iter().filter_map(Value::as_object));
        assert_eq!(*shape.kind("form"), Kind::OneOf(vec!["a".into(), "b".into()]));
        assert_eq!(*shape.kind("data"), Kind::Hex);
        assert_eq!(*shape.kind("list/3/key"), Kind::Hex);
        assert_eq!(*shape.kind("date"), Kind::Decimal);
        assert_eq!(*shape.kind("text"), Kind::Text);
        assert_eq!(*shape.kind("proof"), Kind::Number);
        assert!(shape.optional("now") && !shape.optional("date"));
    }
}
