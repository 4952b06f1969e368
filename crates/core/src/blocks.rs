//! Where the jackknife cuts.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A cut of `0..items` into consecutive blocks, none empty.
///
/// ```
/// use twoblade_core::Blocks;
///
/// let blocks = Blocks::remainder_last(10, 3).unwrap();
/// assert_eq!(blocks.iter().collect::<Vec<_>>(), [0..3, 3..6, 6..10]);
/// let blocks = Blocks::even(10, 3).unwrap();
/// assert_eq!(blocks.iter().collect::<Vec<_>>(), [0..4, 4..7, 7..10]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    items: usize,
    count: usize,
    cut: Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Cut {
    Even,
    RemainderLast,
}

impl Blocks {
    /// Blocks that differ by one item at most, the longer ones first.
    ///
    /// # Errors
    /// [`TooFewItems`] if a block would be empty, or there would be no block.
    pub fn even(items: usize, count: usize) -> Result<Self, TooFewItems> {
        Self::new(items, count, Cut::Even)
    }

    /// Blocks of `items / count`, the last one with the remainder too: as PyRHE and RHE-mc cut.
    ///
    /// # Errors
    /// [`TooFewItems`] if a block would be empty, or there would be no block.
    pub fn remainder_last(items: usize, count: usize) -> Result<Self, TooFewItems> {
        Self::new(items, count, Cut::RemainderLast)
    }

    fn new(items: usize, count: usize, cut: Cut) -> Result<Self, TooFewItems> {
        if count == 0 || items < count {
            return Err(TooFewItems { items, blocks: count });
        }
        Ok(Self { items, count, cut })
    }

    /// How many blocks.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many items in all of them.
    pub fn items(&self) -> usize {
        self.items
    }

    /// The items of one block.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn range(&self, block: usize) -> Range<usize> {
        assert!(block < self.count, "block {block} of {}", self.count);
        let (each, more) = (self.items / self.count, self.items % self.count);
        match self.cut {
            Cut::Even => {
                let start = block * each + block.min(more);
                start..start + each + usize::from(block < more)
            }
            Cut::RemainderLast => {
                let end = if block + 1 == self.count { self.items } else { (block + 1) * each };
                block * each..end
            }
        }
    }

    /// All blocks in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Range<usize>> + use<> {
        let blocks = *self;
        (0..self.count).map(move |block| blocks.range(block))
    }
}

/// There are fewer items than blocks, or no blocks are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFewItems {
    /// Items to cut.
    pub items: usize,
    /// Blocks asked for.
    pub blocks: usize,
}

impl fmt::Display for TooFewItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} items cannot be cut into {} blocks, each with one at least",
            self.items, self.blocks
        )
    }
}

impl std::error::Error for TooFewItems {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_follow_each_other_and_cover_everything(items in 1usize..500, count in 1usize..500) {
            for blocks in [Blocks::even(items, count), Blocks::remainder_last(items, count)] {
                let Ok(blocks) = blocks else {
                    prop_assert!(items < count);
                    continue;
                };
                let mut next = 0;
                for block in blocks.iter() {
                    prop_assert_eq!(block.start, next);
                    prop_assert!(!block.is_empty());
                    next = block.end;
                }
                prop_assert_eq!(next, items);
            }
        }
    }

    #[test]
    fn no_blocks_and_too_many_are_refused() {
        assert_eq!(Blocks::even(5, 0), Err(TooFewItems { items: 5, blocks: 0 }));
        let error = Blocks::remainder_last(5, 6).unwrap_err();
        assert_eq!(
            error.to_string(),
            "5 items cannot be cut into 6 blocks, each with one at least"
        );
    }
}
