//! What genotypes interact with.

use std::path::PathBuf;

use clap::ValueEnum;
use twoblade::genie::Effects;
use twoblade::plink::ColumnNumbers;

use crate::exit::Misused;
use crate::quantity::parse_columns;

/// What genotypes interact with, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Environments")]
pub(crate) struct EnvironmentArgs {
    /// Environments: a header FID IID NAME…, then a row of numbers for each individual, in any order;
    /// whoever lacks one is left out
    #[arg(long, value_name = "FILE")]
    pub(crate) env: Option<PathBuf>,
    /// Which environments of the file, separated by commas [default: all of them]
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "env")]
    pub(crate) env_name: Vec<String>,
    /// The same by number, counted from 1 after the identifiers, such as 1,3-5
    #[arg(long, value_name = "NUMBERS", value_parser = parse_columns, requires = "env", conflicts_with = "env_name")]
    pub(crate) env_col: Option<ColumnNumbers>,
    /// Which effects the model has
    #[arg(long, value_enum, value_name = "MODEL", default_value_t = ModelKind::GxENxE)]
    model: ModelKind,
    /// Do not project environments off phenotypes and probes: they are covariates otherwise
    #[arg(long)]
    pub(crate) no_env_covariates: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ModelKind {
    /// Additive effects alone
    #[value(name = "G")]
    G,
    /// And their interactions with each environment
    #[value(name = "G+GxE")]
    GxE,
    /// And noise that grows with each environment
    #[value(name = "G+GxE+NxE")]
    GxENxE,
}

impl EnvironmentArgs {
    /// Which effects.
    pub(crate) fn effects(&self) -> Effects {
        match self.model {
            ModelKind::G => Effects::G,
            ModelKind::GxE => Effects::GxE,
            ModelKind::GxENxE => Effects::GxEAndNxE,
        }
    }

    /// Refuses interactions with nothing: a default is no answer to clap's own demands.
    pub(crate) fn check(&self) -> Result<(), Misused> {
        if self.env.is_some() || self.model == ModelKind::G {
            return Ok(());
        }
        let model = self.model.to_possible_value().map(|value| value.get_name().to_owned());
        let model = model.unwrap_or_default();
        Err(Misused(format!(
            "--model {model} needs --env FILE; without environments it is --model G"
        )))
    }
}
