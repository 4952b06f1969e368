//! The arguments of the commands that run a part.

use std::path::PathBuf;

use twoblade::runner::Cover;

use crate::args::{CheckpointArgs, MachineArgs};
use crate::exit::Misused;
use crate::progress::Screen;

/// Pass one of a plan over some of its blocks: a saved state.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PassOneArgs {
    /// The plan, from --plan-out
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    /// The state that is written
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) running: PartArgs,
}

/// Pass two of a plan over some of its blocks: estimates without each of them, or how well learners
/// predict their rows.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PassTwoArgs {
    /// The plan, from --plan-out
    pub(crate) plan: PathBuf,
    /// The state of all blocks, from merge
    pub(crate) total: PathBuf,
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    /// The estimates, or the scores, that are written
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) running: PartArgs,
}

/// Adds states of different blocks: of pass one, or of a tree of merges.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct MergeArgs {
    /// States to be added
    #[arg(required = true, value_name = "STATE")]
    pub(crate) states: Vec<PathBuf>,
    /// Their sum
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// The results of a plan, from the state of all blocks and the estimates without each of them.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct FinishArgs {
    /// The plan, from --plan-out
    pub(crate) plan: PathBuf,
    /// The state of all blocks, from merge
    pub(crate) total: PathBuf,
    /// What pass two wrote, of all blocks; a model of one pass has none
    #[arg(value_name = "ESTIMATES")]
    pub(crate) estimates: Vec<PathBuf>,
    /// Where results go, as for the command that made the plan
    #[arg(long, value_name = "OUT")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

/// What saved states cover, and what is missing.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct StatusArgs {
    /// States, or folders of checkpoints
    #[arg(required = true, value_name = "STATE")]
    pub(crate) states: Vec<PathBuf>,
}

/// Whether the data are those of a plan, and whether states are whole, belong to it, and cover it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The plan, from --plan-out
    pub(crate) plan: PathBuf,
    /// States of pass one, or estimates of pass two
    #[arg(value_name = "STATE")]
    pub(crate) states: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) running: RunningArgs,
}

/// Which blocks.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichArgs {
    /// The I-th of N parts of the blocks, from 1
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    shard: Option<Shard>,
    /// Blocks A to B, from 1, both included
    #[arg(long, value_name = "A..B", value_parser = parse_blocks)]
    blocks: Option<(usize, usize)>,
}

#[derive(Clone, Copy, Debug)]
struct Shard {
    number: usize,
    of: usize,
}

impl WhichArgs {
    /// Those of so many blocks.
    pub(crate) fn of(&self, blocks: usize) -> Result<Cover, Misused> {
        if let Some(Shard { number, of }) = self.shard {
            return Ok(Cover::shard(blocks, number - 1, of));
        }
        let (first, last) = self.blocks.unwrap_or((1, blocks));
        if last > blocks {
            return Err(Misused(format!(
                "--blocks {first}..{last} asks for blocks up to {last}, and the plan has {blocks}: \
                 give a range within 1..{blocks}"
            )));
        }
        Ok(Cover::from(first - 1..last))
    }
}

fn parse_shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match parts {
        Some((number, of)) if number >= 1 && number <= of => Ok(Shard { number, of }),
        _ => Err(format!("'{text}' is not a part such as 3/20, counted from 1")),
    }
}

fn parse_blocks(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once("..").and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    match parts {
        Some((first, last)) if first >= 1 && first <= last => Ok((first, last)),
        _ => Err(format!("'{text}' is not a range of blocks such as 11..20, counted from 1")),
    }
}

/// What a part may use.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PartArgs {
    #[command(flatten)]
    pub(crate) running: RunningArgs,
    #[command(flatten)]
    pub(crate) checkpoint: CheckpointArgs,
}

/// What a process may use.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunningArgs {
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    #[command(flatten)]
    pub(crate) screen: Screen,
}
