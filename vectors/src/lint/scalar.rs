//! Scalars: hex, decimal strings, no nulls, no floats, no numbers that a double cannot hold.
//!
//! Inputs may be wrong on purpose, but not in how the vector itself is written: a reader must be able to turn
//! hex into bytes before the implementation sees them.  Where the text is what is tested, as in
//! `halo.key.parse`, the member is called `text`, and is not looked at here.

use serde_json::Value;

use super::Report;
use crate::format::{Case, Want};

/// Members that hold bytes, or lists of them, where they are strings.
const HEX: &[&str] = &[
    "chain",
    "credential",
    "credentials",
    "hash",
    "id",
    "issuer",
    "key",
    "nonce",
    "parents",
    "presentation",
    "private_key",
    "signer",
    "signers",
    "subject",
    "subjects",
    "value",
];

/// Members that hold times.
const DECIMAL: &[&str] = &["creation_date", "date", "expiration_date", "issuance_date", "now"];

/// The largest integer whose neighbours a double can tell apart.
const MAX_SAFE: u64 = 1 << 53;

/// Operations on configurations, whose members are named as in a file of configuration, and are texts.
const TEXTS: &[&str] = &["kube.config.get", "kube.config.set", "kube.call"];

pub(super) fn lint(op: &str, case: &Case, report: &mut Report<'_>) {
    let mut check = |op: &str, path: &str, members: &serde_json::Map<String, Value>| {
        for (name, member) in members {
            value(&format!("{path}/{name}"), name, !TEXTS.contains(&op), member, report);
        }
    };
    if let Some(input) = &case.input {
        check(op, "in", input);
    }
    if let Some(want) = &case.want {
        answers("want", want, &mut |path, members| check(op, path, members));
    }
    for (number, step) in case.steps.iter().enumerate() {
        check(&step.op, &format!("steps/{number}/in"), &step.input);
        answers(&format!("steps/{number}/want"), &step.want, &mut |path, members| {
            check(&step.op, path, members);
        });
    }
}

fn answers(path: &str, want: &Want, check: &mut impl FnMut(&str, &serde_json::Map<String, Value>)) {
    match want {
        Want::Ok(members) => check(&format!("{path}/ok"), members),
        Want::Reject(_) => {}
        Want::OneOf(alternatives) => {
            for alternative in alternatives {
                if let Some(members) = &alternative.ok {
                    check(&format!("{path}/one_of/{}", alternative.behavior), members);
                }
            }
        }
    }
}

/// Looks at a value; `name` is that of the member, also for the items of a list; `named` says whether names of
/// members tell what they hold.
fn value(path: &str, name: &str, named: bool, found: &Value, report: &mut Report<'_>) {
    match found {
        Value::Null => report.case(format!("{path} is null"), "leave the member out"),
        Value::Bool(_) => {}
        Value::Number(number) => {
            let size = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            if size.is_none_or(|size| size >= MAX_SAFE) {
                report.case(format!("{path} is no integer below 2^53"), "write it as a decimal string");
            }
        }
        Value::String(text) => {
            if named && HEX.contains(&name) && !is_hex(text) {
                report.case(
                    format!("{path} is not lower-case hex of whole bytes"),
                    "write bytes as lower-case hex",
                );
            }
            if named && DECIMAL.contains(&name) && !is_decimal(text) {
                report.case(format!("{path} is not a decimal string"), "write Unix milliseconds in decimal");
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                value(&format!("{path}/{index}"), name, named, item, report);
            }
        }
        Value::Object(members) => {
            let any = members.get("$any");
            if any.is_some_and(|any| members.len() != 1 || any != "hex") {
                report.case(
                    format!("{path} has a placeholder that does not exist"),
                    "write {\"$any\": \"hex\"}",
                );
            }
            for (name, member) in members {
                value(&format!("{path}/{name}"), name, named, member, report);
            }
        }
    }
}

fn is_hex(text: &str) -> bool {
    text.len().is_multiple_of(2)
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let short = digits.len() == 1 || !digits.starts_with('0');
    !digits.is_empty() && short && text != "-0" && digits.bytes().all(|byte| byte.is_ascii_digit())
}
