//! Columns of a file by their numbers.

use std::ops::RangeInclusive;

use crate::error::PlinkError;

/// Some columns of a phenotype or covariate file, by number: 1 is the first after the identifiers.
///
/// ```
/// use twoblade_plink::ColumnNumbers;
///
/// assert!(ColumnNumbers::parse("1,3-5").is_ok());
/// let error = ColumnNumbers::parse("0").unwrap_err().to_string();
/// assert!(error.starts_with("'0' is no number of a column"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnNumbers {
    ranges: Vec<RangeInclusive<usize>>,
}

impl ColumnNumbers {
    /// Reads a list of numbers and ascending ranges such as `1,3-5`, separated by commas or blanks.
    ///
    /// # Errors
    /// [`PlinkError::NoColumnNumber`], which names what is none.
    pub fn parse(text: &str) -> Result<Self, PlinkError> {
        let items = text.split([',', ' ', '\t']).filter(|item| !item.is_empty());
        let range = |item: &str| {
            let (first, last) = item.split_once('-').unwrap_or((item, item));
            let range = number(first).zip(number(last)).filter(|(first, last)| first <= last);
            let (first, last) =
                range.ok_or_else(|| PlinkError::NoColumnNumber { found: item.to_owned() })?;
            Ok(first..=last)
        };
        let ranges = items.map(range).collect::<Result<Vec<_>, _>>()?;
        if ranges.is_empty() {
            return Err(PlinkError::NoColumnNumber { found: text.to_owned() });
        }
        Ok(Self { ranges })
    }

    /// The numbers, in the order in which they are asked for.
    pub(crate) fn each(&self) -> impl Iterator<Item = usize> {
        self.ranges.iter().cloned().flatten()
    }
}

/// A number from 1 on.
fn number(text: &str) -> Option<usize> {
    // `parse` would take a plus sign too.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?.filter(|&number| number > 0)
}
