//! Disagreements that the book explains.

use dxos_conformance::fuzz::vote::Signature;
use dxos_conformance::selection::Selection;
use dxos_spec::{Book, Level, Profile};

/// A disagreement in which the reference names no requirement, as it accepts.
struct Known {
    /// Pattern of the operations.
    op: &'static str,
    /// What the testee says: the beginning of it.
    says: &'static str,
    /// Where the results differ: a part of it; empty where there are not two results.
    at: &'static str,
    /// The requirement whose `Deployed:` remark says so.
    requirement: &'static str,
}

const KNOWN: &[Known] = &[
    // `=` is written where the number of bytes is not a multiple of five.
    Known { op: "halo.key.parse", says: "ok", at: "multibase32", requirement: "HALO-KEY-013" },
    // Dates before 1970 do not survive being read and written.
    Known { op: "halo.*.issue", says: "ok", at: "issuance_date", requirement: "HALO-ENC-027" },
    Known { op: "halo.*.issue", says: "ok", at: "issuanceDate", requirement: "HALO-ENC-027" },
    Known { op: "halo.*.issue", says: "ok", at: "expirationDate", requirement: "HALO-ENC-027" },
    Known { op: "halo.*.issue", says: "ok", at: "creationDate", requirement: "HALO-ENC-027" },
    Known { op: "halo.*.issue", says: "ok", at: "expiresOn", requirement: "HALO-ENC-027" },
    // What is decoded without what is always written cannot be encoded again.
    Known { op: "halo.presentation.issue", says: "bug", at: "", requirement: "HALO-PRES-011" },
];

/// Where a refusal for what stands in the deployed verifier's way meets an exception there: it looks at the
/// parts in another order, and the input has two faults.
const EXCEPTION: &str = "HALO-CRED-001";

/// The requirement that explains a signature.
///
/// A requirement explains what a testee does otherwise if the book says that deployed peers do so too and the
/// profile leaves it out, or if it is none that binds: what MAY be refused may be accepted.
pub(crate) fn explain(signature: &Signature, profile: &Profile) -> Option<String> {
    let binds = |id: &str| {
        Book::embedded().requirement(id).is_none_or(|requirement| {
            let deviates = requirement.deployed.is_some() && !profile.requirements.contains(id);
            !deviates && requirement.level != Level::May
        })
    };
    if let Some(id) = &signature.requirement {
        let mut others = signature.votes.iter().skip(1).filter(|vote| *vote != "-");
        let throws = others.all(|vote| vote.starts_with("bug TypeError"));
        let by = if binds(id) && throws { EXCEPTION } else { id };
        return (!binds(by)).then(|| by.to_owned());
    }
    let fits = |known: &&Known| {
        let others = signature.votes.iter().skip(1);
        let says = |vote: &String| vote == "-" || vote == "ok" || vote.starts_with(known.says);
        let at = signature.at.as_deref().unwrap_or_default();
        Selection::new([known.op.to_owned()]).contains(&signature.op)
            && others.clone().any(|vote| vote.starts_with(known.says))
            && others.clone().all(says)
            && at.contains(known.at)
            && at.is_empty() == known.at.is_empty()
            && !binds(known.requirement)
    };
    KNOWN.iter().find(fits).map(|known| known.requirement.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(votes: &[&str], at: Option<&str>, requirement: Option<&str>) -> Signature {
        Signature {
            op: "halo.key.parse".to_owned(),
            votes: votes.iter().map(|vote| (*vote).to_owned()).collect(),
            at: at.map(str::to_owned),
            requirement: requirement.map(str::to_owned),
        }
    }

    #[test]
    fn a_profile_that_holds_the_requirement_explains_nothing() {
        let deviates = signature(&["reject canon.form", "ok"], None, Some("HALO-KEY-011"));
        let padded = signature(&["ok", "ok"], Some("multibase32 (text)"), None);
        let profile = |name| dxos_spec::profile(name).unwrap();
        assert_eq!(explain(&deviates, &profile("deployed-0.8")).as_deref(), Some("HALO-KEY-011"));
        assert_eq!(explain(&deviates, &profile("halo-core")), None);
        assert_eq!(explain(&padded, &profile("deployed-0.8")).as_deref(), Some("HALO-KEY-013"));
        assert_eq!(explain(&padded, &profile("halo-core")), None);
        let other = signature(&["ok", "ok"], Some("key (text)"), None);
        assert_eq!(explain(&other, &profile("deployed-0.8")), None);
        let broken = signature(&["reject auth.signature", "ok"], None, Some("HALO-CRED-003"));
        assert_eq!(explain(&broken, &profile("deployed-0.8")), None);
    }

    #[test]
    fn every_entry_is_remarked_in_the_book() {
        for id in KNOWN.iter().map(|known| known.requirement).chain([EXCEPTION]) {
            assert!(Book::embedded().requirement(id).is_some_and(|found| found.deployed.is_some()), "{id}");
        }
    }
}
