//! Choosing cases by their ids.

use glob_match::glob_match;

/// Patterns over case ids.  A pattern with `*`, `?` or `[` is a glob, in which `**` also stands for `/`; any
/// other is the beginning of an id.  With `!` in front it takes away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    patterns: Vec<String>,
}

impl Selection {
    /// The cases that fit at least one of the patterns (all, if there is none that adds) and none of those that
    /// take away.
    pub fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        Self { patterns: patterns.into_iter().collect() }
    }

    /// The patterns, as they were given.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether everything is chosen.
    pub fn is_all(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether the case with this id is chosen.
    pub fn contains(&self, id: &str) -> bool {
        let (mut adds, mut added, mut removed) = (false, false, false);
        for pattern in &self.patterns {
            match pattern.strip_prefix('!') {
                Some(pattern) => removed |= fits(pattern, id),
                None => {
                    adds = true;
                    added |= fits(pattern, id);
                }
            }
        }
        (added || !adds) && !removed
    }

    /// The ids nearest to a pattern that fits nothing, best first, at most `count`.
    pub fn nearest<'a>(&self, ids: impl Iterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
        let wanted: Vec<&str> = self.patterns.iter().map(|pattern| pattern.trim_start_matches('!')).collect();
        let mut ranked: Vec<(usize, &str)> = ids
            .filter_map(|id| {
                let score = wanted.iter().map(|pattern| likeness(pattern, id)).max()?;
                (score > 0).then_some((score, id))
            })
            .collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        ranked.into_iter().take(count).map(|(_, id)| id).collect()
    }
}

fn fits(pattern: &str, id: &str) -> bool {
    if pattern.contains(['*', '?', '[', '{']) { glob_match(pattern, id) } else { id.starts_with(pattern) }
}

/// How many words of the pattern stand in the id, weighted by their lengths.
fn likeness(pattern: &str, id: &str) -> usize {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| word.len() > 1)
            .map(str::to_ascii_lowercase)
            .collect()
    };
    let present = words(id);
    let share = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    words(pattern)
        .iter()
        .map(|word| present.iter().map(|other| share(word, other)).max().unwrap_or(0))
        .filter(|&length| length > 2)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(patterns: &[&str]) -> Selection {
        Selection::new(patterns.iter().map(|pattern| (*pattern).to_owned()))
    }

    #[test]
    fn patterns_add_and_take_away() {
        let id = "halo/credential/verify/signature/flipped-bit";
        assert!(selection(&[]).contains(id));
        assert!(selection(&["halo/credential"]).contains(id));
        assert!(selection(&["**/flipped-*"]).contains(id));
        assert!(selection(&["halo/credential/verify/*/flipped-bit"]).contains(id));
        assert!(!selection(&["halo/*"]).contains(id), "one * does not cross a /");
        assert!(!selection(&["halo", "!**/flipped-bit"]).contains(id));
        assert!(!selection(&["!halo/credential"]).contains(id));
        assert!(selection(&["!echo"]).contains(id));
    }

    #[test]
    fn near_ids_are_found() {
        let ids =
            ["halo/key/parse/short", "halo/credential/verify/expired", "halo/credential/verify/signature"];
        let found = selection(&["credential/verfy/expird"]).nearest(ids.into_iter(), 1);
        assert_eq!(found, ["halo/credential/verify/expired"]);
        assert!(selection(&["zz"]).nearest(ids.into_iter(), 3).is_empty());
    }
}
