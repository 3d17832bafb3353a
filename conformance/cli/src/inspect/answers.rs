//! What the reference says about bytes.

use std::fmt::Write as _;

use dxos_reference::Reject;
use dxos_reference::operations::{Failure, call};
use dxos_spec::Book;
use serde_json::{Map, Value, json};

use crate::kinds::Kind;

/// The answer to one question.
pub(super) struct Answer {
    op: String,
    said: Result<Map<String, Value>, Failure>,
}

/// Asks all that can be asked about bytes of a kind.
pub(super) fn about(kind: &Kind, bytes: &[u8]) -> Vec<Answer> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    kind.asks
        .iter()
        .map(|(op, member, others)| {
            // A test holds the table to be JSON.
            let mut input: Map<String, Value> = serde_json::from_str(others).unwrap_or_default();
            input.insert((*member).to_owned(), hex.clone().into());
            ask(op, &input)
        })
        .collect()
}

/// Asks one question.
pub(super) fn ask(op: &str, input: &Map<String, Value>) -> Answer {
    Answer { op: op.to_owned(), said: call(op, input) }
}

impl Answer {
    pub(super) const fn is_rejection(&self) -> bool {
        matches!(self.said, Err(Failure::Reject(_)))
    }

    /// The byte at which something is wrong, and what.
    pub(super) fn place(&self) -> Option<(usize, String)> {
        match &self.said {
            Err(Failure::Reject(Reject { class, requirement, what, at: Some(at) })) => {
                Some((*at, format!("{}, {requirement}: {what}", class.name())))
            }
            _ => None,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        match &self.said {
            Ok(result) => json!({ "op": self.op, "ok": result }),
            Err(Failure::Reject(Reject { class, requirement, what, at })) => {
                let known = Book::embedded().requirement(requirement.id());
                json!({ "op": self.op, "reject": {
                    "class": class.name(),
                    "requirement": requirement.id(),
                    "text": known.map(|known| &known.text),
                    "what": what,
                    "at": at,
                }})
            }
            Err(failure) => json!({ "op": self.op, "failure": failure.to_string() }),
        }
    }
}

/// All answers, the same refusal once.
pub(super) fn text(answers: &[Answer]) -> String {
    let mut text = String::new();
    let mut refused: Vec<&Reject> = Vec::new();
    for answer in answers {
        let _ = write!(text, "\n{}\n", answer.op);
        match &answer.said {
            Ok(result) => {
                for (name, value) in result {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let _ = writeln!(text, "  {name}: {value}");
                }
            }
            Err(Failure::Reject(reject)) if refused.contains(&reject) => {
                text.push_str("  rejected as above\n");
            }
            Err(Failure::Reject(reject)) => {
                refused.push(reject);
                let at = reject.at.map(|at| format!(" (byte {at})")).unwrap_or_default();
                let _ = writeln!(text, "  rejected: {}: {}{at}", reject.class.name(), reject.what);
                if let Some(known) = Book::embedded().requirement(reject.requirement.id()) {
                    let _ = writeln!(text, "  {} {}: \"{}\"", known.id, known.level, known.text);
                }
            }
            Err(failure) => {
                let _ = writeln!(text, "  no answer: {failure}");
            }
        }
    }
    text
}
