//! What can go wrong in a Haseman-Elston model.

use thiserror::Error;
use twoblade_core::{GuardExceeded, InstructionsError};

/// Why a model cannot be made, or gives no estimate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HasemanError {
    /// A spread over probes needs two of them.
    #[error(
        "{probes} probes were asked for and at least 2 are needed, or their error cannot be told"
    )]
    TooFewProbes {
        /// How many were asked for.
        probes: usize,
    },
    /// Degrees of freedom are needed.
    #[error(
        "{individuals} individuals stay; at least {} are needed, because {rank} columns are projected \
         off (covariates, and an intercept if there is one)",
        rank + 2
    )]
    TooFewIndividuals {
        /// Individuals that stay.
        individuals: usize,
        /// Covariates that are projected off, an intercept among them.
        rank: usize,
    },
    /// A covariate is of other individuals.
    #[error("covariate {name:?} has {values} values and {individuals} individuals stay")]
    CovariateLength {
        /// The covariate.
        name: String,
        /// Its values.
        values: usize,
        /// Individuals that stay.
        individuals: usize,
    },
    /// A covariate has a value that is no number.
    #[error(
        "covariate {name:?} has the value {value}; a finite number is expected for every individual"
    )]
    CovariateValue {
        /// The covariate.
        name: String,
        /// What was found.
        value: f64,
    },
    /// An environment is of other individuals.
    #[error("environment {name:?} has {values} values and {individuals} individuals stay")]
    EnvironmentLength {
        /// The environment.
        name: String,
        /// Its values.
        values: usize,
        /// Individuals that stay.
        individuals: usize,
    },
    /// An environment has a value that is no number.
    #[error(
        "environment {name:?} has the value {value}; a finite number is expected for every individual"
    )]
    EnvironmentValue {
        /// The environment.
        name: String,
        /// What was found.
        value: f64,
    },
    /// Nothing can interact with what does not vary.
    #[error("environment {name:?} is {value} for everybody who stays: nothing interacts with it")]
    ConstantEnvironment {
        /// The environment.
        name: String,
        /// Everybody's value.
        value: f64,
    },
    /// Noise that grows with an environment of one size is the residual.
    #[error(
        "environment {name:?} is {size} or -{size} for everybody, so noise that grows with it is the \
         residual; leave NxE out, or code it with two sizes, as 0 and 1"
    )]
    NoiseIsResidual {
        /// The environment.
        name: String,
        /// The size of all its values.
        size: f64,
    },
    /// Interactions are with something.
    #[error("interactions need an environment, and none is given")]
    NoEnvironment,
    /// Sets of columns are numbered by 16 bits.
    #[error(
        "{found} sets of columns are asked for, at most {most} can be numbered; use fewer bins"
    )]
    TooManySets {
        /// How many were asked for.
        found: usize,
        /// How many there can be.
        most: usize,
    },
    /// Names tell environments apart.
    #[error("two environments are called {name:?}")]
    SameEnvironment {
        /// What both are called.
        name: String,
    },
    /// There is nothing to explain.
    #[error(
        "trait {name:?} does not vary among the {individuals} individuals that stay, or not beside the \
         covariates, or its numbers are too large or too small to be squared"
    )]
    NoVariance {
        /// The trait.
        name: String,
        /// Individuals that stay.
        individuals: usize,
    },
    /// A share of cases is not between 0 and 1.
    #[error("the prevalence {found} is not between 0 and 1")]
    Prevalence {
        /// What was given.
        found: f64,
    },
    /// There is no trait.
    #[error("the study has no trait")]
    NoTrait,
    /// A component has no variant left.
    #[error(
        "component {component:?} has no variant left: {}",
        if *all == 0 {
            "none of them varies among the individuals and passes the filters; relax these, or leave \
             the component out"
                .to_owned()
        } else {
            format!(
                "{held_out} of the {all} that are used are in the block that is left out; use fewer \
                 blocks, or merge it with another"
            )
        }
    )]
    Empty {
        /// The component.
        component: String,
        /// Its polymorphic variants in the block that is left out.
        held_out: u64,
        /// Its polymorphic variants.
        all: u64,
    },
    /// The moment equations do not determine the variances.
    #[error(
        "{}: the condition of their moment equations is {condition:.1e} (at most {limit:.0e}); {}",
        match components.as_slice() {
            [one] => format!("component {one} is next to nothing beside the others and the covariates"),
            several => format!("components {} cannot be told apart", several.join(", ")),
        },
        match components.as_slice() {
            [_] => "leave it out",
            _ => "merge them, or use more variants or individuals",
        }
    )]
    Singular {
        /// Those that take part in what is not determined.
        components: Vec<String>,
        /// Largest eigenvalue over smallest, by size.
        condition: f64,
        /// What is still accepted.
        limit: f64,
    },
    /// A fixed-point sum may have left its range.
    #[error(
        "the sums over {what} left their exact range: a column is far longer than others (very rare \
         genotypes of a dominance model, which --maf leaves out; an environment far from all others), \
         or a genotype or phenotype file is damaged"
    )]
    Guard {
        /// Which sums.
        what: &'static str,
        /// By how much.
        source: GuardExceeded,
    },
    /// The environment asks for instructions that cannot be used.
    #[error(transparent)]
    Instructions(#[from] InstructionsError),
}
