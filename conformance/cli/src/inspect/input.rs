//! What was given: a file, hex, standard input or a case.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail, ensure};

/// Larger inputs are refused, in bytes.  No kind is allowed to be as large.
const MAX: u64 = 16 << 20;

/// What there is to inspect.
pub(super) enum Input {
    /// Bytes.
    Bytes(Vec<u8>),
    /// The id of a case.
    Case(String),
}

/// Finds out what was given.
pub(super) fn read(what: &str) -> anyhow::Result<Input> {
    if what == "-" {
        return bytes(std::io::stdin().lock(), "standard input").map(Input::Bytes);
    }
    let path = Path::new(what);
    if path.is_file() {
        let file = File::open(path).with_context(|| format!("cannot open {what}"))?;
        return bytes(file, what).map(Input::Bytes);
    }
    if is_hex_text(what.as_bytes()) {
        return decode(what, "the argument").map(Input::Bytes);
    }
    if what.contains('/') && !path.exists() && what.split('/').all(is_slug) {
        return Ok(Input::Case(what.to_owned()));
    }
    match what.char_indices().find(|(_, c)| !c.is_ascii_hexdigit()) {
        Some((at, c)) => {
            bail!(
                "\"{what}\" is neither a file nor hex ({c:?} at character {at}) nor the id of a case; - reads standard input"
            )
        }
        None => bail!("nothing was given; name a file, hex digits, a case, or - for standard input"),
    }
}

/// The bytes of a file, or those that its hex text stands for.
fn bytes(input: impl Read, name: &str) -> anyhow::Result<Vec<u8>> {
    let mut read = Vec::new();
    input.take(MAX + 1).read_to_end(&mut read).with_context(|| format!("cannot read {name}"))?;
    ensure!(
        read.len() as u64 <= MAX,
        "{name} has more than {} MiB, which is more than anything to inspect",
        MAX >> 20
    );
    ensure!(!read.is_empty(), "{name} is empty");
    match std::str::from_utf8(&read) {
        Ok(text) if is_hex_text(text.as_bytes()) => decode(text, name),
        _ => Ok(read),
    }
}

/// Hex digits, and nothing else but white space.
fn is_hex_text(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_hexdigit)
        && text.iter().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace())
}

fn decode(text: &str, name: &str) -> anyhow::Result<Vec<u8>> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    ensure!(
        digits.len().is_multiple_of(2),
        "{name} has {} hex digits; bytes have two each, so that one is missing or too many",
        digits.len()
    );
    let pairs = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit));
    Ok(pairs.filter_map(|byte| u8::try_from(byte).ok()).collect())
}

fn is_slug(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(input: &[u8]) -> Result<Vec<u8>, String> {
        bytes(input, "f").map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_hex_text_if_it_has_nothing_else() {
        assert_eq!(of(b"0a Fb\n12\n"), Ok(vec![0x0a, 0xfb, 0x12]));
        assert_eq!(of(b"0a x"), Ok(b"0a x".to_vec()));
        assert_eq!(of(&[0x0a, 0x01, 0xff]), Ok(vec![0x0a, 0x01, 0xff]));
        assert_eq!(of(b" \n"), Ok(b" \n".to_vec()));
        assert!(of(b"0a1").unwrap_err().contains("3 hex digits"));
        assert!(of(b"").is_err());
    }
}
