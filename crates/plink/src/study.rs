//! From files to a study: who and what is analysed.

use twoblade_geno::{Covariate, Cut, Study, Trait};

use crate::annotation::Annotation;
use crate::covariates::{Covariates, MissingCovariate};
use crate::design::columns;
use crate::error::PlinkError;
use crate::fate::{Fate, Fates};
use crate::individuals::Individuals;
use crate::joined::{Joined, JoinedCovariates};
use crate::open::Plink;
use crate::phenotype::Phenotypes;
use crate::ranks::normal_scores;

/// What a study is made from, and how.
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
/// assert_eq!(assembled.covariates[0].name, "age");
/// assert_eq!(assembled.covariates[0].values.len(), assembled.study.individuals.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StudyBuilder<'a> {
    plink: &'a Plink,
    phenotypes: &'a Phenotypes,
    annotation: &'a Annotation,
    covariates: Option<(&'a Covariates, MissingCovariate)>,
    keep: Option<&'a Individuals>,
    remove: Option<&'a Individuals>,
    quantile_normalized: bool,
}

/// A study, and what came of making it.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The study.
    pub study: Study,
    /// The covariates of the individuals that stay, in the order of `study.individuals`.
    pub covariates: Vec<Covariate>,
    /// What was joined and what was left out.
    pub joined: Joined,
}

impl<'a> StudyBuilder<'a> {
    /// A study of all traits of `phenotypes` in the bins of `annotation`, without covariates.
    pub fn new(plink: &'a Plink, phenotypes: &'a Phenotypes, annotation: &'a Annotation) -> Self {
        Self {
            plink,
            phenotypes,
            annotation,
            covariates: None,
            keep: None,
            remove: None,
            quantile_normalized: false,
        }
    }

    /// With all columns of `covariates`.
    #[must_use]
    pub fn covariates(mut self, covariates: &'a Covariates, missing: MissingCovariate) -> Self {
        self.covariates = Some((covariates, missing));
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

    /// With the normal quantile of (rank - 1/2) / n for each value of each trait, the ranks being
    /// among the n individuals that stay; equal values share the mean of their ranks.
    #[must_use]
    pub fn quantile_normalized(mut self) -> Self {
        self.quantile_normalized = true;
        self
    }

    /// The study, cut into `blocks` blocks of variants.
    ///
    /// Individuals that the lists to keep and to remove leave, and that have a value for every trait,
    /// stay, in the order of the .fam file; of those, if there are covariates, the ones that are in the covariate file and, unless the mean is to
    /// stand for a missing value, have every covariate.
    ///
    /// # Errors
    /// [`PlinkError::NoSharedIndividuals`], [`PlinkError::TooFewChosen`],
    /// [`PlinkError::TooFewIndividuals`], [`PlinkError::TooFewWithCovariates`],
    /// [`PlinkError::ConstantTrait`], [`PlinkError::NoCovariate`],
    /// [`PlinkError::DuplicateColumn`] if a level's column has the name of another,
    /// [`PlinkError::TooFewVariants`], or [`PlinkError::AnnotationRows`] and
    /// [`PlinkError::OtherStudy`] if a file was read for other files.
    pub fn assemble(&self, blocks: usize) -> Result<Assembled, PlinkError> {
        let (plink, phenotypes) = (self.plink, self.phenotypes);
        self.annotation.check(plink.bim())?;
        self.check()?;
        let fates = self.fates();
        self.enough(&fates)?;
        let individuals = fates.staying();
        let cut = Cut::new(plink.bim().variants(), individuals.len(), blocks).map_err(|few| {
            let bim = plink.bim().file().to_path_buf();
            PlinkError::TooFewVariants { bim, variants: few.items, blocks: few.blocks }
        })?;
        let mut traits = (0..phenotypes.names().len())
            .map(|column| varying(phenotypes, column, &individuals))
            .collect::<Result<Vec<_>, _>>()?;
        if self.quantile_normalized {
            for phenotype in &mut traits {
                phenotype.values = normal_scores(&phenotype.values);
            }
        }
        let mut joined = self.joined(&fates);
        let mut covariates = Vec::new();
        if let (Some((file, _)), Some(counts)) = (self.covariates, &mut joined.covariates) {
            (covariates, counts.uses) = columns(file, &individuals)?;
        }
        let bins = self.annotation.bins().clone();
        let study = Study { listed: plink.fam().count(), individuals, traits, bins, cut };
        Ok(Assembled { study, covariates, joined })
    }

    /// Refuses files that were read for other individuals, or share none.
    fn check(&self) -> Result<(), PlinkError> {
        let (individuals, variants) = (self.plink.fam().count(), self.plink.bim().variants());
        let lists = [self.keep, self.remove].into_iter().flatten().map(Individuals::listed);
        let phenotypes = (self.phenotypes.file(), self.phenotypes.present());
        let covariates = self.covariates.map(|(file, _)| (file.file(), file.present()));
        let files = || [Some(phenotypes), covariates].into_iter().flatten();
        let mut listed = files().map(|(_, present)| present.listed()).chain(lists);
        if let Some(study_individuals) = listed.find(|&listed| listed != individuals) {
            return Err(PlinkError::OtherStudy {
                file: self.plink.file().to_path_buf(),
                study_individuals,
                study_variants: variants,
                individuals,
                variants,
            });
        }
        match files().find(|(_, present)| present.matched() == 0) {
            None => Ok(()),
            Some((file, present)) => {
                let (file, rows) = (file.to_path_buf(), present.rows());
                let fam = self.plink.fam().file().to_path_buf();
                Err(PlinkError::NoSharedIndividuals { file, rows, fam, individuals })
            }
        }
    }

    /// Refuses a study of fewer than two individuals, and says where they went.
    fn enough(&self, fates: &Fates) -> Result<(), PlinkError> {
        let joined = self.joined(fates);
        let (matched, traits, kept) = (joined.matched, joined.with_traits, joined.kept);
        let lists = self.keep.is_some() || self.remove.is_some();
        if lists && joined.chosen() < 2 {
            return Err(PlinkError::TooFewChosen {
                fam: self.plink.fam().file().to_path_buf(),
                listed: joined.listed,
                not_kept: joined.not_kept,
                removed: joined.removed,
                chosen: joined.chosen(),
            });
        }
        if traits < 2 {
            let file = self.phenotypes.file().to_path_buf();
            let missing = self.phenotypes.missing_words();
            let kept = traits;
            return Err(PlinkError::TooFewIndividuals { file, lists, matched, kept, missing });
        }
        match (self.covariates, joined.covariates) {
            (Some((file, _)), Some(JoinedCovariates { absent, missing, .. })) if kept < 2 => {
                let file = file.file().to_path_buf();
                Err(PlinkError::TooFewWithCovariates { file, traits, absent, missing, kept })
            }
            _ => Ok(()),
        }
    }

    /// What becomes of each individual of the .fam file.
    fn fates(&self) -> Fates {
        Fates::of(self.plink.fam().count(), |row| self.fate(row))
    }

    fn fate(&self, row: usize) -> Fate {
        if self.keep.is_some_and(|keep| !keep.contains(row)) {
            return Fate::NotKept;
        }
        if self.remove.is_some_and(|remove| remove.contains(row)) {
            return Fate::Removed;
        }
        if !self.phenotypes.present().is(row) {
            return Fate::WithoutPhenotype;
        }
        if !self.phenotypes.complete(row) {
            return Fate::MissingTrait;
        }
        match self.covariates {
            Some((covariates, _)) if !covariates.present().is(row) => Fate::WithoutCovariates,
            Some((covariates, MissingCovariate::Drop)) if !covariates.complete(row) => {
                Fate::MissingCovariate
            }
            _ => Fate::Stays,
        }
    }

    fn joined(&self, fates: &Fates) -> Joined {
        let kept = fates.count(Fate::Stays);
        let absent = fates.count(Fate::WithoutCovariates);
        let missing = fates.count(Fate::MissingCovariate);
        let with_traits = kept + absent + missing;
        Joined {
            listed: self.plink.fam().count(),
            fam_columns: self.plink.fam().columns(),
            not_kept: fates.count(Fate::NotKept),
            removed: fates.count(Fate::Removed),
            matched: with_traits + fates.count(Fate::MissingTrait),
            with_traits,
            kept,
            not_genotyped: self.phenotypes.unmatched(),
            covariates: self.covariates.map(|(covariates, _)| JoinedCovariates {
                rows: covariates.rows(),
                matched: covariates.matched(),
                absent,
                missing,
                uses: Vec::new(),
            }),
            variants: self.plink.bim().variants(),
            duplicate_identifiers: self.plink.bim().duplicates(),
            in_no_bin: self.annotation.in_no_bin(),
        }
    }
}

impl Plink {
    /// The study of all traits of `phenotypes` in the bins of `annotation`, cut into `blocks` blocks
    /// of variants: [`StudyBuilder::assemble`] without any option.
    ///
    /// # Errors
    /// Those of [`StudyBuilder::assemble`].
    pub fn study(
        &self,
        phenotypes: &Phenotypes,
        annotation: &Annotation,
        blocks: usize,
    ) -> Result<Study, PlinkError> {
        let assembled = StudyBuilder::new(self, phenotypes, annotation).assemble(blocks)?;
        Ok(assembled.study)
    }

    /// What a study of these keeps and leaves out.
    pub fn joined(&self, phenotypes: &Phenotypes, annotation: &Annotation) -> Joined {
        let builder = StudyBuilder::new(self, phenotypes, annotation);
        builder.joined(&builder.fates())
    }
}

/// A trait of those that stay, if it varies among them.
fn varying(
    phenotypes: &Phenotypes,
    column: usize,
    individuals: &[u32],
) -> Result<Trait, PlinkError> {
    let all = phenotypes.values(column);
    let values: Vec<f64> = individuals.iter().map(|&row| all[row as usize]).collect();
    let name = phenotypes.names()[column].clone();
    let (lowest, highest) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    if lowest < highest {
        return Ok(Trait { name, values });
    }
    let file = phenotypes.file().to_path_buf();
    Err(PlinkError::ConstantTrait { file, name, value: lowest, individuals: individuals.len() })
}
