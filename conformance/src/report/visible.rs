//! What cannot be seen, made visible.

/// A testee can say anything: control characters and those that turn the direction of writing are replaced by
/// signs.  The markup itself has none but line ends.
pub(crate) fn visible(text: &str) -> String {
    let seen = |c: char| match c {
        '\n' => c,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '␡',
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}'
        | '\u{fffe}'
        | '\u{ffff}' => '\u{fffd}',
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
