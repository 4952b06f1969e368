//! What is projected off.

use std::path::PathBuf;

use clap::ValueEnum;
use twoblade::plink::{ColumnNumbers, MissingCovariate};

use crate::quantity::parse_columns;

/// What is projected off phenotypes and probes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Covariates")]
pub(crate) struct CovariateArgs {
    /// Covariates: a header FID IID NAME…, then a row for each individual, in any order; columns
    /// that hold text become indicators of their levels
    #[arg(long, value_name = "FILE")]
    pub(crate) covar: Option<PathBuf>,
    /// Which covariates of the file, separated by commas [default: all of them]
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "covar")]
    pub(crate) covar_name: Vec<String>,
    /// The same by number, counted from 1 after the identifiers, such as 1,3-5
    #[arg(long, value_name = "NUMBERS", value_parser = parse_columns, requires = "covar", conflicts_with = "covar_name")]
    pub(crate) covar_col: Option<ColumnNumbers>,
    /// What becomes of individuals with a missing covariate
    #[arg(long, value_enum, value_name = "HOW", default_value_t = CovarMissing::Drop)]
    covar_missing: CovarMissing,
    /// Do not project an intercept off phenotypes and probes (the phenotype is centred all the same)
    #[arg(long)]
    pub(crate) no_intercept: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CovarMissing {
    /// They are left out
    Drop,
    /// The mean stands for what is missing
    Mean,
}

impl CovariateArgs {
    /// What a missing covariate means.
    pub(crate) fn missing(&self) -> MissingCovariate {
        match self.covar_missing {
            CovarMissing::Drop => MissingCovariate::Drop,
            CovarMissing::Mean => MissingCovariate::Mean,
        }
    }
}
