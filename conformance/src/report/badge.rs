//! The result as a badge: JSON in the form of shields.io's endpoint badges.

use serde_json::{Value, json};

use crate::fractions::percent;
use crate::summary::{Decision, Summary};

/// The fraction is always that of the whole profile, and red unless the testee conforms: a percentage must not
/// read as a pass.  Without a result of the whole profile there is no fraction.
pub fn render(summary: &Summary<'_>) -> Value {
    let (passed, _, all) = summary.must;
    let whole = summary.run.is_some_and(|run| run.selection.is_empty()) && !summary.cases.is_empty();
    let message = match summary.decision {
        Decision::Conformant
        | Decision::InPart(_)
        | Decision::GivenBaseline { .. }
        | Decision::Overruled { .. }
        | Decision::Not(_)
            if whole && all > 0 =>
        {
            percent(passed, all)
        }
        _ => "no result".to_owned(),
    };
    let colour = if summary.decision == Decision::Conformant { "brightgreen" } else { "red" };
    let label = summary.run.map_or("conformance", |run| run.profile.as_str());
    json!({ "schemaVersion": 1, "label": label, "message": message, "color": colour })
}
