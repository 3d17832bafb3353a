//! The drawing for a page: boxes in layers, and lines from each to those that it names.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use super::canvas::{Canvas, LINE, MARGIN, PADDING, number};
use super::{Node, Scene};
use crate::report::visible::visible;

/// Rules for the drawing, in the colours of a page that has them as custom properties.
pub const STYLE: &str = include_str!("svg.css");

/// The colours of a drawing that stands alone.
const COLOURS: &str = include_str!("colours.css");

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

    fn content(&self, canvas: &Canvas) -> Markup {
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
                text.faint x=(number(MARGIN)) y=(number(y)) { "beside the graph, as nothing leads to or from them:" }
            }
            @for (index, line) in canvas.below.iter().enumerate() {
                text x=(number(MARGIN)) y=(number(canvas.below_from + index as f64 * LINE)) { (line) }
            }
        }
    }

    fn node(&self, node: &Node, canvas: &Canvas, index: usize) -> Markup {
        let place = canvas.place(index);
        let class = match node {
            node if node.got.is_some() => "differs",
            node if node.in_force => "force",
            node if node.counts() => "counts",
            _ => "off",
        };
        let across = place.x + PADDING;
        let down = |line: usize| place.y + PADDING + 11.0 + line as f64 * LINE;
        html! {
            g.(class).small[node.small] role="img" {
                title { (self.told(node, index)) }
                rect x=(number(place.x)) y=(number(place.y)) width=(number(place.width)) height=(number(place.height)) rx="4" {}
                @for (at, line) in canvas.lines(index).iter().enumerate() {
                    text.name[at == 0] x=(number(across)) y=(number(down(at))) { (line) }
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
            let edges =
                self.graph.edges.iter().filter(move |edge| edge.child == index && edge.implied == implied);
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
