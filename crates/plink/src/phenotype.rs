//! The phenotype file, joined to the .fam file by identifier.

use std::path::{Path, PathBuf};

use crate::error::PlinkError;
use crate::fam::Fam;
use crate::identified::{Identified, Present};
use crate::missing::{Missing, MissingCode, PhenotypeOptions};
use crate::names::{chosen, numbered};
use crate::numbers::ColumnNumbers;
use crate::sixth::NAME;
use crate::value::{Value, parse};

/// What a column of the file is called.
const WHAT: &str = "trait";

/// Traits of the individuals of a .fam file.
#[derive(Clone, Debug)]
pub struct Phenotypes {
    file: PathBuf,
    names: Vec<String>,
    traits: Vec<Column>,
    present: Present,
    code: MissingCode,
}

/// One trait.
#[derive(Clone, Debug)]
struct Column {
    /// Per row of the .fam file; NaN where there is none.
    values: Vec<f64>,
    missing: Missing,
    binary: bool,
}

impl Phenotypes {
    /// Reads a phenotype file and finds each of its individuals in `fam`.
    ///
    /// Columns are separated by whitespace. The header is `FID IID` and a name for each trait, or
    /// `IID` and the names, also with `#` in front as PLINK 2 writes it; without FID, individuals
    /// are found by IID alone. `NA`, `nan` and `-9` are missing values; so is `0` of a trait whose
    /// other values are 1 and 2, both of which occur (PLINK's controls and cases).
    ///
    /// # Errors
    /// [`PlinkError::NoHeader`], [`PlinkError::NoColumns`], [`PlinkError::DuplicateColumn`],
    /// [`PlinkError::Columns`], [`PlinkError::NotANumber`], [`PlinkError::Infinite`],
    /// [`PlinkError::DuplicateIndividual`], [`PlinkError::Ambiguous`], [`PlinkError::Empty`], or
    /// what reading text has to say.
    pub fn read(file: impl AsRef<Path>, fam: &Fam) -> Result<Self, PlinkError> {
        Self::read_with(file, fam, &PhenotypeOptions::default())
    }

    /// The same, but what is missing is said by the options.
    ///
    /// # Errors
    /// Those of [`Phenotypes::read`].
    pub fn read_with(
        file: impl AsRef<Path>,
        fam: &Fam,
        options: &PhenotypeOptions,
    ) -> Result<Self, PlinkError> {
        let (file, code) = (file.as_ref(), options.missing_code);
        let mut rows = Identified::open(file, fam, WHAT)?;
        let names = rows.names().to_vec();
        let mut traits: Vec<Column> = names.iter().map(|_| Column::new(fam.count())).collect();
        while let Some(row) = rows.next()? {
            for ((word, name), column) in row.words.zip(&names).zip(&mut traits) {
                let value =
                    parse(word).map_err(|bad| bad.error((file, row.line, name), word, code))?;
                if let Some(listed) = row.listed {
                    column.store(listed, value);
                }
            }
        }
        for column in &mut traits {
            column.finish(code);
        }
        Ok(Self { file: file.to_path_buf(), names, traits, present: rows.finish()?, code })
    }

    /// The sixth column of the .fam file, as a trait named `phenotype`. Its values are read as those
    /// of a phenotype file are.
    ///
    /// # Errors
    /// [`PlinkError::NotANumber`] or [`PlinkError::Infinite`].
    pub fn from_fam(fam: &Fam, options: &PhenotypeOptions) -> Result<Self, PlinkError> {
        let code = options.missing_code;
        let (values, missing) = fam.sixth().values(fam.file(), code)?;
        let mut column = Column { values, missing, binary: false };
        column.finish(code);
        Ok(Self {
            file: fam.file().to_path_buf(),
            names: vec![NAME.to_owned()],
            traits: vec![column],
            present: Present::all(fam.count()),
            code,
        })
    }

    /// The traits of these names alone, in this order.
    ///
    /// # Errors
    /// [`PlinkError::NoSuchColumn`], or [`PlinkError::DuplicateColumn`] if a name is asked for twice.
    pub fn select(&self, names: &[impl AsRef<str>]) -> Result<Self, PlinkError> {
        Ok(self.some(&chosen(&self.file, WHAT, &self.names, names)?))
    }

    /// The traits of these columns alone, in this order, whatever their names.
    ///
    /// # Errors
    /// [`PlinkError::NoSuchNumber`], or [`PlinkError::SameNumber`] if a column is asked for twice.
    pub fn select_columns(&self, numbers: &ColumnNumbers) -> Result<Self, PlinkError> {
        Ok(self.some(&numbered(&self.file, WHAT, &self.names, numbers)?))
    }

    fn some(&self, columns: &[usize]) -> Self {
        Self {
            file: self.file.clone(),
            names: columns.iter().map(|&column| self.names[column].clone()).collect(),
            traits: columns.iter().map(|&column| self.traits[column].clone()).collect(),
            present: self.present.clone(),
            code: self.code,
        }
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

    /// Whether a trait is of cases and controls: coded 1 and 2, or 0 and 1, both of which occur among
    /// individuals that are in the .fam file.
    ///
    /// # Panics
    /// If there is no such trait.
    pub fn is_binary(&self, column: usize) -> bool {
        self.traits[column].binary
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

    /// What is missing, in words.
    pub(crate) fn missing_words(&self) -> String {
        let zeros = self.traits.iter().any(|column| column.missing.zero > 0);
        let more = if zeros { " (and 0 where a trait is coded 1 and 2)" } else { "" };
        format!("{}{more}", self.code.words("and"))
    }

    /// Who of the .fam file is in the phenotype file.
    pub(crate) fn present(&self) -> &Present {
        &self.present
    }
}

impl Column {
    fn new(listed: usize) -> Self {
        Self { values: vec![f64::NAN; listed], missing: Missing::default(), binary: false }
    }

    fn store(&mut self, row: usize, value: Value) {
        match value {
            Value::Na => self.missing.na += 1,
            Value::Nan => self.missing.nan += 1,
            Value::Number(value) => self.values[row] = value,
        }
    }
    /// After the last value, of which some may stand for a missing one.
    fn finish(&mut self, code: MissingCode) {
        self.binary = code.apply(&mut self.values, &mut self.missing);
    }
}
