//! What the text files say.

use std::path::PathBuf;

use anyhow::Result;
use twoblade::geno::{Covariate, Study};
use twoblade::haseman::HasemanError;
use twoblade::plink::{
    Annotation, Assembled, Covariates, Individuals, Joined, Phenotypes, Plink, StudyBuilder,
};
use twoblade::rhe::{Options, Rhe};

use crate::commands::rhe::args::Args;

/// What the text files say.
pub(crate) struct Inputs {
    pub(crate) plink: Plink,
    pub(crate) phenotypes: Phenotypes,
    /// The lists of individuals to keep and to remove, as far as there are any.
    pub(crate) lists: Vec<Individuals>,
    /// The covariate file, if there is one.
    pub(crate) covariates: Option<Covariates>,
    pub(crate) joined: Joined,
    pub(crate) study: Study,
    /// The covariates of those that stay.
    columns: Vec<Covariate>,
}

impl Inputs {
    /// Reads and joins them; no genotype is touched.
    pub(crate) fn read(args: &Args) -> Result<Self> {
        let plink = Plink::open(&args.bfile)?;
        let options = args.phenotype_options();
        let mut phenotypes = match &args.pheno {
            Some(file) => plink.phenotypes_with(file, &options)?,
            None => Phenotypes::from_fam(plink.fam(), &options)?,
        };
        if !args.pheno_name.is_empty() {
            phenotypes = phenotypes.select(&args.pheno_name)?;
        }
        let mut covariates = args.covar.as_ref().map(|file| plink.covariates(file)).transpose()?;
        if let Some(all) = covariates.as_ref().filter(|_| !args.covar_name.is_empty()) {
            covariates = Some(all.select(&args.covar_name)?);
        }
        let annotation = match &args.annot {
            Some(file) => plink.annotation(file)?,
            None => Annotation::everything("all"),
        };
        let list =
            |file: &Option<PathBuf>| file.as_ref().map(|file| plink.individuals(file)).transpose();
        let (keep, remove) = (list(&args.keep)?, list(&args.remove)?);
        let mut builder = StudyBuilder::new(&plink, &phenotypes, &annotation);
        if let Some(keep) = &keep {
            builder = builder.keep(keep);
        }
        if let Some(remove) = &remove {
            builder = builder.remove(remove);
        }
        if args.pheno_quantile_normalize {
            builder = builder.quantile_normalized();
        }
        if let Some(covariates) = &covariates {
            builder = builder.covariates(covariates, args.covar_missing());
        }
        let Assembled { study, covariates: columns, joined } = builder.assemble(args.blocks)?;
        let lists = [keep, remove].into_iter().flatten().collect();
        Ok(Self { plink, phenotypes, lists, covariates, joined, study, columns })
    }

    /// The model of the study, adjusted for covariates if there are any.
    pub(crate) fn model(&self, options: Options) -> Result<Rhe, HasemanError> {
        if self.covariates.is_some() {
            twoblade::rhe_cov::rhe_cov(&self.study, &self.columns, options)
        } else {
            twoblade::rhe::rhe(&self.study, options)
        }
    }

    /// Bytes that stay for what the text files said: identifiers of the .fam, traits, covariates,
    /// rows, bins. (The model counts its own basis of the covariates.)
    pub(crate) fn bytes(&self) -> usize {
        let (listed, kept) = (self.study.listed, self.study.individuals.len());
        let columns = self.study.traits.len() + self.columns.len();
        listed * (128 + 8 * columns) + kept * (4 + 8 * columns) + self.study.bins.bytes()
    }
}
