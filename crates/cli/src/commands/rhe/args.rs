//! The arguments of `twoblade rhe`.

use std::path::PathBuf;

use twoblade::rhe::Options;

use crate::args::{
    BinArgs, CovariateArgs, EstimationArgs, GenotypeArgs, IndividualArgs, PhenotypeArgs, RunArgs,
    VariantArgs,
};
use crate::progress::Screen;

/// Heritability of bins of variants from PLINK genotypes, with standard errors
/// (randomized Haseman-Elston regression).
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) genotypes: GenotypeArgs,
    #[command(flatten)]
    pub(crate) phenotypes: PhenotypeArgs,
    #[command(flatten)]
    pub(crate) covariates: CovariateArgs,
    #[command(flatten)]
    pub(crate) individuals: IndividualArgs,
    #[command(flatten)]
    pub(crate) variants: VariantArgs,
    #[command(flatten)]
    pub(crate) bins: BinArgs,
    #[command(flatten)]
    pub(crate) estimation: EstimationArgs,
    #[command(flatten)]
    pub(crate) running: RunArgs,
    /// Write OUT.json, OUT.tsv, OUT.run.json, OUT.run.toml and OUT.log
    #[arg(
        long, value_name = "OUT", required_unless_present_any = ["plan", "plan_out"],
        help_heading = "Output"
    )]
    pub(crate) out: Option<PathBuf>,
    /// Write the plan for pass-one, merge, pass-two and finish, and read no genotypes for it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "plan", "folder"], help_heading = "Output")]
    pub(crate) plan_out: Option<PathBuf>,
    /// Write the moment equations too: OUT.trace.tsv, OUT.tr and OUT.MN
    #[arg(long, help_heading = "Output")]
    pub(crate) trace: bool,
    #[command(flatten)]
    pub(crate) screen: Screen,
}

impl Args {
    /// What the model is told.
    pub(crate) fn options(&self) -> Options {
        Options {
            probes: self.estimation.kind(),
            seed: self.estimation.seed,
            intercept: !self.covariates.no_intercept,
            precision: self.estimation.precision(),
            filter: self.variants.filter(),
            missing: self.genotypes.missing(),
            correlations: self.phenotypes.rg,
        }
    }
}
