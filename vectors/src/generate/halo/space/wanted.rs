//! What a scene is to come to, in short, compared with what the reference says.
//!
//! `a=OWN b=ADM X:void heads=B,X` stands for: a is an owner, b an administrator, and nobody else a member; the
//! credential X is void, and all others are accepted; the heads are B and X.  `?` leaves the words of the results open,
//! `b=?` the role of b, and `-` stands for an empty list.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::scene::{Scene, feed_key};
use dxos_reference::keys::to_hex;

/// The number of a role by its short name.
fn role(name: &str) -> Option<i64> {
    match name {
        "ADM" => Some(1),
        "EDT" => Some(2),
        "RDR" => Some(3),
        "OWN" => Some(4),
        "REM" => Some(5),
        _ => name.parse().ok(),
    }
}

/// What does not agree with `short`, for credentials in this order.
pub(super) fn differences(
    scene: &Scene,
    order: &[&str],
    answer: &Map<String, Value>,
    short: &str,
) -> Vec<String> {
    let mut found = Vec::new();
    let (mut members, mut words) = (BTreeMap::new(), BTreeMap::new());
    let mut lists: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = false;
    for item in short.split_whitespace() {
        match (item.split_once('='), item.split_once(':')) {
            (Some((name @ ("heads" | "names" | "feeds" | "open" | "epoch" | "genesis"), value)), _) => {
                lists.insert(name, value);
            }
            (Some((name, role)), _) => {
                members.insert(scene.hex_key(name), role);
            }
            (None, Some((name, word))) => {
                words.insert(name, word);
            }
            _ if item == "?" => open = true,
            _ => found.push(format!("cannot read \"{item}\"")),
        }
    }
    let results: Vec<&str> =
        order.iter().map(|name| words.get(name).copied().unwrap_or("accepted")).collect();
    if !open && answer.get("results") != Some(&json!(results)) {
        let got = answer.get("results").map(Value::to_string).unwrap_or_default();
        found.push(format!("{order:?}: results should be {results:?}, and the reference says {got}"));
    }
    let got = pairs(answer.get("members"));
    for (key, wanted) in &members {
        let is = got.get(key).and_then(Value::as_i64);
        let right = match *wanted {
            "?" => true,
            "-" => is.is_none(),
            // Who was removed, and who never was a member, are the same.
            "REM" => is.is_none_or(|is| is == 5),
            wanted => role(wanted).is_some_and(|wanted| is == Some(wanted)),
        };
        if !right {
            found.push(format!(
                "{order:?}: {} should be {wanted}, and the reference says {is:?}",
                name(scene, key)
            ));
        }
    }
    for (key, is) in got.iter().filter(|(key, is)| !members.contains_key(*key) && is.as_i64() != Some(5)) {
        found.push(format!("{order:?}: the reference says {is} of {}", name(scene, key)));
    }
    for list in ["heads", "names", "feeds", "open", "epoch", "genesis"] {
        let wanted = lists.get(list).copied();
        let (member, got) = shown(list, answer);
        let Some(wanted) = wanted.or_else(|| match list {
            "heads" => None,
            "genesis" => order.contains(&"g").then_some("g"),
            _ => Some("-"),
        }) else {
            continue;
        };
        if wanted == "?" {
            continue;
        }
        let wanted = expected(scene, list, wanted);
        if got != wanted {
            found.push(format!("{order:?}: {member} should be {wanted}, and the reference says {got}"));
        }
    }
    found
}

/// Of whom a key is, as far as this scene knows.
fn name(scene: &Scene, key: &str) -> String {
    ('a'..='z').map(String::from).find(|name| scene.hex_key(name) == *key).unwrap_or_else(|| key.to_owned())
}

fn pairs(list: Option<&Value>) -> BTreeMap<String, Value> {
    let pair = |pair: &Value| Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1)?.clone()));
    list.and_then(Value::as_array).into_iter().flatten().filter_map(pair).collect()
}

/// The member of the answer for a list, and what it holds, as a list in every case.
fn shown(list: &str, answer: &Map<String, Value>) -> (&'static str, Value) {
    let member = match list {
        "heads" => "heads",
        "names" => "profiles",
        "feeds" => "feeds",
        "open" => "invitations",
        "epoch" => "epoch",
        _ => "genesis",
    };
    let got = match answer.get(member) {
        None => json!([]),
        Some(Value::Array(list)) => list.clone().into(),
        Some(one) => json!([one]),
    };
    (member, got)
}

/// A list as the answer should have it.
fn expected(scene: &Scene, list: &str, wanted: &str) -> Value {
    let items = wanted.split(',').filter(|item| !item.is_empty() && *item != "-");
    let mut all: Vec<Value> = items
        .map(|item| match list {
            "names" => {
                let (who, name) = item.split_once(':').unwrap_or((item, ""));
                json!([scene.hex_key(who), name])
            }
            // A feed, the feed of its admission, and its designation.
            "feeds" => {
                let mut parts = item.split(':');
                let feed = parts.next().unwrap_or_default();
                let parent = parts.next().unwrap_or("F");
                let kind = parts.next().and_then(|kind| kind.parse::<i64>().ok()).unwrap_or(1);
                json!([to_hex(&feed_key(feed)), to_hex(&feed_key(parent)), kind])
            }
            _ => scene.hex_id(item).into(),
        })
        .collect();
    all.sort_by_key(Value::to_string);
    all.into()
}
