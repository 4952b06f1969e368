//! `twoblade table`: files of rows larger than memory.

mod convert;
mod describe;
mod group;
pub(crate) mod opened;
mod page;
pub(crate) mod reading;
mod sort;
mod split;
pub(crate) mod summary;
pub(crate) mod working;

use anyhow::Result;
use clap::Subcommand;

/// Tables larger than memory: described, sorted, grouped, split, shuffled, converted.
#[derive(Clone, Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    Describe(Box<describe::Args>),
    Sort(Box<sort::Args>),
    Group(Box<group::Args>),
    Split(Box<split::Args>),
    Shuffle(Box<sort::ShuffleArgs>),
    Convert(Box<convert::Args>),
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.what {
        What::Describe(args) => describe::run(args),
        What::Sort(args) => sort::run(args),
        What::Group(args) => group::run(args),
        What::Split(args) => split::run(args),
        What::Shuffle(args) => sort::shuffle(args),
        What::Convert(args) => convert::run(args),
    }
}
