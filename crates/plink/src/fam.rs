//! The .fam file: who was genotyped.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use crate::error::PlinkError;
use crate::lines::Lines;
use crate::sixth::Sixth;

/// Columns of a .fam file; some programs put more phenotypes after them.
const COLUMNS: usize = 6;

/// The individuals of a .fam file, by family and individual identifier, in the order of the file.
#[derive(Clone, Debug)]
pub struct Fam {
    file: PathBuf,
    columns: usize,
    /// All identifiers one after the other; `ends[row]` is where the family's and the individual's
    /// end. A string each would take three times the memory.
    text: String,
    ends: Vec<[usize; 2]>,
    /// Rows in the order of (family, individual).
    sorted: Vec<u32>,
    sixth: Sixth,
    hash: blake3::Hash,
}

impl Fam {
    /// Reads a .fam file: whitespace-separated columns, the first six of them FID, IID, father,
    /// mother, sex and phenotype, of which FID, IID and phenotype are kept. The phenotype may be
    /// anything here; whether it is a number is for [`Phenotypes::from_fam`] to say.
    ///
    /// [`Phenotypes::from_fam`]: crate::Phenotypes::from_fam
    ///
    /// # Errors
    /// [`PlinkError::Empty`], [`PlinkError::Columns`] (fewer than six, or not as many as on line 1),
    /// [`PlinkError::DuplicateIndividual`], or what reading text has to say.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, PlinkError> {
        Self::with_limit(file.as_ref(), u32::MAX as usize)
    }

    fn with_limit(file: &Path, limit: usize) -> Result<Self, PlinkError> {
        let mut lines = Lines::open(file)?;
        let (mut text, mut ends, mut columns) = (String::new(), Vec::new(), 0);
        let mut sixth = Sixth::default();
        while let Some((line, row)) = lines.next()? {
            columns = counted(file, line, row, columns)?;
            if ends.len() == limit {
                return Err(PlinkError::TooManyIndividuals { file: file.to_path_buf(), limit });
            }
            let mut words = row.split_ascii_whitespace();
            let mut end_of_next = || {
                text.push_str(words.next().unwrap_or_default());
                text.len()
            };
            ends.push([end_of_next(), end_of_next()]);
            sixth.store(line, words.nth(3).unwrap_or_default());
        }
        if ends.is_empty() {
            let expected = "one line for each individual is";
            return Err(PlinkError::Empty { file: file.to_path_buf(), expected });
        }
        let hash = lines.hash();
        let mut fam =
            Self { file: file.to_path_buf(), columns, text, ends, sorted: Vec::new(), sixth, hash };
        fam.sorted = fam.sort()?;
        Ok(fam)
    }

    fn sort(&self) -> Result<Vec<u32>, PlinkError> {
        let mut sorted: Vec<u32> = (0..).take(self.count()).collect();
        // The order of rows breaks ties, so that the first two lines are named.
        sorted.sort_unstable_by_key(|&row| (self.identifiers(row as usize), row));
        let twice = sorted
            .windows(2)
            .find(|pair| self.identifiers(pair[0] as usize) == self.identifiers(pair[1] as usize));
        let Some(&[first, second]) = twice else {
            return Ok(sorted);
        };
        let (family, individual) = self.identifiers(first as usize);
        Err(PlinkError::DuplicateIndividual {
            file: self.file.clone(),
            individual: format!("{family} {individual}"),
            first: first as usize + 1,
            second: second as usize + 1,
        })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// How many individuals it lists.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// How many columns it has: 6, or more if more phenotypes stand in it.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The family and the individual identifier on a row, counted from 0.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn identifiers(&self, row: usize) -> (&str, &str) {
        let start = if row == 0 { 0 } else { self.ends[row - 1][1] };
        let [middle, end] = self.ends[row];
        (&self.text[start..middle], &self.text[middle..end])
    }

    /// The row of an individual, if it is listed.
    pub fn row(&self, family: &str, individual: &str) -> Option<usize> {
        let order = |&row: &u32| self.identifiers(row as usize).cmp(&(family, individual));
        let place = self.sorted.binary_search_by(order).ok()?;
        Some(self.sorted[place] as usize)
    }

    /// The same, by individual identifiers alone.
    pub(crate) fn by_individual(&self) -> ByIndividual<'_> {
        let mut sorted = self.sorted.clone();
        sorted.sort_unstable_by_key(|&row| (self.identifiers(row as usize).1, row));
        ByIndividual { fam: self, sorted }
    }

    /// Refuses another file that does not list the same individuals in the same order; its other
    /// columns may differ. Nothing of it is kept but the hash of its bytes.
    pub(crate) fn same(&self, file: &Path) -> Result<blake3::Hash, PlinkError> {
        let mut lines = Lines::open(file)?;
        let (mut rows, mut columns) = (0, 0);
        while let Some((line, row)) = lines.next()? {
            columns = counted(file, line, row, columns)?;
            rows += 1;
            if rows > self.count() {
                continue; // only counted, for the error
            }
            let mut words = row.split_ascii_whitespace();
            let mut next = || words.next().unwrap_or_default();
            let (found, expected) = ((next(), next()), self.identifiers(rows - 1));
            if found != expected {
                return Err(PlinkError::OtherIndividual {
                    file: file.to_path_buf(),
                    line,
                    found: format!("{} {}", found.0, found.1),
                    expected: format!("{} {}", expected.0, expected.1),
                    first: self.file.clone(),
                });
            }
        }
        if rows == self.count() {
            return Ok(lines.hash());
        }
        Err(PlinkError::OtherIndividuals {
            file: file.to_path_buf(),
            individuals: rows,
            first: self.file.clone(),
            expected: self.count(),
        })
    }

    /// The sixth column.
    pub(crate) fn sixth(&self) -> &Sixth {
        &self.sixth
    }

    /// The hash of the file's bytes.
    pub(crate) fn hash(&self) -> blake3::Hash {
        self.hash
    }
}

/// The columns of a line: six or more, and as many as the lines before have (0 on the first).
fn counted(file: &Path, line: usize, row: &str, before: usize) -> Result<usize, PlinkError> {
    let found = row.split_ascii_whitespace().count();
    if found >= COLUMNS && (before == 0 || found == before) {
        return Ok(found);
    }
    let expected = if before > COLUMNS {
        format!("{before}, as on line 1,")
    } else {
        "6 (FID IID father mother sex phenotype)".to_owned()
    };
    Err(PlinkError::Columns { file: file.to_path_buf(), line, found, expected })
}

/// Individuals by their individual identifier, which need not be unique.
pub(crate) struct ByIndividual<'a> {
    fam: &'a Fam,
    sorted: Vec<u32>,
}

impl ByIndividual<'_> {
    /// The first two rows of an individual.
    pub(crate) fn rows(&self, individual: &str) -> [Option<usize>; 2] {
        let of = |row: u32| self.fam.identifiers(row as usize).1;
        let first = self.sorted.partition_point(|&row| of(row).cmp(individual) == Ordering::Less);
        [first, first + 1].map(|place| {
            let row = *self.sorted.get(place)?;
            (of(row) == individual).then_some(row as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_individuals_than_rows_can_be_numbered_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("many.fam");
        std::fs::write(&file, "a 1 0 0 0 0\na 2 0 0 0 0\na 3 0 0 0 0\n").unwrap();
        assert_eq!(Fam::with_limit(&file, 3).unwrap().count(), 3);
        let error = Fam::with_limit(&file, 2).unwrap_err().to_string();
        let file = file.display();
        assert_eq!(
            error,
            format!("{file} lists more than 2 individuals, which is the most that is supported")
        );
    }
}
