//! What an analysis of simulated files should find.

use serde::Serialize;

use crate::simulation::Simulation;

/// What was asked for and what came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// All options.
    pub simulation: Simulation,
    /// The heritability asked for, all bins together.
    pub h2: f64,
    /// Variants that vary in the sample.
    pub polymorphic: usize,
    /// The bins, in order.
    pub bins: Vec<BinTruth>,
    /// The variance of the genetic values of each trait, all bins together.
    pub genetic_variance: Vec<f64>,
    /// The variance of each trait.
    pub phenotypic_variance: Vec<f64>,
    /// Genetic over phenotypic variance of each trait.
    pub share: Vec<f64>,
}

/// One bin of a simulation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BinTruth {
    /// Its name, as the annotation is read.
    pub name: String,
    /// The heritability asked for.
    pub h2: f64,
    /// Variants in it.
    pub variants: usize,
    /// Those of them that are causal and vary in the sample.
    pub causal: usize,
    /// The variance of its genetic values, for each trait.
    pub genetic_variance: Vec<f64>,
    /// That over the variance of the trait, for each trait.
    pub share: Vec<f64>,
}
