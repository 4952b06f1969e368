//! How variants are cut into blocks and chunks.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use twoblade_core::{Blocks, TooFewItems};

use crate::chunk::stride;

/// Most variants in a chunk: sums of 32-bit floats over a chunk's variants stay short.
const MOST_VARIANTS: usize = 1024;
/// Fewest, so that the cost of adding a chunk to a state is shared by some variants.
const FEWEST_VARIANTS: usize = 64;
/// Bytes of packed genotypes that a chunk should not exceed, unless what it is added to is large.
const CHUNK_BYTES: usize = 16 << 20;
/// A chunk may then take one byte for so many of the state, all of which every chunk goes through.
const STATE_SHARE: usize = 8;

/// The cut of the variants of a study into the blocks of the jackknife, and of these into chunks.
///
/// It follows from the numbers of variants, listed individuals and blocks alone, and from that of sketches
/// where one is told (not from who stays, so that a trait gives the same bits alone and beside others), and
/// the same cut is known to the source that reads and to the model that sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    blocks: Blocks,
    listed: usize,
    chunk: usize,
}

impl Cut {
    /// Cuts as the peers do: blocks of equal numbers of variants, the remainder in the last; for
    /// `listed` individuals in the genotype files.
    ///
    /// # Errors
    /// [`TooFewItems`] if there are fewer variants than blocks.
    pub fn new(variants: usize, listed: usize, blocks: usize) -> Result<Self, TooFewItems> {
        let blocks = Blocks::remainder_last(variants, blocks)?;
        let fit = CHUNK_BYTES / stride(listed).max(1);
        Ok(Self { blocks, listed, chunk: fit.clamp(FEWEST_VARIANTS, MOST_VARIANTS) })
    }

    /// With chunks that are worth going through a state of `sketches` numbers of 64 bits for each individual:
    /// if 16 MiB are less than an eighth of it, a chunk takes up to an eighth.
    ///
    /// Half a million individuals, eight bins and 50 probes are 400 sketches and 1.5 GiB, and a chunk of 16 MiB
    /// has 134 variants: it takes longer to add them than to multiply them.
    #[must_use]
    pub fn for_sketches(mut self, sketches: usize) -> Self {
        // A variant takes a quarter of a byte for each individual.
        let fit = sketches.saturating_mul(4 * size_of::<u64>() / STATE_SHARE);
        self.chunk = self.chunk.max(fit.min(MOST_VARIANTS));
        self
    }

    /// With chunks of so many variants at most (at least 1).
    #[must_use]
    pub fn chunk_variants(mut self, variants: usize) -> Self {
        self.chunk = variants.max(1);
        self
    }

    /// The blocks.
    pub fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Variants in all blocks.
    pub fn variants(&self) -> usize {
        self.blocks.items()
    }

    /// Individuals in the genotype files.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// Most variants in a chunk.
    pub fn largest_chunk(&self) -> usize {
        let longest = self.blocks.iter().map(|block| block.len()).max();
        self.chunk.min(longest.unwrap_or(0))
    }

    /// Chunks in all blocks together.
    pub fn chunks(&self) -> u64 {
        (0..self.blocks.count()).map(|block| self.chunks_in(block)).sum()
    }

    /// Chunks of one block.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn chunks_in(&self, block: usize) -> u64 {
        self.blocks.range(block).len().div_ceil(self.chunk) as u64
    }

    /// The chunks of one block, in order.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn chunks_of(&self, block: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let (block, chunk) = (self.blocks.range(block), self.chunk);
        let end = block.end;
        block.step_by(chunk).map(move |first| first..(first + chunk).min(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_each_block() {
        let cut = Cut::new(25, 7, 3).unwrap().chunk_variants(4);
        let ranges: Vec<_> = (0..3).flat_map(|block| cut.chunks_of(block)).collect();
        assert_eq!(ranges, [0..4, 4..8, 8..12, 12..16, 16..20, 20..24, 24..25]);
        assert_eq!((cut.chunks(), cut.largest_chunk()), (7, 4));
    }

    #[test]
    fn a_chunk_of_many_individuals_has_fewer_variants() {
        let chunk = |individuals| Cut::new(1_000_000, individuals, 100).unwrap().largest_chunk();
        assert_eq!((chunk(1_000), chunk(500_000), chunk(10_000_000)), (1024, 134, 64));
        assert_eq!(Cut::new(500, 1_000, 100).unwrap().largest_chunk(), 5);
    }

    #[test]
    fn a_chunk_takes_an_eighth_of_a_large_state() {
        let cut = |individuals, sketches| {
            Cut::new(1_000_000, individuals, 100).unwrap().for_sketches(sketches).largest_chunk()
        };
        let (individuals, sketches) = (500_000, 100);
        let (state, variants) = (individuals * sketches * 8, cut(individuals, sketches));
        assert_eq!((variants, variants * individuals / 4), (400, state / 8));
        // Not less than without, and not so many that 32-bit sums become long.
        assert_eq!((cut(500_000, 10), cut(500_000, 1_000), cut(1_000, 10)), (134, 1024, 1024));
    }
}
