//! The different values of a column, as text.

use std::collections::BTreeSet;

use twoblade_table::Rows;

use crate::encode::{Text, column};
use crate::error::Error;

/// The different values of a column, as text, in the order of their letters: classes, or groups.
#[derive(Clone, Debug)]
pub struct Words {
    column: String,
    most: usize,
    found: BTreeSet<String>,
}

impl Words {
    /// Of this column, with so many different values at the most.
    pub fn new(column: impl Into<String>, most: usize) -> Self {
        Self { column: column.into(), most, found: BTreeSet::new() }
    }

    /// Adds the values of these rows; missing ones are none.
    ///
    /// # Errors
    /// If the column is not there, or has more different values than it may.
    pub fn add(&mut self, rows: &Rows) -> Result<(), Error> {
        let mut text = Text::of(column(rows.batch(), &self.column)?);
        for row in 0..rows.count() {
            let Some(word) = text.at(row) else { continue };
            if !self.found.contains(word) {
                if self.found.len() == self.most {
                    let (column, most) = (self.column.clone(), self.most);
                    return Err(Error::TooManyWords { column, most });
                }
                self.found.insert(word.to_owned());
            }
        }
        Ok(())
    }

    /// All of them; numbers among themselves by value.
    pub fn finish(self) -> Vec<String> {
        let mut words: Vec<String> = self.found.into_iter().collect();
        let numbers: Option<Vec<f64>> = words.iter().map(|word| word.parse().ok()).collect();
        if numbers.is_some() {
            let value = |word: &String| word.parse::<f64>().unwrap_or(f64::NAN);
            words.sort_by(|a, b| value(a).total_cmp(&value(b)));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};

    use super::*;

    fn rows() -> Rows {
        let numbers: ArrayRef =
            Arc::new(Int64Array::from(vec![Some(10), None, Some(-3), Some(9), Some(10)]));
        let words: ArrayRef = Arc::new(StringArray::from(vec!["b", "a", "10", "a", "9"]));
        Rows::new(0, RecordBatch::try_from_iter([("n", numbers), ("w", words)]).unwrap())
    }

    #[test]
    fn values_are_found_once_and_in_order() {
        for (column, expected) in [("n", &["-3", "9", "10"][..]), ("w", &["10", "9", "a", "b"])] {
            let mut words = Words::new(column, 4);
            words.add(&rows()).unwrap();
            words.add(&rows()).unwrap();
            assert_eq!(words.finish(), expected);
        }
    }

    #[test]
    fn too_many_are_refused_by_name() {
        let error = Words::new("w", 3).add(&rows()).unwrap_err();
        assert_eq!(error.to_string(), "column `w` has more than 3 different values");
        let error = Words::new("x", 3).add(&rows()).unwrap_err();
        assert_eq!(error.to_string(), "there is no column `x`; there are: n, w");
    }
}
