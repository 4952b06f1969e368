//! The covariate file, joined to the .fam file by identifier.

use std::path::{Path, PathBuf};

use crate::column::{Column, Reading};
use crate::error::PlinkError;
use crate::fam::Fam;
use crate::identified::{Identified, Present};
use crate::names::{chosen, numbered};
use crate::numbers::ColumnNumbers;

/// What a column of the file is called.
const WHAT: &str = "covariate";

/// Covariates of the individuals of a .fam file, numbers or categories.
#[derive(Clone, Debug)]
pub struct Covariates {
    file: PathBuf,
    names: Vec<String>,
    columns: Vec<Column>,
    present: Present,
}

/// What becomes of an individual that is in the covariate file and lacks a covariate there.
///
/// One that is not in the file at all does not stay, whichever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingCovariate {
    /// The individual does not stay.
    #[default]
    Drop,
    /// The mean of the column among those that stay is put in; of a category, the mean of each of
    /// its indicators.
    Mean,
}

impl Covariates {
    /// Reads a covariate file and finds each of its individuals in `fam`.
    ///
    /// It is laid out as a phenotype file is. `NA` and `nan` are missing values; `-9` is a number. A
    /// column in which any other value is not a number holds categories, and what looks like a
    /// number there is a category too: `1` and `1.0` are two of them.
    ///
    /// # Errors
    /// [`PlinkError::NoHeader`], [`PlinkError::NoColumns`], [`PlinkError::DuplicateColumn`],
    /// [`PlinkError::Columns`], [`PlinkError::TooManyLevels`], [`PlinkError::Infinite`],
    /// [`PlinkError::DuplicateIndividual`], [`PlinkError::Ambiguous`], [`PlinkError::Empty`], or
    /// what reading text has to say.
    pub fn read(file: impl AsRef<Path>, fam: &Fam) -> Result<Self, PlinkError> {
        let file = file.as_ref();
        let mut rows = Identified::open(file, fam, WHAT)?;
        let names = rows.names().to_vec();
        let mut columns: Vec<Reading> = names.iter().map(|_| Reading::new(fam.count())).collect();
        while let Some(row) = rows.next()? {
            for ((word, name), column) in row.words.zip(&names).zip(&mut columns) {
                column.store((file, row.line, name), row.listed, word)?;
            }
        }
        let present = rows.finish()?;
        let columns = columns.into_iter().map(Reading::finish).collect();
        Ok(Self { file: file.to_path_buf(), names, columns, present })
    }

    /// The covariates of these names alone, in this order.
    ///
    /// # Errors
    /// [`PlinkError::NoSuchColumn`], or [`PlinkError::DuplicateColumn`] if a name is asked for
    /// twice.
    pub fn select(&self, names: &[impl AsRef<str>]) -> Result<Self, PlinkError> {
        Ok(self.some(&chosen(&self.file, WHAT, &self.names, names)?))
    }

    /// The covariates of these columns alone, in this order, whatever their names.
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
            columns: columns.iter().map(|&column| self.columns[column].clone()).collect(),
            present: self.present.clone(),
        }
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The names of the covariates, from the header.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The levels of a covariate in sorted order, if it holds categories. Some may be of
    /// individuals that are not in the .fam file alone.
    ///
    /// # Panics
    /// If there is no such covariate.
    pub fn levels(&self, column: usize) -> Option<&[String]> {
        match &self.columns[column] {
            Column::Numbers(_) => None,
            Column::Categories { levels, .. } => Some(levels),
        }
    }

    /// The missing values of each covariate, among individuals that are in the .fam file too.
    pub fn missing(&self) -> Vec<usize> {
        self.columns.iter().map(|column| self.matched() - column.there()).collect()
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

    /// Whether the individual on a row of the .fam file has every covariate.
    pub(crate) fn complete(&self, row: usize) -> bool {
        self.columns.iter().all(|column| column.has(row))
    }

    /// Who of the .fam file is in the covariate file.
    pub(crate) fn present(&self) -> &Present {
        &self.present
    }

    /// Each covariate with its name.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.names.iter().map(String::as_str).zip(&self.columns)
    }
}
