//! Changing a request: a member of it by what it holds, and the members themselves by what other requests of
//! the operation have.
//!
//! A request stays one that the book allows, hex stays hex and a time stays a time, as it is the input that is
//! to be wrong and not the way to put it.

mod bytes;
mod fields;
mod text;

use serde_json::{Map, Value};

use super::chance::Chance;
use super::shape::{Kind, Shape};

/// The longest input of a member, in bytes: what is doubled again and again has to end.
pub const MAX_MEMBER: usize = 64 << 10;

/// Changes a request once.  `others` are requests of the same operation, to take parts from.
pub fn mutate(
    input: &mut Map<String, Value>,
    shape: &Shape,
    others: &[&Map<String, Value>],
    chance: &mut Chance,
) {
    let donor = chance.pick(others).map_or_else(Map::new, |other| (*other).clone());
    if chance.once_in(12) {
        exchange(input, shape, &donor, chance);
        return;
    }
    // Hex carries most of what is meant, and gets most of the changes.
    let mut places = Vec::new();
    leaves("", &Value::Object(input.clone()), &mut places);
    let places: Vec<String> = places
        .into_iter()
        .flat_map(|place| {
            let weight = if *shape.kind(&place) == Kind::Hex { 6 } else { 1 };
            std::iter::repeat_n(place, weight)
        })
        .collect();
    let Some(place) = chance.pick(&places) else { return };
    let given = Value::Object(donor.clone());
    let donated = given.pointer(&format!("/{place}")).cloned();
    let mut whole = Value::Object(std::mem::take(input));
    if let Some(member) = whole.pointer_mut(&format!("/{place}")) {
        change(member, shape.kind(place), donated.as_ref(), chance);
    }
    if let Value::Object(members) = whole {
        *input = members;
    }
}

/// Takes a member from another request, or takes one away that another request has not.
fn exchange(input: &mut Map<String, Value>, shape: &Shape, donor: &Map<String, Value>, chance: &mut Chance) {
    let droppable: Vec<String> = input.keys().filter(|name| shape.optional(name)).cloned().collect();
    if chance.once_in(2)
        && let Some(name) = chance.pick(&droppable)
    {
        input.remove(name);
        return;
    }
    let names: Vec<&String> = donor.keys().collect();
    if let Some((name, value)) = chance.pick(&names).and_then(|name| donor.get_key_value(*name)) {
        input.insert(name.clone(), value.clone());
    }
}

/// The paths of everything that is neither an object nor a list with items in it; lists are places themselves.
fn leaves(path: &str, value: &Value, places: &mut Vec<String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(&below(name), value, places));
        }
        Value::Array(items) => {
            places.push(path.to_owned());
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| leaves(&below(&index.to_string()), item, places));
        }
        _ => places.push(path.to_owned()),
    }
}

fn change(member: &mut Value, kind: &Kind, donated: Option<&Value>, chance: &mut Chance) {
    match member {
        Value::Array(items) => list(items, donated.and_then(Value::as_array), chance),
        Value::String(old) => match kind {
            Kind::Hex => {
                let found = hex::decode(&*old).unwrap_or_default();
                let other = donated.and_then(Value::as_str).and_then(|text| hex::decode(text).ok());
                let mut new = change_bytes(&found, other.as_deref().unwrap_or_default(), chance);
                new.truncate(MAX_MEMBER);
                *old = hex::encode(new);
            }
            Kind::Decimal => *old = text::time(old, chance),
            Kind::OneOf(values) => {
                if let Some(value) = chance.pick(values) {
                    old.clone_from(value);
                }
            }
            Kind::Text | Kind::Number => {
                let other = donated.and_then(Value::as_str).unwrap_or_default();
                *old = text::text(old, other, chance);
                if old.len() > MAX_MEMBER {
                    old.clear();
                }
            }
        },
        Value::Number(number) => {
            let near = number.as_u64().unwrap_or_default();
            let choices = [0, 1, 2, near.saturating_add(1), near.saturating_sub(1), u64::from(u32::MAX)];
            *member = chance.pick(&choices).copied().unwrap_or_default().into();
        }
        _ => {}
    }
}

fn list(items: &mut Vec<Value>, other: Option<&Vec<Value>>, chance: &mut Chance) {
    let at = chance.below(items.len());
    match chance.below(4) {
        0 if !items.is_empty() => drop(items.remove(at)),
        1 if items.len() < 64 => items.extend(items.get(at).cloned()),
        2 => {
            let to = chance.below(items.len());
            if at < items.len() && to < items.len() {
                items.swap(at, to);
            }
        }
        _ => items.extend(other.and_then(|other| chance.pick(other)).cloned()),
    }
}

/// As fields where the bytes are fields, three times out of four, and else as bytes.
fn change_bytes(old: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let reads = super::wire::Message::read(old);
    if reads.rest.is_empty() && !reads.fields.is_empty() && !chance.once_in(4) {
        return fields::change(reads, other, chance);
    }
    let mut new = old.to_vec();
    bytes::change(&mut new, other, chance);
    new
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn request() -> impl Strategy<Value = Map<String, Value>> {
        let texts =
            proptest::collection::vec(any::<Vec<u8>>().prop_map(|bytes| json!(hex::encode(bytes))), 0..4);
        (any::<Vec<u8>>(), -(1i64 << 53)..1i64 << 53, ".{0,20}", texts, any::<bool>()).prop_map(
            |(bytes, time, text, list, now)| {
                let mut input = Map::new();
                input.insert("credential".to_owned(), hex::encode(bytes).into());
                input.insert("text".to_owned(), text.into());
                input.insert("list".to_owned(), list.into());
                input.insert("proof".to_owned(), 1.into());
                if now {
                    input.insert("now".to_owned(), time.to_string().into());
                }
                input
            },
        )
    }

    fn shape() -> Shape {
        let full = json!({ "credential": "0a00", "list": ["00"], "text": "x y", "proof": 0, "now": "-1" });
        let bare = json!({ "credential": "", "list": [], "text": "?", "proof": 0 });
        Shape::of([full, bare].iter().filter_map(Value::as_object))
    }

    proptest! {
        #[test]
        fn a_request_stays_one(input in request(), other in request(), seed: u64) {
            let shape = shape();
            let mut changed = input;
            let mut chance = Chance::new(seed, 0);
            for _ in 0..20 {
                mutate(&mut changed, &shape, &[&other], &mut chance);
                let hex_member = |value: &Value| {
                    value.as_str().is_some_and(|text| hex::encode(hex::decode(text).unwrap_or_default()) == text)
                };
                prop_assert!(hex_member(&changed["credential"]));
                prop_assert!(changed["list"].as_array().is_some_and(|items| items.iter().all(hex_member)));
                prop_assert!(changed["text"].is_string() && changed["proof"].is_u64());
                if let Some(now) = changed.get("now") {
                    prop_assert!(now.as_str().is_some_and(|text| text.parse::<i64>().is_ok()));
                }
            }
        }

        #[test]
        fn the_same_chance_gives_the_same_request(input in request(), seed: u64) {
            let changed = || {
                let mut changed = input.clone();
                let mut chance = Chance::new(seed, 9);
                (0..5).for_each(|_| mutate(&mut changed, &shape(), &[&input], &mut chance));
                changed
            };
            prop_assert_eq!(changed(), changed());
        }
    }

    #[test]
    fn every_member_is_changed_at_some_time() {
        let input = json!({ "credential": "0a0108", "list": ["00"], "text": "abc", "proof": 0, "now": "5" });
        let input = input.as_object().unwrap();
        for name in input.keys() {
            let changes = |trial| {
                let mut changed = input.clone();
                mutate(&mut changed, &shape(), &[], &mut Chance::new(1, trial));
                changed.get(name) != input.get(name)
            };
            assert!((0..500).any(changes), "{name}");
        }
    }
}
