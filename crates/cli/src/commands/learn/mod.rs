//! `twoblade learn`: learners over tables larger than memory.

mod columns;
mod evaluate;
mod fit;
mod inspect;
mod model;
mod page;
mod predict;
mod scores;
mod values;

use anyhow::Result;
use clap::Subcommand;

pub(crate) use self::fit::{
    Args as FitArgs, Counting, Ground, Parts, keep, parts, tell, to_be_shuffled,
};
pub(crate) use self::model::Outputs;

/// Learners over tables larger than memory: fitted and cross-validated, predicting, evaluated.
#[derive(Clone, Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    Fit(Box<fit::Args>),
    Predict(Box<predict::Args>),
    Evaluate(Box<evaluate::Args>),
    Inspect(inspect::Args),
}

/// Runs the command; `resolved` is kept in the model.
pub(crate) fn run(args: &Args, resolved: &str) -> Result<()> {
    match &args.what {
        What::Fit(args) => fit::run(args, resolved),
        What::Predict(args) => predict::run(args),
        What::Evaluate(args) => evaluate::run(args),
        What::Inspect(args) => inspect::run(args),
    }
}

/// Names of files, for a sentence.
pub(crate) fn names(files: &[std::path::PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" ")
}
