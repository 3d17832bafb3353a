//! Frames of the testee protocol, version 1: requests, the four answers, and what can be wrong with them.

use std::fmt;

use dxos_vectors::Class;
use serde_json::{Map, Value};

use crate::json;
use crate::printable::shorten;

/// The number of the protocol, `tp` in `hello`.
pub const VERSION: u64 = 1;

/// What a line of standard output begins with if it is an answer.
pub const PREFIX: &str = "TP1 ";

/// The longest line of either side, in bytes, without its line feed.
pub const LINE_LIMIT: usize = 4 << 20;

/// The names of the four answers.
const ANSWERS: [&str; 4] = ["ok", "reject", "unsupported", "bug"];

/// One request: a line of JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Chosen by the runner; the answer repeats it.
    pub id: u64,
    /// The operation.
    pub op: String,
    /// The input.
    pub input: Map<String, Value>,
    /// Members beyond the three above.  The runner sends one only to see that it is ignored.
    pub extra: Map<String, Value>,
}

impl Request {
    /// A request with the three members that every request has.
    pub fn new(id: u64, op: impl Into<String>, input: Map<String, Value>) -> Self {
        Self { id, op: op.into(), input, extra: Map::new() }
    }

    /// The line to send, without its line feed.
    pub fn to_line(&self) -> String {
        let mut frame = Map::new();
        frame.insert("id".to_owned(), self.id.into());
        frame.insert("op".to_owned(), self.op.clone().into());
        frame.insert("in".to_owned(), Value::Object(self.input.clone()));
        frame.extend(self.extra.clone());
        Value::Object(frame).to_string()
    }

    /// Reads a request line; members that are not known are ignored, as the protocol demands.
    ///
    /// # Errors
    ///
    /// [`FrameError`] when the line is not a JSON object with `id`, `op` and `in`.
    pub fn parse(line: &str) -> Result<Self, FrameError> {
        let mut frame = parse_object(line)?;
        let id = frame.get("id").and_then(Value::as_u64).ok_or(FrameError::NoId)?;
        let Some(Value::String(op)) = frame.remove("op") else {
            return Err(FrameError::Member { member: "op".to_owned(), want: "a string" });
        };
        let Some(Value::Object(input)) = frame.remove("in") else {
            return Err(FrameError::Member { member: "in".to_owned(), want: "an object" });
        };
        frame.remove("id");
        Ok(Self { id, op, input, extra: frame })
    }
}

/// What a testee says to a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Accepted, with the result.
    Ok(Map<String, Value>),
    /// The protocol says no.
    Reject {
        /// A class of the closed list, or a prefix of classes that `hello` announced in `coarse`.
        class: String,
        /// Free text, never compared.
        message: String,
    },
    /// The operation is not served.
    Unsupported,
    /// Something unexpected happened inside the testee.
    Bug {
        /// What happened.
        message: String,
    },
}

impl Answer {
    /// A rejection with a class of the closed list.
    pub fn reject(class: Class, message: impl Into<String>) -> Self {
        Self::Reject { class: class.name().to_owned(), message: message.into() }
    }

    /// Whether two answers say the same; free text is not looked at.
    pub fn says_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Reject { class: a, .. }, Self::Reject { class: b, .. }) => a == b,
            (Self::Bug { .. }, Self::Bug { .. }) => true,
            _ => self == other,
        }
    }

    /// The answer as JSON, without an id: `{"ok":{…}}` and so on.
    pub fn to_json(&self) -> Map<String, Value> {
        let (name, body) = match self {
            Self::Ok(result) => ("ok", Value::Object(result.clone())),
            Self::Reject { class, message } => {
                ("reject", serde_json::json!({ "class": class, "message": message }))
            }
            Self::Unsupported => ("unsupported", Value::Object(Map::new())),
            Self::Bug { message } => ("bug", serde_json::json!({ "message": message })),
        };
        Map::from_iter([(name.to_owned(), body)])
    }

    /// The line to print, with prefix and without line feed.
    pub fn to_line(&self, id: u64) -> String {
        let mut frame = Map::from_iter([("id".to_owned(), id.into())]);
        frame.extend(self.to_json());
        format!("{PREFIX}{}", Value::Object(frame))
    }

    /// Reads the JSON of an answer line (what follows the prefix) as the answer to request `id`.
    ///
    /// # Errors
    ///
    /// [`FrameError`]: not JSON, another id, none or more than one of the four answers, an answer of the
    /// wrong form, a class that is neither in the closed list nor announced in `coarse`.
    pub fn parse(json: &str, id: u64, coarse: &[String]) -> Result<Self, FrameError> {
        let mut frame = parse_object(json)?;
        match frame.get("id").and_then(Value::as_u64) {
            None => return Err(FrameError::NoId),
            Some(got) if got != id => return Err(FrameError::WrongId { want: id, got }),
            Some(_) => {}
        }
        let found: Vec<&str> = ANSWERS.into_iter().filter(|name| frame.contains_key(*name)).collect();
        let name = match found.as_slice() {
            [one] => *one,
            [] => return Err(FrameError::NoAnswer),
            many => return Err(FrameError::ManyAnswers(many.join("\" and \""))),
        };
        let Some(Value::Object(mut body)) = frame.remove(name) else {
            return Err(FrameError::Member { member: name.to_owned(), want: "an object" });
        };
        Ok(match name {
            "ok" => Self::Ok(body),
            "unsupported" => Self::Unsupported,
            "bug" => Self::Bug { message: take_text(&mut body, "message") },
            _ => {
                let Some(Value::String(class)) = body.remove("class") else {
                    return Err(FrameError::Member { member: "reject/class".to_owned(), want: "a string" });
                };
                if class.parse::<Class>().is_err() && !coarse.contains(&class) {
                    return Err(FrameError::UnknownClass(shorten(&class)));
                }
                Self::Reject { class, message: take_text(&mut body, "message") }
            }
        })
    }
}

impl fmt::Display for Answer {
    /// The answer in short, as reports show it: `ok {"issuer":"04…"}`, `reject auth.signature (…)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok(result) => write!(f, "ok {}", Value::Object(result.clone())),
            Self::Reject { class, message } if message.is_empty() => write!(f, "reject {class}"),
            Self::Reject { class, message } => write!(f, "reject {class} ({message})"),
            Self::Unsupported => f.write_str("unsupported"),
            // Behind the first line stands a trace; it is in the frames.
            Self::Bug { message } => write!(f, "bug: {}", message.lines().next().unwrap_or_default()),
        }
    }
}

fn take_text(body: &mut Map<String, Value>, member: &str) -> String {
    match body.remove(member) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

/// What is wrong with a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Bytes that are no text.
    #[error("the answer is not UTF-8 (byte {0})")]
    NotUtf8(usize),
    /// Text that is no JSON.
    #[error("the answer is not JSON: {0}")]
    NotJson(String),
    /// JSON, but no object.
    #[error("the answer is not a JSON object")]
    NotObject,
    /// The same member twice, so that readers would disagree about its value.
    #[error("the answer has the member \"{0}\" twice")]
    DuplicateMember(String),
    /// No usable `id`.
    #[error("the answer has no \"id\" that is a non-negative integer")]
    NoId,
    /// The id of another request.
    #[error("the answer carries id {got}, but the request in flight has id {want}")]
    WrongId {
        /// Id of the request.
        want: u64,
        /// Id of the answer.
        got: u64,
    },
    /// None of the four answers.
    #[error("the answer has none of \"ok\", \"reject\", \"unsupported\" and \"bug\"")]
    NoAnswer,
    /// More than one of the four answers.
    #[error("the answer has \"{0}\", but must have exactly one of them")]
    ManyAnswers(String),
    /// A member of the wrong form.
    #[error("\"{member}\" must be {want}")]
    Member {
        /// Path of the member.
        member: String,
        /// What it must be.
        want: &'static str,
    },
    /// A class that is neither in the closed list nor announced.
    #[error(
        "\"{0}\" is not a rejection class; use one of the closed list, or announce a prefix of classes in \"coarse\""
    )]
    UnknownClass(String),
    /// More values than [`json::VALUES_LIMIT`].
    #[error("the answer holds more than 65536 JSON values (an object counts as 8)")]
    TooMany,
    /// Deeper than [`json::DEPTH_LIMIT`].
    #[error("the answer is nested deeper than 100")]
    TooDeep,
    /// A line past [`LINE_LIMIT`].
    #[error("a line is longer than 4 MiB")]
    TooLong,
}

fn parse_object(text: &str) -> Result<Map<String, Value>, FrameError> {
    match json::parse(text)? {
        Value::Object(members) => Ok(members),
        _ => Err(FrameError::NotObject),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Answer, FrameError> {
        Answer::parse(json, 7, &["auth".to_owned()])
    }

    #[test]
    fn frames_survive_a_round_trip() {
        let mut request = Request::new(7, "halo.key.parse", Map::from_iter([("text".into(), "x".into())]));
        assert_eq!(request.to_line(), r#"{"id":7,"in":{"text":"x"},"op":"halo.key.parse"}"#);
        request.extra.insert("later".into(), 1.into());
        assert_eq!(Request::parse(&request.to_line()), Ok(request));
        for answer in [
            Answer::Ok(Map::from_iter([("issuer".into(), "04".into())])),
            Answer::reject(Class::AuthKey, "no"),
            Answer::Unsupported,
            Answer::Bug { message: "TypeError".into() },
        ] {
            let line = answer.to_line(7);
            assert_eq!(parse(line.strip_prefix(PREFIX).unwrap()), Ok(answer));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let cases = [
            ("nonsense", "the answer is not JSON: expected ident at line 1 column 2"),
            (r#"{"id":7,"ok":{}"#, "the answer is not JSON: EOF while parsing an object at line 1 column 15"),
            (r#"{"id":7,"ok":{}} {}"#, "the answer is not JSON: trailing characters at line 1 column 18"),
            ("[1]", "the answer is not a JSON object"),
            ("null", "the answer is not a JSON object"),
            (r#"{"ok":{}}"#, "the answer has no \"id\" that is a non-negative integer"),
            (r#"{"id":"7","ok":{}}"#, "the answer has no \"id\" that is a non-negative integer"),
            (r#"{"id":8,"ok":{}}"#, "the answer carries id 8, but the request in flight has id 7"),
            (r#"{"id":7}"#, "the answer has none of \"ok\", \"reject\", \"unsupported\" and \"bug\""),
            (
                r#"{"id":7,"ok":{},"unsupported":{}}"#,
                "the answer has \"ok\" and \"unsupported\", but must have exactly one of them",
            ),
            (r#"{"id":7,"ok":{},"ok":{}}"#, "the answer has the member \"ok\" twice"),
            (r#"{"id":7,"ok":null}"#, "\"ok\" must be an object"),
            (r#"{"id":7,"reject":{}}"#, "\"reject/class\" must be a string"),
            (
                r#"{"id":7,"reject":{"class":"decode"}}"#,
                "\"decode\" is not a rejection class; use one of the closed list, or announce a prefix of classes in \"coarse\"",
            ),
        ];
        for (json, want) in cases {
            assert_eq!(parse(json).unwrap_err().to_string(), want, "{json}");
        }
        assert!(parse(r#"{"id":7,"reject":{"class":"auth"},"note":1}"#).is_ok());
    }
}
