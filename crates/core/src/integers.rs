//! Many integers that are exact from the start.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bytes;
use crate::state::{Group, Merge};

/// Many integers of a known number, which wrap: for what a model bounds by its configuration, so that
/// no guard is needed. Saved as raw bytes.
///
/// ```
/// use twoblade_core::{Group, Integers, Merge};
///
/// let mut sums = Integers::new(3);
/// sums.values_mut()[1] = 7;
/// let other = sums.clone();
/// sums.merge(&other);
/// assert_eq!(sums.values(), [0, 14, 0]);
/// sums.remove(&other);
/// assert_eq!(sums, other);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integers {
    #[serde(with = "bytes")]
    values: Vec<i64>,
}

impl Integers {
    /// `len` zeros.
    pub fn new(len: usize) -> Self {
        Self { values: vec![0; len] }
    }

    /// The integers.
    pub fn values(&self) -> &[i64] {
        &self.values
    }

    /// The integers, to be added to.
    pub fn values_mut(&mut self) -> &mut [i64] {
        &mut self.values
    }

    /// Bytes of so many integers, in memory and saved.
    pub fn bytes(len: usize) -> usize {
        // Each piece is saved with its length.
        len * size_of::<i64>() + len.div_ceil(bytes::PIECE) * 4 + 32
    }
}

impl Merge for Integers {
    fn merge(&mut self, other: &Self) {
        assert_eq!(self.values.len(), other.values.len(), "states of one model have one shape");
        for (mine, theirs) in self.values.iter_mut().zip(&other.values) {
            *mine = mine.wrapping_add(*theirs);
        }
    }
}

impl Group for Integers {
    fn remove(&mut self, other: &Self) {
        assert_eq!(self.values.len(), other.values.len(), "states of one model have one shape");
        for (mine, theirs) in self.values.iter_mut().zip(&other.values) {
            *mine = mine.wrapping_sub(*theirs);
        }
    }
}

impl fmt::Debug for Integers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Integers({})", self.values.len())
    }
}
