//! Missing genotypes drawn by frequency.

use twoblade_core::Random;
use twoblade_geno::{Counts, PackedChunk, Subset, code};

/// The stream of the draws, so that no other use of a seed shares their numbers.
const STREAM: u32 = 2;
/// Genotypes in a byte.
const PER_BYTE: usize = 4;

/// Draws each missing genotype from Binomial(2, p), p being the frequency of the first allele among
/// the known ones, as PyRHE does; but from (seed, variant, individual) alone, by their places in the
/// .bim and .fam files, so that no other genotype, block or thread changes a draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Imputation<'a> {
    pub(crate) random: Random,
    pub(crate) variants: &'a Subset,
    pub(crate) individuals: &'a [u32],
}

impl<'a> Imputation<'a> {
    pub(crate) fn new(seed: u64, variants: &'a Subset, individuals: &'a [u32]) -> Self {
        Self { random: Random::new(seed, STREAM), variants, individuals }
    }

    /// Fills the missing genotypes of the variant at `place` of the chunk, whose counts are known.
    pub(crate) fn fill(&self, chunk: &mut PackedChunk, place: usize, counts: &Counts) {
        if counts.missing == 0 {
            return;
        }
        let item = self.variants.row(chunk.first() + place) as u64;
        let p = counts.frequency();
        for (byte, rows) in
            chunk.variant_mut(place).iter_mut().zip(self.individuals.chunks(PER_BYTE))
        {
            for (at, &row) in rows.iter().enumerate() {
                if usize::from(*byte >> (2 * at) & 3) == code::MISSING {
                    let draws = self.random.bits(item, row).map(twoblade_core::unit);
                    let copies = draws.into_iter().filter(|&draw| draw < p).count();
                    let drawn = [code::HOM_A2, code::HET, code::HOM_A1][copies];
                    // From 01 to what was drawn.
                    *byte ^= (u8::try_from(drawn ^ code::MISSING).unwrap_or(0)) << (2 * at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(bytes: &[u8], individual: usize) -> usize {
        usize::from(bytes[individual / 4] >> (2 * (individual % 4)) & 3)
    }

    #[test]
    fn only_missing_genotypes_are_drawn_and_with_the_frequency_of_the_others() {
        let individuals: Vec<u32> = (0..40_000).collect();
        let mut chunk = PackedChunk::new(individuals.len());
        // Codes 00 01 10 01: one allele in four of the known ones is the second.
        chunk.refill(0, 1).fill(0b01_10_01_00);
        let counts = Counts::of(chunk.variant(0), individuals.len());
        let variants = Subset::all(1);
        Imputation::new(7, &variants, &individuals).fill(&mut chunk, 0, &counts);
        let drawn = chunk.variant(0);
        let mut seen = [0u32; 4];
        for individual in 0..individuals.len() {
            match individual % 4 {
                0 => assert_eq!(at(drawn, individual), code::HOM_A1),
                2 => assert_eq!(at(drawn, individual), code::HET),
                _ => seen[at(drawn, individual)] += 1,
            }
        }
        assert_eq!(seen[code::MISSING], 0);
        // p = 0.75: shares 9/16, 6/16 and 1/16 of 20,000, to five standard errors.
        for (genotype, share) in [(code::HOM_A1, 9.0), (code::HET, 6.0), (code::HOM_A2, 1.0)] {
            let (n, share) = (20_000.0, share / 16.0);
            let off = (f64::from(seen[genotype]) - n * share).abs();
            assert!(off < 5.0 * (n * share * (1.0 - share)).sqrt(), "{genotype}: {off}");
        }
    }

    #[test]
    fn a_draw_depends_on_its_variant_and_its_individual_alone() {
        let variants = Subset::new(9, vec![2, 5, 7]);
        let drawn = |first: usize, individuals: &[u32], variants: &Subset| {
            let mut chunk = PackedChunk::new(individuals.len());
            chunk.refill(first, 1).fill(0b01_01_01_01);
            // Nothing is known, so the frequency is given.
            let counts = Counts { hom_a1: 50, hom_a2: 50, missing: 1, ..Counts::default() };
            Imputation::new(1, variants, individuals).fill(&mut chunk, 0, &counts);
            let of = (0..individuals.len()).map(|i| at(chunk.variant(0), i));
            of.collect::<Vec<_>>()
        };
        let all: Vec<u32> = (0..200).collect();
        let every_third: Vec<u32> = (0..200).step_by(3).collect();
        let whole = drawn(5, &all, &Subset::all(9));
        assert_eq!(drawn(1, &all, &variants), whole);
        let some: Vec<_> = whole.iter().copied().step_by(3).collect();
        assert_eq!(drawn(1, &every_third, &variants), some);
        assert_ne!(drawn(2, &all, &variants), whole);
    }
}
