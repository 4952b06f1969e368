//! Which individuals are analysed.

use std::path::PathBuf;

use crate::quantity::parse_share;

/// Which individuals are analysed.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Individuals")]
pub(crate) struct IndividualArgs {
    /// Analyse only the individuals of this list: FID and IID a line
    #[arg(long, value_name = "FILE")]
    pub(crate) keep: Option<PathBuf>,
    /// Leave out the individuals of this list (after --keep)
    #[arg(long, value_name = "FILE")]
    pub(crate) remove: Option<PathBuf>,
    /// Leave out individuals with more than this share of missing genotypes (costs a read)
    #[arg(long, value_parser = parse_share, value_name = "SHARE")]
    pub(crate) mind: Option<f64>,
}
