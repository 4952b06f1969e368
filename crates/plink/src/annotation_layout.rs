//! What the columns of an annotation file are.

use std::path::Path;

use twoblade_geno::Bins;

use crate::error::PlinkError;
use crate::names::unique;
use crate::variant_columns::{identifier_column, is_about, is_identifier};

/// The columns of an annotation file, from its first line.
pub(crate) struct Layout {
    columns: Vec<Column>,
    /// Whether the first line is a header, and no row.
    pub(crate) has_header: bool,
    /// Whether a column names the variant of each row.
    pub(crate) has_identifier: bool,
    /// The names of the bins.
    pub(crate) bins: Vec<String>,
    /// The names of columns that are no annotations.
    pub(crate) skipped: Vec<String>,
}

/// What a column is.
#[derive(Clone, Copy)]
enum Column {
    Identifier,
    Skipped,
    Bin(u16),
}

impl Layout {
    /// Reads the first line, which is a header if it names a column of identifiers or no word of it
    /// is a number.
    pub(crate) fn of(file: &Path, first: &str) -> Result<Self, PlinkError> {
        let words = || first.split_ascii_whitespace();
        let header = words().any(is_identifier) || words().all(|word| !is_number(word));
        if header { Self::of_header(file, first) } else { Self::without_header(file, first) }
    }

    fn of_header(file: &Path, header: &str) -> Result<Self, PlinkError> {
        let identifier = identifier_column(file, header)?;
        let (mut columns, mut bins, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for (column, name) in header.split_ascii_whitespace().enumerate() {
            columns.push(if identifier == Some(column) {
                Column::Identifier
            } else if identifier.is_some() && is_about(name) {
                skipped.push(name.to_owned());
                Column::Skipped
            } else {
                bins.push(name.to_owned());
                numbered(bins.len())
            });
        }
        if bins.is_empty() {
            let (file, found) = (file.to_path_buf(), header.trim().to_owned());
            return Err(PlinkError::NoAnnotation { file, found });
        }
        few_enough(file, bins.len())?;
        unique(file, &bins)?;
        let has_identifier = identifier.is_some();
        Ok(Self { columns, has_header: true, has_identifier, bins, skipped })
    }

    fn without_header(file: &Path, row: &str) -> Result<Self, PlinkError> {
        let mut words = row.split_ascii_whitespace();
        let has_identifier = words.next().is_some_and(|word| !is_number(word));
        let count = words.count() + usize::from(!has_identifier);
        few_enough(file, count)?;
        let identifier = has_identifier.then_some(Column::Identifier);
        let columns = identifier.into_iter().chain((1..=count).map(numbered)).collect();
        let bins = (1..=count).map(|bin| format!("bin{bin}")).collect();
        Ok(Self { columns, has_header: false, has_identifier, bins, skipped: Vec::new() })
    }

    /// Reads a row: its bins, ascending, and its identifier, empty if there is none.
    pub(crate) fn read<'r>(
        &self,
        file: &Path,
        line: usize,
        row: &'r str,
        set: &mut Vec<u16>,
    ) -> Result<&'r str, PlinkError> {
        set.clear();
        let (mut identifier, mut found) = ("", 0);
        for (column, word) in row.split_ascii_whitespace().enumerate() {
            found += 1;
            match self.columns.get(column) {
                Some(Column::Identifier) => identifier = word,
                Some(&Column::Bin(bin)) => match is_one(word) {
                    Some(true) => set.push(bin),
                    Some(false) => {}
                    None => return Err(self.refusal(file, line, bin, word)),
                },
                Some(Column::Skipped) | None => {}
            }
        }
        if found != self.columns.len() {
            let expected = format!("{}, as on line 1,", self.columns.len());
            return Err(PlinkError::Columns { file: file.to_path_buf(), line, found, expected });
        }
        Ok(identifier)
    }

    /// Why a word is neither 0 nor 1.
    fn refusal(&self, file: &Path, line: usize, bin: u16, found: &str) -> PlinkError {
        let (file, column) = (file.to_path_buf(), self.bins[usize::from(bin)].clone());
        let found = found.to_owned();
        if found.parse().is_ok_and(f64::is_finite) {
            PlinkError::Continuous { file, line, column, found }
        } else {
            PlinkError::AnnotationValue { file, line, column, found }
        }
    }
}

/// The column of the bin that is counted `bin` from 1.
fn numbered(bin: usize) -> Column {
    // More are refused before a row is read.
    Column::Bin(u16::try_from(bin - 1).unwrap_or(u16::MAX))
}

fn few_enough(file: &Path, found: usize) -> Result<(), PlinkError> {
    let (file, limit) = (file.to_path_buf(), Bins::MOST);
    if found > limit { Err(PlinkError::TooManyBins { file, found, limit }) } else { Ok(()) }
}

fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok()
}

/// 0 and 1, also written `0.0` and `1.0` as tables of doubles are.
fn is_one(word: &str) -> Option<bool> {
    match word {
        "0" => Some(false),
        "1" => Some(true),
        _ => {
            let value: f64 = word.parse().ok()?;
            [0.0, 1.0]
                .iter()
                .position(|&bit: &f64| bit.total_cmp(&value).is_eq())
                .map(|bit| bit == 1)
        }
    }
}
