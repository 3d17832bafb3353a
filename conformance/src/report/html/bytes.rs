//! Inputs, with what each byte means and what differs from the sibling.

use dxos_vectors::{Case, VectorFile};
use maud::{Markup, html};

use crate::printable::shorten;
use crate::report::annotation::{Annotation, Annotator};
use crate::report::difference::{Marks, difference};
use crate::report::listing::{Bytes, Line, WIDTH, lines, only_differing, touched, without_long_values};
use crate::report::lookup::{Member, members};

/// Hex of fewer bytes that nobody can explain is shown as the text that it is.
const MIN_BYTES: usize = 16;

/// Longer listings are cut: a page must stay light.
const MAX_LINES: usize = 120;

/// So many differing fields are named.
const MAX_FIELDS: usize = 12;

/// Which members of an input are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Members {
    /// All.
    All,
    /// Those that differ from the sibling's; of an input with hundreds of credentials nobody reads the others.
    Differing,
}

/// The members of the input of a case; those that differ from the sibling's beside them.
pub(super) fn inputs(
    file: &VectorFile,
    case: &Case,
    sibling: Option<&Case>,
    choice: Members,
    annotator: &dyn Annotator,
) -> Markup {
    let steps = case.as_steps(&file.op);
    let sibling_steps = sibling.map(|sibling| sibling.as_steps(&file.op)).unwrap_or_default();
    let (here, there) = (members(&steps), members(&sibling_steps));
    let counterpart = |path: &str| there.iter().find(|member| member.path == path);
    let gone = there.iter().filter(|member| !here.iter().any(|other| other.path == member.path));
    let differs = |member: &Member<'_>| {
        sibling.is_some() && counterpart(&member.path).is_none_or(|other| other.value != member.value)
    };
    let shown = || here.iter().filter(|member| choice == Members::All || differs(member));
    let left_out = here.len() - shown().count();
    html! {
        div.input {
            @for member in shown() {
                (self::member(member, sibling.is_some(), counterpart(&member.path), annotator))
            }
            @for member in gone.filter(|_| sibling.is_some()) {
                p { "Only the sibling has " code { (member.path) } ": " code { (shorten(&member.value.to_string())) } }
            }
            @if left_out > 0 {
                p.faint {
                    @if sibling.is_some() { "What the sibling has too is left out; " } @else { "The input is left out; " }
                    code { "dxspec inspect " (case.id) } " shows it byte by byte."
                }
            }
        }
    }
}

fn member(
    member: &Member<'_>,
    derived: bool,
    other: Option<&Member<'_>>,
    annotator: &dyn Annotator,
) -> Markup {
    let differs = derived && other.is_none_or(|other| other.value != member.value);
    let bytes = member.bytes();
    let annotation = bytes.as_ref().and_then(|bytes| annotator.annotate(&member.op, &member.name, bytes));
    let Some(bytes) = bytes.filter(|bytes| annotation.is_some() || bytes.len() >= MIN_BYTES) else {
        return html! {
            p {
                code { (member.path) } ": "
                @if differs { mark { (member.value) } } @else { (member.value) }
                @match other {
                    Some(other) if differs => { " instead of " code { (shorten(&other.value.to_string())) } }
                    None if differs => { " (the sibling has none)" }
                    _ => {}
                }
            }
        };
    };
    let annotation = annotation.unwrap_or_else(|| Annotation::plain(bytes.len()));
    let other_bytes = other.filter(|_| differs).and_then(Member::bytes);
    let (there, here) = match &other_bytes {
        Some(other) => difference(other, &bytes),
        None if differs => (Marks::default(), Marks::all(bytes.len())),
        None => Default::default(),
    };
    let all = || lines(&bytes, &annotation);
    let listing = |lines: Vec<Line<'_>>, marks: &Marks, length: usize| listing(&lines, marks, length);
    html! {
        h4 { code { (member.path) } ", " (bytes.len()) " bytes" }
        @if let (Some(other), Some(old)) = (other, &other_bytes) {
            (differing(&touched(&annotation, &here, bytes.len())))
            @let annotation = annotator.annotate(&other.op, &other.name, old).unwrap_or_else(|| Annotation::plain(old.len()));
            p.faint { "this case" }
            (listing(only_differing(all(), &here, bytes.len()), &here, bytes.len()))
            p.faint { "the sibling, " (old.len()) " bytes" }
            (listing(only_differing(lines(old, &annotation), &there, old.len()), &there, old.len()))
            details {
                summary { "the whole of it" }
                (listing(without_long_values(all(), &here, bytes.len()), &here, bytes.len()))
            }
        } @else {
            (listing(without_long_values(all(), &here, bytes.len()), &here, bytes.len()))
        }
    }
}

/// The fields that differ.
fn differing(fields: &[String]) -> Markup {
    let shown = fields.get(..MAX_FIELDS).unwrap_or(fields);
    html! {
        p {
            "Marked bytes differ from the sibling's; " mark { "|" } " is where the sibling has more."
            @if !shown.is_empty() {
                " Fields that differ: "
                @for (index, field) in shown.iter().enumerate() { @if index > 0 { ", " } code { (field) } }
                @if shown.len() < fields.len() { " and " (fields.len() - shown.len()) " more" }
                "."
            }
        }
    }
}

/// A box that scrolls by itself.
fn listing(lines: &[Line<'_>], marks: &Marks, length: usize) -> Markup {
    let shown = lines.get(..MAX_LINES).unwrap_or(lines);
    html! {
        pre.bytes tabindex="0" {
            @for line in shown { (self::line(line, marks)) }
            @if shown.len() < lines.len() {
                "… " (lines.len() - shown.len()) " more lines; dxspec inspect shows all\n"
            } @else if marks.gap_before(length) {
                mark title="bytes are missing here" { "|" } " bytes of the sibling are missing at the end\n"
            }
        }
    }
}

/// A line with its end.  The end stands beside the meaning, which on a small screen is a block of its own.
fn line(line: &Line<'_>, marks: &Marks) -> Markup {
    html! {
        @match line {
            Line::Omitted { offset, bytes, .. } => { i { (format!("{offset:5}")) "  … " (bytes) " bytes" } "\n" }
            Line::Bytes(line) => {
                i { (format!("{:5}", line.offset)) } " "
                (hex(line, marks))
                @let meaning = line.meaning();
                @if meaning.is_empty() { "\n" } @else {
                    (" ".repeat((WIDTH - line.bytes.len()) * 3 + 2))
                    em {
                        (meaning)
                        @for problem in line.part.map(|part| part.problems.as_slice()).unwrap_or_default() {
                            " " strong { "⚠ " (problem.what) " (byte " (problem.at) ")" }
                        }
                        "\n"
                    }
                }
            }
        }
    }
}

/// The bytes of a line, equal neighbours in one element.
fn hex(line: &Bytes<'_>, marks: &Marks) -> Markup {
    let look = |index: usize| {
        let offset = line.offset + index;
        (marks.contains(offset), index < line.head, marks.gap_before(offset))
    };
    let bytes: Vec<(usize, &u8)> = line.bytes.iter().enumerate().collect();
    let runs = bytes.chunk_by(|(a, _), (b, _)| {
        let ((marked, head, _), (next_marked, next_head, gap)) = (look(*a), look(*b));
        (marked, head && !marked) == (next_marked, next_head && !next_marked) && !gap
    });
    html! {
        @for run in runs {
            @let (marked, head, gap) = run.first().map(|(index, _)| look(*index)).unwrap_or_default();
            @let text = run.iter().map(|(_, byte)| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
            @if gap { mark title="bytes are missing here" { "|" } } @else { " " }
            @if marked { mark { (text) } } @else if head { b { (text) } } @else { (text) }
        }
    }
}
