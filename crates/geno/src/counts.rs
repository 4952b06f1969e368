//! Genotypes of one variant, counted in their packed form.

use crate::chunk::{PER_BYTE, stride};

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
        let packed = &packed[..stride(individuals)];
        let whole = individuals / PER_BYTE;
        let (mut low, mut high, mut both) = (0u64, 0u64, 0u64);
        let mut count = |word: u64, mask: u64| {
            let (l, h) = (word & mask, (word >> 1) & mask);
            low += u64::from(l.count_ones());
            high += u64::from(h.count_ones());
            both += u64::from((l & h).count_ones());
        };
        let (words, rest) = packed.as_chunks::<8>();
        let full = individuals / PER_WORD;
        for &word in &words[..full.min(words.len())] {
            count(u64::from_le_bytes(word), LOW);
        }
        // What is left: a word that is not full, or fewer than eight bytes.
        let mut last = [0u8; 8];
        let tail = if full < words.len() { &words[full][..] } else { rest };
        last[..tail.len()].copy_from_slice(tail);
        let left = individuals - full * PER_WORD;
        debug_assert!(whole >= full * 8 && left < PER_WORD);
        count(u64::from_le_bytes(last), LOW & !(u64::MAX << (2 * left)));
        let all = individuals as u64;
        Self {
            hom_a1: all + both - low - high,
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
            prop_assert_eq!(Counts::of(&bytes, individuals).by_code(), naive);
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
