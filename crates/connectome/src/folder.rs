//! Which files of a folder are a connectome.

use std::path::{Path, PathBuf};

use crate::error::ConnectomeError;

/// A format by the ending of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Hdf5,
    Nifti,
    Npy,
}

const ENDINGS: [(&str, Ending); 6] = [
    (".h5", Ending::Hdf5),
    (".hdf5", Ending::Hdf5),
    (".hdf", Ending::Hdf5),
    (".nii", Ending::Nifti),
    (".nii.gz", Ending::Nifti),
    (".npy", Ending::Npy),
];

/// The format that the name of a file says, and the name without its ending.
pub(crate) fn ending(file: &Path) -> Option<(String, Ending)> {
    let name = file.file_name()?.to_string_lossy().into_owned();
    ENDINGS.iter().find_map(|(ending, format)| {
        let stem = name.len().checked_sub(ending.len())?;
        let matches = name.get(stem..)?.eq_ignore_ascii_case(ending);
        (matches && stem > 0).then(|| (name[..stem].to_owned(), *format))
    })
}

/// The name of a file without a known ending.
pub(crate) fn stem(file: &Path) -> String {
    ending(file).map_or_else(
        || file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        |(stem, _)| stem,
    )
}

/// The files of a connectome, in the order of their names, and their one format. A path that is a file
/// is the only one.
///
/// In a folder every HDF5 file counts, and of NIfTI and .npy files those that are named `sub-*`.
pub(crate) fn files(path: &Path) -> Result<(Vec<PathBuf>, Ending), ConnectomeError> {
    let fault = |source| ConnectomeError::Read { file: path.to_path_buf(), source };
    if !std::fs::metadata(path).map_err(fault)?.is_dir() {
        let (_, format) =
            ending(path).ok_or_else(|| ConnectomeError::Ending { file: path.to_path_buf() })?;
        return Ok((vec![path.to_path_buf()], format));
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(fault)? {
        let file = entry.map_err(fault)?.path();
        let Some((stem, format)) = ending(&file) else { continue };
        let counts = format == Ending::Hdf5 || stem.starts_with("sub-");
        if counts && !stem.starts_with('.') && file.is_file() {
            files.push((file, format));
        }
    }
    files.sort_by(|(a, _), (b, _)| a.file_name().cmp(&b.file_name()));
    let Some((first, format)) = files.first().cloned() else {
        return Err(ConnectomeError::NoFiles { folder: path.to_path_buf() });
    };
    if let Some((other, _)) = files.iter().find(|(_, other)| *other != format) {
        return Err(ConnectomeError::Mixed { first, other: other.clone() });
    }
    Ok((files.into_iter().map(|(file, _)| file).collect(), format))
}
