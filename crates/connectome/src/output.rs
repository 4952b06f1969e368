//! Files that are there whole or not at all, with their names in errors.

use std::io::{self, Write};
use std::path::Path;

use twoblade_files::Complete;

use crate::error::ConnectomeError;

/// Writes a file; an error leaves nothing.
pub(crate) fn write(
    target: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), ConnectomeError> {
    written(target, twoblade_files::write(target, |file| content(file)))
}

/// A file beside a target, to be filled by others by its name.
pub(crate) fn beside(target: &Path) -> Result<Complete, ConnectomeError> {
    written(target, Complete::beside(target))
}

/// Gives a file that was filled the name of its target.
pub(crate) fn complete(file: Complete, target: &Path) -> Result<(), ConnectomeError> {
    written(target, file.persist())
}

/// Makes a folder, and those it is in.
pub(crate) fn make_folder(folder: &Path) -> Result<(), ConnectomeError> {
    written(folder, std::fs::create_dir_all(folder))
}

fn written<T>(target: &Path, done: io::Result<T>) -> Result<T, ConnectomeError> {
    done.map_err(|source| ConnectomeError::Write { file: target.to_path_buf(), source })
}
