//! A column of a covariate file: numbers, or categories if any value is no number.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::PlinkError;
use crate::value::{Bad, Value, parse};

/// Levels that a column of categories may have.
const MOST_LEVELS: usize = 100;
/// The code of a missing category.
pub(crate) const MISSING: u8 = u8::MAX;

/// The values of one covariate, for each row of the .fam file.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    /// NaN where there is none.
    Numbers(Vec<f64>),
    /// Sorted levels; each code is the place of one, or [`MISSING`].
    Categories { levels: Vec<String>, codes: Vec<u8> },
}

impl Column {
    /// How many rows there are.
    fn count(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Categories { codes, .. } => codes.len(),
        }
    }

    /// Whether a row of the .fam file has a value.
    pub(crate) fn has(&self, row: usize) -> bool {
        match self {
            Self::Numbers(values) => !values[row].is_nan(),
            Self::Categories { codes, .. } => codes[row] != MISSING,
        }
    }

    /// Rows of the .fam file that have a value.
    pub(crate) fn there(&self) -> usize {
        (0..self.count()).filter(|&row| self.has(row)).count()
    }
}

/// A column while its file is read. Whether it holds numbers or categories shows only at its end,
/// so both are kept: the texts too, as long as they are few enough to be levels.
pub(crate) struct Reading {
    numbers: Vec<f64>,
    codes: Vec<u8>,
    texts: BTreeMap<String, u8>,
    too_many: bool,
    /// The first value that is no number, and its line.
    no_number: Option<(usize, String)>,
}

impl Reading {
    pub(crate) fn new(listed: usize) -> Self {
        Self {
            numbers: vec![f64::NAN; listed],
            codes: vec![MISSING; listed],
            texts: BTreeMap::new(),
            too_many: false,
            no_number: None,
        }
    }

    /// Takes the value of an individual, who is on the row `listed` of the .fam file if there.
    pub(crate) fn store(
        &mut self,
        (file, line, name): (&Path, usize, &str),
        listed: Option<usize>,
        word: &str,
    ) -> Result<(), PlinkError> {
        let number = match parse(word) {
            Ok(Value::Na | Value::Nan) => return Ok(()),
            Ok(Value::Number(number)) => number,
            Err(Bad::Text) => {
                self.no_number.get_or_insert_with(|| (line, word.to_owned()));
                f64::NAN
            }
            Err(Bad::Infinite) => {
                let (file, column, found) = (file.to_path_buf(), name.to_owned(), word.to_owned());
                return Err(PlinkError::Infinite { file, line, column, found });
            }
        };
        let code = self.code(word);
        if let (true, Some((line, found))) = (self.too_many, &self.no_number) {
            return Err(PlinkError::TooManyLevels {
                file: file.to_path_buf(),
                line: *line,
                column: name.to_owned(),
                found: found.clone(),
                limit: MOST_LEVELS,
            });
        }
        if let Some(row) = listed {
            self.numbers[row] = number;
            self.codes[row] = code;
        }
        Ok(())
    }

    /// The code of a text, in order of appearance.
    fn code(&mut self, word: &str) -> u8 {
        if self.too_many {
            return MISSING;
        }
        if let Some(&code) = self.texts.get(word) {
            return code;
        }
        if self.texts.len() == MOST_LEVELS {
            self.too_many = true;
            return MISSING;
        }
        let code = u8::try_from(self.texts.len()).expect("there are at most 100 levels");
        self.texts.insert(word.to_owned(), code);
        code
    }

    /// The column, after the last row.
    pub(crate) fn finish(self) -> Column {
        if self.no_number.is_none() {
            return Column::Numbers(self.numbers);
        }
        let mut sorted = [MISSING; MISSING as usize + 1];
        for (place, &code) in (0u8..).zip(self.texts.values()) {
            sorted[usize::from(code)] = place;
        }
        let codes = self.codes.iter().map(|&code| sorted[usize::from(code)]).collect();
        Column::Categories { levels: self.texts.into_keys().collect(), codes }
    }
}
