//! What was joined and what was left out, in counts, for a log.

use crate::design::CovariateUse;

/// What was joined whatever the trait, in counts.
///
/// Every listed individual is in one of `not_kept`, `removed`, `too_many_missing`,
/// `without_phenotype()` and `matched`: the first that is true of it. What becomes of those that are
/// matched depends on the trait: [`TraitJoined`].
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
    /// Of the others, those that were dropped because too many of their genotypes are missing.
    pub too_many_missing: usize,
    /// Of the others, those that are in the phenotype file too.
    pub matched: usize,
    /// Individuals that stay for one trait at least.
    pub kept: usize,
    /// Individuals in the phenotype file that are not in the .fam file.
    pub not_genotyped: usize,
    /// Covariates, file by file.
    pub covariates: Vec<JoinedCovariates>,
    /// Variants in the .bim file.
    pub variants: usize,
    /// Variants that have the identifier of an earlier one.
    pub duplicate_identifiers: usize,
    /// Variants that were chosen and are in no bin.
    pub in_no_bin: usize,
}

/// What was joined of a covariate file, in counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedCovariates {
    /// Individuals in the covariate file.
    pub rows: usize,
    /// Those of them that are in the .fam file too.
    pub matched: usize,
}

/// What was joined for the traits of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupJoined {
    /// The traits, in the order of the file.
    pub traits: Vec<TraitJoined>,
    /// Individuals that stay.
    pub kept: usize,
    /// How each covariate became columns, and how often its mean was put in.
    pub covariates: Vec<CovariateUse>,
}

/// What was joined for one trait, in counts.
///
/// Every individual that is matched is in one of `missing`, of `absent` and `incomplete`, and in
/// those that the group kept: the first that is true of it. Where only individuals with every trait
/// stay, the counts of each trait are those of all traits together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraitJoined {
    /// From the header of its file.
    pub name: String,
    /// Individuals that have no value.
    pub missing: usize,
    /// Individuals that have one.
    pub with_trait: usize,
    /// Those of them that were dropped because they are not in every covariate file.
    pub absent: usize,
    /// Those of them that were dropped because a covariate is missing.
    pub incomplete: usize,
}

impl Joined {
    /// Individuals that the lists to keep and to remove leave.
    pub fn chosen(&self) -> usize {
        self.listed - self.not_kept - self.removed
    }

    /// Those of them that have enough genotypes and are not in the phenotype file.
    pub fn without_phenotype(&self) -> usize {
        self.chosen() - self.too_many_missing - self.matched
    }
}

impl JoinedCovariates {
    /// Individuals in the covariate file that are not in the .fam file.
    pub fn not_genotyped(&self) -> usize {
        self.rows - self.matched
    }
}
