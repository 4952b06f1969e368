//! What a user decides.

use serde::{Deserialize, Serialize};
use twoblade_geno::VariantFilter;

use crate::error::HasemanError;

/// Options that every Haseman-Elston model has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Which probes, and how many.
    pub probes: Probes,
    /// The seed of the probes.
    pub seed: u64,
    /// Whether an intercept is projected off phenotypes and probes.
    pub intercept: bool,
    /// The numbers in which products are made.
    pub precision: Precision,
    /// Which variants are used.
    pub filter: VariantFilter,
    /// What a missing genotype counts as.
    pub missing: MissingGenotype,
    /// Whether the covariances of every pair of traits are estimated too.
    pub correlations: bool,
}

impl Default for Options {
    /// 50 Rademacher probes, seed 0, an intercept, single precision, every variant that varies, the
    /// mean for a missing genotype, no correlations.
    fn default() -> Self {
        Self {
            probes: Probes::Rademacher(50),
            seed: 0,
            intercept: true,
            precision: Precision::Single,
            filter: VariantFilter::default(),
            missing: MissingGenotype::Mean,
            correlations: false,
        }
    }
}

/// Random vectors whose outer products average to the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Probes {
    /// This many, of +1 and -1: the smallest variance of a trace (Hutchinson 1989).
    Rademacher(usize),
    /// This many, of standard normal numbers.
    Gaussian(usize),
    /// The columns of sqrt(N) I, one for each of N individuals: nothing is random, and the state is
    /// N times as large. For small studies and for tests.
    Basis,
}

impl Probes {
    /// How many probes there are for so many individuals.
    pub fn count(self, individuals: usize) -> usize {
        match self {
            Self::Rademacher(probes) | Self::Gaussian(probes) => probes,
            Self::Basis => individuals,
        }
    }

    /// Whether the result varies with the seed.
    pub fn is_random(self) -> bool {
        self != Self::Basis
    }

    pub(crate) fn check(self) -> Result<(), HasemanError> {
        match self {
            Self::Rademacher(probes @ 0..2) | Self::Gaussian(probes @ 0..2) => {
                Err(HasemanError::TooFewProbes { probes })
            }
            _ => Ok(()),
        }
    }
}

/// The numbers in which products over individuals and variants are made. What is summed over chunks
/// is exact either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32-bit floats, over the variants of a chunk: moment equations to about 1e-6.
    #[default]
    Single,
    /// Doubles throughout: twice the time or more, for comparison.
    Double,
}

/// What a missing genotype counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingGenotype {
    /// The mean of its variant.
    #[default]
    Mean,
    /// A draw from Binomial(2, p), p being the frequency of the allele among the individuals that
    /// stay; it depends on the seed, the variant and the individual alone. The variant is
    /// standardized with its drawn genotypes. Filters look at what is known.
    Binomial,
}
