//! The arguments of `twoblade rhe`.

use std::path::PathBuf;

use clap::ValueEnum;
use twoblade::geno::VariantFilter;
use twoblade::plink::{MissingCode, MissingCovariate, PhenotypeOptions};
use twoblade::rhe::{Options, Precision, Probes};
use twoblade::runner::Reuse;

use crate::progress::Screen;
use crate::quantity::{parse_at_least_two, parse_bytes, parse_maf, parse_share};

/// Heritability of bins of variants from PLINK genotypes, with standard errors
/// (randomized Haseman-Elston regression).
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Genotypes: PREFIX.bed, PREFIX.bim and PREFIX.fam
    #[arg(long, value_name = "PREFIX")]
    pub(crate) bfile: PathBuf,
    /// Phenotypes: a header FID IID NAME…, then a row for each individual, in any order
    /// [default: the sixth column of the .fam]
    #[arg(long, value_name = "FILE")]
    pub(crate) pheno: Option<PathBuf>,
    /// Which traits of the phenotype file, separated by commas [default: all of them]
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "pheno")]
    pub(crate) pheno_name: Vec<String>,
    /// Put normal quantiles of its ranks in place of each trait
    #[arg(long)]
    pub(crate) pheno_quantile_normalize: bool,
    /// Numbers that stand for a missing phenotype
    #[arg(long, value_enum, default_value_t = MissingCodeKind::Plink)]
    pub(crate) missing_code: MissingCodeKind,
    /// Analyse only the individuals of this list: FID and IID a line
    #[arg(long, value_name = "FILE")]
    pub(crate) keep: Option<PathBuf>,
    /// Leave out the individuals of this list (after --keep)
    #[arg(long, value_name = "FILE")]
    pub(crate) remove: Option<PathBuf>,
    /// Covariates: a header FID IID NAME…, then a row for each individual, in any order; columns
    /// that hold text become indicators of their levels
    #[arg(long, value_name = "FILE")]
    pub(crate) covar: Option<PathBuf>,
    /// Which covariates of the file, separated by commas [default: all of them]
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "covar")]
    pub(crate) covar_name: Vec<String>,
    /// What becomes of individuals with a missing covariate
    #[arg(long, value_enum, default_value_t = CovarMissing::Drop)]
    pub(crate) covar_missing: CovarMissing,
    /// Bins of variants: a column of 0 and 1 for each bin, a row for each variant of the .bim
    /// [default: one bin]
    #[arg(long, value_name = "FILE")]
    pub(crate) annot: Option<PathBuf>,
    /// Leave out variants with more than this share of missing genotypes
    #[arg(long, default_value_t = 1.0, value_parser = parse_share, value_name = "SHARE")]
    pub(crate) geno: f64,
    /// Leave out variants whose rarer allele is rarer than this
    #[arg(long, default_value_t = 0.0, value_parser = parse_maf, value_name = "FREQUENCY")]
    pub(crate) maf: f64,
    /// Blocks of the jackknife
    #[arg(long, default_value_t = 100, value_name = "J", value_parser = parse_at_least_two)]
    pub(crate) blocks: usize,
    /// Random probes; more of them make the Monte-Carlo error smaller
    #[arg(long, default_value_t = 50, value_name = "B", value_parser = parse_at_least_two)]
    pub(crate) probes: usize,
    /// What probes are made of
    #[arg(long, value_enum, default_value_t = ProbeKind::Rademacher)]
    pub(crate) probe_kind: ProbeKind,
    /// Seed of the probes
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Do not project an intercept off phenotypes and probes (the phenotype is centred all the same)
    #[arg(long)]
    pub(crate) no_intercept: bool,
    /// Numbers in which products are made
    #[arg(long, value_enum, default_value_t = PrecisionKind::Single)]
    pub(crate) precision: PrecisionKind,
    /// Threads that compute [default: what the machine grants]
    #[arg(long, value_name = "T")]
    pub(crate) threads: Option<usize>,
    /// Memory that the run may hold
    #[arg(long, default_value = "4G", value_parser = parse_bytes, value_name = "SIZE")]
    pub(crate) memory: usize,
    /// Where the states of left-out blocks come from in pass two
    #[arg(long, value_enum, default_value_t = ReuseKind::Auto)]
    pub(crate) reuse: ReuseKind,
    /// Print what would be read, how often, and the memory; read no genotypes
    #[arg(long)]
    pub(crate) plan: bool,
    /// Write OUT.json, OUT.tsv, OUT.run.json and OUT.log
    #[arg(long, value_name = "OUT", required_unless_present = "plan")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) screen: Screen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProbeKind {
    /// +1 and -1
    Rademacher,
    /// Standard normal
    Gaussian,
    /// One for each individual: exact, for small studies (--probes is not used)
    Basis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PrecisionKind {
    /// 32-bit floats: moment equations to about 1e-6
    Single,
    /// Doubles
    Double,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingCodeKind {
    /// -9, and 0 in a trait that is otherwise coded 1 and 2
    Plink,
    /// None: -9 and 0 are values
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CovarMissing {
    /// They are left out
    Drop,
    /// The mean stands for what is missing
    Mean,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReuseKind {
    /// Keep if they fit the memory and are small beside their blocks, so that it is faster; else recompute
    Auto,
    /// Read the genotypes a second time
    Recompute,
    /// Keep them in memory
    Keep,
}

impl Args {
    /// What the model is told.
    pub(crate) fn options(&self) -> Options {
        let probes = match self.probe_kind {
            ProbeKind::Rademacher => Probes::Rademacher(self.probes),
            ProbeKind::Gaussian => Probes::Gaussian(self.probes),
            ProbeKind::Basis => Probes::Basis,
        };
        let precision = match self.precision {
            PrecisionKind::Single => Precision::Single,
            PrecisionKind::Double => Precision::Double,
        };
        let filter = VariantFilter { most_missing: self.geno, least_frequency: self.maf };
        Options { probes, seed: self.seed, intercept: !self.no_intercept, precision, filter }
    }

    /// How phenotypes are read.
    pub(crate) fn phenotype_options(&self) -> PhenotypeOptions {
        let missing_code = match self.missing_code {
            MissingCodeKind::Plink => MissingCode::MinusNine,
            MissingCodeKind::None => MissingCode::None,
        };
        PhenotypeOptions { missing_code }
    }

    /// What a missing covariate means.
    pub(crate) fn covar_missing(&self) -> MissingCovariate {
        match self.covar_missing {
            CovarMissing::Drop => MissingCovariate::Drop,
            CovarMissing::Mean => MissingCovariate::Mean,
        }
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
