//! A number in a text file, or none.

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
