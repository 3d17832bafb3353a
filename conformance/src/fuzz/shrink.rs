//! Making an input small that still shows what it shows.
//!
//! Each step has to be smaller than the one before it, so that shrinking ends.  A candidate is tried as it is and,
//! where that does not show it any more, signed again.

use std::time::Instant;

use serde_json::{Map, Value};

use super::shape::{Kind, Shape};
use super::wire::{Body, Content, Field, Length, Message, Varint};

/// How much may be tried.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Inputs tried.
    pub tries: usize,
    /// When to stop; `None` for never.
    pub until: Option<Instant>,
}

/// Whether an input still shows it: `Some(true)` and `Some(false)`, or `None` if that cannot be told any more.
pub type Shows<'a> = dyn FnMut(&Map<String, Value>) -> Option<bool> + 'a;

/// Signs an input again; `None` where there is nothing to sign.
pub type Mend<'a> = dyn Fn(&Map<String, Value>) -> Option<Map<String, Value>> + 'a;

/// The size of an input: the length of its JSON text, in bytes.
pub fn size(input: &Map<String, Value>) -> usize {
    Value::Object(input.clone()).to_string().len()
}

/// Shrinks an input.  What is returned shows what `input` shows and is never larger.
pub fn shrink(
    input: &Map<String, Value>,
    shape: &Shape,
    effort: Effort,
    mend: &Mend<'_>,
    shows: &mut Shows<'_>,
) -> Map<String, Value> {
    let mut shrinker = Shrinker {
        size: size(input),
        best: input.clone(),
        shape,
        mend,
        shows,
        left: effort.tries,
        until: effort.until,
    };
    loop {
        let before = shrinker.size;
        shrinker.members();
        for place in shrinker.places() {
            shrinker.place(&place);
        }
        if shrinker.size == before || shrinker.spent() {
            return shrinker.best;
        }
    }
}

struct Shrinker<'a, 'f> {
    best: Map<String, Value>,
    size: usize,
    shape: &'a Shape,
    mend: &'a Mend<'f>,
    shows: &'a mut Shows<'f>,
    left: usize,
    until: Option<Instant>,
}

impl Shrinker<'_, '_> {
    fn spent(&self) -> bool {
        self.left == 0 || self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Takes a candidate if it is smaller and still shows it.
    fn accept(&mut self, candidate: Map<String, Value>) -> bool {
        let mended = (self.mend)(&candidate).filter(|mended| *mended != candidate);
        [Some(candidate), mended].into_iter().flatten().any(|candidate| {
            let size = size(&candidate);
            if size >= self.size || self.spent() {
                return false;
            }
            self.left -= 1;
            match (self.shows)(&candidate) {
                Some(true) => {
                    (self.best, self.size) = (candidate, size);
                    true
                }
                Some(false) => false,
                None => {
                    self.left = 0;
                    false
                }
            }
        })
    }

    /// Leaves members out.
    fn members(&mut self) {
        for name in self.best.keys().cloned().collect::<Vec<_>>() {
            let mut candidate = self.best.clone();
            candidate.remove(&name);
            self.accept(candidate);
        }
    }

    /// The paths of all texts and lists.
    fn places(&self) -> Vec<String> {
        fn walk(path: &str, value: &Value, places: &mut Vec<String>) {
            match value {
                Value::Object(members) => {
                    members.iter().for_each(|(name, value)| walk(&format!("{path}/{name}"), value, places));
                }
                Value::Array(items) => {
                    places.push(path.to_owned());
                    items
                        .iter()
                        .enumerate()
                        .for_each(|(at, item)| walk(&format!("{path}/{at}"), item, places));
                }
                _ => places.push(path.to_owned()),
            }
        }
        let mut places = Vec::new();
        walk("", &Value::Object(self.best.clone()), &mut places);
        places
    }

    fn at(&self, place: &str) -> Option<Value> {
        Value::Object(self.best.clone()).pointer(place).cloned()
    }

    fn put(&mut self, place: &str, value: Value) -> bool {
        let mut whole = Value::Object(self.best.clone());
        let Some(member) = whole.pointer_mut(place) else { return false };
        *member = value;
        match whole {
            Value::Object(candidate) => self.accept(candidate),
            _ => false,
        }
    }

    fn place(&mut self, place: &str) {
        match self.at(place) {
            Some(Value::Array(items)) => {
                self.less(items, &mut |this, items| this.put(place, items.into()));
            }
            Some(Value::String(text)) => match self.shape.kind(place.trim_start_matches('/')) {
                Kind::Hex => self.hex(place, &text),
                Kind::Decimal => {
                    let _ = ["0", "1", "-1"].iter().any(|text| self.put(place, (*text).into()));
                }
                Kind::OneOf(_) | Kind::Number => {}
                Kind::Text => {
                    let chars = text.chars().collect();
                    self.less(chars, &mut |this, chars| {
                        this.put(place, chars.into_iter().collect::<String>().into())
                    });
                }
            },
            _ => {}
        }
    }

    /// Leaves out runs of items, long ones first, for as long as that shows it (ddmin).
    fn less<T: Clone>(&mut self, mut items: Vec<T>, put: &mut dyn FnMut(&mut Self, Vec<T>) -> bool) {
        // Powers of two, so that pairs are tried too, as of hex digits.
        let mut run = items.len().next_power_of_two();
        while run > 0 && !self.spent() {
            let mut at = 0;
            while at < items.len() && !self.spent() {
                let mut fewer = items.clone();
                fewer.drain(at..(at + run).min(items.len()));
                if put(self, fewer.clone()) {
                    items = fewer;
                } else {
                    at += run;
                }
            }
            run /= 2;
        }
    }

    fn hex(&mut self, place: &str, text: &str) {
        let Ok(bytes) = hex::decode(text) else { return };
        let message = Message::read(&bytes);
        if message.rest.len() < bytes.len() {
            self.message(place, &message);
        }
        // What is left of it, signed anew perhaps, without regard to fields.
        if let Some(Ok(bytes)) = self.at(place).and_then(|value| value.as_str().map(hex::decode)) {
            let put = &mut |this: &mut Self, bytes: Vec<u8>| this.put(place, hex::encode(bytes).into());
            self.less(bytes, put);
        }
    }

    /// Shrinks each message of the tree: its fields left out, then each field made smaller.
    fn message(&mut self, place: &str, whole: &Message) {
        let mut number = 0;
        let mut whole = whole.clone();
        while number < whole.count() && !self.spent() {
            self.fields(place, number);
            whole = self.tree(place).unwrap_or_default();
            let fields = whole.nth_mut(number).map_or(0, |message| message.fields.len());
            for at in 0..fields {
                for smaller in smaller(&whole, number, at) {
                    if self.put(place, hex::encode(smaller.to_bytes()).into()) {
                        whole = self.tree(place).unwrap_or_default();
                        break;
                    }
                }
            }
            number += 1;
        }
    }

    fn tree(&self, place: &str) -> Option<Message> {
        let bytes = hex::decode(self.at(place)?.as_str()?).ok()?;
        Some(Message::read(&bytes))
    }

    fn fields(&mut self, place: &str, number: usize) {
        let Some(mut whole) = self.tree(place) else { return };
        let Some(fields) = whole.nth_mut(number).map(|message| message.fields.clone()) else { return };
        self.less(fields, &mut |this, fields| {
            // Signing again changes other fields: only the choice of them is kept from before.
            if let Some(message) = whole.nth_mut(number) {
                message.fields = fields;
            }
            this.put(place, hex::encode(whole.to_bytes()).into())
        });
    }
}

/// The tree with one field made smaller, in several ways, the smallest first.
fn smaller(whole: &Message, number: usize, at: usize) -> Vec<Message> {
    let with = |change: &dyn Fn(&mut Field) -> bool| {
        let mut changed = whole.clone();
        let field = changed.nth_mut(number).and_then(|message| message.fields.get_mut(at))?;
        change(field).then_some(changed)
    };
    let content = |content: Content| {
        move |field: &mut Field| std::mem::replace(&mut field.content, content.clone()) != content
    };
    let body = |body: Body| content(Content::Delimited(Length::Fits(1), body));
    let found = whole.clone().nth_mut(number).and_then(|message| message.fields.get(at)).cloned();
    let Some(field) = found else { return Vec::new() };
    let mut ways = Vec::new();
    match &field.content {
        Content::Varint(value) => {
            ways.push(with(&content(Content::Varint(Varint::new(0)))));
            ways.push(with(&content(Content::Varint(Varint::new(value.value())))));
        }
        Content::Delimited(_, inner) => {
            ways.push(with(&body(Body::Bytes(Vec::new()))));
            let bytes = inner.to_bytes();
            let mut length = 1;
            while length < bytes.len() {
                ways.push(with(&body(Body::Bytes(bytes.get(..length).unwrap_or_default().to_vec()))));
                length *= 2;
            }
            let shorter = bytes.len().saturating_sub(1);
            ways.push(with(&body(Body::Bytes(bytes.get(..shorter).unwrap_or_default().to_vec()))));
            ways.push(with(&body(inner.clone())));
        }
        Content::Fixed(_) | Content::Mark => {}
    }
    ways.push(with(&|field| {
        let short = Varint::new(field.key.value());
        std::mem::replace(&mut field.key, short.clone()) != short
    }));
    ways.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const EFFORT: Effort = Effort { tries: 5000, until: None };

    fn shape() -> Shape {
        Shape::of([json!({ "data": "0aff", "text": "x", "list": ["x"] })].iter().filter_map(Value::as_object))
    }

    fn shrunk(input: &Map<String, Value>, shows: &mut Shows<'_>) -> Map<String, Value> {
        shrink(input, &shape(), EFFORT, &|_| None, shows)
    }

    #[test]
    fn a_field_deep_in_others_is_all_that_is_left() {
        let deep = Field::delimited(5, Body::Bytes(b"needle".to_vec()));
        let fields = |fields| Body::Message(Message { fields, rest: Vec::new() });
        let middle = Field::delimited(3, fields(vec![Field::integer(1, 300), deep, Field::integer(2, 1)]));
        let noise = Field::delimited(9, Body::Bytes(vec![7; 50]));
        let whole = Message { fields: vec![noise.clone(), middle, noise], rest: vec![0xff] };
        let input = json!({ "data": hex::encode(whole.to_bytes()), "text": "abc", "list": ["x", "y"] });
        let needle = |input: &Map<String, Value>| {
            let text = input.get("data")?.as_str()?;
            let message = Message::read(&hex::decode(text).ok()?);
            let inner = message.fields.iter().find(|field| field.number() == 3)?.message()?.clone();
            inner.fields.iter().any(|field| field.number() == 5).then_some(())
        };
        let small = shrunk(input.as_object().unwrap(), &mut |input| Some(needle(input).is_some()));
        assert_eq!(Value::Object(small), json!({ "data": "1a022a00" }));
    }

    #[test]
    fn it_stops_when_nothing_can_be_told() {
        let input = json!({ "text": "abcdef" });
        let mut asked = 0;
        let small = shrunk(input.as_object().unwrap(), &mut |_| {
            asked += 1;
            None
        });
        assert_eq!((Value::Object(small), asked), (input, 1));
    }

    #[test]
    fn what_needs_a_seal_is_sealed_again() {
        // The last character is the number of the others.
        let seal = |text: &str| format!("{text}{}", text.len() % 10);
        let sealed =
            |text: &str| text.char_indices().next_back().is_some_and(|(at, _)| seal(&text[..at]) == text);
        let mend = |input: &Map<String, Value>| {
            let text = input.get("text")?.as_str()?;
            let (at, _) = text.char_indices().next_back()?;
            Some(Map::from_iter([("text".to_owned(), seal(&text[..at]).into())]))
        };
        let input = Map::from_iter([("text".to_owned(), seal("abcXdefghijk").into())]);
        let shows = |input: &Map<String, Value>| {
            input.get("text").and_then(Value::as_str).is_some_and(|text| sealed(text) && text.contains('X'))
        };
        let small = shrink(&input, &shape(), EFFORT, &mend, &mut |input| Some(shows(input)));
        assert_eq!(small["text"], "X1");
    }

    proptest! {
        #[test]
        fn the_result_shows_it_and_is_never_larger(
            bytes: Vec<u8>, text in ".{0,12}", list in proptest::collection::vec("[a-z]{0,3}", 0..5), salt: u8
        ) {
            let input = json!({ "data": hex::encode(bytes), "text": text, "list": list });
            let input = input.as_object().unwrap();
            // Any property at all, as arbitrary as a real disagreement.
            let property = |input: &Map<String, Value>| {
                Value::Object(input.clone()).to_string().bytes().fold(salt, |sum, byte| sum.wrapping_mul(31) ^ byte) % 7
            };
            let shown = property(input);
            let mut tries = 0;
            let small = shrunk(input, &mut |input| {
                tries += 1;
                Some(property(input) == shown)
            });
            prop_assert_eq!(property(&small), shown);
            prop_assert!(size(&small) <= size(input));
            prop_assert!(tries <= EFFORT.tries);
        }
    }
}
