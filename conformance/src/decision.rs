//! The outcome of a run, in words and as an exit code.

/// The outcome of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Conforms to the profile.
    Conformant,
    /// Conforms in what it claims, which is less than the profile, and that was asked for.
    InPart(String),
    /// All chosen cases passed; that is no statement about the profile.
    Chosen,
    /// As the inner outcome says, but only as a baseline expects so many failures.
    GivenBaseline {
        /// What the outcome would be if those cases did not count.
        outcome: Box<Self>,
        /// The number of expected failures.
        expected: usize,
    },
    /// Fine as the inner outcome says, but the run fails for other reasons: the baseline does not hold, there is
    /// a regression, a case is flaky.
    Overruled {
        /// The outcome by the cases alone.
        outcome: Box<Self>,
        /// The reasons.
        by: Vec<String>,
    },
    /// Does not conform; the reasons.
    Not(Vec<String>),
    /// Nothing that counts was run.
    Nothing(String),
    /// The run broke off because of the testee.
    Trouble(String),
    /// The run was interrupted, or the record is cut short.
    Incomplete {
        /// Whether by the user.
        interrupted: bool,
    },
}

impl Decision {
    /// The exit code of the program.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Conformant | Self::InPart(_) | Self::Chosen | Self::GivenBaseline { .. } => 0,
            Self::Not(_) | Self::Overruled { .. } => 1,
            Self::Trouble(_) | Self::Incomplete { interrupted: false } => 3,
            Self::Nothing(_) => 5,
            Self::Incomplete { interrupted: true } => 130,
        }
    }

    /// The outcome in a line.
    pub fn sentence(&self, profile: &str) -> String {
        match self {
            Self::Conformant => format!("conformant to {profile}"),
            Self::InPart(left_out) => format!("conforms to {profile} in what it claims; {left_out}"),
            Self::Chosen => "the chosen cases pass; a choice of cases is no conformance result".to_owned(),
            Self::GivenBaseline { outcome, expected } => {
                let failures =
                    count(*expected, "case that counts fails as it says", "cases that count fail as it says");
                match outcome.as_ref() {
                    Self::Chosen => format!(
                        "the chosen cases pass given the baseline: {failures}; a choice of cases is no conformance result"
                    ),
                    Self::InPart(left_out) => format!(
                        "conformant given the baseline in what it claims: {failures}; without it not conformant to {profile}; {left_out}"
                    ),
                    _ => format!(
                        "conformant given the baseline: {failures}; without it not conformant to {profile}"
                    ),
                }
            }
            Self::Overruled { outcome, by } => {
                format!("the run fails: {}; otherwise {}", by.join("; "), outcome.sentence(profile))
            }
            Self::Not(reasons) => format!("not conformant to {profile}: {}", reasons.join("; ")),
            Self::Nothing(why) => format!("nothing was run: {why}"),
            Self::Trouble(why) => format!("no conformance result: {why}"),
            Self::Incomplete { interrupted: true } => {
                "no conformance result: the run was interrupted; what was found until then stands above"
                    .to_owned()
            }
            Self::Incomplete { interrupted: false } => {
                "no conformance result: the record is incomplete".to_owned()
            }
        }
    }
}

/// A number with its noun.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
