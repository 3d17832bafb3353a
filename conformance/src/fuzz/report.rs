//! What a campaign found, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dxos_spec::Book;
use serde_json::{Map, Value, json};

use super::campaign::{Find, Results};
use super::shrink::size;
use super::vote::{Outcome, Outcomes};
use crate::hello::Hello;
use crate::printable::shorten;
use crate::report::paint::{Ink, Look};

/// The most combinations of answers that are shown.
const COMBINATIONS: usize = 12;

/// What the report cannot know by itself.
pub struct Setting<'a> {
    /// The seed.
    pub seed: u64,
    /// The profile outside of which the book's remarks explain a disagreement.
    pub profile: &'a str,
    /// For each find the files that were written.
    pub files: &'a dyn Fn(&Find) -> Vec<String>,
    /// The command that makes the trial of a find again.
    pub replay: &'a dyn Fn(&Find) -> String,
}

fn name(hello: &Hello) -> String {
    format!("{} {}", hello.implementation.name, hello.implementation.version)
}

/// For people.
pub fn text(results: &Results, setting: &Setting<'_>, look: Look) -> String {
    let mut text = String::new();
    let voters: Vec<String> = results.hellos.iter().map(name).collect();
    let seconds = results.elapsed.as_secs_f64();
    let trials = results.trials();
    let _ = writeln!(text, "  voters   {}", voters.join(" | "));
    let _ = writeln!(text, "  seed     {}   profile {}", setting.seed, setting.profile);
    let _ = writeln!(
        text,
        "  trials   {trials} in {seconds:.1} s, {:.0}/s   testees lost {}",
        trials as f64 / seconds.max(1e-9),
        results.lost
    );
    tallies(&mut text, results);
    combinations(&mut text, results);
    for find in results.news() {
        news(&mut text, find, &voters, setting, look);
    }
    explained(&mut text, results);
    let of_kind = |kind: &dyn Fn(&&Find) -> bool| results.finds.iter().filter(kind).collect::<Vec<_>>();
    let reasons = of_kind(&|find| find.explained.is_none() && find.reasons);
    summary(&mut text, "refused by all, for different reasons; two faults in one input do that", &reasons);
    ending(&mut text, results, look);
    text
}

fn tallies(text: &mut String, results: &Results) {
    let width = results.tallies.keys().map(String::len).max().unwrap_or_default();
    let _ = writeln!(
        text,
        "\n  {:width$} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6}",
        "", "accepted", "refused", "reasons", "explained", "news", "void"
    );
    for (op, tally) in &results.tallies {
        let _ = writeln!(
            text,
            "  {op:width$} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6}",
            tally.accepted, tally.refused, tally.reasons, tally.explained, tally.news, tally.void
        );
    }
}

fn combinations(text: &mut String, results: &Results) {
    let mut seen: Vec<(&Vec<String>, &u64)> = results.combinations.iter().collect();
    seen.sort_by_key(|(votes, count)| (std::cmp::Reverse(**count), *votes));
    text.push('\n');
    for (votes, count) in seen.iter().take(COMBINATIONS) {
        let _ = writeln!(text, "  {count:>9}  {}", votes.join(" | "));
    }
    if seen.len() > COMBINATIONS {
        let rest: u64 = seen.iter().skip(COMBINATIONS).map(|(_, count)| **count).sum();
        let _ = writeln!(text, "  {rest:>9}  {} other combinations", seen.len() - COMBINATIONS);
    }
}

fn news(text: &mut String, find: &Find, voters: &[String], setting: &Setting<'_>, look: Look) {
    let _ = writeln!(text, "\n {} {} ×{}", look.paint(Ink::Bad, "APART"), find.signature, find.count);
    if let Some(requirement) =
        find.signature.requirement.as_deref().and_then(|id| Book::embedded().requirement(id))
    {
        let _ = writeln!(text, "   \"{}\"", requirement.text);
    }
    for (voter, outcome) in voters.iter().zip(&find.outcomes) {
        let said = outcome.as_ref().map_or_else(|| "not asked".to_owned(), Outcome::to_string);
        let _ = writeln!(text, "   {voter:<24} {}", shorten(&said));
    }
    if let Some(alone) = minority(&find.outcomes).and_then(|index| voters.get(index)) {
        let _ = writeln!(text, "   alone                    {alone}");
    }
    let shrunk = find.shrunk_from.map_or_else(String::new, |from| format!(", shrunk from {from}"));
    let bytes = size(&find.trial.made.input);
    let _ = writeln!(
        text,
        "   trial                    {} from {}; {bytes} bytes{shrunk}",
        find.trial.number, find.trial.from
    );
    let _ = writeln!(
        text,
        "   in                       {}",
        shorten(&Value::Object(find.trial.made.input.clone()).to_string())
    );
    let _ = writeln!(text, "   replay                   {}", (setting.replay)(find));
    for file in (setting.files)(find) {
        let _ = writeln!(text, "   written                  {file}");
    }
}

/// Who is alone with an answer that the others agree against.
fn minority(outcomes: &Outcomes) -> Option<usize> {
    let asked: Vec<(usize, &Outcome)> =
        outcomes.iter().enumerate().filter_map(|(index, outcome)| Some((index, outcome.as_ref()?))).collect();
    let [(a, first), (b, second), (c, third)] = asked.as_slice() else { return None };
    let same = |x: &Outcome, y: &Outcome| match (x, y) {
        (Outcome::Reject(_), Outcome::Reject(_)) => true,
        _ => x == y,
    };
    match (same(first, second), same(first, third), same(second, third)) {
        (true, false, false) => Some(*c),
        (false, true, false) => Some(*b),
        (false, false, true) => Some(*a),
        _ => None,
    }
}

fn summary(text: &mut String, title: &str, finds: &[&Find]) {
    if finds.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n  {title}");
    for find in finds {
        let _ = writeln!(text, "  {:>9}  {}", find.count, find.signature);
    }
}

/// By requirement: how often, in how many ways, and the most frequent of these.
fn explained(text: &mut String, results: &Results) {
    let mut by_requirement: BTreeMap<&str, Vec<&Find>> = BTreeMap::new();
    for find in &results.finds {
        if let Some(requirement) = find.explained.as_deref() {
            by_requirement.entry(requirement).or_default().push(find);
        }
    }
    if by_requirement.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n  explained by the book (times, requirement, signatures, the most frequent)");
    for (requirement, finds) in by_requirement {
        let count: u64 = finds.iter().map(|find| find.count).sum();
        let most = finds
            .iter()
            .max_by_key(|find| find.count)
            .map_or_else(String::new, |find| find.signature.to_string());
        let _ = writeln!(text, "  {count:>9}  {requirement:<14} {:>3}  {most}", finds.len());
    }
}

fn ending(text: &mut String, results: &Results, look: Look) {
    let news = results.news().count();
    let explained = results.finds.iter().filter(|find| find.explained.is_some()).count();
    if results.dropped > 0 {
        let _ =
            writeln!(text, "\n  {} more disagreements had signatures that were not kept", results.dropped);
    }
    if let Some(stopped) = &results.stopped {
        let _ = writeln!(text, "\n  ended early: {stopped}");
    }
    let ink = if news == 0 { Ink::Good } else { Ink::Bad };
    let line = format!("disagreements: {news} that nothing explains, {explained} that the book explains");
    let _ = writeln!(text, "\n  {}", look.paint(ink, &line));
}

/// For programs.
pub fn json(results: &Results, setting: &Setting<'_>) -> Value {
    let tallies: Map<String, Value> = results
        .tallies
        .iter()
        .map(|(op, tally)| {
            let counts = json!({
                "accepted": tally.accepted, "refused": tally.refused, "reasons": tally.reasons,
                "explained": tally.explained, "news": tally.news, "void": tally.void,
            });
            (op.clone(), counts)
        })
        .collect();
    let combinations: Vec<Value> =
        results.combinations.iter().map(|(votes, count)| json!({ "votes": votes, "count": count })).collect();
    json!({
        "voters": results.hellos.iter().map(|hello| &hello.implementation).collect::<Vec<_>>(),
        "seed": setting.seed.to_string(),
        "profile": setting.profile,
        "trials": results.trials(),
        "seconds": results.elapsed.as_secs_f64(),
        "lost": results.lost,
        "stopped": results.stopped.as_ref().map(ToString::to_string),
        "complete": results.stopped.is_none(),
        "operations": tallies,
        "combinations": combinations,
        "signatures_not_kept": results.dropped,
        "finds": results.finds.iter().map(|find| find_json(find, setting)).collect::<Vec<_>>(),
    })
}

fn find_json(find: &Find, setting: &Setting<'_>) -> Value {
    let state = match (&find.explained, find.reasons) {
        (Some(_), _) => "explained",
        (None, true) => "reasons",
        (None, false) => "news",
    };
    json!({
        "state": state,
        "op": find.signature.op,
        "votes": find.signature.votes,
        "at": find.signature.at,
        "requirement": find.signature.requirement,
        "explained": find.explained,
        "count": find.count,
        "trial": find.trial.number,
        "from": find.trial.from,
        "shrunk_from": find.shrunk_from,
        "in": find.trial.made.input,
        "answers": find.outcomes.iter().map(|outcome| outcome.as_ref().map(Outcome::to_string)).collect::<Vec<_>>(),
        "replay": (setting.replay)(find),
        "files": (setting.files)(find),
    })
}
