//! The command `twoblade`: from files to a report.

mod allocator;
mod args;
mod checkpoint;
mod commands;
mod config;
mod exit;
mod interrupt;
mod machine;
mod output;
mod page;
mod prevalence;
mod progress;
mod quantity;
mod record;
mod resolved;
mod say;
mod table;
#[cfg(feature = "table")]
mod watched;
mod written;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// Estimators for data larger than memory: two passes, exact sums, jackknife standard errors.
#[derive(Debug, Parser)]
#[command(name = "twoblade", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Rhe(Box<commands::rhe::RheArgs>),
    Genie(Box<commands::rhe::GenieArgs>),
    Fnm(Box<commands::fnm::Args>),
    Simulate(commands::simulate::Args),
    #[cfg(feature = "table")]
    Table(commands::table::Args),
    #[cfg(not(feature = "table"))]
    Table(commands::no_table::Args),
    #[cfg(feature = "table")]
    Learn(commands::learn::Args),
    #[cfg(not(feature = "table"))]
    Learn(commands::no_table::Args),
    Demo(commands::demo::Args),
    PassOne(commands::shards::PassOneArgs),
    Merge(commands::shards::MergeArgs),
    PassTwo(commands::shards::PassTwoArgs),
    Finish(commands::shards::FinishArgs),
    Status(commands::shards::StatusArgs),
    Verify(commands::shards::VerifyArgs),
}

fn main() -> ExitCode {
    allocator::give_back_what_is_freed();
    // Usage errors leave here, with code 2.
    let each_takes_file = |mut command: clap::Command| {
        for of in command.get_subcommands_mut() {
            *of = config::takes_file(of.clone());
        }
        command
    };
    let mut command = Cli::command()
        .mut_subcommand("rhe", config::takes_file)
        .mut_subcommand("genie", config::takes_file)
        .mut_subcommand("fnm", config::takes_file)
        .mut_subcommand("simulate", |simulate| each_takes_file(config::takes_file(simulate)))
        .mut_subcommand("table", each_takes_file)
        .mut_subcommand("learn", each_takes_file);
    let matches = config::parse(&mut command, std::env::args_os().collect())
        .unwrap_or_else(|error| error.exit());
    let cli =
        Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit());
    let done = match cli.command {
        Command::Rhe(args) => {
            commands::rhe::run(&args.whole(), &resolved::resolved(&command, &matches))
        }
        Command::Genie(args) => args
            .whole()
            .map_err(Into::into)
            .and_then(|args| commands::rhe::run(&args, &resolved::resolved(&command, &matches))),
        Command::Fnm(args) => commands::fnm::run(&args, &resolved::resolved(&command, &matches)),
        Command::Simulate(args) => commands::simulate::run(&args),
        #[cfg(feature = "table")]
        Command::Table(args) => commands::table::run(&args),
        #[cfg(not(feature = "table"))]
        Command::Table(args) => commands::no_table::run(&args),
        #[cfg(feature = "table")]
        Command::Learn(args) => {
            commands::learn::run(&args, &resolved::resolved(&command, &matches))
        }
        #[cfg(not(feature = "table"))]
        Command::Learn(args) => commands::no_table::run(&args),
        Command::Demo(args) => commands::demo::run(&args),
        Command::PassOne(args) => commands::shards::pass_one(&args),
        Command::Merge(args) => commands::shards::merge(&args),
        Command::PassTwo(args) => commands::shards::pass_two(&args),
        Command::Finish(args) => commands::shards::finish(&args),
        Command::Status(args) => commands::shards::status(&args),
        Command::Verify(args) => commands::shards::verify(&args),
    };
    exit::code(done)
}
