//! A map from small numbers that shares what it has in common with the maps it was made from.

use std::array;
use std::sync::Arc;

/// Bits of a number that one node looks at.
const BITS: u32 = 4;

/// Children of a node.
const FAN: usize = 1 << BITS;

/// Whether two values are the same one, seen at little cost; `false` costs time and nothing else.
pub(super) trait Same {
    /// Whether they are.
    fn same(&self, other: &Self) -> bool;
}

impl Same for u32 {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl<T> Same for Arc<T> {
    fn same(&self, other: &Self) -> bool {
        Self::ptr_eq(self, other)
    }
}

#[derive(Clone, Debug)]
enum Node<V> {
    Leaf([Option<V>; FAN]),
    Branch([Option<Arc<Self>>; FAN]),
}

/// The map.  A clone costs nothing; setting a value copies a path of at most five nodes for numbers below 2^20.
#[derive(Clone, Debug)]
pub(super) struct Trie<V> {
    root: Option<Arc<Node<V>>>,
    /// Levels of branches above the leaves.
    height: u32,
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self { root: None, height: 0 }
    }
}

/// The place of a number in a node so many levels above the leaves.
const fn slot(key: u32, height: u32) -> usize {
    ((key >> (BITS * height)) & (FAN as u32 - 1)) as usize
}

impl<V: Clone + Same> Trie<V> {
    fn holds(&self, key: u32) -> bool {
        key.checked_shr(BITS * (self.height + 1)).unwrap_or(0) == 0
    }

    /// The value of a number.
    pub(super) fn get(&self, key: u32) -> Option<&V> {
        if !self.holds(key) {
            return None;
        }
        let mut node = self.root.as_deref()?;
        let mut height = self.height;
        loop {
            match node {
                Node::Leaf(values) => return values.get(slot(key, 0))?.as_ref(),
                Node::Branch(children) => node = children.get(slot(key, height))?.as_deref()?,
            }
            height = height.saturating_sub(1);
        }
    }

    /// Puts a value in the place of the one that a number has.
    pub(super) fn set(&mut self, key: u32, value: V) {
        while !self.holds(key) {
            self.raise();
        }
        put(&mut self.root, self.height, key, value);
    }

    fn raise(&mut self) {
        self.height += 1;
        if let Some(root) = self.root.take() {
            let mut root = Some(root);
            let children = array::from_fn(|slot| if slot == 0 { root.take() } else { None });
            self.root = Some(Arc::new(Node::Branch(children)));
        }
    }

    /// Both maps together; `join` makes one value of two that differ.  What the two share is not gone through.
    pub(super) fn merge(&self, other: &Self, join: &mut impl FnMut(&V, &V) -> V) -> Self {
        let (mut a, mut b) = (self.clone(), other.clone());
        while a.height < b.height {
            a.raise();
        }
        while b.height < a.height {
            b.raise();
        }
        let root = match (a.root, b.root) {
            (Some(a), Some(b)) => Some(merge(&a, &b, join)),
            (a, b) => a.or(b),
        };
        Self { root, height: a.height }
    }
}

fn put<V: Clone>(node: &mut Option<Arc<Node<V>>>, height: u32, key: u32, value: V) {
    let empty = || {
        Arc::new(match height {
            0 => Node::Leaf(array::from_fn(|_| None)),
            _ => Node::Branch(array::from_fn(|_| None)),
        })
    };
    match Arc::make_mut(node.get_or_insert_with(empty)) {
        Node::Leaf(values) => {
            if let Some(place) = values.get_mut(slot(key, 0)) {
                *place = Some(value);
            }
        }
        Node::Branch(children) => {
            if let Some(child) = children.get_mut(slot(key, height)) {
                put(child, height.saturating_sub(1), key, value);
            }
        }
    }
}

fn merge<V: Clone + Same>(
    a: &Arc<Node<V>>,
    b: &Arc<Node<V>>,
    join: &mut impl FnMut(&V, &V) -> V,
) -> Arc<Node<V>> {
    match (&**a, &**b) {
        (Node::Leaf(left), Node::Leaf(right)) => zip(left, right, join).pack(a, b, Node::Leaf),
        (Node::Branch(left), Node::Branch(right)) => {
            zip(left, right, &mut |x, y| merge(x, y, join)).pack(a, b, Node::Branch)
        }
        // Two maps of one height have their leaves at one depth.
        _ => a.clone(),
    }
}

/// The items of two nodes together, and whether that is what one of them has.
struct Joined<T> {
    items: [Option<T>; FAN],
    is_left: bool,
    is_right: bool,
}

impl<T> Joined<T> {
    /// As a node, which is one of the two where it has the same items, so that later merges see what they share.
    fn pack<V>(
        self,
        a: &Arc<Node<V>>,
        b: &Arc<Node<V>>,
        node: impl FnOnce([Option<T>; FAN]) -> Node<V>,
    ) -> Arc<Node<V>> {
        match self {
            Self { is_left: true, .. } => a.clone(),
            Self { is_right: true, .. } => b.clone(),
            Self { items, .. } => Arc::new(node(items)),
        }
    }
}

fn zip<T: Clone + Same>(
    left: &[Option<T>; FAN],
    right: &[Option<T>; FAN],
    join: &mut impl FnMut(&T, &T) -> T,
) -> Joined<T> {
    let (mut is_left, mut is_right) = (true, true);
    let mut pairs = left.iter().zip(right);
    let items = array::from_fn(|_| match pairs.next()? {
        (Some(x), Some(y)) if x.same(y) => Some(x.clone()),
        (Some(x), Some(y)) => {
            let joined = join(x, y);
            is_left &= joined.same(x);
            is_right &= joined.same(y);
            Some(joined)
        }
        (Some(x), None) => {
            is_right = false;
            Some(x.clone())
        }
        (None, Some(y)) => {
            is_left = false;
            Some(y.clone())
        }
        (None, None) => None,
    });
    Joined { items, is_left, is_right }
}

#[cfg(test)]
mod tests {
    use super::Trie;

    fn of(keys: &[u32]) -> Trie<u32> {
        let mut map = Trie::default();
        for &key in keys {
            map.set(key, key + 1);
        }
        map
    }

    #[test]
    fn what_is_set_is_found_and_nothing_else() {
        let map = of(&[0, 15, 16, 255, 256, 70_000, u32::MAX - 1]);
        for key in [0, 15, 16, 255, 256, 70_000, u32::MAX - 1] {
            assert_eq!(map.get(key), Some(&(key + 1)), "{key}");
        }
        for key in [1, 17, 4_096, 69_999, u32::MAX] {
            assert_eq!(map.get(key), None, "{key}");
        }
    }

    #[test]
    fn a_merge_has_the_items_of_both_and_changes_neither() {
        let (small, large) = (of(&[1, 2]), of(&[2, 3, 5_000]));
        let both = small.merge(&large, &mut |a, b| a + b);
        assert_eq!(
            [1, 2, 3, 5_000].map(|key| both.get(key).copied()),
            [Some(2), Some(3), Some(4), Some(5_001)]
        );
        assert_eq!((small.get(3), large.get(1)), (None, None));
        let again = both.merge(&small, &mut |a, b| *a.max(b));
        assert_eq!(again.get(5_000), Some(&5_001));
    }

    #[test]
    fn a_clone_is_not_changed_by_what_is_set_later() {
        let first = of(&[7]);
        let mut second = first.clone();
        second.set(7, 0);
        assert_eq!((first.get(7), second.get(7)), (Some(&8), Some(&0)));
    }
}
