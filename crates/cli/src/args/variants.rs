//! Which variants are used.

use std::path::PathBuf;

use twoblade::geno::VariantFilter;
use twoblade::plink::Chromosomes;

use crate::quantity::{parse_maf, parse_share};

/// Which variants are used; in the order of PLINK 1.9: by name and place, then --geno, then --maf.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Variants")]
pub(crate) struct VariantArgs {
    /// Use only the variants of this list of identifiers
    #[arg(long, value_name = "FILE")]
    pub(crate) extract: Option<PathBuf>,
    /// Leave out the variants of this list (after --extract)
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude: Option<PathBuf>,
    /// Use only these chromosomes, such as 1-4,22,X
    #[arg(long, value_name = "LIST", value_parser = parse_chromosomes)]
    pub(crate) chr: Option<Chromosomes>,
    /// Use only chromosomes 1 to 22
    #[arg(long, conflicts_with = "chr")]
    pub(crate) autosome: bool,
    /// Leave out variants with more than this share of missing genotypes
    #[arg(long, default_value_t = 1.0, value_parser = parse_share, value_name = "SHARE")]
    geno: f64,
    /// Leave out variants whose rarer allele is rarer than this
    #[arg(long, default_value_t = 0.0, value_parser = parse_maf, value_name = "FREQUENCY")]
    maf: f64,
}

impl VariantArgs {
    /// The chromosomes, if not all.
    pub(crate) fn chromosomes(&self) -> Option<Chromosomes> {
        if self.autosome { Some(Chromosomes::autosomes()) } else { self.chr }
    }

    /// What the genotypes of a variant must be.
    pub(crate) fn filter(&self) -> VariantFilter {
        VariantFilter { most_missing: self.geno, least_frequency: self.maf }
    }
}

fn parse_chromosomes(text: &str) -> Result<Chromosomes, String> {
    Chromosomes::parse(text).map_err(|error| error.to_string())
}
