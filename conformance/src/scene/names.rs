//! Short names for keys.

use std::collections::HashMap;

use super::printed::{hex, short};

/// The name of the key of the space.
pub(super) const SPACE: &str = "S";

/// How many hex digits of a key the legend shows at its beginning and at its end.
const LEGEND: usize = 8;

/// Keys by name, in the order in which they were first seen.
#[derive(Clone, Debug)]
pub(super) struct Names {
    names: HashMap<Vec<u8>, String>,
    seen: Vec<Vec<u8>>,
    people: usize,
    feeds: usize,
}

impl Names {
    /// With the key of the space.
    pub(super) fn new(space: &[u8]) -> Self {
        let names = HashMap::from([(space.to_vec(), SPACE.to_owned())]);
        Self { names, seen: vec![space.to_vec()], people: 0, feeds: 0 }
    }

    /// The name of whoever holds a key: `a`, `b`, … as they appear.
    pub(super) fn person(&mut self, key: &[u8]) -> String {
        match self.add(key, letters(self.people)) {
            Ok(name) => {
                self.people += 1;
                name
            }
            Err(name) => name,
        }
    }

    /// The name of a feed: `f1`, `f2`, … as they appear.
    pub(super) fn feed(&mut self, key: &[u8]) -> String {
        match self.add(key, format!("f{}", self.feeds + 1)) {
            Ok(name) => {
                self.feeds += 1;
                name
            }
            Err(name) => name,
        }
    }

    /// The name if there was none before, or else the one that there was.
    fn add(&mut self, key: &[u8], name: String) -> Result<String, String> {
        if let Some(known) = self.names.get(key) {
            return Err(known.clone());
        }
        self.names.insert(key.to_vec(), name.clone());
        self.seen.push(key.to_vec());
        Ok(name)
    }

    /// The name of a key, or its beginning if nobody named it.
    pub(super) fn of(&self, key: &[u8]) -> String {
        self.names.get(key).cloned().unwrap_or_else(|| short(key))
    }

    /// Each name with its key, `S` first; of a long key only both ends.
    pub(super) fn legend(&self) -> impl Iterator<Item = String> {
        self.seen.iter().map(|key| {
            let (name, digits) = (self.of(key), hex(key));
            let ends =
                (digits.get(..LEGEND), digits.len().checked_sub(LEGEND).and_then(|at| digits.get(at..)));
            match ends {
                _ if digits.is_empty() => format!("{name} = (empty)"),
                (Some(head), Some(tail)) if digits.len() > 2 * LEGEND => format!("{name} = {head}…{tail}"),
                _ => format!("{name} = {digits}"),
            }
        })
    }
}

/// `a` to `z`, then `aa`, `ab`, ….
fn letters(mut index: usize) -> String {
    let mut letters = String::new();
    loop {
        letters.insert(0, char::from(b'a' + u8::try_from(index % 26).unwrap_or_default()));
        match (index / 26).checked_sub(1) {
            Some(rest) => index = rest,
            None => return letters,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_the_order_of_appearance() {
        let mut names = Names::new(b"space");
        assert_eq!((names.person(b"space"), names.person(b"x")), ("S".into(), "a".into()));
        assert_eq!((names.feed(b"feed"), names.person(b"feed")), ("f1".into(), "f1".into()));
        assert_eq!((names.person(b"y"), names.person(b"x")), ("b".into(), "a".into()));
        assert_eq!(names.of(b"unknown"), "756e6b");
        let legend: Vec<String> = names.legend().collect();
        assert_eq!(legend, ["S = 7370616365", "a = 78", "f1 = 66656564", "b = 79"]);
        assert_eq!(Names::new(&[7; 32]).legend().next().unwrap(), "S = 07070707…07070707");
    }

    #[test]
    fn letters_do_not_run_out() {
        let of = [0, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(of, ["a", "z", "aa", "az", "ba", "zz", "aaa"]);
    }
}
