//! Which bins the variants are in.

use std::path::PathBuf;

use twoblade::plink::LdMafBins;

use crate::quantity::{parse_at_least_one, parse_edge};

/// Which bins the variants are in.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Bins of variants")]
pub(crate) struct BinArgs {
    /// Bins: a column of 0 and 1 for each, a row for each variant, by identifier if there is a column
    /// of them, else in the order of the .bim; a variant may be in several [default: one bin]
    #[arg(long, value_name = "FILE")]
    pub(crate) annot: Option<PathBuf>,
    /// Bins by frequency and by these LD scores: identifiers and scores (costs a read)
    #[arg(long, value_name = "FILE", conflicts_with = "annot")]
    pub(crate) ld_maf_bins: Option<PathBuf>,
    /// Where classes of the frequency of the rarer allele end [default: 0.05]
    #[arg(long, value_name = "FREQUENCY", value_delimiter = ',', value_parser = parse_edge, requires = "ld_maf_bins")]
    maf_edges: Vec<f64>,
    /// Groups by LD score in each of these classes, with equal numbers of variants [default: 4]
    #[arg(long, value_name = "G", value_parser = parse_at_least_one, requires = "ld_maf_bins")]
    ld_groups: Option<usize>,
}

impl BinArgs {
    /// The classes of frequency and groups of LD score, where these are not asked for by name too.
    pub(crate) fn ld_maf(&self) -> LdMafBins {
        let usual = LdMafBins::default();
        let edges =
            if self.maf_edges.is_empty() { usual.maf_edges } else { self.maf_edges.clone() };
        LdMafBins { maf_edges: edges, ld_groups: self.ld_groups.unwrap_or(usual.ld_groups) }
    }
}
