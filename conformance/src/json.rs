//! JSON of a testee, read within bounds: a text of a few megabytes can otherwise become a tree of a gigabyte.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::printable::shorten;
use crate::protocol::FrameError;

/// The most values in one frame.  An object counts eight times.
pub const VALUES_LIMIT: usize = 1 << 16;

/// Memory of a small object, in values.
const OBJECT_WEIGHT: usize = 8;

/// The deepest nesting in one frame.
pub const DEPTH_LIMIT: usize = 100;

/// Reads one JSON text.  A member that is given twice is refused, as readers would disagree about its value.
///
/// # Errors
///
/// [`FrameError`]: not JSON, a member twice, more than [`VALUES_LIMIT`] values or deeper than [`DEPTH_LIMIT`].
pub fn parse(text: &str) -> Result<Value, FrameError> {
    let mut bounds = Bounds { left: VALUES_LIMIT, fault: None };
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Node { bounds: &mut bounds, depth: 0 }.deserialize(&mut reader);
    let read = read.and_then(|value| reader.end().map(|()| value));
    // The fault comes first: serde only carries a text.
    match (bounds.fault, read) {
        (Some(fault), _) => Err(fault),
        (None, read) => read.map_err(|error| FrameError::NotJson(error.to_string())),
    }
}

/// What may still be read, and why reading was given up.
struct Bounds {
    left: usize,
    fault: Option<FrameError>,
}

/// One value at some depth.
struct Node<'a> {
    bounds: &'a mut Bounds,
    depth: usize,
}

impl Node<'_> {
    fn inner(&mut self) -> Node<'_> {
        Node { bounds: self.bounds, depth: self.depth + 1 }
    }

    fn spend<E: Error>(&mut self, values: usize) -> Result<(), E> {
        match self.bounds.left.checked_sub(values) {
            Some(left) => self.bounds.left = left,
            None => return Err(self.give_up(FrameError::TooMany)),
        }
        if self.depth > DEPTH_LIMIT {
            return Err(self.give_up(FrameError::TooDeep));
        }
        Ok(())
    }

    fn give_up<E: Error>(&mut self, fault: FrameError) -> E {
        self.bounds.fault = Some(fault);
        E::custom("out of bounds")
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<Value, D::Error> {
        self.spend(1)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self.inner())? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Value, A::Error> {
        self.spend(OBJECT_WEIGHT - 1)?;
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(self.give_up(FrameError::DuplicateMember(shorten(&name))));
            }
            members.insert(name, access.next_value_seed(self.inner())?);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_are_kept() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(DEPTH_LIMIT + 1)).is_ok());
        assert_eq!(parse(&nested(DEPTH_LIMIT + 2)), Err(FrameError::TooDeep));
        assert_eq!(parse(&"[".repeat(1 << 20)), Err(FrameError::TooDeep));
        let list = |item: &str, count: usize| format!("[{}]", vec![item; count].join(","));
        assert!(parse(&list("0", VALUES_LIMIT - 1)).is_ok());
        assert_eq!(parse(&list("0", VALUES_LIMIT)), Err(FrameError::TooMany));
        assert_eq!(parse(&list("{}", VALUES_LIMIT / OBJECT_WEIGHT)), Err(FrameError::TooMany));
    }

    #[test]
    fn a_member_counts_once_at_any_depth() {
        assert_eq!(parse(r#"[{"a":{"b":1,"b":1}}]"#), Err(FrameError::DuplicateMember("b".into())));
        assert!(parse(r#"[{"a":1},{"a":1}]"#).is_ok());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn within_bounds_it_reads_what_serde_json_reads(value in any_value()) {
            let text = value.to_string();
            prop_assert_eq!(parse(&text).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        }

        #[test]
        fn any_text_is_read_or_refused(text in r#"[\[\]{}",:0-9a\\u-]{0,40}"#) {
            let ours = parse(&text);
            if ours.is_ok() {
                prop_assert_eq!(ours.ok(), serde_json::from_str::<Value>(&text).ok());
            } else if !matches!(ours, Err(FrameError::DuplicateMember(_))) {
                prop_assert!(serde_json::from_str::<Value>(&text).is_err());
            }
        }
    }
}
