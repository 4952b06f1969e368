//! Columns of files about variants, by the names that other programs give them.

use std::path::Path;

use crate::error::PlinkError;

/// Names of the column that holds identifiers.
const IDENTIFIER: [&str; 4] = ["SNP", "ID", "RSID", "VARIANT"];
/// Names of columns that say where a variant is and what it is.
const ABOUT: [&str; 10] = ["CHR", "CHROM", "BP", "POS", "CM", "A1", "A2", "REF", "ALT", "MAF"];

/// Whether the column is about the variant: neither an annotation nor a score.
pub(crate) fn is_about(name: &str) -> bool {
    is_one_of(&ABOUT, name)
}

/// Whether a column of this name holds identifiers.
pub(crate) fn is_identifier(name: &str) -> bool {
    is_one_of(&IDENTIFIER, name)
}

/// The column of a header that holds identifiers, if there is one.
pub(crate) fn identifier_column(file: &Path, header: &str) -> Result<Option<usize>, PlinkError> {
    let mut found =
        header.split_ascii_whitespace().enumerate().filter(|(_, name)| is_identifier(name));
    match (found.next(), found.next()) {
        (Some((_, first)), Some((_, second))) => Err(PlinkError::TwoIdentifierColumns {
            file: file.to_path_buf(),
            first: first.to_owned(),
            second: second.to_owned(),
        }),
        (first, _) => Ok(first.map(|(column, _)| column)),
    }
}

/// In upper or lower case, also with `#` in front.
fn is_one_of(names: &[&str], name: &str) -> bool {
    let name = name.strip_prefix('#').unwrap_or(name);
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}
