//! From files to studies.

use twoblade_geno::{Cut, Study, Subset};

use crate::alike::{Alike, varying};
use crate::assembled::{Assembled, Group, among};
use crate::covariates::{Covariates, MissingCovariate};
use crate::design::columns;
use crate::error::PlinkError;
use crate::fate::{Fate, Fates, rows};
use crate::joined::{Joined, JoinedCovariates, TraitJoined};
use crate::missing::MissingTraits;
use crate::ranks::normal_scores;
use crate::study::StudyBuilder;

impl StudyBuilder<'_> {
    /// The rows of the individuals that the lists to keep and to remove leave, ascending from 0 on:
    /// those whose genotypes are counted before anybody is dropped for missing ones.
    ///
    /// # Errors
    /// [`PlinkError::TooFewChosen`], or [`PlinkError::OtherStudy`] if a list was read for other files.
    pub fn chosen(&self) -> Result<Vec<u32>, PlinkError> {
        let builder = Self { dropping: &[], ..self.clone() };
        builder.check()?;
        let fates = builder.fates();
        builder.enough_chosen(&builder.joined(&fates))?;
        Ok((0u32..)
            .zip(fates.each())
            .filter(|(_, fate)| fate.is_chosen())
            .map(|(row, _)| row)
            .collect())
    }

    /// The studies, cut into `blocks` blocks of variants.
    ///
    /// Individuals stay for a trait, in the order of the .fam file, that the lists to keep and to
    /// remove leave, that are not dropped, and that have a value for it (for every trait, with
    /// [`MissingTraits::Common`]); of those, if there are covariates, the ones that are in the
    /// covariate file and, unless the mean is to stand for a missing value, have every covariate.
    ///
    /// Traits for which the same individuals stay are one group. Covariates become columns, and traits
    /// normal quantiles, within a group, so that a trait's study is the same alone and beside others.
    /// Of each group are held 4 bytes for each of its individuals, and 8 for each of them and trait
    /// or column of covariates.
    ///
    /// # Errors
    /// [`PlinkError::NoSharedIndividuals`], [`PlinkError::TooFewChosen`],
    /// [`PlinkError::TooFewIndividuals`], [`PlinkError::TooFewWithCovariates`],
    /// [`PlinkError::ConstantTrait`], [`PlinkError::NoCovariate`],
    /// [`PlinkError::DuplicateColumn`] if a level's column has the name of another,
    /// [`PlinkError::TooFewVariants`], [`PlinkError::NothingInBin`] if the variants of a bin were not
    /// chosen, [`PlinkError::DroppedRows`], or [`PlinkError::AnnotationRows`],
    /// [`PlinkError::OtherBins`] and [`PlinkError::OtherStudy`] if a file was read for other files.
    pub fn assemble(&self, blocks: usize) -> Result<Assembled, PlinkError> {
        let (bim, listed) = (self.plink.bim(), self.plink.fam().count());
        self.annotation.check(bim)?;
        self.check()?;
        let fates = self.fates();
        let mut joined = self.joined(&fates);
        self.enough_chosen(&joined)?;
        let alike = self.alike(&fates, joined.matched)?;
        let variants =
            self.variants.map_or(Subset::all(bim.variants()), |chosen| chosen.subset.clone());
        let cut = Cut::new(variants.kept(), listed, blocks).map_err(|few| {
            let bim = bim.file().to_path_buf();
            PlinkError::TooFewVariants { bim, variants: few.items, blocks: few.blocks }
        })?;
        let (bins, in_no_bin) = among(self.annotation, &variants)?;
        let mut anywhere = vec![0; listed.div_ceil(64)];
        let mut groups = Vec::with_capacity(alike.len());
        for alike in alike {
            anywhere.iter_mut().zip(&alike.bits).for_each(|(all, bits)| *all |= bits);
            let (variants, bins) = (variants.clone(), bins.clone());
            let (individuals, traits) = (rows(&alike.bits), Vec::new());
            let study = Study { listed, individuals, traits, variants, bins, cut };
            groups.push(self.group(alike, study)?);
        }
        let individuals = rows(&anywhere);
        (joined.kept, joined.in_no_bin) = (individuals.len(), in_no_bin);
        Ok(Assembled { groups, individuals, variants, cut, joined })
    }

    /// A group, from its study without traits.
    fn group(&self, alike: Alike, mut study: Study) -> Result<Group, PlinkError> {
        for column in alike.columns {
            let mut phenotype = varying(self.phenotypes, column, &study.individuals)?;
            if self.quantile_normalized {
                phenotype.values = normal_scores(&phenotype.values);
            }
            study.traits.push(phenotype);
        }
        let (mut covariates, mut joined) = (Vec::new(), alike.joined);
        for (file, _) in &self.covariates {
            let name = &study.traits[0].name;
            let (more, uses) = columns(file, name, &study.individuals)?;
            covariates.extend(more);
            joined.covariates.extend(uses);
        }
        Ok(Group { study, covariates, joined })
    }

    /// Traits by who stays for them, at least two individuals for each.
    fn alike(&self, fates: &Fates, matched: usize) -> Result<Vec<Alike>, PlinkError> {
        let (phenotypes, columns) = (self.phenotypes, 0..self.phenotypes.names().len());
        let mut groups: Vec<Alike> = Vec::new();
        let common = (self.traits == MissingTraits::Common)
            .then(|| fates.with(|row| phenotypes.complete(row)));
        for column in columns {
            let values = phenotypes.values(column);
            let alone = || fates.with(|row| !values[row].is_nan());
            let staying = common.clone().unwrap_or_else(alone);
            let name = phenotypes.names()[column].clone();
            let joined = TraitJoined {
                name,
                missing: matched - staying.with_trait,
                with_trait: staying.with_trait,
                absent: staying.absent,
                incomplete: staying.missing,
            };
            self.enough(&joined, matched, staying.kept)?;
            Alike::sort(&mut groups, column, joined, staying);
        }
        Ok(groups)
    }

    /// What becomes of each individual of the .fam file.
    fn fates(&self) -> Fates {
        let mut dropping = self.dropping.iter().peekable();
        Fates::of(self.plink.fam().count(), |row| {
            let dropped = dropping.next_if(|&&dropped| dropped as usize == row).is_some();
            self.fate(row, dropped)
        })
    }

    fn fate(&self, row: usize, dropped: bool) -> Fate {
        if self.keep.is_some_and(|keep| !keep.contains(row)) {
            return Fate::NotKept;
        }
        if self.remove.is_some_and(|remove| remove.contains(row)) {
            return Fate::Removed;
        }
        if dropped {
            return Fate::TooManyMissing;
        }
        if !self.phenotypes.present().is(row) {
            return Fate::WithoutPhenotype;
        }
        let lacks = |&(file, missing): &(&Covariates, MissingCovariate)| {
            missing == MissingCovariate::Drop && !file.complete(row)
        };
        if self.covariates.iter().any(|(file, _)| !file.present().is(row)) {
            Fate::WithoutCovariates
        } else if self.covariates.iter().any(lacks) {
            Fate::MissingCovariate
        } else {
            Fate::Stays
        }
    }

    /// What is known before any trait is asked about.
    fn joined(&self, fates: &Fates) -> Joined {
        let matched = [Fate::WithoutCovariates, Fate::MissingCovariate, Fate::Stays];
        Joined {
            listed: self.plink.fam().count(),
            fam_columns: self.plink.fam().columns(),
            not_kept: fates.count(Fate::NotKept),
            removed: fates.count(Fate::Removed),
            too_many_missing: fates.count(Fate::TooManyMissing),
            matched: matched.into_iter().map(|fate| fates.count(fate)).sum(),
            kept: 0,
            not_genotyped: self.phenotypes.unmatched(),
            covariates: self.covariates.iter().map(|(file, _)| joined_covariates(file)).collect(),
            variants: self.plink.bim().variants(),
            duplicate_identifiers: self.plink.bim().duplicates(),
            in_no_bin: 0,
        }
    }
}

fn joined_covariates(file: &Covariates) -> JoinedCovariates {
    JoinedCovariates { rows: file.rows(), matched: file.matched() }
}
