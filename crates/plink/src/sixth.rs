//! The sixth column of a .fam file, which may hold a phenotype.

use std::path::Path;

use crate::error::PlinkError;
use crate::missing::{Missing, MissingCode};
use crate::value::{Bad, Value, parse};

/// The name of the trait.
pub(crate) const NAME: &str = "phenotype";

/// The sixth column as it stands. Many files have anything there, so what is wrong with it matters
/// only once it is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sixth {
    /// NaN where there is none.
    values: Vec<f64>,
    missing: Missing,
    /// The first line that has neither a number nor a missing value, and what stands there.
    bad: Option<(usize, String, Bad)>,
}

impl Sixth {
    pub(crate) fn store(&mut self, line: usize, word: &str) {
        self.values.push(match parse(word) {
            Ok(Value::Number(value)) => value,
            Ok(Value::Na) => {
                self.missing.na += 1;
                f64::NAN
            }
            Ok(Value::Nan) => {
                self.missing.nan += 1;
                f64::NAN
            }
            Err(bad) => {
                self.bad.get_or_insert_with(|| (line, word.to_owned(), bad));
                f64::NAN
            }
        });
    }

    /// The values and the missing ones as they are written, if all is well.
    pub(crate) fn values(
        &self,
        file: &Path,
        code: MissingCode,
    ) -> Result<(Vec<f64>, Missing), PlinkError> {
        match &self.bad {
            None => Ok((self.values.clone(), self.missing)),
            Some((line, found, bad)) => Err(bad.error((file, *line, NAME), found, code)),
        }
    }
}
