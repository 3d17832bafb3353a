//! The vote: what the reference and the testees answer to one request, and whether that is one opinion.

use std::fmt;

use serde_json::{Map, Value};

use super::source::{Craft, Trial};
use crate::hello::Hello;
use crate::protocol::Answer;
use crate::testee::Trouble;

/// What somebody answered, or what became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Accepted, with what has to be equal of the result.
    Ok(Map<String, Value>),
    /// Refused with this class.
    Reject(String),
    /// Not served, though it was claimed.
    Unsupported,
    /// Something unexpected happened inside.
    Bug(String),
    /// No answer in time.
    Timeout,
    /// It ended.
    Crash(String),
    /// It broke the testee protocol.
    Protocol(String),
}

impl Outcome {
    /// The outcome of a request.
    pub fn of(answer: Result<Answer, Trouble>, op: &str, craft: &dyn Craft) -> Option<Self> {
        Some(match answer {
            Ok(Answer::Ok(result)) => Self::Ok(craft.essence(op, &result)),
            Ok(Answer::Reject { class, .. }) => Self::Reject(class),
            Ok(Answer::Unsupported) => Self::Unsupported,
            Ok(Answer::Bug { message }) => Self::Bug(message),
            Err(Trouble::Timeout { .. }) => Self::Timeout,
            Err(Trouble::Crash { end, .. }) => Self::Crash(end),
            Err(Trouble::Protocol { what, .. }) => Self::Protocol(what),
            Err(Trouble::CannotStart(_) | Trouble::Interrupted) => return None,
        })
    }

    /// Whether the testee is lost by it: such an outcome is a find whatever the others say.
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::Timeout | Self::Crash(_) | Self::Protocol(_))
    }

    /// In short, as in `dissent` of a case.
    pub fn in_short(&self) -> String {
        match self {
            Self::Ok(_) => "ok".to_owned(),
            Self::Reject(class) => format!("reject {class}"),
            Self::Unsupported => "unsupported".to_owned(),
            Self::Bug(_) => "bug".to_owned(),
            Self::Timeout => "timeout".to_owned(),
            Self::Crash(_) | Self::Protocol(_) => "crash".to_owned(),
        }
    }

    /// In short, with what tells one cause from another: numbers in a message do not.
    fn kind(&self) -> String {
        match self {
            Self::Bug(text) => format!("bug {}", general(text)),
            Self::Crash(text) => format!("crash {}", general(text)),
            Self::Protocol(text) => format!("protocol {}", general(text)),
            other => other.in_short(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok(result) => write!(f, "ok {}", Value::Object(result.clone())),
            Self::Bug(text) => write!(f, "bug: {text}"),
            Self::Crash(text) => write!(f, "crash: {text}"),
            Self::Protocol(text) => write!(f, "protocol: {text}"),
            other => f.write_str(&other.in_short()),
        }
    }
}

/// The beginning of a message, each number replaced by `#`.
fn general(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(80) {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// What tells one disagreement from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signature {
    /// The operation.
    pub op: String,
    /// In short what each answered, the reference first; `-` where somebody was not asked.
    pub votes: Vec<String>,
    /// Where the first results that differ begin to.
    pub at: Option<String>,
    /// The requirement that the reference names when it refuses, or over which results are known to differ.
    pub requirement: Option<String>,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.op, self.votes.join(" | "))?;
        if let Some(at) = &self.at {
            write!(f, " at {at}")?;
        }
        self.requirement.as_ref().map_or(Ok(()), |requirement| write!(f, " ({requirement})"))
    }
}

/// What a vote says.
#[derive(Clone, Debug, PartialEq)]
pub enum Opinion {
    /// All accept, with one result.
    Accepted,
    /// All refuse, for one reason as far as they can tell reasons apart.
    Refused,
    /// All refuse, for different reasons.  An input with two faults may be refused for either.
    Reasons(Signature),
    /// One accepts what another refuses, or with another result, or does something worse.
    Apart(Signature),
    /// The reference found the request itself malformed, or nobody else could be asked.
    Void,
}

/// The outcomes of one trial, the reference's first; `None` where somebody does not claim what it takes.
pub type Outcomes = Vec<Option<Outcome>>;

/// Counts the votes.  `hellos` are the claims of those who voted, in the same order.
pub fn count(trial: &Trial, outcomes: &Outcomes, hellos: &[Hello], craft: &dyn Craft) -> Opinion {
    let Some((Some(reference), others)) = outcomes.split_first() else { return Opinion::Void };
    // The reference answers a request that is no request with `bug`: there is nothing to compare.
    if matches!(reference, Outcome::Bug(_) | Outcome::Unsupported) || others.iter().all(Option::is_none) {
        return Opinion::Void;
    }
    let (mut apart, mut reasons) = (reference.is_fatal(), false);
    for (other, hello) in others.iter().zip(hellos.iter().skip(1)) {
        match (reference, other) {
            (_, None) => {}
            (Outcome::Ok(want), Some(Outcome::Ok(got))) => apart |= difference(want, got).is_some(),
            (Outcome::Reject(want), Some(Outcome::Reject(got))) => {
                reasons |= want != got && !hello.cannot_tell_apart(want, got);
            }
            _ => apart = true,
        }
    }
    match (reference, apart, reasons) {
        (_, true, _) => Opinion::Apart(Signature::of(trial, outcomes, craft)),
        (_, false, true) => Opinion::Reasons(Signature::of(trial, outcomes, craft)),
        (Outcome::Ok(_), false, false) => Opinion::Accepted,
        (_, false, false) => Opinion::Refused,
    }
}

impl Signature {
    /// The signature of a vote, whether it is a disagreement or not.
    pub fn of(trial: &Trial, outcomes: &Outcomes, craft: &dyn Craft) -> Self {
        let reference = outcomes.first().and_then(Option::as_ref);
        let kind = |outcome: &Option<Outcome>| outcome.as_ref().map_or_else(|| "-".to_owned(), Outcome::kind);
        let at = outcomes.iter().skip(1).find_map(|other| match (reference, other) {
            (Some(Outcome::Ok(want)), Some(Outcome::Ok(got))) => difference(want, got),
            _ => None,
        });
        let requirement = match reference {
            Some(Outcome::Reject(_) | Outcome::Ok(_)) => craft.requirement(&trial.op, &trial.made.input),
            _ => None,
        };
        Self { op: trial.op.clone(), votes: outcomes.iter().map(kind).collect(), at, requirement }
    }
}

/// How deep the place of a difference is named: what is deeper is data, of which there is any number.
const NAMED: usize = 8;

/// Where a result is not what it has to be.  Members beyond those of the reference are ignored, as in a run.
fn difference(want: &Map<String, Value>, got: &Map<String, Value>) -> Option<String> {
    want.iter().find_map(|(name, value)| match got.get(name) {
        None => Some(format!("{name} (absent)")),
        Some(other) => value_difference(vec![name.clone()], value, other),
    })
}

fn value_difference(path: Vec<String>, want: &Value, got: &Value) -> Option<String> {
    let below = |name: &str| {
        let mut path = path.clone();
        path.push(name.to_owned());
        path
    };
    match (want, got) {
        _ if want == got => None,
        (Value::Object(want), Value::Object(got)) => {
            let missing = want.keys().find(|name| !got.contains_key(*name));
            let beyond = got.keys().find(|name| !want.contains_key(*name));
            match (missing, beyond) {
                (Some(name), _) => Some(named(&below(name), "absent")),
                (None, Some(name)) => Some(named(&below(name), "extra")),
                (None, None) => want.iter().find_map(|(name, want)| {
                    got.get(name).and_then(|got| value_difference(below(name), want, got))
                }),
            }
        }
        (Value::Array(want), Value::Array(got)) if want.len() == got.len() => {
            want.iter().zip(got).find_map(|(want, got)| value_difference(below("*"), want, got))
        }
        (Value::Array(_), Value::Array(_)) => Some(named(&path, "length")),
        // A text that is JSON is a document: where in it is what there is to say.
        (Value::String(a), Value::String(b)) => {
            let document = |text: &str| match serde_json::from_str(text) {
                Ok(value @ (Value::Object(_) | Value::Array(_))) => Some(value),
                _ => None,
            };
            let inside = match (document(a), document(b)) {
                (Some(a), Some(b)) => value_difference(path.clone(), &a, &b),
                _ => None,
            };
            Some(inside.unwrap_or_else(|| named(&path, "text")))
        }
        _ => Some(named(&path, "value")),
    }
}

fn named(path: &[String], what: &str) -> String {
    let shown: Vec<&str> = path.iter().take(NAMED).map(String::as_str).collect();
    format!("{}{} ({what})", shown.join("/"), if path.len() > NAMED { "/…" } else { "" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::source::{Made, Unskilled};
    use super::*;

    fn vote(outcomes: &[Outcome]) -> Opinion {
        let made = Made { input: Map::new(), features: Vec::new() };
        let trial = Trial { number: 0, op: "op".into(), made, from: "made".into() };
        let mut coarse = Hello::new("x", "1", "rust", &["op"], &[]);
        coarse.coarse = vec!["auth".into()];
        let hellos = vec![coarse; outcomes.len()];
        let outcomes = outcomes.iter().cloned().map(Some).collect();
        count(&trial, &outcomes, &hellos, &Unskilled)
    }

    fn ok(value: Value) -> Outcome {
        Outcome::Ok(value.as_object().unwrap().clone())
    }

    fn reject(class: &str) -> Outcome {
        Outcome::Reject(class.into())
    }

    #[test]
    fn agreement_is_as_in_a_run() {
        let more = ok(json!({ "a": 1, "b": 2 }));
        assert_eq!(vote(&[ok(json!({ "a": 1 })), more]), Opinion::Accepted);
        assert_eq!(vote(&[reject("auth.key"), reject("auth")]), Opinion::Refused);
        assert!(matches!(vote(&[reject("decode.utf8"), reject("auth")]), Opinion::Reasons(_)));
        assert!(matches!(vote(&[reject("auth.key"), ok(json!({}))]), Opinion::Apart(_)));
        assert_eq!(vote(&[Outcome::Bug("no request".into()), Outcome::Timeout]), Opinion::Void);
    }

    #[test]
    fn signatures_name_causes_and_not_data() {
        let text = |outcomes: &[Outcome]| match vote(outcomes) {
            Opinion::Apart(signature) => signature.to_string(),
            other => format!("{other:?}"),
        };
        let payload = |number: u64, data: &str| {
            ok(json!({ "payload": format!("{{\"x\":[{{\"n\":{number}}}],\"d\":\"{data}\"}}") }))
        };
        assert_eq!(text(&[payload(1, "a"), payload(2, "a")]), "op: ok | ok at payload/x/*/n (value)");
        assert_eq!(text(&[payload(1, "a"), payload(1, "b")]), "op: ok | ok at payload/d (text)");
        assert_eq!(text(&[ok(json!({ "a": 1 })), ok(json!({}))]), "op: ok | ok at a (absent)");
        assert_eq!(text(&[ok(json!({})), Outcome::Bug("at 17:20".into())]), "op: ok | bug at #:#");
        assert_eq!(
            text(&[reject("auth.key"), Outcome::Crash("exited with code 3".into()), ok(json!({}))]),
            "op: reject auth.key | crash exited with code # | ok"
        );
    }
}
