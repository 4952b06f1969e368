//! What no study can be made from.

use crate::error::PlinkError;
use crate::individuals::Individuals;
use crate::joined::{Joined, TraitJoined};
use crate::missing::MissingTraits;
use crate::study::StudyBuilder;

impl StudyBuilder<'_> {
    /// Refuses files that were read for other individuals or variants, or share none.
    pub(crate) fn check(&self) -> Result<(), PlinkError> {
        if self.phenotypes.names().is_empty() {
            let file = self.phenotypes.file().to_path_buf();
            return Err(PlinkError::NoColumns { file, what: "trait" });
        }
        let (individuals, variants) = (self.plink.fam().count(), self.plink.bim().variants());
        let lists = [self.keep, self.remove].into_iter().flatten().map(Individuals::listed);
        let phenotypes = (self.phenotypes.file(), self.phenotypes.present());
        let covariates = || self.covariates.iter().map(|(file, _)| (file.file(), file.present()));
        let files = || std::iter::once(phenotypes).chain(covariates());
        let mut listed = files().map(|(_, present)| present.listed()).chain(lists);
        let study_individuals = listed.find(|&listed| listed != individuals).unwrap_or(individuals);
        let study_variants = self.variants.map_or(variants, |chosen| chosen.subset.listed());
        if (study_individuals, study_variants) != (individuals, variants) {
            return Err(PlinkError::OtherStudy {
                file: self.plink.file().to_path_buf(),
                study_individuals,
                study_variants,
                individuals,
                variants,
            });
        }
        let ascend = self.dropping.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascend || self.dropping.last().is_some_and(|&last| last as usize >= individuals) {
            return Err(PlinkError::DroppedRows { listed: individuals });
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

    /// Refuses fewer than two individuals before any trait is asked about, and says where they went.
    pub(crate) fn enough_chosen(&self, joined: &Joined) -> Result<(), PlinkError> {
        let chosen = joined.chosen() - joined.too_many_missing;
        let lists = self.keep.is_some() || self.remove.is_some();
        if chosen >= 2 || !(lists || joined.too_many_missing > 0) {
            return Ok(());
        }
        Err(PlinkError::TooFewChosen {
            fam: self.plink.fam().file().to_path_buf(),
            listed: joined.listed,
            not_kept: joined.not_kept,
            removed: joined.removed,
            too_many_missing: joined.too_many_missing,
            chosen,
        })
    }

    /// Refuses a trait for which fewer than two individuals stay, and says where they went.
    pub(crate) fn enough(
        &self,
        joined: &TraitJoined,
        matched: usize,
        kept: usize,
    ) -> Result<(), PlinkError> {
        let alone = self.traits == MissingTraits::PerTrait || self.phenotypes.names().len() == 1;
        let name = alone.then(|| joined.name.clone());
        let traits = joined.with_trait;
        if traits < 2 {
            let file = self.phenotypes.file().to_path_buf();
            let missing = self.phenotypes.missing_words();
            let lists = self.keep.is_some() || self.remove.is_some();
            let dropped = !self.dropping.is_empty();
            return Err(PlinkError::TooFewIndividuals {
                file,
                name,
                lists,
                dropped,
                matched,
                kept: traits,
                missing,
            });
        }
        // Of several files, that which has the fewest of them.
        match self.covariates.iter().min_by_key(|(file, _)| file.matched()) {
            Some((file, _)) if kept < 2 => {
                let file = file.file().to_path_buf();
                let (absent, missing) = (joined.absent, joined.incomplete);
                Err(PlinkError::TooFewWithCovariates { file, name, traits, absent, missing, kept })
            }
            _ => Ok(()),
        }
    }
}
