//! Genotypes of one variant, counted in their packed form.

use twoblade_core::Instructions;

use crate::chunk::stride;
use crate::kernel::{Loop, run};

/// Genotypes in one 64-bit word.
pub(crate) const PER_WORD: usize = 32;
/// The low bit of every genotype in a word.
pub(crate) const LOW: u64 = 0x5555_5555_5555_5555;

/// How many individuals have each genotype of one variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Two copies of the first allele.
    pub hom_a1: u64,
    /// Missing.
    pub missing: u64,
    /// One copy.
    pub het: u64,
    /// No copy.
    pub hom_a2: u64,
}

impl Counts {
    /// Counts the first `individuals` genotypes of a packed variant, by bit counting.
    ///
    /// # Panics
    /// If `packed` is too short.
    pub fn of(packed: &[u8], individuals: usize) -> Self {
        Self::with(Instructions::Scalar, packed, individuals)
    }

    /// The same with a loop for these instructions.
    ///
    /// # Panics
    /// If `packed` is too short.
    pub fn with(instructions: Instructions, packed: &[u8], individuals: usize) -> Self {
        let packed = &packed[..stride(individuals)];
        let whole = individuals / PER_WORD;
        let (words, rest) = packed.as_chunks::<8>();
        let (words, last) = words.split_at(whole);
        let [low, high, both] = run(instructions, Bits(words));
        // What is left: a word that is not full, or fewer than eight bytes.
        let tail = last.first().map_or(rest, |word| &word[..]);
        let mut word = [0; 8];
        word[..tail.len()].copy_from_slice(tail);
        let mask = LOW & !(u64::MAX << (2 * (individuals - whole * PER_WORD)));
        let word = u64::from_le_bytes(word);
        let ones = |word: u64| u64::from((word & mask).count_ones());
        let (low, high, both) =
            (low + ones(word), high + ones(word >> 1), both + ones(word & (word >> 1)));
        Self {
            hom_a1: individuals as u64 + both - low - high,
            missing: low - both,
            het: high - both,
            hom_a2: both,
        }
    }

    /// Individuals whose genotype is known.
    pub fn known(&self) -> u64 {
        self.hom_a1 + self.het + self.hom_a2
    }

    /// The frequency of the first allele among known genotypes; NaN if none is known.
    pub fn frequency(&self) -> f64 {
        (2 * self.hom_a1 + self.het) as f64 / (2 * self.known()) as f64
    }

    /// Whether known genotypes have both alleles.
    pub fn is_polymorphic(&self) -> bool {
        let copies = 2 * self.hom_a1 + self.het;
        copies > 0 && copies < 2 * self.known()
    }

    /// The counts in the order of the codes.
    pub fn by_code(&self) -> [u64; 4] {
        [self.hom_a1, self.missing, self.het, self.hom_a2]
    }
}

/// How many genotypes of whole words have the low bit, the high bit, and both.
struct Bits<'a>(&'a [[u8; 8]]);

impl Loop for Bits<'_> {
    type Output = [u64; 3];

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) -> [u64; 3] {
        let (mut low, mut all, mut both) = (0u64, 0u64, 0u64);
        for bytes in self.0 {
            let word = u64::from_le_bytes(*bytes);
            // Nothing can overflow, and a check would keep the loop from being made of vectors.
            all = all.wrapping_add(word.count_ones().into());
            low = low.wrapping_add((word & LOW).count_ones().into());
            both = both.wrapping_add((word & (word >> 1) & LOW).count_ones().into());
        }
        [low, all - low, both]
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is exact is compared exactly")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counting_bits_is_counting_genotypes(
            bytes in prop::collection::vec(any::<u8>(), 1..100),
            cut in 0usize..4,
        ) {
            let individuals = bytes.len() * 4 - cut;
            let mut naive = [0u64; 4];
            for row in 0..individuals {
                naive[usize::from(bytes[row / 4] >> (2 * (row % 4)) & 3)] += 1;
            }
            for with in Instructions::ALL {
                prop_assert_eq!(Counts::with(with, &bytes, individuals).by_code(), naive);
            }
        }
    }

    #[test]
    fn frequency_is_that_of_the_first_allele() {
        let counts = Counts { hom_a1: 1, het: 2, hom_a2: 5, missing: 2 };
        assert_eq!(counts.frequency(), 0.25);
        assert!(counts.is_polymorphic());
        for monomorphic in [
            Counts { hom_a1: 3, ..Counts::default() },
            Counts { hom_a2: 3, missing: 1, ..Counts::default() },
            Counts { missing: 3, ..Counts::default() },
        ] {
            assert!(!monomorphic.is_polymorphic());
        }
    }
}
