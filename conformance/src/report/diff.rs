//! What differs between two records, regressions first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diff::{Diff, Ended, Moved, Side};
use crate::plan::Missing;
use crate::report::paint::{Detail, Ink, Look};

/// So many cases of a list are shown, unless everything is asked for.
const SHOWN: usize = 20;

/// The text.  Its last line says whether there is a regression.
pub fn render(diff: &Diff, old: &str, look: Look) -> String {
    let mut text = String::new();
    let _ = writeln!(text, " {}", look.paint(Ink::Strong, &format!("compared with {old}")));
    for changed in &diff.changed {
        let note =
            format!("the {} is another one: {} before, {} now", changed.what, changed.old, changed.new);
        let _ = writeln!(text, "   {}", look.paint(Ink::Doubtful, &note));
    }
    side("before", &diff.old, &mut text);
    side("now", &diff.new, &mut text);
    let (deciding, weaker): (Vec<&Moved>, Vec<&Moved>) = diff.failing.iter().partition(|moved| moved.decides);
    list("REGRESSION: newly failing", Ink::Bad, deciding.into_iter(), look, &mut text);
    dropped(diff, look, &mut text);
    let undecided = "newly failing, which decides nothing";
    list(undecided, Ink::Doubtful, weaker.into_iter(), look, &mut text);
    list("failing differently", Ink::Doubtful, diff.otherwise.iter(), look, &mut text);
    list("fixed", Ink::Good, diff.fixed.iter(), look, &mut text);
    list("newly run", Ink::Good, diff.taken_up.iter(), look, &mut text);
    list("new cases", Ink::Faint, diff.added.iter(), look, &mut text);
    list("removed cases", Ink::Doubtful, diff.removed.iter(), look, &mut text);
    let _ = writeln!(text, "   {} ended alike", cases(diff.same));
    match diff.regressions().count() {
        0 => text.push_str(" no regression\n\n"),
        count => {
            let noun = if count == 1 { "regression" } else { "regressions" };
            let _ = writeln!(text, " {}\n", look.paint(Ink::Bad, &format!("{count} {noun}")));
        }
    }
    text
}

fn cases(count: usize) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

fn side(name: &str, side: &Side, text: &mut String) {
    let _ = writeln!(text, "   {name:<7} {}: {}", side.testee, side.outcome);
    let _ = writeln!(text, "           MUST {}", side.must);
}

/// By what is not claimed any more: that is what was done, the cases are what it cost.
fn dropped(diff: &Diff, look: Look, text: &mut String) {
    let mut by: BTreeMap<String, Vec<&Moved>> = BTreeMap::new();
    for moved in &diff.dropped {
        let what = match &moved.missing {
            Some(Missing::Op(op)) => format!("operation {op}"),
            Some(Missing::Feature(feature)) => format!("feature {feature}"),
            None => "something".to_owned(),
        };
        by.entry(what).or_default().push(moved);
    }
    for (what, moved) in by {
        let title =
            format!("REGRESSION: run before and not applicable now, as the {what} is no longer claimed");
        list(&title, Ink::Bad, moved.into_iter(), look, text);
    }
}

fn list<'a>(title: &str, ink: Ink, moved: impl Iterator<Item = &'a Moved>, look: Look, text: &mut String) {
    let moved: Vec<&Moved> = moved.collect();
    if moved.is_empty() {
        return;
    }
    let _ = writeln!(text, "   {}: {}", look.paint(ink, title), cases(moved.len()));
    let shown = if look.detail == Detail::Verbose { moved.len() } else { SHOWN };
    for one in moved.iter().take(shown) {
        let states: Vec<String> = [&one.old, &one.new].into_iter().flatten().map(state).collect();
        let _ = writeln!(text, "       {}  {}", one.case, states.join(" → "));
    }
    if moved.len() > shown {
        let _ = writeln!(text, "       … and {} more; -v shows all", moved.len() - shown);
    }
}

fn state(ended: &Ended) -> String {
    let got = ended.got.as_ref().map(|got| format!(" with {got}")).unwrap_or_default();
    let expected = if ended.expected { " (expected)" } else { "" };
    format!("{}{got}{expected}", ended.verdict)
}
