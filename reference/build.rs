//! Lists the requirements that the sources name and the places where each is enforced, so that the constants, the
//! table of mutants and the trace from the book to the code are made from the code itself.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The macros that mark such a place; each begins with the requirement's constant.
const MACROS: [(&str, &str); 3] = [("require", "Check"), ("refuse", "Refusal"), ("alter", "Alteration")];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src");
    let root = Path::new("src");
    let mut files = Vec::new();
    sources(root, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    let mut constants = BTreeSet::new();
    for path in files {
        let text = fs::read_to_string(&path)?;
        constants.extend((Tokens { rest: &text }).filter(|token| is_constant(token)).map(str::to_owned));
        let file = path.to_string_lossy().replace('\\', "/");
        for (line, kind, requirement, about) in marks(&text) {
            let id = requirement.replace('_', "-");
            let _ = writeln!(
                table,
                "    Site {{ requirement: {id:?}, about: {about}, kind: Kind::{kind}, file: {file:?}, line: {line} }},"
            );
        }
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("sites.rs"), table)?;
    let mut list = String::from("requirements! {\n");
    for constant in constants {
        let _ = writeln!(list, "    {constant} = {:?},", constant.replace('_', "-"));
    }
    list.push_str("}\n");
    fs::write(out.join("requirements.rs"), list)
}

/// Whether a word is the constant of a requirement: `HALO_CRED_002`.
fn is_constant(word: &str) -> bool {
    let parts: Vec<&str> = word.split('_').collect();
    let [area, topic, number] = parts.as_slice() else { return false };
    let upper = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase());
    ["HALO", "ECHO", "MESH", "KUBE"].contains(area)
        && upper(topic)
        && number.len() == 3
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// Line, kind, constant and description of each mark.
fn marks(text: &str) -> Vec<(usize, &'static str, &str, &str)> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut tokens = Tokens { rest: text };
    let mut recent: [&str; 2] = [""; 2];
    while let Some(token) = tokens.next() {
        let called = MACROS.iter().find(|(name, _)| recent == [*name, "!"]);
        if let (Some((_, kind)), "(") = (called, token)
            && let Some((constant, descriptions)) = arguments(tokens.rest, *kind == "Alteration")
        {
            found.extend(descriptions.into_iter().map(|about| (line, *kind, constant, about)));
        }
        line += token.matches('\n').count();
        if !token.trim().is_empty() && !token.starts_with("//") {
            recent = [recent[1], token];
        }
    }
    found
}

/// The constant with which a macro's arguments begin, and the descriptions: of a check its last string literal,
/// of an alteration each literal before an arrow.  Nested groups are left out.
fn arguments(text: &str, before_arrows: bool) -> Option<(&str, Vec<&str>)> {
    let mut significant =
        (Tokens { rest: text }).filter(|token| !token.trim().is_empty() && !token.starts_with("//"));
    // The definition of a macro has a variable in the place of the constant.
    let constant = significant.next().filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))?;
    let (mut strings, mut depth, mut last) = (Vec::new(), 0, "");
    for token in significant {
        match token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => break,
            ")" | "]" | "}" => depth -= 1,
            "=" if before_arrows && depth == 0 && last.starts_with('"') => strings.push(last),
            _ if !before_arrows && depth == 0 && token.starts_with('"') => strings = vec![token],
            _ => {}
        }
        last = token;
    }
    Some((constant, strings))
}

/// Comments, literals, words, white space, and single characters, in as much detail as the search needs.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest;
        let first = rest.chars().next()?;
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            3 + raw.find("\"#").map_or(raw.len(), |end| end + 2)
        } else if first == '"' {
            1 + string_end(&rest[1..])
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\''") {
            rest[1..].find('\'').map_or(1, |_| if rest.starts_with("'\\''") { 4 } else { 3 })
        } else if first.is_whitespace() {
            rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len())
        } else if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, rest) = rest.split_at(length);
        self.rest = rest;
        Some(token)
    }
}

/// Bytes of a string literal up to and with its closing quote.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}
