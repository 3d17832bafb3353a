//! The comparison for a terminal.

use std::fmt::Write as _;

use super::{Comparison, Row};
use crate::fractions::percent;
use crate::report::outcome;

/// Width of the table, in characters.
pub const WIDTH: usize = 100;

/// Width of the column of a testee: a sign and the figures of some hundred cases.
const CELL: usize = 11;

/// The text for a terminal.
pub fn render(comparison: &Comparison<'_>) -> String {
    let mut text = String::new();
    let Comparison { profile, columns, rows, warnings } = comparison;
    let letters: Vec<String> = (0..columns.len()).map(letter).collect();
    let _ = writeln!(text, "Profile {profile}");
    for (letter, column) in letters.iter().zip(columns) {
        let (passed, claimed, all) = column.summary.must;
        let _ = writeln!(text, "\n  {letter}  {}", column.name);
        let _ = writeln!(text, "     {}", column.summary.decision.sentence(profile));
        let _ = writeln!(
            text,
            "     {} of what is claimed ({passed}/{claimed})   {} of {} ({passed}/{all})",
            percent(passed, claimed),
            percent(passed, all),
            outcome::whole(&column.summary),
        );
    }
    for warning in warnings {
        let _ = writeln!(text, "\n  warning: {warning}");
    }
    text.push_str("\n  ● all passed   ✕ not all passed   ○ not claimed   · not run, or not scored\n");
    let widest = rows.iter().map(|row| row.req.len()).max().unwrap_or(0);
    let room = WIDTH.saturating_sub(widest + 2 + 8 + CELL * columns.len());
    for inside in [true, false] {
        let chosen: Vec<&Row<'_>> = rows.iter().filter(|row| row.inside == inside).collect();
        if chosen.is_empty() {
            continue;
        }
        let heads: String = letters.iter().map(|letter| format!("{letter:<CELL$}")).collect();
        if !inside {
            text.push_str("\nOutside of the profile:\n");
        }
        let _ = writeln!(text, "\n{:width$}{}", "", heads.trim_end(), width = widest + 2 + 8);
        for row in chosen {
            let cells = row
                .cells
                .iter()
                .map(|cell| format!("{:<CELL$}", format!("{} {}", cell.sign(), cell.figure())));
            let sentence =
                row.requirement.map(|requirement| shorten(&requirement.text, room)).unwrap_or_default();
            let line =
                format!("{:<widest$}  {:<8}{}{sentence}", row.req, row.level, cells.collect::<String>());
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text
}

/// `A`, `B`, … `Z`, `A1`, …
pub(crate) fn letter(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap_or_default());
    match index / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}

/// So many characters, with a sign if some are left out; nothing if there is no room for words.
fn shorten(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    match room.checked_sub(1) {
        Some(room) if room >= 10 => format!("{}…", text.chars().take(room).collect::<String>().trim_end()),
        _ => String::new(),
    }
}
