//! Bytes and their meaning as text for a terminal.

use std::fmt::Write as _;

use dxos_conformance::report::annotation::{Annotation, Problem};
use dxos_conformance::report::difference::Marks;
use dxos_conformance::report::listing::{Bytes, Line, WIDTH, lines};

/// Columns before the first byte.
const MARGIN: usize = 8;

/// All problems of the parts, by their offsets.
pub(super) fn problems(parts: &Annotation) -> Vec<&Problem> {
    let mut found = Vec::new();
    let mut stack = vec![parts];
    while let Some(part) = stack.pop() {
        found.extend(&part.problems);
        stack.extend(&part.children);
    }
    found.sort_by_key(|problem| problem.at);
    found
}

/// The listing: differing bytes in brackets, below each line what is wrong at a byte of it.
pub(super) fn text(
    bytes: &[u8],
    parts: &Annotation,
    marks: &Marks,
    rejections: &[(usize, String)],
) -> String {
    let mut notes: Vec<(usize, String)> = problems(parts)
        .into_iter()
        .map(|problem| (problem.at, problem.what.clone()))
        .chain(rejections.iter().map(|(at, what)| (*at, format!("rejected: {what}"))))
        .collect();
    notes.dedup();
    let mut text = String::new();
    for line in lines(bytes, parts) {
        // Nothing is left out here.
        let Line::Bytes(line) = line else { continue };
        let _ = writeln!(text, "{}", row(&line, marks).trim_end());
        let range = line.offset..line.offset + line.bytes.len();
        notes.retain(|(at, what)| {
            let here = range.contains(at);
            if here {
                text.push_str(&note(at - line.offset, *at, what));
            }
            !here
        });
    }
    if marks.gap_before(bytes.len()) {
        let _ = writeln!(text, "{:>6}  ][ bytes of the sibling are missing here", bytes.len());
    }
    for (at, what) in notes {
        text.push_str(&note(0, at, &what));
    }
    text
}

fn note(column: usize, at: usize, what: &str) -> String {
    format!("{:width$}^^ byte {at}: {what}\n", "", width = MARGIN + 1 + column * 3)
}

/// Offset, bytes, meaning.
fn row(line: &Bytes<'_>, marks: &Marks) -> String {
    let mut hex = String::new();
    let mut inside = false;
    for (index, byte) in line.bytes.iter().enumerate() {
        let offset = line.offset + index;
        let marked = marks.contains(offset);
        hex.push(match (inside, marked) {
            _ if marks.gap_before(offset) => '|',
            (false, true) => '[',
            (true, false) => ']',
            _ => ' ',
        });
        let _ = write!(hex, "{byte:02x}");
        inside = marked;
    }
    hex.push(if inside { ']' } else { ' ' });
    format!("{:>6}  {hex:<width$} {}", line.offset, line.meaning(), width = WIDTH * 3 + 1)
}
