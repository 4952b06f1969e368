//! The options of a plan, as the command that made it would parse them.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::{CommandFactory, Parser};

#[cfg(feature = "table")]
use crate::commands::learn;
use crate::commands::shards::args::RunningArgs;
use crate::commands::shards::plan_file::PlanFile;
use crate::commands::{fnm, rhe};
use crate::config::words_of;
use crate::resolved::resolved;

/// The arguments of a run inside, parsed as a user would type them.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct InsideRhe {
    #[command(flatten)]
    args: rhe::RheArgs,
}

#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct InsideGenie {
    #[command(flatten)]
    args: rhe::GenieArgs,
}

#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct InsideFnm {
    #[command(flatten)]
    args: fnm::Args,
}

#[cfg(feature = "table")]
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct InsideFit {
    #[command(flatten)]
    args: learn::FitArgs,
}

/// A plan that was read from a file, and what this process may use.
#[derive(Clone, Copy)]
pub(super) struct Planned<'a> {
    pub(super) plan: &'a PlanFile,
    pub(super) file: &'a Path,
    pub(super) running: &'a RunningArgs,
    /// Where results go, if this process makes them.
    pub(super) out: Option<&'a Path>,
}

impl Planned<'_> {
    /// The options of `rhe` or `genie`, and the same as a file for --config.
    pub(super) fn rhe(&self) -> Result<(rhe::Args, String)> {
        let (args, text) = if self.plan.command == "genie" {
            let (inside, text) = self.parse::<InsideGenie>()?;
            (inside.args.whole()?, text)
        } else {
            let (inside, text) = self.parse::<InsideRhe>()?;
            (inside.args.whole(), text)
        };
        Ok((rhe::Args { screen: self.running.screen, ..args }, text))
    }

    /// The options of `fnm`, and the same as a file for --config.
    pub(super) fn fnm(&self) -> Result<(fnm::Args, String)> {
        let (inside, text) = self.parse::<InsideFnm>()?;
        let mut args = inside.args;
        args.screen = self.running.screen;
        Ok((args, text))
    }

    /// The options of `learn fit`, and the same as a file for --config.
    #[cfg(feature = "table")]
    pub(super) fn fit(&self) -> Result<(learn::FitArgs, String)> {
        let (inside, text) = self.parse::<InsideFit>()?;
        let mut args = inside.args;
        args.work.screen = self.running.screen;
        Ok((args, text))
    }

    fn parse<P: Parser + CommandFactory>(&self) -> Result<(P, String)> {
        let mut command = P::command();
        // Before that clap does not know its own options whole.
        command.build();
        let words = words_of(self.file, &self.plan.options(), &command);
        let words = words.map_err(|message| anyhow::anyhow!(message))?;
        let mut words: Vec<OsString> = words.into_iter().map(Into::into).collect();
        words.extend(self.running.machine.given().into_iter().map(OsString::from));
        // A run needs one of the two.
        let target = if self.out.is_some() { "--out" } else { "--plan-out" };
        words.extend([target.into(), self.out.unwrap_or(self.file).as_os_str().to_owned()]);
        let matches = command.try_get_matches_from_mut(words)?;
        Ok((P::from_arg_matches(&matches)?, resolved(&command, &matches)))
    }
}
