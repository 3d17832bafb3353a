//! Who stands before whom: an order with parents first, and layers.

use std::collections::BTreeSet;

/// From a child to a parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// The node that names the other.
    pub(super) child: usize,
    /// The node that is named.
    pub(super) parent: usize,
    /// Nothing is named, so that the genesis stands before it.
    pub(super) implied: bool,
}

/// Nodes in layers, so that every edge leads from a layer to one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Graph {
    /// All edges but those of [`Self::dropped`].
    pub(super) edges: Vec<Edge>,
    /// Edges that would close a circle.
    pub(super) dropped: Vec<Edge>,
    /// All nodes, parents first, and otherwise as they are numbered.
    pub(super) order: Vec<usize>,
    /// The layer of each node: the length of its longest way to a node without parents, and one more where that is
    /// no genesis but there is one.
    pub(super) layers: Vec<usize>,
}

impl Graph {
    /// Of so many nodes.  `base` gives the layer of a node that has no parents.  Edges to or from other nodes are
    /// left out.
    pub(super) fn new(nodes: usize, edges: &[Edge], base: impl Fn(usize) -> usize) -> Self {
        let mut edges: Vec<Edge> =
            edges.iter().copied().filter(|edge| edge.child < nodes && edge.parent < nodes).collect();
        edges.sort_unstable();
        edges.dedup_by_key(|edge| (edge.child, edge.parent));
        let mut state = Placing::new(nodes, &edges);
        let mut graph = Self { layers: vec![0; nodes], ..Self::default() };
        while graph.order.len() < nodes {
            let Some(node) = state.ready.pop_first() else {
                match state.cut() {
                    Some(edge) => graph.dropped.push(edge),
                    // There is a circle as long as something is neither placed nor ready.
                    None => break,
                }
                continue;
            };
            let above = state.parents.get(node).into_iter().flatten();
            let above = above.filter_map(|edge| graph.layers.get(edge.parent)).max().map(|layer| layer + 1);
            if let Some(layer) = graph.layers.get_mut(node) {
                *layer = above.unwrap_or(0).max(base(node));
            }
            graph.order.push(node);
            state.place(node);
        }
        graph.edges = state.parents.into_iter().flatten().collect();
        graph
    }

    /// The parents of each node.
    pub(super) fn parents(&self) -> Vec<Vec<usize>> {
        self.listed(|edge| (edge.child, edge.parent))
    }

    /// The children of each node.
    pub(super) fn children(&self) -> Vec<Vec<usize>> {
        self.listed(|edge| (edge.parent, edge.child))
    }

    fn listed(&self, ends: impl Fn(&Edge) -> (usize, usize)) -> Vec<Vec<usize>> {
        let mut lists = vec![Vec::new(); self.layers.len()];
        for (from, to) in self.edges.iter().map(ends) {
            if let Some(list) = lists.get_mut(from) {
                list.push(to);
            }
        }
        lists
    }

    /// For each node whether it stands before another one, directly or not.
    pub(super) fn ancestors(&self) -> Vec<BTreeSet<usize>> {
        let parents = self.parents();
        let mut all: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); parents.len()];
        for &node in &self.order {
            let mut found = BTreeSet::new();
            for &parent in parents.get(node).into_iter().flatten() {
                found.insert(parent);
                found.extend(all.get(parent).into_iter().flatten());
            }
            if let Some(place) = all.get_mut(node) {
                *place = found;
            }
        }
        all
    }
}

/// The work that is left.
struct Placing {
    /// Edges by child.
    parents: Vec<Vec<Edge>>,
    children: Vec<Vec<usize>>,
    /// How many parents of a node are not placed.
    missing: Vec<usize>,
    ready: BTreeSet<usize>,
    placed: Vec<bool>,
}

impl Placing {
    fn new(nodes: usize, edges: &[Edge]) -> Self {
        let mut parents = vec![Vec::new(); nodes];
        let mut children = vec![Vec::new(); nodes];
        for edge in edges {
            if let (Some(above), Some(below)) = (parents.get_mut(edge.child), children.get_mut(edge.parent)) {
                above.push(*edge);
                below.push(edge.child);
            }
        }
        let missing: Vec<usize> = parents.iter().map(Vec::len).collect();
        let ready = (0..nodes).filter(|node| missing.get(*node) == Some(&0)).collect();
        Self { parents, children, missing, ready, placed: vec![false; nodes] }
    }

    fn place(&mut self, node: usize) {
        if let Some(placed) = self.placed.get_mut(node) {
            *placed = true;
        }
        for child in self.children.get(node).cloned().unwrap_or_default() {
            self.release(child);
        }
    }

    /// One parent less is missing.
    fn release(&mut self, child: usize) {
        if let Some(missing) = self.missing.get_mut(child) {
            *missing = missing.saturating_sub(1);
            if *missing == 0 {
                self.ready.insert(child);
            }
        }
    }

    /// Takes an edge out of a circle.
    fn cut(&mut self) -> Option<Edge> {
        let mut node = self.placed.iter().position(|placed| !placed)?;
        let mut passed = BTreeSet::new();
        while passed.insert(node) {
            node = self.above(node)?.parent;
        }
        let edge = self.above(node)?;
        self.parents.get_mut(node)?.retain(|other| *other != edge);
        self.children.get_mut(edge.parent)?.retain(|child| *child != node);
        self.release(node);
        Some(edge)
    }

    /// The first edge to a parent that is not placed.
    fn above(&self, node: usize) -> Option<Edge> {
        let waits = |edge: &&Edge| self.placed.get(edge.parent) == Some(&false);
        self.parents.get(node)?.iter().find(waits).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edges(pairs: &[(usize, usize)]) -> Vec<Edge> {
        pairs.iter().map(|&(child, parent)| Edge { child, parent, implied: false }).collect()
    }

    #[test]
    fn a_layer_is_the_longest_way() {
        let graph = Graph::new(5, &edges(&[(1, 0), (2, 1), (3, 0), (3, 2), (4, 9)]), |_| 0);
        assert_eq!(graph.layers, [0, 1, 2, 3, 0]);
        assert_eq!(graph.order, [0, 1, 2, 3, 4]);
        assert_eq!(graph.ancestors()[3], BTreeSet::from([0, 1, 2]));
    }

    #[test]
    fn a_circle_is_cut_once() {
        // 0 hangs on the circle of 1, 2 and 3; 4 names itself.
        let graph = Graph::new(5, &edges(&[(0, 1), (1, 2), (2, 3), (3, 1), (4, 4)]), |_| 0);
        assert_eq!((graph.edges.len(), graph.dropped), (3, edges(&[(1, 2), (4, 4)])));
    }

    proptest! {
        #[test]
        fn every_node_comes_once_and_behind_its_parents(
            pairs in prop::collection::vec((0_usize..14, 0_usize..14), 0..60),
        ) {
            let all = edges(&pairs);
            let graph = Graph::new(12, &all, |node| node % 2);
            prop_assert_eq!(graph.order.iter().copied().collect::<BTreeSet<_>>(), (0..12).collect());
            prop_assert_eq!(graph.order.len(), 12);
            let place = |node: usize| graph.order.iter().position(|other| *other == node);
            for edge in &graph.edges {
                prop_assert!(graph.layers[edge.parent] < graph.layers[edge.child]);
                prop_assert!(place(edge.parent) < place(edge.child));
            }
            let kept: BTreeSet<_> = graph.edges.iter().chain(&graph.dropped).copied().collect();
            let wanted = all.iter().copied().filter(|edge| edge.child < 12 && edge.parent < 12);
            prop_assert_eq!(kept, wanted.collect());
        }
    }
}
