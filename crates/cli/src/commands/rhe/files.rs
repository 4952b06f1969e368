//! What the text files say, before they are joined.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use twoblade::plink::{
    Annotation, ChosenVariants, Covariates, Individuals, LdScores, MissingCovariate, Phenotypes,
    Plink, StudyBuilder, VariantChoice, VariantList,
};

use crate::commands::rhe::args::Args;

/// What the text files say.
pub(crate) struct Files {
    pub(crate) plink: Plink,
    pub(crate) phenotypes: Phenotypes,
    pub(crate) keep: Option<Individuals>,
    pub(crate) remove: Option<Individuals>,
    pub(crate) covariates: Option<Covariates>,
    pub(crate) environments: Option<Covariates>,
    pub(crate) variants: ChosenVariants,
    pub(crate) annotation: Annotation,
    pub(crate) scores: Option<LdScores>,
}

impl Files {
    /// Reads them; no genotype is touched.
    pub(crate) fn read(args: &Args) -> Result<Self> {
        let plink = args.genotypes.open()?;
        let phenotypes = phenotypes(args, &plink)?;
        let covariates = covariates(args, &plink)?;
        let environments = environments(args, &plink)?;
        let individuals =
            |file: &Option<PathBuf>| file.as_ref().map(|file| plink.individuals(file)).transpose();
        let keep = individuals(&args.individuals.keep)?;
        let remove = individuals(&args.individuals.remove)?;
        let variants = variants(args, &plink)?;
        let annotation = match &args.bins.annot {
            Some(file) => plink.annotation(file)?,
            None => Annotation::everything("all"),
        };
        args.bins.ld_maf().check()?;
        let scores = args.bins.ld_maf_bins.as_ref().map(|file| LdScores::read(file, plink.bim()));
        let scores = scores.transpose()?;
        Ok(Self {
            plink,
            phenotypes,
            keep,
            remove,
            covariates,
            environments,
            variants,
            annotation,
            scores,
        })
    }

    /// What joins them, without the individuals at `dropped`.
    pub(crate) fn builder<'a>(&'a self, args: &Args, dropped: &'a [u32]) -> StudyBuilder<'a> {
        let mut builder = StudyBuilder::new(&self.plink, &self.phenotypes, &self.annotation)
            .variants(&self.variants)
            .traits(args.phenotypes.missing())
            .dropping(dropped);
        if let Some(keep) = &self.keep {
            builder = builder.keep(keep);
        }
        if let Some(remove) = &self.remove {
            builder = builder.remove(remove);
        }
        if args.phenotypes.pheno_quantile_normalize {
            builder = builder.quantile_normalized();
        }
        if let Some(covariates) = &self.covariates {
            builder = builder.covariates(covariates, args.covariates.missing());
        }
        if let Some(environments) = &self.environments {
            builder = builder.covariates(environments, MissingCovariate::Drop);
        }
        builder
    }

    /// Bytes that stay for what the text files said: identifiers of the .fam, traits, covariates,
    /// lists, scores. What the studies hold of them is counted there.
    pub(crate) fn bytes(&self) -> usize {
        let listed = self.plink.fam().count();
        let covariates = [&self.covariates, &self.environments].into_iter().flatten();
        let covariates = covariates.map(|file| file.names().len()).sum::<usize>();
        let columns = self.phenotypes.names().len() + covariates;
        let lists = [&self.keep, &self.remove].into_iter().flatten().count();
        let scores = self.scores.as_ref().map_or(0, LdScores::bytes);
        listed * (128 + 8 * columns + lists)
            + self.variants.subset.bytes()
            + self.annotation.bins().bytes()
            + scores
    }

    /// The most bytes that were held while files of variants were read, one after the other.
    pub(crate) fn reading_bytes(&self) -> usize {
        let scores = self.scores.as_ref().map_or(0, LdScores::reading_bytes);
        let steps = [
            self.plink.bim().reading_bytes(),
            self.variants.reading_bytes,
            self.annotation.reading_bytes(),
            scores,
        ];
        steps.into_iter().max().unwrap_or(0)
    }
}

fn phenotypes(args: &Args, plink: &Plink) -> Result<Phenotypes> {
    let (asked, options) = (&args.phenotypes, args.phenotypes.options());
    let all = match &asked.pheno {
        Some(file) => plink.phenotypes_with(file, &options)?,
        None => Phenotypes::from_fam(plink.fam(), &options)?,
    };
    if let Some(numbers) = &asked.pheno_col {
        return all.select_columns(numbers).context("--pheno-col asks for what is not there");
    }
    Ok(if asked.pheno_name.is_empty() { all } else { all.select(&asked.pheno_name)? })
}

fn covariates(args: &Args, plink: &Plink) -> Result<Option<Covariates>> {
    let asked = &args.covariates;
    let Some(file) = &asked.covar else { return Ok(None) };
    let all = plink.covariates(file)?;
    if let Some(numbers) = &asked.covar_col {
        let some = all.select_columns(numbers).context("--covar-col asks for what is not there")?;
        return Ok(Some(some));
    }
    Ok(Some(if asked.covar_name.is_empty() { all } else { all.select(&asked.covar_name)? }))
}

/// Environments are read as covariates are, and are numbers.
fn environments(args: &Args, plink: &Plink) -> Result<Option<Covariates>> {
    let Some(asked) = args.environments() else { return Ok(None) };
    let Some(file) = &asked.env else { return Ok(None) };
    let all = plink.covariates(file)?;
    let some = match &asked.env_col {
        Some(numbers) => {
            all.select_columns(numbers).context("--env-col asks for what is not there")?
        }
        None if asked.env_name.is_empty() => all,
        None => all.select(&asked.env_name)?,
    };
    for (column, name) in some.names().iter().enumerate() {
        let levels = some.levels(column);
        ensure!(
            levels.is_none(),
            "{}: environment '{name}' holds text such as '{}', numbers are expected; make columns of \
             0 and 1 of its levels",
            file.display(),
            levels.and_then(<[String]>::first).map_or("", String::as_str)
        );
    }
    Ok(Some(some))
}

fn variants(args: &Args, plink: &Plink) -> Result<ChosenVariants> {
    let list = |file: &Option<PathBuf>| file.as_ref().map(VariantList::read).transpose();
    let (extract, exclude) = (list(&args.variants.extract)?, list(&args.variants.exclude)?);
    let chromosomes = args.variants.chromosomes();
    let mut choice = VariantChoice::new(plink);
    if let Some(list) = &extract {
        choice = choice.extract(list);
    }
    if let Some(list) = &exclude {
        choice = choice.exclude(list);
    }
    if let Some(chromosomes) = &chromosomes {
        choice = choice.chromosomes(chromosomes);
    }
    Ok(choice.choose()?)
}
