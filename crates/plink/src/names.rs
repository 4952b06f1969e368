//! The names of columns: each one of its own, and chosen by name.

use std::path::Path;

use crate::error::PlinkError;

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
