//! Growing a tree on the rows of a chunk.
//!
//! Splits are those of Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees"
//! (1984): every threshold between two neighbouring values of a feature is tried, and the best is
//! taken. Nodes are split from the one that gains most, so a tree with fewer leaves is the same tree,
//! pruned.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use twoblade_core::Random;

use super::criterion::Criterion;
use super::ranked::Ranked;
use super::tree::{Split, Tree};

/// When a tree stops growing, and how many features a split may choose from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    /// Features that are looked at for a split.
    pub(super) tried: usize,
    /// Rows that a leaf has at least.
    pub(super) leaf_rows: usize,
    /// Splits above a leaf, at most; 60 or fewer, as a path has 64 bits.
    pub(super) depth: u32,
    /// Leaves, at most.
    pub(super) leaves: usize,
}

/// A node that is not split yet: some of the rows, which stand together.
struct Node {
    begin: usize,
    end: usize,
    /// 1 for the root; below a node, twice its own, and one more on the right. Draws are addressed
    /// by it, so that they do not depend on the order in which nodes are split.
    path: u64,
    depth: u32,
    children: Option<(Cut, [usize; 2])>,
}

/// A split of a node, and what it is worth.
#[derive(Clone, Copy)]
struct Cut {
    feature: usize,
    /// Rows of at most this rank go left.
    rank: u32,
    threshold: f64,
    gain: f64,
}

/// A node, and its place among those that wait.
pub(super) const NODE_BYTES: usize = size_of::<Node>() + size_of::<Waiting>();

/// A node waiting to be split.
struct Waiting {
    cut: Cut,
    node: Reverse<usize>,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cut.gain.total_cmp(&other.cut.gain).then(self.node.cmp(&other.node))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

/// Grows a tree on rows that count `weights` times each; those that count 0 times are not there.
pub(super) fn grow<C: Criterion>(
    ranked: &Ranked<'_>,
    weights: &[u32],
    criterion: C,
    limits: Limits,
    draws: Random,
) -> Tree {
    let rows = (0u32..).zip(weights).filter(|(_, weight)| **weight > 0).map(|(row, _)| row);
    let mut growth = Growth {
        ranked,
        weights,
        criterion,
        limits,
        draws,
        rows: rows.collect(),
        keys: Vec::new(),
        features: (0..ranked.width()).collect(),
    };
    growth.grow()
}

struct Growth<'a, C> {
    ranked: &'a Ranked<'a>,
    weights: &'a [u32],
    criterion: C,
    limits: Limits,
    draws: Random,
    /// Those of a node stand together.
    rows: Vec<u32>,
    /// A node's rows, ordered by a feature: its rank above the row.
    keys: Vec<u64>,
    /// All features; draws shuffle a part and put it back.
    features: Vec<usize>,
}

impl<C: Criterion> Growth<'_, C> {
    fn grow(&mut self) -> Tree {
        let (mut nodes, mut waiting) = (Vec::new(), BinaryHeap::new());
        let root = Node { begin: 0, end: self.rows.len(), path: 1, depth: 0, children: None };
        self.push(root, &mut nodes, &mut waiting);
        let mut leaves = 1;
        while leaves < self.limits.leaves
            && let Some(Waiting { cut, node: Reverse(place) }) = waiting.pop()
        {
            let (begin, end) = (nodes[place].begin, nodes[place].end);
            let middle = begin + self.part(begin, end, cut);
            let (path, depth) = (2 * nodes[place].path, nodes[place].depth + 1);
            nodes[place].children = Some((cut, [nodes.len(), nodes.len() + 1]));
            let left = Node { begin, end: middle, path, depth, children: None };
            self.push(left, &mut nodes, &mut waiting);
            let right = Node { begin: middle, end, path: path + 1, depth, children: None };
            self.push(right, &mut nodes, &mut waiting);
            leaves += 1;
        }
        self.tree(&nodes, leaves)
    }

    fn push(&mut self, node: Node, nodes: &mut Vec<Node>, waiting: &mut BinaryHeap<Waiting>) {
        if let Some(cut) = self.best(&node) {
            waiting.push(Waiting { cut, node: Reverse(nodes.len()) });
        }
        nodes.push(node);
    }

    /// The best split of a node, if it may be split.
    fn best(&mut self, node: &Node) -> Option<Cut> {
        let rows = &self.rows[node.begin..node.end];
        if rows.len() < 2 * self.limits.leaf_rows
            || node.depth >= self.limits.depth
            || !self.criterion.start(rows, self.weights)
        {
            return None;
        }
        let whole = self.criterion.score();
        let (mut best, mut swapped) = (None, Vec::new());
        let width = self.features.len();
        let mut varied = false;
        for tried in 0..width {
            // At least one feature that varies is looked at, as others do.
            if tried >= self.limits.tried && varied {
                break;
            }
            if self.limits.tried < width {
                let draw = u32::try_from(tried).expect("below 2^32");
                let left = u32::try_from(width - tried).expect("below 2^32");
                let other = tried + self.draws.below(node.path, draw, left) as usize;
                self.features.swap(tried, other);
                swapped.push(other);
            }
            varied |= self.try_feature(node, self.features[tried], whole, &mut best);
        }
        for (place, &other) in swapped.iter().enumerate().rev() {
            self.features.swap(place, other);
        }
        best
    }

    /// Whether the feature varies in the node; its best split, if that is better than the best.
    fn try_feature(
        &mut self,
        node: &Node,
        feature: usize,
        whole: f64,
        best: &mut Option<Cut>,
    ) -> bool {
        let ranks = self.ranked.ranks(feature);
        let rows = &self.rows[node.begin..node.end];
        let first = ranks[rows[0] as usize];
        if rows.iter().all(|&row| ranks[row as usize] == first) {
            return false;
        }
        self.keys.clear();
        let key = |&row: &u32| (u64::from(ranks[row as usize]) << 32) | u64::from(row);
        self.keys.extend(rows.iter().map(key));
        self.keys.sort_unstable();
        self.criterion.again();
        let least = self.limits.leaf_rows;
        for (place, pair) in self.keys.windows(2).enumerate().take(self.keys.len() - least) {
            let row = low(pair[0]);
            self.criterion.shift(row, self.weights[row as usize]);
            if place + 1 < least || pair[0] >> 32 == pair[1] >> 32 {
                continue;
            }
            let gain = self.criterion.score() - whole;
            if best.is_none_or(|best| gain > best.gain) {
                let threshold = self.ranked.between(feature, row, low(pair[1]));
                let rank = ranks[row as usize];
                *best = Some(Cut { feature, rank, threshold, gain });
            }
        }
        true
    }

    /// Puts the rows that go left before those that go right; how many go left.
    fn part(&mut self, begin: usize, end: usize, cut: Cut) -> usize {
        let ranks = self.ranked.ranks(cut.feature);
        let rows = &mut self.rows[begin..end];
        self.keys.clear();
        let mut left = 0;
        for place in 0..rows.len() {
            let row = rows[place];
            if ranks[row as usize] <= cut.rank {
                rows[left] = row;
                left += 1;
            } else {
                self.keys.push(u64::from(row));
            }
        }
        for (place, &row) in rows[left..].iter_mut().zip(&self.keys) {
            *place = low(row);
        }
        left
    }

    /// Splits and leaves in the order of a walk that goes left first.
    fn tree(&self, nodes: &[Node], leaves: usize) -> Tree {
        let mut numbers = vec![0; nodes.len()];
        let (mut splits, mut ends) = (0, leaves - 1);
        let mut order = Vec::with_capacity(nodes.len());
        let mut stack = vec![0];
        while let Some(place) = stack.pop() {
            let number = match nodes[place].children {
                Some((_, [left, right])) => {
                    stack.extend([right, left]);
                    &mut splits
                }
                None => &mut ends,
            };
            numbers[place] = *number;
            *number += 1;
            order.push(place);
        }
        let child = |place: usize| u32::try_from(numbers[place]).expect("below 2^32");
        let mut splits = Vec::with_capacity(leaves - 1);
        let mut values = self.criterion.leaves(leaves);
        for place in order {
            let node = &nodes[place];
            if let Some((cut, [left, right])) = node.children {
                splits.push(Split {
                    threshold: cut.threshold,
                    feature: u32::try_from(cut.feature).expect("below 2^32"),
                    children: [child(left), child(right)],
                });
            } else {
                let rows = &self.rows[node.begin..node.end];
                self.criterion.add_leaf(rows, self.weights, &mut values);
            }
        }
        Tree::new(splits, values)
    }
}

fn low(key: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the low half")]
    let row = key as u32;
    row
}
