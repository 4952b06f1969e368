//! What makes one split better than another.

use super::tree::Leaves;

/// Scores splits of a node, as rows move one by one from its right side to its left.
///
/// A score is, over both sides, the sum of squares that the side's prediction explains: the larger it
/// is, the less impure are the sides together.
pub(super) trait Criterion {
    /// Starts with a node, all on the right. Whether its rows differ in the target.
    fn start(&mut self, rows: &[u32], weights: &[u32]) -> bool;

    /// Everything on the right again.
    fn again(&mut self);

    /// Moves a row that counts `weight` times to the left.
    fn shift(&mut self, row: u32, weight: u32);

    /// The score as the sides are now.
    fn score(&self) -> f64;

    /// Leaves of which there are none yet.
    fn leaves(&self, leaves: usize) -> Leaves;

    /// Adds a leaf of these rows.
    fn add_leaf(&self, rows: &[u32], weights: &[u32], leaves: &mut Leaves);
}

/// The Gini index of Breiman et al. (1984): n (1 - sum p^2) is least where sum n_c^2 / n is largest.
/// Counts are whole numbers, so a score does not depend on the order of rows.
pub(super) struct Gini<'a> {
    classes: &'a [u32],
    node: Side,
    left: Side,
    right: Side,
}

#[derive(Clone, Default)]
struct Side {
    counts: Vec<u64>,
    rows: u64,
    squares: u64,
}

impl Side {
    fn explained(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.squares as f64 / self.rows as f64 }
    }

    fn clear(&mut self) {
        self.counts.fill(0);
        (self.rows, self.squares) = (0, 0);
    }

    fn copy(&mut self, other: &Self) {
        self.counts.copy_from_slice(&other.counts);
        (self.rows, self.squares) = (other.rows, other.squares);
    }

    /// (c + w)^2 = c^2 + w (2 c + w).
    fn put(&mut self, class: usize, weight: u64) {
        self.squares += weight * (2 * self.counts[class] + weight);
        self.counts[class] += weight;
        self.rows += weight;
    }

    fn take(&mut self, class: usize, weight: u64) {
        self.squares -= weight * (2 * self.counts[class] - weight);
        self.counts[class] -= weight;
        self.rows -= weight;
    }
}

impl<'a> Gini<'a> {
    /// For rows of these classes, each below `count`.
    pub(super) fn new(classes: &'a [u32], count: usize) -> Self {
        let side = Side { counts: vec![0; count], ..Side::default() };
        Self { classes, node: side.clone(), left: side.clone(), right: side }
    }
}

impl Criterion for Gini<'_> {
    fn start(&mut self, rows: &[u32], weights: &[u32]) -> bool {
        self.node.clear();
        for &row in rows {
            let class = self.classes[row as usize] as usize;
            self.node.put(class, u64::from(weights[row as usize]));
        }
        self.again();
        self.node.counts.iter().filter(|&&count| count > 0).count() > 1
    }

    fn again(&mut self) {
        self.left.clear();
        self.right.copy(&self.node);
    }

    #[inline]
    fn shift(&mut self, row: u32, weight: u32) {
        let class = self.classes[row as usize] as usize;
        self.left.put(class, u64::from(weight));
        self.right.take(class, u64::from(weight));
    }

    #[inline]
    fn score(&self) -> f64 {
        self.left.explained() + self.right.explained()
    }

    fn leaves(&self, leaves: usize) -> Leaves {
        let classes = self.node.counts.len();
        let counts = Vec::with_capacity(leaves * classes);
        Leaves::Counts { classes: u32::try_from(classes).expect("below 2^32"), counts }
    }

    fn add_leaf(&self, rows: &[u32], weights: &[u32], leaves: &mut Leaves) {
        if let Leaves::Counts { counts, .. } = leaves {
            let begin = counts.len();
            counts.resize(begin + self.node.counts.len(), 0);
            for &row in rows {
                counts[begin + self.classes[row as usize] as usize] += weights[row as usize];
            }
        }
    }
}

/// Squared error: sum (y - mean)^2 is least where (sum y)^2 / n is largest. Targets are taken about
/// the mean of the node, so that squares keep their digits.
pub(super) struct Squares<'a> {
    targets: &'a [f64],
    mean: f64,
    node: (f64, f64),
    left: (f64, f64),
    right: (f64, f64),
}

impl<'a> Squares<'a> {
    pub(super) fn new(targets: &'a [f64]) -> Self {
        let nothing = (0.0, 0.0);
        Self { targets, mean: 0.0, node: nothing, left: nothing, right: nothing }
    }

    fn mean(&self, rows: &[u32], weights: &[u32]) -> f64 {
        let at = |row: u32| (f64::from(weights[row as usize]), self.targets[row as usize]);
        // About the first one: a mean of equal numbers is that number.
        let first = rows.first().map_or(0.0, |&row| at(row).1);
        let (mut count, mut sum) = (0.0, 0.0);
        for &row in rows {
            let (weight, target) = at(row);
            count += weight;
            sum += weight * (target - first);
        }
        first + sum / count
    }
}

impl Criterion for Squares<'_> {
    fn start(&mut self, rows: &[u32], weights: &[u32]) -> bool {
        self.mean = self.mean(rows, weights);
        self.node = (0.0, 0.0);
        let mut differ = false;
        for &row in rows {
            let (weight, target) = (f64::from(weights[row as usize]), self.targets[row as usize]);
            self.node.0 += weight;
            self.node.1 += weight * (target - self.mean);
            differ |= target.total_cmp(&self.targets[rows[0] as usize]).is_ne();
        }
        self.again();
        differ
    }

    fn again(&mut self) {
        (self.left, self.right) = ((0.0, 0.0), self.node);
    }

    #[inline]
    fn shift(&mut self, row: u32, weight: u32) {
        let weight = f64::from(weight);
        let moved = weight * (self.targets[row as usize] - self.mean);
        self.left = (self.left.0 + weight, self.left.1 + moved);
        self.right = (self.right.0 - weight, self.node.1 - self.left.1);
    }

    #[inline]
    fn score(&self) -> f64 {
        let explained =
            |(count, sum): (f64, f64)| if count > 0.0 { sum * sum / count } else { 0.0 };
        explained(self.left) + explained(self.right)
    }

    fn leaves(&self, leaves: usize) -> Leaves {
        Leaves::Means(Vec::with_capacity(leaves))
    }

    fn add_leaf(&self, rows: &[u32], weights: &[u32], leaves: &mut Leaves) {
        if let Leaves::Means(means) = leaves {
            means.push(self.mean(rows, weights));
        }
    }
}
