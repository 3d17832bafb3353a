//! Sizes and places of what is drawn on a page, in pixels.

use std::fmt::Write as _;

use super::graph::Edge;
use super::layout::{Layout, Way};
use super::printed::{clipped, wrapped};
use super::{Node, Scene};

/// The height of a line of text.
pub(super) const LINE: f64 = 15.0;
/// Between the edge of a box and its text, and between boxes beside the graph.
pub(super) const PADDING: f64 = 8.0;
/// Around everything.
pub(super) const MARGIN: f64 = 8.0;
/// The width of a letter, all being equal.
const LETTER: f64 = 7.3;
/// Between rows, where lines cross.
const GAP: f64 = 34.0;
/// Between columns, and for each track between them.
const GUTTER: f64 = 18.0;
const TRACK: f64 = 6.0;
/// The narrowest drawing: what stands below the boxes needs room.
const NARROWEST: f64 = 700.0;

/// The shortest and the longest line in a box, in letters.
const LETTERS: (usize, usize) = (10, 34);

/// Where a box stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Place {
    fn middle(&self) -> f64 {
        self.x + self.width / 2.0
    }
}

/// A drawing with all its measures.
pub(super) struct Canvas {
    pub(super) layout: Layout,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Where it is said what stands beside the graph.
    pub(super) beside: Option<f64>,
    /// The lines below the boxes, and where they begin.
    pub(super) below: Vec<String>,
    pub(super) below_from: f64,
    boxes: Vec<Place>,
    lines: Vec<Vec<String>>,
    /// Where each column begins.
    columns: Vec<f64>,
    /// Where each row begins, and how high it is.
    rows: Vec<(f64, f64)>,
}

impl Canvas {
    pub(super) fn new(scene: &Scene) -> Self {
        let layout = Layout::new(&scene.graph, &scene.loose());
        let lines: Vec<Vec<String>> = scene.nodes.iter().map(lines).collect();
        let boxes = lines.iter().map(|lines| sized(lines)).collect();
        let mut canvas = Self {
            layout,
            width: 0.0,
            height: 0.0,
            beside: None,
            below: Vec::new(),
            below_from: 0.0,
            boxes,
            lines,
            columns: Vec::new(),
            rows: Vec::new(),
        };
        canvas.put_into_grid();
        canvas.put_beside();
        canvas.put_below(scene);
        canvas
    }

    /// What stands in a box.
    pub(super) fn lines(&self, node: usize) -> &[String] {
        self.lines.get(node).map_or(&[], Vec::as_slice)
    }

    /// Where a box stands.
    pub(super) fn place(&self, node: usize) -> Place {
        self.boxes.get(node).copied().unwrap_or_default()
    }

    /// Columns are as wide as their widest box, rows as high as their highest.
    fn put_into_grid(&mut self) {
        let mut wide = vec![0.0_f64; self.layout.columns];
        let mut high = vec![0.0_f64; self.layout.rows];
        for (place, cell) in self.boxes.iter().zip(&self.layout.cells) {
            let Some((row, column)) = cell else { continue };
            if let (Some(wide), Some(high)) = (wide.get_mut(*column), high.get_mut(*row)) {
                *wide = wide.max(place.width);
                *high = high.max(place.height);
            }
        }
        let mut x = MARGIN;
        for (column, wide) in wide.iter().enumerate() {
            x += self.gutter(column);
            self.columns.push(x);
            x += wide;
        }
        self.width = (x + self.gutter(wide.len()) + MARGIN).max(NARROWEST);
        let mut y = MARGIN;
        for high in high {
            self.rows.push((y, high));
            y += high + GAP;
        }
        self.height = y - if self.rows.is_empty() { 0.0 } else { GAP };
        for (place, cell) in self.boxes.iter_mut().zip(&self.layout.cells) {
            let Some((row, column)) = cell else { continue };
            place.x = self.columns.get(*column).copied().unwrap_or_default();
            place.y = self.rows.get(*row).map_or(0.0, |(y, _)| *y);
            place.width = wide.get(*column).copied().unwrap_or_default();
        }
    }

    fn gutter(&self, column: usize) -> f64 {
        GUTTER + self.layout.tracks.get(column).map_or(0.0, |tracks| *tracks as f64 * TRACK)
    }

    /// Below the graph, one after another as they fit.
    fn put_beside(&mut self) {
        let loose = self.boxes.iter_mut().zip(&self.layout.cells).filter(|(_, cell)| cell.is_none());
        let (mut x, mut y, mut high) = (MARGIN, self.height + 2.0 * LINE + PADDING, 0.0_f64);
        for (place, _) in loose {
            if self.beside.is_none() {
                self.beside = Some(self.height + 2.0 * LINE);
            }
            if x > MARGIN && x + place.width + MARGIN > self.width {
                (x, y, high) = (MARGIN, y + high + PADDING, 0.0);
            }
            (place.x, place.y) = (x, y);
            x += place.width + PADDING;
            high = high.max(place.height);
        }
        if self.beside.is_some() {
            self.height = y + high;
        }
    }

    /// What becomes of the space, and the keys.
    fn put_below(&mut self, scene: &Scene) {
        // The widest drawing has room for a few hundred letters.
        let fits = ((self.width - 2.0 * MARGIN) / LETTER) as usize;
        for (name, words) in &scene.outcome {
            self.below.extend(wrapped(&format!("{name:<12}"), words, fits));
        }
        self.below.extend(wrapped("keys        ", &scene.names.legend().collect::<Vec<_>>(), fits));
        self.below_from = self.height + 2.0 * LINE;
        self.height = self.below_from + self.below.len() as f64 * LINE;
    }

    /// The path of a line, from the parent down to the child.
    pub(super) fn line(&self, edge: &Edge, way: Way) -> String {
        let (parent, child) = (self.place(edge.parent), self.place(edge.child));
        let row = self.layout.cells.get(edge.parent).copied().flatten().map_or(0, |(row, _)| row);
        let (top, high) = self.rows.get(row).copied().unwrap_or_default();
        let (from, to) = (parent.middle(), child.middle());
        // Where it can turn: below the whole row of the parent, and above that of the child.
        let (first, last) = (top + high, child.y - GAP);
        let mut path = format!("M{} {}", number(from), number(parent.y + parent.height));
        match way {
            Way::Next | Way::AboveChild => bend(&mut path, from, to, first),
            Way::BelowParent => bend(&mut path, from, to, last),
            Way::Beside { column, track } => {
                let before = self.columns.get(column).copied();
                let edge = before.unwrap_or(self.width - MARGIN - GUTTER / 2.0);
                let x = edge - GUTTER / 2.0 - track as f64 * TRACK;
                bend(&mut path, from, x, first);
                bend(&mut path, x, to, last);
            }
        }
        let _ = write!(path, "V{}", number(child.y));
        path
    }
}

/// Goes straight down to a gap between rows, and turns in it.
fn bend(path: &mut String, from: f64, to: f64, gap: f64) {
    let _ = write!(path, "V{}", number(gap));
    if (from - to).abs() > 0.05 {
        let (half, end) = (number(gap + GAP / 2.0), number(gap + GAP));
        let _ = write!(path, "C{} {half} {} {half} {} {end}", number(from), number(to), number(to));
    }
}

fn sized(lines: &[String]) -> Place {
    let letters = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0).max(LETTERS.0);
    Place {
        width: letters as f64 * LETTER + 2.0 * PADDING,
        height: lines.len() as f64 * LINE + 2.0 * PADDING - 2.0,
        ..Place::default()
    }
}

/// Who says what about whom, what became of it, and what else there is to say.
fn lines(node: &Node) -> Vec<String> {
    let fate = node.fate();
    let (first, got) = fate.split_once(", got").unwrap_or((&fate, ""));
    let mut lines = vec![node.label.clone(), format!("#{} {first}", node.number).trim_end().to_owned()];
    if !got.is_empty() {
        lines.push(format!("got{got}"));
    }
    lines.extend(node.notes.iter().cloned());
    lines.iter().map(|line| clipped(line, LETTERS.1)).collect()
}

/// A length with one digit behind the point.
pub(super) fn number(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}
