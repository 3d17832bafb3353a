//! Frames of replication, taken apart for people: what stands where, and where it stops making sense.  Whether a peer
//! must take them is for the reference to say.

use std::ops::Range;

use dxos_conformance::report::annotation::{Annotation, Problem};

/// What the value of a field is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ty {
    Number,
    Flag,
    Bytes,
    Text,
    Node,
}

type Field = (u64, &'static str, Ty);

const START: Field = (1, "start", Ty::Number);
const LENGTH: Field = (2, "length", Ty::Number);
const INDEX: Field = (1, "index", Ty::Number);
const BYTES: Field = (2, "bytes", Ty::Number);
const HASH: Field = (3, "hash", Ty::Flag);
const DISCOVERY_KEY: Field = (1, "discovery_key", Ty::Bytes);

/// The messages by their types, 0 to 10.
const MESSAGES: [(&str, &[Field]); 11] = [
    ("Open", &[DISCOVERY_KEY, (2, "capability", Ty::Bytes)]),
    ("Options", &[(1, "extensions", Ty::Text), (2, "ack", Ty::Flag)]),
    ("Status", &[(1, "uploading", Ty::Flag), (2, "downloading", Ty::Flag)]),
    ("Have", &[START, LENGTH, (3, "bitfield", Ty::Bytes), (4, "ack", Ty::Flag)]),
    ("Unhave", &[START, LENGTH]),
    ("Want", &[START, LENGTH]),
    ("Unwant", &[START, LENGTH]),
    ("Request", &[INDEX, BYTES, HASH, (4, "nodes", Ty::Number)]),
    ("Cancel", &[INDEX, BYTES, HASH]),
    ("Data", &[INDEX, (2, "value", Ty::Bytes), (3, "nodes", Ty::Node), (4, "signature", Ty::Bytes)]),
    ("Close", &[DISCOVERY_KEY]),
];

const NODE: &[Field] = &[INDEX, (2, "hash", Ty::Bytes), (3, "size", Ty::Number)];

/// Takes a stream of frames apart.
pub(super) fn frames(bytes: &[u8]) -> Annotation {
    let mut children = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let frame = frame(bytes, at);
        at = frame.range.end;
        children.push(frame);
    }
    Annotation { children, ty: "frames".to_owned(), ..part(0..bytes.len()) }
}

fn part(range: Range<usize>) -> Annotation {
    Annotation { body: range.clone(), range, ..Annotation::default() }
}

fn broken(range: Range<usize>, what: &str) -> Annotation {
    let problems = vec![Problem { at: range.start, what: what.to_owned(), remark: false }];
    Annotation { problems, ty: "unknown".to_owned(), ..part(range) }
}

fn frame(bytes: &[u8], start: usize) -> Annotation {
    let Some((length, body)) = varint(bytes, start, bytes.len()) else {
        return broken(start..bytes.len(), "the length of a frame is cut short");
    };
    if length == 0 {
        return Annotation { body: body..body, ty: "keep-alive".to_owned(), ..part(start..body) };
    }
    let end = usize::try_from(length).ok().and_then(|length| body.checked_add(length));
    let Some(end) = end.filter(|end| *end <= bytes.len()) else {
        return broken(start..bytes.len(), "a frame ends beyond the bytes that are here");
    };
    let Some((header, fields_start)) = varint(bytes, body, end) else {
        return broken(start..end, "a frame is shorter than its header");
    };
    let (channel, kind) = (header >> 4, header & 15);
    let head = Annotation {
        name: "header".to_owned(),
        ty: "varint".to_owned(),
        value: format!("channel {channel}, type {kind}"),
        ..part(body..fields_start)
    };
    let known = usize::try_from(kind).ok().and_then(|kind| MESSAGES.get(kind));
    let mut children = vec![head];
    let ty = match known {
        Some((name, table)) => {
            children.extend(fields(bytes, fields_start..end, table));
            (*name).to_owned()
        }
        None => {
            if fields_start < end {
                children.push(Annotation { ty: "bytes".to_owned(), ..part(fields_start..end) });
            }
            if kind == 15 { "Extension".to_owned() } else { "unknown".to_owned() }
        }
    };
    Annotation {
        range: start..end,
        body: body..end,
        name: "frame".to_owned(),
        ty,
        children,
        ..Annotation::default()
    }
}

fn fields(bytes: &[u8], within: Range<usize>, table: &[Field]) -> Vec<Annotation> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at < within.end {
        let field = field(bytes, at..within.end, table);
        at = field.range.end;
        found.push(field);
    }
    found
}

fn field(bytes: &[u8], within: Range<usize>, table: &[Field]) -> Annotation {
    let Some((tag, value_start)) = varint(bytes, within.start, within.end) else {
        return broken(within, "a tag is cut short");
    };
    let (number, wire) = (tag >> 3, tag & 7);
    let known = table
        .iter()
        .find(|(known, _, ty)| *known == number && (wire == 0) == matches!(ty, Ty::Number | Ty::Flag));
    let (name, ty) =
        known.map_or_else(|| (number.to_string(), None), |(_, name, ty)| ((*name).to_owned(), Some(*ty)));
    let mut field = match wire {
        0 => match varint(bytes, value_start, within.end) {
            Some((value, end)) => Annotation {
                ty: if ty == Some(Ty::Flag) { "bool" } else { "uint64" }.to_owned(),
                value: if ty == Some(Ty::Flag) { (value != 0).to_string() } else { value.to_string() },
                body: value_start..end,
                ..part(within.start..end)
            },
            None => return broken(within, "a number is cut short"),
        },
        2 => {
            let end = varint(bytes, value_start, within.end).and_then(|(length, body)| {
                Some((
                    body,
                    body.checked_add(usize::try_from(length).ok()?).filter(|end| *end <= within.end)?,
                ))
            });
            let Some((body, end)) = end else { return broken(within, "a value ends beyond its message") };
            let inner = bytes.get(body..end).unwrap_or_default();
            Annotation {
                ty: match ty {
                    Some(Ty::Text) => "string",
                    Some(Ty::Node) => "Node",
                    _ => "bytes",
                }
                .to_owned(),
                value: match ty {
                    Some(Ty::Text) => String::from_utf8_lossy(inner).into_owned(),
                    Some(Ty::Node) => String::new(),
                    _ => format!("{} bytes", inner.len()),
                },
                body: body..end,
                children: if ty == Some(Ty::Node) { fields(bytes, body..end, NODE) } else { Vec::new() },
                ..part(within.start..end)
            }
        }
        1 | 5 => {
            let end = value_start + if wire == 1 { 8 } else { 4 };
            if end > within.end {
                return broken(within, "a value ends beyond its message");
            }
            Annotation { body: value_start..end, ..part(within.start..end) }
        }
        _ => return broken(within, "a field is of a form that does not exist"),
    };
    if ty.is_none() {
        field.ty = "unknown".to_owned();
    }
    field.name = name;
    field
}

/// A varint of at most ten bytes, and where it ends.
fn varint(bytes: &[u8], start: usize, end: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (digit, at) in (start..end).take(10).enumerate() {
        let byte = *bytes.get(at)?;
        value |= u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(digit).ok()?).unwrap_or_default();
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// The children of each part cover its body.
    fn covered(part: &Annotation) {
        if let (Some(first), Some(last)) = (part.children.first(), part.children.last()) {
            assert_eq!((first.range.start, last.range.end), (part.body.start, part.body.end), "{part:?}");
        }
        for pair in part.children.windows(2) {
            assert_eq!(pair[0].range.end, pair[1].range.start, "{part:?}");
        }
        part.children.iter().for_each(covered);
    }

    #[test]
    fn frames_are_named_and_nothing_is_left_over() {
        let bytes = unhex(
            "00 09170803100018002006 061908001201 61 03130805 041f02aabb 01fb".replace(' ', "").as_str(),
        );
        let found = frames(&bytes);
        covered(&found);
        let names: Vec<&str> = found.children.iter().map(|frame| frame.ty.as_str()).collect();
        assert_eq!(names, ["keep-alive", "Request", "Data", "Have", "Extension", "unknown"]);
        let request = &found.children[1];
        let said: Vec<(&str, &str)> =
            request.children.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        assert_eq!(
            said,
            [
                ("header", "channel 1, type 7"),
                ("index", "3"),
                ("bytes", "0"),
                ("hash", "false"),
                ("nodes", "6")
            ]
        );
    }

    #[test]
    fn whatever_the_bytes_every_part_is_within_them() {
        for seed in 0..2000u32 {
            let mut state = seed;
            let bytes: Vec<u8> = (0..seed % 40)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 27) as u8 | if state & 512 == 0 { 0 } else { 0x10 }
                })
                .collect();
            let found = frames(&bytes);
            covered(&found);
            assert_eq!(found.range, 0..bytes.len());
        }
    }
}
