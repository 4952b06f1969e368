//! The command `rhe`, from a plan.

use std::path::Path;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser};

use crate::commands::rhe;
use crate::commands::shards::args::RunningArgs;
use crate::commands::shards::plan_file::PlanFile;
use crate::config::words_of;
use crate::resolved::resolved;

/// The arguments of the run inside, parsed as a user would type them.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Inside {
    #[command(flatten)]
    rhe: rhe::Args,
}

/// The options of a plan, with what this process may use; and the same as a file for --config.
pub(super) fn args(
    plan: &PlanFile,
    file: &Path,
    running: &RunningArgs,
    out: Option<&Path>,
) -> Result<(rhe::Args, String)> {
    let mut command = Inside::command();
    // Before that clap does not know its own options whole.
    command.build();
    let mut words =
        words_of(file, &plan.options(), &command).map_err(|message| anyhow::anyhow!(message))?;
    words.push(format!("--threads={}", running.threads()));
    words.push(format!("--memory={}", running.memory));
    // One of two that a run needs.
    let target = out.map_or_else(|| "--plan-out".into(), |_| "--out".into());
    let mut words: Vec<std::ffi::OsString> = words.into_iter().map(Into::into).collect();
    words.extend([target, out.unwrap_or(file).as_os_str().to_owned()]);
    let matches = command.try_get_matches_from_mut(words)?;
    let text = resolved(&command, &matches);
    let inside = Inside::from_arg_matches(&matches)?;
    Ok((rhe::Args { screen: running.screen, ..inside.rhe }, text))
}
