//! A list of individuals, to keep or to remove.

use std::path::{Path, PathBuf};

use crate::error::PlinkError;
use crate::fam::Fam;
use crate::identifiers::{Identifiers, Keys};
use crate::lines::Lines;

/// Some of the individuals of a .fam file.
#[derive(Clone, Debug)]
pub struct Individuals {
    file: PathBuf,
    of_listed: Vec<bool>,
    lines: usize,
    matched: usize,
    repeated: usize,
}

impl Individuals {
    /// Reads a list of individuals and finds each of them in `fam`.
    ///
    /// There is a line for each, with FID and IID and anything after them, or with IID alone; a
    /// header may come first, `#FID IID` or `#IID`, as PLINK 2 writes it. The list may be empty, and
    /// an individual may come twice.
    ///
    /// # Errors
    /// [`PlinkError::Columns`], [`PlinkError::Ambiguous`], or what reading text has to say.
    pub fn read(file: impl AsRef<Path>, fam: &Fam) -> Result<Self, PlinkError> {
        let file = file.as_ref();
        let mut individuals = Self {
            file: file.to_path_buf(),
            of_listed: vec![false; fam.count()],
            lines: 0,
            matched: 0,
            repeated: 0,
        };
        let mut lines = Lines::open(file)?;
        let mut layout: Option<(Layout, Identifiers)> = None;
        while let Some((line, text)) = lines.next()? {
            if layout.is_none() {
                let first = Layout::of(text);
                let identifiers = Identifiers::new(file.to_path_buf(), fam, first.keys);
                layout = Some((first, identifiers));
                if first.header {
                    continue;
                }
            }
            let Some((layout, identifiers)) = &layout else { continue };
            layout.check(file, line, text)?;
            let (family, individual) = layout.keys.take(&mut text.split_ascii_whitespace());
            individuals.lines += 1;
            if let Some(row) = identifiers.row(line, family, individual)? {
                let again = std::mem::replace(&mut individuals.of_listed[row], true);
                individuals.repeated += usize::from(again);
                individuals.matched += usize::from(!again);
            }
        }
        Ok(individuals)
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Lines of the list, without a header.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Individuals of the .fam file that are in the list.
    pub fn matched(&self) -> usize {
        self.matched
    }

    /// Lines with an individual of the .fam file that an earlier line has too.
    pub fn repeated(&self) -> usize {
        self.repeated
    }

    /// Lines with an individual that is not in the .fam file.
    pub fn unmatched(&self) -> usize {
        self.lines - self.matched - self.repeated
    }

    /// Whether the individual on a row of the .fam file is in the list.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn contains(&self, row: usize) -> bool {
        self.of_listed[row]
    }

    /// Individuals in the .fam file.
    pub(crate) fn listed(&self) -> usize {
        self.of_listed.len()
    }
}

/// What the first line says about the others.
#[derive(Clone, Copy)]
struct Layout {
    keys: Keys,
    header: bool,
}

impl Layout {
    fn of(first: &str) -> Self {
        match (Keys::of_header(first), first.split_ascii_whitespace().count()) {
            (Some(keys), _) => Self { keys, header: true },
            (None, 1) => Self { keys: Keys::Individual, header: false },
            (None, _) => Self { keys: Keys::FamilyAndIndividual, header: false },
        }
    }

    /// Refuses a line that another layout was meant for.
    fn check(self, file: &Path, line: usize, text: &str) -> Result<(), PlinkError> {
        let found = text.split_ascii_whitespace().count();
        let expected = match self.keys {
            Keys::FamilyAndIndividual if found < 2 => "2 (FID IID)",
            Keys::Individual if found > 1 && !self.header => "1, as on line 1,",
            _ => return Ok(()),
        };
        let (file, expected) = (file.to_path_buf(), expected.to_owned());
        Err(PlinkError::Columns { file, line, found, expected })
    }
}
