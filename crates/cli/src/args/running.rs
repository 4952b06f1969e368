//! What the run may use.

use clap::ValueEnum;
use twoblade::runner::Reuse;

use crate::machine;
use crate::quantity::{parse_at_least_one, parse_bytes};

/// What the run may use.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunArgs {
    /// Threads that compute [default: what the machine grants]
    #[arg(long, value_name = "T", value_parser = parse_at_least_one)]
    threads: Option<usize>,
    /// Memory that the run may hold
    #[arg(long, default_value = "4G", value_parser = parse_bytes, value_name = "SIZE")]
    pub(crate) memory: usize,
    /// Where the states of left-out blocks come from in pass two
    #[arg(long, value_enum, value_name = "HOW", default_value_t = ReuseKind::Auto)]
    reuse: ReuseKind,
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
}

impl RunArgs {
    /// How many threads.
    pub(crate) fn threads(&self) -> usize {
        self.threads.unwrap_or_else(machine::threads)
    }

    /// Where the runner takes held-out states from.
    pub(crate) fn reuse(&self) -> Reuse {
        match self.reuse {
            ReuseKind::Auto => Reuse::Auto,
            ReuseKind::Recompute => Reuse::Recompute,
            ReuseKind::Keep => Reuse::Keep,
        }
    }
}
