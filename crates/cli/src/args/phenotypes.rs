//! Which traits are analysed.

use std::path::PathBuf;

use clap::ValueEnum;
use twoblade::plink::{ColumnNumbers, MissingCode, MissingTraits, PhenotypeOptions};

use crate::prevalence::{ForTraits, parse_prevalence};
use crate::quantity::parse_columns;

/// Which traits are analysed, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Phenotypes")]
pub(crate) struct PhenotypeArgs {
    /// Phenotypes: a header FID IID NAME…, then a row for each individual, in any order
    /// [default: the sixth column of the .fam]
    #[arg(long, value_name = "FILE")]
    pub(crate) pheno: Option<PathBuf>,
    /// Which traits of the phenotype file, separated by commas [default: all of them]
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "pheno")]
    pub(crate) pheno_name: Vec<String>,
    /// The same by number, counted from 1 after the identifiers, such as 1,3-5
    #[arg(long, value_name = "NUMBERS", value_parser = parse_columns, requires = "pheno", conflicts_with = "pheno_name")]
    pub(crate) pheno_col: Option<ColumnNumbers>,
    /// Who is left out where traits are missing
    #[arg(long, value_enum, value_name = "HOW", default_value_t = MissingTraitsKind::PerTrait)]
    pheno_missing: MissingTraitsKind,
    /// Numbers that stand for a missing phenotype
    #[arg(long, value_enum, value_name = "CODES", default_value_t = MissingCodeKind::Plink)]
    missing_code: MissingCodeKind,
    /// Put normal quantiles of its ranks in place of each trait
    #[arg(long)]
    pub(crate) pheno_quantile_normalize: bool,
    /// Genetic correlations of every two traits of the same individuals
    #[arg(long)]
    pub(crate) rg: bool,
    /// Share of cases in the population, for h2 on the scale of liability: a number for every trait
    /// of two values, or NAME=NUMBER
    #[arg(long, value_name = "SHARE", value_delimiter = ',', value_parser = parse_prevalence)]
    pub(crate) population_prevalence: Vec<ForTraits>,
    /// Share of cases among the individuals, likewise [default: what the phenotypes say]
    #[arg(long, value_name = "SHARE", value_delimiter = ',', value_parser = parse_prevalence, requires = "population_prevalence")]
    pub(crate) sample_prevalence: Vec<ForTraits>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MissingTraitsKind {
    /// For each trait those who lack it
    PerTrait,
    /// For every trait those who lack one
    Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MissingCodeKind {
    /// -9, and 0 in a trait that is otherwise coded 1 and 2
    Plink,
    /// None: -9 and 0 are values
    None,
}

impl PhenotypeArgs {
    /// How phenotypes are read.
    pub(crate) fn options(&self) -> PhenotypeOptions {
        let missing_code = match self.missing_code {
            MissingCodeKind::Plink => MissingCode::MinusNine,
            MissingCodeKind::None => MissingCode::None,
        };
        PhenotypeOptions { missing_code }
    }

    /// Who is left out.
    pub(crate) fn missing(&self) -> MissingTraits {
        match self.pheno_missing {
            MissingTraitsKind::PerTrait => MissingTraits::PerTrait,
            MissingTraitsKind::Common => MissingTraits::Common,
        }
    }
}
