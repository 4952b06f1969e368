//! A tree: splits and leaves, and where a row ends in it.

use serde::{Deserialize, Serialize};

/// Rows that go through a tree side by side.
const ABREAST: usize = 16;

/// A binary tree. With S splits it has S + 1 leaves; child c is split c where c < S, and leaf c - S
/// otherwise. Splits come before those below them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Plain")]
pub struct Tree {
    splits: Vec<Split>,
    leaves: Leaves,
}

/// Rows whose feature is at most the threshold go left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// The feature, in units of its scale.
    pub threshold: f64,
    /// Which feature, from 0.
    pub feature: u32,
    /// The children on the left and on the right.
    pub children: [u32; 2],
}

/// What the leaves say, one after another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Leaves {
    /// How many rows of each class a leaf has, drawn twice counted twice.
    Counts {
        /// How many classes there are.
        classes: u32,
        /// All of the first leaf, then all of the second.
        counts: Vec<u32>,
    },
    /// The mean target of a leaf, in units of its scale.
    Means(Vec<f64>),
}

impl Leaves {
    /// How many leaves there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Counts { classes, counts } => counts.len() / (*classes).max(1) as usize,
            Self::Means(means) => means.len(),
        }
    }

    /// Whether there are none; no tree has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The prediction of each leaf times `weight`, one after another.
    pub(super) fn weighted(&self, weight: f64, into: &mut Vec<f64>) {
        into.clear();
        match self {
            Self::Counts { classes, counts } => {
                for leaf in counts.chunks_exact(*classes as usize) {
                    let rows: u64 = leaf.iter().map(|&count| u64::from(count)).sum();
                    let share = weight / rows as f64;
                    into.extend(leaf.iter().map(|&count| f64::from(count) * share));
                }
            }
            Self::Means(means) => into.extend(means.iter().map(|mean| mean * weight)),
        }
    }
}

impl Tree {
    pub(super) fn new(splits: Vec<Split>, leaves: Leaves) -> Self {
        Self { splits, leaves }
    }

    /// The splits, each before those below it; the first is the root.
    pub fn splits(&self) -> &[Split] {
        &self.splits
    }

    /// What the leaves say.
    pub fn leaves(&self) -> &Leaves {
        &self.leaves
    }

    /// The leaf in which each row ends, from 0; a row has `width` features, and rows follow each other.
    ///
    /// # Panics
    /// If a row has fewer features than the tree knows.
    pub fn ends(&self, width: usize, rows: &[f64], ends: &mut [usize]) {
        for (rows, ends) in rows.chunks(ABREAST * width).zip(ends.chunks_mut(ABREAST)) {
            ends.fill(0);
            // Several rows step by step: the way of one waits for memory at every split, and the ways
            // of others go on meanwhile.
            let mut on_the_way = true;
            while on_the_way {
                on_the_way = false;
                for (row, at) in rows.chunks_exact(width).zip(&mut *ends) {
                    if let Some(split) = self.splits.get(*at) {
                        // An index and no branch: no processor foretells the way of a row.
                        let right = row[split.feature as usize] > split.threshold;
                        *at = split.children[usize::from(right)] as usize;
                        on_the_way = true;
                    }
                }
            }
            for at in ends {
                *at -= self.splits.len();
            }
        }
    }

    /// Bytes that it takes.
    pub(super) fn held(&self) -> usize {
        let leaves = match &self.leaves {
            Leaves::Counts { counts, .. } => counts.len() * size_of::<u32>(),
            Leaves::Means(means) => means.len() * size_of::<f64>(),
        };
        size_of::<Self>() + 48 + self.splits.len() * size_of::<Split>() + leaves
    }

    /// Bytes of a tree with so many leaves of so many numbers of `size` bytes, in memory and saved.
    pub(super) fn bytes(leaves: usize, numbers: usize, size: usize) -> usize {
        // Two lists' own allocations; a saved count is 5 bytes at most where 4 are held.
        let leaf = numbers * if size == size_of::<u32>() { 5 } else { size };
        size_of::<Self>() + 48 + leaves.saturating_sub(1) * size_of::<Split>() + leaves * leaf
    }
}

/// A tree as it was saved, perhaps by somebody else.
#[derive(Deserialize)]
struct Plain {
    splits: Vec<Split>,
    leaves: Leaves,
}

impl TryFrom<Plain> for Tree {
    type Error = String;

    /// Refuses what would not end in a leaf.
    fn try_from(Plain { splits, leaves }: Plain) -> Result<Self, String> {
        let (inner, all) = (splits.len(), splits.len() + leaves.len());
        if let Leaves::Counts { classes, counts } = &leaves {
            let whole = *classes > 0 && counts.len().is_multiple_of(*classes as usize);
            let filled = |leaf: &[u32]| leaf.iter().any(|&count| count > 0);
            if !whole || !counts.chunks((*classes).max(1) as usize).all(filled) {
                return Err("a tree has a leaf without rows".to_owned());
            }
        }
        if leaves.len() != inner + 1 {
            return Err(format!("a tree of {inner} splits has {} leaves", leaves.len()));
        }
        for (place, split) in splits.iter().enumerate() {
            let below = |child: u32| (place + 1..all).contains(&(child as usize));
            let [left, right] = split.children;
            if !below(left) || !below(right) {
                return Err(format!("split {place} of a tree leads to {left} and {right}"));
            }
        }
        Ok(Self { splits, leaves })
    }
}
