//! How text files name individuals, and where these are in the .fam file.

use std::path::PathBuf;

use crate::error::PlinkError;
use crate::fam::{ByIndividual, Fam};

/// The columns by which individuals are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    FamilyAndIndividual,
    Individual,
}

impl Keys {
    /// Those that a header starts with: `FID IID` or `IID`, in upper or lower case, also with `#` in
    /// front.
    pub(crate) fn of_header(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let first = words.next()?.trim_start_matches('#');
        if first.eq_ignore_ascii_case("IID") {
            return Some(Self::Individual);
        }
        let second = words.next()?;
        (first.eq_ignore_ascii_case("FID") && second.eq_ignore_ascii_case("IID"))
            .then_some(Self::FamilyAndIndividual)
    }

    /// How many columns.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::FamilyAndIndividual => 2,
            Self::Individual => 1,
        }
    }

    /// Takes the family and the individual identifier off the words of a line. What is not there
    /// is empty.
    pub(crate) fn take<'a>(self, words: &mut impl Iterator<Item = &'a str>) -> (&'a str, &'a str) {
        let mut next = || words.next().unwrap_or_default();
        match self {
            Self::FamilyAndIndividual => (next(), next()),
            Self::Individual => ("", next()),
        }
    }
}

/// Finds the individuals of a file in the .fam file.
pub(crate) struct Identifiers<'a> {
    file: PathBuf,
    fam: &'a Fam,
    /// Only for a file without family identifiers.
    by_individual: Option<ByIndividual<'a>>,
}

impl<'a> Identifiers<'a> {
    pub(crate) fn new(file: PathBuf, fam: &'a Fam, keys: Keys) -> Self {
        let by_individual = (keys == Keys::Individual).then(|| fam.by_individual());
        Self { file, fam, by_individual }
    }

    /// The row of an individual in the .fam file, if it is there.
    pub(crate) fn row(
        &self,
        line: usize,
        family: &str,
        individual: &str,
    ) -> Result<Option<usize>, PlinkError> {
        let Some(by_individual) = &self.by_individual else {
            return Ok(self.fam.row(family, individual));
        };
        match by_individual.rows(individual) {
            [Some(first), Some(second)] => Err(PlinkError::Ambiguous {
                file: self.file.clone(),
                line,
                individual: individual.to_owned(),
                fam: self.fam.file().to_path_buf(),
                first: first + 1,
                second: second + 1,
            }),
            [first, _] => Ok(first),
        }
    }
}
