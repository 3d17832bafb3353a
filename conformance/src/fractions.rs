//! How much passed, of what is claimed and of the whole.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The deciding cases in numbers.  A report shows both fractions or none: the one of what is claimed can be made
/// large by claiming little.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fractions {
    /// Cases that passed.
    pub passed: usize,
    /// Cases that are applicable by what the testee claims.
    pub claimed: usize,
    /// Cases of the profile.
    pub profile: usize,
}

impl fmt::Display for Fractions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, claimed, profile } = *self;
        let (of_claimed, of_profile) = (percent(passed, claimed), percent(passed, profile));
        write!(
            f,
            "{of_claimed} of what is claimed ({passed}/{claimed})   {of_profile} of the profile ({passed}/{profile})"
        )
    }
}

/// A fraction with one digit behind the point, and never rounded up to 100.
pub fn percent(part: usize, whole: usize) -> String {
    match (part * 1000).checked_div(whole) {
        Some(tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
        None => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_stand_together() {
        let shown = |passed, claimed, profile| Fractions { passed, claimed, profile }.to_string();
        assert_eq!(
            shown(1999, 2000, 4000),
            "99.9 % of what is claimed (1999/2000)   49.9 % of the profile (1999/4000)"
        );
        assert_eq!(shown(0, 0, 3), "nothing of what is claimed (0/0)   0.0 % of the profile (0/3)");
    }
}
