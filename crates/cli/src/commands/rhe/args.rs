//! The arguments of the commands on heritability, and what each adds.

use std::path::PathBuf;

use twoblade::rhe::Options;

use crate::args::{
    BinArgs, CovariateArgs, EnvironmentArgs, EstimationArgs, GenotypeArgs, IndividualArgs,
    PhenotypeArgs, RunArgs, VariantArgs,
};
use crate::exit::Misused;
use crate::progress::Screen;

/// Heritability of bins of variants from PLINK genotypes, with standard errors
/// (randomized Haseman-Elston regression).
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RheArgs {
    #[command(flatten)]
    common: Args,
    /// Variance of dominance deviations beside that of additive effects, for each bin
    #[arg(long, help_heading = "Effects")]
    dominance: bool,
}

/// Gene-environment interaction from PLINK genotypes: how much of a trait is due to genotypes (G), to
/// their interaction with environments (GxE), and to noise that grows with these (NxE).
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct GenieArgs {
    #[command(flatten)]
    environments: EnvironmentArgs,
    #[command(flatten)]
    common: Args,
}

/// Which effects a model has.
#[derive(Clone, Debug, Default)]
pub(crate) enum Effects {
    #[default]
    Additive,
    Dominance,
    Environments(EnvironmentArgs),
}

/// What all of these commands take.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(skip)]
    pub(crate) effects: Effects,
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

impl RheArgs {
    /// What all have, with what this one adds.
    pub(crate) fn whole(self) -> Args {
        let effects = if self.dominance { Effects::Dominance } else { Effects::Additive };
        Args { effects, ..self.common }
    }
}

impl GenieArgs {
    /// What all have, with what this one adds.
    ///
    /// # Errors
    /// Interactions with nothing.
    pub(crate) fn whole(self) -> Result<Args, Misused> {
        self.environments.check()?;
        Ok(Args { effects: Effects::Environments(self.environments), ..self.common })
    }
}

impl Args {
    /// The command that has these effects.
    pub(crate) fn command(&self) -> &'static str {
        match self.effects {
            Effects::Additive | Effects::Dominance => "rhe",
            Effects::Environments(_) => "genie",
        }
    }

    /// What there is of environments.
    pub(crate) fn environments(&self) -> Option<&EnvironmentArgs> {
        match &self.effects {
            Effects::Environments(environments) => Some(environments),
            Effects::Additive | Effects::Dominance => None,
        }
    }

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
