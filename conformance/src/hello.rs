//! What a testee says about itself: the operations and features that it claims.

use std::fmt;

use dxos_vectors::Class;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::protocol::VERSION;

/// Who a testee is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Name of the implementation.
    pub name: String,
    /// Version of the implementation.
    pub version: String,
    /// Language that it is written in.
    pub language: String,
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.name, self.version, self.language)
    }
}

/// The answer to `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The number of the protocol; 1.
    pub tp: u64,
    /// Who the testee is.
    pub implementation: About,
    /// Operations served; a final `*` stands for anything.
    pub ops: Vec<String>,
    /// Optional parts, for example `suite.p256`, and `bench`.
    #[serde(default)]
    pub features: Vec<String>,
    /// Prefixes of classes inside which the testee cannot tell reasons apart.
    #[serde(default)]
    pub coarse: Vec<String>,
}

impl Hello {
    /// What a testee claims that serves `ops` with `features`, and tells all reasons apart.
    pub fn new(name: &str, version: &str, language: &str, ops: &[&str], features: &[&str]) -> Self {
        let owned = |list: &[&str]| list.iter().map(|item| (*item).to_owned()).collect();
        Self {
            tp: VERSION,
            implementation: About { name: name.into(), version: version.into(), language: language.into() },
            ops: owned(ops),
            features: owned(features),
            coarse: Vec::new(),
        }
    }

    /// Reads what follows `ok` in the answer to `hello`.
    ///
    /// # Errors
    ///
    /// [`HelloError`] for another version of the protocol, a missing member, or a prefix in `coarse` that
    /// covers no class.
    pub fn from_answer(result: Map<String, Value>) -> Result<Self, HelloError> {
        let tp = result.get("tp").cloned().unwrap_or(Value::Null);
        if tp.as_u64() != Some(VERSION) {
            return Err(HelloError::Version(tp.to_string()));
        }
        let hello: Self = serde_json::from_value(Value::Object(result))
            .map_err(|error| HelloError::Shape(error.to_string()))?;
        for prefix in &hello.coarse {
            if !Class::ALL.iter().any(|class| covers(prefix, class.name())) {
                return Err(HelloError::Coarse(prefix.clone()));
            }
        }
        if let Some(op) = hello.ops.iter().find(|op| op.trim_end_matches('*').contains('*')) {
            return Err(HelloError::Pattern(op.clone()));
        }
        Ok(hello)
    }

    /// The claims as the result of `hello`.
    pub fn to_result(&self) -> Map<String, Value> {
        let value = json!({
            "tp": self.tp,
            "implementation": self.implementation,
            "ops": self.ops,
            "features": self.features,
            "coarse": self.coarse,
        });
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// Whether the operation is claimed.
    pub fn serves(&self, op: &str) -> bool {
        self.ops.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => op.starts_with(prefix),
            None => op == pattern,
        })
    }

    /// Whether the feature is claimed.
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|claimed| claimed == feature)
    }

    /// Whether one announced prefix covers both the class wanted and the class answered.
    pub fn cannot_tell_apart(&self, want: &str, got: &str) -> bool {
        self.coarse.iter().any(|prefix| covers(prefix, want) && (covers(prefix, got) || prefix == got))
    }
}

/// Whether `prefix` is `class` or ends where a part of it ends.
fn covers(prefix: &str, class: &str) -> bool {
    class.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What is wrong with an answer to `hello`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// Not version 1.
    #[error(
        "the testee speaks version {0} of the testee protocol; this runner speaks 1: answer {{\"tp\":1,…}}"
    )]
    Version(String),
    /// A member is missing or of the wrong form.
    #[error(
        "the answer to hello is not of the form {{tp, implementation {{name, version, language}}, ops, features?, coarse?}}: {0}"
    )]
    Shape(String),
    /// A prefix that covers nothing.
    #[error(
        "\"coarse\" names \"{0}\", which is neither a stage (as \"auth\") nor a class (as \"auth.signature\")"
    )]
    Coarse(String),
    /// An asterisk inside of a pattern.
    #[error("\"ops\" has the pattern \"{0}\": only a final * is allowed")]
    Pattern(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> Hello {
        let mut hello = Hello::new("x", "1", "rust", &["halo.key.*", "bench"], &["suite.p256"]);
        hello.coarse = vec!["auth".into(), "decode.varint".into()];
        hello
    }

    #[test]
    fn claims_are_patterns() {
        assert!(hello().serves("halo.key.parse") && hello().serves("bench"));
        assert!(!hello().serves("halo.keys") && !hello().serves("bench.more"));
    }

    #[test]
    fn coarse_covers_whole_parts_only() {
        assert!(hello().cannot_tell_apart("auth.signature", "auth.key"));
        assert!(hello().cannot_tell_apart("auth.signature", "auth"));
        assert!(!hello().cannot_tell_apart("auth.signature", "decode.varint"));
        assert!(!hello().cannot_tell_apart("decode.utf8", "decode.varint"));
    }

    #[test]
    fn a_bad_hello_is_explained() {
        assert_eq!(Hello::from_answer(hello().to_result()), Ok(hello()));
        let mut later = hello();
        later.tp = 2;
        let mut coarse = hello();
        coarse.coarse = vec!["aut".into()];
        let mut pattern = hello();
        pattern.ops = vec!["*.verify".into()];
        let texts: Vec<String> = [later, coarse, pattern]
            .iter()
            .map(|bad| Hello::from_answer(bad.to_result()).unwrap_err().to_string())
            .collect();
        insta::assert_snapshot!(texts.join("\n"), @r#"
        the testee speaks version 2 of the testee protocol; this runner speaks 1: answer {"tp":1,…}
        "coarse" names "aut", which is neither a stage (as "auth") nor a class (as "auth.signature")
        "ops" has the pattern "*.verify": only a final * is allowed
        "#);
    }
}
