//! Turning scenes into cases.

use dxos_reference::keys::Suite;
use serde_json::{Value, json};

use super::super::super::topic::{Topic, suite_of};
use super::scene::Scene;
use super::wanted::differences;
use crate::class::Class;
use crate::format::Want;

pub(super) const REPLAY: &str = "halo.space.replay";
pub(super) const PROCESS: &str = "halo.space.process";
pub(super) const CONVERGENT: &str = "convergent";
pub(super) const DEPLOYED: &str = "deployed-0.8";

/// That there is one result for every order.
const ONE_RESULT: &str = "HALO-SPACE-001";

/// How scenes are read; stands at the end of what a file is about.
const LEGEND: &str = "`B: a>b ADM ^o` is a credential B of a about b with the parent o; o is `S>a OWN`, behind the genesis g, and S the space.";

/// A scenario: slug, requirements, scene, orders, and what is to come of it.  An order is a list of names; `g` and `o`
/// come first where it does not name them.  No orders: as the scene is written.
pub(super) type Scenario<'a> = (&'a str, &'a [&'a str], &'a str, &'a [&'a str], &'a str);

/// Begins a file on a part of spaces.
pub(super) fn topic(name: &str, op: &str, about: &str) -> Topic {
    let (_, feature) = suite_of(Suite::P256);
    let verb = op.rsplit('.').next().unwrap_or_default();
    Topic::new(&format!("halo/space/{verb}/{name}"), op, &[feature], &format!("{about} {LEGEND}"))
}

/// Replays scenes in as many files as they need, with so many in each, that are numbered.
pub(super) fn parts(name: &str, about: &str, scenarios: &[Scenario<'_>], each: usize) -> Vec<Topic> {
    let part = |(number, scenarios): (usize, &[Scenario<'_>])| {
        let mut topic = topic(&format!("{name}-{}", number + 1), REPLAY, about);
        replays(&mut topic, CONVERGENT, scenarios);
        topic
    };
    scenarios.chunks(each).enumerate().map(part).collect()
}

/// The names of a scene in an order.
fn ordered<'s>(scene: &'s Scene, order: &'s str) -> Vec<&'s str> {
    if order.is_empty() {
        return scene.order.iter().map(String::as_str).collect();
    }
    let named: Vec<&str> = order.split_whitespace().collect();
    let first = ["g", "o"]
        .into_iter()
        .filter(|name| !named.contains(name) && scene.order.iter().any(|known| known == name));
    first.chain(named.iter().copied()).collect()
}

/// What is special about a case: its scene, and the order.
fn about(text: &str, order: &str) -> String {
    let text = text.trim_start_matches('!').trim();
    match (text.is_empty(), order.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("in the order {order}"),
        (false, true) => text.to_owned(),
        (false, false) => format!("{text}; in the order {order}"),
    }
}

fn with_now(mut input: Value, now: Option<i64>) -> Value {
    if let (Some(now), Some(members)) = (now, input.as_object_mut()) {
        members.insert("now".to_owned(), json!(now.to_string()));
    }
    input
}

/// Replays a scene in one order.
#[allow(clippy::too_many_arguments)] // Each is a part of the case.
pub(super) fn replay_one(
    topic: &mut Topic,
    rule: &str,
    slug: &str,
    req: &[&str],
    text: &str,
    scene: &Scene,
    order: &str,
    short: &str,
    now: Option<i64>,
) {
    let names = ordered(scene, order);
    let input = with_now(scene.replay(rule, &names), now);
    let case = topic.accept(slug, req, &about(text, order), input);
    let got = match &case.want {
        Some(Want::Ok(got)) => got.clone(),
        _ => Default::default(),
    };
    if !order.is_empty() {
        case.flags = vec!["order".to_owned()];
        topic.flag("order", "the same credentials come in several orders");
    }
    let ended = got.get("members").is_none();
    let problems =
        if ended { ended_wrongly(&got, &names, short) } else { differences(scene, &names, &got, short) };
    for problem in scene.problems.iter().chain(&problems) {
        topic.problem(slug, problem);
    }
}

/// A replay that never returns has words alone.
fn ended_wrongly(got: &serde_json::Map<String, Value>, names: &[&str], short: &str) -> Vec<String> {
    let last = got.get("results").and_then(Value::as_array).and_then(|words| words.last());
    let wanted = short.split_whitespace().find_map(|item| item.strip_suffix(":endless"));
    match (last.and_then(Value::as_str), wanted) {
        (Some("endless"), Some(_)) => Vec::new(),
        _ => vec![format!("{names:?}: the reference says {got:?}")],
    }
}

/// Replays scenes, each in all its orders with the same result.
pub(super) fn replays(topic: &mut Topic, rule: &str, scenarios: &[Scenario<'_>]) {
    for (slug, req, text, orders, short) in scenarios {
        let scene = Scene::new(topic, Suite::P256, slug, text);
        let orders = if orders.is_empty() { &[""][..] } else { orders };
        for (number, order) in orders.iter().enumerate() {
            let slug = if number == 0 { (*slug).to_owned() } else { format!("{slug}-order-{}", number + 1) };
            // In another order it shows besides that there is one result.
            let mut req = req.to_vec();
            if number > 0 && rule == CONVERGENT && !req.contains(&ONE_RESULT) {
                req.push(ONE_RESULT);
            }
            replay_one(topic, rule, &slug, &req, text, &scene, order, short, None);
        }
    }
}

/// A credential behind others that is accepted: slug, requirements, those before, and the last.
pub(super) fn accepted(topic: &mut Topic, rule: &str, slug: &str, req: &[&str], before: &str, last: &str) {
    let text = format!("{before}; {last}");
    let scene = Scene::new(topic, Suite::P256, slug, &text);
    let names: Vec<&str> = scene.order.iter().map(String::as_str).collect();
    topic.accept(slug, req, &about(&text, ""), scene.process(rule, &names));
    for problem in &scene.problems {
        topic.problem(slug, problem);
    }
}

/// A fault: slug, requirements, class, and the last credential.
pub(super) type Fault<'a> = (&'a str, &'a [&'a str], Class, &'a str);

/// Credentials in the place of the last one of the accepted case `from`, each with one fault.
pub(super) fn faults(topic: &mut Topic, rule: &str, from: &str, before: &str, faults: &[Fault<'_>]) {
    for (slug, req, class, last) in faults {
        let text = format!("{before}; {last}");
        let scene = Scene::new(topic, Suite::P256, from, &text);
        let names: Vec<&str> = scene.order.iter().map(String::as_str).collect();
        let slug = format!("{from}-{slug}");
        topic.reject(&slug, from, req, *class, &about(&text, ""), scene.process(rule, &names));
        for problem in &scene.problems {
            topic.problem(&slug, problem);
        }
    }
}
