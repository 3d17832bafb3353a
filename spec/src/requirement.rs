//! One normative sentence with its id and level.

use std::fmt;

/// How binding a requirement is.  The order is from the strongest to the weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Decides the verdict.
    Must,
    /// Reported, never fails a run.
    Should,
    /// Reported, never fails a run.
    May,
}

impl Level {
    const ALL: [Self; 3] = [Self::Must, Self::Should, Self::May];

    /// The key word of the level, as it stands in the text.
    pub const fn key_word(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }

    /// The strongest key word in a text.  Code spans do not count: a constant may be called `MAY`.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let prose: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
        let words: Vec<&str> = prose.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        Self::ALL.into_iter().find(|level| words.contains(&level.key_word()))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key_word())
    }
}

/// A normative sentence of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Its id, for example `HALO-CRED-014`; never reused or renumbered.
    pub id: String,
    /// The strongest key word of the text.
    pub level: Level,
    /// The text without its id, as one line.  Of the markup only code spans are kept.
    pub text: String,
    /// How the deployed implementation differs.
    pub deployed: Option<String>,
    /// Why no case can test it.
    pub excluded: Option<String>,
    /// Path of its chapter below `spec/src`, for example `halo/credentials.md`.
    pub chapter: String,
    /// Line of its id in that file, counted from 1.
    pub line: usize,
}

/// Whether a text has the form of a requirement's id: `AREA-OBJECT-001`.
pub fn is_id(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(area), Some(object), Some(number), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase());
    word(area) && word(object) && number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_key_word_outside_of_code_decides() {
        assert_eq!(Level::of("A reader MAY skip it and MUST NOT fail."), Some(Level::Must));
        assert_eq!(Level::of("It SHOULD, or it MAY."), Some(Level::Should));
        assert_eq!(Level::of("It MAY (see `MUST`)."), Some(Level::May));
        assert_eq!(Level::of("MUSTARD, must, `MUST`, MUST_NOT"), None);
    }

    #[test]
    fn ids_have_two_words_and_three_digits() {
        assert!(is_id("HALO-CRED-014"));
        for text in
            ["HALO-CRED-14", "HALO-CRED-0140", "halo-CRED-014", "HALO-014", "HALO--014", "A-B-C-001", ""]
        {
            assert!(!is_id(text), "{text}");
        }
    }
}
