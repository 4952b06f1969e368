//! Which variants are used, by what the individuals that stay have.

use serde::{Deserialize, Serialize};

use crate::counts::Counts;

/// Limits of PLINK's `--geno` and `--maf`, among the individuals that stay. A variant beyond them
/// holds its place in its block and is not used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantFilter {
    /// The largest share of missing genotypes, from 0 to 1.
    pub most_missing: f64,
    /// The smallest frequency of the rarer allele, from 0 to 0.5.
    pub least_frequency: f64,
}

/// Why a variant is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// More genotypes are missing than `most_missing` says.
    Missing,
    /// Known genotypes have one allele only.
    Monomorphic,
    /// The rarer allele is rarer than `least_frequency` says.
    Rare,
}

impl Default for VariantFilter {
    /// Every variant that varies.
    fn default() -> Self {
        Self { most_missing: 1.0, least_frequency: 0.0 }
    }
}

impl VariantFilter {
    /// Why a variant with these genotypes is not used, if it is not; PLINK's order: missing first.
    pub fn drops(&self, counts: &Counts) -> Option<Dropped> {
        let all = (counts.known() + counts.missing) as f64;
        if counts.missing as f64 > self.most_missing * all {
            return Some(Dropped::Missing);
        }
        if !counts.is_polymorphic() {
            return Some(Dropped::Monomorphic);
        }
        let frequency = counts.frequency();
        (frequency.min(1.0 - frequency) < self.least_frequency).then_some(Dropped::Rare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_plink() {
        let counts = Counts { hom_a1: 0, het: 18, hom_a2: 72, missing: 10 };
        let filter = |most_missing, least_frequency| {
            VariantFilter { most_missing, least_frequency }.drops(&counts)
        };
        // 10 of 100 are missing, and the frequency is 18 / 180.
        assert_eq!(filter(1.0, 0.0), None);
        assert_eq!(filter(0.1, 0.1), None, "the limits themselves are allowed");
        assert_eq!(filter(0.099, 0.2), Some(Dropped::Missing));
        assert_eq!(filter(0.1, 0.101), Some(Dropped::Rare));
        let flipped = Counts { hom_a1: 72, hom_a2: 0, ..counts };
        let filter = VariantFilter { most_missing: 1.0, least_frequency: 0.101 };
        assert_eq!(filter.drops(&flipped), Some(Dropped::Rare), "either allele may be the rarer");
        let constant = Counts { hom_a2: 90, missing: 10, ..Counts::default() };
        assert_eq!(VariantFilter::default().drops(&constant), Some(Dropped::Monomorphic));
        assert_eq!(
            VariantFilter { most_missing: 0.0, ..filter }.drops(&constant),
            Some(Dropped::Missing)
        );
    }
}
