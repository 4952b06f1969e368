//! `twoblade simulate`: data with a known answer.
//!
//! By itself it is about genotypes; other data have a subcommand each.

mod connectome;
mod genotypes;

use anyhow::Result;
use clap::{ArgMatches, Command, Error, FromArgMatches};

pub(crate) use self::genotypes::write;

const CONNECTOME: &str = "connectome";

/// What is simulated.
#[derive(Clone, Debug)]
pub(crate) enum Args {
    Genotypes(genotypes::Args),
    Connectome(connectome::Args),
}

// By hand, since a derived one would make every option of the genotypes optional.
impl clap::Args for Args {
    fn augment_args(command: Command) -> Command {
        let connectome = connectome::Args::augment_args(Command::new(CONNECTOME));
        genotypes::Args::augment_args(command)
            .subcommand(connectome)
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
        match matches.subcommand_matches(CONNECTOME) {
            Some(inner) => connectome::Args::from_arg_matches(inner).map(Self::Connectome),
            None => genotypes::Args::from_arg_matches(matches).map(Self::Genotypes),
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
    }
}
