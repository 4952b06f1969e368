//! What studies are made from: who and what is analysed.

use twoblade_geno::Study;

use crate::annotation::Annotation;
use crate::choice::ChosenVariants;
use crate::covariates::{Covariates, MissingCovariate};
use crate::error::PlinkError;
use crate::individuals::Individuals;
use crate::missing::MissingTraits;
use crate::open::Plink;
use crate::phenotype::Phenotypes;

/// What studies are made from, and how.
///
/// ```
/// use twoblade_plink::{Annotation, MissingCovariate, Plink, Simulation, StudyBuilder};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let folder = tempfile::tempdir()?;
/// let prefix = folder.path().join("x");
/// Simulation::new(50, 200, 1).write(&prefix)?;
/// let plink = Plink::open(&prefix)?;
/// let phenotypes = plink.phenotypes(folder.path().join("x.pheno"))?;
/// let mut text = "FID IID age\n".to_owned();
/// for row in 0..50 {
///     let (family, individual) = plink.fam().identifiers(row);
///     text += &format!("{family} {individual} {}\n", 20 + row);
/// }
/// let file = folder.path().join("x.covar");
/// std::fs::write(&file, text)?;
///
/// let covariates = plink.covariates(&file)?;
/// let assembled = StudyBuilder::new(&plink, &phenotypes, &Annotation::everything("all"))
///     .covariates(&covariates, MissingCovariate::Drop)
///     .assemble(10)?;
/// let group = &assembled.groups[0];
/// assert_eq!(group.covariates[0].name, "age");
/// assert_eq!(group.covariates[0].values.len(), group.study.individuals.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StudyBuilder<'a> {
    pub(crate) plink: &'a Plink,
    pub(crate) phenotypes: &'a Phenotypes,
    pub(crate) annotation: &'a Annotation,
    pub(crate) covariates: Vec<(&'a Covariates, MissingCovariate)>,
    pub(crate) keep: Option<&'a Individuals>,
    pub(crate) remove: Option<&'a Individuals>,
    pub(crate) dropping: &'a [u32],
    pub(crate) variants: Option<&'a ChosenVariants>,
    pub(crate) traits: MissingTraits,
    pub(crate) quantile_normalized: bool,
}

impl<'a> StudyBuilder<'a> {
    /// Studies of all traits of `phenotypes` and all variants, in the bins of `annotation`, without
    /// covariates.
    pub fn new(plink: &'a Plink, phenotypes: &'a Phenotypes, annotation: &'a Annotation) -> Self {
        Self {
            plink,
            phenotypes,
            annotation,
            covariates: Vec::new(),
            keep: None,
            remove: None,
            dropping: &[],
            variants: None,
            traits: MissingTraits::default(),
            quantile_normalized: false,
        }
    }

    /// With all columns of `covariates`, after those of other files that were given before. An individual
    /// has to be in each file.
    #[must_use]
    pub fn covariates(mut self, covariates: &'a Covariates, missing: MissingCovariate) -> Self {
        self.covariates.push((covariates, missing));
        self
    }

    /// Of these individuals alone.
    #[must_use]
    pub fn keep(mut self, individuals: &'a Individuals) -> Self {
        self.keep = Some(individuals);
        self
    }

    /// Without these individuals, also where they are to be kept.
    #[must_use]
    pub fn remove(mut self, individuals: &'a Individuals) -> Self {
        self.remove = Some(individuals);
        self
    }

    /// Without the individuals on these rows of the .fam file, which ascend from 0 on: those too many
    /// of whose genotypes are missing, as was counted among those of [`chosen`](Self::chosen).
    #[must_use]
    pub fn dropping(mut self, rows: &'a [u32]) -> Self {
        self.dropping = rows;
        self
    }

    /// Of these variants alone. The annotation is still one of all variants that are listed.
    #[must_use]
    pub fn variants(mut self, variants: &'a ChosenVariants) -> Self {
        self.variants = Some(variants);
        self
    }

    /// What becomes of an individual that lacks some traits.
    #[must_use]
    pub fn traits(mut self, missing: MissingTraits) -> Self {
        self.traits = missing;
        self
    }

    /// With the normal quantile of (rank - 1/2) / n for each value of each trait, the ranks being
    /// among the n individuals that stay for it; equal values share the mean of their ranks.
    #[must_use]
    pub fn quantile_normalized(mut self) -> Self {
        self.quantile_normalized = true;
        self
    }
}

impl Plink {
    /// The study of all traits of `phenotypes` in the bins of `annotation`, cut into `blocks` blocks
    /// of variants: [`StudyBuilder::assemble`] without any option, where the same individuals have
    /// all traits.
    ///
    /// # Errors
    /// [`PlinkError::SeveralStudies`] where they have not, and those of [`StudyBuilder::assemble`].
    pub fn study(
        &self,
        phenotypes: &Phenotypes,
        annotation: &Annotation,
        blocks: usize,
    ) -> Result<Study, PlinkError> {
        let assembled = StudyBuilder::new(self, phenotypes, annotation).assemble(blocks)?;
        let studies = assembled.groups.len();
        let mut groups = assembled.groups.into_iter().map(|group| group.study);
        match (groups.next(), groups.next()) {
            (Some(study), None) => Ok(study),
            (first, second) => {
                let name = |study: Option<Study>| {
                    study.and_then(|study| study.traits.into_iter().next()).map(|first| first.name)
                };
                let [first, second] = [first, second].map(|study| name(study).unwrap_or_default());
                Err(PlinkError::SeveralStudies { studies, first, second })
            }
        }
    }
}
