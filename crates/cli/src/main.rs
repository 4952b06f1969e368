//! The command `twoblade`: heritability from a PLINK file to a report.

mod commands;
mod exit;
mod interrupt;
mod machine;
mod output;
mod progress;
mod quantity;
mod say;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Estimators for data larger than memory: two passes, exact sums, jackknife standard errors.
#[derive(Debug, Parser)]
#[command(name = "twoblade", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Rhe(Box<commands::rhe::Args>),
    Simulate(commands::simulate::Args),
    Demo(commands::demo::Args),
}

fn main() -> ExitCode {
    // Usage errors leave here, with code 2.
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Rhe(args) => commands::rhe::run(&args),
        Command::Simulate(args) => commands::simulate::run(&args),
        Command::Demo(args) => commands::demo::run(&args),
    };
    exit::code(done)
}
