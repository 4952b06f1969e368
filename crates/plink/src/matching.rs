//! Rows that name their variant, matched with the variants that are listed.

use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::bim::Bim;
use crate::error::PlinkError;

/// What stands for an identifier where there is none.
const NO_IDENTIFIER: &str = ".";

/// How the rows of a file were matched with the listed variants by identifier, in counts.
///
/// `.` is no identifier and matches nothing. Listed variants that share an identifier are all
/// matched by its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentifierMatches {
    /// Rows of the file, without a header.
    pub rows: usize,
    /// Those that name no listed variant.
    pub not_listed: usize,
    /// Listed variants that a row names.
    pub matched: usize,
    /// Listed variants that no row names.
    pub without_row: usize,
}

/// Finds listed variants by a hash of their identifier, while a file is read.
///
/// Memory grows with the variants that are listed, not with the file: [`Self::VARIANT_BYTES`] each.
/// With a 64-bit hash, a row that names no listed variant is taken for one of M listed with a
/// chance of M / 2^64: a file of ten million rows beside ten million listed variants has one such
/// row with a chance of 5 in a million.
pub(crate) struct Matching<'a> {
    file: &'a Path,
    bim: &'a Bim,
    /// In ascending order.
    entries: Vec<Entry>,
    /// Of each entry, the first of its identifier, whether a row named it.
    named: Vec<bool>,
    listed_example: String,
    example: Option<String>,
    rows: usize,
    not_listed: usize,
    matched: usize,
}

/// A hash in two halves, so that an entry takes 12 bytes and not 16.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    hash: [u32; 2],
    row: u32,
}

impl<'a> Matching<'a> {
    /// Bytes held for each listed variant.
    pub(crate) const VARIANT_BYTES: usize = size_of::<Entry>() + size_of::<bool>();

    /// Reads the identifiers that `bim` lists, for the rows of `file`.
    pub(crate) fn new(file: &'a Path, bim: &'a Bim) -> Result<Self, PlinkError> {
        let mut entries = Vec::with_capacity(bim.variants());
        let mut listed_example = String::new();
        bim.each(&mut |listed| {
            if listed.row == 0 {
                listed.identifier.clone_into(&mut listed_example);
            }
            if listed.identifier != NO_IDENTIFIER {
                let row = u32::try_from(listed.row).expect("listed variants have 32-bit numbers");
                entries.push(Entry { hash: hash(listed.identifier), row });
            }
        })?;
        entries.sort_unstable();
        let named = vec![false; entries.len()];
        let (rows, not_listed, matched) = (0, 0, 0);
        Ok(Self {
            file,
            bim,
            entries,
            named,
            listed_example,
            example: None,
            rows,
            not_listed,
            matched,
        })
    }

    /// The listed variants that a row names, counted from 0.
    ///
    /// # Errors
    /// [`PlinkError::DuplicateVariant`] if an earlier row named them.
    pub(crate) fn listed(
        &mut self,
        line: usize,
        identifier: &str,
    ) -> Result<impl Iterator<Item = usize>, PlinkError> {
        self.rows += 1;
        self.example.get_or_insert_with(|| identifier.to_owned());
        let hash = hash(identifier);
        let start = self.entries.partition_point(|entry| entry.hash < hash);
        let same = self.entries[start..].iter().take_while(|entry| entry.hash == hash).count();
        if same == 0 {
            self.not_listed += 1;
        } else if std::mem::replace(&mut self.named[start], true) {
            let (file, identifier) = (self.file.to_path_buf(), identifier.to_owned());
            return Err(PlinkError::DuplicateVariant { file, line, identifier });
        }
        self.matched += same;
        Ok(self.entries[start..start + same].iter().map(|entry| entry.row as usize))
    }

    /// The counts, after the last row.
    ///
    /// # Errors
    /// [`PlinkError::HeaderOnly`] if there was none, [`PlinkError::NoSharedVariants`] if none named
    /// a listed variant.
    pub(crate) fn finish(self) -> Result<IdentifierMatches, PlinkError> {
        let (rows, matched, variants) = (self.rows, self.matched, self.bim.variants());
        let file = || self.file.to_path_buf();
        let Some(example) = self.example else {
            return Err(PlinkError::HeaderOnly { file: file() });
        };
        if matched == 0 {
            return Err(PlinkError::NoSharedVariants {
                file: file(),
                rows,
                example,
                bim: self.bim.file().to_path_buf(),
                variants,
                listed_example: self.listed_example,
            });
        }
        let (not_listed, without_row) = (self.not_listed, variants - matched);
        Ok(IdentifierMatches { rows, not_listed, matched, without_row })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves of a hash")]
fn hash(identifier: &str) -> [u32; 2] {
    let hash = xxh3_64(identifier.as_bytes());
    [(hash >> 32) as u32, hash as u32]
}
