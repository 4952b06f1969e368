//! Additive and dominance columns of genotypes.

use serde::Serialize;
use twoblade_geno::{Bins, Counts, code};
use twoblade_haseman::{Additive, Columns, Features, HasemanError, Variant};

/// The additive column of each variant, and beside it the dominance column
///
/// ```text
/// d = (c - mean c) / (2p (1 - p)),   c = 0, 2p, 4p - 2 for 0, 1, 2 copies of the first allele,
/// ```
///
/// p being the frequency of that allele and mean c the mean of c, both among the individuals that stay
/// and have the genotype; a missing genotype is 0. In Hardy-Weinberg proportions c has mean 2p^2 and
/// standard deviation 2p (1 - p), and d is orthogonal to the additive column (Zhu et al. 2015, American
/// Journal of Human Genetics 96:377). For each bin there is an additive set of columns and a dominance
/// set: first all additive ones, then the others.
///
/// A variant whose genotypes leave c the same for everybody (all are heterozygous, or none is and the
/// alleles are equally common) has no dominance column.
#[derive(Clone, Debug, Serialize)]
pub struct AdditiveAndDominance {
    additive: Additive,
    /// The study's identity holds the bins.
    #[serde(skip)]
    bins: Bins,
    /// The sets of dominance columns begin here.
    dominance: u16,
}

impl AdditiveAndDominance {
    /// The sets of these bins.
    ///
    /// # Errors
    /// [`HasemanError::TooManySets`] for more than 32,767 bins: sets are numbered by 16 bits.
    pub fn new(bins: Bins) -> Result<Self, HasemanError> {
        let (found, most) = (bins.count(), Bins::MOST / 2);
        match u16::try_from(found) {
            Ok(dominance) if found <= most => {
                Ok(Self { additive: Additive::new("rhe-dom", bins.clone()), bins, dominance })
            }
            _ => Err(HasemanError::TooManySets { found: 2 * found, most: Bins::MOST }),
        }
    }
}

impl Features for AdditiveAndDominance {
    fn name(&self) -> &'static str {
        self.additive.name()
    }

    fn components(&self) -> Vec<String> {
        let additive = self.additive.components();
        let dominance = additive.iter().map(|bin| format!("{bin}_dominance")).collect::<Vec<_>>();
        [additive, dominance].concat()
    }

    fn kind(&self, set: usize) -> &'static str {
        if set < usize::from(self.dominance) { "additive" } else { "dominance" }
    }

    fn may_be_long(&self) -> bool {
        true
    }

    fn uses(&self, variant: usize) -> bool {
        self.additive.uses(variant)
    }

    fn columns(&self, variant: &Variant, into: &mut Columns) {
        self.additive.columns(variant, into);
        let column = variant.column(deviations(&variant.counts));
        if column.squares > 0.0 {
            let bins = self.bins.of(variant.number);
            let sets: Vec<u16> = bins.iter().map(|bin| bin + self.dominance).collect();
            into.push(&sets, column);
        }
    }

    fn most_per_variant(&self) -> usize {
        2 * self.additive.most_per_variant()
    }

    fn bytes(&self) -> usize {
        self.additive.bytes()
    }
}

/// The value of each genotype, by code.
fn deviations(counts: &Counts) -> [f64; 4] {
    let p = counts.frequency();
    let coded = [(code::HOM_A1, 4.0 * p - 2.0), (code::HET, 2.0 * p), (code::HOM_A2, 0.0)];
    let number = counts.by_code();
    let sum: f64 = coded.iter().map(|&(genotype, c)| number[genotype] as f64 * c).sum();
    let mean = sum / counts.known() as f64;
    let mut values = [0.0; 4];
    for (genotype, c) in coded {
        values[genotype] = (c - mean) / (2.0 * p * (1.0 - p));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(counts: &Counts, of: impl Fn(usize) -> f64) -> f64 {
        counts.by_code().iter().enumerate().map(|(code, &n)| n as f64 * of(code)).sum()
    }

    #[test]
    fn a_column_has_mean_0_and_is_standardized_in_hardy_weinberg_proportions() {
        // p = 0.3 of 1,000, and some missing.
        let counts = Counts { hom_a1: 90, het: 420, hom_a2: 490, missing: 13 };
        let d = deviations(&counts);
        assert!(d[code::MISSING].abs() < f64::MIN_POSITIVE);
        assert!(sum(&counts, |code| d[code]).abs() < 1e-10);
        assert!((sum(&counts, |code| d[code] * d[code]) - 1000.0).abs() < 1e-9);
        // Orthogonal to the additive column.
        let copies = [2.0, 0.6, 1.0, 0.0];
        assert!(sum(&counts, |code| d[code] * (copies[code] - 0.6)).abs() < 1e-10);
    }

    #[test]
    fn one_rare_homozygote_makes_a_column_long() {
        let counts = Counts { hom_a1: 1, het: 0, hom_a2: 999, missing: 0 };
        let d = deviations(&counts);
        // c = 4p - 2 = -1.996 of one, mean -0.001996, over 2p (1 - p) = 0.001998.
        assert!((d[code::HOM_A1] + 998.0).abs() < 1e-9, "{d:?}");
        assert!(sum(&counts, |code| d[code] * d[code]) > 100.0 * 1000.0);
    }

    #[test]
    fn genotypes_of_one_value_have_no_column() {
        for counts in [
            Counts { hom_a1: 5, het: 0, hom_a2: 5, missing: 1 },
            Counts { hom_a1: 0, het: 7, hom_a2: 0, missing: 2 },
        ] {
            let d = deviations(&counts);
            assert!(sum(&counts, |code| d[code] * d[code]) < f64::MIN_POSITIVE, "{d:?}");
        }
    }
}
