//! Texts as they are drawn: short, on one line, without what drives a terminal.

use std::fmt::Write as _;

use crate::printable::printable_line;

/// How many hex digits of an id are shown.
const ID: usize = 6;

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The beginning of an id or of a key.
pub(super) fn short(bytes: &[u8]) -> String {
    match bytes.get(..ID / 2).unwrap_or(bytes) {
        [] => "(empty)".to_owned(),
        head => hex(head),
    }
}

/// A text cut behind so many characters, with a sign for what is missing.
pub(super) fn clipped(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(limit.saturating_sub(1)).map_or(0, |(at, _)| at);
            format!("{}…", text.get(..end).unwrap_or_default())
        }
    }
}

/// A text from outside, cut behind so many characters.
pub(super) fn quoted(text: &str, limit: usize) -> String {
    clipped(&printable_line(&clipped(text, limit)), limit)
}

/// Words put into lines that are no longer than `width`, the following ones indented; a word that is longer stays whole.
pub(super) fn wrapped(head: &str, words: &[String], width: usize) -> Vec<String> {
    let mut lines = vec![head.to_owned()];
    for (index, word) in words.iter().enumerate() {
        let comma = if index + 1 < words.len() { "," } else { "" };
        let indent = head.chars().count();
        let Some(line) = lines.last_mut() else { break };
        if line.chars().count() + word.chars().count() + 2 > width && line.trim_end().chars().count() > indent
        {
            lines.push(format!("{}{word}{comma}", " ".repeat(indent)));
        } else {
            let space = if line.ends_with(' ') { "" } else { " " };
            let _ = write!(line, "{space}{word}{comma}");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut() {
        assert_eq!((clipped("abc", 3), clipped("abcd", 3)), ("abc".into(), "ab…".into()));
        assert_eq!(quoted("\u{1b}[31mred", 8), r"\u{1b}[…");
        assert_eq!((short(&[1, 2, 3, 4]), short(&[])), ("010203".into(), "(empty)".into()));
    }

    #[test]
    fn lists_are_wrapped() {
        let words = ["one".to_owned(), "two".to_owned(), "three-and-more".to_owned()];
        assert_eq!(wrapped("list  ", &words, 16), ["list  one, two,", "      three-and-more"]);
    }
}
