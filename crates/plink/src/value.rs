//! A number in a text file, or none.

use std::path::Path;

use crate::error::PlinkError;
use crate::missing::MissingCode;

/// What a word stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Na,
    Nan,
}

/// Why a word is neither a number nor a missing value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    Text,
    Infinite,
}

/// Reads a finite number, `NA` or `nan`, these in upper or lower case.
pub(crate) fn parse(word: &str) -> Result<Value, Bad> {
    if word.eq_ignore_ascii_case("NA") {
        return Ok(Value::Na);
    }
    let value: f64 = word.parse().map_err(|_| Bad::Text)?;
    if value.is_nan() {
        Ok(Value::Nan)
    } else if value.is_infinite() {
        Err(Bad::Infinite)
    } else {
        Ok(Value::Number(value))
    }
}

impl Bad {
    /// The error of a trait, on a line and in a column of a file.
    pub(crate) fn error(
        self,
        (file, line, column): (&Path, usize, &str),
        found: &str,
        code: MissingCode,
    ) -> PlinkError {
        let (file, column, found) = (file.to_path_buf(), column.to_owned(), found.to_owned());
        match self {
            Self::Infinite => PlinkError::Infinite { file, line, column, found },
            Self::Text => {
                let missing = code.words("or");
                PlinkError::NotANumber { file, line, column, found, missing }
            }
        }
    }
}
