//! What work on a table may use.

use std::path::PathBuf;

use crate::args::MachineArgs;
use crate::progress::Screen;

/// What work on a table may use.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct WorkArgs {
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
    /// Folder for what does not fit the memory [default: TMPDIR, or /tmp]
    #[arg(long, value_name = "FOLDER")]
    temp: Option<PathBuf>,
    /// Print what would be read, held and spilled, and stop
    #[arg(long)]
    pub(crate) plan: bool,
    #[command(flatten)]
    pub(crate) screen: Screen,
}

impl WorkArgs {
    /// The folder for what does not fit.
    pub(crate) fn temp(&self) -> PathBuf {
        self.temp.clone().unwrap_or_else(std::env::temp_dir)
    }
}
