//! A text file with a row for each individual, joined to the .fam file by identifier.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::SplitAsciiWhitespace;

use crate::error::PlinkError;
use crate::fam::Fam;
use crate::identifiers::{Identifiers, Keys};
use crate::lines::Lines;
use crate::names::unique;

/// The rows of such a file. Columns are separated by whitespace; the header is `FID IID` and a name
/// for each further column, or `IID` and the names.
pub(crate) struct Identified<'a> {
    file: PathBuf,
    lines: Lines,
    keys: Keys,
    names: Vec<String>,
    identifiers: Identifiers<'a>,
    seen: Seen,
    rows: usize,
}

/// One row.
pub(crate) struct Row<'a> {
    pub(crate) line: usize,
    /// Where the individual is in the .fam file.
    pub(crate) listed: Option<usize>,
    /// A word for each named column.
    pub(crate) words: SplitAsciiWhitespace<'a>,
}

/// Who of the .fam file is in another file, and how many are there at all.
#[derive(Clone, Debug)]
pub(crate) struct Present {
    of_listed: Vec<bool>,
    rows: usize,
    matched: usize,
}

impl<'a> Identified<'a> {
    /// Opens a file and reads its header; `what` is the word for a column.
    pub(crate) fn open(file: &Path, fam: &'a Fam, what: &'static str) -> Result<Self, PlinkError> {
        let mut lines = Lines::open(file)?;
        let Some((_, header)) = lines.next()? else {
            return Err(empty(file));
        };
        let Some(keys) = Keys::of_header(header) else {
            let found = header.split_ascii_whitespace().take(3).collect::<Vec<_>>().join(" ");
            return Err(PlinkError::NoHeader { file: file.to_path_buf(), what, found });
        };
        let names = header.split_ascii_whitespace().skip(keys.count());
        let names: Vec<String> = names.map(str::to_owned).collect();
        if names.is_empty() {
            return Err(PlinkError::NoColumns { file: file.to_path_buf(), what });
        }
        unique(file, &names)?;
        Ok(Self {
            file: file.to_path_buf(),
            lines,
            keys,
            names,
            identifiers: Identifiers::new(file.to_path_buf(), fam, keys),
            seen: Seen { lines: vec![0; fam.count()], others: HashMap::new() },
            rows: 0,
        })
    }

    /// The names of the columns after the identifiers.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The next row: of the right length, and of an individual that was not there before.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, PlinkError> {
        let Some((line, text)) = self.lines.next()? else {
            return Ok(None);
        };
        let columns = self.keys.count() + self.names.len();
        let found = text.split_ascii_whitespace().count();
        if found != columns {
            let (file, expected) = (self.file.clone(), format!("{columns}, as in the header,"));
            return Err(PlinkError::Columns { file, line, found, expected });
        }
        let mut words = text.split_ascii_whitespace();
        let (family, individual) = self.keys.take(&mut words);
        let listed = self.identifiers.row(line, family, individual)?;
        let earlier = self.seen.earlier(line, listed, family, individual);
        if earlier > 0 {
            return Err(PlinkError::DuplicateIndividual {
                file: self.file.clone(),
                individual: format!("{family} {individual}").trim_start().to_owned(),
                first: earlier,
                second: line,
            });
        }
        self.rows += 1;
        Ok(Some(Row { line, listed, words }))
    }

    /// Who was there, after the last row.
    pub(crate) fn finish(self) -> Result<Present, PlinkError> {
        if self.rows == 0 {
            return Err(empty(&self.file));
        }
        let of_listed: Vec<bool> = self.seen.lines.iter().map(|&line| line > 0).collect();
        let matched = self.rows - self.seen.others.len();
        Ok(Present { of_listed, rows: self.rows, matched })
    }
}

fn empty(file: &Path) -> PlinkError {
    let expected = "a header and one line for each individual are";
    PlinkError::Empty { file: file.to_path_buf(), expected }
}

impl Present {
    /// Everybody, and nobody else.
    pub(crate) fn all(listed: usize) -> Self {
        Self { of_listed: vec![true; listed], rows: listed, matched: listed }
    }

    /// Whether the individual on a row of the .fam file is there.
    pub(crate) fn is(&self, row: usize) -> bool {
        self.of_listed.get(row).is_some_and(|&there| there)
    }

    /// Individuals in the .fam file.
    pub(crate) fn listed(&self) -> usize {
        self.of_listed.len()
    }

    /// Individuals in the other file.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Individuals in both.
    pub(crate) fn matched(&self) -> usize {
        self.matched
    }
}

/// The lines of all individuals so far.
struct Seen {
    /// Of each row of the .fam file, 0 for none.
    lines: Vec<usize>,
    /// Of those that are not in the .fam file.
    others: HashMap<(String, String), usize>,
}

impl Seen {
    /// Notes the line of an individual; the line that had it before, or 0.
    fn earlier(
        &mut self,
        line: usize,
        listed: Option<usize>,
        family: &str,
        individual: &str,
    ) -> usize {
        if let Some(row) = listed {
            std::mem::replace(&mut self.lines[row], line)
        } else {
            let key = (family.to_owned(), individual.to_owned());
            self.others.insert(key, line).unwrap_or(0)
        }
    }
}
