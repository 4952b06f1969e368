//! What a forest knows after some chunks: the trees of each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twoblade_core::{Group, Merge};

use super::tree::Tree;

/// The trees of every chunk, by its first row: merging is disjoint union, removing takes chunks out.
///
/// A chunk is there as many times as it was added, less those that it was removed, so that any states
/// can be taken from each other; one that is there 0 times is gone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    chunks: BTreeMap<u64, Times>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Times {
    times: i64,
    grown: Arc<Grown>,
}

/// What grew on a chunk. It is shared, and never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grown {
    /// The first row of the chunk in the whole table, from 0.
    pub first: u64,
    /// Rows that trees saw.
    pub rows: u64,
    /// Rows that were left out for a missing value.
    pub dropped: u64,
    /// What the target was in these rows.
    pub target: Tally,
    /// The trees; none where there are no rows.
    pub trees: Vec<Tree>,
}

/// What a target was in some rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Tally {
    /// Rows of each class.
    Classes(Vec<u32>),
    /// A number, in units of its scale.
    Number {
        /// Its mean.
        mean: f64,
        /// The sum of squares about the mean.
        squares: f64,
    },
}

impl State {
    pub(super) fn add(&mut self, grown: Grown) {
        self.put(grown.first, 1, &Arc::new(grown));
    }

    /// Those chunks whose first row is such.
    #[must_use]
    pub fn of(&self, such: impl Fn(u64) -> bool) -> Self {
        let chunks = self.chunks.iter().filter(|&(&first, _)| such(first));
        Self { chunks: chunks.map(|(&first, chunk)| (first, chunk.clone())).collect() }
    }

    fn put(&mut self, first: u64, times: i64, grown: &Arc<Grown>) {
        match self.chunks.entry(first) {
            Entry::Vacant(place) => {
                place.insert(Times { times, grown: Arc::clone(grown) });
            }
            Entry::Occupied(mut place) => {
                let sum = place.get().times.wrapping_add(times);
                if sum == 0 {
                    place.remove();
                } else {
                    place.get_mut().times = sum;
                }
            }
        }
    }

    /// How many chunks.
    pub fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Rows that trees saw.
    pub fn rows(&self) -> u64 {
        self.chunks.values().map(|chunk| chunk.grown.rows).sum()
    }

    /// Rows that were left out for a missing value.
    pub fn dropped(&self) -> u64 {
        self.chunks.values().map(|chunk| chunk.grown.dropped).sum()
    }

    /// What grew, in the order of rows; or the first row of a chunk that is not there once.
    pub(super) fn grown(&self) -> Result<Vec<Arc<Grown>>, u64> {
        let once = |(&first, chunk): (&u64, &Times)| match chunk.times {
            1 => Ok(Arc::clone(&chunk.grown)),
            _ => Err(first),
        };
        self.chunks.iter().map(once).collect()
    }

    /// Bytes of one chunk's place, its trees not counted, in memory and saved.
    pub(super) fn bytes_of_chunk(classes: usize) -> usize {
        // An entry of a tree map that is half full, the counts of a shared value, its own lists.
        let entry = 2 * (size_of::<u64>() + size_of::<Times>()) + 32;
        entry + 2 * size_of::<usize>() + size_of::<Grown>() + 48 + 5 * classes
    }
}

impl Merge for State {
    fn merge(&mut self, other: &Self) {
        for (&first, chunk) in &other.chunks {
            self.put(first, chunk.times, &chunk.grown);
        }
    }
}

impl Group for State {
    fn remove(&mut self, other: &Self) {
        for (&first, chunk) in &other.chunks {
            self.put(first, chunk.times.wrapping_neg(), &chunk.grown);
        }
    }
}
