//! Additive genotypes, standardized.

use serde::Serialize;
use twoblade_geno::{Bins, Counts, code};

use crate::features::{Columns, Features, Variant};

/// x = (g - 2p) / sqrt(2p (1 - p)) for g copies of the first allele, p their frequency among the
/// individuals that stay; a missing genotype is 0, the mean. One component for each bin.
#[derive(Clone, Debug, Serialize)]
pub struct Additive {
    name: &'static str,
    /// The study's identity holds the bins.
    #[serde(skip)]
    bins: Bins,
}

impl Additive {
    /// The components of these bins, for a model of this name.
    pub fn new(name: &'static str, bins: Bins) -> Self {
        Self { name, bins }
    }
}

impl Features for Additive {
    fn name(&self) -> &'static str {
        self.name
    }

    fn components(&self) -> Vec<String> {
        self.bins.names().to_vec()
    }

    fn uses(&self, variant: usize) -> bool {
        !self.bins.of(variant).is_empty()
    }

    fn columns(&self, variant: &Variant, into: &mut Columns) {
        into.push(self.bins.of(variant.number), variant.column(standardized(&variant.counts)));
    }

    fn most_per_variant(&self) -> usize {
        self.bins.most()
    }

    fn bytes(&self) -> usize {
        self.bins.bytes()
    }
}

/// The value of each genotype, by code.
fn standardized(counts: &Counts) -> [f64; 4] {
    let p = counts.frequency();
    let scale = (2.0 * p * (1.0 - p)).sqrt();
    let mut values = [0.0; 4];
    for (genotype, copies) in [(code::HOM_A1, 2.0), (code::HET, 1.0), (code::HOM_A2, 0.0)] {
        values[genotype] = (copies - 2.0 * p) / scale;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_mean_0_and_missing_genotypes_count_as_it() {
        let counts = Counts { hom_a1: 10, het: 30, hom_a2: 60, missing: 7 };
        let values = standardized(&counts);
        assert!(values[code::MISSING].abs() < f64::MIN_POSITIVE);
        let sum: f64 = counts.by_code().iter().zip(values).map(|(&n, x)| n as f64 * x).sum();
        assert!(sum.abs() < 1e-12, "{sum}");
        // p = 0.25: (0 - 0.5) / sqrt(0.375)
        assert!((values[code::HOM_A2] + 0.5 / 0.375f64.sqrt()).abs() < 1e-15);
    }
}
