//! Comparing an answer with what a case wants.

use dxos_vectors::{Class, Want};
use serde_json::{Map, Value};

use crate::hello::Hello;
use crate::printable::{printable_line, shorten};
use crate::protocol::Answer;
use crate::verdict::{Judgement, Verdict};

/// Judges one answer.
///
/// - `ok`: each wanted member must be there and equal (`{"$any":"hex"}` equals any non-empty hex text);
///   members beyond those are ignored;
/// - `reject`: the class must be equal, or be covered together with the wanted one by a prefix in `coarse`;
/// - one of several: the alternative that fits is named in the judgement, one that fits exactly before one that
///   fits by a prefix.
pub fn judge(want: &Want, answer: &Answer, hello: &Hello) -> Judgement {
    let mut judgement = match want {
        Want::Ok(members) => against_ok(members, answer),
        Want::Reject(class) => against_reject(*class, answer, hello),
        Want::OneOf(alternatives) => {
            let mut rejected_otherwise = false;
            let mut found = None;
            for alternative in alternatives {
                let mut one = match (&alternative.ok, alternative.reject) {
                    (Some(members), _) => against_ok(members, answer),
                    (None, Some(class)) => against_reject(class, answer, hello),
                    (None, None) => continue,
                };
                if one.verdict == Verdict::Pass {
                    one.behavior = Some(alternative.behavior.clone());
                    if !one.coarse {
                        found = Some(one);
                        break;
                    }
                    found = found.or(Some(one));
                    continue;
                }
                rejected_otherwise |= one.verdict == Verdict::WrongReason;
            }
            found.unwrap_or_else(|| match (answer, rejected_otherwise) {
                (Answer::Unsupported | Answer::Bug { .. }, _) => no_answer(answer),
                (_, true) => Judgement::of(Verdict::WrongReason, "no alternative has this class"),
                (_, false) => Judgement::of(Verdict::Fail, "none of the allowed behaviours"),
            })
        }
    };
    judgement.want = describe(want);
    judgement.got = shorten(&answer.to_string());
    judgement
}

fn against_ok(members: &Map<String, Value>, answer: &Answer) -> Judgement {
    match answer {
        Answer::Ok(result) => {
            for (name, wanted) in members {
                match result.get(name) {
                    None => return Judgement::of(Verdict::Fail, format!("`{name}` is missing")),
                    Some(got) => {
                        if let Some(difference) = difference(name, wanted, got) {
                            return Judgement::of(Verdict::Fail, difference);
                        }
                    }
                }
            }
            Judgement { compared: members.values().any(compares), ..Judgement::of(Verdict::Pass, "") }
        }
        Answer::Reject { .. } => Judgement::of(Verdict::Fail, "rejects what must be accepted"),
        other => no_answer(other),
    }
}

fn against_reject(class: Class, answer: &Answer, hello: &Hello) -> Judgement {
    match answer {
        Answer::Reject { class: got, .. } if got == class.name() => Judgement::of(Verdict::Pass, ""),
        Answer::Reject { class: got, .. } if hello.cannot_tell_apart(class.name(), got) => {
            Judgement { coarse: true, ..Judgement::of(Verdict::Pass, "") }
        }
        Answer::Reject { class: got, .. } => Judgement::of(Verdict::WrongReason, wrong_reason(class, got)),
        Answer::Ok(_) => Judgement::of(Verdict::Fail, "accepts what must be rejected"),
        other => no_answer(other),
    }
}

fn wrong_reason(want: Class, got: &str) -> &'static str {
    // A testee that cannot tell the reasons of a stage apart names the stage alone.
    let name = |class: &Class| class.name().split('.').next() == got.split('.').next();
    match Class::ALL.iter().find(|class| name(class)).map(|class| class.stage()) {
        Some(stage) if stage < want.stage() => "rejected in an earlier stage than that of the only fault",
        Some(stage) if stage > want.stage() => "the fault was noticed too late, or not at all",
        _ => "rejected for another reason",
    }
}

fn no_answer(answer: &Answer) -> Judgement {
    match answer {
        Answer::Unsupported => {
            Judgement::of(Verdict::Fail, "claimed in hello, but answered with unsupported")
        }
        _ => Judgement::of(Verdict::Fail, "an unexpected error inside of the testee"),
    }
}

/// What is wanted, in short.
pub fn describe(want: &Want) -> String {
    let ok = |members: &Map<String, Value>| shorten(&format!("ok {}", Value::Object(members.clone())));
    match want {
        Want::Ok(members) => ok(members),
        Want::Reject(class) => format!("reject {class}"),
        Want::OneOf(alternatives) => alternatives
            .iter()
            .map(|one| match (&one.ok, one.reject) {
                (Some(members), _) => format!("{} ({})", ok(members), one.behavior),
                (None, Some(class)) => format!("reject {class} ({})", one.behavior),
                (None, None) => one.behavior.clone(),
            })
            .collect::<Vec<_>>()
            .join(", or "),
    }
}

/// Whether a wanted value can be missed.  Any hex at all is also what a testee says that has computed nothing.
pub(crate) fn compares(wanted: &Value) -> bool {
    match wanted {
        Value::Object(members) if members.contains_key("$any") => false,
        Value::Object(members) => members.is_empty() || members.values().any(compares),
        Value::Array(items) => items.is_empty() || items.iter().any(compares),
        _ => true,
    }
}

/// Where two values differ, or nothing.
fn difference(path: &str, wanted: &Value, got: &Value) -> Option<String> {
    match (wanted, got) {
        (Value::Object(members), _) if members.contains_key("$any") => match got {
            Value::String(text) if is_hex(text) => None,
            _ => Some(format!("`{path}` is {}, not a non-empty hex text", shorten(&got.to_string()))),
        },
        (Value::Object(a), Value::Object(b)) => {
            let missing = a.keys().find(|name| !b.contains_key(*name));
            let beyond = b.keys().find(|name| !a.contains_key(*name));
            match (missing, beyond) {
                (Some(name), _) => Some(format!("`{path}/{name}` is missing")),
                (None, Some(name)) => Some(format!("`{path}/{}` must be absent", shorten(name))),
                (None, None) => a.iter().find_map(|(name, wanted)| {
                    b.get(name).and_then(|got| difference(&format!("{path}/{name}"), wanted, got))
                }),
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(index, (wanted, got))| difference(&format!("{path}/{index}"), wanted, got)),
        (Value::Array(a), Value::Array(b)) => {
            Some(format!("`{path}` has {} items, not {}", b.len(), a.len()))
        }
        (Value::String(a), Value::String(b)) if a != b => Some(text_difference(path, a, b)),
        _ if wanted == got => None,
        _ => Some(format!("`{path}` is {}, not {}", shorten(&got.to_string()), shorten(&wanted.to_string()))),
    }
}

/// Long texts are mostly equal: what helps is the place where they begin to differ.
fn text_difference(path: &str, wanted: &str, got: &str) -> String {
    let same = wanted.chars().zip(got.chars()).take_while(|(a, b)| a == b).count();
    if wanted.len().max(got.len()) <= 40 || same < 8 {
        return format!("`{path}` is \"{}\", not \"{}\"", shorten(got), shorten(wanted));
    }
    let hex = is_hex(wanted) && is_hex(got);
    let (from, place) =
        if hex { (same / 2 * 2, format!("byte {}", same / 2)) } else { (same, format!("character {same}")) };
    let part = |text: &str| match text.chars().skip(from).take(24).collect::<String>() {
        rest if rest.is_empty() => "the end".to_owned(),
        rest => {
            format!("…{}{}", printable_line(&rest), if text.chars().count() > from + 24 { "…" } else { "" })
        }
    };
    format!("`{path}` differs from {place} on: {}, not {}", part(got), part(wanted))
}

fn is_hex(text: &str) -> bool {
    !text.is_empty()
        && text.len().is_multiple_of(2)
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use dxos_vectors::Alternative;
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn hello() -> Hello {
        let mut hello = Hello::new("x", "1", "rust", &["*"], &[]);
        hello.coarse = vec!["auth".into()];
        hello
    }

    fn why(want: Value, got: Value) -> (Verdict, String) {
        let judgement = judge(&Want::Ok(object(want)), &Answer::Ok(object(got)), &hello());
        (judgement.verdict, judgement.why)
    }

    #[test]
    fn wanted_members_are_compared_and_others_ignored() {
        assert_eq!(why(json!({"a": 1}), json!({"a": 1, "b": 2})).0, Verdict::Pass);
        assert_eq!(why(json!({"a": {"$any": "hex"}}), json!({"a": "0a"})).0, Verdict::Pass);
        let compared = |want: Value, got: Value| {
            judge(&Want::Ok(object(want)), &Answer::Ok(object(got)), &hello()).compared
        };
        assert!(compared(json!({"a": []}), json!({"a": []})) && !compared(json!({}), json!({"a": 1})));
        assert!(!compared(json!({"a": [{"$any": "hex"}]}), json!({"a": ["0a"]})));
        assert!(compared(json!({"a": {"b": {"$any": "hex"}, "c": 1}}), json!({"a": {"b": "0a", "c": 1}})));
        let texts = [
            (json!({"a": {"$any": "hex"}}), json!({"a": ""})),
            (json!({"a": 1}), json!({})),
            (json!({"a": {"b": 1}}), json!({"a": {"b": 1, "c": 2}})),
            (json!({"a": ["x", "y"]}), json!({"a": ["x"]})),
            (json!({"a": ["x", "y"]}), json!({"a": ["x", "z"]})),
            (json!({"a": "ab".repeat(30)}), json!({"a": format!("{}cd", "ab".repeat(20))})),
            (json!({"a": 1}), json!({"a": "1"})),
        ]
        .map(|(want, got)| why(want, got).1);
        insta::assert_snapshot!(texts.join("\n"), @r#"
        `a` is "", not a non-empty hex text
        `a` is missing
        `a/c` must be absent
        `a` has 1 items, not 2
        `a/1` is "z", not "y"
        `a` differs from byte 20 on: …cd, not …abababababababababab
        `a` is "1", not 1
        "#);
    }

    #[test]
    fn a_rejection_needs_its_reason() {
        let want = Want::Reject(Class::AuthSignature);
        let verdict = |answer: Answer| {
            let judgement = judge(&want, &answer, &hello());
            (judgement.verdict, judgement.coarse)
        };
        assert_eq!(verdict(Answer::reject(Class::AuthSignature, "")), (Verdict::Pass, false));
        assert_eq!(verdict(Answer::reject(Class::AuthKey, "")), (Verdict::Pass, true));
        assert_eq!(
            verdict(Answer::Reject { class: "auth".into(), message: String::new() }),
            (Verdict::Pass, true)
        );
        assert_eq!(verdict(Answer::reject(Class::DecodeVarint, "")), (Verdict::WrongReason, false));
        assert_eq!(verdict(Answer::Ok(Map::new())), (Verdict::Fail, false));
        assert_eq!(verdict(Answer::Unsupported), (Verdict::Fail, false));
        assert_eq!(verdict(Answer::Bug { message: String::new() }), (Verdict::Fail, false));
    }

    #[test]
    fn the_alternative_that_fits_is_named() {
        let alternative = |behavior: &str, ok, reject| Alternative {
            behavior: behavior.into(),
            req: "HALO-CRED-001".into(),
            ok,
            reject,
        };
        let want = Want::OneOf(vec![
            alternative("last-wins", Some(object(json!({"v": 2}))), None),
            alternative("strict", None, Some(Class::DecodeDuplicate)),
        ]);
        let judged = |answer: Answer| judge(&want, &answer, &hello());
        assert_eq!(judged(Answer::Ok(object(json!({"v": 2})))).behavior.as_deref(), Some("last-wins"));
        assert_eq!(judged(Answer::reject(Class::DecodeDuplicate, "")).behavior.as_deref(), Some("strict"));
        assert_eq!(judged(Answer::reject(Class::DecodeUtf8, "")).verdict, Verdict::WrongReason);
        let wrong = judged(Answer::Ok(object(json!({"v": 1}))));
        assert_eq!(wrong.verdict, Verdict::Fail);
        assert_eq!(wrong.want, "ok {\"v\":2} (last-wins), or reject decode.duplicate (strict)");
        assert_eq!(judged(Answer::Unsupported).why, "claimed in hello, but answered with unsupported");
        // Both of stage auth, which this testee cannot tell apart; the one that it names is meant.
        let classes = [("first", Class::AuthKey), ("second", Class::AuthRole)];
        let want = Want::OneOf(classes.map(|(name, class)| alternative(name, None, Some(class))).to_vec());
        let named = judge(&want, &Answer::reject(Class::AuthRole, ""), &hello());
        assert_eq!((named.behavior.as_deref(), named.coarse), (Some("second"), false));
        let coarse = judge(&want, &Answer::reject(Class::AuthChain, ""), &hello());
        assert_eq!((coarse.behavior.as_deref(), coarse.coarse), (Some("first"), true));
    }
}
