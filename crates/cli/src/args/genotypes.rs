//! Where the genotypes are.

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgGroup, ValueEnum};
use twoblade::plink::Plink;
use twoblade::rhe::MissingGenotype;

/// Where the genotypes are, and what a missing one counts as.
#[derive(Clone, Debug, clap::Args)]
#[command(
    next_help_heading = "Genotypes",
    group(ArgGroup::new("data").args(["bfile", "bfile_list", "bed"]).required(true).multiple(true))
)]
pub(crate) struct GenotypeArgs {
    /// Genotypes: PREFIX.bed, PREFIX.bim and PREFIX.fam; chr{1..22} for a data set a chromosome
    #[arg(long, value_name = "PREFIX")]
    pub(crate) bfile: Option<PathBuf>,
    /// Genotypes in the data sets of this list, a prefix a line, of the same individuals
    #[arg(long, value_name = "FILE", conflicts_with = "bfile")]
    pub(crate) bfile_list: Option<PathBuf>,
    /// The .bed file by itself, with --bim and --fam
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bfile", "bfile_list"], requires_all = ["bim", "fam"])]
    pub(crate) bed: Option<PathBuf>,
    /// The .bim file by itself
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bfile", "bfile_list"], requires = "bed")]
    pub(crate) bim: Option<PathBuf>,
    /// The .fam file by itself
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bfile", "bfile_list"], requires = "bed")]
    pub(crate) fam: Option<PathBuf>,
    /// What a missing genotype counts as
    #[arg(long, value_enum, value_name = "HOW", default_value_t = MissingKind::Mean)]
    missing_genotype: MissingKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MissingKind {
    /// The mean of its variant
    Mean,
    /// A draw by the frequency of its variant, from --seed
    Binomial,
}

impl GenotypeArgs {
    /// Opens the files; reads no genotype.
    pub(crate) fn open(&self) -> Result<Plink> {
        Ok(match (&self.bfile, &self.bfile_list, (&self.bed, &self.bim, &self.fam)) {
            (Some(prefix), ..) => Plink::open(prefix)?,
            (_, Some(list), _) => Plink::open_list(list)?,
            (_, _, (Some(bed), Some(bim), Some(fam))) => Plink::open_files(bed, bim, fam)?,
            _ => anyhow::bail!("no genotypes: give --bfile, --bfile-list, or --bed --bim --fam"),
        })
    }

    /// What a missing one counts as.
    pub(crate) fn missing(&self) -> MissingGenotype {
        match self.missing_genotype {
            MissingKind::Mean => MissingGenotype::Mean,
            MissingKind::Binomial => MissingGenotype::Binomial,
        }
    }
}
