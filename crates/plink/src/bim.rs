//! The .bim file: which variants were genotyped.

use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::error::PlinkError;
use crate::lines::Lines;

const COLUMNS: usize = 6;
/// The shortest line, `1 a 0 0 A G` and its end.
const SHORTEST: u64 = 12;

/// What is kept of a .bim file: counts.
///
/// While the file is read a 64-bit hash of each identifier is held, 8 bytes a variant, to count
/// those that occur twice; they are freed afterwards.
#[derive(Clone, Debug)]
pub struct Bim {
    file: PathBuf,
    variants: usize,
    duplicates: usize,
    hash: blake3::Hash,
}

impl Bim {
    /// Reads a .bim file: six whitespace-separated columns, chromosome, identifier, centimorgans,
    /// position and two alleles.
    ///
    /// # Errors
    /// [`PlinkError::Empty`], [`PlinkError::Columns`], [`PlinkError::Position`], or what reading
    /// text has to say.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, PlinkError> {
        Self::read_about(file.as_ref(), 0)
    }

    /// Reads a .bim file with about `variants` lines, for which memory is taken once.
    pub(crate) fn read_about(file: &Path, variants: u64) -> Result<Self, PlinkError> {
        let mut lines = Lines::open(file)?;
        let length = std::fs::metadata(file)
            .map_err(|source| PlinkError::Read { file: file.to_path_buf(), source })?
            .len();
        let about = variants.min(length.div_ceil(SHORTEST));
        let mut hashes = Vec::with_capacity(usize::try_from(about).unwrap_or(0));
        let mut variants = 0;
        while let Some((line, row)) = lines.next()? {
            let mut words = row.split_ascii_whitespace();
            let (_, identifier, _, position) =
                (words.next(), words.next(), words.next(), words.next());
            let found = row.split_ascii_whitespace().count();
            let (Some(identifier), Some(position), COLUMNS) = (identifier, position, found) else {
                let expected =
                    "6 (chromosome identifier centimorgans position allele1 allele2)".to_owned();
                return Err(PlinkError::Columns {
                    file: file.to_path_buf(),
                    line,
                    found,
                    expected,
                });
            };
            if position.parse::<i64>().is_err() {
                let (file, found) = (file.to_path_buf(), position.to_owned());
                return Err(PlinkError::Position { file, line, found });
            }
            if identifier != "." {
                hashes.push(xxh3_64(identifier.as_bytes()));
            }
            variants += 1;
        }
        if variants == 0 {
            let expected = "one line for each variant is";
            return Err(PlinkError::Empty { file: file.to_path_buf(), expected });
        }
        hashes.sort_unstable();
        let duplicates = hashes.windows(2).filter(|pair| pair[0] == pair[1]).count();
        Ok(Self { file: file.to_path_buf(), variants, duplicates, hash: lines.hash() })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// How many variants it lists.
    pub fn variants(&self) -> usize {
        self.variants
    }

    /// How many variants have the identifier of an earlier one; `.` is no identifier.
    pub fn duplicates(&self) -> usize {
        self.duplicates
    }

    /// The hash of the file's bytes.
    pub(crate) fn hash(&self) -> blake3::Hash {
        self.hash
    }
}
