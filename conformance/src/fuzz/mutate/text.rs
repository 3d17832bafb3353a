//! Changes of texts and times.

use crate::fuzz::chance::Chance;

/// Texts that readers often take for something else.
const STRANGE: [&str; 24] = [
    "0x", "0X", "=", "==", "B", "b", " ", "\n", "\t", "\0", "é", "e\u{301}", "ß", "İ", "ﬀ", "😀", "\u{202e}",
    "\u{feff}", "０", "Ａ", "1", "8", "-", ".",
];

/// Times at which something often begins or ends, in Unix milliseconds.
const TIMES: [i64; 12] = [
    0,
    1,
    -1,
    999,
    -62_135_596_800_000,
    -62_167_219_200_001,
    253_402_300_799_999,
    253_402_300_800_000,
    8_640_000_000_000_000,
    8_640_000_000_000_001,
    -8_640_000_000_000_000,
    -8_640_000_000_000_001,
];

/// Changes a text once, perhaps with a part of another.
pub(super) fn text(old: &str, other: &str, chance: &mut Chance) -> String {
    let mut chars: Vec<char> = old.chars().collect();
    let range = chance.range(chars.len());
    let found = chars.get(range.clone()).unwrap_or_default().to_vec();
    match chance.below(9) {
        0 => drop(chars.drain(range)),
        1 => drop(chars.splice(range.end..range.end, found)),
        2 => {
            let strange = chance.pick(&STRANGE).copied().unwrap_or_default();
            let at = match chance.below(3) {
                0 => 0,
                1 => chars.len(),
                _ => range.start,
            };
            drop(chars.splice(at..at, strange.chars()));
        }
        3 => {
            let strange = chance.pick(&STRANGE).copied().unwrap_or_default();
            drop(chars.splice(range, strange.chars()));
        }
        4 => {
            let turned: Vec<char> = found
                .into_iter()
                .flat_map(|c| {
                    let other =
                        if c.is_uppercase() { c.to_lowercase().next() } else { c.to_uppercase().next() };
                    other.or(Some(c))
                })
                .collect();
            drop(chars.splice(range, turned));
        }
        5 => chars.truncate(range.start),
        6 => {
            let ascii = char::from(0x20 + u8::try_from(chance.below(0x5f)).unwrap_or_default());
            if let Some(c) = chars.get_mut(range.start) {
                *c = ascii;
            }
        }
        7 => {
            let given: Vec<char> = other.chars().collect();
            let part = chance.range(given.len());
            drop(chars.splice(range, given.get(part).unwrap_or_default().iter().copied()));
        }
        _ => chars = other.chars().collect(),
    }
    chars.into_iter().collect()
}

/// Another time, near the old one or at an edge.
pub(super) fn time(old: &str, chance: &mut Chance) -> String {
    let old = old.parse::<i64>().unwrap_or_default();
    let new = match chance.below(4) {
        0 => old.saturating_add(1),
        1 => old.saturating_sub(1),
        2 => old.saturating_neg(),
        _ => chance.pick(&TIMES).copied().unwrap_or_default(),
    };
    new.to_string()
}
