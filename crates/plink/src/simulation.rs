//! The options of a simulated data set.

use serde::Serialize;
use twoblade_geno::Bins;

use crate::error::PlinkError;

/// The strongest correlation: a word of 32 bits must still tell frequencies apart.
const STRONGEST_LD: f64 = 0.999;

/// The options of a simulated data set.
///
/// # Genotypes
/// Each individual has two haplotypes; each haplotype carries a uniform number along the genome,
/// and has allele 1 where it is below the allele's frequency. From one variant to the next the
/// number is kept with probability [`ld`](Self::ld), else drawn anew: so frequencies are exact in
/// expectation, genotypes are in Hardy-Weinberg proportions, and neighbours of equal frequency
/// have correlation `ld`. To make that the correlation of neighbours, runs of 50 variants share
/// one frequency where `ld` is above 0; where it is 0 each variant has its own.
///
/// # Traits
/// Every variant is in one bin, drawn at random (so bins are not contiguous), and causal with
/// probability [`causal`](Self::causal). Its effect on each trait is an independent standard
/// normal, on the genotype standardized by its frequency in the sample, a missing one counting as
/// the mean. A bin's genetic values are scaled to have *expected* variance `h2[bin]` (times the
/// share of genotypes that are not missing); normal noise makes up the rest to 1.
///
/// All draws are by index, so files depend on these options alone. Memory is 8 bytes for each
/// individual, bin and trait, and 16 for each individual; genotypes go straight to the disk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Simulation {
    /// Individuals, from 2 to 2^32 - 1.
    pub individuals: usize,
    /// Variants, at least 1.
    pub variants: usize,
    /// Chooses the draws.
    pub seed: u64,
    /// The lowest and the highest frequency of allele 1, above 0 and at most 0.5; uniform between.
    pub frequencies: (f64, f64),
    /// The correlation between neighbouring variants, from 0 to 0.999.
    pub ld: f64,
    /// The share of genotypes that are missing, from 0 to below 1.
    pub missing: f64,
    /// The heritability of each bin, the same for all traits; together 1 at most.
    pub h2: Vec<f64>,
    /// The share of variants that are causal, above 0 and at most 1.
    pub causal: f64,
    /// Traits, at least 1. They share the causal variants and have independent effects.
    pub traits: usize,
}

impl Simulation {
    /// One trait with heritability 0.5, every variant causal, frequencies from 0.05 to 0.5, no
    /// linkage disequilibrium, nothing missing.
    pub fn new(individuals: usize, variants: usize, seed: u64) -> Self {
        Self {
            individuals,
            variants,
            seed,
            frequencies: (0.05, 0.5),
            ld: 0.0,
            missing: 0.0,
            h2: vec![0.5],
            causal: 1.0,
            traits: 1,
        }
    }

    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`PlinkError::Simulation`], which names the option.
    pub fn check(&self) -> Result<(), PlinkError> {
        let refuse = |option, found: String, expected| {
            Err(PlinkError::Simulation { option, found, expected })
        };
        let (low, high) = self.frequencies;
        let h2: f64 = self.h2.iter().sum();
        if self.individuals < 2 || u32::try_from(self.individuals).is_err() {
            let found = self.individuals.to_string();
            return refuse("number of individuals", found, "from 2 to 4294967295");
        }
        if self.variants == 0 {
            return refuse("number of variants", "0".to_owned(), "1 or more");
        }
        if !(low > 0.0 && low <= high && high <= 0.5) {
            let expected = "an ascending range above 0 and up to 0.5";
            return refuse("range of frequencies", format!("{low} to {high}"), expected);
        }
        if !(0.0..=STRONGEST_LD).contains(&self.ld) {
            return refuse("correlation of neighbours", self.ld.to_string(), "from 0 to 0.999");
        }
        if !(0.0..1.0).contains(&self.missing) {
            return refuse("missing share", self.missing.to_string(), "from 0 to below 1");
        }
        if !(self.causal > 0.0 && self.causal <= 1.0) {
            return refuse("causal share", self.causal.to_string(), "above 0 and up to 1");
        }
        if self.traits == 0 || u32::try_from(self.traits).is_err() {
            return refuse("number of traits", self.traits.to_string(), "from 1 to 4294967295");
        }
        if self.h2.is_empty() || self.h2.len() >= Bins::MOST {
            return refuse("number of bins", self.h2.len().to_string(), "from 1 to 65534");
        }
        // Rounding may leave a sum of shares a little above 1.
        let valid = self.h2.iter().all(|h2| (0.0..=1.0).contains(h2));
        if !valid || h2 > 1.0 + 1e-12 {
            let expected = "from 0 to 1 in each bin and together";
            return refuse("heritability", format!("{:?}", self.h2), expected);
        }
        Ok(())
    }
}
