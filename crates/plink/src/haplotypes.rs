//! Genotypes drawn variant by variant, with linkage disequilibrium.

use twoblade_core::Random;
use twoblade_geno::{code, stride};

/// Latent numbers behind one packed byte: four individuals with two haplotypes each.
const PER_BYTE: usize = 8;
/// 2^32, the number of values of a word.
const WORDS: f64 = 4_294_967_296.0;

/// Two haplotypes for each individual, moving along the genome.
///
/// Each haplotype has a latent uniform number u and carries allele 1 where u is below the allele's
/// frequency. From one variant to the next u is kept with probability `ld`, else drawn anew. So
/// an allele is Bernoulli with exactly its frequency (to 2^-32), and neighbours of equal frequency
/// have correlation `ld`, since they agree when u is kept and are independent when it is not.
#[derive(Clone, Debug)]
pub(crate) struct Haplotypes {
    alleles: Random,
    gaps: Random,
    individuals: usize,
    latent: Vec<u32>,
    redraw: u64,
    missing: u64,
}

/// What one variant's genotypes add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Individuals whose genotype is not missing.
    pub(crate) called: u64,
    /// Copies of allele 1 among them.
    pub(crate) copies: u64,
}

impl Haplotypes {
    pub(crate) fn new(
        [alleles, gaps]: [Random; 2],
        individuals: usize,
        ld: f64,
        missing: f64,
    ) -> Self {
        Self {
            alleles,
            gaps,
            individuals,
            latent: vec![0; PER_BYTE * stride(individuals)],
            redraw: threshold(1.0 - ld),
            missing: threshold(missing),
        }
    }

    /// Draws one variant, where allele 1 has this frequency, into `to`; variants come in order from
    /// 0 on.
    pub(crate) fn draw(&mut self, variant: u64, frequency: f64, to: &mut [u8]) -> Counts {
        let redraw = if variant == 0 { 1 << 32 } else { self.redraw };
        // One word decides whether to draw anew (if it is below `redraw`) and, being uniform below
        // `redraw` then, is scaled up to be the new number: word × 2^64 / redraw is below 2^64.
        let scale = u64::try_from((1u128 << 64) / u128::from(redraw)).expect("redraw is above 1");
        let below = u32::try_from(threshold(frequency)).unwrap_or(u32::MAX);
        let latent = self.latent.chunks_exact_mut(PER_BYTE);
        for ((byte, latent), pair) in to.iter_mut().zip(latent).zip((0u32..).step_by(2)) {
            let mut carried = [0u8; PER_BYTE];
            let words = [self.alleles.words(variant, pair), self.alleles.words(variant, pair + 1)];
            for ((u, carried), &word) in
                latent.iter_mut().zip(&mut carried).zip(words.as_flattened())
            {
                let word = u64::from(word);
                let new = (word.wrapping_mul(scale) >> 32) as u32;
                *u = if word < redraw { new } else { *u };
                *carried = u8::from(*u < below);
            }
            *byte = (0..4).fold(0, |packed, individual| {
                let copies = carried[2 * individual] + carried[2 * individual + 1];
                packed | (packed_code(copies) << (2 * individual))
            });
        }
        if self.missing > 0 {
            self.take_out(variant, to);
        }
        self.finish_row(to)
    }

    /// Makes genotypes missing, each on its own.
    fn take_out(&self, variant: u64, to: &mut [u8]) {
        for (byte, group) in to.iter_mut().zip(0u32..) {
            for (individual, word) in self.gaps.words(variant, group).into_iter().enumerate() {
                if u64::from(word) < self.missing {
                    *byte = (*byte & !(3 << (2 * individual))) | (1 << (2 * individual));
                }
            }
        }
    }

    /// Clears the bits beyond the last individual, and counts.
    fn finish_row(&self, to: &mut [u8]) -> Counts {
        let rest = self.individuals % 4;
        if let (Some(last), 1..) = (to.last_mut(), rest) {
            *last &= (1 << (2 * rest)) - 1;
        }
        let [mut low, mut high, mut both] = [0u64; 3];
        for bytes in to.chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            let word = u64::from_le_bytes(word);
            let (lows, highs) = (word & EVEN_BITS, (word >> 1) & EVEN_BITS);
            low += u64::from(lows.count_ones());
            high += u64::from(highs.count_ones());
            both += u64::from((lows & highs).count_ones());
        }
        // 01 is missing, 10 one copy, 11 none, 00 two.
        let (missing, one) = (low - both, high - both);
        let called = self.individuals as u64 - missing;
        Counts { called, copies: 2 * (called - one - both) + one }
    }
}

const EVEN_BITS: u64 = 0x5555_5555_5555_5555;

/// The word below which a share of all words lies.
fn threshold(share: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share is between 0 and 1"
    )]
    let threshold = (share * WORDS).round() as u64;
    threshold
}

/// The code of 0, 1 or 2 copies: 11, 10, 00, without a branch.
fn packed_code(copies: u8) -> u8 {
    const { assert!(code::HOM_A2 == 3 && code::HET == 2 && code::HOM_A1 == 0 && code::MISSING == 1) }
    3 - copies - (copies >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_genotypes() {
        let random = [Random::new(1, 0), Random::new(1, 1)];
        for individuals in [1, 4, 31, 33, 70] {
            let mut haplotypes = Haplotypes::new(random, individuals, 0.0, 0.2);
            let mut row = vec![0; stride(individuals)];
            let counts = haplotypes.draw(0, 0.4, &mut row);
            let mut expected = Counts { called: 0, copies: 0 };
            for individual in 0..individuals {
                let copies = match usize::from(row[individual / 4] >> (2 * (individual % 4))) & 3 {
                    code::MISSING => continue,
                    code::HOM_A1 => 2,
                    code::HET => 1,
                    _ => 0,
                };
                expected.called += 1;
                expected.copies += copies;
            }
            assert_eq!(counts, expected, "{individuals} individuals");
            let beyond = row[individuals / 4..].iter().fold(0u32, |_, &last| u32::from(last));
            assert_eq!(beyond >> (2 * (individuals % 4)), 0, "bits beyond the last are 0");
        }
    }

    #[test]
    fn an_individual_draws_the_same_whoever_else_is_there() {
        let random = [Random::new(9, 0), Random::new(9, 1)];
        let [mut few, mut many] = [8, 40].map(|n| Haplotypes::new(random, n, 0.7, 0.1));
        let (mut short, mut long) = (vec![0; 2], vec![0; 10]);
        for variant in 0..20 {
            few.draw(variant, 0.3, &mut short);
            many.draw(variant, 0.3, &mut long);
            assert_eq!(short, long[..2]);
        }
    }
}
