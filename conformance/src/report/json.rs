//! The report as one JSON document.

use dxos_spec::Book;
use serde_json::{Value, json};

use crate::summary::Summary;

/// The document.  `cases` holds every case with its verdict; those that did not pass in full.
pub fn render(summary: &Summary<'_>, book: &Book) -> Value {
    let profile = summary.run.map(|run| run.profile.as_str());
    let deviations: Vec<Value> = summary
        .deviations
        .iter()
        .map(|deviation| {
            let requirement = book.requirement(&deviation.req);
            json!({
                "req": deviation.req,
                "level": deviation.level,
                "count": deviation.cases.len(),
                "cases": deviation.cases,
                "text": requirement.map(|requirement| &requirement.text),
                "deployed": requirement.and_then(|requirement| requirement.deployed.as_ref()),
            })
        })
        .collect();
    json!({
        "conformant": summary.decision == crate::summary::Decision::Conformant,
        "outcome": summary.decision.sentence(profile.unwrap_or("the profile")),
        "exit": summary.decision.exit_code(),
        "complete": summary.end.is_some_and(|end| end.complete),
        "run": summary.run,
        "testee": summary.testee,
        "probes": summary.probes,
        "counts": summary.counts,
        "must": summary.fractions(),
        "coarse": summary.coarse,
        "provisional": summary.provisional,
        "outside": summary.outside,
        "respawns": summary.respawns,
        "areas": summary.areas,
        "unclaimed": summary.unclaimed,
        "failures": summary.failures.iter().map(|case| &case.id).collect::<Vec<_>>(),
        "expected": summary.expected.iter().map(|case| &case.id).collect::<Vec<_>>(),
        "baseline": summary.baseline,
        "against": summary.against,
        "repeat": summary.repeat,
        "should": summary.weaker.iter().map(|case| &case.id).collect::<Vec<_>>(),
        "deviations": deviations,
        "cases": summary.cases,
    })
}
