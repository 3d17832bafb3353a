//! Inputs, with what each byte means and what differs from the sibling.

use dxos_vectors::{Case, VectorFile};
use maud::{Markup, html};

use crate::matching::shorten;
use crate::report::annotation::{Annotation, Annotator};
use crate::report::difference::{Marks, difference};
use crate::report::listing::{Bytes, Line, WIDTH, lines, only_differing, without_long_values};
use crate::report::lookup::{Member, members};

/// Hex of fewer bytes that nobody can explain is shown as the text that it is.
const MIN_BYTES: usize = 16;

/// All members of the input of a case; those that differ from the sibling's beside them.
pub(super) fn inputs(
    file: &VectorFile,
    case: &Case,
    sibling: Option<&Case>,
    annotator: &dyn Annotator,
) -> Markup {
    let steps = case.as_steps(&file.op);
    let sibling_steps = sibling.map(|sibling| sibling.as_steps(&file.op)).unwrap_or_default();
    let (here, there) = (members(&steps), members(&sibling_steps));
    let counterpart = |path: &str| there.iter().find(|member| member.path == path);
    let gone = there.iter().filter(|member| !here.iter().any(|other| other.path == member.path));
    html! {
        div.input {
            @for member in &here {
                (self::member(member, sibling.is_some(), counterpart(&member.path), annotator))
            }
            @for member in gone.filter(|_| sibling.is_some()) {
                p { "Only the sibling has " code { (member.path) } ": " code { (shorten(&member.value.to_string())) } }
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
                @if let (true, Some(other)) = (differs, other) { " instead of " code { (shorten(&other.value.to_string())) } }
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
        h4 { code { (member.path) } ", " (bytes.len()) " bytes" @if differs { ", differs from the sibling in the marked bytes" } }
        @if let (Some(other), Some(old)) = (other, &other_bytes) {
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

/// A box that scrolls by itself.
fn listing(lines: &[Line<'_>], marks: &Marks, length: usize) -> Markup {
    html! {
        pre.bytes tabindex="0" {
            @for line in lines { (self::line(line, marks)) "\n" }
            @if marks.gap_before(length) { mark.gap title="bytes are missing here" { "‸" } " missing at the end\n" }
        }
    }
}

fn line(line: &Line<'_>, marks: &Marks) -> Markup {
    html! {
        @match line {
            Line::Omitted { offset, bytes, .. } => i { (format!("{offset:5}")) "  … " (bytes) " bytes" },
            Line::Bytes(line) => {
                i { (format!("{:5}", line.offset)) } " "
                (hex(line, marks))
                @let meaning = line.meaning();
                @if !meaning.is_empty() { (" ".repeat((WIDTH - line.bytes.len()) * 3 + 2)) (meaning) }
                @for problem in line.part.map(|part| part.problems.as_slice()).unwrap_or_default() {
                    " " strong { "⚠ " (problem.what) " (byte " (problem.at) ")" }
                }
            }
        }
    }
}

fn hex(line: &Bytes<'_>, marks: &Marks) -> Markup {
    let byte = |index: usize, byte: &u8| {
        let text = format!("{byte:02x}");
        let offset = line.offset + index;
        html! {
            @if marks.gap_before(offset) { mark.gap title="bytes are missing here" { "‸" } } @else { " " }
            @if marks.contains(offset) { mark { (text) } }
            @else if index < line.head { b { (text) } }
            @else { (text) }
        }
    };
    html! { @for (index, value) in line.bytes.iter().enumerate() { (byte(index, value)) } }
}
