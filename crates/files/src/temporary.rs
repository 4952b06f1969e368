//! The file beside a target, while it is not whole.
//!
//! It has the target's name behind [`PREFIX`], so that what a crash left is found by the next write to
//! the same target without a look at the rest of the folder. Who writes holds a lock on it, which goes
//! with its process: a file that can be locked is nobody's, and is removed. Two that write the same
//! target at once have a file each, the second under a name that is drawn.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::folder::folder_of;

/// What the names of files begin with that are not whole yet.
pub const PREFIX: &str = ".twoblade-";

/// With the permissions of an ordinary file: temporary files are their owner's alone by default, and
/// they keep that when they are renamed.
#[cfg(unix)]
pub(crate) fn create(target: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let ordinary = std::fs::Permissions::from_mode(0o666); // less the umask
    if let Some(file) = unix::of_the_target(target, &ordinary)? {
        return Ok(file);
    }
    Builder::new().prefix(PREFIX).permissions(ordinary).tempfile_in(folder_of(target))
}

#[cfg(not(unix))]
pub(crate) fn create(target: &Path) -> io::Result<NamedTempFile> {
    Builder::new().prefix(PREFIX).tempfile_in(folder_of(target))
}

/// Removes what a crash left behind in a folder that nobody else writes to now.
///
/// # Errors
/// If the folder cannot be read, or a file in it not removed.
pub fn sweep(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let ours = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes());
        if ours && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Refuses a name that is another file's by now: where locks reach no further than one machine, another
/// one may have taken this for what a crash left.
pub(crate) fn ensure_ours(file: NamedTempFile) -> io::Result<NamedTempFile> {
    if is_at(file.as_file(), file.path())? {
        return Ok(file);
    }
    let_go(file);
    Err(io::Error::other("another process has written to the same target meanwhile"))
}

/// Closes a file and leaves what has its name now alone.
fn let_go(file: NamedTempFile) {
    let (_, path) = file.into_parts();
    // Only the name is let go, which cannot fail where names can be taken.
    let _ = path.keep();
}

/// Whether a file that is open has this name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (open, named) = (file.metadata()?, std::fs::symlink_metadata(path)?);
    Ok((open.dev(), open.ino()) == (named.dev(), named.ino()))
}

/// The name of an open file cannot be taken there.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(unix)]
mod unix {
    use std::fs::{File, Permissions, TryLockError};
    use std::io::{self, ErrorKind};
    use std::path::{Path, PathBuf};

    use tempfile::{Builder, NamedTempFile};

    use super::{PREFIX, is_at, let_go};
    use crate::folder::folder_of;

    /// Others may take the name between two steps, each time once.
    const TRIES: usize = 8;

    /// The file that has the target's name, locked; none if another process writes it, or if the name
    /// would be too long.
    pub(super) fn of_the_target(
        target: &Path,
        permissions: &Permissions,
    ) -> io::Result<Option<NamedTempFile>> {
        let Some(path) = path(target) else { return Ok(None) };
        let Some(name) = path.file_name() else { return Ok(None) };
        for _ in 0..TRIES {
            let mut builder = Builder::new();
            builder.prefix(name).rand_bytes(0).permissions(permissions.clone());
            match builder.tempfile_in(folder_of(target)) {
                Ok(file) => match file.as_file().try_lock() {
                    // Where there are no locks nobody takes a file for a crash's either.
                    Ok(()) | Err(TryLockError::Error(_)) if is_ours(&file) => {
                        return Ok(Some(file));
                    }
                    // Somebody was between its making and its lock.
                    _ => let_go(file),
                },
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    if !free(&path) {
                        return Ok(None);
                    }
                }
                Err(error) if error.kind() == ErrorKind::InvalidFilename => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn path(target: &Path) -> Option<PathBuf> {
        let mut name = std::ffi::OsString::from(PREFIX);
        name.push(target.file_name()?);
        Some(folder_of(target).join(name))
    }

    fn is_ours(file: &NamedTempFile) -> bool {
        is_at(file.as_file(), file.path()).unwrap_or(false)
    }

    /// Removes a file that nobody holds; whether the name may be free now.
    fn free(path: &Path) -> bool {
        // What is no file was not made here, and opening it might wait.
        match std::fs::symlink_metadata(path) {
            Ok(found) if found.is_file() => {}
            Ok(_) => return false,
            Err(error) => return error.kind() == ErrorKind::NotFound,
        }
        let file = match File::options().write(true).open(path) {
            Ok(file) => file,
            Err(error) => return error.kind() == ErrorKind::NotFound,
        };
        if file.try_lock().is_err() {
            return false;
        }
        // The lock is held until it is gone, so it is still the one that was looked at.
        !matches!(is_at(&file, path), Ok(true)) || std::fs::remove_file(path).is_ok()
    }
}
