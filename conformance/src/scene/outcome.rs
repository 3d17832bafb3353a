//! What becomes of the space.

use std::collections::BTreeMap;

use super::Known;
use super::credential::role;
use super::graph::Graph;
use super::names::Names;
use super::node::{Entry, entry_of};
use super::said::Said;

/// Each member with the entries that give the role that is wanted: those that count and have none about the same
/// member behind them.  The deployed rule accepts some that change nothing; if only such are the last, then those of
/// the wanted role that have none of the same role behind them.
pub(super) fn grants(
    space: &[u8],
    entries: &[Entry],
    graph: &Graph,
    known: &Known,
    want: &Said,
) -> BTreeMap<Vec<u8>, Vec<usize>> {
    let counts = |number: &usize| want.word(*number, entries.len()) == Some("accepted");
    // A copy gives what its original gives.
    let original = |number: &usize| {
        let id = entries.get(*number).and_then(Entry::id);
        id.and_then(|id| known.get(id)).is_none_or(|first| first == number)
    };
    let about: Vec<(usize, &[u8], i64)> = (0..entries.len())
        .filter(|number| counts(number) && original(number))
        .filter_map(|number| entries.get(number)?.member(space).map(|(who, role)| (number, who, role)))
        .collect();
    let ancestors = graph.ancestors();
    let before = |one: usize, other: usize| ancestors.get(other).is_some_and(|above| above.contains(&one));
    let mut grants: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for (key, wanted) in want.members.iter().flatten() {
        let giving: Vec<(usize, i64)> =
            about.iter().filter(|(_, who, _)| who == key).map(|(number, _, role)| (*number, *role)).collect();
        let last = |among: &[(usize, i64)]| {
            let outdated = |one: usize| among.iter().any(|(other, _)| before(one, *other));
            let kept = among.iter().filter(|(number, role)| role == wanted && !outdated(*number));
            kept.map(|(number, _)| *number).collect::<Vec<_>>()
        };
        let mut by = last(&giving);
        if by.is_empty() {
            let same: Vec<(usize, i64)> = giving.iter().copied().filter(|(_, role)| role == wanted).collect();
            by = last(&same);
        }
        if !by.is_empty() {
            grants.insert(key.clone(), by);
        }
    }
    grants
}

/// The lines that are not empty.
pub(super) fn lines(
    names: &Names,
    want: &Said,
    got: Option<&Said>,
    grants: &BTreeMap<Vec<u8>, Vec<usize>>,
    known: &Known,
) -> Vec<(&'static str, Vec<String>)> {
    // Only what somebody lists can differ.
    let got = got.filter(|got| got.members.is_some() && want.members.is_some());
    let listed = |words: &dyn Fn(&Said) -> Vec<String>| {
        let sorted = |said: &Said| {
            let mut words = words(said);
            words.sort_by_key(|word| (word.len(), word.clone()));
            words
        };
        let mut shown = sorted(want);
        if let Some(other) = got.map(sorted).filter(|other| *other != shown) {
            let other = if other.is_empty() { "none".to_owned() } else { other.join(" ") };
            match shown.last_mut() {
                Some(last) => last.push_str(&format!(" (got {other})")),
                None => shown.push(format!("none (got {other})")),
            }
        }
        shown
    };
    let entries = |ids: &[Vec<u8>]| ids.iter().map(|id| entry_of(id, known)).collect::<Vec<_>>();
    let name = |(key, name): &(Vec<u8>, String)| format!("{} {name}", names.of(key));
    let mut lines = vec![
        ("members", members(names, want, got, grants)),
        ("profiles", listed(&|said| said.profiles.iter().map(name).collect())),
        ("heads", listed(&|said| entries(&said.heads))),
        ("epoch", listed(&|said| entries(said.epoch.as_slice()))),
        ("invitations", listed(&|said| entries(&said.invitations))),
    ];
    lines.retain(|(_, words)| !words.is_empty());
    lines
}

fn members(
    names: &Names,
    want: &Said,
    got: Option<&Said>,
    grants: &BTreeMap<Vec<u8>, Vec<usize>>,
) -> Vec<String> {
    let listed = |said: &Said| said.members.clone().unwrap_or_default();
    let mut all: Vec<(String, String)> = Vec::new();
    for (key, wanted) in listed(want) {
        let mut text = format!("{} {}", names.of(&key), role(wanted));
        if let Some(by) = grants.get(&key) {
            let by: Vec<String> = by.iter().map(|number| format!("#{number}")).collect();
            text.push_str(&format!(" by {}", by.join(" or ")));
        }
        match got.map(|got| got.role(&key)) {
            Some(Some(given)) if given != wanted => text.push_str(&format!(" (got {})", role(given))),
            Some(None) => text.push_str(" (got nothing)"),
            _ => {}
        }
        all.push((names.of(&key), text));
    }
    for (key, given) in got.map(listed).unwrap_or_default() {
        if want.role(&key).is_none() {
            all.push((names.of(&key), format!("{} nothing (got {})", names.of(&key), role(given))));
        }
    }
    all.sort_by_key(|(name, _)| (name.len(), name.clone()));
    all.into_iter().map(|(_, text)| text).collect()
}
