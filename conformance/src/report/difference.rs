//! Which bytes of an input differ from those of its sibling.

use std::ops::Range;

use dxos_vectors::patch;

/// The differing parts of an input, in order.  An empty range is a place where the other input has more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Vec<Range<usize>>);

impl Marks {
    /// Everything, of an input without counterpart.
    pub fn all(length: usize) -> Self {
        Self(std::iter::once(0..length).collect())
    }

    /// Whether nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The parts.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.0
    }

    /// Whether a byte differs.
    pub fn contains(&self, offset: usize) -> bool {
        self.0.iter().any(|range| range.contains(&offset))
    }

    /// Whether the other input has more before this byte.
    pub fn gap_before(&self, offset: usize) -> bool {
        self.0.iter().any(|range| range.is_empty() && range.start == offset)
    }

    /// Whether any mark lies in a range, or at its end if that is the end of the input.
    pub fn touch(&self, range: &Range<usize>, length: usize) -> bool {
        self.0.iter().any(|mark| {
            let gap = mark.is_empty()
                && (range.contains(&mark.start) || mark.start == length && range.end == length);
            gap || mark.start < range.end && range.start < mark.end
        })
    }
}

/// The marks of both: first those of `base`, then those of `new`.
pub fn difference(base: &[u8], new: &[u8]) -> (Marks, Marks) {
    let mut marks = (Marks::default(), Marks::default());
    // Edits are applied one after the other, so that their offsets are those of the new input; so many bytes
    // have been added and deleted before.
    let (mut added, mut deleted) = (0, 0);
    for edit in patch::edits("", base, new) {
        let at = edit.at.unwrap_or_default();
        let before = (at + deleted).saturating_sub(added);
        if let Some(mask) = &edit.xor {
            for run in runs(mask) {
                marks.0.0.push(before + run.start..before + run.end);
                marks.1.0.push(at + run.start..at + run.end);
            }
        } else {
            let (del, ins) = (edit.del.unwrap_or_default(), edit.ins.map_or(0, |ins| ins.len() / 2));
            marks.0.0.push(before..before + del);
            marks.1.0.push(at..at + ins);
            added += ins;
            deleted += del;
        }
    }
    marks
}

/// The runs of bytes of a mask that are not 0.
fn runs(mask: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (index, _) in mask.as_bytes().chunks(2).enumerate().filter(|(_, byte)| *byte != b"00") {
        match runs.last_mut() {
            Some(run) if run.end == index => run.end += 1,
            _ => runs.push(index..index + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(marks: &Marks) -> Vec<(usize, usize)> {
        marks.ranges().iter().map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn equal_inputs_have_no_marks() {
        assert_eq!(difference(&[1, 2], &[1, 2]), (Marks::default(), Marks::default()));
    }

    #[test]
    fn single_bytes_are_marked_in_both() {
        let (base, new) = difference(&[0, 1, 2, 3, 4], &[0, 9, 2, 8, 4]);
        assert_eq!(pairs(&base), [(1, 2), (3, 4)]);
        assert_eq!(new, base);
    }

    #[test]
    fn what_is_missing_is_a_gap() {
        let (base, new) = difference(&[0, 1, 2, 3], &[0, 3]);
        assert_eq!((pairs(&base), pairs(&new)), (vec![(1, 3)], vec![(1, 1)]));
        assert!(new.gap_before(1) && !new.contains(1));
        let (base, new) = difference(&[0, 1], &[0]);
        assert_eq!(pairs(&base), [(1, 2)]);
        assert!(new.touch(&(0..1), 1) && !new.touch(&(0..1), 2));
    }

    #[test]
    fn marks_after_a_change_of_length_stand_at_the_right_bytes() {
        // Two far apart changes: one byte more, then one byte less.
        let base: Vec<u8> = (0..=99).collect();
        let mut new = base.clone();
        new.remove(80);
        new.insert(10, 0xff);
        let (base_marks, new_marks) = difference(&base, &new);
        assert_eq!(pairs(&base_marks), [(10, 10), (80, 81)]);
        assert_eq!(pairs(&new_marks), [(10, 11), (81, 81)]);
    }
}
