//! What the run may use.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use twoblade::runner::Reuse;

use crate::args::MachineArgs;
use crate::quantity::parse_seconds;

/// What the run may use.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    /// Where the states of left-out blocks come from in pass two
    #[arg(long, value_enum, value_name = "HOW", default_value_t = ReuseKind::Auto)]
    reuse: ReuseKind,
    /// Folder for the states of blocks with --reuse spill [default: that of --checkpoint, or OUT.spill]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) spill: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) checkpoint: CheckpointArgs,
    /// Print what would be read, how often, and the memory; read no genotypes
    #[arg(long)]
    pub(crate) plan: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReuseKind {
    /// Keep if they fit the memory and are small beside their blocks, so that it is faster; else recompute
    Auto,
    /// Read the genotypes a second time
    Recompute,
    /// Keep them in memory
    Keep,
    /// Write them to files, and read these back
    Spill,
}

/// How a run goes on that was stopped.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct CheckpointArgs {
    /// Save what is done to this folder now and then, and go on from what is there
    #[arg(long = "checkpoint", value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// Seconds between two saves, at least; 0 saves after every block
    #[arg(
        long = "checkpoint-interval", default_value = "30", value_parser = parse_seconds,
        value_name = "SECONDS"
    )]
    pub(crate) interval: Duration,
}

impl RunArgs {
    /// Where the runner takes held-out states from.
    pub(crate) fn reuse(&self) -> Reuse {
        match self.reuse {
            ReuseKind::Auto => Reuse::Auto,
            ReuseKind::Recompute => Reuse::Recompute,
            ReuseKind::Keep => Reuse::Keep,
            ReuseKind::Spill => Reuse::Spill,
        }
    }
}
