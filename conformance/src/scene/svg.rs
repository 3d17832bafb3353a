//! The drawing for a page: boxes in layers, and lines from each to those that it names.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use super::graph::Edge;
use super::layout::{Layout, TRACKS, Way};
use super::printed::{clipped, wrapped};
use super::{Node, Scene};
use crate::report::visible::visible;

/// Rules for the drawing, in the colours of a page that has them as custom properties.
pub const STYLE: &str = include_str!("svg.css");

/// The colours of a drawing that stands alone.
const COLOURS: &str = include_str!("colours.css");

/// All in pixels.  The letters of the boxes are of one width.
const LETTER: f64 = 7.3;
const LINE: f64 = 15.0;
const PADDING: f64 = 8.0;
const GAP: f64 = 34.0;
const TRACK: f64 = 5.0;
const GUTTER: f64 = 14.0 + TRACK * TRACKS as f64;
const MARGIN: f64 = 8.0;
/// The narrowest drawing: what stands below the boxes needs room.
const NARROWEST: f64 = 620.0;

/// The longest line in a box, in letters.
const LETTERS: usize = 30;

impl Scene {
    /// The drawing as an element for a page that has [`STYLE`].
    pub fn svg(&self) -> Markup {
        let canvas = Canvas::new(self);
        let (width, height) = (number(canvas.width), number(canvas.height));
        html! {
            svg.scene role="group" aria-label=(self.title()) width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } {
                (self.content(&canvas))
            }
        }
    }

    /// The drawing as a file of its own, which needs nothing else.
    pub fn svg_file(&self) -> String {
        let canvas = Canvas::new(self);
        let (width, height) = (number(canvas.width), number(canvas.height));
        let file = html! {
            svg.scene xmlns="http://www.w3.org/2000/svg" role="group" width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } {
                style { (PreEscaped(COLOURS)) (PreEscaped(STYLE)) }
                rect.page width="100%" height="100%" {}
                (self.content(&canvas))
            }
        };
        format!("{}\n", visible(&file.into_string()))
    }

    fn content(&self, canvas: &Canvas<'_>) -> Markup {
        html! {
            title { (self.title()) }
            desc { "Each credential stands below those that it names as its parents." }
            @for (edge, way) in &canvas.layout.ways {
                path.implied[edge.implied] d=(canvas.line(edge, *way)) {}
            }
            @for (index, node) in self.nodes.iter().enumerate() {
                (self.node(node, canvas, index))
            }
            @if let Some(y) = canvas.beside {
                text.faint x=(number(MARGIN)) y=(number(y)) { "beside the graph, as they name no parents:" }
            }
            @for (index, line) in canvas.below.iter().enumerate() {
                text x=(number(MARGIN)) y=(number(canvas.text_from + index as f64 * LINE)) { (line) }
            }
        }
    }

    fn node(&self, node: &Node, canvas: &Canvas<'_>, index: usize) -> Markup {
        let (x, y, height) = canvas.place(index);
        let class = match node {
            node if node.got.is_some() => "differs",
            node if node.in_force => "force",
            node if node.counts() => "counts",
            _ => "off",
        };
        let lines = lines(node);
        html! {
            g.(class).small[node.small] role="img" {
                title { (self.told(node, index)) }
                rect x=(number(x)) y=(number(y)) width=(number(canvas.wide)) height=(number(height)) rx="4" {}
                @for (at, line) in lines.iter().enumerate() {
                    text.name[at == 0] x=(number(x + PADDING)) y=(number(y + PADDING + 11.0 + at as f64 * LINE)) {
                        (clipped(line, LETTERS))
                    }
                }
            }
        }
    }

    /// All that there is to say of a node.
    fn told(&self, node: &Node, index: usize) -> String {
        let mut text = format!("#{} {}", node.number, node.label);
        let want = node.want.as_deref().filter(|_| node.got.is_none() && !node.in_force);
        for part in want.into_iter().map(str::to_owned).chain([node.fate()]).chain(node.notes.clone()) {
            if !part.is_empty() && !text.ends_with(&part) {
                let _ = write!(text, "; {part}");
            }
        }
        let named = |implied| {
            let edges = self.graph.edges.iter().filter(move |edge| edge.child == index && edge.implied == implied);
            edges.map(|edge| format!("#{}", edge.parent)).collect::<Vec<_>>().join(", ")
        };
        match (named(false), named(true)) {
            (parents, _) if !parents.is_empty() => text.push_str(&format!("; names {parents}")),
            (_, genesis) if !genesis.is_empty() => {
                text.push_str(&format!("; names no parents, so that it follows {genesis}"));
            }
            _ => text.push_str("; names none of the others"),
        }
        if !node.id.is_empty() {
            text.push_str(&format!("; id {}…", node.id));
        }
        text
    }
}

/// What stands in a box.
fn lines(node: &Node) -> Vec<String> {
    let mut lines = vec![node.label.clone()];
    let fate = node.fate();
    lines.push(format!("#{} {}", node.number, fate.split(", got").next().unwrap_or_default()).trim_end().to_owned());
    if let Some((_, got)) = fate.split_once(", got") {
        lines.push(format!("got{got}"));
    }
    lines.extend(node.notes.iter().cloned());
    lines
}

/// Sizes and places.
struct Canvas<'a> {
    scene: &'a Scene,
    layout: Layout,
    /// The width of all boxes.
    wide: f64,
    /// Where each row begins and how high it is.
    rows: Vec<(f64, f64)>,
    /// Where it is said what stands beside the graph.
    beside: Option<f64>,
    /// The lines below the boxes.
    below: Vec<String>,
    text_from: f64,
    width: f64,
    height: f64,
}

impl<'a> Canvas<'a> {
    fn new(scene: &'a Scene) -> Self {
        let loose = scene.loose();
        let layout = Layout::new(&scene.graph, &loose);
        let letters = scene.nodes.iter().flat_map(lines).map(|line| line.chars().count()).max().unwrap_or(0);
        let wide = letters.clamp(8, LETTERS) as f64 * LETTER + 2.0 * PADDING;
        let mut y = MARGIN;
        let mut beside = None;
        let mut rows = Vec::new();
        for row in 0..layout.rows {
            if row == layout.connected {
                beside = Some(y + LINE);
                y += LINE + PADDING;
            }
            let here = scene.nodes.iter().zip(&layout.cells).filter(|(_, (at, _))| *at == row);
            let high = here.map(|(node, _)| high(node)).fold(0.0, f64::max);
            rows.push((y, high));
            y += high + if row < layout.connected { GAP } else { PADDING };
        }
        let boxes = layout.columns as f64 * (wide + GUTTER) + GUTTER;
        let width = (boxes + 2.0 * MARGIN).max(NARROWEST);
        let fits = ((width - 2.0 * MARGIN) / LETTER).max(0.0) as usize;
        let mut below: Vec<String> = Vec::new();
        for (name, words) in &scene.outcome {
            below.extend(wrapped(&format!("{name:<8} "), words, fits));
        }
        below.extend(wrapped("keys     ", &scene.names.legend().collect::<Vec<_>>(), fits));
        let text_from = y + LINE;
        let height = text_from + below.len() as f64 * LINE;
        Self { scene, layout, wide, rows, beside, below, text_from, width, height }
    }

    /// The upper left corner of a box, and its height.
    fn place(&self, node: usize) -> (f64, f64, f64) {
        let (row, column) = self.layout.cells.get(node).copied().unwrap_or_default();
        let (y, _) = self.row(row);
        (self.column(column), y, self.scene.nodes.get(node).map_or(0.0, high))
    }

    fn row(&self, row: usize) -> (f64, f64) {
        self.rows.get(row).copied().unwrap_or_default()
    }

    fn column(&self, column: usize) -> f64 {
        MARGIN + GUTTER + column as f64 * (self.wide + GUTTER)
    }

    /// The path of a line, from the parent down to the child.
    fn line(&self, edge: &Edge, way: Way) -> String {
        let (from, top, high) = self.place(edge.parent);
        let (to, end, _) = self.place(edge.child);
        let (from, to) = (from + self.wide / 2.0, to + self.wide / 2.0);
        let cell = |node: usize| self.layout.cells.get(node).copied().unwrap_or_default();
        let (row, tall) = self.row(cell(edge.parent).0);
        // Behind the whole row of the parent, and before that of the child.
        let (start, near) = (row + tall, end - GAP);
        let mut path = format!("M{} {}V{}", number(from), number(top + high), number(start));
        let mut bend = |x0: f64, x1: f64, y: f64| {
            let (half, next) = (y + GAP / 2.0, y + GAP);
            if (x0 - x1).abs() < 0.05 {
                let _ = write!(path, "V{}", number(next));
            } else {
                let (x0, x1, half) = (number(x0), number(x1), number(half));
                let _ = write!(path, "C{x0} {half} {x1} {half} {x1} {}", number(next));
            }
        };
        match way {
            Way::Next => bend(from, to, start),
            Way::BelowParent => bend(from, to, near),
            Way::AboveChild => bend(from, to, start),
            Way::Beside { column, track } => {
                let x = self.column(column) - GUTTER + 7.0 + track as f64 * TRACK;
                bend(from, x, start);
                let _ = write!(path, "V{}", number(near));
                let (half, end) = (number(near + GAP / 2.0), number(end));
                let _ = write!(path, "C{} {half} {} {half} {} {end}", number(x), number(to), number(to));
                return path;
            }
        }
        let _ = write!(path, "V{}", number(end));
        path
    }
}

fn high(node: &Node) -> f64 {
    lines(node).len() as f64 * LINE + 2.0 * PADDING - 2.0
}

/// A length with one digit behind the point.
fn number(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}
