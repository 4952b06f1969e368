//! A list of variants, to extract or to exclude.

use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_128;

use crate::bim::NO_IDENTIFIER;
use crate::error::PlinkError;
use crate::lines::Lines;

/// Identifiers of variants, by which some are chosen.
///
/// It takes 16 bytes an identifier: of each a 128-bit hash is held, by which it is known again. That
/// two of a billion identifiers share one has a chance of 10^-21.
#[derive(Clone, Debug)]
pub struct VariantList {
    file: PathBuf,
    /// Ascending, each once.
    hashes: Vec<u128>,
    words: usize,
}

impl VariantList {
    /// Reads identifiers, any number of them a line, separated by whitespace. The list may be empty,
    /// and an identifier may come twice. `.` is no identifier, so it matches no variant.
    ///
    /// # Errors
    /// What reading text has to say.
    pub fn read(file: impl AsRef<Path>) -> Result<Self, PlinkError> {
        let file = file.as_ref();
        let mut lines = Lines::open(file)?;
        let mut hashes = Vec::new();
        while let Some(line) = lines.next_or_blank()? {
            hashes.extend(line.split_ascii_whitespace().map(hash));
        }
        let words = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        hashes.shrink_to_fit();
        Ok(Self { file: file.to_path_buf(), hashes, words })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Different identifiers in it.
    pub fn identifiers(&self) -> usize {
        self.hashes.len()
    }

    /// Words of the file that are identifiers an earlier one is too.
    pub fn repeated(&self) -> usize {
        self.words - self.hashes.len()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.hashes.len() * size_of::<u128>()
    }

    /// The place of an identifier in the list; `.` is no identifier and never there.
    pub(crate) fn place(&self, identifier: &str) -> Option<usize> {
        if identifier == NO_IDENTIFIER {
            return None;
        }
        self.hashes.binary_search(&hash(identifier)).ok()
    }
}

fn hash(identifier: &str) -> u128 {
    xxh3_128(identifier.as_bytes())
}
