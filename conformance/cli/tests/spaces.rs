//! Spaces that nobody wrote: the deployed rule of the reference makes of them what the deployed implementation makes.
//!
//! The long form takes `DXSPEC_SPACES`, their number, and `DXSPEC_SEED`:
//! `cargo test -p dxspec --test spaces -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test may panic.

mod support;

#[allow(dead_code)] // The binary uses the rest.
#[path = "../src/fuzz/space.rs"]
mod space;

use std::collections::BTreeMap;
use std::time::Instant;

use dxos_conformance::fuzz::chance::Chance;
use dxos_conformance::protocol::{Answer, Request};
use dxos_conformance::testee::{Carrier, Limits, Registry, Testee};
use dxos_reference::operations;
use serde_json::{Map, Value};
use space::{Fault, Scene, What};

const OP: &str = "halo.space.replay";

/// The deployed implementation; a credential that takes it longer than a second counts as endless.
struct Deployed {
    testee: Box<dyn Testee>,
    asked: u64,
}

impl Deployed {
    fn start(what: &str) -> Option<Self> {
        support::deployed(what)?;
        let program = support::root().join("conformance/adapters/dxos-js/main.mjs");
        let carrier: Carrier =
            format!("exec:env DXOS_SPACE_LIMIT_MS=1000 node '{}'", program.display()).parse().unwrap();
        let nothing = Registry { built_in: |_| None, kube: |_| Err("none".to_owned()) };
        let limits = Limits { start: std::time::Duration::from_secs(60), ..Limits::default() };
        Some(Self { testee: carrier.start(&nothing, &limits).unwrap(), asked: 0 })
    }

    fn ask(&mut self, input: &Map<String, Value>) -> Map<String, Value> {
        self.asked += 1;
        let request = Request::new(self.asked, OP, input.clone());
        match self.testee.request(&request, std::time::Duration::from_secs(60)).unwrap() {
            Answer::Ok(result) => result,
            other => panic!("{other:?} to {}", request.to_line()),
        }
    }

    /// What the two say of a scene, if it is not the same.
    fn apart(&mut self, scene: &Scene) -> Option<(Map<String, Value>, Map<String, Value>)> {
        let input = scene.replay();
        let ours = operations::call(OP, &input).unwrap();
        let theirs = self.ask(&input);
        (ours != theirs).then_some((ours, theirs))
    }
}

/// Scenes that are a little smaller.
fn smaller(scene: &Scene) -> Vec<Scene> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Scene)| {
        let mut other = scene.clone();
        change(&mut other);
        all.push(other);
    };
    for at in (0..scene.order.len()).rev() {
        with(&|scene| {
            scene.order.remove(at);
        });
    }
    for (place, step) in scene.steps.iter().enumerate() {
        for parent in 0..step.parents.len() {
            with(&|scene| {
                scene.steps[place].parents.remove(parent);
            });
        }
        if step.fault != Fault::None {
            with(&|scene| scene.steps[place].fault = Fault::None);
        }
        if step.date != 0 {
            with(&|scene| scene.steps[place].date = 0);
        }
        if let What::Member { role, profile, redeems } = step.what
            && (profile || redeems.is_some())
        {
            with(&|scene| scene.steps[place].what = What::Member { role, profile: false, redeems: None });
        }
    }
    all
}

fn says_endless(answer: &Map<String, Value>) -> bool {
    answer["results"].as_array().unwrap().last().is_some_and(|word| word == "endless")
}

fn shrink(mut scene: Scene, deployed: &mut Deployed) -> Scene {
    while let Some(next) = smaller(&scene).into_iter().find(|scene| deployed.apart(scene).is_some()) {
        scene = next;
    }
    scene
}

fn compare(spaces: u64, seed: u64, deployed: &mut Deployed) {
    let (start, mut words) = (Instant::now(), BTreeMap::<String, usize>::new());
    for number in 0..spaces {
        let scene = Scene::draw(&mut Chance::new(seed, number));
        let input = scene.replay();
        let ours = operations::call(OP, &input).unwrap();
        for word in ours["results"].as_array().unwrap() {
            *words.entry(word.as_str().unwrap().to_owned()).or_default() += 1;
        }
        let theirs = deployed.ask(&input);
        if theirs != ours {
            // A machine that is busy may make it wait for longer than the limit.
            if says_endless(&theirs) && deployed.apart(&scene).is_none() {
                eprintln!("space {number} was not endless when it was asked again");
                continue;
            }
            let small = shrink(scene, deployed);
            let (ours, theirs) = deployed.apart(&small).unwrap();
            panic!("space {number} of seed {seed}:\n{small}ours {ours:#?}\ndeployed {theirs:#?}");
        }
        if (number + 1).is_multiple_of(500) {
            eprintln!("{} spaces, {words:?}, {:?}", number + 1, start.elapsed());
        }
    }
    println!("{spaces} spaces agree, {words:?}, {:?}", start.elapsed());
}

#[test]
fn a_few_spaces() {
    let Some(mut deployed) = Deployed::start("spaces that nobody wrote") else { return };
    compare(200, 1, &mut deployed);
}

#[test]
#[ignore = "20,000 spaces take a quarter of an hour"]
fn many_spaces() {
    let number = |name: &str, usual| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let Some(mut deployed) = Deployed::start("many spaces that nobody wrote") else { return };
    compare(number("DXSPEC_SPACES", 20_000), number("DXSPEC_SEED", 2), &mut deployed);
}
