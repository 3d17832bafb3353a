//! What a testee says about itself: the operations and features that it claims.

use std::fmt;

use dxos_vectors::Class;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::printable::{printable_line, shorten};
use crate::protocol::VERSION;

/// The most bytes of a text in an answer to `hello`.
pub const TEXT_LIMIT: usize = 200;

/// The most entries of a list in an answer to `hello`.
pub const LIST_LIMIT: usize = 1000;

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
    /// [`HelloError`] for another version of the protocol, a missing member, a text or a list that is too
    /// long, a text with control characters, or a prefix in `coarse` that covers no class.
    pub fn from_answer(result: Map<String, Value>) -> Result<Self, HelloError> {
        let tp = result.get("tp").cloned().unwrap_or(Value::Null);
        if tp.as_u64() != Some(VERSION) {
            return Err(HelloError::Version(shorten(&tp.to_string())));
        }
        let hello: Self = serde_json::from_value(Value::Object(result))
            .map_err(|error| HelloError::Shape(shorten(&error.to_string())))?;
        hello.check_texts()?;
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

    /// What a testee says about itself goes into every report, so it must be short and of one line.
    fn check_texts(&self) -> Result<(), HelloError> {
        let About { name, version, language } = &self.implementation;
        let lists = [("ops", &self.ops), ("features", &self.features), ("coarse", &self.coarse)];
        if let Some((member, _)) = lists.iter().find(|(_, list)| list.len() > LIST_LIMIT) {
            return Err(HelloError::List(member));
        }
        let texts = [
            ("implementation/name", name),
            ("implementation/version", version),
            ("implementation/language", language),
        ];
        let listed = lists.iter().flat_map(|(member, list)| list.iter().map(move |text| (*member, text)));
        for (member, text) in texts.into_iter().chain(listed) {
            if text.len() > TEXT_LIMIT || printable_line(text) != text.as_str() {
                return Err(HelloError::Text { member, text: shorten(text) });
            }
        }
        Ok(())
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
    /// A list past [`LIST_LIMIT`].
    #[error("\"{0}\" in the answer to hello has more than 1000 entries")]
    List(&'static str),
    /// A text past [`TEXT_LIMIT`], or not of one line.
    #[error(
        "\"{member}\" in the answer to hello may hold at most 200 bytes and no control characters: {text}"
    )]
    Text {
        /// Where.
        member: &'static str,
        /// The text, in short.
        text: String,
    },
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
        let mut painted = hello();
        painted.implementation.name = "x\u{1b}[2J\n42 passed, 0 failed".into();
        let mut long = hello();
        long.implementation.version = "1".repeat(TEXT_LIMIT + 1);
        let mut many = hello();
        many.features = vec!["x".into(); LIST_LIMIT + 1];
        let texts: Vec<String> = [later, coarse, pattern, painted, long, many]
            .iter()
            .map(|bad| Hello::from_answer(bad.to_result()).unwrap_err().to_string())
            .collect();
        insta::assert_snapshot!(texts.join("\n"), @r#"
        the testee speaks version 2 of the testee protocol; this runner speaks 1: answer {"tp":1,…}
        "coarse" names "aut", which is neither a stage (as "auth") nor a class (as "auth.signature")
        "ops" has the pattern "*.verify": only a final * is allowed
        "implementation/name" in the answer to hello may hold at most 200 bytes and no control characters: x\u{1b}[2J\n42 passed, 0 failed
        "implementation/version" in the answer to hello may hold at most 200 bytes and no control characters: 111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111…111111111111111111111111111111
        "features" in the answer to hello has more than 1000 entries
        "#);
    }
}
