//! Where trials come from: the vectors, what a craft makes, and changes of both.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::chance::Chance;
use super::mutate::mutate;
use super::shape::Shape;

/// What knows the protocol.  Without it only the vectors are changed, byte by byte and field by field, and what was
/// signed is not any more.
pub trait Craft: Sync {
    /// A request from nothing, and the features that it needs.
    fn make(&self, op: &str, chance: &mut Chance) -> Option<Made>;

    /// The features without which a testee cannot be asked this.  `given` are those of what it was made from.
    fn features(&self, op: &str, input: &Map<String, Value>, given: &[String]) -> Vec<String>;

    /// The same request signed again, so that a change gets past the check of the signature; `None` where there is
    /// nothing to sign.
    fn mend(&self, op: &str, input: &Map<String, Value>) -> Option<Map<String, Value>>;

    /// The requirement that the reference names when it refuses, or over which results are known to differ for such
    /// an input.
    fn requirement(&self, op: &str, input: &Map<String, Value>) -> Option<String>;

    /// What of an accepted answer has to be equal: all of it, but for what may be random.
    fn essence(&self, op: &str, answer: &Map<String, Value>) -> Map<String, Value>;
}

/// A request that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The input.
    pub input: Map<String, Value>,
    /// Features without which a testee is not asked.
    pub features: Vec<String>,
}

/// A craft that knows nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unskilled;

impl Craft for Unskilled {
    fn make(&self, _: &str, _: &mut Chance) -> Option<Made> {
        None
    }

    fn features(&self, _: &str, _: &Map<String, Value>, given: &[String]) -> Vec<String> {
        given.to_vec()
    }

    fn mend(&self, _: &str, _: &Map<String, Value>) -> Option<Map<String, Value>> {
        None
    }

    fn requirement(&self, _: &str, _: &Map<String, Value>) -> Option<String> {
        None
    }

    fn essence(&self, _: &str, answer: &Map<String, Value>) -> Map<String, Value> {
        answer.clone()
    }
}

/// A request to begin with.
#[derive(Clone, Debug)]
pub struct Seed {
    /// The case that it is from.
    pub id: String,
    /// The request.
    pub made: Made,
}

/// One request that is put to everybody.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Its number; seed and number give the same trial again.
    pub number: u64,
    /// The operation.
    pub op: String,
    /// The request.
    pub made: Made,
    /// What it was made from: the id of a case, or `made`.
    pub from: String,
}

/// Makes trials.
pub struct Source<'a> {
    craft: &'a dyn Craft,
    seed: u64,
    ops: Vec<(String, Vec<Seed>, Shape)>,
}

impl<'a> Source<'a> {
    /// Trials of the operations of these seeds.
    pub fn new(craft: &'a dyn Craft, seed: u64, seeds: BTreeMap<String, Vec<Seed>>) -> Self {
        let with_shape = |(op, seeds): (String, Vec<Seed>)| {
            let shape = Shape::of(seeds.iter().map(|seed| &seed.made.input));
            (op, seeds, shape)
        };
        Self { craft, seed, ops: seeds.into_iter().map(with_shape).collect() }
    }

    /// The operations.
    pub fn ops(&self) -> impl Iterator<Item = &str> {
        self.ops.iter().map(|(op, ..)| op.as_str())
    }

    /// What the requests of an operation hold.
    pub fn shape(&self, op: &str) -> &Shape {
        static NONE: LazyLock<Shape> = LazyLock::new(Shape::default);
        self.ops.iter().find(|(name, ..)| name == op).map_or(&NONE, |(_, _, shape)| shape)
    }

    /// The trial with a number; `None` if there is no seed.
    pub fn trial(&self, number: u64) -> Option<Trial> {
        let chance = &mut Chance::new(self.seed, number);
        let (op, seeds, shape) = chance.pick(&self.ops)?;
        let made = if chance.once_in(3) { self.craft.make(op, chance) } else { None };
        let (mut made, from) = match made {
            Some(made) => (made, "made".to_owned()),
            None => chance.pick(seeds).map(|seed| (seed.made.clone(), seed.id.clone()))?,
        };
        let others: Vec<&Map<String, Value>> = seeds.iter().map(|seed| &seed.made.input).collect();
        // What is made is worth a look as it is; a vector was looked at before.
        let changes = match chance.below(10) {
            0 | 1 if from == "made" => 0,
            0..=5 => 1,
            6..=8 => 2 + chance.below(3),
            _ => 5 + chance.below(20),
        };
        for _ in 0..changes {
            mutate(&mut made.input, shape, &others, chance);
        }
        if !chance.once_in(4)
            && let Some(mended) = self.craft.mend(op, &made.input)
        {
            made.input = mended;
        }
        // A part of another request may need what that one needed.
        made.features = self.craft.features(op, &made.input, &made.features);
        Some(Trial { number, op: op.clone(), made, from })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(seed: u64) -> Source<'static> {
        let made = |text: &str| Made {
            input: json!({ "data": text }).as_object().unwrap().clone(),
            features: Vec::new(),
        };
        let seeds = vec![
            Seed { id: "a/1".into(), made: made("0a0108") },
            Seed { id: "a/2".into(), made: made("12020801") },
        ];
        Source::new(&Unskilled, seed, BTreeMap::from([("op.a".to_owned(), seeds)]))
    }

    #[test]
    fn the_same_seed_gives_the_same_trials_in_any_order() {
        let forth: Vec<Trial> = (0..50).filter_map(|number| source(3).trial(number)).collect();
        let mut back: Vec<Trial> = (0..50).rev().filter_map(|number| source(3).trial(number)).collect();
        back.reverse();
        assert_eq!(forth, back);
        assert_eq!(forth.len(), 50);
        let other: Vec<Trial> = (0..50).filter_map(|number| source(4).trial(number)).collect();
        assert_ne!(forth, other);
    }
}
