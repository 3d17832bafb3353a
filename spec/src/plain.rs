//! Markdown to one plain line.

/// Joins lines and drops the markup of links and emphasis.  Code spans stay as they are, with their
/// backticks: a reader of a terminal needs them as much as a reader of the book.
pub(crate) fn plain(markdown: &str) -> String {
    let line = markdown.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '`' => {
                let ticks = rest.len() - rest.trim_start_matches('`').len();
                let (fence, after) = rest.split_at(ticks);
                match after.split_once(fence) {
                    Some((code, after)) => {
                        out.extend([fence, code, fence]);
                        after
                    }
                    None => {
                        out.push_str(fence);
                        after
                    }
                }
            }
            '\\' => {
                let next = tail.chars().next();
                out.push(next.filter(char::is_ascii_punctuation).unwrap_or(c));
                next.filter(char::is_ascii_punctuation).map_or(tail, |_| tail.get(1..).unwrap_or_default())
            }
            '*' => {
                // An asterisk between spaces is a sign of multiplication.
                if out.ends_with(' ') && tail.starts_with(' ') {
                    out.push(c);
                }
                tail
            }
            '[' => match link(tail) {
                Some((text, after)) => {
                    out.push_str(&plain(text));
                    after
                }
                None => {
                    out.push(c);
                    tail
                }
            },
            _ => {
                out.push(c);
                tail
            }
        };
    }
    out
}

/// The text of an inline link and what follows it; the opening bracket is already taken.
fn link(rest: &str) -> Option<(&str, &str)> {
    let (text, after) = rest.split_once("](")?;
    let (target, after) = after.split_once(')')?;
    (!text.contains(['[', ']']) && !target.contains(' ')).then_some((text, after))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn links_and_emphasis_go_and_code_stays() {
        assert_eq!(
            plain("A *reader* MUST **not**\n  see [the `chain`](chain.md#top), `a*b` or `x[0](y)`."),
            "A reader MUST not see the `chain`, `a*b` or `x[0](y)`."
        );
    }

    #[test]
    fn what_is_no_markup_stays() {
        assert_eq!(
            plain(r"2 * 3, \*star\*, a[0], snake_case, ``a`b``, `open"),
            "2 * 3, *star*, a[0], snake_case, ``a`b``, `open"
        );
    }
}
