//! `twoblade simulate`: data with a known answer.
//!
//! By itself it is about genotypes; other data have a subcommand each.

mod connectome;
mod genotypes;
#[cfg(feature = "table")]
mod table;

use anyhow::Result;
use clap::{ArgMatches, Command, Error, FromArgMatches};

pub(crate) use self::genotypes::write;

const CONNECTOME: &str = "connectome";
#[cfg(feature = "table")]
const TABLE: &str = "table";

/// What is simulated.
#[derive(Clone, Debug)]
pub(crate) enum Args {
    Genotypes(genotypes::Args),
    Connectome(connectome::Args),
    #[cfg(feature = "table")]
    Table(table::Args),
}

// By hand, since a derived one would make every option of the genotypes optional.
impl clap::Args for Args {
    fn augment_args(command: Command) -> Command {
        let connectome = connectome::Args::augment_args(Command::new(CONNECTOME));
        let command = genotypes::Args::augment_args(command).subcommand(connectome);
        #[cfg(feature = "table")]
        let command = command.subcommand(table::Args::augment_args(Command::new(TABLE)));
        command
            .disable_help_subcommand(true)
            .args_conflicts_with_subcommands(true)
            .subcommand_negates_reqs(true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        match matches.subcommand() {
            Some((CONNECTOME, inner)) => {
                connectome::Args::from_arg_matches(inner).map(Self::Connectome)
            }
            #[cfg(feature = "table")]
            Some((TABLE, inner)) => table::Args::from_arg_matches(inner).map(Self::Table),
            _ => genotypes::Args::from_arg_matches(matches).map(Self::Genotypes),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    match args {
        Args::Genotypes(args) => genotypes::run(args),
        Args::Connectome(args) => connectome::run(args),
        #[cfg(feature = "table")]
        Args::Table(args) => table::run(args),
    }
}
