//! How a testee stands with each requirement.

use std::collections::BTreeMap;

use dxos_spec::{Book, Requirement};
use dxos_vectors::Level;

use crate::event::{CaseEvent, Scope};
use crate::verdict::Verdict;

/// The cases of one requirement.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// Id of the requirement.
    pub req: &'a str,
    /// The requirement, if the book has it.
    pub requirement: Option<&'a Requirement>,
    /// All cases that cite it, in the order of the record.
    pub cases: Vec<&'a CaseEvent>,
    /// Whether the profile has it.
    pub inside: bool,
}

impl Standing<'_> {
    /// The word for its level.
    pub fn level(&self) -> &'static str {
        match (self.requirement, self.cases.iter().map(|case| case.level).min()) {
            (Some(requirement), _) => requirement.level.key_word(),
            (None, Some(Level::Should)) => "SHOULD",
            (None, Some(Level::May)) => "MAY",
            (None, _) => "MUST",
        }
    }

    /// The confirmed cases that are applicable: passed, and all.  If the profile has the requirement, only the
    /// cases that it decides about count.
    pub fn score(&self) -> (usize, usize) {
        let counts = |case: &&&CaseEvent| {
            !case.provisional
                && case.verdict != Verdict::NotApplicable
                && (!self.inside || case.scope == Scope::Profile)
        };
        let applicable = self.cases.iter().filter(counts);
        let passed = applicable.clone().filter(|case| case.verdict == Verdict::Pass).count();
        (passed, applicable.count())
    }
}

/// All requirements that any of the cases cites, in the order of the book; those that it does not have follow.
pub fn standings<'a>(cases: &[&'a CaseEvent], book: &'a Book) -> Vec<Standing<'a>> {
    let mut by_id: BTreeMap<(usize, &'a str), Standing<'a>> = BTreeMap::new();
    let place: BTreeMap<&str, usize> =
        book.requirements().iter().enumerate().map(|(place, found)| (found.id.as_str(), place)).collect();
    for case in cases {
        for req in &case.req {
            let place = place.get(req.as_str()).copied().unwrap_or(usize::MAX);
            let standing = by_id.entry((place, req)).or_insert_with(|| Standing {
                req,
                requirement: book.requirement(req),
                cases: Vec::new(),
                inside: true,
            });
            standing.inside &= !case.beyond.contains(req);
            standing.cases.push(case);
        }
    }
    by_id.into_values().collect()
}

/// How many cases there are of each set of requirements, in the order of their first case.
pub(crate) fn by_requirements(cases: &[&CaseEvent]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for case in cases {
        let req = case.req.join(", ");
        match counts.iter_mut().find(|(known, _)| *known == req) {
            Some((_, count)) => *count += 1,
            None => counts.push((req, 1)),
        }
    }
    counts
}
