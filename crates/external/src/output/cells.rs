//! Values as text.
//!
//! Whole numbers by their digits; floats by the fewest digits that read back as the same double (with
//! a point or an exponent, so that they stay floats); a missing value is an empty field. Words are
//! quoted where they hold a delimiter, a quote or an end of line, and where without quotes they would
//! be read as missing.

use std::io::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use twoblade_table::Kind;

use crate::input::{Dialect, MISSING};

const DAY: i64 = 86_400_000_000;

/// A column to be written.
pub(crate) enum Cells<'a> {
    Integer(&'a Int64Array),
    Float(&'a Float64Array),
    Boolean(&'a BooleanArray),
    Category(&'a StringArray),
    Date(&'a Date32Array),
    Time(&'a TimestampMicrosecondArray),
}

impl<'a> Cells<'a> {
    /// A column whose type is that of the kind.
    pub(crate) fn new(kind: Kind, column: &'a ArrayRef) -> Self {
        match kind {
            Kind::Integer => Self::Integer(column.as_primitive::<Int64Type>()),
            Kind::Float => Self::Float(column.as_primitive::<Float64Type>()),
            Kind::Boolean => Self::Boolean(column.as_boolean()),
            Kind::Category => Self::Category(column.as_string()),
            Kind::Date => Self::Date(column.as_primitive::<Date32Type>()),
            Kind::Time => Self::Time(column.as_primitive::<TimestampMicrosecondType>()),
        }
    }

    /// Appends the value of a row.
    ///
    /// # Errors
    /// With the value, if its year is none of four digits.
    pub(crate) fn put(&self, row: usize, words: &Words, to: &mut Vec<u8>) -> Result<(), String> {
        const WRITTEN: &str = "a vector takes everything";
        let array: &dyn Array = match self {
            Self::Integer(array) => array,
            Self::Float(array) => array,
            Self::Boolean(array) => array,
            Self::Category(array) => array,
            Self::Date(array) => array,
            Self::Time(array) => array,
        };
        if array.is_null(row) {
            // A line without a byte would be no record.
            to.extend_from_slice(if words.alone { b"NA" } else { b"" });
            return Ok(());
        }
        match self {
            Self::Integer(array) => write!(to, "{}", array.value(row)).expect(WRITTEN),
            Self::Float(array) => write!(to, "{:?}", array.value(row)).expect(WRITTEN),
            Self::Boolean(array) => write!(to, "{}", array.value(row)).expect(WRITTEN),
            Self::Category(array) => words.put(array.value(row), to),
            Self::Date(array) => {
                let value = array.value(row);
                date(i64::from(value), to)
                    .ok_or_else(|| format!("day {value} since 1970-01-01"))?;
            }
            Self::Time(array) => {
                let value = array.value(row);
                time(value, to).ok_or_else(|| format!("microsecond {value} since 1970-01-01"))?;
            }
        }
        Ok(())
    }
}

/// How words are written.
#[derive(Debug)]
pub(crate) struct Words {
    quote: [bool; 256],
    /// Whether a record is one field.
    alone: bool,
}

impl Words {
    pub(crate) fn new(dialect: Dialect, columns: usize) -> Self {
        let mut quote = [false; 256];
        for byte in [dialect.delimiter, b'"', b'\n', b'\r'] {
            quote[usize::from(byte)] = true;
        }
        Self { quote, alone: columns == 1 }
    }

    /// Appends a word.
    pub(crate) fn put(&self, word: &str, to: &mut Vec<u8>) {
        let bytes = word.as_bytes();
        let needs = word.is_empty()
            || bytes.iter().any(|&byte| self.quote[usize::from(byte)])
            || word.starts_with('\u{feff}')
            || MISSING.contains(&word);
        if !needs {
            to.extend_from_slice(bytes);
            return;
        }
        to.push(b'"');
        for &byte in bytes {
            if byte == b'"' {
                to.push(b'"');
            }
            to.push(byte);
        }
        to.push(b'"');
    }

    /// Appends a column's name, around which spaces count.
    pub(crate) fn put_name(&self, name: &str, to: &mut Vec<u8>) {
        if name.trim_matches([' ', '\t']) == name {
            self.put(name, to);
        } else {
            to.push(b'"');
            to.extend_from_slice(name.replace('"', "\"\"").as_bytes());
            to.push(b'"');
        }
    }
}

/// A date (days since 1970) or a time (microseconds since then, in UTC) as it is written in CSV; the
/// number itself where the year has not four digits.
pub fn instant(kind: Kind, value: i64) -> String {
    let mut text = Vec::new();
    let written = match kind {
        Kind::Date => date(value, &mut text),
        _ => time(value, &mut text),
    };
    let text = written.and_then(|()| String::from_utf8(text).ok());
    text.unwrap_or_else(|| value.to_string())
}

/// Year, month and day of a day since 1970-01-01 (Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`).
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + later, month, of_month)
}

fn date(day: i64, to: &mut Vec<u8>) -> Option<()> {
    let (year, month, day) = civil(day);
    if !(0..=9999).contains(&year) {
        return None;
    }
    write!(to, "{year:04}-{month:02}-{day:02}").ok()
}

fn time(micros: i64, to: &mut Vec<u8>) -> Option<()> {
    date(micros.div_euclid(DAY), to)?;
    let of_day = micros.rem_euclid(DAY);
    let (seconds, rest) = (of_day / 1_000_000, of_day % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(to, "T{hour:02}:{minute:02}:{second:02}").ok()?;
    if rest != 0 {
        write!(to, ".{rest:06}").ok()?;
        while to.last() == Some(&b'0') {
            to.pop();
        }
    }
    to.push(b'Z');
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::input::value;

    proptest! {
        /// The reader's own calendar is tested day by day.
        #[test]
        fn days_and_times_are_read_back(
            day in -719_528..=2_932_896_i32,
            micros in -62_167_219_200_000_000..253_402_300_800_000_000_i64,
            seconds in -62_167_219_200..253_402_300_800_i64,
        ) {
            let mut text = Vec::new();
            date(i64::from(day), &mut text).unwrap();
            prop_assert_eq!(value::date(&text), Some(day));
            for micros in [micros, seconds * 1_000_000] {
                text.clear();
                time(micros, &mut text).unwrap();
                prop_assert_eq!(value::time(&text), Some(micros));
            }
        }
    }

    #[test]
    fn years_have_four_digits() {
        let mut text = Vec::new();
        for day in [-719_529, 2_932_897] {
            assert_eq!(date(day, &mut text), None);
        }
        assert!(text.is_empty());
    }
}
