//! Mutants: the reference, made wrong on purpose in one place, to see whether the suite notices.
//!
//! Each check (`require!`, `refuse!`) can be switched off or inverted, and each registered alteration
//! (`alter!`) switched on, at run time and by name.  Nothing is compiled anew, so that a mutant is applied by
//! construction, and a record of the places that were reached tells one that no case touches from one that no
//! case notices.
//!
//! Only the feature `mutants` compiles the switches; without it a check is its condition and an alteration is
//! not there.  The list of places, [`SITES`], is always there: it traces a requirement to the code.

use std::fmt;

/// What a place in the code does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It checks a requirement: `require!`.
    Check,
    /// It rejects, and the condition is the way that led there: `refuse!`.
    Refusal,
    /// It computes something, and knows a wrong way to do so: `alter!`.
    Alteration,
}

/// A place in the code that names a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// Id of the requirement, as in the book.
    pub requirement: &'static str,
    /// What is said of a rejected input; for an alteration, what it does wrong.
    pub about: &'static str,
    /// What the place does.
    pub kind: Kind,
    /// Path of the source file, from the crate's folder.
    pub file: &'static str,
    /// Line in it, counted from 1.
    pub line: u32,
}

/// Every place in the sources of this crate, by file and line; made from the sources by the build script.
pub const SITES: &[Site] = include!(concat!(env!("OUT_DIR"), "/sites.rs"));

/// How a place is made wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// The check lets everything pass.
    Off,
    /// The check rejects what it should accept, and accepts what it should reject.
    Inverted,
    /// The alteration is in force.
    Altered,
}

impl Mode {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Inverted => "inverted",
            Self::Altered => "altered",
        }
    }
}

/// One way to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mutant {
    /// Id of the requirement.
    pub requirement: &'static str,
    /// The description of its place.  Places of the same requirement and description are one mutant.
    pub about: &'static str,
    /// What is done there.
    pub mode: Mode,
}

impl Mutant {
    /// All mutants, by requirement, description and mode; two for each check, one for each refusal and alteration.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = SITES
            .iter()
            .flat_map(|site| {
                let modes: &[Mode] = match site.kind {
                    Kind::Check => &[Mode::Off, Mode::Inverted],
                    Kind::Refusal => &[Mode::Off],
                    Kind::Alteration => &[Mode::Altered],
                };
                modes.iter().map(|&mode| Self { requirement: site.requirement, about: site.about, mode })
            })
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The places that it changes.
    pub fn sites(&self) -> impl Iterator<Item = &'static Site> {
        let (requirement, about) = (self.requirement, self.about);
        SITES.iter().filter(move |site| site.requirement == requirement && site.about == about)
    }
}

impl fmt::Display for Mutant {
    /// Its id, for example `HALO-CRED-002/the-signature-type-is-not-ed25519signature/off`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.about.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let slug = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
        write!(f, "{}/{slug}", self.requirement)?;
        match self.mode {
            Mode::Altered => Ok(()),
            mode => write!(f, "/{}", mode.name()),
        }
    }
}

/// How the code of the current thread behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Switch {
    /// As it should.
    #[default]
    Right,
    /// One mutant is in force.
    Mutant(Mutant),
    /// Every check is off at once: a control that any suite must notice.
    AllOff,
}

#[cfg(feature = "mutants")]
pub(crate) use switchboard::{altered, check};
#[cfg(feature = "mutants")]
pub use switchboard::{reached, set};

#[cfg(feature = "mutants")]
mod switchboard {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeSet;

    use super::{Mode, Mutant, Switch};

    thread_local! {
        static SWITCH: Cell<Switch> = const { Cell::new(Switch::Right) };
        static REACHED: RefCell<BTreeSet<(&'static str, &'static str)>> = const { RefCell::new(BTreeSet::new()) };
        static RECORDING: Cell<bool> = const { Cell::new(false) };
    }

    /// Sets how the code of this thread behaves from now on, and begins to record the places that are reached.
    pub fn set(switch: Switch) {
        SWITCH.set(switch);
        crate::halo::mistakes::forget();
        RECORDING.set(true);
        REACHED.with_borrow_mut(BTreeSet::clear);
    }

    /// Requirement and description of each place that was reached in this thread since the last call of this or
    /// of [`set`].
    pub fn reached() -> BTreeSet<(&'static str, &'static str)> {
        REACHED.with_borrow_mut(std::mem::take)
    }

    fn here(requirement: &'static str, about: &'static str) -> Switch {
        if RECORDING.get() {
            REACHED.with_borrow_mut(|reached| reached.insert((requirement, about)));
        }
        SWITCH.get()
    }

    /// What a check comes to.
    pub(crate) fn check(requirement: &'static str, about: &'static str, holds: bool) -> bool {
        match here(requirement, about) {
            Switch::Mutant(Mutant { requirement: r, about: a, mode }) if r == requirement && a == about => {
                match mode {
                    Mode::Inverted => !holds,
                    Mode::Off | Mode::Altered => true,
                }
            }
            Switch::AllOff => true,
            Switch::Right | Switch::Mutant(_) => holds,
        }
    }

    /// Whether an alteration is in force.
    pub(crate) fn altered(requirement: &'static str, about: &'static str) -> bool {
        matches!(here(requirement, about), Switch::Mutant(mutant)
            if mutant.requirement == requirement && mutant.about == about)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_places_are_found_in_the_sources() {
        let here = |file: &str, requirement: &str| {
            SITES.iter().any(|site| site.file == file && site.requirement == requirement)
        };
        assert!(here("src/halo/chain.rs", "HALO-CRED-002"));
        assert!(here("src/wire/read.rs", "HALO-ENC-014"));
        let source = include_str!("halo/chain.rs");
        for site in SITES.iter().filter(|site| site.file == "src/halo/chain.rs") {
            let line = source.lines().nth(site.line as usize - 1).unwrap();
            assert!(
                ["require!(", "refuse!(", "alter!("].iter().any(|mark| line.contains(mark)),
                "{site:?}: {line}"
            );
        }
    }

    #[test]
    fn every_place_names_a_known_requirement_and_every_known_requirement_a_place() {
        let known: BTreeSet<&str> = crate::requirement::ALL.iter().map(|known| known.id()).collect();
        let named: BTreeSet<&str> = SITES.iter().map(|site| site.requirement).collect();
        assert_eq!(named, known);
    }

    #[test]
    fn ids_tell_mutants_apart() {
        let all = Mutant::all();
        let ids: BTreeSet<String> = all.iter().map(Mutant::to_string).collect();
        assert_eq!(ids.len(), all.len());
        assert!(ids.contains("HALO-CRED-002/the-signature-type-is-not-ed25519signature/off"));
    }

    #[cfg(feature = "mutants")]
    #[test]
    fn a_switch_is_for_one_thread_and_one_place() {
        let weak_key = [4u8; 66];
        let suite = || crate::keys::Suite::of(&weak_key);
        let mutant = Mutant::all().into_iter().find(|one| {
            one.requirement == "HALO-KEY-018" && one.mode == Mode::Off && one.about.contains("begins with B")
        });
        set(Switch::Mutant(mutant.unwrap()));
        assert!(crate::keys::parse_space_id("C").is_err(), "the length is still checked");
        assert!(reached().iter().any(|(requirement, _)| *requirement == "HALO-KEY-018"));
        assert!(suite().is_err());
        set(Switch::Right);
        assert!(std::thread::spawn(reached).join().unwrap().is_empty());
    }
}
