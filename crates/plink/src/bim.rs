//! The .bim files: which variants were genotyped.

use std::ops::Range;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::chromosomes::ChromosomeCounts;
use crate::error::PlinkError;
use crate::lines::Lines;
use crate::names::in_short;

const COLUMNS: usize = 6;
/// The shortest line, `1 a 0 0 A G` and its end.
const SHORTEST: u64 = 12;
/// What stands for an identifier where there is none.
pub(crate) const NO_IDENTIFIER: &str = ".";

/// What is kept of a .bim file, or of several one after the other: counts.
///
/// While the files are read a 64-bit hash of each identifier is held, 8 bytes a variant, to count
/// those that occur twice; they are freed afterwards.
#[derive(Clone, Debug)]
pub struct Bim {
    name: PathBuf,
    parts: Vec<BimPart>,
    duplicates: usize,
    chromosomes: ChromosomeCounts,
}

/// What is kept of one of the files.
#[derive(Clone, Debug)]
pub(crate) struct BimPart {
    pub(crate) file: PathBuf,
    /// The variants that it lists, counted over all files.
    pub(crate) variants: Range<usize>,
    /// The hash of its bytes.
    pub(crate) hash: blake3::Hash,
}

/// What a .bim file says of one variant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed<'a> {
    /// Counted from 0, over all files.
    pub(crate) row: usize,
    pub(crate) chromosome: &'a str,
    pub(crate) identifier: &'a str,
}

impl Bim {
    /// Reads a .bim file: six whitespace-separated columns, chromosome, identifier, centimorgans,
    /// position and two alleles.
    ///
    /// # Errors
    /// [`PlinkError::Empty`], [`PlinkError::Columns`], [`PlinkError::Position`], or what reading
    /// text has to say.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, PlinkError> {
        Self::read_about(&[file.as_ref()], 0)
    }

    /// Reads .bim files with about `variants` lines in all, for which memory is taken once.
    pub(crate) fn read_about(files: &[&Path], variants: u64) -> Result<Self, PlinkError> {
        Self::with_limit(files, variants, u32::MAX as usize)
    }

    fn with_limit(files: &[&Path], about: u64, limit: usize) -> Result<Self, PlinkError> {
        let mut most = 0;
        for file in files {
            let length = std::fs::metadata(file)
                .map_err(|source| PlinkError::Read { file: file.to_path_buf(), source })?
                .len();
            most += length.div_ceil(SHORTEST);
        }
        let mut hashes = Vec::with_capacity(usize::try_from(about.min(most)).unwrap_or(0));
        let mut bim = Self {
            name: in_short(files),
            parts: Vec::with_capacity(files.len()),
            duplicates: 0,
            chromosomes: ChromosomeCounts::default(),
        };
        for file in files {
            bim.read_part(file, limit, &mut hashes)?;
        }
        hashes.sort_unstable();
        bim.duplicates = hashes.windows(2).filter(|pair| pair[0] == pair[1]).count();
        Ok(bim)
    }

    /// Reads one of the files, after those before.
    fn read_part(
        &mut self,
        file: &Path,
        limit: usize,
        hashes: &mut Vec<u64>,
    ) -> Result<(), PlinkError> {
        let mut lines = Lines::open(file)?;
        let first = self.variants();
        let mut next = first;
        while let Some((line, row)) = lines.next()? {
            let mut words = row.split_ascii_whitespace();
            let (chromosome, identifier, _, position) =
                (words.next(), words.next(), words.next(), words.next());
            let found = row.split_ascii_whitespace().count();
            let (Some(chromosome), Some(identifier), Some(position), COLUMNS) =
                (chromosome, identifier, position, found)
            else {
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
            if next == limit {
                return Err(PlinkError::TooManyVariants { file: self.name.clone(), limit });
            }
            if identifier != NO_IDENTIFIER {
                hashes.push(xxh3_64(identifier.as_bytes()));
            }
            self.chromosomes.add(chromosome);
            next += 1;
        }
        if next == first {
            let expected = "one line for each variant is";
            return Err(PlinkError::Empty { file: file.to_path_buf(), expected });
        }
        let (file, hash) = (file.to_path_buf(), lines.hash());
        self.parts.push(BimPart { file, variants: first..next, hash });
        Ok(())
    }

    /// The file, for messages: of several the first, and how many more there are.
    pub fn file(&self) -> &Path {
        &self.name
    }

    /// The files, in order.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().map(|part| part.file.as_path())
    }

    /// The files, and how many variants each lists, in order.
    pub fn counts(&self) -> impl Iterator<Item = (&Path, usize)> {
        self.parts.iter().map(|part| (part.file.as_path(), part.variants.len()))
    }

    /// How many variants they list together.
    pub fn variants(&self) -> usize {
        self.parts.last().map_or(0, |part| part.variants.end)
    }

    /// The most bytes that were held while the files were read: 8 for each variant.
    pub fn reading_bytes(&self) -> usize {
        self.variants() * size_of::<u64>()
    }

    /// How many variants have the identifier of an earlier one, also of one in another file; `.` is
    /// no identifier.
    pub fn duplicates(&self) -> usize {
        self.duplicates
    }

    /// How many variants are on chromosomes of each kind.
    pub fn chromosomes(&self) -> ChromosomeCounts {
        self.chromosomes
    }

    /// The identifiers of some variants, whose rows ascend; the files are read again for them.
    ///
    /// # Errors
    /// [`PlinkError::Changed`] if a file is not what it was, or what reading text has to say.
    pub fn identifiers(&self, rows: &[usize]) -> Result<Vec<String>, PlinkError> {
        let mut wanted = rows.iter().peekable();
        let mut identifiers = Vec::with_capacity(rows.len());
        self.each(&mut |listed| {
            if wanted.next_if(|&&row| row == listed.row).is_some() {
                identifiers.push(listed.identifier.to_owned());
            }
        })?;
        Ok(identifiers)
    }

    /// Reads the files again and shows every variant that they list, in order.
    ///
    /// What was shown is worth nothing if a file is not what it was: [`PlinkError::Changed`].
    pub(crate) fn each(&self, show: &mut dyn FnMut(Listed<'_>)) -> Result<(), PlinkError> {
        for part in &self.parts {
            let mut lines = Lines::open(&part.file)?;
            let mut row = part.variants.start;
            while let Some((_, text)) = lines.next()? {
                let mut words = text.split_ascii_whitespace();
                let (chromosome, identifier) = (words.next(), words.next());
                let (Some(chromosome), Some(identifier)) = (chromosome, identifier) else {
                    continue;
                };
                // A file that has grown is refused below.
                if row < part.variants.end {
                    show(Listed { row, chromosome, identifier });
                }
                row += 1;
            }
            if lines.hash() != part.hash {
                return Err(PlinkError::Changed { file: part.file.clone() });
            }
        }
        Ok(())
    }

    /// What is kept of each file.
    pub(crate) fn parts(&self) -> &[BimPart] {
        &self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_variants_than_rows_can_be_numbered_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["a.bim", "b.bim"].map(|name| folder.path().join(name));
        std::fs::write(&first, "1 a 0 0 A G\n1 b 0 0 A G\n").unwrap();
        std::fs::write(&second, "1 c 0 0 A G\n").unwrap();
        let files = [first.as_path(), &second];
        assert_eq!(Bim::with_limit(&files, 0, 3).unwrap().variants(), 3);
        let error = Bim::with_limit(&files, 0, 2).unwrap_err().to_string();
        let file = first.display();
        assert_eq!(
            error,
            format!("{file} and 1 more: more than 2 variants, which is the most that is supported")
        );
    }
}
