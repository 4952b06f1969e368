//! A forest that has grown.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::order::Order;
use super::state::Grown;
use super::tree::{Leaves, Tree};
use crate::encode::Encoded;
use crate::features::Scale;
use crate::predict::Predict;

/// Rows that go through the trees together, so that a tree is fetched once for all of them.
const TOGETHER: usize = 512;

/// The trees of all chunks; their mean is the prediction, in which a tree counts as much as the rows
/// that its chunk had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Plain")]
pub struct Estimate {
    /// Rows that trees saw.
    pub rows: u64,
    /// Rows that were left out for a missing value.
    pub dropped: u64,
    /// Features that a row has.
    pub(super) width: usize,
    pub(super) goal: Goal,
    pub(super) chunks: Vec<Arc<Grown>>,
}

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Goal {
    /// A probability for each of so many classes.
    Classes(usize),
    /// A number in units of a scale.
    Number(Scale),
}

impl Estimate {
    /// What grew on each chunk, in the order of rows. Leaving blocks out shares it.
    pub fn chunks(&self) -> &[Arc<Grown>] {
        &self.chunks
    }

    /// Bytes that the trees take. Estimates of one total share theirs.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().flat_map(|chunk| &chunk.trees).map(Tree::held).sum()
    }

    /// Trees in all.
    pub fn trees(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.trees.len()).sum()
    }

    /// Leaves in all.
    pub fn leaves(&self) -> usize {
        let trees = self.chunks.iter().flat_map(|chunk| &chunk.trees);
        trees.map(|tree| tree.leaves().len()).sum()
    }

    /// How the target follows the order of rows.
    pub fn order(&self) -> Order {
        Order::of(self.chunks.iter().map(AsRef::as_ref))
    }
}

impl Predict for Estimate {
    fn outputs(&self) -> usize {
        match self.goal {
            Goal::Classes(classes) => classes,
            Goal::Number(_) => 1,
        }
    }

    /// # Panics
    /// If rows have other features than the trees know.
    fn predict(&self, rows: &Encoded, into: &mut Vec<f64>) {
        let (rows, numbers) = (rows.rows.len(), &rows.numbers);
        assert_eq!(numbers.len(), rows * self.width, "the features that the trees know");
        let outputs = self.outputs();
        let weight: f64 =
            self.chunks.iter().map(|chunk| chunk.rows as f64 * chunk.trees.len() as f64).sum();
        let mut by_row = vec![0.0; TOGETHER.min(rows) * self.width];
        let (mut ends, mut values) = (vec![0; TOGETHER.min(rows)], Vec::new());
        for from in (0..rows).step_by(TOGETHER) {
            let count = TOGETHER.min(rows - from);
            for (feature, column) in numbers.chunks_exact(rows).enumerate() {
                for (row, &number) in column[from..from + count].iter().enumerate() {
                    by_row[row * self.width + feature] = number;
                }
            }
            let begin = into.len();
            into.resize(begin + count * outputs, 0.0);
            for chunk in &self.chunks {
                for tree in &chunk.trees {
                    tree.leaves().weighted(chunk.rows as f64 / weight, &mut values);
                    tree.ends(self.width, &by_row[..count * self.width], &mut ends[..count]);
                    for (leaf, sums) in ends.iter().zip(into[begin..].chunks_exact_mut(outputs)) {
                        let values = &values[leaf * outputs..][..outputs];
                        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                    }
                }
            }
            if let Goal::Number(scale) = self.goal {
                for value in &mut into[begin..] {
                    *value = scale.mean + *value * scale.sd;
                }
            }
        }
    }
}

/// A forest as it was saved, perhaps by somebody else.
#[derive(Deserialize)]
struct Plain {
    rows: u64,
    dropped: u64,
    width: usize,
    goal: Goal,
    chunks: Vec<Arc<Grown>>,
}

impl TryFrom<Plain> for Estimate {
    type Error = &'static str;

    /// Refuses trees that ask for other features, or say something else.
    fn try_from(Plain { rows, dropped, width, goal, chunks }: Plain) -> Result<Self, Self::Error> {
        for tree in chunks.iter().flat_map(|chunk| &chunk.trees) {
            if tree.splits().iter().any(|split| split.feature as usize >= width) {
                return Err("a tree asks for a feature that rows have not");
            }
            let says = match (tree.leaves(), goal) {
                (Leaves::Counts { classes, .. }, Goal::Classes(goal)) => *classes as usize == goal,
                (Leaves::Means(_), Goal::Number(_)) => true,
                _ => false,
            };
            if !says {
                return Err("a tree predicts something else");
            }
        }
        Ok(Self { rows, dropped, width, goal, chunks })
    }
}
