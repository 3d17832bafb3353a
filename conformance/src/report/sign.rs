//! A sign for each verdict, so that colour is never the only one.

use crate::verdict::Verdict;

impl Verdict {
    /// One character; the word beside it is [`Verdict::name`].
    pub const fn sign(self) -> char {
        match self {
            Self::Pass => '●',
            Self::Fail => '✕',
            Self::WrongReason => '≠',
            Self::Unproven => '?',
            Self::Timeout => '…',
            Self::Crash => '!',
            Self::Protocol => '§',
            Self::NotApplicable => '○',
            Self::ExpectedFailure => '~',
        }
    }

    /// All of them, in the order of a legend.
    pub const ALL: [Self; 9] = [
        Self::Pass,
        Self::Fail,
        Self::WrongReason,
        Self::Unproven,
        Self::Timeout,
        Self::Crash,
        Self::Protocol,
        Self::ExpectedFailure,
        Self::NotApplicable,
    ];
}
