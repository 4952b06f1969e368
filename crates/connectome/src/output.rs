//! Files that are there whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::ConnectomeError;

const BUFFER: usize = 256 << 10;

/// Writes a file beside its target; it takes the target's name when it is complete and on the disk. An
/// error leaves nothing.
pub(crate) fn write(
    target: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), ConnectomeError> {
    written(target, || {
        let mut writer = BufWriter::with_capacity(BUFFER, temporary(folder(target))?);
        content(&mut writer)?;
        persist(writer.into_inner().map_err(io::IntoInnerError::into_error)?, target)
    })
}

/// A file beside a target, to be filled by others by its name.
pub(crate) fn beside(target: &Path) -> Result<NamedTempFile, ConnectomeError> {
    written(target, || temporary(folder(target)))
}

/// Gives a file that was filled the name of its target.
pub(crate) fn complete(file: NamedTempFile, target: &Path) -> Result<(), ConnectomeError> {
    written(target, || persist(file, target))
}

/// Makes a folder, and those it is in.
pub(crate) fn make_folder(folder: &Path) -> Result<(), ConnectomeError> {
    written(folder, || std::fs::create_dir_all(folder))
}

fn written<T>(target: &Path, write: impl FnOnce() -> io::Result<T>) -> Result<T, ConnectomeError> {
    write().map_err(|source| ConnectomeError::Write { file: target.to_path_buf(), source })
}

fn persist(file: NamedTempFile, target: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(target)?;
    sync_folder(folder(target))
}

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// With the permissions of an ordinary file: temporary files are their owner's alone by default, and
/// they keep that when they are renamed.
#[cfg(unix)]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let ordinary = std::fs::Permissions::from_mode(0o666); // less the umask
    tempfile::Builder::new().permissions(ordinary).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(folder)
}

/// Puts the new name on the disk too.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
