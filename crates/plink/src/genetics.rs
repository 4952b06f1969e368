//! Effects of variants on traits, and the traits they make.

use twoblade_core::Random;
use twoblade_geno::{code, normals};

use crate::haplotypes::Counts;

/// Genetic values per bin and trait, summed as the variants go by; 8 bytes for each individual,
/// bin and trait.
#[derive(Clone, Debug)]
pub(crate) struct Genetics {
    effects: Random,
    traits: u32,
    individuals: usize,
    /// `values[bin × traits + trait]`, one for each individual.
    values: Vec<Vec<f64>>,
    /// Causal, polymorphic variants per bin.
    causal: Vec<usize>,
}

impl Genetics {
    pub(crate) fn new(effects: Random, individuals: usize, bins: usize, traits: u32) -> Self {
        let values = vec![vec![0.0; individuals]; bins * traits as usize];
        Self { effects, traits, individuals, values, causal: vec![0; bins] }
    }

    /// Adds a causal variant, with an effect of its own on every trait, unless it does not vary.
    pub(crate) fn add(&mut self, variant: u64, bin: usize, row: &[u8], counts: Counts) {
        let Some(standardized) = standardized(counts) else { return };
        self.causal[bin] += 1;
        for draw in 0..self.traits {
            let effect = normals(&self.effects, variant, draw)[0];
            let by_code = standardized.map(|x| effect * x);
            let values = &mut self.values[bin * self.traits as usize + draw as usize];
            for (values, &byte) in values.chunks_mut(4).zip(row) {
                for (place, value) in values.iter_mut().enumerate() {
                    *value += by_code[usize::from(byte >> (2 * place)) & 3];
                }
            }
        }
    }

    /// Causal, polymorphic variants per bin.
    pub(crate) fn causal(&self) -> &[usize] {
        &self.causal
    }

    /// Scales each bin's values to the expected variance `h2[bin]`.
    ///
    /// With c variants whose effects are independent standard normals the expected variance is c
    /// whatever the correlation between the variants, so it is divided away.
    pub(crate) fn scale(&mut self, h2: &[f64]) {
        let traits = self.traits as usize;
        for ((values, h2), &causal) in self.values.chunks_mut(traits).zip(h2).zip(&self.causal) {
            let factor = if causal == 0 { 0.0 } else { (h2 / causal as f64).sqrt() };
            values.iter_mut().flatten().for_each(|value| *value *= factor);
        }
    }

    /// One bin's genetic values of one trait.
    pub(crate) fn values(&self, bin: usize, column: usize) -> &[f64] {
        &self.values[bin * self.traits as usize + column]
    }

    /// The genetic values of one trait, all bins together.
    pub(crate) fn total(&self, column: usize) -> Vec<f64> {
        let mut total = vec![0.0; self.individuals];
        for bin in 0..self.causal.len() {
            total.iter_mut().zip(self.values(bin, column)).for_each(|(sum, value)| *sum += value);
        }
        total
    }
}

/// (g - 2p) / sqrt(2p(1 - p)) by code, with p the frequency in the sample and 0 for a missing
/// genotype; nothing for a variant that does not vary.
fn standardized(counts: Counts) -> Option<[f64; 4]> {
    if counts.copies == 0 || counts.copies == 2 * counts.called {
        return None;
    }
    let mean = counts.copies as f64 / counts.called as f64;
    let scale = 1.0 / (mean * (1.0 - mean / 2.0)).sqrt();
    let mut by_code = [0.0; 4];
    for (code, copies) in [(code::HOM_A1, 2.0), (code::HET, 1.0), (code::HOM_A2, 0.0)] {
        by_code[code] = (copies - mean) * scale;
    }
    Some(by_code)
}

/// The variance of a sample, over n - 1.
pub(crate) fn variance(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_is_standardized_by_its_own_frequency() {
        // Two copies, one, none and missing: p = 1/2, and sqrt(2p(1-p)) = sqrt(1/2).
        let by_code = standardized(Counts { called: 3, copies: 3 }).unwrap();
        let root = 2f64.sqrt();
        for (code, expected) in
            [(code::HOM_A1, root), (code::HET, 0.0), (code::HOM_A2, -root), (code::MISSING, 0.0)]
        {
            assert!((by_code[code] - expected).abs() < 1e-15, "{code}: {by_code:?}");
        }
    }

    #[test]
    fn variants_that_do_not_vary_have_no_effect() {
        for counts in [(0, 0), (5, 0), (5, 10)] {
            let (called, copies) = counts;
            let mut genetics = Genetics::new(Random::new(1, 0), 5, 1, 1);
            genetics.add(0, 0, &[0, 0], Counts { called, copies });
            assert_eq!((genetics.causal(), genetics.total(0)), (&[0][..], vec![0.0; 5]));
        }
    }
}
