//! Text of a testee, made fit to be shown: it must neither drive a terminal nor pass for a line of a report.

use std::borrow::Cow;

/// The most characters of a value that are shown in a text.
const SHOWN: usize = 160;

/// The text with every character escaped that a terminal would act on instead of showing it.  Line feeds and
/// tabulators are kept.
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, |character| acts(character) && !matches!(character, '\n' | '\t'))
}

/// As [`printable`], on one line.
pub fn printable_line(text: &str) -> Cow<'_, str> {
    escape(text, acts)
}

/// A text on one line, cut in its middle, so that beginning and end stay visible.
pub fn shorten(text: &str) -> String {
    // A text of megabytes is not walked through: both ends are enough.
    if text.len() <= SHOWN * 4 && text.chars().count() <= SHOWN {
        return printable_line(text).into_owned();
    }
    let end = |count: usize| text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    let start = |count: usize| text.char_indices().nth_back(count - 1).map_or(0, |(at, _)| at);
    let (head, tail) = (text.get(..end(SHOWN - 40)), text.get(start(30)..));
    format!("{}…{}", printable_line(head.unwrap_or_default()), printable_line(tail.unwrap_or_default()))
}

/// As [`printable_line`] for a JSON text without line feeds, which stays one with the same value.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match acts(character) {
            // All of them have four digits, and can only stand in texts.
            true => escaped.push_str(&format!("\\u{:04x}", u32::from(character))),
            false => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

fn escape(text: &str, unfit: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&unfit) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match unfit(character) {
            true => escaped.extend(character.escape_default()),
            false => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, and those that separate lines or change the direction of writing.
pub(crate) fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(printable("a\tb\nc\u{1b}[31md\r"), "a\tb\nc\\u{1b}[31md\\r");
        assert_eq!(printable_line("a\n0 failed\u{9b}2J\u{202e}"), r"a\n0 failed\u{9b}2J\u{202e}");
        assert!(matches!(printable("blåbær 🫐 \"\\\""), Cow::Borrowed(_)));
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let value = serde_json::json!({ "a\u{7f}": "\u{1b}\u{9b}\u{202e}\u{feff}é" });
        let text = value.to_string();
        let fit = printable_json(&text);
        assert_eq!(fit, r#"{"a\u007f":"\u001b\u009b\u202e\ufeffé"}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&fit).unwrap(), value);
    }

    #[test]
    fn a_long_text_keeps_both_ends() {
        let short = shorten(&format!("begin\n{}end", "x".repeat(1000)));
        assert!(short.starts_with("begin\\nx") && short.ends_with("xend") && short.chars().count() < 160);
    }
}
