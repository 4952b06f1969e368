//! A PLINK 1 data set, of one or more files each, checked before anything is computed.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::annotation::Annotation;
use crate::bed::Bed;
use crate::beds::Beds;
use crate::bim::Bim;
use crate::brace;
use crate::covariates::Covariates;
use crate::error::PlinkError;
use crate::fam::Fam;
use crate::individuals::Individuals;
use crate::lines::Lines;
use crate::missing::PhenotypeOptions;
use crate::phenotype::Phenotypes;

/// The files of a PLINK 1 data set, which agree with each other.
///
/// A data set is three files, or several times three: then all list the same individuals in the same
/// order, and the variants are those of the first, of the second and so on, numbered through.
///
/// Of the genotypes nothing is in memory; the .bed files stay open.
#[derive(Clone, Debug)]
pub struct Plink {
    pub(crate) beds: Beds,
    fam: Fam,
    /// The hash of each .fam file.
    fams: Vec<blake3::Hash>,
    bim: Bim,
}

impl Plink {
    /// Opens `prefix`.bed, `prefix`.bim and `prefix`.fam; the path of the .bed file will do too.
    ///
    /// One range of whole numbers in braces, as in `chr{1..22}`, stands for as many data sets, which
    /// are opened as one: [`open_all`](Self::open_all). Zeros in front, `{01..22}`, are kept. Files
    /// that have the braces in their names win.
    ///
    /// Everything that can be checked without reading genotypes is checked here: that the files
    /// are there and whole, every line of .fam and .bim, how the .bed begins, and that its length is
    /// 3 + variants × ⌈individuals / 4⌉ bytes.
    ///
    /// # Errors
    /// [`PlinkError::BraceRange`], and those of [`open_all`](Self::open_all).
    pub fn open(prefix: impl AsRef<Path>) -> Result<Self, PlinkError> {
        let prefix = to_prefix(prefix.as_ref())?;
        let literal = Files::of(&prefix);
        if literal.each().iter().any(|file| file.exists()) {
            return Self::open_each(&[literal]);
        }
        let prefixes = brace::expand(&prefix)?;
        let files = prefixes.iter().map(|prefix| Ok(Files::of(&to_prefix(prefix)?)));
        Self::open_each(&files.collect::<Result<Vec<_>, _>>()?)
    }

    /// Opens the data sets that a file lists, as one.
    ///
    /// Each line is a prefix, or the three paths of a .bed, a .bim and a .fam file, as PLINK's
    /// `--merge-list` has it; relative paths start at the current folder.
    ///
    /// # Errors
    /// [`PlinkError::Empty`], [`PlinkError::Columns`], what reading text has to say, and those of
    /// [`open_all`](Self::open_all).
    pub fn open_list(file: impl AsRef<Path>) -> Result<Self, PlinkError> {
        let file = file.as_ref();
        let mut lines = Lines::open(file)?;
        let mut files = Vec::new();
        while let Some((line, text)) = lines.next()? {
            let words: Vec<&Path> = text.split_ascii_whitespace().map(Path::new).collect();
            files.push(match words[..] {
                [prefix] => Files::of(&to_prefix(prefix)?),
                [bed, bim, fam] => Files::apart(bed, bim, fam),
                _ => {
                    let expected = "1 (a prefix) or 3 (.bed .bim .fam)".to_owned();
                    let (file, found) = (file.to_path_buf(), words.len());
                    return Err(PlinkError::Columns { file, line, found, expected });
                }
            });
        }
        if files.is_empty() {
            let expected = "a line for each data set, with its prefix, is";
            return Err(PlinkError::Empty { file: file.to_path_buf(), expected });
        }
        Self::open_each(&files)
    }

    /// Opens a data set whose three files do not share a prefix.
    ///
    /// # Errors
    /// Those of [`open_all`](Self::open_all).
    pub fn open_files(
        bed: impl AsRef<Path>,
        bim: impl AsRef<Path>,
        fam: impl AsRef<Path>,
    ) -> Result<Self, PlinkError> {
        Self::open_each(&[Files::apart(bed.as_ref(), bim.as_ref(), fam.as_ref())])
    }

    /// Opens the data sets of these prefixes as one, their variants in this order.
    ///
    /// All list the same individuals (FID and IID) in the same order; the sixth column is that of the
    /// first.
    ///
    /// # Errors
    /// [`PlinkError::NoFiles`], [`PlinkError::SameFile`],
    /// [`PlinkError::OtherFormat`] for PLINK 2 and BGEN files (but not if a .bed stands beside them),
    /// [`PlinkError::NotFound`], [`PlinkError::NotBed`], [`PlinkError::IndividualMajor`],
    /// [`PlinkError::BedMode`], [`PlinkError::BedLength`], [`PlinkError::Empty`],
    /// [`PlinkError::OtherIndividual`] and [`PlinkError::OtherIndividuals`] where two .fam files
    /// differ, and those of [`Fam::read`] and [`Bim::read`].
    pub fn open_all(prefixes: &[impl AsRef<Path>]) -> Result<Self, PlinkError> {
        let files = prefixes.iter().map(|prefix| Ok(Files::of(&to_prefix(prefix.as_ref())?)));
        Self::open_each(&files.collect::<Result<Vec<_>, _>>()?)
    }

    fn open_each(files: &[Files]) -> Result<Self, PlinkError> {
        let Some((first, others)) = files.split_first() else {
            return Err(PlinkError::NoFiles);
        };
        let mut seen = HashSet::new();
        for files in files {
            for file in files.each() {
                let there = file
                    .try_exists()
                    .map_err(|source| PlinkError::Read { file: file.clone(), source })?;
                if !there {
                    return Err(PlinkError::NotFound { file: file.clone() });
                }
            }
            if !seen.insert(&files.bed) {
                return Err(PlinkError::SameFile { file: files.bed.clone() });
            }
        }
        let beds: Vec<Bed> =
            files.iter().map(|files| Bed::open(files.bed.clone())).collect::<Result<_, _>>()?;
        let fam = Fam::read(&first.fam)?;
        let mut fams = vec![fam.hash()];
        for files in others {
            fams.push(fam.same(&files.fam)?);
        }
        let bims: Vec<&Path> = files.iter().map(|files| files.bim.as_path()).collect();
        let about = beds.iter().map(|bed| bed.variants(fam.count())).sum();
        let bim = Bim::read_about(&bims, about)?;
        for (bed, part) in beds.iter().zip(bim.parts()) {
            bed.check(&fam, part)?;
        }
        let variants = bim.parts().iter().map(|part| part.variants.clone());
        let beds = Beds::new(beds.into_iter().zip(variants).collect());
        Ok(Self { beds, fam, fams, bim })
    }

    /// The individuals.
    pub fn fam(&self) -> &Fam {
        &self.fam
    }

    /// The variants.
    pub fn bim(&self) -> &Bim {
        &self.bim
    }

    /// The .bed file, for messages: of several the first, and how many more there are.
    pub fn file(&self) -> &Path {
        self.beds.name()
    }

    /// Hashes all files, of the .bed files a sample of their pages.
    pub(crate) fn hash(&self, hasher: &mut blake3::Hasher) -> Result<(), PlinkError> {
        hasher.update(&(self.fams.len() as u64).to_le_bytes());
        for ((fam, bim), bed) in self.fams.iter().zip(self.bim.parts()).zip(self.beds.each()) {
            hasher.update(fam.as_bytes());
            hasher.update(bim.hash.as_bytes());
            bed.hash_sample(hasher)?;
        }
        Ok(())
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

/// The paths of one data set.
#[derive(Debug)]
struct Files {
    bed: PathBuf,
    bim: PathBuf,
    fam: PathBuf,
}

impl Files {
    fn of(prefix: &Path) -> Self {
        let [bed, bim, fam] = ["bed", "bim", "fam"].map(|ending| with_ending(prefix, ending));
        Self { bed, bim, fam }
    }

    fn apart(bed: &Path, bim: &Path, fam: &Path) -> Self {
        let [bed, bim, fam] = [bed, bim, fam].map(Path::to_path_buf);
        Self { bed, bim, fam }
    }

    fn each(&self) -> [&PathBuf; 3] {
        [&self.bed, &self.bim, &self.fam]
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
