//! An input as lines of bytes, each part beside what it means.

use std::ops::Range;

use super::annotation::Annotation;
use super::difference::Marks;

/// Bytes on a line.
pub const WIDTH: usize = 16;

/// Deeper parts are not indented further, or lines would have no end.
const MAX_INDENT: usize = 24;

/// A line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Bytes.
    Bytes(Bytes<'a>),
    /// Bytes that are not shown.
    Omitted {
        /// Offset of the first of them.
        offset: usize,
        /// How many.
        bytes: usize,
        /// Of how many lines.
        lines: usize,
    },
}

/// At most [`WIDTH`] bytes of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes<'a> {
    /// Offset of the first byte.
    pub offset: usize,
    /// The bytes; none where a part has no bytes of its own.
    pub bytes: &'a [u8],
    /// How many of them are the part's head.
    pub head: usize,
    /// How deep the part is nested.
    pub depth: usize,
    /// The part, on its first line.
    pub part: Option<&'a Annotation>,
    /// Whether this is the last line of the part.
    last: bool,
}

impl Bytes<'_> {
    fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.bytes.len()
    }

    /// Name, type and value, indented; empty on all but the first line.
    pub fn meaning(&self) -> String {
        let Some(part) = self.part else { return String::new() };
        let indent = "  ".repeat(self.depth.min(MAX_INDENT));
        let name = if part.name.is_empty() { String::new() } else { format!("{}: ", part.name) };
        let value = if part.value.is_empty() { String::new() } else { format!(" = {}", part.value) };
        format!("{indent}{name}{}{value}", short_type(&part.ty))
    }
}

/// The last part of a type's name.
fn short_type(ty: &str) -> &str {
    ty.rsplit('.').next().unwrap_or(ty)
}

/// All lines of an input.
pub fn lines<'a>(bytes: &'a [u8], annotation: &'a Annotation) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut stack = vec![(0, annotation)];
    while let Some((depth, part)) = stack.pop() {
        let own =
            if part.children.is_empty() { part.range.clone() } else { part.range.start..part.body.start };
        let head = part.body.start.saturating_sub(part.range.start);
        let own = bytes.get(own).unwrap_or_default();
        let chunks = own.chunks(WIDTH).chain(own.is_empty().then_some(own));
        let count = own.len().div_ceil(WIDTH).max(1);
        lines.extend(chunks.enumerate().map(|(index, bytes)| {
            Line::Bytes(Bytes {
                offset: part.range.start + index * WIDTH,
                bytes,
                head: head.saturating_sub(index * WIDTH).min(bytes.len()),
                depth,
                part: (index == 0).then_some(part),
                last: index + 1 == count,
            })
        }));
        stack.extend(part.children.iter().rev().map(|child| (depth + 1, child)));
    }
    lines
}

/// Leaves out the middle of long values in which nothing differs.
pub fn without_long_values<'a>(lines: Vec<Line<'a>>, marks: &Marks, length: usize) -> Vec<Line<'a>> {
    let keep = lines.iter().map(|line| match line {
        Line::Bytes(line) => line.part.is_some() || line.last || marks.touch(&line.range(), length),
        Line::Omitted { .. } => true,
    });
    let keep = keep.collect::<Vec<_>>();
    fold(lines, &keep)
}

/// Leaves out all but the lines that differ and the heads of the parts that they are in.
pub fn only_differing<'a>(lines: Vec<Line<'a>>, marks: &Marks, length: usize) -> Vec<Line<'a>> {
    let differs = |line: &Line<'_>| matches!(line, Line::Bytes(line) if marks.touch(&line.range(), length));
    let mut keep: Vec<bool> = lines.iter().map(differs).collect();
    let mut wanted = 0;
    for (line, keep) in lines.iter().zip(&mut keep).rev() {
        let Line::Bytes(line) = line else { continue };
        let heads = line.part.is_some() && line.depth < wanted;
        *keep |= heads;
        if *keep {
            wanted = if line.part.is_some() { line.depth } else { wanted.max(line.depth + 1) };
        }
    }
    fold(lines, &keep)
}

/// The paths of the fields in whose values something differs, for example `proof.signer.data`.
pub fn touched(annotation: &Annotation, marks: &Marks, length: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut stack = vec![(String::new(), annotation)];
    while let Some((path, part)) = stack.pop() {
        let named = !path.is_empty() && part.children.is_empty();
        if named && marks.touch(&part.range, length) {
            found.push(path.clone());
        }
        stack.extend(part.children.iter().rev().map(|child| {
            let dot = if path.is_empty() || child.name.starts_with('[') { "" } else { "." };
            (format!("{path}{dot}{}", child.name), child)
        }));
    }
    found
}

/// Puts one line in place of each run that is not kept; a single line stays.
fn fold<'a>(lines: Vec<Line<'a>>, keep: &[bool]) -> Vec<Line<'a>> {
    let mut folded: Vec<Line<'a>> = Vec::new();
    let mut run: Vec<Line<'a>> = Vec::new();
    for (line, keep) in lines.into_iter().zip(keep) {
        if *keep {
            folded.extend(one_for(std::mem::take(&mut run)));
            folded.push(line);
        } else {
            run.push(line);
        }
    }
    folded.extend(one_for(run));
    folded
}

fn one_for(run: Vec<Line<'_>>) -> Vec<Line<'_>> {
    match run.first() {
        Some(Line::Bytes(first)) if run.len() > 1 => {
            let count = |line: &Line<'_>| match line {
                Line::Bytes(line) => line.bytes.len(),
                Line::Omitted { bytes, .. } => *bytes,
            };
            let (offset, bytes) = (first.offset, run.iter().map(count).sum());
            vec![Line::Omitted { offset, bytes, lines: run.len() }]
        }
        _ => run,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::difference::difference;

    fn part(range: Range<usize>, head: usize, name: &str, children: Vec<Annotation>) -> Annotation {
        let body = range.start + head..range.end;
        Annotation {
            range,
            body,
            name: name.into(),
            ty: "a.b.Type".into(),
            children,
            ..Annotation::default()
        }
    }

    /// A message of a short and a long field, and one more message.
    fn tree() -> Annotation {
        let key = part(0..100, 2, "key", vec![part(2..100, 2, "data", Vec::new())]);
        part(0..110, 0, "", vec![key, part(100..105, 1, "a", Vec::new()), part(105..110, 1, "b", Vec::new())])
    }

    fn text(lines: &[Line<'_>]) -> String {
        let line = |line: &Line<'_>| match line {
            Line::Bytes(line) => {
                format!("{} +{} ({}) {}\n", line.offset, line.bytes.len(), line.head, line.meaning())
            }
            Line::Omitted { offset, bytes, lines } => format!("{offset} … {bytes} in {lines}\n"),
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn each_byte_is_on_one_line() {
        let bytes = [7; 110];
        let tree = tree();
        let mut next = 0;
        for line in lines(&bytes, &tree) {
            let Line::Bytes(line) = line else { panic!("nothing is left out") };
            assert_eq!(line.offset, next);
            next += line.bytes.len();
        }
        assert_eq!(next, 110);
    }

    #[test]
    fn long_values_are_left_out_unless_they_differ() {
        let (bytes, tree) = ([7; 110], tree());
        let all = || lines(&bytes, &tree);
        insta::assert_snapshot!(text(&without_long_values(all(), &Marks::default(), 110)), @r"
        0 +0 (0) Type
        0 +2 (2)   key: Type
        2 +16 (2)     data: Type
        18 … 80 in 5
        98 +2 (0) 
        100 +5 (1)   a: Type
        105 +5 (1)   b: Type
        ");
        let mut new = bytes;
        new[50] = 0;
        let (_, marks) = difference(&bytes, &new);
        insta::assert_snapshot!(text(&only_differing(all(), &marks, 110)), @r"
        0 +0 (0) Type
        0 +2 (2)   key: Type
        2 +16 (2)     data: Type
        18 … 32 in 2
        50 +16 (0) 
        66 … 44 in 5
        ");
        assert_eq!(touched(&tree, &marks, 110), ["key.data"]);
        assert_eq!(touched(&tree, &Marks::all(110), 110), ["key.data", "a", "b"]);
    }
}
