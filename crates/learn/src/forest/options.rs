//! How a forest grows.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A path of splits has 64 bits.
const DEEPEST: u32 = 60;

/// How a forest grows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// What is drawn follows from it, the chunk's first row, and the tree.
    pub seed: u64,
    /// Trees of every chunk, 1 or more.
    pub trees: u32,
    /// Which rows of its chunk a tree sees.
    pub sample: Sample,
    /// Features that a split chooses from, 1 or more; by convention the root of their number for
    /// classes, and a third of it for numbers (Breiman 2001, Machine Learning 45:5).
    pub tried: Option<u32>,
    /// Rows of a leaf, at least, 1 or more. A row that was drawn twice is one.
    pub leaf_rows: u32,
    /// Splits above a leaf at most, 1 to 60.
    pub depth: u32,
    /// Leaves of a tree at most, 2 or more.
    pub leaves: u32,
}

/// Which rows of its chunk a tree sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sample {
    /// Every one.
    All,
    /// As many as there are, drawn with replacement.
    Bootstrap,
}

impl Options {
    /// For a table of so many chunks: at least 100 trees in all. Where a chunk has several, each sees
    /// a sample of its own; where it has one, other chunks are the other samples.
    pub fn of_chunks(chunks: u64) -> Self {
        let trees = 100u32.div_ceil(u32::try_from(chunks.max(1)).unwrap_or(u32::MAX));
        let sample = if trees == 1 { Sample::All } else { Sample::Bootstrap };
        Self { seed: 0, trees, sample, tried: None, leaf_rows: 5, depth: DEEPEST, leaves: u32::MAX }
    }

    /// The same, with at most so many leaves in the whole forest of so many chunks.
    ///
    /// # Errors
    /// [`Error::Options`] if that leaves a tree less than 2.
    pub fn within(mut self, leaves: u64, chunks: u64) -> Result<Self, Error> {
        let trees = chunks.max(1).saturating_mul(u64::from(self.trees));
        let each = leaves / trees;
        if each < 2 {
            return Err(Error::Options(format!(
                "{trees} trees cannot have {leaves} leaves in all; 2 a tree are needed, {}",
                trees.saturating_mul(2)
            )));
        }
        self.leaves = self.leaves.min(u32::try_from(each).unwrap_or(u32::MAX));
        Ok(self)
    }

    /// Refuses options without sense.
    pub(super) fn check(&self) -> Result<(), Error> {
        let counts = [
            ("trees of a chunk", self.trees, 1, u32::MAX),
            ("features that a split chooses from", self.tried.unwrap_or(1), 1, u32::MAX),
            ("rows of a leaf", self.leaf_rows, 1, u32::MAX),
            ("splits above a leaf", self.depth, 1, DEEPEST),
            ("leaves of a tree", self.leaves, 2, u32::MAX),
        ];
        for (what, count, least, most) in counts {
            if !(least..=most).contains(&count) {
                let most =
                    if most == u32::MAX { "or more".to_owned() } else { format!("to {most}") };
                return Err(Error::Options(format!("{what}: {count}; expected {least} {most}")));
            }
        }
        Ok(())
    }
}
