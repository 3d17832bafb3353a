//! Where the boxes of a drawing stand, and how the lines between them run.

use std::collections::{HashMap, HashSet};

use super::graph::{Edge, Graph};

/// Of one layer so many boxes stand beside one another; more stand in a further row.
pub(super) const COLUMNS: usize = 8;

/// How a line gets past the rows between its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// There are none.
    Next,
    /// Through the column of the parent.
    BelowParent,
    /// Through the column of the child.
    AboveChild,
    /// Left of a column, on one of several tracks.
    Beside {
        /// The column.
        column: usize,
        /// The track.
        track: usize,
    },
}

/// So many tracks run beside a column; more lines share them.
pub(super) const TRACKS: usize = 6;

/// A grid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Row and column of each node; none for what stands beside the graph.
    pub(super) cells: Vec<Option<(usize, usize)>>,
    /// Number of rows.
    pub(super) rows: usize,
    /// Number of columns.
    pub(super) columns: usize,
    /// How many tracks there are to the left of each column, and behind the last one.
    pub(super) tracks: Vec<usize>,
    /// All edges with their ways.
    pub(super) ways: Vec<(Edge, Way)>,
}

/// Which lines run through an empty cell: those of one parent, or those to one child.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Passing {
    From(usize),
    To(usize),
}

impl Layout {
    /// The nodes that are `loose` have no place: they have no edges.
    pub(super) fn new(graph: &Graph, loose: &[bool]) -> Self {
        let mut layout = Self { cells: vec![None; graph.layers.len()], ..Self::default() };
        let parents = graph.parents();
        let is_loose = |node: &usize| loose.get(*node).copied().unwrap_or_default();
        let mut connected: Vec<usize> = (0..graph.layers.len()).filter(|node| !is_loose(node)).collect();
        connected.sort_by_key(|node| graph.layers.get(*node));
        for layer in connected.chunk_by(|a, b| graph.layers.get(*a) == graph.layers.get(*b)) {
            for row in layer.chunks(COLUMNS) {
                layout.row(row, &parents);
            }
        }
        layout.lead(&graph.edges);
        layout
    }

    /// Puts each node of a row below its first parent, or as near to that as there is room.
    fn row(&mut self, nodes: &[usize], parents: &[Vec<usize>]) {
        let mut taken = [false; COLUMNS];
        for node in nodes {
            let parent = parents.get(*node).and_then(|parents| parents.first());
            let wish = parent.map_or(0, |parent| self.cell(*parent).1);
            let free = (0..COLUMNS).filter(|column| taken.get(*column) == Some(&false));
            let column =
                free.min_by_key(|column| (column.abs_diff(wish), *column < wish)).unwrap_or_default();
            if let Some(place) = taken.get_mut(column) {
                *place = true;
            }
            if let Some(cell) = self.cells.get_mut(*node) {
                *cell = Some((self.rows, column));
            }
            self.columns = self.columns.max(column + 1);
        }
        self.rows += 1;
    }

    fn cell(&self, node: usize) -> (usize, usize) {
        self.cells.get(node).copied().flatten().unwrap_or_default()
    }

    /// Finds a way for each edge: straight down where nothing stands in it, else beside a column.
    fn lead(&mut self, edges: &[Edge]) {
        let boxes: HashSet<(usize, usize)> = self.cells.iter().copied().flatten().collect();
        let mut passing: HashMap<(usize, usize), Passing> = HashMap::new();
        let mut beside = vec![0; self.columns + 1];
        for edge in edges {
            let ((above, from), (below, to)) = (self.cell(edge.parent), self.cell(edge.child));
            let between = above + 1..below;
            let mut through = |column: usize, by: Passing| {
                let open = |row: usize| {
                    let cell = (row, column);
                    !boxes.contains(&cell) && passing.get(&cell).is_none_or(|other| *other == by)
                };
                let open = between.clone().all(open);
                if open {
                    passing.extend(between.clone().map(|row| ((row, column), by)));
                }
                open
            };
            let way = if between.is_empty() {
                Way::Next
            } else if through(from, Passing::From(edge.parent)) {
                Way::BelowParent
            } else if through(to, Passing::To(edge.child)) {
                Way::AboveChild
            } else {
                let column = if to > from { from + 1 } else { from };
                let track = beside.get_mut(column).map_or(0, |count: &mut usize| {
                    *count += 1;
                    (*count - 1) % TRACKS
                });
                Way::Beside { column, track }
            };
            self.ways.push((*edge, way));
        }
        self.tracks = beside.into_iter().map(|count| count.min(TRACKS)).collect();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_runs_past_what_stands_in_its_way() {
        let pairs = [(1, 0), (2, 1), (2, 0), (3, 2), (3, 0), (4, 1)];
        let edges = pairs.map(|(child, parent)| Edge { child, parent, implied: false });
        let layout = Layout::new(&Graph::new(5, &edges, |_| 0), &[false; 5]);
        assert_eq!(layout.cells, [(0, 0), (1, 0), (2, 0), (3, 0), (2, 1)].map(Some));
        assert_eq!(layout.tracks, [2, 0, 0]);
        let way = |child, parent| {
            layout.ways.iter().find(|(edge, _)| (edge.child, edge.parent) == (child, parent)).unwrap().1
        };
        assert_eq!((way(1, 0), way(2, 0)), (Way::Next, Way::Beside { column: 0, track: 0 }));
        assert_eq!(way(3, 0), Way::Beside { column: 0, track: 1 });
    }

    proptest! {
        #[test]
        fn no_two_boxes_share_a_cell_and_lines_lead_down(
            pairs in prop::collection::vec((0_usize..40, 0_usize..40), 0..120),
            loose in prop::collection::vec(any::<bool>(), 40),
        ) {
            let edges: Vec<Edge> =
                pairs.iter().map(|&(child, parent)| Edge { child, parent, implied: false }).collect();
            let graph = Graph::new(40, &edges, |_| 0);
            let apart = |node: usize| loose[node] && graph.edges.iter().all(|edge| edge.child != node && edge.parent != node);
            let loose: Vec<bool> = (0..40).map(apart).collect();
            let layout = Layout::new(&graph, &loose);
            let placed: Vec<(usize, usize)> = layout.cells.iter().copied().flatten().collect();
            prop_assert_eq!(placed.iter().collect::<BTreeSet<_>>().len(), placed.len());
            prop_assert_eq!(placed.len(), loose.iter().filter(|loose| !**loose).count());
            prop_assert_eq!(layout.ways.len(), graph.edges.len());
            for (row, column) in placed {
                prop_assert!(row < layout.rows && column < layout.columns);
            }
            for (edge, _) in &layout.ways {
                prop_assert!(layout.cells[edge.parent].unwrap().0 < layout.cells[edge.child].unwrap().0);
            }
        }
    }
}
