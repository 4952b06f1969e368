//! What was joined and what was left out, in counts, for a log.

use crate::design::CovariateUse;

/// What was joined, in counts.
///
/// Every listed individual is in one of `not_kept`, `removed`, `without_phenotype()`, `missing()`,
/// of the covariates `absent` and `missing`, and `kept`: the first that is true of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Individuals in the .fam file.
    pub listed: usize,
    /// Columns of the .fam file; those beyond 6 are not read.
    pub fam_columns: usize,
    /// Individuals of the .fam file that are not in the list to keep, if there is one.
    pub not_kept: usize,
    /// Of the others, those that are in the list to remove.
    pub removed: usize,
    /// Of the others, those that are in the phenotype file too.
    pub matched: usize,
    /// Those of them that have a value for every trait.
    pub with_traits: usize,
    /// Those of them that have the covariates too, so stay.
    pub kept: usize,
    /// Individuals in the phenotype file that are not in the .fam file.
    pub not_genotyped: usize,
    /// Covariates, if there are any.
    pub covariates: Option<JoinedCovariates>,
    /// Variants in the .bim file.
    pub variants: usize,
    /// Variants that have the identifier of an earlier one.
    pub duplicate_identifiers: usize,
    /// Variants in no bin.
    pub in_no_bin: usize,
}

/// What was joined of a covariate file, in counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedCovariates {
    /// Individuals in the covariate file.
    pub rows: usize,
    /// Those of them that are in the .fam file too.
    pub matched: usize,
    /// Individuals with every trait that were dropped because they are not in the covariate file.
    pub absent: usize,
    /// Individuals with every trait that were dropped because a covariate is missing.
    pub missing: usize,
    /// How each covariate became columns, and how often its mean was put in.
    pub uses: Vec<CovariateUse>,
}

impl Joined {
    /// Individuals that the lists to keep and to remove leave.
    pub fn chosen(&self) -> usize {
        self.listed - self.not_kept - self.removed
    }

    /// Those of them that are not in the phenotype file.
    pub fn without_phenotype(&self) -> usize {
        self.chosen() - self.matched
    }

    /// Individuals dropped because a trait is missing.
    pub fn missing(&self) -> usize {
        self.matched - self.with_traits
    }
}

impl JoinedCovariates {
    /// Individuals in the covariate file that are not in the .fam file.
    pub fn not_genotyped(&self) -> usize {
        self.rows - self.matched
    }
}
