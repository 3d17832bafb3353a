//! What cannot be seen, made visible.

use crate::printable::acts;

/// A testee can say anything: control characters and those that turn the direction of writing are replaced by
/// signs.  The markup itself has none but line ends.
pub(crate) fn visible(text: &str) -> String {
    let seen = |c: char| match c {
        '\n' => c,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '␡',
        // Without a width, and none at all: a page and XML are stricter than a terminal.
        '\u{200b}'..='\u{200d}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        _ if acts(c) => '\u{fffd}',
        _ => c,
    };
    text.chars().map(seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(visible("a\0\x1b[31m\r\n\u{202e}b\u{9b}"), "a␀␛[31m␍\n\u{fffd}b\u{fffd}");
    }
}
