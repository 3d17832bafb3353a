//! Finds a short patch from one input to another.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Map, Value};

use super::{bytes_of, decode};
use crate::format::Edit;

/// Equal bytes that end a run of differing ones.
const GAP: usize = 8;
/// Length of the pieces that are looked up to find common parts of inputs of different lengths.
const PIECE: usize = 16;
/// What the keys of one more edit cost a reader, in bytes.
const OVERHEAD: usize = 24;

/// A list of edits that makes `new` from `base`, both being the bytes of the hex member `field`.
///
/// Edits stand in the order of their offsets and are applied one after the other.  Where lengths are equal,
/// each differing run is an `xor`; otherwise the part between what the beginnings and the ends have in common
/// is replaced, in several places if that is shorter.
///
/// ```
/// let edits = dxos_vectors::patch::edits("credential", &[1, 2, 3], &[1, 6, 3]);
/// assert_eq!(edits.len(), 1);
/// assert_eq!((edits[0].at, edits[0].xor.as_deref()), (Some(1), Some("04")));
/// ```
pub fn edits(field: &str, base: &[u8], new: &[u8]) -> Vec<Edit> {
    let mut changes = Vec::new();
    split(base, new, 0, 0, &mut changes);
    changes.iter().map(|change| change.edit(field, base, new)).collect()
}

/// A patch from one input to another: edits of bytes where both have a hex member, whole members elsewhere.
pub fn between(base: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Edit> {
    let mut patch = Vec::new();
    members("", base, new, &mut patch);
    patch
}

/// The same for the inputs of a case with several steps; only as many as both have are compared.
pub fn between_steps<'a>(
    base: impl IntoIterator<Item = &'a Map<String, Value>>,
    new: impl IntoIterator<Item = &'a Map<String, Value>>,
) -> Vec<Edit> {
    let mut patch = Vec::new();
    for (step, (base, new)) in base.into_iter().zip(new).enumerate() {
        members(&format!("{step}/"), base, new, &mut patch);
    }
    patch
}

fn members(prefix: &str, base: &Map<String, Value>, new: &Map<String, Value>, patch: &mut Vec<Edit>) {
    for name in base.keys().filter(|name| !new.contains_key(*name)) {
        patch.push(Edit { field: format!("{prefix}{name}"), unset: true, ..Edit::default() });
    }
    for (name, value) in new {
        member(format!("{prefix}{name}"), base.get(name), value, patch);
    }
}

fn member(field: String, base: Option<&Value>, new: &Value, patch: &mut Vec<Edit>) {
    match (base, new) {
        (Some(base), new) if base == new => {}
        (Some(Value::Object(base)), Value::Object(new)) => members(&format!("{field}/"), base, new, patch),
        (Some(Value::Array(base)), Value::Array(new)) if base.len() == new.len() => {
            for (index, (base, new)) in base.iter().zip(new).enumerate() {
                member(format!("{field}/{index}"), Some(base), new, patch);
            }
        }
        (base, new) => {
            let bytes = base.and_then(bytes_of).zip(new.as_str().and_then(decode));
            let short = bytes.map(|(base, new)| edits(&field, &base, &new));
            let whole = Edit { field, set: Some(new.clone()), ..Edit::default() };
            patch.extend(short.unwrap_or_else(|| vec![whole]));
        }
    }
}

/// A range of the base that becomes a range of the new bytes.
struct Change {
    base: Range<usize>,
    new: Range<usize>,
}

impl Change {
    fn edit(&self, field: &str, base: &[u8], new: &[u8]) -> Edit {
        // All changes before this one are applied, so that the new bytes stand here up to this offset.
        let at = Some(self.new.start);
        let before = base.get(self.base.clone()).unwrap_or_default();
        let after = new.get(self.new.clone()).unwrap_or_default();
        let field = field.to_owned();
        if before.len() == after.len() {
            let mask: Vec<u8> = before.iter().zip(after).map(|(before, after)| before ^ after).collect();
            return Edit { field, at, xor: Some(hex::encode(mask)), ..Edit::default() };
        }
        let del = (!before.is_empty()).then_some(before.len());
        let ins = (!after.is_empty()).then(|| hex::encode(after));
        Edit { field, at, del, ins, ..Edit::default() }
    }

    fn cost(&self) -> usize {
        OVERHEAD + self.new.len()
    }
}

/// Adds the changes from `base` to `new`, which stand at these offsets of the whole.
fn split(base: &[u8], new: &[u8], base_at: usize, new_at: usize, changes: &mut Vec<Change>) {
    let prefix = base.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (base, new) = (base.get(prefix..).unwrap_or_default(), new.get(prefix..).unwrap_or_default());
    let suffix = base.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let base = base.get(..base.len() - suffix).unwrap_or_default();
    let new = new.get(..new.len() - suffix).unwrap_or_default();
    if base.is_empty() && new.is_empty() {
        return;
    }
    let (base_at, new_at) = (base_at + prefix, new_at + prefix);
    let mut best = if base.len() == new.len() { runs(base, new, base_at, new_at) } else { Vec::new() };
    if best.is_empty() {
        best.push(Change { base: base_at..base_at + base.len(), new: new_at..new_at + new.len() });
    }
    if let Some((from, to, length)) = common(base, new) {
        let mut parts = Vec::new();
        let (base_head, base_tail) = around(base, from, length);
        let (new_head, new_tail) = around(new, to, length);
        split(base_head, new_head, base_at, new_at, &mut parts);
        split(base_tail, new_tail, base_at + from + length, new_at + to + length, &mut parts);
        let cost = |changes: &[Change]| changes.iter().map(Change::cost).sum::<usize>();
        if cost(&parts) < cost(&best) {
            best = parts;
        }
    }
    changes.extend(best);
}

/// What stands before and behind a part.
fn around(bytes: &[u8], at: usize, length: usize) -> (&[u8], &[u8]) {
    (bytes.get(..at).unwrap_or_default(), bytes.get(at + length..).unwrap_or_default())
}

/// The differing runs of two inputs of one length.
fn runs(base: &[u8], new: &[u8], base_at: usize, new_at: usize) -> Vec<Change> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (index, _) in base.iter().zip(new).enumerate().filter(|(_, (a, b))| a != b) {
        match runs.last_mut() {
            Some(run) if index < run.end + GAP => run.end = index + 1,
            _ => runs.push(index..index + 1),
        }
    }
    let change = |run: Range<usize>| Change {
        base: base_at + run.start..base_at + run.end,
        new: new_at + run.start..new_at + run.end,
    };
    runs.into_iter().map(change).collect()
}

/// A long part that both have: offsets in each, and the length.
fn common(base: &[u8], new: &[u8]) -> Option<(usize, usize, usize)> {
    let mut pieces: HashMap<&[u8], usize> = HashMap::new();
    for (index, piece) in base.windows(PIECE).enumerate() {
        pieces.entry(piece).or_insert(index);
    }
    let mut best: Option<(usize, usize, usize)> = None;
    let mut index = 0;
    while let Some(piece) = new.get(index..index + PIECE) {
        let Some(&from) = pieces.get(piece) else {
            index += 1;
            continue;
        };
        let ends = base.iter().skip(from).zip(new.iter().skip(index));
        let length = ends.take_while(|(a, b)| a == b).count();
        if best.is_none_or(|(_, _, longest)| length > longest) {
            best = Some((from, index, length));
        }
        index += length;
    }
    best
}
