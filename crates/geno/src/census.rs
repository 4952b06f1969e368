//! A read that only counts: what is missing of each individual, and the alleles of each variant.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use twoblade_core::{
    BoxError, Footprint, Group, LeaveOneOut, StreamingEstimator, Threads, group_fields, tiles,
};

use crate::chunk::{PackedChunk, stride};
use crate::counts::{Counts, LOW, PER_WORD};

/// Individuals of a tile: whole words, and 64 kB of counts, which stay in a core's cache.
const TILE_INDIVIDUALS: usize = 16_384;
/// Variants of a tile.
const TILE_VARIANTS: usize = 16;
/// Most individuals: two alleles of each are counted with 32 bits.
const MOST_INDIVIDUALS: usize = (1 << 31) - 1;
/// Bytes that a 32-bit number takes at most, in memory (4) or saved (5, as it has varying length).
const NUMBER: usize = 5;

/// Counts genotypes, so that individuals can be chosen by what is missing of them (PLINK's
/// `--mind`) and variants be binned by their frequency before anything is estimated.
///
/// A [`StreamingEstimator`] like any other: one pass of a runner makes the [`Tally`], with the
/// plan, the progress and the cancelling of every other read. It can leave blocks out too, but a
/// replicate is as large as the state, so that a jackknife of it is for tests.
///
/// A state takes 4 bytes an individual and 8 a variant, of those that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Census {
    /// Individuals of the study: those of every chunk. Fewer than 2^31.
    pub individuals: usize,
    /// Variants of the study: all that its blocks have together.
    pub variants: usize,
    /// Whether to count the missing genotypes of each individual.
    pub by_individual: bool,
    /// Whether to count the alleles of each variant.
    pub by_variant: bool,
}

/// The counts after some chunks; 32-bit numbers that wrap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CensusState {
    variants: u64,
    /// Missing genotypes of each individual; empty if they are not counted.
    missing: Vec<u32>,
    /// For each variant copies of the first allele and known genotypes; empty if not counted. A
    /// variant that was not seen has zeros.
    alleles: Vec<(u32, u32)>,
}
group_fields!(CensusState { variants, missing, alleles });

/// What a [`Census`] finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Variants that were counted.
    pub variants: u64,
    /// How many genotypes of these are missing, for each individual of the study; empty if the
    /// census was not by individual.
    pub missing_by_individual: Vec<u32>,
    alleles: Vec<(u32, u32)>,
}

impl Tally {
    /// The frequency of the rarer allele of a variant of the study among known genotypes, above 0
    /// and at most 1/2; none if the variant was not seen, has no known genotype or only one allele.
    ///
    /// # Panics
    /// If there is no such variant, or the census was not by variant.
    pub fn minor_frequency(&self, variant: usize) -> Option<f64> {
        let (copies, known) = self.alleles[variant];
        let (copies, known) = (u64::from(copies), u64::from(known));
        let rarer = copies.min(2 * known - copies);
        (rarer > 0).then(|| rarer as f64 / (2 * known) as f64)
    }
}

impl StreamingEstimator for Census {
    const STATE_VERSION: u32 = 1;
    type Chunk = PackedChunk;
    type State = CensusState;
    type Total = CensusState;
    type Estimate = Tally;

    fn name(&self) -> Cow<'static, str> {
        "census".into()
    }

    /// Counts are the same everywhere.
    fn depends_on_instructions(&self) -> bool {
        false
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        let numbers = self.counted_individuals() + 2 * self.counted_variants();
        // The numbers, their lengths and what holds them.
        let state = NUMBER * numbers + 64;
        // A tally is a copy of its state: one of everything, and one without a block.
        Footprint { state, shared: state, per_thread: state, ..Footprint::default() }
    }

    fn init(&self) -> CensusState {
        CensusState {
            variants: 0,
            missing: vec![0; self.counted_individuals()],
            alleles: vec![(0, 0); self.counted_variants()],
        }
    }

    fn reset(&self, mut state: CensusState) -> CensusState {
        state.variants = 0;
        state.missing.fill(0);
        state.alleles.fill((0, 0));
        state
    }

    /// Adds the counts of a chunk.
    ///
    /// # Errors
    /// If there are 2^31 individuals or more.
    ///
    /// # Panics
    /// If the chunk has other individuals than the census, or variants beyond its own.
    fn pass_one(
        &self,
        chunk: &PackedChunk,
        state: &mut CensusState,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        if self.individuals > MOST_INDIVIDUALS {
            let found = self.individuals;
            return Err(format!(
                "{found} individuals, at most {MOST_INDIVIDUALS} can be counted; analyse fewer"
            )
            .into());
        }
        assert_eq!(chunk.individuals(), self.individuals, "the individuals of the study");
        state.variants = state.variants.wrapping_add(chunk.variants() as u64);
        if self.by_individual {
            tiles(threads, &mut state.missing, TILE_INDIVIDUALS, &|tile, counts| {
                count_missing(chunk, tile * TILE_INDIVIDUALS, counts);
            });
        }
        if self.by_variant {
            let seen = &mut state.alleles[chunk.first()..][..chunk.variants()];
            tiles(threads, seen, TILE_VARIANTS, &|tile, counts| {
                for (variant, (copies, known)) in (tile * TILE_VARIANTS..).zip(counts) {
                    let genotypes = Counts::of(chunk.variant(variant), self.individuals);
                    *copies = copies.wrapping_add(narrow(2 * genotypes.hom_a1 + genotypes.het));
                    *known = known.wrapping_add(narrow(genotypes.known()));
                }
            });
        }
        Ok(())
    }

    fn aggregate(&self, state: CensusState) -> Result<CensusState, BoxError> {
        Ok(state)
    }

    fn finish(&self, total: &CensusState) -> Result<Tally, BoxError> {
        Ok(tally(total.clone()))
    }
}

impl LeaveOneOut for Census {
    fn pass_two(&self, total: &CensusState, held_out: &CensusState) -> Result<Tally, BoxError> {
        let mut rest = total.clone();
        rest.remove(held_out);
        Ok(tally(rest))
    }
}

impl Census {
    fn counted_individuals(&self) -> usize {
        if self.by_individual { self.individuals } else { 0 }
    }

    fn counted_variants(&self) -> usize {
        if self.by_variant { self.variants } else { 0 }
    }
}

fn tally(state: CensusState) -> Tally {
    let CensusState { variants, missing, alleles } = state;
    Tally { variants, missing_by_individual: missing, alleles }
}

/// A count of alleles or genotypes of one variant.
fn narrow(count: u64) -> u32 {
    u32::try_from(count).expect("two alleles of fewer than 2^31 individuals")
}

/// Counts what is missing of the individuals from `first` on, in all variants of a chunk.
///
/// A word of 32 genotypes is looked at as a whole, and only what is missing in it one by one: most
/// words have nothing, and then that is all.
fn count_missing(chunk: &PackedChunk, first: usize, counts: &mut [u32]) {
    let bytes = stride(first)..stride(first + counts.len());
    for variant in 0..chunk.variants() {
        let (words, rest) = chunk.variant(variant)[bytes.clone()].as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        for (word, counts) in words.iter().chain([&last]).zip(counts.chunks_mut(PER_WORD)) {
            let word = u64::from_le_bytes(*word);
            let mut missing = word & !(word >> 1) & LOW; // 01
            while missing != 0 {
                // Beyond the last individual bits mean nothing, and there is no count.
                if let Some(count) = counts.get_mut(missing.trailing_zeros() as usize / 2) {
                    *count = count.wrapping_add(1);
                }
                missing &= missing - 1;
            }
        }
    }
}
