//! Which blocks something covers.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A set of blocks: ranges in order that neither touch nor overlap.
///
/// ```
/// use twoblade_runner::Cover;
///
/// let mut cover = Cover::from(0..3);
/// cover.add(&Cover::from(5..7)).unwrap();
/// cover.add(&Cover::from(3..4)).unwrap();
/// assert_eq!(cover.to_string(), "1 to 4, 6 to 7"); // in words blocks are counted from 1
/// assert_eq!(cover.missing(8).to_string(), "5, 8");
/// assert_eq!(cover.add(&Cover::from(6..9)), Err(6));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cover(Vec<(usize, usize)>);

impl From<Range<usize>> for Cover {
    fn from(range: Range<usize>) -> Self {
        if range.is_empty() {
            return Self::default();
        }
        Self(vec![(range.start, range.end)])
    }
}

impl FromIterator<usize> for Cover {
    fn from_iter<I: IntoIterator<Item = usize>>(blocks: I) -> Self {
        let mut blocks: Vec<usize> = blocks.into_iter().collect();
        blocks.sort_unstable();
        blocks.dedup();
        let mut cover = Self::default();
        for block in blocks {
            cover.push(block, block + 1);
        }
        cover
    }
}

impl Cover {
    /// The part `shard` of `shards` of so many blocks: as even as whole blocks allow. Empty for some if
    /// there are more shards than blocks.
    ///
    /// # Panics
    /// If there is no such shard.
    pub fn shard(blocks: usize, shard: usize, shards: usize) -> Self {
        assert!(shard < shards, "shard {shard} of {shards}");
        let bound = |shard: usize| {
            let bound = blocks as u128 * shard as u128 / shards as u128;
            usize::try_from(bound).expect("no more than the blocks")
        };
        Self::from(bound(shard)..bound(shard + 1))
    }

    /// How many blocks there are in it.
    pub fn count(&self) -> usize {
        self.0.iter().map(|(start, end)| end - start).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a block is in it.
    pub fn contains(&self, block: usize) -> bool {
        let after = self.0.partition_point(|&(start, _)| start <= block);
        after > 0 && block < self.0[after - 1].1
    }

    /// Its blocks, in order.
    pub fn blocks(&self) -> impl Iterator<Item = usize> {
        self.0.iter().flat_map(|&(start, end)| start..end)
    }

    /// Those of the blocks `0..blocks` that are not in it.
    #[must_use]
    pub fn missing(&self, blocks: usize) -> Self {
        let mut missing = Self::default();
        let mut next = 0;
        for &(start, end) in &self.0 {
            missing.push(next, start);
            next = end;
        }
        missing.push(next, blocks);
        missing
    }

    /// Adds blocks that are not in it yet; the first that is, if one is.
    ///
    /// # Errors
    /// A block that is in both; then nothing has been added.
    pub fn add(&mut self, other: &Self) -> Result<(), usize> {
        let mut ranges = self.0.clone();
        ranges.extend(&other.0);
        ranges.sort_unstable();
        let twice = ranges.windows(2).find(|pair| pair[1].0 < pair[0].1);
        if let Some(pair) = twice {
            return Err(pair[1].0);
        }
        self.0.clear();
        for (start, end) in ranges {
            self.push(start, end);
        }
        Ok(())
    }

    /// Whether it is as it should be, and of blocks below `blocks`: what was read from a file may not be.
    pub(crate) fn is_sound(&self, blocks: usize) -> bool {
        let within = self.0.iter().all(|&(start, end)| start < end && end <= blocks);
        within && self.0.windows(2).all(|pair| pair[0].1 < pair[1].0)
    }

    /// Adds a range that begins at or after the end of the last one.
    fn push(&mut self, start: usize, end: usize) {
        if start >= end {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.1 == start => last.1 = end,
            _ => self.0.push((start, end)),
        }
    }
}

/// Counted from 1.
impl fmt::Display for Cover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        for (number, &(start, end)) in self.0.iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            if end - start == 1 {
                write!(f, "{comma}{end}")?;
            } else {
                write!(f, "{comma}{} to {end}", start + 1)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_a_set(a in btree_set(0usize..40, 0..40), b in btree_set(0usize..40, 0..40)) {
            let (mut one, two): (Cover, Cover) =
                (a.iter().copied().collect(), b.iter().copied().collect());
            prop_assert!(one.is_sound(40) && two.is_sound(40));
            prop_assert_eq!(one.blocks().collect::<Vec<_>>(), a.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(one.count(), a.len());
            for block in 0..45 {
                prop_assert_eq!(one.contains(block), a.contains(&block));
                prop_assert_eq!(one.missing(40).contains(block), block < 40 && !a.contains(&block));
            }
            let before = one.clone();
            let common: Vec<usize> = a.intersection(&b).copied().collect();
            match one.add(&two) {
                Ok(()) => {
                    prop_assert!(common.is_empty());
                    prop_assert_eq!(one, a.union(&b).copied().collect());
                }
                Err(block) => {
                    prop_assert!(common.contains(&block));
                    prop_assert_eq!(one, before);
                }
            }
        }

        #[test]
        fn shards_are_everything_once(blocks in 0usize..300, shards in 1usize..40) {
            let mut all = Cover::default();
            let mut sizes = Vec::new();
            for shard in 0..shards {
                let part = Cover::shard(blocks, shard, shards);
                sizes.push(part.count());
                prop_assert_eq!(all.add(&part), Ok(()));
            }
            prop_assert_eq!(all, Cover::from(0..blocks));
            prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
        }
    }
}
