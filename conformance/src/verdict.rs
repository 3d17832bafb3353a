//! Verdicts: what a case says about a testee.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The outcome of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Answered as wanted.
    Pass,
    /// Answered otherwise.
    Fail,
    /// Rejected, as wanted, but for another reason.
    WrongReason,
    /// Rejected as wanted, which is no evidence: the same testee did not accept the input's valid sibling.
    Unproven,
    /// Not answered in time.
    Timeout,
    /// The testee ended.
    Crash,
    /// The testee broke the testee protocol.
    Protocol,
    /// The operation or a feature is not claimed.
    NotApplicable,
    /// Failed in the way that a baseline expects; a failure all the same, in every count.
    ExpectedFailure,
}

impl Verdict {
    /// Whether this counts against the testee, and no baseline expects it.
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Pass | Self::NotApplicable | Self::ExpectedFailure)
    }

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::WrongReason => "wrong reason",
            Self::Unproven => "unproven",
            Self::Timeout => "timeout",
            Self::Crash => "crash",
            Self::Protocol => "protocol",
            Self::NotApplicable => "not applicable",
            Self::ExpectedFailure => "expected failure",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The outcome.
    pub verdict: Verdict,
    /// Whether it is a pass only because the testee cannot tell the classes apart.
    pub coarse: bool,
    /// Which of several allowed behaviours was seen.
    pub behavior: Option<String>,
    /// Whether a value that could have been another one was compared: only such an acceptance is evidence.
    pub compared: bool,
    /// What was wanted, in short.
    pub want: String,
    /// What was answered, in short.
    pub got: String,
    /// What is wrong, in a clause; empty for a pass.
    pub why: String,
}

impl Judgement {
    /// A verdict without an answer to compare.
    pub fn of(verdict: Verdict, why: impl Into<String>) -> Self {
        Self {
            verdict,
            coarse: false,
            behavior: None,
            compared: false,
            want: String::new(),
            got: String::new(),
            why: why.into(),
        }
    }
}
