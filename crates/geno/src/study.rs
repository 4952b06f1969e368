//! What is known of a study before any genotype is read.

use serde::{Deserialize, Serialize};

use crate::bins::Bins;
use crate::cut::Cut;
use crate::subset::Subset;

/// Individuals, traits, bins of variants and the cut: all from text files and options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Individuals listed in the genotype files.
    pub listed: usize,
    /// The rows of those that stay, counted from 0 before any filter, ascending.
    pub individuals: Vec<u32>,
    /// The traits, each with a value for every individual that stays.
    pub traits: Vec<Trait>,
    /// Which of the variants that the genotype files list are looked at.
    pub variants: Subset,
    /// The bins of each of these.
    pub bins: Bins,
    /// Their cut into blocks and chunks.
    pub cut: Cut,
}

/// A phenotype.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trait {
    /// From the header of its file.
    pub name: String,
    /// One finite value for every individual that stays.
    pub values: Vec<f64>,
}

/// A covariate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Covariate {
    /// From the header of its file; `column=level` for an indicator.
    pub name: String,
    /// One finite value for every individual that stays.
    pub values: Vec<f64>,
}
