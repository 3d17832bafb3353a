//! Captured spaces: what a replica of the deployed implementation made of credentials, in one order and in others, is
//! what the deployed rule makes of them; and under the convergent rule the order makes no difference.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod capture;

use std::collections::BTreeMap;

use capture::lines;
use dxos_reference::halo::space::{Entry, Machine, Outcome, Rule, Statement};
use dxos_reference::halo::{Credential, verify};
use serde_json::{Value, json};

/// Unix milliseconds, between the dates at which captured invitations expire: in 2020 or in 2999.
const NOW: i64 = 1_750_000_000_000;

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// A captured space.
struct Scene {
    line: Value,
    entries: Vec<Entry>,
}

impl Scene {
    /// All of them, each credential verified once.
    fn all() -> impl Iterator<Item = Self> {
        lines("spaces.jsonl.gz").into_iter().map(|line| {
            let entries = line["entries"].as_array().unwrap().iter().map(entry).collect();
            Self { line, entries }
        })
    }

    fn id(&self) -> &str {
        self.line["id"].as_str().unwrap()
    }

    /// The machine of a rule with the entries in some order, and what it said of each.
    fn replay(&self, rule: Rule, order: impl IntoIterator<Item = usize>) -> (Box<dyn Machine>, Vec<Outcome>) {
        let mut machine = rule.machine(&bytes(&self.line["space_key"]));
        machine.set_now(NOW);
        let mut outcomes = Vec::new();
        for index in order {
            outcomes.push(machine.process(&self.entries[index]));
            if outcomes.last() == Some(&Outcome::Endless) {
                break;
            }
        }
        (machine, outcomes)
    }

    fn shuffles(&self) -> impl Iterator<Item = (Vec<usize>, &Value)> {
        self.line["shuffles"].as_array().unwrap().iter().map(|shuffle| {
            let order = shuffle["order"].as_array().unwrap();
            (order.iter().map(|index| usize::try_from(index.as_u64().unwrap()).unwrap()).collect(), shuffle)
        })
    }
}

fn entry(entry: &Value) -> Entry {
    let credential = bytes(&entry["credential"]);
    let tree = Credential::read(&credential).unwrap();
    let credential = Credential::new(&tree);
    Entry {
        statement: Statement::of(&credential).unwrap(),
        source_feed: bytes(&entry["source_feed"]),
        verified: verify(&credential, None),
    }
}

fn pairs(map: &BTreeMap<Vec<u8>, impl Clone + Into<Value>>) -> Value {
    map.iter().map(|(key, value)| json!([hex::encode(key), value.clone().into()])).collect()
}

fn ids<'a>(ids: impl IntoIterator<Item = &'a Vec<u8>>) -> Value {
    ids.into_iter().map(|id| json!(hex::encode(id))).collect()
}

/// What the captures have of an outcome and a view, and no more.
fn shown(machine: &mut dyn Machine, outcomes: &[Outcome]) -> Value {
    let results: Value = outcomes.iter().map(|outcome| json!(outcome.name())).collect();
    if outcomes.last() == Some(&Outcome::Endless) {
        return json!({ "results": results });
    }
    let view = machine.view();
    let feed = |(key, feed): (&Vec<u8>, &dxos_reference::halo::space::Feed)| {
        json!([hex::encode(key), hex::encode(&feed.parent), feed.designation])
    };
    let mut shown = json!({
        "results": results,
        "members": pairs(&view.members),
        "profiles": pairs(&view.profiles),
        "heads": ids(&view.heads),
        "feeds": view.feeds.iter().map(feed).collect::<Value>(),
        "invitations": ids(&view.invitations),
    });
    if let Some(genesis) = view.genesis {
        shown["genesis"] = hex::encode(genesis).into();
    }
    shown
}

/// Where two objects differ, among the members of the first.
fn differences(captured: &Value, ours: &Value) -> Vec<String> {
    let unlike = |(name, value): &(&String, &Value)| ours.get(name.as_str()) != Some(*value);
    let differing = captured.as_object().unwrap().iter().filter(unlike);
    differing.map(|(name, value)| format!("{name}: captured {value}\n   ours {:?}", ours.get(name))).collect()
}

#[test]
fn the_deployed_rule_makes_of_every_order_what_was_captured() {
    let (mut orders, mut taken, mut wrong) = (0, 0, Vec::new());
    let mut words: BTreeMap<&'static str, usize> = BTreeMap::new();
    for scene in Scene::all() {
        let (mut machine, outcomes) = scene.replay(Rule::Deployed, 0..scene.entries.len());
        let mut captured = scene.line.clone();
        let members = captured.as_object_mut().unwrap();
        for about in ["id", "mode", "features", "space_key", "entries", "shuffles", "order_dependent"] {
            members.remove(about);
        }
        let ours = shown(machine.as_mut(), &outcomes);
        wrong.extend(differences(&captured, &ours).into_iter().map(|what| format!("{}: {what}", scene.id())));
        for outcome in &outcomes {
            *words.entry(outcome.name()).or_default() += 1;
        }
        (orders, taken) = (orders + 1, taken + outcomes.len());
        for (order, shuffle) in scene.shuffles() {
            let (mut machine, outcomes) = scene.replay(Rule::Deployed, order);
            let mut captured = shuffle.clone();
            captured.as_object_mut().unwrap().remove("order");
            let ours = shown(machine.as_mut(), &outcomes);
            wrong.extend(
                differences(&captured, &ours)
                    .into_iter()
                    .map(|what| format!("{} shuffled: {what}", scene.id())),
            );
            (orders, taken) = (orders + 1, taken + outcomes.len());
        }
    }
    println!("{orders} orders, {taken} credentials taken in; of the first orders {words:?}");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_convergent_rule_makes_the_same_of_every_order() {
    let mut apart = Vec::new();
    for scene in Scene::all() {
        let (mut first, _) = scene.replay(Rule::Convergent, 0..scene.entries.len());
        let (view, outcomes) = (first.view(), first.outcomes());
        for (order, _) in scene.shuffles() {
            let (mut other, _) = scene.replay(Rule::Convergent, order.iter().copied());
            let later = other.outcomes();
            let moved =
                order.iter().zip(&later).filter(|(index, outcome)| outcomes[**index] != **outcome).count();
            if other.view() != view || moved > 0 {
                apart.push(format!("{}: {moved} outcomes, view {}", scene.id(), other.view() == view));
            }
        }
    }
    assert!(apart.is_empty(), "{} orders apart:\n{}", apart.len(), apart.join("\n"));
}
