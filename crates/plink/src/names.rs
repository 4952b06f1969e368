//! The names of columns and of files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::PlinkError;
use crate::numbers::ColumnNumbers;

/// Refuses two columns of the same name.
pub(crate) fn unique(file: &Path, names: &[String]) -> Result<(), PlinkError> {
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            let (file, name) = (file.to_path_buf(), pair[0].clone());
            Err(PlinkError::DuplicateColumn { file, name })
        }
        None => Ok(()),
    }
}

/// Where the `wanted` columns are among `names`; `what` is the word for one.
pub(crate) fn chosen(
    file: &Path,
    what: &'static str,
    names: &[String],
    wanted: &[impl AsRef<str>],
) -> Result<Vec<usize>, PlinkError> {
    let mut columns = Vec::with_capacity(wanted.len());
    for name in wanted.iter().map(AsRef::as_ref) {
        let column = names.iter().position(|other| other == name).ok_or_else(|| {
            let (file, name, available) = (file.to_path_buf(), name.to_owned(), names.join(", "));
            PlinkError::NoSuchColumn { file, what, name, available }
        })?;
        if columns.contains(&column) {
            let (file, name) = (file.to_path_buf(), name.to_owned());
            return Err(PlinkError::DuplicateColumn { file, name });
        }
        columns.push(column);
    }
    Ok(columns)
}

/// The `wanted` columns, counted from 0, of those that have these names; `what` is the word for one.
pub(crate) fn numbered(
    file: &Path,
    what: &'static str,
    names: &[String],
    wanted: &ColumnNumbers,
) -> Result<Vec<usize>, PlinkError> {
    let mut columns = Vec::new();
    for number in wanted.each() {
        let (file, column) = (file.to_path_buf(), number - 1);
        if column >= names.len() {
            return Err(PlinkError::NoSuchNumber { file, what, number, count: names.len() });
        }
        if columns.contains(&column) {
            return Err(PlinkError::SameNumber { file, what, number });
        }
        columns.push(column);
    }
    Ok(columns)
}

/// The name of a file; of several the first, and how many more there are.
pub(crate) fn in_short(files: &[&Path]) -> PathBuf {
    match files {
        [] => PathBuf::new(),
        [one] => one.to_path_buf(),
        [first, others @ ..] => {
            let mut name = OsString::from(first);
            name.push(format!(" and {} more", others.len()));
            PathBuf::from(name)
        }
    }
}
