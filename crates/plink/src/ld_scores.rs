//! LD scores of variants, from a file of GCTA, of LDSC, or of two columns.

use std::path::{Path, PathBuf};

use crate::bim::Bim;
use crate::error::PlinkError;
use crate::lines::Lines;
use crate::matching::{IdentifierMatches, Matching};
use crate::value::{Bad, Value, parse};
use crate::variant_columns::identifier_column;

/// Names of the column of scores, in upper or lower case.
const SCORE: [&str; 3] = ["L2", "LDSCORE", "LD"];
/// How the names of other columns of scores begin.
const SCORE_START: &str = "LDSCORE_";
/// Of these, the one of each variant for itself; beside it stands the mean of a region.
const SCORE_OF_VARIANT: &str = "LDSCORE_SNP";

/// The LD scores of the variants of a .bim file.
///
/// The LD score of a variant is the sum of its squared correlations with the variants around it
/// (Bulik-Sullivan et al., Nature Genetics 47:291, 2015). It takes 8 bytes a variant, and 13 more
/// while the file is read.
#[derive(Clone, Debug)]
pub struct LdScores {
    file: PathBuf,
    column: String,
    /// NaN where there is none.
    scores: Vec<f64>,
    matches: IdentifierMatches,
    missing: usize,
}

impl LdScores {
    /// Reads a file of LD scores: whitespace-separated columns, of which one holds identifiers of
    /// variants and one holds scores.
    ///
    /// The header names them: identifiers as in an [`Annotation`](crate::Annotation), scores `L2`
    /// (as in LDSC's `.l2.ldscore`, decompressed), `LDSCORE`, `LD`, or a name that begins with
    /// `ldscore_` (as in GCTA's `.score.ld`; where it has `ldscore_SNP` beside `ldscore_region`,
    /// the score of the variant is taken and not the mean of its region). A file of two columns
    /// needs no header. `NA` and `nan` are missing. Rows may be in any order, and those of variants
    /// that are not listed are passed over.
    ///
    /// # Errors
    /// [`PlinkError::NoScoreHeader`], [`PlinkError::NoScoreColumn`],
    /// [`PlinkError::SeveralScoreColumns`], [`PlinkError::TwoIdentifierColumns`],
    /// [`PlinkError::Columns`], [`PlinkError::NotANumber`], [`PlinkError::Infinite`],
    /// [`PlinkError::DuplicateVariant`], [`PlinkError::NoSharedVariants`],
    /// [`PlinkError::HeaderOnly`], [`PlinkError::Empty`], or what reading text has to say.
    pub fn read(file: impl AsRef<Path>, bim: &Bim) -> Result<Self, PlinkError> {
        let file = file.as_ref();
        let mut lines = Lines::open(file)?;
        let Some((line, first)) = lines.next()? else {
            let expected = "one line for each variant is";
            return Err(PlinkError::Empty { file: file.to_path_buf(), expected });
        };
        let layout = Layout::of(file, first)?;
        let mut reading = Reading {
            file,
            matching: Matching::new(file, bim)?,
            scores: vec![f64::NAN; bim.variants()],
            missing: 0,
        };
        if !layout.has_header {
            reading.take(&layout, line, first)?;
        }
        while let Some((line, row)) = lines.next()? {
            reading.take(&layout, line, row)?;
        }
        let Reading { matching, scores, missing, .. } = reading;
        let (file, matches) = (file.to_path_buf(), matching.finish()?);
        Ok(Self { file, column: layout.name, scores, matches, missing })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The name of the column of scores; `column 2` if there is no header.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// How rows were matched with the listed variants.
    pub fn matches(&self) -> IdentifierMatches {
        self.matches
    }

    /// Listed variants that have a row and no score in it.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Variants that are listed.
    pub fn listed(&self) -> usize {
        self.scores.len()
    }

    /// The score of a listed variant, counted from 0, if it has one.
    ///
    /// # Panics
    /// If there is no such variant.
    pub fn score(&self, variant: usize) -> Option<f64> {
        let score = self.scores[variant];
        (!score.is_nan()).then_some(score)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.scores.len() * size_of::<f64>()
    }

    /// The most bytes that were held while the file was read.
    pub fn reading_bytes(&self) -> usize {
        self.bytes() + self.scores.len() * Matching::VARIANT_BYTES
    }
}

/// Where identifiers and scores are.
struct Layout {
    columns: usize,
    identifier: usize,
    score: usize,
    /// The name of the column of scores.
    name: String,
    has_header: bool,
}

impl Layout {
    fn of(file: &Path, first: &str) -> Result<Self, PlinkError> {
        let words: Vec<&str> = first.split_ascii_whitespace().collect();
        if let Some(identifier) = identifier_column(file, first)? {
            let score = score_column(file, &words)?;
            let (columns, name) = (words.len(), words[score].to_owned());
            return Ok(Self { columns, identifier, score, name, has_header: true });
        }
        match words[..] {
            [_, score] if parse(score).is_ok() => {
                let name = "column 2".to_owned();
                Ok(Self { columns: 2, identifier: 0, score: 1, name, has_header: false })
            }
            _ => {
                let found = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
                Err(PlinkError::NoScoreHeader { file: file.to_path_buf(), found })
            }
        }
    }
}

/// The column of a header that holds scores.
fn score_column(file: &Path, names: &[&str]) -> Result<usize, PlinkError> {
    let is = |name: &str, column: usize| names[column].eq_ignore_ascii_case(name);
    let starts = |column: usize| {
        let start = names[column].get(..SCORE_START.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(SCORE_START))
    };
    let is_score = |&column: &usize| starts(column) || SCORE.iter().any(|name| is(name, column));
    let found: Vec<usize> = (0..names.len()).filter(is_score).collect();
    let file = file.to_path_buf();
    match found[..] {
        [] => Err(PlinkError::NoScoreColumn { file, available: names.join(", ") }),
        [one] => Ok(one),
        [one, other] if starts(other) && is(SCORE_OF_VARIANT, one) => Ok(one),
        [other, one] if starts(other) && is(SCORE_OF_VARIANT, one) => Ok(one),
        _ => {
            let found: Vec<&str> = found.iter().map(|&column| names[column]).collect();
            Err(PlinkError::SeveralScoreColumns { file, found: found.join(", ") })
        }
    }
}

/// Scores while their file is read.
struct Reading<'a> {
    file: &'a Path,
    matching: Matching<'a>,
    scores: Vec<f64>,
    missing: usize,
}

impl Reading<'_> {
    fn take(&mut self, layout: &Layout, line: usize, row: &str) -> Result<(), PlinkError> {
        let file = || self.file.to_path_buf();
        let (mut identifier, mut score, mut found) = ("", "", 0);
        for (column, word) in row.split_ascii_whitespace().enumerate() {
            found += 1;
            if column == layout.identifier {
                identifier = word;
            } else if column == layout.score {
                score = word;
            }
        }
        if found != layout.columns {
            let expected = format!("{}, as on line 1,", layout.columns);
            return Err(PlinkError::Columns { file: file(), line, found, expected });
        }
        let value = parse(score).map_err(|bad| {
            let (file, column, found) = (file(), layout.name.clone(), score.to_owned());
            match bad {
                Bad::Infinite => PlinkError::Infinite { file, line, column, found },
                Bad::Text => {
                    let missing = "NA or nan".to_owned();
                    PlinkError::NotANumber { file, line, column, found, missing }
                }
            }
        })?;
        for variant in self.matching.listed(line, identifier)? {
            match value {
                Value::Number(number) => self.scores[variant] = number,
                Value::Na | Value::Nan => self.missing += 1,
            }
        }
        Ok(())
    }
}
