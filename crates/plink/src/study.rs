//! From files to a study: who and what is analysed.

use twoblade_geno::{Cut, Study, Trait};

use crate::annotation::Annotation;
use crate::error::PlinkError;
use crate::open::Plink;
use crate::phenotype::Phenotypes;

/// What was joined, in counts, for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Individuals in the .fam file.
    pub listed: usize,
    /// Columns of the .fam file; those beyond 6 are not read.
    pub fam_columns: usize,
    /// Individuals of the .fam file that are in the phenotype file too.
    pub matched: usize,
    /// Those of them that have a value for every trait, so stay.
    pub kept: usize,
    /// Individuals in the phenotype file that are not in the .fam file.
    pub not_genotyped: usize,
    /// Variants in the .bim file.
    pub variants: usize,
    /// Variants that have the identifier of an earlier one.
    pub duplicate_identifiers: usize,
    /// Variants in no bin.
    pub in_no_bin: usize,
}

impl Joined {
    /// Individuals with genotypes that are not in the phenotype file.
    pub fn without_phenotype(&self) -> usize {
        self.listed.saturating_sub(self.matched)
    }

    /// Individuals dropped because a trait is missing.
    pub fn missing(&self) -> usize {
        self.matched - self.kept
    }
}

impl Plink {
    /// The study of all traits of `phenotypes` in the bins of `annotation`, cut into `blocks` blocks
    /// of variants.
    ///
    /// Individuals that have a value for every trait stay, in the order of the .fam file.
    ///
    /// # Errors
    /// [`PlinkError::NoSharedIndividuals`], [`PlinkError::TooFewIndividuals`],
    /// [`PlinkError::ConstantTrait`], [`PlinkError::TooFewVariants`], or
    /// [`PlinkError::AnnotationRows`] and [`PlinkError::OtherStudy`] if the annotation or the
    /// phenotypes were read for other files.
    pub fn study(
        &self,
        phenotypes: &Phenotypes,
        annotation: &Annotation,
        blocks: usize,
    ) -> Result<Study, PlinkError> {
        annotation.check(self.bim())?;
        let individuals = self.complete(phenotypes)?;
        let cut = Cut::new(self.bim().variants(), individuals.len(), blocks).map_err(|few| {
            let bim = self.bim().file().to_path_buf();
            PlinkError::TooFewVariants { bim, variants: few.items, blocks: few.blocks }
        })?;
        let traits = (0..phenotypes.names().len())
            .map(|column| varying(phenotypes, column, &individuals))
            .collect::<Result<_, _>>()?;
        let bins = annotation.bins().clone();
        Ok(Study { listed: self.fam().count(), individuals, traits, bins, cut })
    }

    /// What a study of these keeps and leaves out.
    pub fn joined(&self, phenotypes: &Phenotypes, annotation: &Annotation) -> Joined {
        Joined {
            listed: self.fam().count(),
            fam_columns: self.fam().columns(),
            matched: phenotypes.matched(),
            kept: complete_rows(phenotypes).count(),
            not_genotyped: phenotypes.unmatched(),
            variants: self.bim().variants(),
            duplicate_identifiers: self.bim().duplicates(),
            in_no_bin: annotation.in_no_bin(),
        }
    }

    /// The rows of individuals that have every trait.
    fn complete(&self, phenotypes: &Phenotypes) -> Result<Vec<u32>, PlinkError> {
        let file = phenotypes.file().to_path_buf();
        let listed = self.fam().count();
        if phenotypes.present().listed() != listed {
            return Err(PlinkError::OtherStudy {
                file: self.file().to_path_buf(),
                study_individuals: phenotypes.present().listed(),
                study_variants: self.bim().variants(),
                individuals: listed,
                variants: self.bim().variants(),
            });
        }
        if phenotypes.matched() == 0 {
            let (rows, fam) = (phenotypes.rows(), self.fam().file().to_path_buf());
            return Err(PlinkError::NoSharedIndividuals { file, rows, fam, individuals: listed });
        }
        let rows: Vec<u32> = complete_rows(phenotypes).collect();
        if rows.len() < 2 {
            let (matched, kept) = (phenotypes.matched(), rows.len());
            return Err(PlinkError::TooFewIndividuals { file, matched, kept });
        }
        Ok(rows)
    }
}

/// The rows of the .fam file that have a value for every trait, ascending.
fn complete_rows(phenotypes: &Phenotypes) -> impl Iterator<Item = u32> {
    (0u32..)
        .zip(0..phenotypes.present().listed())
        .filter(|&(_, row)| phenotypes.complete(row))
        .map(|(number, _)| number)
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
