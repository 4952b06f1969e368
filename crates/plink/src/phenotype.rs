//! The phenotype file, joined to the .fam file by identifier.

use std::path::{Path, PathBuf};

use crate::error::PlinkError;
use crate::fam::Fam;
use crate::identified::{Identified, Present};
use crate::names::chosen;
use crate::value::{Bad, Value, parse};

/// What a column of the file is called.
const WHAT: &str = "trait";

/// Traits of the individuals of a .fam file.
#[derive(Clone, Debug)]
pub struct Phenotypes {
    file: PathBuf,
    names: Vec<String>,
    traits: Vec<Column>,
    present: Present,
}

/// One trait.
#[derive(Clone, Debug)]
struct Column {
    /// Per row of the .fam file; NaN where there is none.
    values: Vec<f64>,
    missing: Missing,
}

/// Missing values of one trait, by how they are written, among individuals with genotypes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Written `NA`.
    pub na: usize,
    /// Written `nan`.
    pub nan: usize,
    /// Written `-9`, which is how PLINK writes a missing phenotype. Worth a look where a trait may
    /// really be -9.
    pub minus_nine: usize,
}

impl Missing {
    /// All of them.
    pub fn total(&self) -> usize {
        self.na + self.nan + self.minus_nine
    }
}

impl Phenotypes {
    /// Reads a phenotype file and finds each of its individuals in `fam`.
    ///
    /// Columns are separated by whitespace. The header is `FID IID` and a name for each trait, or
    /// `IID` and the names, also with `#` in front as PLINK 2 writes it; without FID, individuals
    /// are found by IID alone. `NA`, `nan` and `-9` are missing values.
    ///
    /// # Errors
    /// [`PlinkError::NoHeader`], [`PlinkError::NoColumns`], [`PlinkError::DuplicateColumn`],
    /// [`PlinkError::Columns`], [`PlinkError::NotANumber`], [`PlinkError::Infinite`],
    /// [`PlinkError::DuplicateIndividual`], [`PlinkError::Ambiguous`], [`PlinkError::Empty`], or
    /// what reading text has to say.
    pub fn read(file: impl AsRef<Path>, fam: &Fam) -> Result<Self, PlinkError> {
        let file = file.as_ref();
        let mut rows = Identified::open(file, fam, WHAT)?;
        let names = rows.names().to_vec();
        let mut traits: Vec<Column> = names.iter().map(|_| Column::new(fam.count())).collect();
        while let Some(row) = rows.next()? {
            for ((word, name), column) in row.words.zip(&names).zip(&mut traits) {
                let value = parse(word).map_err(|bad| {
                    let (file, line) = (file.to_path_buf(), row.line);
                    let (column, found) = (name.clone(), word.to_owned());
                    match bad {
                        Bad::Text => PlinkError::NotANumber { file, line, column, found },
                        Bad::Infinite => PlinkError::Infinite { file, line, column, found },
                    }
                })?;
                if let Some(listed) = row.listed {
                    column.store(listed, value);
                }
            }
        }
        Ok(Self { file: file.to_path_buf(), names, traits, present: rows.finish()? })
    }

    /// The traits of these names alone, in this order.
    ///
    /// # Errors
    /// [`PlinkError::NoSuchColumn`], or [`PlinkError::DuplicateColumn`] if a name is asked for twice.
    pub fn select(&self, names: &[impl AsRef<str>]) -> Result<Self, PlinkError> {
        let columns = chosen(&self.file, WHAT, &self.names, names)?;
        Ok(Self {
            file: self.file.clone(),
            names: columns.iter().map(|&column| self.names[column].clone()).collect(),
            traits: columns.iter().map(|&column| self.traits[column].clone()).collect(),
            present: self.present.clone(),
        })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The names of the traits, from the header.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One trait: a value for each row of the .fam file, NaN where there is none.
    ///
    /// # Panics
    /// If there is no such trait.
    pub fn values(&self, column: usize) -> &[f64] {
        &self.traits[column].values
    }

    /// The missing values of each trait, among individuals that are in the .fam file.
    pub fn missing(&self) -> Vec<Missing> {
        self.traits.iter().map(|column| column.missing).collect()
    }

    /// Individuals in the file.
    pub fn rows(&self) -> usize {
        self.present.rows()
    }

    /// Individuals of the file that are in the .fam file too.
    pub fn matched(&self) -> usize {
        self.present.matched()
    }

    /// Individuals of the file that are not in the .fam file.
    pub fn unmatched(&self) -> usize {
        self.rows() - self.matched()
    }

    /// Whether the individual on a row of the .fam file has a value for every trait.
    pub(crate) fn complete(&self, row: usize) -> bool {
        self.traits.iter().all(|column| !column.values[row].is_nan())
    }

    /// Who of the .fam file is in the phenotype file.
    pub(crate) fn present(&self) -> &Present {
        &self.present
    }
}

impl Column {
    fn new(listed: usize) -> Self {
        Self { values: vec![f64::NAN; listed], missing: Missing::default() }
    }

    fn store(&mut self, row: usize, value: Value) {
        match value {
            Value::Na => self.missing.na += 1,
            Value::Nan => self.missing.nan += 1,
            Value::Number(value) if value.total_cmp(&-9.0).is_eq() => self.missing.minus_nine += 1,
            Value::Number(value) => self.values[row] = value,
        }
    }
}
