//! A PLINK 1 data set, checked before anything is computed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::annotation::Annotation;
use crate::bed::Bed;
use crate::bim::Bim;
use crate::covariates::Covariates;
use crate::error::PlinkError;
use crate::fam::Fam;
use crate::individuals::Individuals;
use crate::missing::PhenotypeOptions;
use crate::phenotype::Phenotypes;

/// The three files of a PLINK 1 data set, which agree with each other.
///
/// Of the genotypes nothing is in memory; the .bed file stays open.
#[derive(Clone, Debug)]
pub struct Plink {
    pub(crate) bed: Bed,
    fam: Fam,
    bim: Bim,
}

impl Plink {
    /// Opens `prefix`.bed, `prefix`.bim and `prefix`.fam; the path of the .bed file will do too.
    ///
    /// Everything that can be checked without reading genotypes is checked here: that the files
    /// are there and whole, every line of .fam and .bim, how the .bed begins, and that its length is
    /// 3 + variants × ⌈individuals / 4⌉ bytes.
    ///
    /// # Errors
    /// [`PlinkError::OtherFormat`] for PLINK 2 and BGEN files (but not if a .bed stands beside them),
    /// [`PlinkError::NotFound`], [`PlinkError::NotBed`], [`PlinkError::IndividualMajor`],
    /// [`PlinkError::BedMode`], [`PlinkError::BedLength`], [`PlinkError::Empty`], and those of
    /// [`Fam::read`] and [`Bim::read`].
    pub fn open(prefix: impl AsRef<Path>) -> Result<Self, PlinkError> {
        let prefix = to_prefix(prefix.as_ref())?;
        let [bed, bim, fam] = ["bed", "bim", "fam"].map(|ending| with_ending(&prefix, ending));
        for file in [&bed, &bim, &fam] {
            let there = file
                .try_exists()
                .map_err(|source| PlinkError::Read { file: file.clone(), source })?;
            if !there {
                return Err(PlinkError::NotFound { file: file.clone() });
            }
        }
        let bed = Bed::open(bed)?;
        let fam = Fam::read(fam)?;
        let bim = Bim::read_about(&bim, bed.variants(fam.count()))?;
        bed.check(&fam, &bim)?;
        Ok(Self { bed, fam, bim })
    }

    /// The individuals.
    pub fn fam(&self) -> &Fam {
        &self.fam
    }

    /// The variants.
    pub fn bim(&self) -> &Bim {
        &self.bim
    }

    /// The .bed file.
    pub fn file(&self) -> &Path {
        self.bed.file()
    }

    /// Reads a phenotype file for these individuals: [`Phenotypes::read`].
    ///
    /// # Errors
    /// Those of [`Phenotypes::read`].
    pub fn phenotypes(&self, file: impl AsRef<Path>) -> Result<Phenotypes, PlinkError> {
        Phenotypes::read(file, &self.fam)
    }

    /// Reads a phenotype file for these individuals: [`Phenotypes::read_with`].
    ///
    /// # Errors
    /// Those of [`Phenotypes::read`].
    pub fn phenotypes_with(
        &self,
        file: impl AsRef<Path>,
        options: &PhenotypeOptions,
    ) -> Result<Phenotypes, PlinkError> {
        Phenotypes::read_with(file, &self.fam, options)
    }

    /// Reads a covariate file for these individuals: [`Covariates::read`].
    ///
    /// # Errors
    /// Those of [`Covariates::read`].
    pub fn covariates(&self, file: impl AsRef<Path>) -> Result<Covariates, PlinkError> {
        Covariates::read(file, &self.fam)
    }

    /// Reads a list of some of these individuals: [`Individuals::read`].
    ///
    /// # Errors
    /// Those of [`Individuals::read`].
    pub fn individuals(&self, file: impl AsRef<Path>) -> Result<Individuals, PlinkError> {
        Individuals::read(file, &self.fam)
    }

    /// Reads an annotation file for these variants: [`Annotation::read`].
    ///
    /// # Errors
    /// Those of [`Annotation::read`].
    pub fn annotation(&self, file: impl AsRef<Path>) -> Result<Annotation, PlinkError> {
        Annotation::read(file, &self.bim)
    }
}

/// The prefix that a path means, if it means PLINK 1 files.
fn to_prefix(path: &Path) -> Result<PathBuf, PlinkError> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("bed") => return Ok(path.with_extension("")),
        Some("pgen") => return Err(pgen(&path.with_extension(""))),
        Some("bgen") => return Err(bgen(&path.with_extension(""))),
        _ => {}
    }
    if !with_ending(path, "bed").exists() {
        if with_ending(path, "pgen").exists() {
            return Err(pgen(path));
        }
        if with_ending(path, "bgen").exists() {
            return Err(bgen(path));
        }
    }
    Ok(path.to_path_buf())
}

fn pgen(prefix: &Path) -> PlinkError {
    let x = prefix.display();
    let command = format!("plink2 --pfile {x} --make-bed --out {x}");
    PlinkError::OtherFormat { file: with_ending(prefix, "pgen"), command }
}

fn bgen(prefix: &Path) -> PlinkError {
    let x = prefix.display();
    let command =
        format!("plink2 --bgen {x}.bgen ref-first --sample {x}.sample --make-bed --out {x}");
    PlinkError::OtherFormat { file: with_ending(prefix, "bgen"), command }
}

/// `prefix.ending`, also where the prefix has a dot in it.
pub(crate) fn with_ending(prefix: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(prefix);
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}
