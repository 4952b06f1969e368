//! Additive genotypes, standardized.

use serde::Serialize;
use twoblade_geno::{Bins, Column, Counts, PackedChunk, VariantFilter, code};

use crate::features::{Columns, Features};

/// x = (g - 2p) / sqrt(2p (1 - p)) for g copies of the first allele, p their frequency among the
/// individuals that stay; a missing genotype is 0, the mean. One component for each bin.
#[derive(Clone, Debug, Serialize)]
pub struct Additive {
    name: &'static str,
    filter: VariantFilter,
    /// The study's identity holds the bins.
    #[serde(skip)]
    bins: Bins,
}

impl Additive {
    /// The components of these bins, of the variants that a filter leaves, for a model of this name.
    pub fn new(name: &'static str, bins: Bins, filter: VariantFilter) -> Self {
        Self { name, filter, bins }
    }
}

impl Features for Additive {
    fn name(&self) -> &'static str {
        self.name
    }

    fn components(&self) -> Vec<String> {
        self.bins.names().to_vec()
    }

    fn columns(&self, chunk: &PackedChunk, into: &mut Columns) {
        for variant in 0..chunk.variants() {
            let Some(bin) = self.bins.of(chunk.first() + variant) else { continue };
            let counts = Counts::of(chunk.variant(variant), chunk.individuals());
            match self.filter.drops(&counts) {
                None => into.push(bin, standardized(variant, &counts), counts.missing),
                Some(why) => into.drop(why),
            }
        }
    }

    fn bytes(&self) -> usize {
        self.bins.bytes()
    }
}

fn standardized(variant: usize, counts: &Counts) -> Column {
    let p = counts.frequency();
    let scale = (2.0 * p * (1.0 - p)).sqrt();
    let mut values = [0.0; 4];
    for (genotype, copies) in [(code::HOM_A1, 2.0), (code::HET, 1.0), (code::HOM_A2, 0.0)] {
        values[genotype] = (copies - 2.0 * p) / scale;
    }
    Column::new(variant, values, counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_mean_0_and_missing_genotypes_count_as_it() {
        let counts = Counts { hom_a1: 10, het: 30, hom_a2: 60, missing: 7 };
        let column = standardized(3, &counts);
        assert_eq!((column.variant, column.values[code::MISSING]), (3, 0.0));
        let sum: f64 = counts.by_code().iter().zip(column.values).map(|(&n, x)| n as f64 * x).sum();
        assert!(sum.abs() < 1e-12, "{sum}");
        // p = 0.25: (0 - 0.5) / sqrt(0.375)
        assert!((column.values[code::HOM_A2] + 0.5 / 0.375f64.sqrt()).abs() < 1e-15);
    }
}
